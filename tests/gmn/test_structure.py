"""Which array belongs to what: parents, factors and actions as edges, order and properties have them."""

from __future__ import annotations

import numpy as np
import pytest

from gmn_llm import validate_gmn
from tests.gmn.builders import Graph, arrays

RNG = np.random.default_rng(7)


def columns(*shape: int) -> np.ndarray:
    """A random array whose columns over axis 0 sum to 1."""
    array = RNG.random(shape)
    return array / array.sum(axis=0)


def two() -> Graph:
    """Factors x (2) and y (3), in this order."""
    return Graph().axes("state", x=2, y=3).axes("observation", o=4).axes("action", a=2, b=5)


def test_axes_follow_the_edges_and_are_turned_to_node_order() -> None:
    """A list is written in the order of the edges; expanded it stands in the order of the nodes."""
    a, b = columns(4, 3, 2), columns(3, 3, 2, 5, 2)
    graph = two().likelihood("A", "o", ["y", "x"], a.tolist()).transition("Bx", ["x"], {"kind": "identity"})
    graph.transition("By", ["b", "y", "a", "x"], b.tolist())
    spec = graph.spec
    assert np.allclose(arrays(spec, "A"), a.transpose(0, 2, 1), atol=1e-14)
    assert np.allclose(arrays(spec, "By"), b.transpose(0, 2, 1, 4, 3), atol=1e-14)
    assert spec.to_pymdp()["A_dependencies"] == [[0, 1]]
    assert spec.to_pymdp()["B_dependencies"] == [[0], [0, 1]]
    assert spec.to_pymdp()["B_action_dependencies"] == [[], [0, 1]]


def test_a_factor_left_out_of_its_parents_is_added_as_the_first() -> None:
    """A list without the factor's axis is spread along it; one that has it as the first parent is taken as it is."""
    short, full = columns(3, 2, 5), columns(3, 3, 2, 5)
    for given, expected in ((short, np.broadcast_to(short[:, None], full.shape)), (full, full)):
        graph = two().likelihood("A", "o", ["x"], {"kind": "uniform"}).transition("Bx", ["x", "a"], {"kind": "set"})
        spec = graph.transition("By", ["x", "b"], given.tolist(), factor="y").spec
        assert np.allclose(arrays(spec, "By"), expected.transpose(0, 2, 1, 3), atol=1e-14)
        assert spec.to_pymdp()["B_dependencies"] == [[0], [0, 1]]


def test_a_factor_left_out_of_an_uncontrolled_transition() -> None:
    """Without an action there is still the last axis of size 1."""
    short = columns(3, 2, 1)
    graph = two().likelihood("A", "o", ["x"], {"kind": "uniform"}).transition("Bx", ["x", "a"], {"kind": "set"})
    spec = graph.transition("By", ["x"], short.tolist(), factor="y").spec
    assert arrays(spec, "By").shape == (3, 2, 3, 1)


def test_the_driven_factor_is_the_one_that_is_named() -> None:
    """``properties.factor`` comes first."""
    graph = two().likelihood("A", "o", ["x"], {"kind": "uniform"})
    graph.transition("T1", ["x", "y"], {"kind": "uniform"}, factor="y").transition("T2", ["x", "y"], factor="x")
    structure = graph.spec.structure
    assert {f: part.id for f, part in structure.transitions.items()} == {1: "T1", 0: "T2"}


def test_the_driven_factor_is_the_one_that_is_updated() -> None:
    """Without a name it is the one that the ``updates`` edge points at, a parent or not."""
    graph = two().likelihood("A", "o", ["x"], {"kind": "uniform"})
    graph.transition("T1", ["x"], {"kind": "uniform"}).edge("T1", "y", "updates").transition("T2", ["x"])
    structure = graph.spec.structure
    assert {f: part.id for f, part in structure.transitions.items()} == {1: "T1", 0: "T2"}
    assert structure.transitions[1].added
    assert [edge for edge in graph.spec.expand().edges if edge.type == "updates"] == []


def test_the_driven_factor_is_the_only_state() -> None:
    """With one state among its parents it is that one, whatever the order."""
    graph = two().likelihood("A", "o", ["x"], {"kind": "uniform"}).transition("T1", ["y"]).transition("T2", ["x"])
    assert {f: part.id for f, part in graph.spec.structure.transitions.items()} == {1: "T1", 0: "T2"}


