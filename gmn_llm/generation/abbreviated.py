"""A long array as a model is shown it: by its shape, in words."""

from __future__ import annotations

__all__ = ["abbreviated"]


def abbreviated(value: object, *, most: int) -> object:
    """Return an array of more than ``most`` numbers as its shape, and anything else as it is; so lists of texts."""
    if not isinstance(value, list) or _count(value) <= most or all(isinstance(item, str) for item in value):
        return value
    shape, inner = [], value
    while isinstance(inner, list) and inner:
        shape.append(str(len(inner)))
        inner = inner[0]
    return f"{' x '.join(shape)} numbers, not shown"


def _count(value: object) -> int:
    return sum(map(_count, value)) if isinstance(value, list) else 1
