"""Prompt templates, one a file, each with a version that goes into provenance and cache keys."""

from __future__ import annotations

from gmn_llm.prompts.agents import AGENT_TYPES
from gmn_llm.prompts.template import Template, load

__all__ = ["AGENT_TYPES", "Template", "load"]
