"""Reads an answer while it is still being written: what of it is complete already makes a document of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from gmn_llm.generation.answers import read_value
from gmn_llm.gmn import GMNSpec
from gmn_llm.gmn.validation import validate_reading

if TYPE_CHECKING:
    from gmn_llm.gmn.limits import Limits

__all__ = ["PartialAnswer"]

PARTS: Final = 2
"""How many brackets are open around a part: those of the document and of its list of parts."""
SMALL: Final = 32_768
"""Characters up to which an answer is read again with each part; a longer one when it has grown by a tenth."""


class PartialAnswer:
    """An answer in JSON on its way: each part (a factor, a sense, a node) that is complete is looked at.

    Text around it (prose, a fence) is passed over. An answer in another form gives no partial documents.

    Args:
        name: Stands in where the document has no name yet.
        limits: What is too large.
    """

    def __init__(self, *, name: str, limits: Limits) -> None:
        self._name = name
        self._limits = limits
        self._text: list[str] = []
        self._size = 0
        self._read_at = 0
        self._open: list[str] = []
        self._quoted = False
        self._escaped = False
        self._last: object = None

    def feed(self, piece: str) -> GMNSpec | None:
        """Take the next piece; return the document so far where a new part made it another one that is valid."""
        ends = [end for end, sign in enumerate(piece, 1) if self._closes_part(sign)]
        if not ends or self._size + len(piece) > self._limits.answer_bytes:
            self._keep(piece)
            return None
        # All parts that this piece completes are looked at together.
        self._keep(piece[: ends[-1]])
        document = self._document() if self._is_worth_it() else None
        self._keep(piece[ends[-1] :])
        return document

    def _keep(self, piece: str) -> None:
        self._text.append(piece)
        self._size += len(piece)

    def _is_worth_it(self) -> bool:
        return self._size <= SMALL or self._size >= 1.1 * self._read_at

    def _closes_part(self, sign: str) -> bool:
        """Follow one sign; return whether it ends a part of a list that the document itself holds."""
        if self._quoted:
            if self._escaped:
                self._escaped = False
            elif sign == "\\":
                self._escaped = True
            elif sign == '"':
                self._quoted = False
            return False
        if sign == '"':
            self._quoted = bool(self._open)
        elif sign == "{" or (sign == "[" and self._open):
            self._open.append(sign)
        elif sign in "}]" and self._open:
            self._open.pop()
            return sign == "}" and len(self._open) == PARTS and self._open[-1] == "["
        return False

    def _document(self) -> GMNSpec | None:
        from pydantic_core import from_json  # the reader of half a text is there already

        self._read_at = self._size
        text = "".join(self._text)
        self._text = [text]
        try:
            value = from_json(text[text.index("{") :], allow_partial=True)
        except ValueError:  # not quite JSON: the whole answer may still be mended, half of one is not guessed at
            return None
        if not isinstance(value, Mapping) or value == self._last:
            return None
        self._last = value
        reading = read_value(value, name=self._name, limits=self._limits, lenient=True).reading
        verdict = validate_reading(reading, {}, limits=self._limits)
        return GMNSpec.of_reading(reading, limits=self._limits) if verdict.ok else None
