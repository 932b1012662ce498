"""Where each value of a JSON text stands: from JSON pointer to line and column.

Used only when there is something to report, so that a good document does not pay for it; and then only what lies on
the way to the value is looked at closely.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["STRING", "JsonPlaces", "escape", "line_and_column", "unescape"]

# Never fails once begun and never goes back, so that a text of quotation marks costs no more than any other.
STRING = r'"(?:[^"\\]++|\\.)*+"?'
MARKS = re.compile(rf"{STRING}|[\[\]{{}}]", re.DOTALL)
PIECES = re.compile(rf'{STRING}|[\[\]{{}},:]|[^\s\[\]{{}},:"]++', re.DOTALL)
OPENING, CLOSING = ("[", "{"), ("]", "}")
BLOCK = 65_536


def escape(part: object) -> str:
    """Return one part of a JSON pointer (RFC 6901, section 3)."""
    return str(part).replace("~", "~0").replace("/", "~1")


def unescape(part: str) -> str:
    """Return the key that one part of a JSON pointer stands for."""
    return part.replace("~1", "/").replace("~0", "~")


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """Return line and column, from 1, of a character of ``text``."""
    before = text.count("\n", 0, offset)
    return before + 1, offset - (text.rfind("\n", 0, offset) + 1) + 1


class JsonPlaces:
    """Finds values of one well-formed JSON text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._lines = _Lines(text)
        self._open: dict[int, _Children] = {}

    def find(self, pointer: str) -> tuple[int, int] | None:
        """Return line and column of the value at ``pointer``, or of the nearest one around it that is there."""
        first = PIECES.search(self._text)
        if first is None:
            return None
        offset = first.start()
        for part in pointer.split("/")[1:]:
            inner = self._child(offset, unescape(part))
            if inner is None:
                break
            offset = inner
        return self._lines.place(offset)

    def _child(self, offset: int, key: str) -> int | None:
        if self._text[offset] not in OPENING:
            return None
        if offset not in self._open:
            self._open[offset] = _Children(self._text, offset)
        return self._open[offset].find(key)

    def repeated(self) -> Iterator[tuple[str, str, tuple[int, int]]]:
        """Yield pointer, key and place of each key that stands again in one object, as far as they are asked for."""
        return ((pointer, key, self._lines.place(offset)) for pointer, key, offset in _repeated(self._text))


class _Lines:
    """Lines and columns of a text, by a count for each block of it: there may be as many lines as letters."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._before: list[tuple[int, int]] = [(1, 0)]  # line and its start, where each block begins

    def place(self, offset: int) -> tuple[int, int]:
        """Return line and column, from 1, of a character."""
        block = offset // BLOCK
        while len(self._before) <= block:
            end = len(self._before) * BLOCK
            self._before.append(self._after(end - BLOCK, end, *self._before[-1]))
        line, start = self._after(block * BLOCK, offset, *self._before[block])
        return line, offset - start + 1

    def _after(self, begin: int, end: int, line: int, start: int) -> tuple[int, int]:
        last = self._text.rfind("\n", begin, end)
        return line + self._text.count("\n", begin, end), start if last < 0 else last + 1


class _Children:
    """The members of one list or object, read as far as they were asked for."""

    def __init__(self, text: str, offset: int) -> None:
        self._found: dict[str, int] = {}
        self._rest = _members(text, offset) if text[offset] == "{" else _items(text, offset)

    def find(self, key: str) -> int | None:
        if key not in self._found:
            for name, offset in self._rest:
                self._found.setdefault(name, offset)
                if name == key:
                    break
        return self._found.get(key)


def _tops(text: str, offset: int) -> Iterator[tuple[str, int]]:
    """Yield the tokens of the container at ``offset`` that do not lie within another one inside it."""
    at = offset + 1
    while (match := PIECES.search(text, at)) is not None:
        mark = match.group()
        if mark in CLOSING:
            return
        yield mark, match.start()
        at = _after(text, match.start()) if mark in OPENING else match.end()


def _after(text: str, offset: int) -> int:
    """Return where the container that opens at ``offset`` has ended."""
    depth = 0
    for match in MARKS.finditer(text, offset):
        mark = match.group()
        if mark in OPENING:
            depth += 1
        elif mark in CLOSING:
            depth -= 1
            if not depth:
                return match.end()
    return len(text)


def _items(text: str, offset: int) -> Iterator[tuple[str, int]]:
    values = (start for mark, start in _tops(text, offset) if mark != ",")
    for index, start in enumerate(values):
        yield str(index), start


def _members(text: str, offset: int) -> Iterator[tuple[str, int]]:
    parts = (part for part in _tops(text, offset) if part[0] not in (",", ":"))
    for (key, _), (_, start) in zip(parts, parts, strict=False):
        yield json.loads(key), start


class _Open:
    """A container that has not ended yet: the key it stands at, and the place within it."""

    __slots__ = ("index", "key", "keys", "waits")

    def __init__(self, key: str, *, is_list: bool) -> None:
        self.key = key
        self.index = 0 if is_list else None
        self.keys: set[str] = set()
        self.waits = not is_list


def _repeated(text: str) -> Iterator[tuple[str, str, int]]:
    """Walk the tokens without recursion; yield pointer, key and offset of each key that comes again."""
    stack: list[_Open] = []
    key = ""
    for match in PIECES.finditer(text):
        mark = match.group()
        if mark in OPENING:
            stack.append(_Open(key, is_list=mark == "["))
            key = "0"
        elif mark in CLOSING:
            stack.pop()
        elif mark == ",":
            top = stack[-1]
            top.waits = top.index is None
            if top.index is not None:
                top.index += 1
                key = str(top.index)
        elif mark != ":" and stack and stack[-1].waits:
            top, key = stack[-1], json.loads(mark)
            top.waits = False
            if key in top.keys:
                above = "".join(f"/{escape(part.key)}" for part in stack[1:])
                yield f"{above}/{escape(key)}", key, match.start()
            top.keys.add(key)
