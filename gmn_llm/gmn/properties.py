"""Properties that the notation does not know, and those that it knows but does not support."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from gmn_llm.findings import Finding, Severity
from gmn_llm.gmn.positions import escape
from gmn_llm.gmn.schema import NODE_TYPES, known_properties
from gmn_llm.gmn.words import named

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["check_properties", "near_misses"]

CLOSE = 2


def check_properties(document: Mapping[str, object]) -> Iterator[Finding]:
    """Yield what is to be said of the properties of ``document``, which need not meet the schema."""
    for path, node in _items(document, "nodes"):
        properties, node_type = node.get("properties"), node.get("type")
        if not isinstance(properties, dict) or node_type not in NODE_TYPES:
            continue
        if str(properties.get("type")).lower() == "continuous":
            message = f"node {named(node.get('id'))} is continuous"
            hint = "the notation is for discrete models: divide the range into steps"
            yield Finding("unsupported", f"{path}/properties/type", message, hint)
        known = known_properties(str(node_type))
        if not known.issuperset(properties):
            for key in properties:
                if key not in known:
                    yield _unknown(path, node.get("id"), str(key), str(node_type))
    for path, edge in _items(document, "edges"):
        properties = edge.get("properties")
        for key in properties if isinstance(properties, dict) else ():
            if key == "description":  # known everywhere
                continue
            message = (
                f"the edge {named(edge.get('source'))} -> {named(edge.get('target'))} has the property {named(key)}"
            )
            yield Finding(
                "unknown-property",
                f"{path}/properties/{escape(key)}",
                f"{message}, which means nothing here",
                "it is kept",
            )


def near_misses(document: Mapping[str, object]) -> Iterator[Finding]:
    """Yield the errors alone: names that are within two letters of a known one, and what is not supported."""
    return (finding for finding in check_properties(document) if finding.severity is Severity.ERROR)


def _items(document: Mapping[str, object], key: str) -> Iterator[tuple[str, Mapping[str, object]]]:
    items = document.get(key)
    for k, item in enumerate(items if isinstance(items, list) else ()):
        if isinstance(item, dict):
            yield f"/{key}/{k}", item


def _unknown(path: str, node: object, key: str, node_type: str) -> Finding:
    path = f"{path}/properties/{escape(key)}"
    close = _nearest(key, node_type)
    if close is not None:
        message = f"node {named(node)} has the property {named(key)}, which is not known"
        return Finding("schema", path, message, f"did you mean '{close}'?")
    message = f"node {named(node)} has the property {named(key)}, which means nothing here"
    return Finding("unknown-property", path, message, "it is kept; 'metadata' is the place for anything else")


def _nearest(key: str, node_type: str) -> str | None:
    """Return the known property within two letters of ``key``, if there is one."""
    letters = set(key)
    near = [
        (_distance(key, name), name)
        for name in _by_length(node_type, len(key))
        if len(letters.difference(name)) <= CLOSE and len(set(name).difference(letters)) <= CLOSE
    ]
    return min(near)[1] if near and min(near)[0] <= CLOSE else None


@cache
def _by_length(node_type: str, length: int) -> tuple[str, ...]:
    return tuple(sorted(name for name in known_properties(node_type) if abs(len(name) - length) <= CLOSE))


def _distance(one: str, other: str) -> int:
    """Return how many letters have to be added, left out or changed (Levenshtein)."""
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        before, row[0] = row[0], i
        for j, another in enumerate(other, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (letter != another))
    return row[-1]
