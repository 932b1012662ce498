"""Expectations on a document, as the rows of ``designer_prompts.json`` write them, checked without the package."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

__all__ = ["misses"]

Document = Mapping[str, Any]


def misses(document: Document, expect: Mapping[str, Any]) -> list[str]:
    """Return a line for each expectation that ``document`` does not meet."""
    unknown = sorted(set(expect) - set(_FOUND) - set(_HOLDS))
    lines = [f"no such expectation: {name}" for name in unknown]
    for name, wanted in expect.items():
        if name in _FOUND and _FOUND[name](document) != wanted:
            lines.append(f"{name}: {_FOUND[name](document)!r}, expected {wanted!r}")
        if name in _HOLDS and not _HOLDS[name](document, wanted):
            lines.append(f"{name}: not {wanted!r}")
    return lines


def _nodes(document: Document, kind: str) -> list[dict[str, Any]]:
    return [node for node in document["nodes"] if node["type"] == kind]


def _sizes(document: Document, kind: str, key: str) -> list[int]:
    return sorted(node["properties"][key] for node in _nodes(document, kind))


def _matrices(document: Document, kind: str) -> Iterator[dict[str, Any]]:
    for node in _nodes(document, kind):
        yield node["properties"]["matrix"]


def _grid(document: Document, key: str) -> Any:
    return next((matrix.get(key) for matrix in _matrices(document, "transition") if matrix["kind"] == "grid"), None)


def _extreme(document: Document, choose: Callable[..., float]) -> object:
    """Return the label or index with the highest or lowest preference, of the first node that has one."""
    for node in _nodes(document, "preference"):
        properties = node["properties"]
        if "preferred_observation" in properties:
            return properties["preferred_observation"]
        if "vector" in properties:
            return properties["vector"].index(choose(properties["vector"]))
        values = properties["values"]
        return choose(values, key=values.get)
    return None


def _start(document: Document) -> object:
    return _nodes(document, "belief")[0]["properties"].get("state")


def _uncontrolled(document: Document) -> list[str]:
    acted = {node["id"] for node in _nodes(document, "action")}
    driven = {edge["target"] for edge in document["edges"] if edge["source"] in acted}
    return [
        node["id"].removesuffix("_transition") for node in _nodes(document, "transition") if node["id"] not in driven
    ]


def _accuracy(document: Document) -> float:
    matrix = next(_matrices(document, "likelihood"))
    return 1.0 if matrix["kind"] == "identity" else matrix["accuracy"]


def _policy(document: Document, key: str) -> object:
    return _nodes(document, "policy")[0]["properties"].get(key)


def _lost(document: Document) -> bool:
    vector = _nodes(document, "belief")[0]["properties"].get("vector", [1, 0])
    return max(vector) - min(vector) < 1e-9


_FOUND: dict[str, Callable[[Document], object]] = {
    "states": lambda document: _sizes(document, "state", "num_states"),
    "observations": lambda document: _sizes(document, "observation", "num_observations"),
    "actions": lambda document: _nodes(document, "action")[0]["properties"]["labels"],
    "actions_count": lambda document: _nodes(document, "action")[0]["properties"]["num_actions"],
    "grid": lambda document: [_grid(document, "rows"), _grid(document, "cols")],
    "walls": lambda document: _grid(document, "walls"),
    "wrap": lambda document: _grid(document, "wrap"),
    "slip": lambda document: _grid(document, "slip"),
    "best": lambda document: _extreme(document, max),
    "worst": lambda document: _extreme(document, min),
    "start": _start,
    "lost": _lost,
    "uncontrolled": _uncontrolled,
    "accuracy": _accuracy,
    "info_gain": lambda document: _policy(document, "use_states_info_gain"),
    "policy_len": lambda document: _policy(document, "policy_len"),
    "preferences": lambda document: len(_nodes(document, "preference")),
    "clear": lambda document: not {"unread", "assumptions", "constraint_won"} & set(document["metadata"]),
    "assumed": lambda document: bool(document["metadata"].get("assumptions")),
    "won": lambda document: bool(document["metadata"].get("constraint_won")),
    "unread": lambda document: document["metadata"].get("unread"),
}
_HOLDS: dict[str, Callable[[Document, Any], bool]] = {
    "max_states": lambda document, most: sum(_sizes(document, "state", "num_states")) <= most,
    "max_actions": lambda document, most: sum(_sizes(document, "action", "num_actions")) <= most,
    "state_ids": lambda document, ids: set(ids) <= {node["id"] for node in _nodes(document, "state")},
    "transition_kinds": lambda document, kinds: [m["kind"] for m in _matrices(document, "transition")] == kinds,
}
