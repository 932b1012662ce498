"""What FreeAgentics' graph parser makes of a JSON document, written anew from a description of its behaviour.

It takes nodes of one type in the order of the document and pairs the k-th likelihood with the k-th observation and the
k-th transition with the k-th state by that order alone. An explicit array is handed on as it is; a missing one is built
from sizes that the edges give. It creates nothing for a node that is missing and checks no shape and no sum.
"""

from __future__ import annotations

from typing import Any

import numpy as np

NODE_TYPES = frozenset(
    ["state", "observation", "action", "belief", "preference", "transition", "likelihood", "policy", "llm_query"],
)
EDGE_TYPES = frozenset(["depends_on", "influences", "updates", "queries", "generates"])


def parse(document: dict[str, Any]) -> dict[str, Any]:
    """Return num_states, num_obs, num_actions and the lists A, B, C, D.

    Raises:
        ValueError: A type is unknown, an edge names no node, or there is no state, observation or action.
    """
    nodes = {node["id"]: node for node in document["nodes"]}
    by_type: dict[str, list[dict[str, Any]]] = {}
    for node in nodes.values():
        if node["type"] not in NODE_TYPES:
            raise ValueError(f"unknown node type {node['type']}")
        by_type.setdefault(node["type"], []).append(node)
    for edge in document["edges"]:
        if edge["type"] not in EDGE_TYPES or edge["source"] not in nodes or edge["target"] not in nodes:
            raise ValueError(f"edge {edge} can't be used")
    if not all(by_type.get(node_type) for node_type in ("state", "observation", "action")):
        raise ValueError("a state, an observation and an action are needed")
    reader = _Reader(nodes, document["edges"])
    return {
        "num_states": [node["properties"]["num_states"] for node in by_type["state"]],
        "num_obs": [node["properties"]["num_observations"] for node in by_type["observation"]],
        "num_actions": [node["properties"]["num_actions"] for node in by_type["action"]],
        "A": [reader.likelihood(node) for node in by_type.get("likelihood", [])],
        "B": [reader.transition(node) for node in by_type.get("transition", [])],
        "C": [reader.about(node, "observation", "num_observations") for node in by_type.get("preference", [])],
        "D": [reader.about(node, "state", "num_states") for node in by_type.get("belief", [])],
    }


def parents(document: dict[str, Any], node_type: str) -> list[list[str]]:
    """Return the states that each node of a type depends on, in the order of the edges."""
    types = {node["id"]: node["type"] for node in document["nodes"]}
    return [
        [
            edge["source"]
            for edge in document["edges"]
            if edge["target"] == node["id"] and edge["type"] == "depends_on" and types[edge["source"]] == "state"
        ]
        for node in document["nodes"]
        if node["type"] == node_type
    ]


class _Reader:
    def __init__(self, nodes: dict[str, Any], edges: list[dict[str, Any]]) -> None:
        self.nodes = nodes
        self.edges = edges

    def likelihood(self, node: dict[str, Any]) -> np.ndarray:
        if "matrix" in node["properties"]:
            return np.array(node["properties"]["matrix"])
        states = [self.size(e["source"]) for e in self.edges if e["target"] == node["id"] and e["type"] == "depends_on"]
        outcomes = [
            self.size(e["target"]) for e in self.edges if e["source"] == node["id"] and e["type"] == "generates"
        ]
        return np.full((*outcomes[-1:], *states), 1.0 / outcomes[-1])

    def transition(self, node: dict[str, Any]) -> np.ndarray:
        if "matrix" in node["properties"]:
            return np.array(node["properties"]["matrix"])
        sizes = {"state": 1, "action": 1}
        for edge in self.edges:
            if node["id"] in (edge["source"], edge["target"]):
                other = edge["target"] if edge["source"] == node["id"] else edge["source"]
                if self.nodes[other]["type"] in sizes:
                    sizes[self.nodes[other]["type"]] = self.size(other)
        return np.repeat(np.eye(sizes["state"])[:, :, None], sizes["action"], axis=2)

    def about(self, node: dict[str, Any], about_type: str, count: str) -> np.ndarray:
        if "vector" in node["properties"]:
            return np.array(node["properties"]["vector"])
        sizes = [
            self.nodes[edge["target"]]["properties"][count]
            for edge in self.edges
            if edge["source"] == node["id"] and self.nodes[edge["target"]]["type"] == about_type
        ]
        size = (sizes or [1])[-1]
        if about_type == "state":
            return np.full(size, 1.0 / size)
        place = node["properties"].get("preferred_observation", 0)
        return np.array([1.0 if k == place else 0.0 for k in range(size)])

    def size(self, node_id: str) -> int:
        properties = self.nodes[node_id]["properties"]
        return next(properties[key] for key in ("num_states", "num_observations", "num_actions") if key in properties)
