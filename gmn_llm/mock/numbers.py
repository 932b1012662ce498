"""Numbers in digits and words, shares of the time, and ordinals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from gmn_llm.mock.tokens import Text

__all__ = ["ORDINALS", "WORDS", "number_at", "ordinal_at", "share_at", "whole_at"]

_UNITS: Final = {
    word: value
    for value, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ]
    )
}
_TENS: Final = {
    word: 10 * value
    for value, word in enumerate(
        ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], start=2
    )
}
_SCALES: Final = {"hundred": 100, "thousand": 1000, "million": 10**6, "dozen": 12, "score": 20}
_LOOSE: Final = {"couple": 2, "pair": 2, "dozen": 12, "hundred": 100, "thousand": 1000}
ORDINALS: Final = {
    word: value
    for value, word in enumerate(
        ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"],
        start=1,
    )
}
_FRACTIONS: Final = {"half": 0.5, "third": 1 / 3, "thirds": 1 / 3, "quarter": 0.25, "quarters": 0.25}
_PARTS: Final = {**_FRACTIONS, "%": 0.01, "percent": 0.01}
WORDS: Final = frozenset({*_UNITS, *_TENS, *_SCALES, *_LOOSE, *ORDINALS, *_FRACTIONS, "percent", "twice"})


def number_at(text: Text, index: int) -> tuple[float, int] | None:
    """Return the number that begins at ``index`` and where it ends, or None."""
    if index >= len(text):
        return None
    token = text.tokens[index]
    if token.number is not None:
        return _thousands(text, index, token.number)
    word = token.word
    if word == "a" and text.word(index + 1) in _LOOSE:
        stop = index + 3 if text.word(index + 2) == "of" else index + 2
        return float(_LOOSE[text.word(index + 1)]), stop
    dozen = index + 1 + (text.word(index + 1) in {"a", "-"})
    if word == "half" and text.word(dozen) == "dozen":
        return 6.0, dozen + 1
    if word in {"dozen", "hundred", "thousand"}:
        return float(_SCALES[word]), index + 1
    return _in_words(text, index)


def whole_at(text: Text, index: int) -> tuple[int, int] | None:
    """Return the count that begins at ``index`` and where it ends; a fraction is cut, with a doubt."""
    found = number_at(text, index)
    if found is None:
        return None
    value, stop = found
    if value != int(value):
        text.doubt(f"{value:g} is no whole number: taken as {int(value)}.")
    if _negative(text, index):
        text.doubt(f"A count can't be negative: -{value:g} was taken as {int(value)}.")
    return int(value), stop


def share_at(text: Text, index: int) -> tuple[float, int] | None:
    """Return the share (0 to 1) that begins at ``index`` and where it ends, or None.

    Reads ``80%``, ``80 percent``, ``0.8``, ``9 times out of 10``, ``9 out of 10``, ``nine in ten``, ``two thirds``
    and ``half of the time``.
    """
    if text.word(index) == "half" and text.word(index + 1) in {"of", "the"}:
        return 0.5, index + 1
    found = number_at(text, index)
    if found is None:
        return None
    value, stop = found
    if text.word(stop) in _PARTS:
        return value * _PARTS[text.word(stop)], stop + 1
    if text.word(stop) == "per" and text.word(stop + 1) == "cent":
        return value / 100, stop + 2
    return _out_of(text, value, stop) or ((value, stop) if 0 < value < 1 else None)


def _out_of(text: Text, value: float, stop: int) -> tuple[float, int] | None:
    """Read what follows ``9`` in ``9 times out of 10`` and ``nine in ten``."""
    after = stop + 1 if text.word(stop) in {"time", "times"} else stop
    if (text.word(after), text.word(after + 1)) == ("out", "of") or (
        text.word(after) == "in" and text.word(after + 1) in {"10", "100", "ten", "hundred"}
    ):
        whole = number_at(text, after + (2 if text.word(after) == "out" else 1))
        if whole is not None and 0 < whole[0] >= value:
            return value / whole[0], whole[1]
    return None


def ordinal_at(text: Text, index: int) -> tuple[int, int] | None:
    """Return the ordinal (from 1; -1 for ``last``) at ``index`` and where it ends, or None."""
    word = text.word(index)
    if word in ORDINALS:
        return ORDINALS[word], index + 1
    if word == "last":
        return -1, index + 1
    found = text.tokens[index].number if index < len(text) else None
    if found is not None and text.word(index + 1) in {"st", "nd", "rd", "th"}:
        return int(found), index + 2
    return None


def _thousands(text: Text, index: int, value: float) -> tuple[float, int]:
    group = text.tokens[index + 2] if index + 2 < len(text) else None
    plain_group = group is not None and group.number is not None and len(group.text) == 3 and group.text.isdigit()
    if text.word(index + 1) == "," and plain_group and group is not None and group.number is not None:
        before = text.word(index - 1)
        if before not in {"(", "[", ","} and text.word(index + 3) not in {")", "]", ","}:
            return min(value * 1000 + group.number, 1e9), index + 3
    return value, index + 1


def _in_words(text: Text, index: int) -> tuple[float, int] | None:
    word = text.word(index)
    if word in _TENS:
        unit = index + 2 if text.word(index + 1) == "-" else index + 1
        small = _UNITS.get(text.word(unit), 0)
        value, stop = (_TENS[word] + small, unit + 1) if 0 < small < 10 else (_TENS[word], index + 1)
    elif word in _UNITS:
        value, stop = _UNITS[word], index + 1
    else:
        return None
    if text.word(stop) in _SCALES:
        return float(value * _SCALES[text.word(stop)]), stop + 1
    return float(value), stop


def _negative(text: Text, index: int) -> bool:
    """Return whether the dash before ``index`` is a minus: after a word that takes a number, not a joined word."""
    if text.word(index - 1) == "minus":
        return True
    return text.word(index - 1) == "-" and text.word(index - 2) in {
        "a",
        "with",
        "of",
        "in",
        "has",
        "have",
        "by",
    }