def test_the_driven_factor_is_the_state_at_the_same_place() -> None:
    """The k-th transition drives the k-th state if it is among its parents."""
    graph = two().likelihood("A", "o", ["x"], {"kind": "uniform"})
    graph.transition("T1", ["y", "x"]).transition("T2", ["x", "y"])
    assert {f: part.id for f, part in graph.spec.structure.transitions.items()} == {0: "T1", 1: "T2"}


def test_the_driven_factor_is_the_first_parent() -> None:
    """Else it is the first parent."""
    graph = Graph().axes("state", x=2, y=3, z=2).axes("observation", o=1).axes("action", a=2)
    graph.likelihood("A", "o", ["x"]).transition("T1", ["z", "y"]).transition("T2", ["y", "x"]).transition("T3", ["x"])
    assert {f: part.id for f, part in graph.spec.structure.transitions.items()} == {2: "T1", 1: "T2", 0: "T3"}


def test_one_action_drives_two_factors_and_two_drive_one() -> None:
    """What actions drive is said to pymdp where they and the factors do not pair off."""
    graph = two().likelihood("A", "o", ["x"], {"kind": "uniform"}).transition("Bx", ["x", "a"], {"kind": "set"})
    spec = graph.transition("By", ["y", "a", "b"], {"kind": "line", "action": "b"}).spec
    arguments = spec.to_pymdp()
    assert arguments["B_action_dependencies"] == [[0], [0, 1]]
    assert arguments["num_controls"] == [2, 5]
    assert [b.shape for b in arguments["B"]] == [(2, 2, 2), (3, 3, 2, 5)]


def test_actions_in_another_order_than_the_factors_keep_their_own() -> None:
    """Where the first action drives the second factor, policies still count the first action first."""
    graph = two().likelihood("A", "o", ["x"], {"kind": "uniform"}).transition("Bx", ["x", "b"], {"kind": "identity"})
    arguments = graph.transition("By", ["y", "a"], {"kind": "identity"}).spec.to_pymdp()
    assert arguments["B_action_dependencies"] == [[1], [0]]
    assert arguments["num_controls"] == [2, 5]


def test_an_uncontrolled_factor_has_one_choice() -> None:
    """A factor without an action has a last axis of size 1, and pymdp is told of one choice."""
    graph = two().likelihood("A", "o", ["x"], {"kind": "uniform"}).transition("Bx", ["x"], {"kind": "random_walk"})
    spec = graph.transition("By", ["y", "b"], {"kind": "identity"}).spec
    assert [b.shape for b in spec.to_pymdp()["B"]] == [(2, 2, 1), (3, 3, 5)]
    assert spec.to_pymdp()["num_controls"] == [1, 5]
    assert "B_action_dependencies" not in spec.to_pymdp()
    assert "'a' drives nothing" in spec.warnings[0]


@pytest.mark.parametrize("count", [31, 32])
def test_an_array_has_no_more_axes_than_numpy_can_hold(count: int) -> None:
    """More than 32 axes are told before any array is made, however small it would be."""
    names = [f"x{k}" for k in range(count)]
    graph = Graph().axes("state", **dict.fromkeys(names, 1)).axes("observation", o=1).axes("action", a=1)
    graph.likelihood("A", "o", names, {"kind": "uniform"}).transition("B", ["x0", "a"], {"kind": "identity"})
    codes = {finding.code for finding in validate_gmn(graph.document).errors}
    assert codes == (set() if count == 31 else {"size-limit"})
    if count == 31:
        assert graph.spec.expand().findings() == ()


def test_the_loop_that_is_told_is_a_loop() -> None:
    """Only the nodes of the loop are named, not those it leads to."""
    graph = two().likelihood("A", "o", ["x"]).transition("Bx", ["x", "a"]).edge("o", "x").edge("o", "y")
    cycle = next(finding for finding in validate_gmn(graph.document).findings if finding.code == "cycle")
    assert "'y'" not in cycle.message
    assert all(f"'{name}'" in cycle.message for name in ("x", "A", "o"))


def test_a_chain_of_many_edges_is_walked_without_recursion() -> None:
    """Thousands of edges that mean nothing are told one by one, with the loop they make."""
    graph = Graph().axes("state", **{f"x{k}": 2 for k in range(400)}).axes("observation", o=1).axes("action", a=1)
    for k in range(400):
        graph.edge(f"x{k}", f"x{(k + 1) % 400}")
    codes = [finding.code for finding in validate_gmn(graph.document).findings]
    assert codes.count("bad-edge") == 400
    assert codes.count("cycle") == 1
