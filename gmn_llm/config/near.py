"""The nearest right name to a wrong one."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["near", "nearest"]

FEW = 16
"""As many names are listed where none is near."""


def near(name: str, known: Iterable[str], *, cutoff: float = 0.6) -> str:
    """Return ``; did you mean 'x'?``, or nothing where no known name is near.

    Args:
        name: What was written.
        known: The right names.
        cutoff: How near, from 0 to 1 (``difflib.SequenceMatcher.ratio``).
    """
    close = difflib.get_close_matches(name, sorted(known), n=1, cutoff=cutoff)
    return f"; did you mean {close[0]!r}?" if close else ""


def nearest(name: str, known: Iterable[str]) -> str:
    """Return words on the nearest known name, or on all of them where none is near and they are few."""
    names = sorted(known)
    return near(name, names) or (f"; known here: {', '.join(names)}" if len(names) <= FEW else "")
