"""Documents of any size: factors on lines, six nodes each, and boards."""

from __future__ import annotations

import copy
from typing import Any

__all__ = ["board", "broken", "misled", "of_nodes"]

MOVES = ("up", "down", "left", "right", "stay")
EACH = 6
STEERED = 3


def of_nodes(count: int) -> dict[str, Any]:
    """Return a valid document of ``count`` nodes, which is at least 6."""
    nodes: list[dict[str, Any]] = []
    edges: list[dict[str, Any]] = []
    for f in range(-(-count // EACH)):
        size = 5 + f % 20
        steered = f < STEERED
        kinds = (
            (f"s{f}", "state", {"num_states": size}),
            (f"o{f}", "observation", {"num_observations": size}),
            (f"a{f}", "action", {"num_actions": 3, "labels": ["left", "right", "stay"]})
            if steered
            else (f"C{f}", "preference", {"preferred_observation": 1}),
            (f"A{f}", "likelihood", {"matrix": {"kind": "noisy_identity", "accuracy": 0.9}}),
            (f"B{f}", "transition", {"matrix": {"kind": "line" if steered else "random_walk"}}),
            (f"D{f}", "belief", {"state": 0}),
        )
        nodes += [{"id": name, "type": kind, "properties": properties} for name, kind, properties in kinds]
        fourth = (f"a{f}", f"B{f}") if steered else (f"C{f}", f"o{f}")
        ends = ((f"s{f}", f"A{f}"), (f"s{f}", f"B{f}"), fourth, (f"D{f}", f"s{f}"))
        edges += [{"source": source, "target": target, "type": "depends_on"} for source, target in ends]
        edges.append({"source": f"A{f}", "target": f"o{f}", "type": "generates"})
    # What is too many is made of what stands alone at the end: beliefs first, and never a state's likelihood.
    while len(nodes) > count:
        gone = next(node for node in reversed(nodes) if node["type"] == "belief")["id"]
        nodes = [node for node in nodes if node["id"] != gone]
        edges = [edge for edge in edges if gone not in (edge["source"], edge["target"])]
    return {"name": f"factors_{count}", "nodes": nodes, "edges": edges}


def board(side: int) -> dict[str, Any]:
    """Return a document of a walk on a board of ``side`` x ``side`` with five moves."""
    kinds = (
        ("s", "state", {"num_states": side * side}),
        ("o", "observation", {"num_observations": side * side}),
        ("a", "action", {"num_actions": len(MOVES), "labels": list(MOVES)}),
        ("A", "likelihood", {"matrix": {"kind": "identity"}}),
        ("B", "transition", {"matrix": {"kind": "grid", "rows": side, "cols": side}}),
    )
    ends = (("s", "A", "depends_on"), ("A", "o", "generates"), ("s", "B", "depends_on"), ("a", "B", "depends_on"))
    return {
        "name": f"board_{side}",
        "nodes": [{"id": name, "type": kind, "properties": properties} for name, kind, properties in kinds],
        "edges": [{"source": source, "target": target, "type": kind} for source, target, kind in ends],
    }


def misled(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document with mistakes that no schema sees: sums, names of nobody, places that are not there."""
    bad = copy.deepcopy(document)
    for at, node in enumerate(bad["nodes"]):
        if node["type"] == "belief":
            node["properties"] = {"state": 1000 + at}
    for at, edge in enumerate(bad["edges"]):
        if at % 5 == 4:
            edge["target"] = f"nobody_{at}"
    return bad


def broken(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document with a mistake of the schema in every fifth node: wrong types, sizes, kinds."""
    bad = copy.deepcopy(document)
    wrong = (
        {"num_states": 0},
        {"num_observations": "4"},
        {"labels": "left"},
        {"matrix": {"kind": "noisy_identity", "accuracy": 2}},
        {"matrix": 7},
        {"state": -1},
    )
    for at, node in enumerate(bad["nodes"]):
        if at % 5 == 0:
            node["properties"] = {**node["properties"], **wrong[at % EACH]}
    return bad
