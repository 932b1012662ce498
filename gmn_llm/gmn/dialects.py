"""Relatives of the canonical document, turned into it: other key names, flat nodes, types in capitals, the list form.

Each change is told by a warning; what is not known stays where it was, for the schema to judge.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gmn_llm.findings import Finding
from gmn_llm.gmn.list_form import COUNTS, from_lists, is_list_form
from gmn_llm.gmn.schema import NODE_TYPES, known_properties
from gmn_llm.gmn.words import listed, named, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["COUNTS", "canonical", "whole_sizes"]

NODE_KEYS = frozenset({"id", "type", "properties", "metadata"})
EDGE_KEYS = frozenset({"source", "target", "type", "properties", "metadata"})
RENAMED = {
    "distribution": ("vector", ("preference", "belief")),
    "state_names": ("labels", ("state",)),
    "observation_names": ("labels", ("observation",)),
    "action_names": ("labels", ("action",)),
    "planning_horizon": ("policy_len", ("policy",)),
}
ALIASES = frozenset({*RENAMED, "size"})
TYPES = {**{node_type: node_type for node_type in NODE_TYPES}, "emission": "likelihood"}
ENDS = {"from": "source", "to": "target"}


def canonical(document: Mapping[str, object]) -> tuple[dict[str, object], list[Finding]]:
    """Return the document with canonical keys, and an ``alias`` warning for each place that was changed.

    Only dictionaries are looked into; anything of another shape is left for the schema to judge.
    """
    if is_list_form(document):
        return from_lists(document)
    found: list[Finding] = []
    result = dict(document)
    nodes, edges = document.get("nodes"), document.get("edges")
    if isinstance(nodes, list):
        result["nodes"] = [_node(node, f"/nodes/{k}", found) for k, node in enumerate(nodes)]
    if isinstance(edges, list):
        result["edges"] = [_edge(edge, f"/edges/{k}", found) for k, edge in enumerate(edges)]
    return result, found


def whole_sizes(document: Mapping[str, object]) -> dict[str, object]:
    """Return a document that meets the schema with sizes such as 25.0 written as 25."""
    nodes = document.get("nodes")
    return {**document, "nodes": [_whole(node) for node in nodes]} if isinstance(nodes, list) else dict(document)


def _node(node: object, path: str, found: list[Finding]) -> object:
    if not isinstance(node, dict) or _is_canonical(node):
        return _whole(node)
    changes: list[str] = []
    result = dict(node)
    if "name" in result and "id" not in result:
        result = {"id": result.pop("name"), **result}
        changes.append("'name' is 'id'")
    given = result.get("type")
    node_type = TYPES.get(given.lower()) if isinstance(given, str) else None
    if node_type is not None:
        if given != node_type:
            result["type"] = node_type
            changes.append(f"type {named(given)} is '{node_type}'")
        _gather(result, node_type, changes)
        if isinstance(result.get("properties"), dict):
            result["properties"] = _renamed(result["properties"], node_type, changes)
    if changes:
        message = f"node {named(result.get('id', ''))}: {'; '.join(changes)}"
        found.append(Finding("alias", path, message, "write the canonical form"))
    return _whole(result)


def _is_canonical(node: Mapping[str, object]) -> bool:
    """Whether a node is plainly in the canonical form, so that nothing in it has to be looked at twice."""
    properties = node.get("properties")
    return (
        NODE_KEYS.issuperset(node)
        and "id" in node
        and node.get("type") in NODE_TYPES
        and isinstance(properties, dict)
        and ALIASES.isdisjoint(properties)
    )


def _gather(node: dict[str, object], node_type: str, changes: list[str]) -> None:
    """Move properties that stand beside the id into ``properties``; one that is there already stays for the schema."""
    properties = node.get("properties", {})
    if not isinstance(properties, dict):
        return
    flat = [key for key in node if key not in NODE_KEYS and key not in properties and _is_property(key, node_type)]
    if flat:
        node["properties"] = {**{key: node.pop(key) for key in flat}, **properties}
        changes.append(f"{listed(flat)} beside the id belongs into 'properties'")


def _is_property(key: str, node_type: str) -> bool:
    return key in known_properties(node_type) or _canonical_name(key, node_type) != key


def _canonical_name(key: str, node_type: str) -> str:
    if key == "size":
        return COUNTS.get(node_type, key)
    name, types = RENAMED.get(key, (key, ()))
    return name if node_type in types else key


def _renamed(given: Mapping[str, object], node_type: str, changes: list[str]) -> dict[str, object]:
    result: dict[str, object] = {}
    for key, value in given.items():
        name = _canonical_name(key, node_type)
        if name != key and name not in given and name not in result:
            changes.append(f"'{key}' is '{name}'")
            result[name] = value
        else:
            result[key] = value
    return result


def _whole(node: object) -> object:
    """Write a size such as 25.0, which JSON Schema takes for an integer, as 25."""
    if not isinstance(node, dict):
        return node
    node_type, properties = node.get("type"), node.get("properties")
    count = COUNTS.get(node_type) if isinstance(node_type, str) else None
    if count is None or not isinstance(properties, dict):
        return node
    size = properties.get(count)
    if isinstance(size, float) and size.is_integer():
        return {**node, "properties": {**properties, count: int(size)}}
    return node


def _edge(edge: object, path: str, found: list[Finding]) -> object:
    if not isinstance(edge, dict):
        return edge
    edge_type = edge.get("type")
    capitals = isinstance(edge_type, str) and edge_type != edge_type.lower()
    if EDGE_KEYS.issuperset(edge) and not capitals:
        return edge
    changes = [f"'{key}' is '{name}'" for key, name in ENDS.items() if key in edge and name not in edge]
    result = {ENDS[key] if key in ENDS and ENDS[key] not in edge else key: value for key, value in edge.items()}
    if isinstance(edge_type, str) and capitals:
        changes.append(f"type {named(edge_type)} is {named(edge_type.lower())}")
        result["type"] = edge_type.lower()
    if changes:
        ends = f"{shown(result.get('source'))} -> {shown(result.get('target'))}"
        found.append(Finding("alias", path, f"edge {ends}: {'; '.join(changes)}", "write the canonical form"))
    return result
