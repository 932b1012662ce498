"""Documents as arguments for the agent of pymdp 0.0.7.1; ``tests/legacy_pymdp`` hands them to a real one."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from gmn_llm import GMNValidationError, InputError
from gmn_llm.gmn import GMNSpec
from tests.gmn.builders import Graph, example

OLD = "0.0.7.1"


def sparse() -> Graph:
    """Two factors, of which one is driven, and modalities that look at one or at both of them."""
    graph = Graph().axes("state", place=4, sky=2).axes("observation", seen=4, wet=3).axes("action", go=3)
    graph.likelihood("A1", "seen", ["place"], {"kind": "noisy_identity", "accuracy": 0.9})
    rng = np.random.default_rng(3).random((3, 2, 4)) + 0.1
    graph.likelihood("A2", "wet", ["sky", "place"], (rng / rng.sum(0)).tolist())
    graph.transition("B1", ["place", "go"], {"kind": "cycle", "moves": {"0": -1, "2": 1}})
    return graph.transition("B2", ["sky"], {"kind": "random_walk"})


def refused(spec: GMNSpec) -> list[tuple[str, str]]:
    """Code and path of each finding that stands against an old agent, each with a hint."""
    with pytest.raises(GMNValidationError) as caught:
        spec.to_pymdp(version=OLD)
    assert all(finding.hint for finding in caught.value.findings)
    return [(finding.code, finding.path) for finding in caught.value.findings]


def test_arrays_are_object_arrays_with_every_factor_as_an_axis() -> None:
    """A has all factors as axes and is the same along those it does not depend on; B, C, D have one factor each."""
    new, old = sparse().spec.to_pymdp(), sparse().spec.to_pymdp(version=OLD)
    for name in "ABCD":
        assert isinstance(old[name], np.ndarray)
        assert old[name].dtype == object
    assert [a.shape for a in old["A"]] == [(4, 4, 2), (3, 4, 2)]
    assert [b.shape for b in old["B"]] == [(4, 4, 3), (2, 2, 1)]
    for sky in range(2):
        assert np.array_equal(old["A"][0][..., sky], new["A"][0])
    assert np.array_equal(old["A"][1], new["A"][1])
    assert all(
        np.array_equal(mine, theirs) for name in "BCD" for mine, theirs in zip(old[name], new[name], strict=True)
    )


def test_arrays_of_one_shape_stay_apart() -> None:
    """Modalities of one size are two arrays in an object array, not one array of more dimensions."""
    graph = Graph().axes("state", s=2).axes("observation", o=2, p=2).axes("action", a=2)
    graph.likelihood("A1", "o", ["s"], {"kind": "identity"}).likelihood("A2", "p", ["s"], {"kind": "identity"})
    old = graph.transition("B", ["s", "a"], {"kind": "set"}).spec.to_pymdp(version=OLD)
    assert old["A"].shape == (2,)
    assert [a.shape for a in old["A"]] == [(2, 2), (2, 2)]


def test_controls_are_those_of_the_factors() -> None:
    """Each factor has its number of choices; those with more than one are named, and none where there is none."""
    old = sparse().spec.to_pymdp(version=OLD)
    assert (old["num_controls"], old["control_fac_idx"]) == ([3, 1], [0])
    assert "policies" not in old
    idle = Graph().axes("state", s=2).axes("observation", o=2).axes("action", a=2).spec.to_pymdp(version=OLD)
    assert idle["num_controls"] == [1]
    assert "control_fac_idx" not in idle


def test_time_is_the_second_axis_of_preferences() -> None:
    """C over time is (num_obs, policy_len); one without time stays as it is."""
    graph = sparse().subject("C", "preference", "wet", vector=[[0, 1, 2], [3, 4, 5]])
    old = graph.node("plan", "policy", policy_len=2).spec.to_pymdp(version=OLD)
    assert old["C"][0].shape == (4,)
    assert old["C"][1].tolist() == [[0, 3], [1, 4], [2, 5]]


def test_planning_is_carried_over() -> None:
    """Habits, precisions and horizon are as for 1.0; inference keeps its horizon, and fpi is called VANILLA."""
    habits = (np.arange(1, 10) / 45).tolist()
    graph = sparse().node(
        "plan", "policy", policy_len=2, habits=habits, gamma=4, inference_algo="fpi", use_states_info_gain=False
    )
    old = graph.spec.to_pymdp(version=OLD)
    assert np.allclose(old["E"], habits)
    assert (old["gamma"], old["alpha"], old["policy_len"]) == (4.0, 16.0, 2)
    assert (old["inference_algo"], old["use_states_info_gain"]) == ("VANILLA", False)
    assert "inference_horizon" not in old
    assert "inference_algo" not in sparse().spec.to_pymdp(version=OLD)


def test_shared_actions_are_policies() -> None:
    """Where actions and factors do not pair off, policies hold what can be done together, as 1.0 counts them."""
    graph = Graph().axes("state", x=4, y=4, z=2).axes("observation", o=4).axes("action", a=2, b=3)
    graph.transition("B1", ["x", "b", "a"], {"kind": "cycle", "action": "b", "moves": {"0": -1, "2": 1}}, factor="x")
    graph.transition("B2", ["y", "a"], {"kind": "line", "moves": {"1": 1}}, factor="y")
    spec = graph.node("plan", "policy", policy_len=2).spec
    old, new = spec.to_pymdp(version=OLD), spec.to_pymdp()
    assert old["num_controls"] == [6, 2, 1]
    assert old["control_fac_idx"] == [0, 1]
    assert np.array_equal(old["B"][0].reshape(4, 4, 2, 3), new["B"][0])
    moves = [[3 * a + b, a, 0] for a in range(2) for b in range(3)]
    assert [policy.tolist() for policy in old["policies"]] == [list(pair) for pair in product(moves, repeat=2)]


def test_a_parent_without_effect_is_left_out() -> None:
    """A transition that names another factor but does not depend on it has its own factor alone."""
    graph = Graph().axes("state", x=3, y=2).axes("observation", o=2).axes("action", a=3)
    graph.transition("B", ["y", "x", "a"], {"kind": "set"}, factor="x")
    old, new = graph.spec.to_pymdp(version=OLD), graph.spec.to_pymdp()
    assert old["B"][0].shape == (3, 3, 3)
    assert np.array_equal(old["B"][0], new["B"][0][:, :, 1])


def test_a_factor_that_moves_with_another_is_unsupported() -> None:
    """There is no B over several factors: the transition is named, with those its factor follows."""
    graph = Graph().axes("state", x=2, y=2).axes("observation", o=2).axes("action", a=2)
    rules = [{"when": {"y": k}, "then": {str(k): 1}} for k in range(2)]
    graph.transition("B1", ["x", "y"], {"kind": "rules", "rules": rules}, factor="x")
    assert refused(graph.spec) == [("unsupported", "/nodes/4")]


def test_a_factor_of_one_state_is_unsupported() -> None:
    """Axes of length 1 are squeezed away in there; each such state is named."""
    assert refused(Graph().axes("state", x=3, y=1).axes("observation", o=2).axes("action", a=2).spec) == [
        ("unsupported", "/nodes/1")
    ]


@pytest.mark.parametrize("asked", ["mmp", "vmp"])
def test_inference_over_sequences_is_unsupported(asked: str) -> None:
    """Neither works as it is there without a horizon, which a document has no word for."""
    graph = sparse().node("plan", "policy", inference_algo=asked)
    assert refused(graph.spec) == [("unsupported", "/nodes/9/properties/inference_algo")]


def test_exact_inference_is_for_one_factor() -> None:
    """With one factor VANILLA is exact; with two, exact is ``unsupported``."""
    document = example()
    document["nodes"].append({"id": "plan", "type": "policy", "properties": {"inference_algo": "exact"}})
    assert GMNSpec.parse(document).to_pymdp(version=OLD)["inference_algo"] == "VANILLA"
    graph = sparse().node("plan", "policy", inference_algo="exact")
    assert refused(graph.spec) == [("unsupported", "/nodes/9/properties/inference_algo")]


def test_what_would_be_too_large_is_told_before_it_is_made() -> None:
    """All factors as axes, and all combinations of outcomes, may be more than a machine holds: ``size-limit``."""
    graph = Graph().axes("state", **{f"s{k}": 100 for k in range(5)}).axes("observation", o=2).axes("action", a=2)
    assert refused(graph.spec) == [("size-limit", "")]
    graph = Graph().axes("state", s=2).axes("observation", **{f"o{k}": 10 for k in range(9)}).axes("action", a=2)
    assert refused(graph.spec) == [("size-limit", "")]
    graph.node("plan", "policy", use_states_info_gain=False)
    assert len(graph.spec.to_pymdp(version=OLD)["A"]) == 9


def test_all_that_stands_against_it_comes_at_once() -> None:
    """Findings of every kind come in one error."""
    graph = Graph().axes("state", x=2, y=2, z=1).axes("observation", o=2).axes("action", a=2)
    rules = [{"when": {"y": k}, "then": {str(k): 1}} for k in range(2)]
    graph.transition("B1", ["x", "y"], {"kind": "rules", "rules": rules}, factor="x")
    graph.node("plan", "policy", inference_algo="vmp")
    assert [path for _, path in refused(graph.spec)] == ["/nodes/2", "/nodes/6/properties/inference_algo", "/nodes/5"]


@pytest.mark.parametrize("version", ["1", "0.0.7", "", "2.0"])
def test_another_version_is_an_input_error(version: str) -> None:
    """Two versions can be exported to, and the error names both."""
    with pytest.raises(InputError, match=r"1\.0 and 0\.0\.7\.1"):
        sparse().spec.to_pymdp(version=version)
