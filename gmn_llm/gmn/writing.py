"""A document as JSON that people can read: one node and one edge to a line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["to_json"]


def to_json(document: Mapping[str, object]) -> str:
    """Return ``document`` as JSON text without a final newline."""
    parts = [f"{_compact(key)}: {_value(key, value)}" for key, value in document.items()]
    return "{" + ",\n ".join(parts) + "}"


def _value(key: str, value: object) -> str:
    if key in ("nodes", "edges") and isinstance(value, list) and value:
        return "[\n  " + ",\n  ".join(_compact(item) for item in value) + "]"
    return _compact(value)


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
