"""The part of a graph that is at fault: nodes and edges with their neighbours, as it goes out and as it comes back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from gmn_llm.generation.abbreviated import abbreviated
from gmn_llm.generation.answers import as_written
from gmn_llm.generation.draft_rules import objects, words
from gmn_llm.generation.pieces import within
from gmn_llm.gmn.list_form import COUNTS

if TYPE_CHECKING:
    from gmn_llm.findings import Finding

__all__ = ["GraphPart"]

MOST_NUMBERS = 60
"""Numbers of a list up to which it is shown; of a longer one its shape is, and a name for it is what helps."""
MOST_OUTLINE = 3000
MOST_LABELS = 12
TYPES = {
    "states": frozenset({"state", "likelihood", "transition", "belief", "observation", "preference"}),
    "observations": frozenset({"observation", "likelihood", "preference"}),
    "actions": frozenset({"action", "transition"}),
    "require": frozenset[str](),
}
"""Which nodes a constraint is about, by a part of its name; any other is about the whole."""
SPARE = frozenset({"duplicate-id", "ambiguous-factor", "unknown-type"})


@dataclass(frozen=True, slots=True)
class GraphPart:
    """What of a graph is at fault.

    Attributes:
        document: The graph; nodes and edges are lists of objects.
        nodes: Which of its nodes.
        edges: Which of its edges: those at fault, and those of the nodes.
        spare: Which of the nodes may go, since they are one too many or of a type there is not.
    """

    document: Mapping[str, object]
    nodes: tuple[int, ...] = ()
    edges: tuple[int, ...] = ()
    spare: frozenset[int] = frozenset()

    @classmethod
    def at(cls, document: Mapping[str, object], findings: Iterable[Finding], broken: Iterable[str]) -> GraphPart | None:
        """Return the part that findings speak of, or None where they speak of the whole.

        Args:
            document: The graph.
            findings: What is wrong with it.
            broken: The names of the constraints that it breaks.
        """
        given = _parts(document, "nodes")
        nodes: set[int] = set()
        edges: set[int] = set()
        spare: set[int] = set()
        for finding in findings:
            _, *keys = finding.path.split("/")
            place = int(keys[1]) if len(keys) > 1 and keys[1].isdecimal() else -1
            if keys[:1] == ["nodes"] and 0 <= place < len(given):
                nodes.add(place)
                if finding.code in SPARE or keys[2:] == ["type"]:
                    spare.add(place)
            elif keys[:1] == ["edges"] and place >= 0:
                edges.add(place)
            elif finding.code not in ("missing-node", "constraint"):
                return None
        for name in broken:
            types = next((types for part, types in TYPES.items() if part in name), None)
            if types is None:
                return None
            nodes |= {k for k, node in enumerate(given) if str(node.get("type")) in types}
        names = {_id(given[k]) for k in nodes}
        ties = _parts(document, "edges")
        names |= {end for k in edges if k < len(ties) for end in _ends(ties[k]) if ties[k].get("type") is not None}
        count = Counter(map(_id, given))
        twins = {k for k, node in enumerate(given) if _id(node) in names and count[_id(node)] > 1}
        nodes, spare = nodes | twins, spare | twins
        tied = {_id(given[k]) for k in nodes}
        edges |= {k for k, edge in enumerate(ties) if tied.intersection(_ends(edge))}
        return cls(document, tuple(sorted(nodes)), tuple(sorted(edges)), frozenset(spare))

    @property
    def template(self) -> str:
        """The template that goes with it."""
        return "repair_graph"

    @property
    def sent(self) -> dict[str, object]:
        """The part as it goes to the model."""
        nodes, edges = _parts(self.document, "nodes"), _parts(self.document, "edges")
        return {
            "nodes": [_shown(nodes[k]) for k in self.nodes],
            "edges": [{key: edges[k].get(key) for key in ("source", "target", "type")} for k in self.edges],
        }

    @property
    def outline(self) -> str:
        """What else there is, on one line: ids, types, sizes and labels; the neighbours first."""
        nodes, edges = _parts(self.document, "nodes"), _parts(self.document, "edges")
        near = {end for k in self.edges for end in _ends(edges[k])}
        others = [node for k, node in enumerate(nodes) if k not in self.nodes]
        others.sort(key=lambda node: _id(node) not in near)
        return "; ".join(map(_told, others))[:MOST_OUTLINE]

    @property
    def schema(self) -> None:
        """Nothing: the graph's schema is several times as long as any part."""
        return

    def placed(self, findings: Iterable[Finding], origins: Sequence[str] = ()) -> list[Finding]:
        """Return findings with pointers into the part that is sent."""
        del origins
        return [replace(finding, path=self._place(finding.path)) for finding in findings]

    def _place(self, pointer: str) -> str:
        for key, chosen in (("nodes", self.nodes), ("edges", self.edges)):
            head, _, rest = pointer.removeprefix(f"/{key}/").partition("/")
            if pointer.startswith(f"/{key}/") and head.isdecimal() and int(head) in chosen:
                return f"/{key}/{chosen.index(int(head))}" + (f"/{rest}" if rest else "")
        return ""

    def put_back(self, answer: object) -> Iterator[Mapping[str, object]]:
        """Yield the graph with the answered part in its place, the likeliest first; nothing where there is none."""
        found = list(within(answer, ("nodes", "edges"))) or [{"nodes": _flat(answer)}]
        for value in found:
            read = as_written({"nodes": [], **value})
            nodes, edges = objects(read.get("nodes")), objects(read.get("edges"))
            nodes = [self._restored(node) for node in nodes if isinstance(node.get("id"), str)]
            if not nodes and not edges and not self.spare:
                continue
            by_id, fewer = self._by_id(nodes), self._fewer(nodes)
            kept = [edge for edge in edges if edge in self.sent["edges"]]  # type: ignore[operator]  # a list of ours
            first, second = self._edges(edges, all_of_them=bool(kept)), self._edges(edges, all_of_them=not kept)
            for chosen, ties in ((by_id, first), (by_id, second), (fewer, first), (fewer, second))[
                : 4 if self.spare else 2
            ]:
                yield {**self.document, "nodes": chosen, "edges": ties}

    def _by_id(self, new: Sequence[Mapping[str, object]]) -> list[Mapping[str, object]]:
        """Return the nodes with the new ones in the place of those of the same id, others at the end."""
        by_id = {_id(node): node for node in new}
        old = _parts(self.document, "nodes")
        result = [by_id.pop(_id(node), node) for node in old]
        return [*result, *by_id.values()]

    def _fewer(self, new: Sequence[Mapping[str, object]]) -> list[Mapping[str, object]]:
        """Return the nodes with the new ones, without those that may go and did not come back."""
        old = _parts(self.document, "nodes")
        ids = set(map(_id, new))
        before = [node for k, node in enumerate(old) if k not in self.spare and _id(node) not in ids]
        return [*before, *new]

    def _edges(self, new: Sequence[Mapping[str, object]], *, all_of_them: bool) -> list[Mapping[str, object]]:
        """Return the edges with the new ones: in the place of those that were sent, or beside them."""
        old = _parts(self.document, "edges")
        if not new:
            return old
        kept = [edge for k, edge in enumerate(old) if k not in self.edges] if all_of_them else old
        known = {(*_ends(edge), str(edge.get("type"))) for edge in kept}
        return [*kept, *(edge for edge in new if (*_ends(edge), str(edge.get("type"))) not in known)]

    def _restored(self, node: Mapping[str, object]) -> Mapping[str, object]:
        """Return a node with the lists that were sent as their shape, where they came back as that."""
        nodes = _parts(self.document, "nodes")
        old = next((nodes[k] for k in self.nodes if _id(nodes[k]) == _id(node)), None)
        properties, before = node.get("properties"), old.get("properties") if old else None
        if old is None or not isinstance(before, Mapping):
            return node
        if not isinstance(properties, Mapping):
            return {**old, **node}
        shown = cast("Mapping[str, object]", _shown(old)["properties"])
        same = {key: before[key] for key, value in properties.items() if key in before and value == shown.get(key)}
        return {**node, "properties": {**properties, **same}}


