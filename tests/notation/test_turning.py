from __future__ import annotations

import numpy as np
import pytest

from gmn_llm import GMNSpec
from gmn_llm.gmn.notation import Turned, parse_brace, turn_likelihood, turn_transition

ROWS = [[0.7, 0.2, 0.1], [0, 0, 1]]  # two states, three outcomes
COLUMNS = [[0.7, 0], [0.2, 0], [0.1, 1]]


def test_a_likelihood_by_its_shape() -> None:
    """One row for each state is turned where the shape fits only so; the numbers stay as written."""
    turned, how = turn_likelihood(ROWS, 3, [2])
    assert (turned, how) == (COLUMNS, Turned.TURNED)
    assert isinstance(turned[1][1], int)  # type: ignore[index]
    assert turn_likelihood(COLUMNS, 3, [2]) == (COLUMNS, Turned.AS_WRITTEN)


def test_a_square_likelihood_by_its_sums() -> None:
    """A square array is turned where only its rows sum to 1, and taken as written where neither does."""
    rows, columns = [[0.9, 0.1], [0.3, 0.7]], [[0.9, 0.3], [0.1, 0.7]]
    assert turn_likelihood(rows, 2, [2]) == (columns, Turned.TURNED)
    assert turn_likelihood(columns, 2, [2]) == (columns, Turned.AS_WRITTEN)
    assert turn_likelihood([[1, 1], [1, 1]], 2, [2])[1] is Turned.AS_WRITTEN


def test_rounded_sums_fit() -> None:
    """Sums within 0.0101 of 1 count as distributions, as everywhere."""
    rows = [[0.33, 0.33, 0.33], [1, 0, 0], [0, 1, 0]]
    assert turn_likelihood(rows, 3, [3])[1] is Turned.TURNED


def test_what_fits_both_ways() -> None:
    """An array that fits both ways is taken as written, and told where turning would change it."""
    cycle = [[0, 1, 0], [0, 0, 1], [1, 0, 0]]
    assert turn_likelihood(cycle, 3, [3]) == (cycle, Turned.EITHER)
    assert turn_likelihood([[0.9, 0.1], [0.1, 0.9]], 2, [2])[1] is Turned.AS_WRITTEN


def test_several_parents() -> None:
    """With several parents the outcome comes last in rows, first in the document."""
    columns = np.random.default_rng(0).dirichlet([1, 1, 1], size=(2, 4)).transpose(2, 0, 1)
    turned, how = turn_likelihood(columns.transpose(1, 2, 0).tolist(), 3, [2, 4])
    assert how is Turned.TURNED
    assert np.array_equal(turned, columns)  # type: ignore[arg-type]


@pytest.mark.parametrize(("states", "actions"), [([3], [2]), ([3, 2], [4]), ([3], [2, 4]), ([3], [])])
def test_transitions(states: list[int], actions: list[int]) -> None:
    """A transition with the actions first and the next state last is turned, whatever its parents."""
    rows = np.random.default_rng(1).dirichlet([1, 1, 1], size=(*actions, *states))
    turned, how = turn_transition(rows.tolist(), 3, states, actions)
    assert how is Turned.TURNED
    order = [*range(len(actions), len(actions) + len(states)), *range(len(actions))]
    assert np.array_equal(turned, np.moveaxis(rows, -1, 0).transpose(0, *(axis + 1 for axis in order)))  # type: ignore[arg-type]
    assert turn_transition(turned, 3, states, actions)[1] is Turned.AS_WRITTEN


def test_a_transition_with_an_empty_action_axis() -> None:
    """Without an action, the axis of size 1 may be there, on either side."""
    rows = [[0.9, 0.1], [0.3, 0.7]]
    assert turn_transition([rows], 2, [2], []) == ([[[0.9], [0.3]], [[0.1], [0.7]]], Turned.TURNED)


@pytest.mark.parametrize(
    "matrix",
    ["grid", [[0.5], [1, 2]], [["a", "b"]], [], None, [[True, False], [False, True]], [[1, None], [0, 1]], 5],
)
def test_no_array_is_left_alone(matrix: object) -> None:
    """What is no array of numbers is returned as it is, for the checks to judge."""
    assert turn_likelihood(matrix, 2, [2]) == (matrix, Turned.AS_WRITTEN)


MODEL = """model m
node state s {{ size: 2 }}
node observation o {{ size: 3 }}
node action u {{ size: 2 }}
node emission A {{ from: s  to: o
  matrix: {likelihood} }}
node transition B {{ from: [s, u]  to: s  matrix: {transition} }}
"""


def test_in_a_document() -> None:
    """In the brace notation arrays by rows are turned, with a warning at the matrix for each."""
    moves = [[[1, 0], [1, 0]], [[0, 1], [0, 1]]]  # by action: all to the first, all to the second
    parsed = parse_brace(MODEL.format(likelihood=ROWS, transition=moves), default_name="x")
    matrices = [node["properties"].get("matrix") for node in parsed.document["nodes"]]  # type: ignore[attr-defined]
    assert matrices[3:] == [COLUMNS, [[[1, 0], [1, 0]], [[0, 1], [0, 1]]]]
    assert [(finding.code, finding.path, finding.line, finding.column) for finding in parsed.findings] == [
        ("transposed", "/nodes/3/properties/matrix", 6, 11)
    ]


def test_a_doubtful_array_is_told() -> None:
    """A transition that fits both ways and differs is taken as written, with a warning."""
    around = [[[int(end == (choice + 1) % 3) for choice in range(3)] for _ in range(3)] for end in range(3)]
    text = (
        "model m node state s { size: 3 } node action u { size: 3 }"
        f"node transition B {{ from: [s, u]  to: s  matrix: {around} }}"
    )
    parsed = parse_brace(text, default_name="x")
    assert parsed.document["nodes"][2]["properties"]["matrix"] == around  # type: ignore[index]
    assert [finding.code for finding in parsed.findings] == ["transposed"]


def test_unknown_sizes_turn_nothing() -> None:
    """Where a size is missing or a parent unknown, the array stays as it is."""
    text = (
        "model m\nnode state s {}\nnode observation o { size: 3 }\n"
        f"node emission A {{ from: s to: o matrix: {ROWS} }}"
    )
    assert parse_brace(text, default_name="x").document["nodes"][2]["properties"]["matrix"] == ROWS  # type: ignore[index]


def test_a_matrix_by_a_mere_text_stays() -> None:
    """A matrix given as a text stays that text, for the checks to report."""
    parsed = parse_brace(MODEL.format(likelihood='"deterministic_grid"', transition="random"), default_name="x")
    matrices = [node["properties"].get("matrix") for node in parsed.document["nodes"]]  # type: ignore[attr-defined]
    assert matrices[3:] == ["deterministic_grid", "random"]
    assert parsed.findings == ()


def test_one_matrix_for_each_action_behind_it_is_turned() -> None:
    """A transition written [state][next state][action], which fits in no other way, is turned and told."""
    text = (
        "node state s { size: 2 }\nnode observation o { size: 2 }\nnode action a { size: 2 }\n"
        "node transition T { from: [s, a] to: s matrix: [[[0.9, 1], [0.1, 0]], [[0.2, 0.5], [0.8, 0.5]]] }\n"
    )
    spec = GMNSpec.parse(text)
    [told] = [finding for finding in spec.findings() if finding.code == "transposed"]

    assert "was turned" in told.message
    assert spec.to_pymdp()["B"][0].tolist() == [[[0.9, 1.0], [0.2, 0.5]], [[0.1, 0.0], [0.8, 0.5]]]
