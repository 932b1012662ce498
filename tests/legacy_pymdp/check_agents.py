"""Agents of pymdp 0.0.7.1 made of documents. ``run`` makes the environment and the runs of 1.x they are held to."""

from __future__ import annotations

import json
import os
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pymdp.agent import Agent

from gmn_llm import GMNSpec, GMNValidationError
from gmn_llm.gmn.arrays import in_node_order
from gmn_llm.gmn.completion import completed
from tests.gmn.builders import Graph
from tests.legacy_pymdp.models import MODELS, copies, one_factor

OLD = "0.0.7.1"
RUNS: dict[str, list[dict[str, Any]]] = json.loads(Path(os.environ["LEGACY_RUNS"]).read_text(encoding="utf-8"))


class Old:
    """An agent of 0.0.7.1, step by step."""

    def __init__(self, spec: GMNSpec, **more: Any) -> None:
        self.structure = completed(spec.structure)
        self.agent = Agent(**{**spec.to_pymdp(version=OLD), **more})

    def step(self, observations: list[int]) -> tuple[list[np.ndarray], dict[str, int], float, float]:
        """Beliefs, action by the document's names, expected free energy and probability of the policy followed."""
        beliefs = self.agent.infer_states(observations)
        policies, values = self.agent.infer_policies()
        return list(beliefs), self.named(self.agent.sample_action()), -values[policies.argmax()], policies.max()

    def named(self, action: np.ndarray) -> dict[str, int]:
        """The number for each factor as a number for each action."""
        told: dict[str, int] = {}
        for number, part in zip(action, self.structure.transitions.values(), strict=True):
            controls = in_node_order(part.controls)
            if controls:
                numbers = np.unravel_index(int(number), [control.size for control in controls])
                for control, each in zip(controls, numbers, strict=True):
                    assert told.setdefault(control.id, int(each)) == each, "factors that share an action part"
        return {control.id: told[control.id] for control in self.structure.used_controls}


def plain(spec: GMNSpec) -> dict[str, Any]:
    """The arrays of 1.0 in object arrays, as somebody would hand them over who does not know of the differences."""
    arguments = spec.to_pymdp()
    result = {}
    for name in "ABCD":
        result[name] = np.empty(len(arguments[name]), dtype=object)
        for place, array in enumerate(arguments[name]):
            result[name][place] = array
    return result


def test_it_is_the_old_one() -> None:
    """The environment has 0.0.7.1, and ten steps of each model were recorded."""
    assert version("inferactively-pymdp") == OLD
    assert set(RUNS) == set(MODELS)
    assert {len(steps) for steps in RUNS.values()} == {10}


@pytest.mark.parametrize("name", RUNS)
def test_it_does_what_the_new_one_does(name: str) -> None:
    """Over ten steps that see the same, an agent as it comes takes the same actions in both versions."""
    old = Old(MODELS[name]())
    assert [old.step(step["observations"])[1] for step in RUNS[name]] == [step["action"] for step in RUNS[name]]


@pytest.mark.parametrize("name", RUNS)
def test_it_thinks_what_the_new_one_thinks(name: str) -> None:
    """Given the 16 iterations of 1.x, its beliefs and its trust in the policy followed are the same.

    So A, B, D, C, E, gamma and the order of policies are. On its own it stops as soon as little changes, some
    hundredths away where there are several factors.
    """
    old = Old(MODELS[name]())
    old.agent.inference_params = {"num_iter": 16, "dF": 1.0, "dF_tol": -1.0}
    for step in RUNS[name]:
        beliefs, _, _, confidence = old.step(step["observations"])
        for mine, theirs in zip(beliefs, step["beliefs"], strict=True):
            assert mine == pytest.approx(theirs, abs=1e-3)
        assert confidence == pytest.approx(step["confidence"], abs=1e-3)


def test_what_several_modalities_tell_is_counted_once() -> None:
    """Where two modalities say the same, 1.x counts the gain twice and 0.0.7.1 once: no arrays can change that."""
    *_, once, _ = Old(copies(1)).step([2])
    *_, jointly, _ = Old(copies(2)).step([2, 2])
    # Flat preferences cost ln 3 for each modality there, and nothing in 1.x.
    assert once - np.log(3) == pytest.approx(-np.log(2), abs=1e-3)
    assert jointly - 2 * np.log(3) == pytest.approx(-np.log(2), abs=1e-3)
    assert RUNS["one modality that shows"][0]["efe"] == pytest.approx(-np.log(2), abs=1e-3)
    assert RUNS["two modalities that show the same"][0]["efe"] == pytest.approx(-2 * np.log(2), abs=1e-3)


