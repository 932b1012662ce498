"""The expanded document: plain FreeAgentics JSON with every array as an explicit list.

FreeAgentics pairs likelihoods with observations, and transitions with states, by order alone and creates nothing that
is missing; so there is one of each, in node order, and their parents and axes stand in node order too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias, cast

from gmn_llm.gmn.arrays import Arrays, arrays, as_lists, in_node_order
from gmn_llm.gmn.completion import completed
from gmn_llm.gmn.edges import is_free
from gmn_llm.gmn.parts import Likelihood, Transition
from gmn_llm.gmn.words import named

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from gmn_llm.gmn.parts import Axis, Structure, Subject

__all__ = ["expand", "left_out"]

Item: TypeAlias = dict[str, object]
Part: TypeAlias = "Likelihood | Transition | Subject"
# What each array was said with, and its list stands in for.
SAID = {
    "likelihood": frozenset({"matrix"}),
    "transition": frozenset({"matrix", "factor"}),
    "preference": frozenset({"vector", "values", "preferred_observation"}),
    "belief": frozenset({"vector", "values", "state"}),
}


def expand(document: Mapping[str, object], structure: Structure) -> dict[str, object]:
    """Return the expanded form of a document without errors.

    Args:
        document: The canonical document.
        structure: What ``resolve`` made of it.
    """
    full = completed(structure)
    return _Expansion(document, full, arrays(full)).document()


def left_out(document: Mapping[str, object], expanded: Mapping[str, object]) -> Iterator[str]:
    """Yield in words which edges with properties or metadata of their own have no place in the expanded document.

    These are the ``updates`` of a transition, which says by its factor what it drives.
    """
    edges, kept = (cast("Sequence[Mapping[str, object]]", part.get("edges", ())) for part in (document, expanded))
    sources = {(edge["source"], edge["type"]) for edge in kept}
    for edge in edges:
        said = [key for key in ("properties", "metadata") if edge.get(key)]
        if said and (edge["source"], edge["type"]) not in sources:
            ends = f"{named(edge['source'])} -> {named(edge['target'])}"
            more = " and ".join(said)
            yield f"the edge {ends} ({edge['type']}) is left out of the expanded document, with its {more}"


class _Expansion:
    """Writes one expanded document."""

    def __init__(self, source: Mapping[str, object], full: Structure, numbers: Arrays) -> None:
        self.source = source
        self.full = full
        self.numbers = numbers
        self.nodes = cast("Sequence[Mapping[str, object]]", source["nodes"])
        self.edges = cast("Sequence[Mapping[str, object]]", source.get("edges", ()))
        self.given = {str(node["id"]): node for node in self.nodes}
        self.given_edges = {(edge["source"], edge["target"], edge["type"]): edge for edge in self.edges}
        # A preference or belief has one edge that means something, whose properties and metadata go where it goes.
        self.said_by = {edge["source"]: edge for edge in self.edges if edge["type"] == "depends_on"}

    def document(self) -> Item:
        full, numbers = self.full, self.numbers
        nodes = [
            *(dict(node) for node in self.nodes if node["type"] in ("state", "observation", "action")),
            *(self._seen(axis) for axis in full.modalities if axis.id not in self.given),
            *self._written("likelihood", full.likelihoods, numbers.A),
            *self._written("transition", full.transitions, numbers.B),
            *self._written("preference", full.preferences, numbers.C),
            *self._written("belief", full.beliefs, numbers.D),
            *(self._rest(node) for node in self.nodes if node["type"] in ("policy", "llm_query")),
        ]
        return {**self.source, "nodes": nodes, "edges": [*self._array_edges(), *self._free_edges()]}

    def _seen(self, axis: Axis) -> Item:
        """Return the node of an observation that was added."""
        labels = {"labels": list(axis.labels)} if axis.labels else {}
        return {"id": axis.id, "type": "observation", "properties": {"num_observations": axis.size, **labels}}

    def _written(self, node_type: str, parts: Mapping[int, Part], numbers: Sequence[NDArray[np.float64]]) -> list[Item]:
        key = "matrix" if node_type in ("likelihood", "transition") else "vector"
        result = []
        for part, array in zip(parts.values(), numbers, strict=True):
            given = self.given.get(part.id, {"id": part.id, "type": node_type})
            kept = {name: value for name, value in part.properties.items() if name not in SAID[node_type]}
            if isinstance(part, Transition) and len(part.parents) > 1:
                kept["factor"] = part.factor.id
            result.append({**given, "properties": {**kept, key: as_lists(array)}})
        return result

    def _rest(self, node: Mapping[str, object]) -> Item:
        properties, habits = node.get("properties"), self.numbers.E
        if habits is None or not isinstance(properties, Mapping) or "habits" not in properties:
            return dict(node)
        return {**node, "properties": {**properties, "habits": habits.tolist()}}

    def _array_edges(self) -> list[Item]:
        full, edges = self.full, []
        for likelihood in full.likelihoods.values():
            edges += [self._edge(axis.id, likelihood.id) for axis in in_node_order(likelihood.parents)]
            edges.append(self._edge(likelihood.id, likelihood.modality.id, "generates"))
        for transition in full.transitions.values():
            parents = (*in_node_order(transition.parents), *in_node_order(transition.controls))
            edges += [self._edge(axis.id, transition.id) for axis in parents]
        for subject in (*full.preferences.values(), *full.beliefs.values()):
            edges.append({**self.said_by.get(subject.id, {}), **self._edge(subject.id, subject.about.id)})
        return edges

    def _edge(self, source: str, target: str, edge_type: str = "depends_on") -> Item:
        plain = {"source": source, "target": target, "type": edge_type}
        return dict(self.given_edges.get((source, target, edge_type), plain))

    def _free_edges(self) -> list[Item]:
        """The edges that carry no array; what a transition updates is said by its factor."""
        types = {node_id: str(node["type"]) for node_id, node in self.given.items()}
        return [
            dict(edge)
            for edge in self.edges
            if is_free(types[str(edge["source"])], types[str(edge["target"])], str(edge["type"]))
        ]
