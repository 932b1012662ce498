"""Arrays as GNN writes them: nested tuples within braces, row by row."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["assignment"]

INDENT = "  "


def assignment(name: str, array: NDArray[np.float64]) -> str:
    """Return ``name={...}`` for an array of one or more axes, each number with all its digits.

    A vector is a single row. A row of one number ends with a comma, as in Python, so that a reader that takes the
    tuples for Python's does not lose an axis.
    """
    if array.ndim == 1:
        return f"{name}={{{_row(array.tolist())}}}"
    inner = ",\n".join(_nested(item, INDENT, array.ndim - 1) for item in array.tolist())
    return f"{name}={{\n{inner}\n}}"


def _nested(value: object, indent: str, depth: int) -> str:
    if depth == 1:
        return indent + _row(cast("list[float]", value))
    items = cast("list[object]", value)
    inner = ",\n".join(_nested(item, indent + INDENT, depth - 1) for item in items)
    return f"{indent}(\n{inner}{',' if len(items) == 1 else ''}\n{indent})"


def _row(row: list[float]) -> str:
    return f"({', '.join(map(repr, row))}{',' if len(row) == 1 else ''})"
