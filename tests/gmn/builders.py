"""Documents put together from their parts, for tests that are about one part."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gmn_llm.gmn import GMNSpec

Document = dict[str, Any]
Array = NDArray[np.float64]
CASES = Path(__file__).resolve().parents[1] / "cases"
COUNTS = {"state": "num_states", "observation": "num_observations", "action": "num_actions"}


class Graph:
    """A document in the making: each call adds a node with its edges, in the order of the calls."""

    def __init__(self, name: str = "model") -> None:
        self.document: Document = {"name": name, "nodes": [], "edges": []}

    def node(self, node_id: str, node_type: str, **properties: object) -> Graph:
        """Add a node."""
        self.document["nodes"].append({"id": node_id, "type": node_type, "properties": properties})
        return self

    def edge(self, source: str, target: str, edge_type: str = "depends_on") -> Graph:
        """Add an edge."""
        self.document["edges"].append({"source": source, "target": target, "type": edge_type})
        return self

    def axes(self, node_type: str, **sizes: int | list[str]) -> Graph:
        """Add states, observations or actions by their size or their labels."""
        for node_id, size in sizes.items():
            labels = {"labels": size} if isinstance(size, list) else {}
            count = len(size) if isinstance(size, list) else size
            self.node(node_id, node_type, **{COUNTS[node_type]: count}, **labels)
        return self

    def likelihood(self, node_id: str, observation: str, parents: list[str], matrix: object = None) -> Graph:
        """Add a likelihood with its edges."""
        self.node(node_id, "likelihood", **({} if matrix is None else {"matrix": matrix}))
        for parent in parents:
            self.edge(parent, node_id)
        return self.edge(node_id, observation, "generates")

    def transition(self, node_id: str, parents: list[str], matrix: object = None, **more: object) -> Graph:
        """Add a transition with edges from states and actions."""
        self.node(node_id, "transition", **({} if matrix is None else {"matrix": matrix}), **more)
        for parent in parents:
            self.edge(parent, node_id)
        return self

    def subject(self, node_id: str, node_type: str, about: str, **properties: object) -> Graph:
        """Add a preference or belief with its edge."""
        return self.node(node_id, node_type, **properties).edge(node_id, about)

    @property
    def spec(self) -> GMNSpec:
        """The document, read; it has to be valid."""
        return GMNSpec.parse(self.document).valid()


def moving(matrix: object, size: int, labels: int | list[str]) -> Graph:
    """A factor ``s`` of ``size`` states that an action ``a`` drives through ``matrix``."""
    graph = Graph().axes("state", s=size).axes("observation", o=1).axes("action", a=labels)
    return graph.likelihood("A", "o", ["s"], {"kind": "uniform"}).transition("B", ["s", "a"], matrix)


def seeing(matrix: object, outcomes: int | list[str], **factors: int | list[str]) -> Graph:
    """An observation ``o`` that depends on all ``factors`` through ``matrix``."""
    graph = Graph().axes("state", **factors).axes("observation", o=outcomes).axes("action", a=1)
    graph.likelihood("A", "o", list(factors), matrix)
    for k, factor in enumerate(factors):
        graph.transition(f"B{k}", [factor, "a"] if k == 0 else [factor], {"kind": "identity"})
    return graph


def arrays(spec: GMNSpec, node_id: str) -> Array:
    """The array of a node of the expanded document."""
    node = next(node for node in spec.expand().nodes if node.id == node_id)
    return np.array(node.properties["matrix" if "matrix" in node.properties else "vector"])


def cases(kind: str) -> list[tuple[str, Document]]:
    """The cases in ``tests/cases``, by name."""
    files = sorted((CASES / kind).glob("*.json"))
    return [(file.stem, json.loads(file.read_text(encoding="utf-8"))) for file in files]


def example() -> Document:
    """The example of the notation: a walk on a grid of 5 x 5."""
    return dict(cases("valid"))["grid-explorer"]["document"]
