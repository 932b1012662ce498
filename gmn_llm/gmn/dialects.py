"""Relatives of the canonical document, turned into it: other key names, flat nodes, FreeAgentics' list form.

Each change is told by a warning; what is not known stays where it was, for the schema to judge.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from gmn_llm.findings import Finding, quote
from gmn_llm.gmn.schema import NODE_TYPES, known_properties

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["COUNTS", "canonical"]

COUNTS = {"state": "num_states", "observation": "num_observations", "action": "num_actions"}
NODE_KEYS = frozenset({"id", "type", "properties", "metadata"})
EDGE_KEYS = frozenset({"source", "target", "type", "properties", "metadata"})
ALIAS_PROPERTIES = {
    "distribution": ("vector", ("preference", "belief")),
    "state_names": ("labels", ("state",)),
    "observation_names": ("labels", ("observation",)),
    "action_names": ("labels", ("action",)),
    "planning_horizon": ("policy_len", ("policy",)),
}
ALIASES = frozenset({*ALIAS_PROPERTIES, "size"})
LISTS = {"states": "state", "observations": "observation", "actions": "action"}


def canonical(document: Mapping[str, object]) -> tuple[dict[str, object], list[Finding]]:
    """Return the document with canonical keys, and an ``alias`` warning for each place that was changed.

    Only mappings are looked into; anything of another shape is left for the schema to judge.
    """
    found: list[Finding] = []
    if "nodes" not in document and all(isinstance(document.get(key), list) for key in LISTS):
        return _from_lists(document)
    result = dict(document)
    nodes, edges = document.get("nodes"), document.get("edges")
    if isinstance(nodes, list):
        result["nodes"] = [_node(node, f"/nodes/{k}", found) for k, node in enumerate(nodes)]
    if isinstance(edges, list):
        result["edges"] = [_edge(edge, f"/edges/{k}", found) for k, edge in enumerate(edges)]
    return result, found


def _node(node: object, path: str, found: list[Finding]) -> object:
    if not isinstance(node, dict):
        return node
    node_type, properties = node.get("type"), node.get("properties")
    plain = node_type in COUNTS or node_type in NODE_TYPES if isinstance(node_type, str) else False
    if plain and NODE_KEYS.issuperset(node) and "id" in node and isinstance(properties, dict):
        if ALIASES.isdisjoint(properties):
            return _whole_sizes(node, str(node_type), properties)
    changes: list[str] = []
    result = dict(node)
    if "name" in result and "id" not in result:
        result = {"id": result.pop("name"), **result}
        changes.append("'name' is 'id'")
    if isinstance(node_type, str):
        result["type"] = node_type = _node_type(node_type, changes)
    if isinstance(node_type, str) and node_type in NODE_TYPES:
        flat = [key for key in result if key not in NODE_KEYS and _is_property(key, node_type)]
        if flat and isinstance(result.get("properties", {}), dict):
            result["properties"] = {**{key: result.pop(key) for key in flat}, **result.get("properties", {})}
            changes.append(f"{', '.join(quote(key) for key in flat)} beside the id belongs into 'properties'")
        if isinstance(result.get("properties"), dict):
            result["properties"] = _properties(result["properties"], node_type, changes)
            result = _whole_sizes(result, node_type, result["properties"])
    if changes:
        found.append(Finding("alias", path, f"node {quote(result.get('id', ''))}: {'; '.join(changes)}", "write the canonical form"))
    return result


def _node_type(given: str, changes: list[str]) -> str:
    known = {"emission": "likelihood"}
    canonical_type = known.get(given.lower(), given.lower())
    if canonical_type != given and canonical_type in NODE_TYPES:
        changes.append(f"type {quote(given)} is {canonical_type!r}")
        return canonical_type
    return given


def _is_property(key: str, node_type: str) -> bool:
    if key == "size":
        return node_type in COUNTS
    return key in known_properties(node_type) or node_type in ALIAS_PROPERTIES.get(key, ("", ()))[1]


def _properties(given: dict[str, object], node_type: str, changes: list[str]) -> dict[str, object]:
    result: dict[str, object] = {}
    for key, value in given.items():
        name = key
        if key == "size" and node_type in COUNTS:
            name = COUNTS[node_type]
        elif key in ALIAS_PROPERTIES and node_type in ALIAS_PROPERTIES[key][1]:
            name = ALIAS_PROPERTIES[key][0]
        if name != key and name not in given:
            changes.append(f"{key!r} is {name!r}")
            result[name] = value
        else:
            result[key] = value
    return result


def _whole_sizes(node: dict[str, object], node_type: str, properties: dict[str, object]) -> dict[str, object]:
    """Write a size such as 25.0, which JSON Schema takes for an integer, as 25."""
    count = COUNTS.get(node_type)
    size = properties.get(count) if count else None
    if isinstance(size, float) and size.is_integer():
        return {**node, "properties": {**properties, str(count): int(size)}}
    return node


def _edge(edge: object, path: str, found: list[Finding]) -> object:
    if not isinstance(edge, dict) or EDGE_KEYS.issuperset(edge):
        if isinstance(edge, dict) and isinstance(edge.get("type"), str) and edge["type"] != edge["type"].lower():
            found.append(Finding("alias", path, f"edge type {quote(edge['type'])} is {quote(edge['type'].lower())}", "write it small"))
            return {**edge, "type": edge["type"].lower()}
        return edge
    renamed = {"from": "source", "to": "target"}
    result = {renamed[key] if key in renamed and renamed[key] not in edge else key: value for key, value in edge.items()}
    if result.keys() != edge.keys():
        found.append(Finding("alias", path, "edge: 'from' and 'to' are 'source' and 'target'", "write the canonical form"))
    return result


def _from_lists(document: Mapping[str, object]) -> tuple[dict[str, object], list[Finding]]:
    """Read FreeAgentics' list form: names of one factor, one modality, one action, and arrays by rows."""
    found = [Finding("alias", "", "the list form (states, observations, actions, parameters) was turned into a graph", "write nodes and edges")]
    nodes: list[dict[str, object]] = []
    for key, node_type in LISTS.items():
        names = document[key]
        size = len(names) if isinstance(names, list) else 0
        nodes.append({"id": node_type, "type": node_type, "properties": {COUNTS[node_type]: size, "labels": names}})
    edges = [
        _depends("state", "likelihood"), {"source": "likelihood", "target": "observation", "type": "generates"},
        _depends("state", "transition"), _depends("action", "transition"),
    ]  # fmt: skip
    parameters = document.get("parameters")
    arrays: Mapping[str, object] = parameters if isinstance(parameters, Mapping) else {}
    nodes.append({"id": "likelihood", "type": "likelihood", "properties": _given("matrix", _rows_to_columns(arrays.get("A")))})
    nodes.append({"id": "transition", "type": "transition", "properties": _given("matrix", _per_action(arrays.get("B")))})
    if arrays.get("C") is not None:
        nodes.append({"id": "preference", "type": "preference", "properties": {"vector": _unwrapped(arrays["C"])}})
        edges.append(_depends("preference", "observation"))
    if arrays.get("D") is not None:
        nodes.append({"id": "belief", "type": "belief", "properties": {"vector": _unwrapped(arrays["D"])}})
        edges.append(_depends("belief", "state"))
    if arrays.get("A") is not None or arrays.get("B") is not None:
        found.append(Finding("transposed", "/parameters", "A and B of the list form have one row for each state and were turned", "columns sum to 1 in the graph"))
    result: dict[str, object] = {key: document[key] for key in ("name", "description", "version") if key in document}
    result |= {"nodes": nodes, "edges": edges}
    metadata = document.get("metadata", {})
    rest = {key: value for key, value in document.items() if key not in {*result, *LISTS, "parameters", "metadata"}}
    rest |= _given("parameters", {key: value for key, value in arrays.items() if key not in "ABCD"} or None)
    result["metadata"] = {**metadata, **rest} if isinstance(metadata, Mapping) else metadata
    found.extend(_kept(rest))
    return result, found


