"""Reads an answer while it is still being written: what of it is complete already makes a document of its own."""

from __future__ import annotations

import json
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
FEW: Final = 12
"""Parts up to which the document is looked at with each; from there on when it has grown by an eighth."""
MORE: Final = 1.125
MARKS: Final = frozenset('{}[]"\\')
"""Signs that open or close something, or keep the next one from it."""
TIES: Final[Mapping[str, tuple[bool, bool]]] = {
    "likelihood": (True, True), "emission": (True, True), "transition": (True, False), "preference": (False, True),
    "belief": (False, True),
}  # fmt: skip
"""Nodes that say nothing by themselves: whether an edge has to lead to them, and from them."""


class PartialAnswer:
    """An answer in JSON on its way: each part (a factor, a sense, a node) that is complete is looked at.

    Text around it (prose, a fence) is passed over. An answer in another form gives no partial documents. Each part is
    parsed once, as it ends, so that the time goes with the length of the answer and not with its square.

    Args:
        name: Stands in where the document has no name yet.
        limits: What is too large.
    """

    def __init__(self, *, name: str, limits: Limits) -> None:
        self._name = name
        self._limits = limits
        self._size = 0
        self._frame: list[str] = []
        self._part: list[str] = []
        self._parts: list[object] = []
        self._seen = 0
        self._open: list[str] = []
        self._quoted = False
        self._escaped = False
        self._is_over = False
        self._last: object = None

    def feed(self, piece: str) -> GMNSpec | None:
        """Take the next piece; return the document so far where a new part made it another one that is valid."""
        self._size += len(piece)
        if self._is_over or self._size > self._limits.answer_bytes:
            return None
        before, begin = len(self._parts), 0
        for place, sign in enumerate(piece):
            if sign not in MARKS and not self._escaped:
                continue
            was_open = len(self._open)
            if self._follow(sign):
                self._keep(piece[begin : place + 1])
                begin = place + 1
                self._end_of_part()
            elif not was_open and self._open:
                begin = place  # what was written before the document is none of it
            elif len(self._open) == PARTS + 1 > was_open:
                self._keep(piece[begin:place], frame=True)
                begin = place
            elif was_open and not self._open:
                self._keep(piece[begin : place + 1])
                self._is_over = True
                break
        else:
            self._keep(piece[begin:])
        # All parts that this piece completes are looked at together.
        return self._document() if len(self._parts) > before and self._is_worth_it() else None

    def _keep(self, text: str, *, frame: bool = False) -> None:
        """Put text where it belongs: to the part that is open, or to the frame around the parts."""
        if (len(self._open) > PARTS and not frame) or self._part:
            self._part.append(text)
        elif self._open or self._frame:
            self._frame.append(text)

    def _end_of_part(self) -> None:
        """Parse the part that has just ended; its number takes its place in the frame."""
        text, self._part = "".join(self._part), []
        try:
            part: object = json.loads(text, strict=False)
        except (ValueError, RecursionError):  # the whole answer may still be mended, half of one is not guessed at
            self._is_over = True
            return
        self._frame.append(str(len(self._parts)))
        self._parts.append(part)

    def _is_worth_it(self) -> bool:
        return len(self._parts) <= FEW or len(self._parts) >= MORE * self._seen

    def _follow(self, sign: str) -> bool:
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

        self._seen = len(self._parts)
        self._frame = ["".join(self._frame)]
        try:
            frame = from_json(self._frame[0], allow_partial=True)
        except ValueError:  # not quite JSON, as above
            return None
        if not isinstance(frame, Mapping):
            return None
        value = {key: self._filled(item) for key, item in frame.items()}
        value = _tied(value) if isinstance(value.get("nodes"), list) else value
        if value == self._last:
            return None
        self._last = value
        reading = read_value(value, name=self._name, limits=self._limits, lenient=True).reading
        verdict = validate_reading(reading, {}, limits=self._limits)
        return GMNSpec.of_reading(reading, limits=self._limits) if verdict.ok else None

    def _filled(self, item: object) -> object:
        """Return a list of the document with its parts in place of their numbers."""
        if not isinstance(item, list) or not all(isinstance(k, int) for k in item):
            return item
        return [self._parts[k] for k in item if 0 <= k < len(self._parts)]


def _tied(value: dict[str, object]) -> dict[str, object]:
    """Return a graph without the nodes whose edges are still to come, for a graph's edges are written last."""
    nodes, edges = value.get("nodes"), value.get("edges")
    given = [edge for edge in edges if isinstance(edge, Mapping)] if isinstance(edges, list) else []
    ends = {str(edge.get("source")) for edge in given}, {str(edge.get("target")) for edge in given}

    def is_whole(node: object) -> bool:
        if not isinstance(node, Mapping):
            return True
        into, out = TIES.get(str(node.get("type", "")).lower(), (False, False))
        name = str(node.get("id", node.get("name")))
        return (name in ends[0] or not out) and (name in ends[1] or not into)

    kept = [node for node in nodes if is_whole(node)] if isinstance(nodes, list) else []
    there = {str(node.get("id", node.get("name"))) for node in kept if isinstance(node, Mapping)}
    both = [edge for edge in given if {str(edge.get("source")), str(edge.get("target"))} <= there]
    return {**value, "nodes": kept, "edges": both}
