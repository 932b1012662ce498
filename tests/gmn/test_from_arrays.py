"""Documents made of pymdp's arrays, there and back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gmn_llm import GMNSpec, GMNValidationError, InputError
from tests.gmn.builders import cases

RNG = np.random.default_rng(11)
MODELS = [pytest.param(case["document"], id=name) for name, case in cases("valid")]


def columns(*shape: int) -> np.ndarray:
    """A random array whose columns over axis 0 sum to 1."""
    array = RNG.random(shape)
    return array / array.sum(axis=0)


def same(one: dict[str, Any], other: dict[str, Any]) -> None:
    """Two sets of arguments for an agent say the same."""
    assert one.keys() == other.keys()
    for key, value in one.items():
        if isinstance(value, list) and value and isinstance(value[0], np.ndarray):
            assert len(value) == len(other[key])
            assert all(np.allclose(a, b, atol=1e-14, rtol=0) for a, b in zip(value, other[key], strict=True)), key
        else:
            assert np.all(value == other[key]), key


@pytest.mark.parametrize("document", MODELS)
def test_there_and_back(document: dict[str, Any]) -> None:
    """The arrays of every valid document make a document with the same arrays."""
    arguments = GMNSpec.parse(document).to_pymdp()
    if "B_action_dependencies" not in arguments:
        arguments = {key: value for key, value in arguments.items() if key != "num_controls"}
    again = GMNSpec.from_arrays(**arguments).to_pymdp()
    same(arguments, {key: value for key, value in again.items() if key in arguments})


def test_bare_arrays_stand_for_one_part() -> None:
    """One A, B, C and D need no list, be they arrays or nested lists."""
    a, b, c, d = columns(3, 2), columns(2, 2, 4), np.arange(3.0), np.array([0.25, 0.75])
    spec = GMNSpec.from_arrays(a, b, c, d, name="bare")
    assert spec.name == "bare"
    assert spec.warnings == ()
    same(spec.to_pymdp(), GMNSpec.from_arrays([a], [b], [c], [d]).to_pymdp())
    same(spec.to_pymdp(), GMNSpec.from_arrays(a.tolist(), b.tolist(), c.tolist(), d.tolist()).to_pymdp())
    objects = np.empty(1, dtype=object)
    objects[0] = a
    same(spec.to_pymdp(), GMNSpec.from_arrays(objects, b, c, d).to_pymdp())


def test_every_modality_depends_on_all_factors_where_nothing_is_said() -> None:
    """As pymdp has it."""
    spec = GMNSpec.from_arrays([columns(4, 2, 3)], [columns(2, 2, 2), columns(3, 3, 1)])
    assert spec.to_pymdp()["A_dependencies"] == [[0, 1]]
    assert spec.to_pymdp()["num_controls"] == [2, 1]


def test_dependencies_in_any_order() -> None:
    """Parents keep the axes they were given with, and come back in node order."""
    a, b = columns(4, 3, 2), columns(3, 2, 3, 2)
    spec = GMNSpec.from_arrays(
        [a], [columns(2, 2, 1), b], A_dependencies=[[1, 0]], B_dependencies=[[0], [0, 1]], policy_len=2, gamma=4
    )
    assert np.allclose(spec.to_pymdp()["A"][0], a.transpose(0, 2, 1))
    assert np.allclose(spec.to_pymdp()["B"][1], b)
    assert (spec.to_pymdp()["policy_len"], spec.to_pymdp()["gamma"]) == (2, 4.0)


def test_actions_that_are_shared() -> None:
    """``B_action_dependencies`` says which actions drive a factor; one without has no axis for it."""
    b = [columns(2, 2, 2, 3), columns(2, 2, 2), columns(3, 3)]
    spec = GMNSpec.from_arrays(
        [columns(2, 2)], b, A_dependencies=[[0]], B_action_dependencies=[[0, 1], [0], []], num_controls=[2, 3]
    )
    arguments = spec.to_pymdp()
    assert arguments["B_action_dependencies"] == [[0, 1], [0], []]
    assert all(np.allclose(one, other) for one, other in zip(arguments["B"], b, strict=True))


def test_nothing_to_decide_is_one_choice() -> None:
    """A model without control has an action with one choice, for there has to be one."""
    spec = GMNSpec.from_arrays(columns(2, 2), columns(2, 2, 1))
    assert spec.warnings == ()
    assert spec.to_pymdp()["num_controls"] == [1]


def test_habits_and_preferences_over_time() -> None:
    """E and a C with a row for each step."""
    c = np.arange(6.0).reshape(2, 3)
    spec = GMNSpec.from_arrays(columns(3, 2), columns(2, 2, 2), c, E=np.full(4, 0.25), policy_len=2)
    assert np.array_equal(spec.to_pymdp()["C"][0], c)
    assert np.array_equal(spec.to_pymdp()["E"], np.full(4, 0.25))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"A": 5}, "A[0] has 0 axes"),
        ({"A": "abc"}, "A is no list of arrays"),
        ({"B": columns(2, 2)}, "B[0] has 2 axes"),
        ({"B": columns(2, 2, 2, 2)}, "B[0] has 4 axes where 3 are expected"),
        ({"C": [[0, 0, 0], [0, 0, 0]]}, "2 vectors of type preference for 1"),
        ({"A_dependencies": [[1]]}, "A_dependencies[0] names 1"),
        ({"A_dependencies": []}, "A_dependencies has 0 lists"),
        ({"B_dependencies": [[0], [0]]}, "B_dependencies has 2 lists"),
        ({"B_action_dependencies": [[0]]}, "needs num_controls"),
        ({"B_action_dependencies": [[1]], "num_controls": [2]}, "B_action_dependencies[0] names 1"),
        ({"horizon": 3}, "no argument 'horizon'"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_arrays_that_do_not_fit_one_another(arguments: dict[str, Any], words: str) -> None:
    """What does not fit is an error of the caller's, which says what."""
    with pytest.raises(InputError) as caught:
        GMNSpec.from_arrays(**{"A": columns(3, 2), "B": columns(2, 2, 2), **arguments})
    assert words in str(caught.value)


@pytest.mark.parametrize("number", [np.nan, -1.0, 2.0])
def test_numbers_that_are_no_model(number: float) -> None:
    """Numbers that pymdp takes without a word are told."""
    d = np.array([number, 1 - number])
    with pytest.raises(GMNValidationError):
        GMNSpec.from_arrays(columns(3, 2), columns(2, 2, 2), None, d)
