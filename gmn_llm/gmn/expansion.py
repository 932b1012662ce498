"""The expanded document: plain FreeAgentics JSON with every array as an explicit list.

FreeAgentics pairs likelihoods with observations, and transitions with states, by order alone and creates nothing
that is missing; so there is one of each, in node order, and their parents and axes stand in node order too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

from gmn_llm.gmn.arrays import arrays, completed, in_node_order

if TYPE_CHECKING:
    from gmn_llm.gmn.structure import Axis, Likelihood, Structure, Subject, Transition

__all__ = ["expand"]

Node = dict[str, object]
SAID = {"matrix", "factor", "vector", "values", "state", "preferred_observation"}
ARRAYS = ("likelihood", "transition", "preference", "belief")


def expand(document: Mapping[str, object], structure: Structure) -> dict[str, object]:
    """Return the expanded form of a document without errors.

    Args:
        document: The canonical document.
        structure: What ``resolve`` made of it.
    """
    full = completed(structure)
    return _Expansion(document, full).document()


class _Expansion:
    def __init__(self, document: Mapping[str, object], full: Structure) -> None:
        self.source = document
        self.full = full
        self.given = {str(node["id"]): node for node in cast("Sequence[Mapping[str, object]]", document["nodes"])}
        self.given_edges = {
            (edge["source"], edge["target"], edge["type"]): edge
            for edge in cast("Sequence[Mapping[str, object]]", document.get("edges", ()))
        }

    def document(self) -> dict[str, object]:
        full, numbers = self.full, arrays(self.full)
        plain = [dict(node) for node in self.given.values() if node["type"] in ("state", "observation", "action")]
        plain += [self._seen(axis) for axis in full.modalities if axis.id not in self.given]
        likelihoods, transitions = full.likelihoods.values(), full.transitions.values()
        preferences, beliefs = full.preferences.values(), full.beliefs.values()
        nodes: list[Node] = [
            *plain,
            *(self._node(part, "likelihood", {"matrix": a.tolist()}) for part, a in zip(likelihoods, numbers.A, strict=True)),
            *(self._node(part, "transition", {"matrix": b.tolist(), **self._factor(part)}) for part, b in zip(transitions, numbers.B, strict=True)),
            *(self._node(part, "preference", {"vector": c.tolist()}) for part, c in zip(preferences, numbers.C, strict=True)),
            *(self._node(part, "belief", {"vector": d.tolist()}) for part, d in zip(beliefs, numbers.D, strict=True)),
            *(self._rest(node, numbers.E) for node in self.given.values() if node["type"] in ("policy", "llm_query")),
        ]
        return {**self.source, "nodes": nodes, "edges": [*self._edges(), *self._notes()]}

    def _seen(self, axis: Axis) -> Node:
        labels = {"labels": list(axis.labels)} if axis.labels else {}
        return {"id": axis.id, "type": "observation", "properties": {"num_observations": axis.size, **labels}}

    def _node(self, part: Likelihood | Transition | Subject, node_type: str, said: Mapping[str, object]) -> Node:
        given = self.given.get(part.id, {"id": part.id, "type": node_type})
        kept = {key: value for key, value in part.properties.items() if key not in SAID}
        return {**given, "properties": {**kept, **said}}

    def _factor(self, part: Transition) -> Node:
        return {"factor": part.factor.id} if len(part.parents) > 1 else {}

    def _rest(self, node: Mapping[str, object], habits: object) -> Node:
        properties = cast("Mapping[str, object]", node.get("properties", {}))
        if "habits" not in properties:
            return dict(node)
        return {**node, "properties": {**properties, "habits": habits.tolist()}}  # type: ignore[attr-defined]  # an array where there are habits

    def _edges(self) -> list[Node]:
        full, edges = self.full, []
        for likelihood in full.likelihoods.values():
            edges += [self._edge(axis.id, likelihood.id, "depends_on") for axis in in_node_order(likelihood.parents)]
            edges.append(self._edge(likelihood.id, likelihood.modality.id, "generates"))
        for transition in full.transitions.values():
            parents = (*in_node_order(transition.parents), *in_node_order(transition.controls))
            edges += [self._edge(axis.id, transition.id, "depends_on") for axis in parents]
        for subject in (*full.preferences.values(), *full.beliefs.values()):
            edges.append(self._edge(subject.id, subject.about.id, "depends_on"))
        return edges

    def _edge(self, source: str, target: str, kind: str) -> Node:
        return dict(self.given_edges.get((source, target, kind), {"source": source, "target": target, "type": kind}))

    def _notes(self) -> list[Node]:
        """The edges that carry no array; a transition's ``updates`` edge is said by its factor."""
        return [
            dict(edge)
            for edge in self.given_edges.values()
            if edge["type"] in ("influences", "queries")
            or (edge["type"] == "updates" and self.given[str(edge["source"])]["type"] == "llm_query")
        ]
