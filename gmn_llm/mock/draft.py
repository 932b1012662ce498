"""A document under change: found by id, copied on write, so that what is not touched stays the same object."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gmn_llm.mock.plan import Factor
from gmn_llm.mock.spots import Spot

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["Draft"]


class Draft:
    """A copy of a document's lists; its nodes are the document's own until they are replaced."""

    def __init__(self, document: Mapping[str, object]) -> None:
        nodes, edges = document.get("nodes"), document.get("edges")
        self.document = dict(document)
        self.nodes: list[dict[str, object]] = (
            [node for node in nodes if isinstance(node, dict)] if isinstance(nodes, list) else []
        )
        self.edges: list[dict[str, object]] = (
            [edge for edge in edges if isinstance(edge, dict)] if isinstance(edges, list) else []
        )

    def finished(self, metadata: Mapping[str, object]) -> dict[str, object]:
        """Return the document with the changes made so far."""
        return {
            **self.document,
            "nodes": list(self.nodes),
            "edges": list(self.edges),
            "metadata": dict(metadata),
        }

    def ids(self, kind: str) -> list[str]:
        """Return the ids of the nodes of a type, in order."""
        return [str(node["id"]) for node in self.nodes if node.get("type") == kind]

    def node(self, name: str) -> dict[str, object]:
        """Return the node called ``name``."""
        return next(node for node in self.nodes if node.get("id") == name)

    def properties(self, name: str) -> dict[str, object]:
        """Return a copy of a node's properties."""
        found = self.node(name).get("properties")
        return dict(found) if isinstance(found, dict) else {}

    def update(self, name: str, *drop: str, **changes: object) -> None:
        """Replace properties of a node, after taking away those named in ``drop``."""
        kept = {key: value for key, value in self.properties(name).items() if key not in drop}
        changed = {**self.node(name), "properties": {**kept, **changes}}
        self.nodes = [changed if node.get("id") == name else node for node in self.nodes]

    def add(self, node: Mapping[str, object], edges: Iterable[Mapping[str, object]] = ()) -> None:
        """Append a node and edges."""
        self.nodes.append(dict(node))
        self.edges.extend(dict(edge) for edge in edges)

    def fresh(self, name: str) -> str:
        """Return ``name``, or it with a number where the document has it."""
        there = {node.get("id") for node in self.nodes}
        candidates = (name if number == 1 else f"{name}_{number}" for number in range(1, len(self.nodes) + 2))
        return next(candidate for candidate in candidates if candidate not in there)

    def parents(self, name: str, kind: str) -> list[str]:
        """Return the nodes of a type with a ``depends_on`` edge to ``name``, in the order of the edges."""
        there = set(self.ids(kind))
        found = [
            str(edge["source"])
            for edge in self.edges
            if edge.get("target") == name and edge.get("type") == "depends_on" and edge.get("source") in there
        ]
        return list(dict.fromkeys(found))

    def about(self, name: str, kind: str) -> list[str]:
        """Return the nodes of a type that depend on ``name`` or are about it, in node order."""
        sources = {edge.get("target") for edge in self.edges if edge.get("source") == name}
        targets = {edge.get("source") for edge in self.edges if edge.get("target") == name}
        return [
            found for found in self.ids(kind) if found in (targets if kind in {"preference", "belief"} else sources)
        ]

    def driven(self, transition: str) -> str:
        """Return the state a transition drives, by the notation's order of precedence."""
        named = self.properties(transition).get("factor")
        if isinstance(named, str):
            return named
        states = self.ids("state")
        updated = [
            str(edge["target"])
            for edge in self.edges
            if edge.get("source") == transition and edge.get("target") in states and edge.get("type") == "updates"
        ]
        parents = self.parents(transition, "state")
        if updated or len(parents) == 1:
            return (updated or parents)[0]
        place = self.ids("transition").index(transition)
        own = states[place] if place < len(states) else ""
        return own if own in parents else (parents or [""])[0]

    def transition_of(self, state: str) -> str:
        """Return the transition that drives ``state``, or ""."""
        return next((name for name in self.ids("transition") if self.driven(name) == state), "")

    def observation_of(self, likelihood: str) -> str:
        """Return what a likelihood generates, or ""."""
        there = set(self.ids("observation"))
        return next(
            (
                str(edge["target"])
                for edge in self.edges
                if edge.get("source") == likelihood and edge.get("target") in there and edge.get("type") == "generates"
            ),
            "",
        )

    def matrix(self, name: str) -> dict[str, object]:
        """Return a copy of a node's named matrix; an empty one for an array or none."""
        found = self.properties(name).get("matrix")
        return dict(found) if isinstance(found, dict) else {}

    def size(self, name: str) -> int:
        """Return the size of a state, observation or action."""
        properties = self.properties(name)
        found = next(
            (properties[key] for key in ("num_states", "num_observations", "num_actions") if key in properties),
            0,
        )
        return int(found) if isinstance(found, int | float) else 0

    def labels(self, name: str) -> tuple[str, ...]:
        """Return the labels of a node; empty where it has none."""
        found = self.properties(name).get("labels")
        return tuple(str(label) for label in found) if isinstance(found, list) else ()

    def sight_of(self, state: str) -> str:
        """Return the observation that shows ``state`` as it is, or ""."""
        for likelihood in self.about(state, "likelihood"):
            seen = self.observation_of(likelihood)
            if self.parents(likelihood, "state") == [state] and seen and self.size(seen) == self.size(state):
                return seen
        return ""

    def place(self) -> str:
        """Return the state where the agent is: the first on a board or line, else the first that is driven."""
        states = self.ids("state")
        moved = [state for state in states if self._kind(state) in {"grid", "line", "cycle", "set"}]
        driven = [
            state for state in states if self.transition_of(state) and self.parents(self.transition_of(state), "action")
        ]
        return (moved or driven or states or [""])[0]

    def _kind(self, state: str) -> object:
        transition = self.transition_of(state)
        return self.matrix(transition).get("kind") if transition else None

    def factor(self, state: str) -> Factor:
        """Return ``state`` as a planned factor, as far as its named matrix tells."""
        transition = self.transition_of(state)
        matrix = self.matrix(transition) if transition else {}
        size = self.size(state)
        rows, cols = matrix.get("rows", 1), matrix.get("cols", size)
        kind = str(matrix.get("kind", "array"))
        walls = matrix.get("walls")
        spots = (
            tuple(Spot(row=pair[0], col=pair[1]) for pair in walls if isinstance(pair, list) and len(pair) == 2)
            if isinstance(walls, list)
            else ()
        )
        grid = kind == "grid" and isinstance(rows, int) and isinstance(cols, int)
        return Factor(
            id=state,
            size=size,
            labels=self.labels(state),
            kind=kind if kind in {"grid", "line", "cycle", "set"} else "line",
            rows=rows if grid and isinstance(rows, int) else 1,
            cols=cols if grid and isinstance(cols, int) else size,
            walls=spots,
            wrap=matrix.get("wrap") is True,
            driven=bool(transition and self.parents(transition, "action")),
            start=self._start(state),
        )

    def _start(self, state: str) -> Spot | None:
        for belief in self.about(state, "belief"):
            value = self.properties(belief).get("state")
            if isinstance(value, int):
                return Spot(index=value)
            if isinstance(value, str):
                return Spot(label=value)
        return None
