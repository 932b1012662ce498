"""What is different between two documents: nodes, their properties, edges, and what is said of the whole."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from gmn_llm.findings import quote

__all__ = ["Change", "Difference", "NodeDifference", "difference", "edges_of", "nodes_of", "same"]

Object = Mapping[str, object]
Edge = tuple[str, str, str]
MARKS: Final = {"added": "+", "removed": "-", "changed": "~"}
SEVERAL: Final = 8


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that has another value.

    Attributes:
        name: A property's name; ``type`` and ``metadata`` for those of a node.
        before: What it was, or None where it was not there.
        after: What it is, or None where it is gone.
    """

    name: str
    before: object
    after: object

    def __str__(self) -> str:
        """Return it on one line, the values in short."""
        if self.before is None:
            return f"{quote(self.name)}: {_short(self.after)}"
        return f"{quote(self.name)}: {_short(self.before)} -> {'gone' if self.after is None else _short(self.after)}"


@dataclass(frozen=True, slots=True)
class NodeDifference:
    """A node that is new, gone or other than it was.

    Attributes:
        id: The node's id.
        type: Its type; of a changed node the one it has now.
        kind: ``added``, ``removed`` or ``changed``.
        changes: Its properties: all of a new one (with nothing before) or of one that is gone (with nothing after).
    """

    id: str
    type: str
    kind: Literal["added", "removed", "changed"]
    changes: tuple[Change, ...]

    def __str__(self) -> str:
        """Return id and what is different, in words."""
        if self.kind != "changed":
            return f"{self.id} {self.kind}"
        return f"{self.id} ({', '.join(quote(change.name) for change in self.changes)})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What has to be done to one document to get another; empty where they say the same.

    Numbers that are equal (9 and 9.0), keys in another order and the order of nodes and edges make no difference.

    Attributes:
        nodes: Nodes that are different: those of the first document in its order, then the new ones in theirs.
        added_edges: (source, target, type) of new edges, in the second document's order. An edge with other
            properties or metadata is a new one in the place of the old.
        removed_edges: The same for those that are gone, in the first document's order.
        about: Name, description and version, and each key of the metadata as ``metadata.key``.
    """

    nodes: tuple[NodeDifference, ...] = ()
    added_edges: tuple[Edge, ...] = ()
    removed_edges: tuple[Edge, ...] = ()
    about: tuple[Change, ...] = ()

    def __bool__(self) -> bool:
        """Return whether there is any."""
        return bool(self.nodes or self.added_edges or self.removed_edges or self.about)

    @property
    def added(self) -> tuple[str, ...]:
        """Ids of the nodes that are new."""
        return tuple(node.id for node in self.nodes if node.kind == "added")

    @property
    def removed(self) -> tuple[str, ...]:
        """Ids of the nodes that are gone."""
        return tuple(node.id for node in self.nodes if node.kind == "removed")

    @property
    def changed(self) -> tuple[str, ...]:
        """Ids of the nodes that are other than they were."""
        return tuple(node.id for node in self.nodes if node.kind == "changed")

    def lines(self) -> Iterator[str]:
        """Yield it for people: a line for each part, marked ``+``, ``-`` or ``~``, with its properties below it."""
        yield from (f"~ {change}" for change in self.about)
        for node in self.nodes:
            yield f"{MARKS[node.kind]} {node.type} {node.id}"
            if node.kind != "removed":
                yield from (f"    {change}" for change in node.changes)
        yield from (f"- {_arrow(edge)}" for edge in self.removed_edges)
        yield from (f"+ {_arrow(edge)}" for edge in self.added_edges)

    def __str__(self) -> str:
        """Return it in one sentence's length: at most eight nodes, and how many edges."""
        parts = [str(node) for node in self.nodes[:SEVERAL]]
        if len(self.nodes) > SEVERAL:
            parts.append(f"{len(self.nodes) - SEVERAL} more nodes")
        parts += [f"the {quote(change.name)}" for change in self.about[:SEVERAL]]
        count = len(self.added_edges) + len(self.removed_edges)
        if count:
            parts.append(f"{count} edge{'s' * (count > 1)}")
        return ", ".join(parts) or "nothing"

    def as_dict(self) -> dict[str, object]:
        """Return it as plain JSON."""
        return {
            "nodes": [
                {"id": node.id, "type": node.type, "kind": node.kind, "changes": [_told(c) for c in node.changes]}
                for node in self.nodes
            ],
            "added_edges": [list(edge) for edge in self.added_edges],
            "removed_edges": [list(edge) for edge in self.removed_edges],
            "about": [_told(change) for change in self.about],
        }


