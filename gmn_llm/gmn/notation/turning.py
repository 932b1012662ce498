"""Explicit arrays with one row for each state, turned to the axes of the document.

The document has the outcome first: a likelihood is (outcomes, states...), a transition (next states,
states..., choices...). FreeAgentics' prompts and its list form have the outcome last: (states..., outcomes)
and (choices..., states..., next states).
"""

from __future__ import annotations

from enum import Enum
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from gmn_llm.findings import quote
from gmn_llm.gmn.notation.fields import kind_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gmn_llm.gmn.notation.graph import Graph

__all__ = ["Turned", "turn_likelihood", "turn_matrices", "turn_transition"]

NEAR_ONE = 0.0101  # what a document may be off and still be rescaled
COUNTS = {"state": "num_states", "observation": "num_observations", "action": "num_actions"}


class Turned(Enum):
    """What became of an array."""

    AS_WRITTEN = "as written"
    TURNED = "turned"
    EITHER = "fits both ways, and the two differ"


def turn_likelihood(matrix: object, num_observations: int, state_sizes: Sequence[int]) -> tuple[object, Turned]:
    """Turn a likelihood that fits only with one row for each state.

    Args:
        matrix: Nested lists of shape (num_observations, *state_sizes), or (*state_sizes, num_observations).
        num_observations: Outcomes of the modality.
        state_sizes: States of each parent, in the order of the edges.

    Returns:
        The nested lists of shape (num_observations, *state_sizes) and ``TURNED`` where the array fits only
        the other way, by its shape or, where the shape fits both ways, by its sums; else what was given: with
        ``EITHER`` where it fits both ways and the two differ. What is no array of numbers is left alone.
    """
    last_first = (len(state_sizes), *range(len(state_sizes)))
    return _turn(matrix, (num_observations, *state_sizes), last_first)


def turn_transition(
    matrix: object, num_states: int, state_sizes: Sequence[int], action_sizes: Sequence[int]
) -> tuple[object, Turned]:
    """Turn a transition that fits only with one row for each state.

    Args:
        matrix: Nested lists of shape (num_states, *state_sizes, *action_sizes), or (*action_sizes,
            *state_sizes, num_states), or (*state_sizes, num_states, *action_sizes). Without an action, a last, or
            first, axis of size 1 may be there.
        num_states: States of the factor it drives.
        state_sizes: States of each parent, the factor among them, in the order of the edges.
        action_sizes: Choices of each action, in the order of the edges.

    Returns:
        As ``turn_likelihood``, with the axes (next state, states, actions).
    """
    states, actions = len(state_sizes), len(action_sizes)
    if not actions and _depth(matrix) == states + 2:
        action_sizes, actions = (1,), 1
    ends_swapped = (actions + states, *range(actions, actions + states), *range(actions))
    # Rows of next states for each state, and the action last, as people write who think of one matrix an action.
    next_after_states = (states, *range(states), *range(states + 1, states + 1 + actions))
    return _turn(matrix, (num_states, *state_sizes, *action_sizes), ends_swapped, next_after_states)


def turn_matrices(graph: Graph) -> None:
    """Turn the explicit likelihoods and transitions of a graph, with a ``transposed`` warning for each."""
    nodes = {str(node["id"]): (str(node["type"]).lower(), graph.properties[k]) for k, node in enumerate(graph.nodes)}
    parents: dict[str, list[str]] = {}
    children: dict[str, list[str]] = {}
    for edge in graph.edges:
        if edge["type"] == "depends_on":
            parents.setdefault(str(edge["target"]), []).append(str(edge["source"]))
        elif edge["type"] == "generates":
            children.setdefault(str(edge["source"]), []).append(str(edge["target"]))
    for index, (node, properties) in enumerate(zip(graph.nodes, graph.properties, strict=True)):
        if not isinstance(properties.get("matrix"), list):
            continue
        node_id, kind = str(node["id"]), kind_of(str(node["type"]))
        around = {"parents": parents.get(node_id, []), "children": children.get(node_id, [])}
        turned = _turned(kind, properties, around, nodes)
        if turned is not None:
            properties["matrix"] = turned[0]
            _tell(graph, index, node_id, turned[1])


