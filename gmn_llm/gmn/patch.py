"""A patch: what is to be different in a document, and nothing of what is to stay (``schemas/patch.schema.json``).

Whatever a patch does not name is in the result the very object that it was, so that its text is the same byte for
byte. What names nothing that is there is a finding; all the rest is done all the same, so that the result can be shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from gmn_llm.findings import Finding
from gmn_llm.gmn.difference import edges_of, nodes_of, same
from gmn_llm.gmn.edges import ALLOWED
from gmn_llm.gmn.words import listed, named, shown

__all__ = ["KEYS", "Patched", "is_patch", "patch_between", "patched"]

Object = Mapping[str, object]
NODE_LISTS: Final = ("change_nodes", "add_nodes", "remove_nodes")
KEYS: Final = (*NODE_LISTS, "add_edges", "remove_edges")
NODE_KEYS: Final = frozenset({"id", "type", "properties", "metadata"})
ENDS: Final = frozenset({"source", "target", "from", "to"})
INSTEAD: Final = {
    "preference": frozenset({"vector", "preferred_observation", "values"}),
    "belief": frozenset({"vector", "state", "values"}),
}
"""Properties that say one thing in several ways: one of them takes the place of the others."""


@dataclass(frozen=True, slots=True)
class Patched:
    """What became of a patch.

    Attributes:
        document: The changed document; it has still to be checked.
        findings: What the patch names and is not there, or is there already.
    """

    document: dict[str, object]
    findings: tuple[Finding, ...]


def is_patch(value: object) -> bool:
    """Return whether a model's answer is a patch and no document."""
    if not isinstance(value, Mapping) or "nodes" in value or "factors" in value:
        return False
    return any(isinstance(value.get(key), list | Mapping) for key in KEYS)


def patched(document: Object, patch: Object) -> Patched:
    """Return ``document`` as ``patch`` says it is to be.

    Nodes keep their order, new ones come last. A property of a changed node that the patch gives is set, one that it
    gives as null is taken away, all others stay. The edges of a node that is taken away go with it.

    Args:
        document: A document that meets the schema; it is not changed itself.
        patch: As ``schemas/patch.schema.json`` has it, or nearly: entries by id, properties beside the id.
    """
    return _Work(document, patch).result()