def _kept(rest: Mapping[str, object]) -> Iterator[Finding]:
    for key in rest:
        yield Finding("unknown-property", "/metadata", f"{quote(key)} of the list form was kept in 'metadata'")


def _depends(source: str, target: str) -> dict[str, object]:
    return {"source": source, "target": target, "type": "depends_on"}


def _given(key: str, value: object) -> dict[str, object]:
    return {} if value is None else {key: value}


def _unwrapped(vector: object) -> object:
    if isinstance(vector, list) and len(vector) == 1 and isinstance(vector[0], list):
        return vector[0]
    return vector


def _is_table(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(row, list) for row in value) and len({len(row) for row in value}) == 1


def _rows_to_columns(matrix: object) -> object:
    if isinstance(matrix, list) and _is_table(matrix):
        return [list(column) for column in zip(*matrix, strict=True)]
    return matrix


def _per_action(array: object) -> object:
    """Turn B[action][from][to] into B[to][from][action]; anything else is left for the checks."""
    if not isinstance(array, list) or not array or not all(_is_table(table) for table in array):
        return array
    if len({(len(table), len(table[0])) for table in array}) != 1:
        return array
    froms, tos = len(array[0]), len(array[0][0])
    return [[[table[start][end] for table in array] for start in range(froms)] for end in range(tos)]
