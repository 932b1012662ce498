"""Matrices by name against constructions of their own, written from what the notation says of each."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from gmn_llm.gmn import GMNSpec
from tests.gmn.builders import Array, Graph, arrays, moving, seeing

BOARD = {
    "up": (-1, 0), "down": (1, 0), "left": (0, -1), "right": (0, 1), "stay": (0, 0),
    "north": (-1, 0), "south": (1, 0), "west": (0, -1), "east": (0, 1),
    "northeast": (-1, 1), "northwest": (-1, -1), "southeast": (1, 1), "southwest": (1, -1),
    "ne": (-1, 1), "nw": (-1, -1), "se": (1, 1), "sw": (1, -1),
}  # fmt: skip
STEPS = {
    "previous": -1, "left": -1, "down": -1, "back": -1, "west": -1,
    "next": 1, "right": 1, "up": 1, "forward": 1, "east": 1,
}  # fmt: skip


def board(rows: int, cols: int, moves: list[tuple[int, int]], **more: object) -> Array:
    """B of a walk on a board, one cell and one move at a time."""
    walls = [tuple(wall) for wall in more.get("walls", [])]  # type: ignore[attr-defined]  # a list of pairs
    slip = float(more.get("slip", 0.0))  # type: ignore[arg-type]  # a number
    result = np.zeros((rows * cols, rows * cols, len(moves)))
    for row, col, k in product(range(rows), range(cols), range(len(moves))):
        here, to = (row, col), (row + moves[k][0], col + moves[k][1])
        if more.get("wrap"):
            to = (to[0] % rows, to[1] % cols)
        on_board = 0 <= to[0] < rows and 0 <= to[1] < cols
        end = to if on_board and to not in walls and here not in walls else here
        result[end[0] * cols + end[1], row * cols + col, k] += 1.0 - slip
        result[row * cols + col, row * cols + col, k] += slip
    return result


def steps(size: int, moves: list[int], *, wrap: bool = False, slip: float = 0.0) -> Array:
    """B of steps on a line that stops at its ends, or on a ring."""
    result = np.zeros((size, size, len(moves)))
    for state, k in product(range(size), range(len(moves))):
        end = (state + moves[k]) % size if wrap else min(max(state + moves[k], 0), size - 1)
        result[end, state, k] += 1.0 - slip
        result[state, state, k] += slip
    return result


def sums_to_one(array: Array) -> bool:
    """Whether every column over axis 0 sums to 1 as closely as what is written has to."""
    return bool(np.all(np.abs(array.sum(axis=0) - 1.0) <= 1e-12))


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"slip": 0.25},
        {"wrap": True},
        {"walls": [[1, 1], [0, 2]]},
        {"walls": [[0, 0]], "wrap": True, "slip": 0.1},
        {"slip": 1},
    ],
    ids=str,
)
def test_a_grid_moves_by_the_labels_of_its_action(parameters: dict[str, object]) -> None:
    """A grid moves by each label that is known; slip, walls and wrap do what is said of them."""
    matrix = {"kind": "grid", "rows": 3, "cols": 4, **parameters}
    found = arrays(moving(matrix, 12, list(BOARD)).spec, "B")
    assert np.allclose(found, board(3, 4, list(BOARD.values()), **parameters), atol=1e-15, rtol=0)
    assert sums_to_one(found)


def test_a_grid_moves_as_it_is_told() -> None:
    """``moves`` stands in for the labels' own meaning, by label or by index, and may leap; what it leaves out stays."""
    matrix = {"kind": "grid", "rows": 3, "cols": 4, "moves": {"leap": [2, -1], "left": [0, 1]}}
    found = arrays(moving(matrix, 12, ["leap", "left", "up"]).spec, "B")
    assert np.array_equal(found, board(3, 4, [(2, -1), (0, 1), (0, 0)]))
    by_index = {"kind": "grid", "rows": 3, "cols": 4, "moves": {"0": [2, -1], "1": [0, 1]}}
    assert np.array_equal(arrays(moving(by_index, 12, 3).spec, "B"), found)