class _Work:
    """One application of a patch."""

    def __init__(self, document: Object, patch: Object) -> None:
        self.document = document
        self.patch = patch
        self.nodes: dict[str, Object] = nodes_of(document)
        self.edges: list[Object] = edges_of(document)
        self.found: list[Finding] = []
        self.gone: set[str] = set()

    def result(self) -> Patched:
        for entry in _entries(self.patch.get("change_nodes")):
            self._change(entry)
        for name in _names(self.patch.get("remove_nodes")):
            self._remove(name)
        for entry in _entries(self.patch.get("add_nodes")):
            self._add(entry)
        wanted = [_triple(self._typed(edge)) for edge in _edges(self.patch.get("add_edges"))]
        for edge in _edges(self.patch.get("remove_edges")):
            if _triple(self._typed(edge)) not in wanted:  # the order of edges is that of the axes
                self._remove_edge(edge)
        self.edges = [edge for edge in self.edges if edge["source"] in self.nodes and edge["target"] in self.nodes]
        for edge in _edges(self.patch.get("add_edges")):
            self._add_edge(edge)
        whole = dict(self.document) | {"nodes": list(self.nodes.values()), "edges": list(self.edges)}
        return Patched(whole | self._about(), tuple(self.found))

    def _about(self) -> dict[str, object]:
        """Return what the patch says of the whole: another name or description, and notes for the metadata."""
        said = {
            key: value.strip()
            for key in ("name", "description")
            if isinstance(value := self.patch.get(key), str) and value.strip()
        }
        metadata, more = self.document.get("metadata"), self.patch.get("metadata")
        notes = dict(more) if isinstance(more, Mapping) else {}
        unread = self.patch.get("unread")
        if isinstance(unread, list) and unread:
            notes["unread"] = [part for part in unread if isinstance(part, str) and part.strip()]
        whole = {**(metadata if isinstance(metadata, Mapping) else {}), **notes}
        kept = {key: value for key, value in whole.items() if value is not None}
        return {**said, "metadata": kept} if notes else dict(said)

    def _tell(self, code: str, where: str, message: str, hint: str) -> None:
        self.found.append(Finding(code, where, message, hint))

    def _nearest(self, name: str) -> str:
        close = get_close_matches(name[:80], self.nodes, n=1)
        return f"did you mean {named(close[0])}?" if close else f"there are {listed(self.nodes)}"

    def _change(self, entry: Object) -> None:
        name = str(entry.get("id"))
        node = self.nodes.get(name)
        if node is None:
            said = f"the change of {named(name)} to {shown(_properties(entry))} is of no node that there is"
            self._tell("bad-reference", "/nodes", said, self._nearest(name))
            return
        self.nodes[name] = _changed(node, entry)

    def _remove(self, name: str) -> None:
        if name in self.nodes:
            del self.nodes[name]
            self.gone.add(name)
        elif name not in self.gone:
            said = f"{named(name)} is to be taken away, and there is no such node"
            self._tell("bad-reference", "/nodes", said, self._nearest(name))

    def _add(self, entry: Object) -> None:
        name, node_type = str(entry.get("id")), entry.get("type")
        there = self.nodes.get(name)
        added = {"id": name, "type": node_type, "properties": _given(_properties(entry))}
        if isinstance(entry.get("metadata"), Mapping) and entry["metadata"]:
            added["metadata"] = entry["metadata"]
        if there is None:
            self.nodes[name] = added
        elif there.get("type") != node_type:
            said = f"the new {node_type} {named(name)} has the id of a {there.get('type')} that is there"
            self._tell("duplicate-id", "/nodes", said, "give it an id of its own")
        elif not _alike(there, added):  # written out in whole instead of as a change
            self.nodes[name] = added

    def _add_edge(self, given: Object) -> None:
        edge = self._typed(given)
        for end in ("source", "target"):
            if edge.get(end) not in self.nodes:
                said = f"the new edge {_arrow(edge)} names {named(edge.get(end))}, which is no node"
                self._tell("dangling-edge", "/edges", said, self._nearest(str(edge.get(end))))
                return
        if not any(_triple(edge) == _triple(other) for other in self.edges):
            self.edges.append(edge)

    def _remove_edge(self, given: Object) -> None:
        edge = self._typed(given)
        ends = _triple(given)[:2]
        left = [
            other
            for other in self.edges
            if _triple(other) != _triple(edge) and not ("type" not in given and _triple(other)[:2] == ends)
        ]
        if len(left) == len(self.edges) and self.gone.isdisjoint(ends):
            about = [_arrow(other) for other in self.edges if set(ends) & set(_triple(other)[:2])]
            hint = f"there are {listed(about)}" if about else "there are none at these nodes"
            self._tell("bad-reference", "/edges", f"there is no edge {_arrow(edge)} to be taken away", hint)
        self.edges = left

    def _typed(self, edge: Object) -> dict[str, object]:
        """Return an edge with the type that one between its ends has, where it says none."""
        if edge.get("type"):
            return dict(edge)
        ends = tuple(self.nodes.get(str(edge.get(end)), {}).get("type") for end in ("source", "target"))
        kinds = [kind for source, target, kind in sorted(ALLOWED) if (source, target) == ends]
        return {**edge, "type": kinds[0] if kinds else "depends_on"}


