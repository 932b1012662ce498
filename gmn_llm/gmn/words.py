"""Input in a message: on one line, 80 characters at most, however large it is."""

from __future__ import annotations

import json
import reprlib
from itertools import islice
from typing import TYPE_CHECKING

from gmn_llm.findings import quote

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["digits", "listed", "named", "shown"]

MANY = 10**30
MOST_NAMES = 8


def named(name: object) -> str:
    """Return an id, label or key between quotation marks."""
    return f"'{quote(name)}'"


def listed(names: Iterable[object], most: int = MOST_NAMES) -> str:
    """Return the first ``most`` of ``names`` between quotation marks, with dots where there are more."""
    names = iter(names)
    said = [named(name) for name in islice(names, most)]
    return ", ".join((*said, "...") if next(names, None) is not None else said)


def digits(number: int) -> str:
    """Return a whole number in plain digits, or what it exceeds where these would fill the line."""
    return str(number) if abs(number) < MANY else f"more than {MANY}"


def shown(value: object) -> str:
    """Return a JSON value as it may stand in a message; of a large one only the beginning is written out."""
    if isinstance(value, str):
        return f'"{quote(value)}"'
    if isinstance(value, list | dict):
        return quote(reprlib.repr(value))
    if isinstance(value, int) and not isinstance(value, bool):
        return digits(value)
    return quote(json.dumps(value))
