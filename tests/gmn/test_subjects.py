"""Preferences, beliefs and habits: every way to say them, and preferences about states."""

from __future__ import annotations

import numpy as np
import pytest

from tests.gmn.builders import Graph

LABELS = ["dark", "dim", "bright"]


def lamp(observation: int | list[str] = LABELS, matrix: object = None) -> Graph:
    """One state with labels, one observation."""
    graph = Graph().axes("state", s=["off", "low", "on"]).axes("observation", o=observation).axes("action", a=1)
    return graph.likelihood("A", "o", ["s"], matrix or {"kind": "identity"}).transition("B", ["s", "a"])


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, [0, 0, 0]),
        ({"vector": [-1.5, 0, 2]}, [-1.5, 0, 2]),
        ({"values": [-1.5, 0, 2]}, [-1.5, 0, 2]),
        ({"values": {"bright": 2, "0": -1}}, [-1, 0, 2]),
        ({"values": {}}, [0, 0, 0]),
        ({"preferred_observation": 1}, [0, 1, 0]),
        ({"preferred_observation": 2.0}, [0, 0, 1]),
        ({"preferred_observation": "bright"}, [0, 0, 1]),
    ],
    ids=str,
)
def test_what_a_preference_says(said: dict[str, object], expected: list[float]) -> None:
    """A vector, one preferred outcome, or values by label or in a list; nothing is normalised."""
    assert lamp().subject("C", "preference", "o", **said).spec.to_pymdp()["C"][0].tolist() == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, [1 / 3] * 3),
        ({"vector": [0.25, 0.75, 0]}, [0.25, 0.75, 0]),
        ({"values": {"off": 0.25, "low": 0.75}}, [0.25, 0.75, 0]),
        ({"values": [0.25, 0.75, 0]}, [0.25, 0.75, 0]),
        ({"state": 2}, [0, 0, 1]),
        ({"state": "low"}, [0, 1, 0]),
    ],
    ids=str,
)
def test_what_a_belief_says(said: dict[str, object], expected: list[float]) -> None:
    """A vector, one state, or values by label or in a list."""
    assert lamp().subject("D", "belief", "s", **said).spec.to_pymdp()["D"][0].tolist() == expected


@pytest.mark.parametrize("key", ["vector", "values"])
def test_a_preference_may_change_over_time(key: str) -> None:
    """A row for each step of the policy, steps first."""
    rows = [[0, 0, 1], [0, 0, 2], [3, 0, 0]]
    spec = lamp().subject("C", "preference", "o", **{key: rows}).node("plan", "policy", policy_len=3).spec
    assert spec.to_pymdp()["C"][0].tolist() == rows
    assert spec.expand().expand().to_pymdp()["C"][0].tolist() == rows


def test_habits_are_normalised() -> None:
    """Habits come through as E, rescaled where they are a little off."""
    graph = Graph().axes("state", s=3).axes("observation", o=1).axes("action", a=3)
    graph.likelihood("A", "o", ["s"]).transition("B", ["s", "a"], {"kind": "set"})
    spec = graph.node("plan", "policy", habits=[0.33, 0.33, 0.33]).spec
    assert np.allclose(spec.to_pymdp()["E"], 1 / 3, atol=1e-15)
    habits = spec.expand().nodes[-1].properties["habits"]
    assert abs(sum(habits) - 1.0) <= 1e-12


def test_a_preference_about_a_state_goes_to_the_observation_that_shows_it() -> None:
    """It is carried over, by the labels of the state, which the observation need not have."""
    for observation in (3, LABELS):
        spec = lamp(observation).subject("C", "preference", "s", values={"on": 2, "off": -1}).spec
        assert spec.to_pymdp()["C"][0].tolist() == [-1, 0, 2]
        assert "'o'" in spec.warnings[-1]
        assert [node.type for node in spec.expand().nodes].count("observation") == 1


def test_a_written_out_identity_shows_a_state_too() -> None:
    """What counts is the array, not how it is said, and other parents of the observation do not matter."""
    spec = lamp(3, np.eye(3).tolist()).subject("C", "preference", "s", preferred_observation="low").spec
    assert spec.to_pymdp()["C"][0].tolist() == [0, 1, 0]
    graph = Graph().axes("state", t=2, s=3).axes("observation", o=3).axes("action", a=1)
    graph.likelihood("A", "o", ["t", "s"], {"of": {"factor": "s", "kind": "identity"}})
    graph.subject("C", "preference", "s", vector=[1, 2, 3])
    assert graph.spec.to_pymdp()["C"][0].tolist() == [1, 2, 3]


def test_a_preference_about_a_state_that_nothing_shows() -> None:
    """An observation ``<state>_seen`` with an identity likelihood is added, with a warning that names it."""
    noisy = {"kind": "noisy_identity", "accuracy": 0.9}
    spec = lamp(3, noisy).subject("C", "preference", "s", values={"on": 2}).spec
    assert "'s_seen'" in spec.warnings[-1]
    expanded = spec.expand()
    added = next(node for node in expanded.nodes if node.id == "s_seen")
    assert added.properties == {"num_observations": 3, "labels": ["off", "low", "on"]}
    arguments = expanded.to_pymdp()
    assert np.array_equal(arguments["A"][1], np.eye(3))
    assert [c.tolist() for c in arguments["C"]] == [[0, 0, 0], [0, 0, 2]]


def test_an_observation_with_a_preference_of_its_own_is_left_alone() -> None:
    """Where what shows the state has a preference already, an observation is added."""
    graph = lamp().subject("C", "preference", "o", values={"dark": 1}).subject("G", "preference", "s", values={"on": 2})
    assert [c.tolist() for c in graph.spec.to_pymdp()["C"]] == [[1, 0, 0], [0, 0, 2]]


def test_a_preference_over_time_about_a_state() -> None:
    """It is carried over with all its rows."""
    rows = [[0, 0, 1], [1, 0, 0]]
    spec = lamp().subject("C", "preference", "s", vector=rows).node("plan", "policy", policy_len=2).spec
    assert spec.to_pymdp()["C"][0].tolist() == rows


def test_policy_settings_have_their_defaults() -> None:
    """One step, gamma and alpha 16; what is said is handed on."""
    assert {key: lamp().spec.to_pymdp()[key] for key in ("policy_len", "gamma", "alpha")} == {
        "policy_len": 1, "gamma": 16.0, "alpha": 16.0,
    }  # fmt: skip
    said = {"policy_len": 3, "gamma": 2, "alpha": 0.5, "inference_algo": "exact", "use_states_info_gain": False}
    arguments = lamp().node("plan", "policy", **said).spec.to_pymdp()
    assert {key: arguments[key] for key in said} == said
