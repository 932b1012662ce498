"""Where in an answer its JSON stands: in fences, in prose, after thoughts spoken aloud, as text within text.

A model may show an example before it answers, think in braces, or correct itself; so the last document comes first.
What is not quite JSON is mended by a library made for it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

__all__ = ["FENCE", "Piece", "fenced", "pieces", "spoken", "squashed", "within"]

FENCE = "```"
THOUGHTS = ("</think>", "</thinking>", "</thought>", "</reasoning>", "</reflection>", "</scratchpad>")
MOST_PIECES = 20
DEEPEST = 5
MOST_MENDED = 100_000
"""Characters of one answer that are mended, more than the longest answer that is ever asked for has."""
MOST_NESTED = 64
"""Brackets that may be open at once in what is mended; the notation has the same limit."""
DECODER = json.JSONDecoder(strict=False)


@dataclass(frozen=True, slots=True)
class Piece:
    """A JSON value in an answer.

    Attributes:
        value: An object or a list.
        mended: Whether it was not proper JSON.
        complete: Whether its last bracket is there.
    """

    value: object
    mended: bool = False
    complete: bool = True


def spoken(text: str) -> str:
    """Return ``text`` without the thoughts before it, where something comes after them."""
    text = text.removeprefix("\ufeff")
    end = max((place + len(tag) for tag in THOUGHTS if (place := text.rfind(tag)) >= 0), default=0)
    return text[end:] if text[end:].strip() else text


def fenced(text: str) -> Iterator[str]:
    """Yield what stands between fences, without the name of its language."""
    for k, block in enumerate(text.split(FENCE)):
        if k % 2:
            language, newline, body = block.partition("\n")
            yield (body if newline and " " not in language.strip() and "{" not in language else block).strip()


def pieces(text: str) -> Iterator[Piece]:
    """Yield the objects and lists in an answer, the last first; those inside of an object are left to the caller.

    Args:
        text: The answer, without thoughts.
    """
    text = text.strip()
    if text[:1] in ('"', "["):
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            value = None
        if isinstance(value, list):
            yield Piece(value)
            return
        if isinstance(value, str) and "{" in value:
            yield from pieces(value)
            return
    left = MOST_MENDED
    for piece in reversed(list(_spans(text))):
        if isinstance(piece, Piece):
            yield piece
            continue
        written, is_closed = piece
        left -= len(written)
        if left >= 0 and (value := _mended(written)) is not None:
            yield Piece(value, mended=True, complete=is_closed)


def _spans(text: str) -> Iterator[Piece | tuple[str, bool]]:
    """Yield proper objects, and texts of improper ones with whether they are closed, from left to right."""
    at, closed = text.find("{"), True
    for _ in range(MOST_PIECES):
        if at < 0:
            return
        try:
            value, end = DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            found = _end(text, at) if closed else None
            if found is not None:
                yield text[at:found], True
            elif closed:
                # What is not closed reaches to the end; what stands in it is looked at all the same.
                yield text[at:].partition(f"\n{FENCE}")[0], False
                closed = False
            at = text.find("{", found or at + 1)
            continue
        yield Piece(value)
        at = text.find("{", end)


def _end(text: str, start: int) -> int | None:
    """Return where the object that begins at ``start`` is closed, as far as quotation marks and brackets show it."""
    depth, quoted, escaped = 0, False, False
    for place in range(start, len(text)):
        sign = text[place]
        if quoted:
            quoted = escaped or sign != '"'
            escaped = sign == "\\" and not escaped
        elif sign == '"':
            quoted = True
        elif sign in "{[":
            depth += 1
        elif sign in "}]":
            depth -= 1
            if not depth:
                return place + 1
    return None


def _mended(text: str) -> object:
    """Return the object or list that a well-kept mender of JSON finds, or None."""
    if _depth(text) > MOST_NESTED:  # the mender's time grows with it
        return None
    from json_repair import repair_json

    try:
        value = repair_json(text, return_objects=True, skip_json_loads=True)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, Mapping | list) and value else None


def _depth(text: str) -> int:
    """Return how many brackets are open at once at most, those in strings among them."""
    deepest = depth = 0
    for sign in text:
        if sign in "{[":
            depth += 1
            deepest = max(deepest, depth)
        elif sign in "}]":
            depth = max(depth - 1, 0)
    return deepest


def within(value: object, keys: Sequence[str], *, depth: int = 0) -> Iterator[Mapping[str, object]]:
    """Yield the objects that have one of ``keys``, in ``value`` or in the envelopes around them, the last first.

    Args:
        value: What was found: {"answer": {...}}, [{...}], or text that holds JSON itself.
        keys: In small letters without underscores.
        depth: How many envelopes were opened.
    """
    if depth > DEEPEST:
        return
    if isinstance(value, str):
        if "{" in value:
            for piece in pieces(value):
                yield from within(piece.value, keys, depth=depth + 1)
    elif isinstance(value, Mapping):
        if any(squashed(key) in keys and isinstance(part, list | Mapping) for key, part in value.items()):
            yield value
        else:
            for part in reversed(list(value.values())):
                yield from within(part, keys, depth=depth + 1)
    elif isinstance(value, list):
        for part in reversed(value[-MOST_PIECES:]):
            yield from within(part, keys, depth=depth + 1)


def squashed(name: object) -> str:
    """Return a name in small letters, without what stands between its words: ``numStates`` is ``num_states``."""
    small = str(name).lower().replace("_", "")
    return small if small.isalnum() else "".join(sign for sign in small if sign.isalnum())
