"""A model's description brought up to date with its sizes, where it speaks of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Size", "retold"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """A factor as descriptions speak of it.

    Attributes:
        name: Its id.
        states: How many states it has.
        rows: Of a grid, else 0.
        cols: Of a grid, else 0.
    """

    name: str
    states: int
    rows: int = 0
    cols: int = 0


def retold(text: str, before: Sequence[Size], after: Sequence[Size], *, actions: tuple[int, int], own: bool) -> str:
    """Return a description of the model before as one of the model after.

    Args:
        text: The description.
        before: The factors that it speaks of.
        after: The factors there are now.
        actions: How many actions there were, and are.
        own: Whether the designer wrote it, so that a number in it which is a size means that size.
    """
    now = {size.name: size for size in after}
    for size in before:
        text = _left_out(text, size) if size.name not in now else _resized(text, size, now[size.name], own=own)
    were, are = actions
    if were != are:
        text = text.replace(_doing(were), _doing(are))
    return text


def _doing(count: int) -> str:
    return f"it has {count} action{'s' if count > 1 else ''}"


def _told(size: Size) -> str:
    return f"{size.name} ({size.states} levels)"


def _left_out(text: str, size: Size) -> str:
    for said, instead in (
        (f" and {_told(size)}", ""),
        (f" with {_told(size)} and ", " with "),
        (f" with {_told(size)}", ""),
    ):
        if said in text:
            return text.replace(said, instead)
    return text


def _resized(text: str, size: Size, now: Size, *, own: bool) -> str:
    if (size.states, size.rows, size.cols) == (now.states, now.rows, now.cols):
        return text
    said = [(_told(size), _told(now)), (f"of {size.states} places", f"of {now.states} places")]
    if size.rows and now.rows:
        said.insert(0, (f"{size.cols} columns and {size.rows} rows", f"{now.cols} columns and {now.rows} rows"))
    for old, new in said:
        if old in text:
            return text.replace(old, new)
    return re.sub(rf"\b{size.states}\b", str(now.states), text, count=1) if own else text
