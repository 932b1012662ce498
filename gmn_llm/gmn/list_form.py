"""FreeAgentics' list form: lists of names and arrays by rows, turned into a graph."""

from __future__ import annotations

from collections.abc import Mapping

from gmn_llm.findings import Finding
from gmn_llm.gmn.words import listed, named

__all__ = ["COUNTS", "from_lists", "is_list_form"]

COUNTS = {"state": "num_states", "observation": "num_observations", "action": "num_actions"}
LISTS = {"states": "state", "observations": "observation", "actions": "action"}
KEPT = ("name", "description", "version")
ARRAYS = ("A", "B", "C", "D")
EDGES = (
    ("state", "likelihood", "depends_on"),
    ("likelihood", "observation", "generates"),
    ("state", "transition", "depends_on"),
    ("action", "transition", "depends_on"),
)


def is_list_form(document: Mapping[str, object]) -> bool:
    """Return whether ``document`` has the three lists of names and no nodes."""
    return "nodes" not in document and all(isinstance(document.get(key), list) for key in LISTS)


def from_lists(document: Mapping[str, object]) -> tuple[dict[str, object], list[Finding]]:
    """Return the graph of one factor, one modality and one action, and the warnings about it.

    The arrays have one row for each state: A[state][outcome], B[action][state][next state]; one that fits only with
    the outcome, or the next state, first is taken as it is. C and D may be wrapped in one more list. What the notation
    has no place for goes into the metadata.
    """
    message = "the list form (states, observations, actions, parameters) was turned into a graph"
    found = [Finding("alias", "", message, "write nodes and edges")]
    parameters = document.get("parameters")
    arrays: Mapping[str, object] = parameters if isinstance(parameters, Mapping) else {}
    likelihood, transition, either = _turned(document, arrays)
    turned = [name for name, array in (("A", likelihood), ("B", transition)) if array is not arrays.get(name)]
    if turned:
        which = f"{' and '.join(turned)} of the list form"
        said = (
            "have one row for each state and were turned" if turned[1:] else "has one row for each state and was turned"
        )
        message = f"{which} {said}"
        if either:
            message += f"; {' and '.join(either)} would fit as written too, which is another model"
        found.append(Finding("transposed", "/parameters", message, "in the graph the columns over axis 0 sum to 1"))
    nodes = [_axis(node_type, document[key]) for key, node_type in LISTS.items()]
    nodes.append(_array("likelihood", "matrix", likelihood))
    nodes.append(_array("transition", "matrix", transition))
    edges = [_edge(*ends) for ends in EDGES]
    for name, node_type, about in (("C", "preference", "observation"), ("D", "belief", "state")):
        if arrays.get(name) is not None:
            nodes.append(_array(node_type, "vector", _unwrapped(arrays[name])))
            edges.append(_edge(node_type, about, "depends_on"))
    result = {key: document[key] for key in KEPT if key in document}
    result |= {"nodes": nodes, "edges": edges, **_metadata(document, arrays, found)}
    return result, found


def _turned(document: Mapping[str, object], arrays: Mapping[str, object]) -> tuple[object, object, list[str]]:
    """Return A and B turned, and which fit both ways; one that would have to be turned back stays what it is."""
    likelihood, transition = arrays.get("A"), arrays.get("B")
    if not isinstance(likelihood, list) and not isinstance(transition, list):
        return likelihood, transition, []
    from gmn_llm.gmn.notation.turning import Turned, turn_likelihood, turn_transition  # loads NumPy

    states, observations, actions = (len(names) if isinstance(names := document[key], list) else 0 for key in LISTS)
    columns, per_action = _rows_to_columns(likelihood), _per_action(transition)
    columns, how_a = turn_likelihood(columns, observations, (states,))
    per_action, how_b = turn_transition(per_action, states, (states,), (actions,))
    either = [name for name, how in (("A", how_a), ("B", how_b)) if how is Turned.EITHER]
    # What was turned back is what was given.
    return (
        likelihood if columns == likelihood else columns,
        transition if per_action == transition else per_action,
        either,
    )


def _axis(node_type: str, names: object) -> dict[str, object]:
    size = len(names) if isinstance(names, list) else 0
    return {"id": node_type, "type": node_type, "properties": {COUNTS[node_type]: size, "labels": names}}


def _array(node_type: str, key: str, value: object) -> dict[str, object]:
    return {"id": node_type, "type": node_type, "properties": {} if value is None else {key: value}}


def _edge(source: str, target: str, edge_type: str) -> dict[str, object]:
    return {"source": source, "target": target, "type": edge_type}


def _metadata(document: Mapping[str, object], arrays: Mapping[str, object], found: list[Finding]) -> dict[str, object]:
    """Return the metadata with whatever else there is under ``list_form``."""
    rest = {key: value for key, value in document.items() if key not in {*KEPT, *LISTS, "parameters", "metadata"}}
    more = {key: value for key, value in arrays.items() if key not in ARRAYS}
    if more or (not isinstance(document.get("parameters", {}), Mapping)):
        rest["parameters"] = more or document["parameters"]
    given = document.get("metadata", {})
    if rest and isinstance(given, Mapping):
        key = "list_form"
        while key in given:
            key += "_"
        message = f"{listed(rest)} of the list form is kept in the metadata, under {named(key)}"
        found.append(Finding("unknown-property", "/metadata", message, "the graph has no place for it"))
        return {"metadata": {**given, key: rest}}
    return {"metadata": given} if "metadata" in document else {}


def _unwrapped(vector: object) -> object:
    if isinstance(vector, list) and len(vector) == 1 and isinstance(vector[0], list):
        return vector[0]
    return vector


def _is_table(value: object) -> bool:
    return (
        isinstance(value, list)
        and all(isinstance(row, list) for row in value)
        and len({len(row) for row in value}) == 1
    )


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
