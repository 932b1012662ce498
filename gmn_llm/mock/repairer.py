"""A valid document in the place of a broken one: designed from its description and what can still be read of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gmn_llm.mock.designer import design

__all__ = ["repair"]

_COUNTS: Final = {"state": "num_states", "observation": "num_observations", "action": "num_actions"}


def repair(
    document: Mapping[str, object],
    *,
    description: str = "",
    agent_type: str = "general",
    constraints: Mapping[str, object] | None = None,
) -> dict[str, object]:
    """Return a valid document that keeps the name, the description and the sizes of ``document``.

    Args:
        document: A document, or a part of one, with findings against it.
        description: What it was to be; without one its name and its own description are read.
        agent_type: The kind of agent.
        constraints: What it has to meet; they win over the sizes.

    Returns:
        A document designed afresh from the description and the counts that are there.
    """
    words = [value for value in (document.get("name"), document.get("description")) if isinstance(value, str)]
    told = description.strip() or ". ".join(word.replace("_", " ") for word in words) or "agent"
    repaired = design(told, agent_type=agent_type, constraints={**_counts(document), **(constraints or {})})
    name = document.get("name")
    if isinstance(name, str) and name.strip():
        repaired["name"] = name
    said = repaired["metadata"]
    made = "The document could not be used as it was: it was designed afresh from its description and sizes."
    repaired["metadata"] = {**(said if isinstance(said, dict) else {}), "assumptions": [made]}
    return repaired


def _counts(document: Mapping[str, object]) -> dict[str, object]:
    """Return the sizes that the nodes still tell, as constraints."""
    totals: dict[str, object] = {}
    labels: list[str] = []
    nodes = document.get("nodes")
    for node in nodes if isinstance(nodes, list) else ():
        if not isinstance(node, Mapping) or node.get("type") not in _COUNTS:
            continue
        properties = node.get("properties")
        known = properties if isinstance(properties, Mapping) else node
        key = _COUNTS[str(node["type"])]
        count = known.get(key)
        if isinstance(count, int) and not isinstance(count, bool) and 0 < count <= 10_000:
            earlier = totals.get(key)
            totals[key] = count + (earlier if isinstance(earlier, int) else 0)
        named = known.get("labels")
        if node["type"] == "action" and isinstance(named, list):
            labels.extend(label for label in named if isinstance(label, str) and label)
    if labels and len(set(labels)) == len(labels) and totals.get("num_actions") in {None, len(labels)}:
        totals["actions"] = labels
    return totals