def test_preferences_far_below_the_best_are_all_the_same() -> None:
    """A log-preference 50 nats below the best counts as much as one 400 below: as ln 1e-16."""
    costs = []
    for wish in (-50, -400):
        graph = Graph().axes("state", s=2).axes("observation", o=2).axes("action", a=1)
        graph.likelihood("A", "o", ["s"], {"kind": "identity"}).transition("B", ["s", "a"], {"kind": "identity"})
        graph.subject("C", "preference", "o", vector=[0, wish]).subject("D", "belief", "s", state=1)
        costs.append(Old(graph.spec).step([1])[2])
    assert costs == pytest.approx([-np.log(1e-16)] * 2, abs=1e-3)


def dies(spec: GMNSpec) -> bool:
    """Whether an agent of the arrays as 1.0 has them breaks within its first step."""
    try:
        agent = Agent(**plain(spec))
        agent.infer_states([0])
        agent.infer_policies()
    except (ValueError, IndexError, AssertionError):
        return True
    return False


def refused(spec: GMNSpec) -> bool:
    """Whether the export refuses a document that is fit for 1.0."""
    assert spec.to_pymdp()
    with pytest.raises(GMNValidationError) as caught:
        spec.to_pymdp(version=OLD)
    return {finding.code for finding in caught.value.findings} == {"unsupported"}


def test_a_factor_can_not_follow_another() -> None:
    """A B with another factor's axis is refused here, and dies in an old agent."""
    graph = Graph().axes("state", x=2, y=2).axes("observation", o=2).axes("action", a=2)
    graph.likelihood("A", "o", ["x", "y"], {"of": {"factor": "x", "kind": "identity"}})
    rules = [{"when": {"y": k}, "then": {str(k): 1}} for k in range(2)]
    graph.transition("B1", ["x", "y"], {"kind": "rules", "rules": rules}, factor="x")
    assert refused(graph.spec)
    assert dies(graph.spec)


def test_modalities_can_not_be_sparse() -> None:
    """An A that lacks a factor's axis, as 1.0 has it, dies in an old agent; written along the factor it runs."""
    graph = Graph().axes("state", x=2, y=3).axes("observation", o=2).axes("action", a=2)
    spec = graph.likelihood("A", "o", ["x"], {"kind": "identity"}).transition("B", ["x", "a"], {"kind": "set"}).spec
    assert dies(spec)
    assert Old(spec).step([1])[0][0] == pytest.approx([0, 1], abs=1e-6)


@pytest.mark.parametrize("sizes", [{"x": 1, "y": 3}, {"x": 3, "y": 1}, {"x": 2, "z": 1, "y": 3}, {"x": 1}], ids=str)
def test_a_factor_has_two_states_at_least(sizes: dict[str, int]) -> None:
    """A factor of one state is refused here, and breaks an old agent wherever it stands."""
    graph = Graph().axes("state", **sizes).axes("observation", o=2).axes("action", a=2)
    graph.likelihood("A", "o", list(sizes), {"kind": "uniform"})
    largest = max(sizes, key=sizes.__getitem__)
    graph.transition("B", [largest, "a"], {"kind": "uniform"})
    assert refused(graph.spec)
    assert dies(graph.spec)


def test_inference_over_sequences_is_broken_without_a_horizon() -> None:
    """With MMP and no horizon, from the second step all policies look the same; VMP is not there at all."""
    assert refused(one_factor(inference_algo="mmp"))
    assert refused(one_factor(inference_algo="vmp"))
    agent = Old(one_factor(), inference_algo="MMP")
    confidences = [agent.step([2])[3] for _ in range(3)]
    assert confidences[0] > 0.34
    assert confidences[1:] == pytest.approx([1 / 3, 1 / 3], abs=1e-6)
    with pytest.raises(NotImplementedError):
        Old(one_factor(), inference_algo="VMP")


def test_nothing_to_control_is_no_list() -> None:
    """An empty ``control_fac_idx`` is an error there, so none is given where no factor is driven."""
    spec = Graph().axes("state", s=2).axes("observation", o=2).axes("action", a=2).spec
    assert Old(spec).step([0])[1] == {}
    with pytest.raises(ValueError, match="max"):
        Old(spec, control_fac_idx=[])


def test_a_parent_without_effect_does_no_harm() -> None:
    """A document whose transition names a factor it does not depend on runs."""
    graph = Graph().axes("state", x=3, y=2).axes("observation", o=3).axes("action", a=3)
    graph.likelihood("A", "o", ["x"], {"kind": "identity"}).subject("C", "preference", "o", preferred_observation=2)
    graph.transition("B", ["y", "x", "a"], {"kind": "set"}, factor="x")
    assert Old(graph.spec).step([0])[1] == {"a": 2}
