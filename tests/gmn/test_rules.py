"""The kind ``rules``: worked by hand, and against one column after the other."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.gmn.builders import Array, Graph, arrays, seeing

PLACE, MOOD, TALK = ["left", "middle", "right"], ["low", "high"], ["quiet", "joke"]


def mood(rules: list[dict[str, Any]], **more: object) -> Graph:
    """``mood`` depends on itself, on ``place`` and on two actions."""
    graph = Graph().axes("state", mood=MOOD, place=PLACE).axes("observation", o=1)
    graph.axes("action", talk=TALK, wait=2).likelihood("A", "o", ["place"], {"kind": "uniform"})
    graph.transition("B", ["mood", "place", "talk", "wait"], {"kind": "rules", "rules": rules, **more})
    return graph.transition("B2", ["place"], {"kind": "identity"})


def by_hand(rules: list[dict[str, Any]], otherwise: str = "stay") -> Array:
    """The same array, one column after the other."""
    result = np.zeros((2, 2, 3, 2, 2))
    names: dict[str, list[Any]] = {"mood": MOOD, "place": PLACE, "talk": TALK, "wait": [0, 1]}
    for column in product(range(2), range(3), range(2), range(2)):
        here = {name: (names[name][k], k) for (name, k) in zip(names, column, strict=True)}
        then: dict[str, float] = {}
        for rule in rules:
            wanted = {name: v if isinstance(v, list) else [v] for name, v in rule["when"].items()}
            if all(any(value in here[name] for value in values) for name, values in wanted.items()):
                then = rule["then"]
                break
        rest = 1.0 - sum(then.values())
        for label, probability in then.items():
            result[(MOOD.index(label), *column)] += probability
        if otherwise == "stay":
            result[(column[0], *column)] += rest
        elif otherwise == "uniform":
            result[(slice(None), *column)] += rest / 2
        else:
            result[(MOOD.index(otherwise), *column)] += rest
    return result


RULES = [
    {"when": {"place": "middle", "talk": "joke"}, "then": {"high": 0.9}},
    {"when": {"talk": "joke", "wait": [1]}, "then": {"high": 0.5, "low": 0.5}},
    {"when": {"place": ["left", 2], "mood": "high"}, "then": {"low": 0.25}},
    {"when": {"talk": "joke"}, "then": {"high": 1}},
]


@pytest.mark.parametrize("otherwise", ["stay", "uniform", "low"])
def test_rules_are_read_from_the_top(otherwise: str) -> None:
    """The first rule that fits wins; what ``when`` leaves out fits anything; the rest goes to ``otherwise``."""
    found = arrays(mood(RULES, otherwise=otherwise).spec, "B")
    assert np.allclose(found, by_hand(RULES, otherwise), atol=1e-15, rtol=0)
    assert np.all(np.abs(found.sum(axis=0) - 1.0) <= 1e-12)


def test_a_transition_stays_where_no_rule_fits() -> None:
    """``stay`` is the default of a transition."""
    assert np.array_equal(arrays(mood([]).spec, "B"), by_hand([]))


@given(
    rules=st.lists(
        st.fixed_dictionaries(
            {
                "when": st.dictionaries(
                    st.sampled_from(["mood", "talk", "wait", "place"]), st.sampled_from([0, 1, [0, 1]])
                ),
                "then": st.sampled_from([{"high": 1.0}, {"low": 0.5}, {"high": 0.25, "low": 0.5}, {}]),
            }
        ),
        max_size=6,
    ),
    otherwise=st.sampled_from(["stay", "uniform", "high"]),
)
def test_any_rules_are_read_from_the_top(rules: list[dict[str, Any]], otherwise: str) -> None:
    """Whatever the rules, each column is that of the first that fits."""
    assert np.allclose(arrays(mood(rules, otherwise=otherwise).spec, "B"), by_hand(rules, otherwise), atol=1e-15)


def test_a_likelihood_by_rules() -> None:
    """The cue of a T-maze: it tells the side at one place, and nothing elsewhere."""
    rules = [
        {"when": {"place": "cue", "side": "left"}, "then": {"L": 1}},
        {"when": {"place": "cue", "side": "right"}, "then": {"R": 0.9}},
    ]
    found = arrays(
        seeing({"kind": "rules", "rules": rules}, ["L", "R"], place=["start", "cue"], side=["left", "right"]).spec, "A"
    )
    assert np.array_equal(found[:, 0, :], np.full((2, 2), 0.5))
    assert np.allclose(found[:, 1, :], [[1, 0.05], [0, 0.95]], atol=1e-15, rtol=0)


def test_a_rule_a_little_over_one_is_rescaled() -> None:
    """A rule whose probabilities sum to 1.01 is told and rescaled; one that sums to 0.99 leaves the rest."""
    over = mood([{"when": {}, "then": {"high": 0.51, "low": 0.5}}]).spec
    assert "sums to 1.01" in over.warnings[0]
    assert np.allclose(arrays(over, "B")[1], 0.51 / 1.01, atol=1e-15, rtol=0)
    under = mood([{"when": {}, "then": {"high": 0.99}}], otherwise="low").spec
    assert under.warnings == ()
    assert np.allclose(arrays(under, "B")[0], 0.01, atol=1e-15, rtol=0)


def test_a_sum_that_is_one_but_for_rounding_leaves_nothing() -> None:
    """Ten times 0.1 is 1: nothing goes to ``otherwise``."""
    labels = [str(k) for k in range(11)]
    rule = {"when": {}, "then": dict.fromkeys(labels[:10], 0.1)}
    found = arrays(seeing({"kind": "rules", "rules": [rule], "otherwise": "10"}, labels, s=2).spec, "A")
    assert np.array_equal(found[10], np.zeros(2))


def test_a_label_comes_before_a_word() -> None:
    """A state called ``stay`` is what ``otherwise: stay`` names."""
    graph = Graph().axes("state", s=["go", "stay"]).axes("observation", o=1).axes("action", a=2)
    graph.likelihood("A", "o", ["s"], {"kind": "uniform"})
    graph.transition("B", ["s", "a"], {"kind": "rules", "rules": [], "otherwise": "stay"})
    assert np.array_equal(arrays(graph.spec, "B")[1], np.ones((2, 2)))
