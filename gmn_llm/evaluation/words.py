"""Whether a label means a word: models spell ``turn_left`` or ``moveLeft`` where a prompt says left."""

from __future__ import annotations

import re
from typing import Annotated, Final

from pydantic import Field

__all__ = ["Label", "is_negative", "means", "meant"]

WORD: Final = re.compile(r"[^\W\d_]+|\d+")
HUMP: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
ENDINGS: Final = frozenset({"s", "es", "d", "ed", "ing", "y", "ly", "n", "er"})
SHORTEST: Final = 3
NEGATIVE: Final = frozenset({"no", "not", "none", "nothing", "absent", "empty", "false", "off", "without", "never"})

Word = Annotated[str, Field(min_length=1, max_length=80)]
Label = Word | Annotated[list[Word], Field(min_length=1, max_length=20)]
"""A word, or several of which one is enough."""


def means(label: str, wanted: Label) -> bool:
    """Return whether all words of ``wanted`` (of one of them, where there are several) are among those of ``label``."""
    if isinstance(wanted, list):
        return any(means(label, one) for one in wanted)
    there = _words(label)
    return all(any(_alike(word, other) for other in there) for word in _words(wanted))


def meant(labels: tuple[str, ...], wanted: Label) -> list[int]:
    """Return which labels mean ``wanted``: those that say it and nothing else where there are such, else all."""
    found = [k for k, label in enumerate(labels) if means(label, wanted)]
    exact = [k for k in found if len(_words(labels[k])) == 1]
    return exact or found


def is_negative(label: str) -> bool:
    """Return whether a label says that something is not there."""
    return bool(NEGATIVE & set(_words(label)))


def _words(text: str) -> list[str]:
    return WORD.findall(HUMP.sub(" ", text).casefold())


def _alike(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return one == other or (len(short) >= SHORTEST and long.startswith(short) and long[len(short) :] in ENDINGS)
