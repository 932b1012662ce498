"""Numbers as a draft has them: whole ones, and shares, which a model may write in percent."""

from __future__ import annotations

import math
from typing import Final

__all__ = ["number", "share", "whole"]

PERCENT: Final = 2
"""From where on a share above 1 is read as percent; below that it is rather 1 missed by a little."""


def number(value: object, default: float) -> float:
    """Return a number, or ``default`` where there is none; one that can't be reckoned with is left for the checks."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return default
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def whole(value: object, default: int) -> int:
    """Return a whole number, or ``default`` where there is none."""
    if isinstance(value, float):
        return int(value) if value.is_integer() else default
    return value if isinstance(value, int) and not isinstance(value, bool) else default


def share(value: object, default: float) -> tuple[float, str]:
    """Return a share from 0 to 1, and how it was read where what was written is none; empty where it is.

    Args:
        value: What was written; nothing at all is no mistake.
        default: Stands in where no number was written.
    """
    said = number(value, math.nan)
    if math.isnan(said):
        return default, "" if value is None else f"{str(value)[:40]!r} is no share, so {default:g}"
    if 0 <= said <= 1:
        return said, ""
    read = said / 100 if PERCENT <= said <= 100 else min(max(said, 0.0), 1.0)
    return read, f"{said:g} is no share, so {read:g}"
