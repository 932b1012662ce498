"""The language: documents, their schema, notations, checks and arrays. No model, no network."""

from __future__ import annotations

from gmn_llm.gmn.limits import Limits
from gmn_llm.gmn.spec import Edge, GMNSpec, Node
from gmn_llm.gmn.validation import validate_gmn

__all__ = ["Edge", "GMNSpec", "Limits", "Node", "validate_gmn"]