def _parts(document: Mapping[str, object], key: str) -> list[Mapping[str, object]]:
    """Return nodes or edges at their places; what is no object stands as an empty one."""
    value = document.get(key)
    return [part if isinstance(part, Mapping) else {} for part in value] if isinstance(value, list) else []


def _flat(answer: object) -> list[object]:
    return list(answer) if isinstance(answer, list) else [answer]


def _id(node: Mapping[str, object]) -> str:
    return str(node.get("id"))


def _ends(edge: Mapping[str, object]) -> tuple[str, str]:
    return str(edge.get("source", edge.get("from"))), str(edge.get("target", edge.get("to")))


def _shown(node: Mapping[str, object]) -> Mapping[str, object]:
    properties = node.get("properties")
    if not isinstance(properties, Mapping):
        return node
    return {**node, "properties": {key: abbreviated(value, most=MOST_NUMBERS) for key, value in properties.items()}}


def _told(node: Mapping[str, object]) -> str:
    properties = node.get("properties")
    said = f"{node.get('type')} {node.get('id')}"
    if not isinstance(properties, Mapping):
        return said
    size = properties.get(COUNTS.get(str(node.get("type")), ""))
    labels = words(properties.get("labels"))
    said += f", {size}" if size is not None else ""
    return f"{said}: {' '.join(labels)}" if 0 < len(labels) <= MOST_LABELS else said