def test_a_label_left_out_of_moves_is_told() -> None:
    """A label that ``moves`` leaves out stays, with a warning; so does one that means no move; ``stay`` is neither."""
    matrix = {"kind": "grid", "rows": 1, "cols": 2, "moves": {"right": [0, 1]}}
    assert "'up'" in moving(matrix, 2, ["right", "up", "stay"]).spec.warnings[0]
    assert moving(matrix, 2, ["right", "stay"]).spec.warnings == ()
    named = moving({"kind": "grid", "rows": 1, "cols": 2}, 2, ["right", "dig", "sing"]).spec
    assert "'dig', 'sing'" in named.warnings[0]


@pytest.mark.parametrize("wrap", [False, True])
def test_a_move_of_any_length_is_a_move(wrap: bool) -> None:
    """A move longer than any board, or than a machine's integer, stays or wraps as a short one does."""
    far = 10**30 + 1
    matrix = {"kind": "grid", "rows": 3, "cols": 4, "wrap": wrap, "moves": {"a": [far, -far], "b": [-far, 0]}}
    found = arrays(moving(matrix, 12, ["a", "b"]).spec, "B")
    assert np.array_equal(found, board(3, 4, [(far, -far), (-far, 0)], wrap=wrap))


@pytest.mark.parametrize("slip", [0, 0.3])
@pytest.mark.parametrize("kind", ["line", "cycle"])
def test_line_and_cycle_step_by_the_labels_of_their_action(kind: str, slip: float) -> None:
    """Known labels step by one; any other stays; a line stops at its ends, a cycle wraps."""
    found = arrays(moving({"kind": kind, "slip": slip}, 4, [*STEPS, "wait"]).spec, "B")
    assert np.allclose(found, steps(4, [*STEPS.values(), 0], wrap=kind == "cycle", slip=slip), atol=1e-15, rtol=0)
    assert sums_to_one(found)


@pytest.mark.parametrize("kind", ["line", "cycle"])
def test_line_and_cycle_step_as_they_are_told(kind: str) -> None:
    """``moves`` has steps of any length; what it leaves out stays."""
    matrix = {"kind": kind, "moves": {"far": 7, "back": -2, "beyond": -(10**30)}}
    found = arrays(moving(matrix, 5, ["far", "back", "beyond", "left"]).spec, "B")
    assert np.array_equal(found, steps(5, [7, -2, -(10**30), 0], wrap=kind == "cycle"))


def test_a_single_cell_has_nowhere_to_go() -> None:
    """On a board, a line or a ring of one state everything stays."""
    for matrix in (
        {"kind": "grid", "rows": 1, "cols": 1, "wrap": True},
        {"kind": "line"},
        {"kind": "cycle", "slip": 0.5},
    ):
        assert np.array_equal(arrays(moving(matrix, 1, ["left", "right"]).spec, "B"), np.ones((1, 1, 2)))


@pytest.mark.parametrize("reliability", [None, 1, 0.75, 0])
def test_a_set_leads_to_the_state_of_its_choice(reliability: float | None) -> None:
    """Choice k leads to state k; where it fails, the state stays."""
    matrix = {"kind": "set"} if reliability is None else {"kind": "set", "reliability": reliability}
    share = 1.0 if reliability is None else reliability
    expected = np.zeros((3, 3, 3))
    for state, choice in product(range(3), range(3)):
        expected[choice, state, choice] += share
        expected[state, state, choice] += 1.0 - share
    assert np.allclose(arrays(moving(matrix, 3, 3).spec, "B"), expected, atol=1e-15, rtol=0)


@pytest.mark.parametrize(("size", "stay"), [(1, 0.2), (2, 0.2), (4, None), (4, 0), (5, 1)])
def test_a_random_walk_goes_to_its_neighbours(size: int, stay: float | None) -> None:
    """Half of the rest goes to each neighbour, at an end all to the one there is, with no regard to actions."""
    matrix = {"kind": "random_walk"} if stay is None else {"kind": "random_walk", "stay": stay}
    share = 0.5 if stay is None else stay
    expected = np.zeros((size, size, 2))
    for state in range(size):
        near = [other for other in (state - 1, state + 1) if 0 <= other < size]
        expected[state, state, :] = share if near else 1.0
        for other in near:
            expected[other, state, :] = (1.0 - share) / len(near)
    assert np.array_equal(arrays(moving(matrix, size, 2).spec, "B"), expected)


