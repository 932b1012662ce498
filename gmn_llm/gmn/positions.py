"""Where each value of a JSON text stands: from JSON pointer to line and column.

Used only when there is something to report, so that a good document does not pay for it.
"""

from __future__ import annotations

import re
from bisect import bisect_right

__all__ = ["JsonPlaces", "escape", "line_and_column", "unescape"]

TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)


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
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]
        self._offsets, self._again = _scan(text)

    def find(self, pointer: str) -> tuple[int, int] | None:
        """Return line and column of the value at ``pointer`` or of its nearest ancestor that is there."""
        while pointer not in self._offsets:
            if not pointer:
                return None
            pointer = pointer.rpartition("/")[0]
        return self._place(self._offsets[pointer])

    def repeated(self) -> list[tuple[str, str, tuple[int, int]]]:
        """Return pointer, key and place of each key that stands twice in one object."""
        return [(pointer, key, self._place(offset)) for pointer, key, offset in self._again]

    def _place(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1


def _scan(text: str) -> tuple[dict[str, int], list[tuple[str, str, int]]]:
    """Walk the tokens without recursion; return the offset of each value, and the keys that come again."""
    from json import loads

    offsets: dict[str, int] = {}
    again: list[tuple[str, str, int]] = []
    # Each open container: [pointer, index or None for an object, key waiting for its value]
    stack: list[list[object]] = []
    seen: list[set[str]] = []
    for match in TOKEN.finditer(text):
        token = match.group()
        if token in ("]", "}"):
            stack.pop()
            seen.pop()
        elif token == ",":
            top = stack[-1]
            if isinstance(top[1], int):
                top[1] += 1
        elif token == ":":
            continue
        elif stack and stack[-1][1] is None and stack[-1][2] is None:
            key = loads(token)
            stack[-1][2] = key
            if key in seen[-1]:
                again.append((f"{stack[-1][0]}/{escape(key)}", key, match.start()))
            seen[-1].add(key)
        else:
            pointer = _pointer(stack)
            offsets.setdefault(pointer, match.start())
            if stack:
                stack[-1][2] = None
            if token in ("[", "{"):
                stack.append([pointer, 0 if token == "[" else None, None])
                seen.append(set())
    return offsets, again


def _pointer(stack: list[list[object]]) -> str:
    if not stack:
        return ""
    pointer, index, key = stack[-1]
    return f"{pointer}/{index if index is not None else escape(key)}"
