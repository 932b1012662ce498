"""What the feedback does not speak of stays as it was, though a model wrote the whole document anew.

A change is kept where the feedback speaks of the node (``spoken``; of one that is gone only where it speaks of taking
something away), where the node rests on one of another size or with other labels that it speaks of, or where the
document would not be valid without it. Every other change is put back: the node in the result is the very object of
the old document. New nodes are kept, for they change none that is there, and an edge belongs to the nodes at its ends.
A patch says what its writer took to be meant, so that where none of it is spoken of by name, what it changes right
beside the nodes that are is kept, and else all of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from gmn_llm.gmn.difference import Difference, NodeDifference, difference, edges_of, nodes_of, same
from gmn_llm.gmn.list_form import COUNTS

if TYPE_CHECKING:
    from gmn_llm.generation.spoken import Spoken

__all__ = ["Preserved", "preserved"]

Object = Mapping[str, object]
ARRAYS: Final = frozenset({"likelihood", "transition", "preference", "belief"})
MOST_TRIALS: Final = 60
"""Documents that are checked to find out which changes have to stay."""


@dataclass(frozen=True, slots=True)
class Preserved:
    """A document of which only that is new which is to be.

    Attributes:
        document: The document.
        put_back: What the answer had changed and is as it was again.
        edges: How many edges the answer had, or had not, and there are not, or are, again.
        forced: Changes nobody spoke of, kept because the document would not be valid without them.
        judged: Whether the feedback told what it speaks of; where it named nothing all changes were kept.
    """

    document: dict[str, object]
    put_back: tuple[NodeDifference, ...] = ()
    edges: int = 0
    forced: tuple[NodeDifference, ...] = ()
    judged: bool = True


def preserved(
    before: Object,
    after: Object,
    spoken: Spoken,
    *,
    errors: Callable[[Object], int],
    named: Collection[str] | None = None,
    patched: bool = False,
) -> Preserved:
    """Return ``after`` with what is not to be changed as it is in ``before``.

    Args:
        before: The document that was to be changed.
        after: What a model made of it.
        spoken: What the feedback says.
        errors: Counts the errors of a document.
        named: The ids of the nodes that may change whatever the words say, or None where the words decide.
        patched: Whether ``after`` is what a patch made.
    """
    found = difference(before, after)
    if named is not None:
        other = {node.id for node in found.nodes if node.kind != "added"}.difference(named)
        whole = _Whole(before, after, found, spoken, frozenset(named)).put_together(other, tied=False)
        return Preserved(whole | _about(after))
    if spoken.asks_for_nothing:
        return Preserved(dict(before), put_back=found.nodes)
    judgement = _Judgement(before, after, found, spoken, errors)
    if not patched:
        return judgement.result()
    judgement.guess()
    result = judgement.result()
    return replace(result, document=result.document | _about(after))


def _about(document: Object) -> dict[str, object]:
    return {key: document[key] for key in ("name", "description", "version") if key in document}


@dataclass(frozen=True)
class _Whole:
    """Puts documents together of nodes and edges of the old and the new one."""

    before: Object
    after: Object
    found: Difference
    spoken: Spoken
    mentioned: frozenset[str]
    old: Mapping[str, Object] = field(init=False)
    new: Mapping[str, Object] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "old", nodes_of(self.before))
        object.__setattr__(self, "new", nodes_of(self.after))

    def put_together(self, back: Collection[str], *, tied: bool = True) -> dict[str, object]:
        """Return the new document with the nodes in ``back`` as they were.

        Args:
            back: Ids of nodes.
            tied: Whether edges at none of the nodes that change, or are spoken of, are as they were too.
        """
        changed = {node.id for node in self.found.nodes}.difference(back)
        nodes = [
            self.new[name] if name in changed else node
            for name, node in self.old.items()
            if name in self.new or name in back
        ]
        nodes += [self.new[name] for name in self.found.added if name not in back]
        free = {*changed, *self.mentioned} if tied else None
        edges = self._edges({str(node.get("id")) for node in nodes}, back, free)
        for node in nodes:
            matrix = _properties(node).get("matrix")
            if node.get("id") in changed and isinstance(matrix, list):
                old = _properties(self.old.get(str(node["id"]), {}))
                if not same(matrix, old.get("matrix")):
                    self._arrange(edges, str(node["id"]))
        return {**self.before, **self._about(), "nodes": nodes, "edges": edges}

    def _edges(self, there: Collection[str], back: Collection[str], free: Collection[str] | None) -> list[Object]:
        """Return the edges among the nodes that are there: those of the old document first, in their order."""
        has = {_text(edge) for edge in edges_of(self.after)}
        had = {_text(edge) for edge in edges_of(self.before)}

        def may_change(edge: Object) -> bool:
            return free is None or bool(set(_ends(edge)).intersection(free))

        kept = [
            edge
            for edge in edges_of(self.before)
            if _text(edge) in has or not may_change(edge) or set(_ends(edge)).intersection(back)
        ]
        kept += [edge for edge in edges_of(self.after) if _text(edge) not in had and may_change(edge)]
        return [edge for edge in kept if all(end in there for end in _ends(edge))]

    def _arrange(self, edges: list[Object], name: str) -> None:
        """Put the edges to an array that was written out anew into the order of its axes, as the answer has it."""
        order = [_text(edge) for edge in edges_of(self.after)]
        slots = [k for k, edge in enumerate(edges) if edge.get("target") == name and _text(edge) in order]
        arranged = sorted((edges[k] for k in slots), key=lambda edge: order.index(_text(edge)))
        for k, edge in zip(slots, arranged, strict=True):
            edges[k] = edge

    def _about(self) -> dict[str, object]:
        """Return name, description and version: other ones only where the feedback speaks of them."""
        told: dict[str, object] = {}
        for key, words in (
            ("name", ("name", "rename", "call", "title")),
            ("description", ("description", "describe")),
            ("version", ("version",)),
        ):
            if self.spoken.says(*words) and self.after.get(key):
                told[key] = self.after[key]
        return told


class _Judgement:
    """Finds out which changes stay."""

    def __init__(
        self, before: Object, after: Object, found: Difference, spoken: Spoken, errors: Callable[[Object], int]
    ) -> None:
        both = [*nodes_of(before).values(), *nodes_of(after).values()]
        self.mentioned = spoken.nodes(both)
        self.whole = _Whole(before, after, found, spoken, self.mentioned)
        self.errors = errors
        self.trials = MOST_TRIALS
        self.found = {node.id: node for node in found.nodes}
        self.near = _neighbours((*edges_of(before), *edges_of(after)))
        self.kept = {node.id for node in found.nodes if self._is_spoken_of(node)}
        self.forced: list[str] = []

    def result(self) -> Preserved:
        if not self.kept and not self.mentioned:
            found = self.whole.found
            changed = bool(found.nodes or found.added_edges or found.removed_edges)
            return Preserved(self.whole.put_together((), tied=False), judged=not changed)
        fewest = self.errors(self.whole.put_together((), tied=False))
        self._follow()
        back, tied = self._left(), True
        while back and not self._is_no_worse(back, fewest, tied=tied):
            name = self._nearest(back)
            self.forced.append(name)
            self.kept.add(name)
            self._follow()
            back = self._left()
        if not back and not self._is_no_worse(back, fewest, tied=True):
            tied = False
        for name in reversed(self.forced):
            if self._is_no_worse({*back, name}, fewest, tied=tied):
                back.add(name)
        forced = [name for name in self.forced if name not in back]
        document = self.whole.put_together(back, tied=tied)
        other = difference(document, self.whole.after)
        return Preserved(
            document,
            put_back=tuple(self.found[name] for name in self.found if name in back),
            edges=len(other.added_edges) + len(other.removed_edges),
            forced=tuple(self.found[name] for name in forced),
        )

    def guess(self) -> None:
        """Where nothing that is changed is spoken of by name, take what is nearest to what is for meant."""
        if self.kept or not self.found:
            return
        beside = {other for name in self.mentioned for other in self.near.get(name, ())}
        self.kept = {name for name in self.found if name in beside} or set(self.found)

    def _is_spoken_of(self, node: NodeDifference) -> bool:
        if node.kind == "added":
            return True
        return node.id in self.mentioned and (node.kind == "changed" or self.whole.spoken.takes_away)

    def _left(self) -> set[str]:
        return {name for name in self.found if name not in self.kept}

    def _is_no_worse(self, back: Collection[str], fewest: int, *, tied: bool) -> bool:
        self.trials -= 1
        return self.trials >= 0 and self.errors(self.whole.put_together(back, tied=tied)) <= fewest

    def _follow(self) -> None:
        """Keep the changes of arrays over a state, observation or action that is of another size, or gone."""
        for name in list(self.kept):
            node = self.found[name]
            if node.kind == "added" or not _is_reshaped(node):
                continue
            for other in self.near.get(name, ()):
                if other in self.found and self.found[other].type in ARRAYS:
                    self.kept.add(other)

    def _nearest(self, names: Iterable[str]) -> str:
        """Return the node that is the fewest edges away from what is kept."""
        left, ring, seen = list(dict.fromkeys(names)), set(self.kept), set(self.kept)
        while ring:
            close = [name for name in self.found if name in ring and name in left]
            if close:
                return close[0]
            ring = {other for name in ring for other in self.near.get(name, ())} - seen
            seen |= ring
        return next(name for name in self.found if name in left)


def _is_reshaped(node: NodeDifference) -> bool:
    if node.type not in COUNTS:
        return False
    return node.kind == "removed" or any(change.name in (COUNTS[node.type], "labels") for change in node.changes)


def _neighbours(edges: Iterable[Object]) -> dict[str, set[str]]:
    near: dict[str, set[str]] = {}
    for edge in edges:
        source, target = _ends(edge)
        near.setdefault(source, set()).add(target)
        near.setdefault(target, set()).add(source)
    return near


def _properties(node: Object) -> Object:
    properties = node.get("properties")
    return properties if isinstance(properties, Mapping) else {}


def _ends(edge: Object) -> tuple[str, str]:
    return str(edge.get("source")), str(edge.get("target"))


def _text(edge: Object) -> str:
    return json.dumps([edge.get("source"), edge.get("target"), edge.get("type")])