def test_identity_and_uniform_transitions_regard_nothing() -> None:
    """The driven factor stays, or goes anywhere, whatever the other parents and the actions."""
    for kind, square in (("identity", np.eye(3)), ("uniform", np.full((3, 3), 1 / 3))):
        graph = Graph().axes("state", other=2, s=3).axes("observation", o=1).axes("action", a=2, b=4)
        graph.likelihood("A", "o", ["s"], {"kind": "uniform"}).transition("B0", ["other"], {"kind": "identity"})
        graph.transition("B", ["other", "a", "s", "b"], {"kind": kind}, factor="s")
        expected = np.broadcast_to(square[:, None, :, None, None], (3, 2, 3, 2, 4))
        assert np.array_equal(arrays(graph.spec, "B"), expected)


def test_a_transition_by_name_looks_at_one_of_its_actions() -> None:
    """With several actions the one named moves; other parents and actions make no difference."""
    graph = Graph().axes("state", s=4, other=2).axes("observation", o=1).axes("action", a=3, b=["left", "right"])
    graph.likelihood("A", "o", ["s"], {"kind": "uniform"})
    graph.transition("B", ["other", "s", "a", "b"], {"kind": "line", "action": "b"}, factor="s")
    graph.transition("B2", ["other"], {"kind": "identity"})
    expected = np.broadcast_to(steps(4, [-1, 1])[:, :, None, None, :], (4, 4, 2, 3, 2))
    assert np.array_equal(arrays(graph.spec, "B"), expected)


@pytest.mark.parametrize("accuracy", [1, 0.9, 0.25, 0.01])
def test_a_noisy_identity_spreads_the_rest_evenly(accuracy: float) -> None:
    """The accuracy stands on the diagonal, the rest is spread over the others."""
    found = arrays(seeing({"kind": "noisy_identity", "accuracy": accuracy}, 5, s=5).spec, "A")
    expected = np.full((5, 5), (1 - accuracy) / 4) + np.eye(5) * (accuracy - (1 - accuracy) / 4)
    assert np.allclose(found, expected, atol=1e-15, rtol=0)
    assert sums_to_one(found)


@pytest.mark.parametrize(
    "form",
    [
        lambda kind: {"of": {"factor": "y", **kind}},
        lambda kind: {"kind": "of", "of": {"factor": "y", **kind}},
        lambda kind: {**kind, "factor": "y"},
    ],
    ids=["of", "kind-and-of", "factor"],
)
@pytest.mark.parametrize("kind", [{"kind": "identity"}, {"kind": "noisy_identity", "accuracy": 0.7}], ids=str)
def test_of_looks_at_one_parent_of_several(form: object, kind: dict[str, object]) -> None:
    """One parent is seen and the others make no difference, in each way to write it."""
    found = arrays(seeing(form(kind), 3, x=2, y=3, z=4).spec, "A")  # type: ignore[operator]  # a function
    alone = arrays(seeing(kind, 3, y=3).spec, "A")
    assert found.shape == (3, 2, 3, 4)
    assert np.array_equal(found, np.broadcast_to(alone[:, None, :, None], found.shape))


def test_a_uniform_likelihood_tells_nothing() -> None:
    """Every outcome is as likely in every state."""
    assert np.array_equal(arrays(seeing({"kind": "uniform"}, 4, x=2, y=3).spec, "A"), np.full((4, 2, 3), 0.25))


def test_labels_are_read_in_any_case() -> None:
    """``Move``, ``move`` and ``MOVE`` are one label to a grid, as are ``north-east`` and ``North East``."""
    matrix = {"kind": "grid", "rows": 2, "cols": 2}
    assert np.array_equal(
        arrays(moving(matrix, 4, ["Up", "North-East", "south west"]).spec, "B"),
        board(2, 2, [(-1, 0), (-1, 1), (1, -1)]),
    )


def test_columns_of_large_matrices_sum_to_one() -> None:
    """Thousands of rows do not wear the sums down."""
    for matrix in ({"kind": "noisy_identity", "accuracy": 0.3}, {"kind": "uniform"}):
        found = GMNSpec.parse(seeing(matrix, 2000, s=2000).document).to_pymdp()["A"][0]
        assert sums_to_one(found)