def difference(before: Object, after: Object) -> Difference:
    """Return what is different in ``after``, both of them documents that meet the schema (``GMNSpec.document``)."""
    old, new = nodes_of(before), nodes_of(after)
    found = [_node(node, new.get(name)) for name, node in old.items()]
    found += [_node(None, node) for name, node in new.items() if name not in old]
    had = Counter(_edge_text(edge) for edge in edges_of(before))
    has = Counter(_edge_text(edge) for edge in edges_of(after))
    return Difference(
        nodes=tuple(each for each in found if each is not None),
        added_edges=_beyond(edges_of(after), had),
        removed_edges=_beyond(edges_of(before), has),
        about=tuple(_about(before, after)),
    )


def nodes_of(document: Object) -> dict[str, Object]:
    """Return a document's nodes by their id; of two with one id the first."""
    nodes = document.get("nodes")
    found: dict[str, Object] = {}
    for node in nodes if isinstance(nodes, list) else ():
        if isinstance(node, Mapping):
            found.setdefault(str(node.get("id")), node)
    return found


def edges_of(document: Object) -> list[Object]:
    """Return a document's edges."""
    edges = document.get("edges")
    return [edge for edge in edges if isinstance(edge, Mapping)] if isinstance(edges, list) else []


def same(one: object, other: object) -> bool:
    """Return whether two JSON values say the same: numbers by their value, objects whatever the order of their keys."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same(part, other[key]) for key, part in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and one == other


def _node(old: Object | None, new: Object | None) -> NodeDifference | None:
    there = new if new is not None else old
    if there is None:
        return None
    was, now = _parts(old), _parts(new)
    changes = tuple(
        Change(name, was.get(name), now.get(name))
        for name in dict.fromkeys((*was, *now))
        if not same(was.get(name), now.get(name))
    )
    kind: Literal["added", "removed", "changed"] = "added" if old is None else "removed" if new is None else "changed"
    if kind == "changed" and not changes:
        return None
    told = changes if kind == "changed" else tuple(change for change in changes if change.name != "type")
    return NodeDifference(str(there.get("id")), str(there.get("type")), kind, told)


def _parts(node: Object | None) -> dict[str, object]:
    """Return what a node says besides its id; empty metadata is none."""
    if node is None:
        return {}
    properties, metadata = node.get("properties"), node.get("metadata")
    found: dict[str, object] = {"type": node.get("type")}
    found |= properties if isinstance(properties, Mapping) else {}
    return found | ({"metadata": metadata} if metadata else {})


def _about(before: Object, after: Object) -> Iterator[Change]:
    for name in ("name", "description", "version"):
        if before.get(name) != after.get(name):
            yield Change(name, before.get(name), after.get(name))
    was, now = before.get("metadata"), after.get("metadata")
    old = was if isinstance(was, Mapping) else {}
    new = now if isinstance(now, Mapping) else {}
    for key in dict.fromkeys((*old, *new)):
        if not same(old.get(key), new.get(key)):
            yield Change(f"metadata.{key}", old.get(key), new.get(key))


def _edge_text(edge: Object) -> str:
    said = {key: part for key, part in edge.items() if part not in ({}, None)}
    return json.dumps(said, sort_keys=True, default=str)


def _beyond(edges: list[Object], known: Counter[str]) -> tuple[Edge, ...]:
    """Return the edges that are not among those ``known``, each as often as it is there too often."""
    left, found = Counter(known), []
    for edge in edges:
        text = _edge_text(edge)
        if left[text] > 0:
            left[text] -= 1
        else:
            found.append((str(edge.get("source")), str(edge.get("target")), str(edge.get("type"))))
    return tuple(found)


def _short(value: object) -> str:
    return quote(json.dumps(value, ensure_ascii=False, default=str))


def _arrow(edge: Edge) -> str:
    return f"{edge[0]} -> {edge[1]}: {edge[2]}"


def _told(change: Change) -> dict[str, object]:
    return {"name": change.name, "before": change.before, "after": change.after}