def _turned(
    kind: str,
    properties: dict[str, object],
    around: dict[str, list[str]],
    nodes: dict[str, tuple[str, dict[str, object]]],
) -> tuple[object, Turned] | None:
    states = [name for name in around["parents"] if name in nodes and nodes[name][0] == "state"]
    state_sizes = _sizes(states, nodes)
    if state_sizes is None or not states:
        return None
    if kind == "likelihood" and len(around["children"]) == 1:
        outcomes = _sizes(around["children"], nodes)
        return turn_likelihood(properties["matrix"], outcomes[0], state_sizes) if outcomes else None
    if kind == "transition":
        driven = properties.get("factor", states[0])
        actions = _sizes([name for name in around["parents"] if name in nodes and nodes[name][0] == "action"], nodes)
        if driven in states and actions is not None:
            size = state_sizes[states.index(str(driven))]
            return turn_transition(properties["matrix"], size, state_sizes, actions)
    return None


def _sizes(names: list[str], nodes: dict[str, tuple[str, dict[str, object]]]) -> list[int] | None:
    """Return the sizes of nodes, or None where one is not known."""
    sizes = []
    for name in names:
        kind, properties = nodes.get(name, ("", {}))
        size = properties.get(COUNTS.get(kind, ""))
        if isinstance(size, bool) or not isinstance(size, int) or size < 1:
            return None
        sizes.append(size)
    return sizes


def _tell(graph: Graph, index: int, node_id: str, turned: Turned) -> None:
    path = f"/nodes/{index}/properties/matrix"
    if turned is Turned.TURNED:
        message = f"the matrix of {quote(node_id)} has one row for each state and was turned"
        hint = "write one row for each outcome: the columns over the first axis sum to 1"
    elif turned is Turned.EITHER:
        message = f"the matrix of {quote(node_id)} fits as written and turned, which differ; it was not turned"
        hint = "the first axis is the outcome, or the next state"
    else:
        return
    graph.note("transposed", path, message, hint, graph.place_of(path))


def _turn(matrix: object, shape: tuple[int, ...], *orders: tuple[int, ...]) -> tuple[object, Turned]:
    """Bring an array with its axes in another order to ``shape``; each of ``orders`` says where the axes come from.

    The first order is the one that prompts teach, and only that one can leave a doubt about what fits as written.
    """
    array = _numbers(matrix, len(shape))
    if array is None or array.size != prod(shape):
        return matrix, Turned.AS_WRITTEN
    fits = array.shape == shape
    fitting = [axes for axes in dict.fromkeys(orders) if array.transpose(axes).shape == shape]
    if not fitting:
        return matrix, Turned.AS_WRITTEN
    if fits or len(fitting) > 1:
        fits = fits and _sums(array)
        fitting = [axes for axes in fitting if _sums(array.transpose(axes))]
    if fits:
        differ = orders[0] in fitting and not np.array_equal(array, array.transpose(orders[0]))
        return matrix, Turned.EITHER if differ else Turned.AS_WRITTEN
    ways = {array.transpose(axes).tobytes(): axes for axes in fitting}
    if len(ways) != 1:
        return matrix, Turned.AS_WRITTEN
    # Of objects, so that each number stays the one that was written.
    return np.array(matrix, dtype=object).transpose(*ways.values()).tolist(), Turned.TURNED


def _numbers(matrix: object, depth: int) -> NDArray[np.float64] | None:
    if not isinstance(matrix, list) or _depth(matrix) != depth:
        return None
    try:
        array = np.array(matrix)
    except ValueError:  # rows of different lengths
        return None
    return array.astype(float) if array.dtype.kind in "iuf" and array.ndim == depth else None


def _depth(matrix: object) -> int:
    depth = 0
    while isinstance(matrix, list) and matrix:
        matrix = matrix[0]
        depth += 1
    return depth


def _sums(array: NDArray[np.float64]) -> bool:
    """Tell whether an array is a distribution over its first axis."""
    return bool(np.all(array >= 0) and np.all(np.abs(array.sum(axis=0) - 1) <= NEAR_ONE))
