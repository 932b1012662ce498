"""Routing: ``litellm.Router`` behind the ``Gateway`` interface. Importing this imports LiteLLM."""

from __future__ import annotations

from gmn_llm.routing.gateway import RouterGateway

__all__ = ["RouterGateway"]
