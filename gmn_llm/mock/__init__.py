"""The offline designer: a deterministic model behind the same gateway as the real ones."""

from __future__ import annotations

from gmn_llm.mock.designer import design
from gmn_llm.mock.gateway import MockGateway
from gmn_llm.mock.refiner import refine
from gmn_llm.mock.service import MockReply, MockService

__all__ = ["MockGateway", "MockReply", "MockService", "design", "refine"]
