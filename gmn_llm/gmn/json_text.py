"""JSON text read strictly: no duplicate keys, no lone surrogates, no numbers beyond a float, nothing too deep."""

from __future__ import annotations

import json
import math
import re
from collections.abc import ItemsView, Iterator, Mapping

from gmn_llm.findings import Finding, quote
from gmn_llm.gmn.limits import DEFAULT_LIMITS, Limits
from gmn_llm.gmn.positions import STRING, JsonPlaces, line_and_column
from gmn_llm.gmn.values import plain

__all__ = ["JsonText", "parse_json"]

BRACKETS = re.compile(rf"{STRING}|[\[\]{{}}]", re.DOTALL)
# Traces of NaN, of lone surrogates and of numbers beyond a float, in a text whose digits have all become zeros. Looking
# for plain octets takes a tenth of the time of a regular expression.
TRACES = (b"NaN", b"Infinity", rb"\ud", rb"\uD", b"e000", b"E000", b"e+000", b"E+000", b"0" * 309)
ALL_ZEROS = bytes.maketrans(b"123456789", b"0" * 9)
NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
MOST_DIGITS = 400
MOST_REPEATED = 100


class JsonText:
    """A JSON text whose places are looked up only when asked."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._places: JsonPlaces | None = None

    @property
    def places(self) -> JsonPlaces:
        """The places in the text."""
        if self._places is None:
            self._places = JsonPlaces(self.text)
        return self._places

    def __call__(self, pointer: str) -> tuple[int, int] | None:
        """Return line and column of the value at ``pointer``, or of the nearest one around it."""
        return self.places.find(pointer)

    def __getstate__(self) -> dict[str, object]:
        """Return the text alone; places are looked up again."""
        return {"text": self.text, "_places": None}


def parse_json(text: str, *, limits: Limits = DEFAULT_LIMITS) -> tuple[object, tuple[Finding, ...]]:
    """Return the value of a JSON text, and what is wrong with it; the value is of use only without findings."""
    deep = _too_deep(text, limits)
    if deep is not None:
        return None, (deep,)
    try:
        value, repeats = _loads(text)
    except json.JSONDecodeError as error:
        return None, (_syntax(text, error),)
    repeated = tuple(_repeated(text, repeats)) if repeats else ()
    if not _needs_a_look(text, limits):
        return value, repeated
    value, found = plain(value, limits=limits, repeats_told=True)
    return value, (*repeated, *found)


class _Repeating(Mapping[str, object]):
    """An object with a key that stands twice: its items are all that were written, so that none hides another."""

    def __init__(self, pairs: list[tuple[str, object]]) -> None:
        self.pairs = pairs
        self._last = dict(pairs)

    def __getitem__(self, key: str) -> object:
        return self._last[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._last)

    def __len__(self) -> int:
        return len(self._last)

    def items(self) -> ItemsView[str, object]:
        return _Pairs(self)


class _Pairs(ItemsView[str, object]):
    """The items of an object with a key that stands twice."""

    def __init__(self, repeating: _Repeating) -> None:
        super().__init__(repeating)
        self._pairs = repeating.pairs

    def __iter__(self) -> Iterator[tuple[str, object]]:
        return iter(self._pairs)


class _Objects:
    """Makes objects of their keys and values, and counts the keys that come again."""

    def __init__(self) -> None:
        self.repeats = 0

    def __call__(self, pairs: list[tuple[str, object]]) -> Mapping[str, object]:
        result = dict(pairs)
        if len(result) == len(pairs):
            return result
        self.repeats += len(pairs) - len(result)
        return _Repeating(pairs)


def _loads(text: str) -> tuple[object, int]:
    """Return the value of a text, and how many keys stand again in their object."""
    objects = _Objects()
    try:
        return json.loads(text, object_pairs_hook=objects), objects.repeats
    except json.JSONDecodeError:
        raise
    except ValueError:  # a whole number of more digits than Python turns
        objects = _Objects()
        return json.loads(text, object_pairs_hook=objects, parse_int=_integer), objects.repeats


def _integer(digits: str) -> float:
    return int(digits) if len(digits) < MOST_DIGITS else math.copysign(math.inf, -1 if digits[0] == "-" else 1)


def _needs_a_look(text: str, limits: Limits) -> bool:
    """Whether the text can hold what JSON's own reader lets through, or a string that is too long."""
    try:
        octets = text.encode()
    except UnicodeEncodeError:
        return True
    if len(octets) > limits.string_bytes and _has_long_string(octets, limits.string_bytes):
        return True
    octets = octets.translate(ALL_ZEROS)
    return any(trace in octets for trace in TRACES)


def _has_long_string(octets: bytes, most: int) -> bool:
    """Whether a string of a well-formed text takes more octets than ``most``; its escapes count as they are written."""
    if b"\\" in octets:  # no other quotation marks are left than those around the strings
        octets = octets.replace(rb"\\", b"__").replace(rb"\"", b"__")
    short = rb'(?:[^"]*+"[^"]{0,%d}+")*+' % most
    return re.match(short + rb'[^"]*+"[^"]{%d}' % (most + 1), octets) is not None


def _repeated(text: str, count: int) -> Iterator[Finding]:
    """Yield a finding for each of the first keys that stand again, and one for all the others of the ``count``."""
    for number, (pointer, key, where) in enumerate(JsonPlaces(text).repeated()):
        if number == MOST_REPEATED:
            message = f"{count - number} more keys stand twice, the first of them '{quote(key)}'"
            yield Finding("duplicate-key", pointer, message, "keep one of each", *where)
            return
        message = f"the key '{quote(key)}' stands twice in one object"
        yield Finding("duplicate-key", pointer, message, "keep one", *where)


def _syntax(text: str, error: json.JSONDecodeError) -> Finding:
    if not text.strip():
        return Finding("json-syntax", "", "the document is empty", "a JSON object with name, nodes and edges", 1, 1)
    near = quote(text[error.pos : error.pos + 40]) or "the end"
    hint = "JSON has no comments, no trailing commas and double quotes only"
    if error.msg == "Extra data":
        hint = "one document to a text, and nothing after it"
    return Finding("json-syntax", "", f"{error.msg} at {near}", hint, error.lineno, error.colno)


def _too_deep(text: str, limits: Limits) -> Finding | None:
    if _is_shallow(text, limits):
        return None
    depth = 0
    for match in BRACKETS.finditer(text):
        mark = match.group()
        if mark in ("[", "{"):
            depth += 1
            if depth > limits.nesting:
                message = f"nested deeper than {limits.nesting} levels"
                return Finding("size-limit", "", message, "flatten it", *line_and_column(text, match.start()))
        elif mark in ("]", "}"):
            depth -= 1
    return None


def _is_shallow(text: str, limits: Limits) -> bool:
    """Whether pairs of brackets, taken away from the inside, are all gone before the limit is reached.

    Each round takes two levels at most. Brackets in strings may hide it; then the text is read with more care.
    """
    marks = text.encode("utf-8", "replace").translate(None, NO_BRACKETS)
    for _ in range(limits.nesting // 2):
        if not marks:
            return True
        fewer = marks.replace(b"[]", b"").replace(b"{}", b"")
        if len(fewer) == len(marks):
            return False
        marks = fewer
    return not marks
