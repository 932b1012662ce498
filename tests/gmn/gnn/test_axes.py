"""The order of the axes in GNN files."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gmn_llm import GMNSpec, GMNValidationError, InputError
from gmn_llm.gmn.gnn.axes import ORDERS, choose
from gmn_llm.gmn.gnn.tuples import assignment
from tests.gmn.gnn.files import LAMP

Array = np.ndarray
RNG = np.random.default_rng(5)
# From the order of the pages to each other one.
TURNS: Mapping[str, Callable[[Array], Array]] = {
    "outcome-state": lambda a: a,
    "state-outcome": lambda a: a.T,
    "next-previous-action": lambda b: b,
    "previous-next-action": lambda b: b.transpose(1, 0, 2),
    "action-next-previous": lambda b: b.transpose(2, 0, 1),
    "action-previous-next": lambda b: b.transpose(2, 1, 0),
}


def columns(*shape: int) -> Array:
    """A random array whose columns over axis 0 sum to 1, and over no other axis."""
    array = RNG.random(shape) + 0.01
    return np.array(array / array.sum(axis=0))


def lamp(name: str, array: Array) -> str:
    """The lamp with other numbers for A or B."""
    start = LAMP.index(f"{name}={{")
    end = LAMP.index("C={" if name == "B" else "# the switch")
    sizes = ",".join(map(str, array.shape))
    text = LAMP[:start] + assignment(name, array) + "\n" + LAMP[end:]
    return text.replace(f"{name}[2,2{',2' * (name == 'B')},", f"{name}[{sizes},")


SEEN = np.array([[0.9, 0.2], [0.1, 0.8]])
MOVED = np.array([[[0.9, 0.3], [0.4, 0.6]], [[0.1, 0.7], [0.6, 0.4]]])


@pytest.mark.parametrize("order", ["outcome-state", "state-outcome", "next-previous-action", "action-previous-next"])
def test_the_one_order_that_fits_is_taken(order: str) -> None:
    """An array that is a distribution in one order alone is turned to that of the pages, with a warning if need be."""
    name, array = ("A", SEEN) if "outcome" in order else ("B", MOVED)
    spec = GMNSpec.from_gnn(lamp(name, TURNS[order](array))).valid()
    assert np.array_equal(spec.to_pymdp()[name][0], array)
    documented = order in ("outcome-state", "next-previous-action")
    assert [found.code for found in spec.findings()] == ([] if documented else ["transposed"])
    assert documented or order in spec.warnings[0]


@pytest.mark.parametrize("order", [order for order in TURNS if "outcome" not in order])
def test_sizes_can_decide_as_well(order: str) -> None:
    """With three states and two actions the shape leaves fewer orders; permutations of states stay ambiguous."""
    array = TURNS[order](columns(3, 3, 2))
    choice = choose(array, "B", ((3,), (3,), (2,)))
    assert choice.order == order
    assert choice.array is not None
    assert np.array_equal(TURNS[order](choice.array), array)


@pytest.mark.parametrize("order", ["previous-next-action", "action-next-previous"])
def test_more_than_one_order_is_refused(order: str) -> None:
    """With as many actions as states, a B that sums to 1 over its second axis can be either: an error with its line."""
    text = lamp("B", TURNS[order](MOVED))
    with pytest.raises(GMNValidationError) as caught:
        GMNSpec.from_gnn(text)
    (found,) = caught.value.findings
    assert found.code == "unsupported"
    assert found.line == text[: text.index("B={")].count("\n") + 1
    assert "previous-next-action and action-next-previous" in found.message
    assert "--axes B=" in found.hint
    decided = GMNSpec.from_gnn(text, axes={"B": order}).valid()
    assert np.array_equal(decided.to_pymdp()["B"][0], MOVED)


def test_moves_that_can_be_undone_are_refused() -> None:
    """A B of permutations that are not their own inverse is a distribution both ways, and the two differ."""
    right = np.eye(3)[[1, 2, 0]].T
    array = np.stack([right, right @ right, np.eye(3)], axis=-1)
    text = lamp("B", array).replace("s[2,", "s[3,").replace("D[2,type=float]", "").replace("D={(0.5, 0.5)}", "")
    text = text.replace("A[2,2,type=float]", "A[2,3,default=uniform]").replace("D>s", "")
    text = text[: text.index("A={")] + text[text.index("B={") :]
    with pytest.raises(GMNValidationError) as caught:
        GMNSpec.from_gnn(text)
    assert [found.code for found in caught.value.findings] == ["unsupported"]
    assert np.array_equal(GMNSpec.from_gnn(text, axes="documented").to_pymdp()["B"][0], array)


def test_orders_that_make_no_difference_are_no_ambiguity() -> None:
    """A symmetric A is the same in both orders."""
    array = np.array([[0.75, 0.25], [0.25, 0.75]])
    spec = GMNSpec.from_gnn(lamp("A", array)).valid()
    assert np.array_equal(spec.to_pymdp()["A"][0], array)
    assert spec.findings() == ()


def test_the_caller_can_decide() -> None:
    """An order by the variable's name or letter, or the pages' order for all, is taken without a look at the sums."""
    doubly = np.array([[0.7, 0.3], [0.3, 0.7]])
    array = np.stack([doubly, np.eye(2)[::-1]], axis=0)
    text = lamp("B", array)
    by_name = GMNSpec.from_gnn(text, axes={"B": "action-previous-next"}).valid()
    assert np.array_equal(by_name.to_pymdp()["B"][0], array.transpose(2, 1, 0))
    mixed = GMNSpec.from_gnn(text, axes={"A": "documented", "B": "action-next-previous"}).valid()
    assert np.array_equal(mixed.to_pymdp()["B"][0], array.transpose(1, 2, 0))
    wrong = GMNSpec.from_gnn(lamp("A", columns(2, 2).T), axes="documented")
    assert [found.code for found in wrong.findings()] == ["not-normalised"]


def test_a_decision_that_has_another_shape_is_told() -> None:
    """An order that the sizes rule out is a finding."""
    with pytest.raises(GMNValidationError) as caught:
        GMNSpec.from_gnn(lamp("B", columns(2, 2, 3)), axes={"B": "action-next-previous"})
    assert [found.code for found in caught.value.findings] == ["shape"]


@pytest.mark.parametrize(
    "axes", ["rows", "state-outcome", {"B": "rows"}, {"B": "state-outcome"}, {"x": "state-outcome"}]
)
def test_an_unknown_order_is_the_callers_mistake(axes: str | dict[str, str]) -> None:
    """It says which there are."""
    with pytest.raises(InputError) as caught:
        GMNSpec.from_gnn(LAMP, axes=axes)
    assert caught.value.hint


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 3), st.lists(st.integers(1, 3), min_size=1, max_size=2), st.lists(st.integers(1, 3), max_size=2))
def test_groups_of_axes_are_turned_as_wholes(first: int, parents: list[int], choices: list[int]) -> None:
    """Several parents and actions keep their own order, whichever group stands first."""
    groups = ((first,), tuple(parents), tuple(choices))
    array = columns(first, *parents, *choices)
    for order, places in ORDERS["B"].items():
        ends = np.cumsum([0, *map(len, groups)])
        axes = [axis for group in places for axis in range(ends[group], ends[group + 1])]
        choice = choose(array.transpose(axes), "B", groups, order)
        assert choice.array is not None
        assert np.array_equal(choice.array, array)
