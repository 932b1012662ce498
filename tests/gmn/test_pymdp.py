"""Documents in real agents of pymdp. JAX is slow to load, so there are few of them, made once."""

from __future__ import annotations

import warnings
from itertools import product
from typing import Any

import numpy as np
import pytest

from gmn_llm.gmn import GMNSpec
from tests.gmn.builders import Graph, example


@pytest.fixture(scope="module")
def agent_class() -> Any:
    """Pymdp's Agent, with its own warnings kept out."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("pymdp.agent").Agent


def made(agent_class: Any, spec: GMNSpec, **more: object) -> Any:
    """An agent of a document."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return agent_class(**spec.to_pymdp(), **more)


def test_the_example_walks_to_its_goal(agent_class: Any) -> None:
    """The example of the notation, in ten steps: an agent of pymdp that looks ahead far enough reaches the corner."""
    import jax.numpy as jnp
    import jax.random as jr

    document = example()
    document["nodes"].append({"id": "plan", "type": "policy", "properties": {"policy_len": 4}})
    document["nodes"][5]["properties"] = {"values": {str(k): (k // 5 + k % 5) / 2 for k in range(25)}}
    spec = GMNSpec.parse(document).valid()
    agent = made(agent_class, spec)
    assert agent.policies.num_policies == 5**4
    world = spec.to_pymdp()["B"][0]
    state, prior = 0, agent.D
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for t in range(10):
            beliefs = agent.infer_states([jnp.array([state])], empirical_prior=prior)
            policies, _ = agent.infer_policies(beliefs)
            action = agent.sample_action(policies, rng_key=jr.split(jr.PRNGKey(t), 1))
            assert np.isfinite(np.asarray(policies)).all()
            state = int(world[:, state, int(action[0, 0])].argmax())
            prior = agent.update_empirical_prior(action, beliefs)
    assert state == 24


def test_factors_with_parents_and_one_without_control(agent_class: Any) -> None:
    """Sparse A, a B with other parents, an uncontrolled factor, C over time and habits are taken as they are."""
    graph = Graph().axes("state", place=4, weather=2).axes("observation", seen=4, sky=2).axes("action", go=3)
    graph.likelihood("A1", "seen", ["weather", "place"], {"kind": "noisy_identity", "factor": "place", "accuracy": 0.9})
    graph.likelihood("A2", "sky", ["weather"], {"kind": "identity"})
    graph.transition("B1", ["weather", "place", "go"], {"kind": "cycle", "moves": {"0": -1, "2": 1}}, factor="place")
    graph.transition("B2", ["weather"], {"kind": "random_walk"})
    graph.subject("C1", "preference", "seen", vector=[[0, 0, 0, 1], [0, 0, 0, 5]])
    graph.node("plan", "policy", policy_len=2, habits=[1 / 9] * 9, use_states_info_gain=False)
    agent = made(agent_class, graph.spec)
    assert agent.num_states == [4, 2]
    assert agent.num_controls == [3, 1]
    assert agent.C[0].shape == (1, 2, 4)
    assert agent.E.shape == (1, 9)
    assert float(agent.gamma[0]) == 16.0


def test_shared_and_joint_actions(agent_class: Any) -> None:
    """One action drives two factors and two drive one; policies count the document's actions, the last running fastest."""
    import jax.numpy as jnp

    graph = Graph().axes("state", x=4, y=4, z=2).axes("observation", o=4).axes("action", a=2, b=3)
    graph.likelihood("A", "o", ["x"], {"kind": "identity"})
    graph.transition("B1", ["x", "a", "b"], {"kind": "cycle", "action": "b", "moves": {"0": -1, "2": 1}})
    graph.transition("B2", ["y", "a"], {"kind": "line", "moves": {"1": 1}})
    graph.transition("B3", ["z"], {"kind": "identity"})
    agent = made(agent_class, graph.node("plan", "policy", habits=[0.5, 0.1, 0.1, 0.1, 0.1, 0.1]).spec)
    first = agent.policies.policy_arr[:, 0]
    actions = [np.asarray(agent.decode_multi_actions(jnp.asarray(action[None])))[0].tolist() for action in first]
    assert actions == [list(pair) for pair in product(range(2), range(3))]


def test_what_was_left_unsaid_is_written_out_for_the_agent(agent_class: Any) -> None:
    """An agent of the expanded document has the defaults of the page, in single precision."""
    spec = Graph().axes("state", x=3).axes("observation", o=2).axes("action", a=2).spec
    agent, arguments = made(agent_class, spec.expand()), spec.to_pymdp()
    for name in ("A", "B", "C", "D"):
        for mine, theirs in zip(getattr(agent, name), arguments[name], strict=True):
            assert np.allclose(np.asarray(mine)[0], theirs, atol=1e-7)