def _changed(node: Object, entry: Object) -> Object:
    given = _properties(entry)
    there = node.get("properties")
    old: Object = there if isinstance(there, Mapping) else {}
    rivals = INSTEAD.get(str(node.get("type")), frozenset())
    stale = rivals - given.keys() if any(given.get(name) is not None for name in rivals) else frozenset()
    properties = {
        key: (value if same(value, given.get(key)) else given[key]) if key in given else value
        for key, value in old.items()
        if key not in stale and not (key in given and given[key] is None)
    }
    properties |= {key: value for key, value in _given(given).items() if key not in old}
    result = {**node, "properties": properties}
    if isinstance(entry.get("type"), str) and entry["type"]:
        result["type"] = entry["type"]
    if isinstance(entry.get("metadata"), Mapping):
        result["metadata"] = entry["metadata"]
    return node if _alike(node, result) else result


def _alike(one: Object, other: Object) -> bool:
    return same(*({key: part for key, part in node.items() if part or key in ("id", "type")} for node in (one, other)))


def _properties(entry: Object) -> dict[str, object]:
    """Return the properties of an entry; a model may write them beside the id."""
    given = entry.get("properties")
    beside = {key: value for key, value in entry.items() if key not in NODE_KEYS}
    return {**beside, **(given if isinstance(given, Mapping) else {})}


def _given(properties: Object) -> dict[str, object]:
    return {key: value for key, value in properties.items() if value is not None}


def _entries(value: object) -> Iterator[Object]:
    if isinstance(value, Mapping):
        value = [{"id": name, **entry} for name, entry in value.items() if isinstance(entry, Mapping)]
    for entry in value if isinstance(value, list) else ():
        if isinstance(entry, Mapping):
            yield entry if "id" in entry else {"id": entry.get("name"), **entry}


def _names(value: object) -> Iterator[str]:
    for entry in value if isinstance(value, list) else ():
        yield str(entry.get("id")) if isinstance(entry, Mapping) else str(entry)


def _edges(value: object) -> Iterator[Object]:
    for entry in value if isinstance(value, list) else ():
        if isinstance(entry, Mapping):
            ends = {"source": entry.get("source", entry.get("from")), "target": entry.get("target", entry.get("to"))}
            yield {
                **ends,
                **{key: part for key, part in entry.items() if key not in ("source", "target", "from", "to")},
            }


def _triple(edge: Object) -> tuple[object, object, object]:
    return edge.get("source"), edge.get("target"), edge.get("type")


def _arrow(edge: Object) -> str:
    source, target, kind = _triple(edge)
    return f"{source} -> {target} ({kind})"


def patch_between(before: Object, after: Object) -> dict[str, object]:
    """Return the patch that makes ``after`` of ``before``, but for the order of nodes and edges.

    Metadata of the document is left out, and so is a version; both are no part of what a patch is about.
    """
    old, new = nodes_of(before), nodes_of(after)
    changed = [entry for name, node in new.items() if name in old and (entry := _entry(old[name], node)) is not None]
    had, has = edges_of(before), edges_of(after)
    removed = [name for name in old if name not in new]
    return {
        "change_nodes": changed,
        "add_nodes": [dict(node) for name, node in new.items() if name not in old],
        "remove_nodes": removed,
        "add_edges": _without(has, had),
        "remove_edges": [
            edge for edge in _without(had, has) if edge["source"] not in removed and edge["target"] not in removed
        ],
        **{key: after[key] for key in ("name", "description") if after.get(key) and after[key] != before.get(key)},
    }


def _entry(old: Object, new: Object) -> dict[str, object] | None:
    if _alike(old, new):
        return None
    was, now = _properties({"properties": old.get("properties")}), _properties({"properties": new.get("properties")})
    properties = {key: value for key, value in now.items() if key not in was or not same(was[key], value)}
    properties |= {key: None for key in was if key not in now}
    entry: dict[str, object] = {"id": new["id"], "properties": properties}
    if new.get("type") != old.get("type"):
        entry["type"] = new.get("type")
    if not same(new.get("metadata", {}), old.get("metadata", {})):
        entry["metadata"] = new.get("metadata", {})
    return entry


def _without(edges: Iterable[Object], known: Iterable[Object]) -> list[dict[str, object]]:
    triples = {_triple(edge) for edge in known}
    return [dict(edge) for edge in edges if _triple(edge) not in triples]
