"""Pictures of a document: one HTML page, and the part of it that a notebook shows."""

from __future__ import annotations

from gmn_llm.page.rendering import fragment, html

__all__ = ["fragment", "html"]
