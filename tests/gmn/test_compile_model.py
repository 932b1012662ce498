"""Documents as pymdp's ``compile_model`` takes them. JAX is slow to load, so there are few agents."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

from gmn_llm.gmn import GMNSpec
from gmn_llm.gmn.compile_model import Described, describe
from tests.gmn.builders import Document, Graph, cases, example

MODELS = [pytest.param(case["document"], id=name) for name, case in cases("valid")]


@pytest.fixture(scope="module")
def compile_model() -> Any:
    """Pymdp's function, with its warnings kept out."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("pymdp.distribution").compile_model


@pytest.fixture(scope="module")
def agent_class(compile_model: Any) -> Any:
    """Pymdp's Agent."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("pymdp.agent").Agent


def steps(agent: Any, seen: list[list[int]]) -> list[np.ndarray]:
    """What an agent believes and how it values its policies, step by step, for what it sees."""
    import jax.numpy as jnp
    import jax.random as jr

    told: list[np.ndarray] = []
    prior = agent.D
    for t, outcomes in enumerate(seen):
        beliefs = agent.infer_states([jnp.array([outcome]) for outcome in outcomes], empirical_prior=prior)
        policies, values = agent.infer_policies(beliefs)
        action = agent.sample_action(policies, rng_key=jr.split(jr.PRNGKey(t), 1))
        prior = agent.update_empirical_prior(action, beliefs)
        told += [*(np.asarray(belief) for belief in beliefs), np.asarray(policies), np.asarray(values)]
    return told


def agents(agent_class: Any, compile_model: Any, spec: GMNSpec) -> tuple[Any, Any]:
    """The agent of a compiled model, and that of the document's own arrays."""
    described = describe(spec)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = compile_model(described.description)
        return agent_class(**described.arguments(model)), agent_class(**spec.to_pymdp())


@pytest.mark.parametrize("document", MODELS)
def test_every_document_has_arrays_of_the_right_shapes(compile_model: Any, document: Document) -> None:
    """What compile_model makes of the description takes the document's numbers as they are."""
    spec = GMNSpec.parse(document)
    described = describe(spec)
    assert spec.to_compile_model() == described.description
    model = compile_model(described.description)
    assert [part.data.shape for part in model.A] == [array.shape for array in described.A]
    assert [part.data.shape for part in model.B] == [array.shape for array in described.B]
    filled = described.arguments(model)
    assert all(np.array_equal(part.data, array) for part, array in zip(filled["A"], spec.to_pymdp()["A"], strict=True))


def test_the_example_acts_as_itself(agent_class: Any, compile_model: Any) -> None:
    """The agent of the compiled model believes and values step by step what that of the arrays does."""
    compiled, plain = agents(agent_class, compile_model, GMNSpec.parse(example()))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pairs = zip(steps(compiled, [[0], [1], [6]]), steps(plain, [[0], [1], [6]]), strict=True)
        assert all(np.allclose(one, other, atol=1e-6) for one, other in pairs)


def test_dependencies_controls_and_plan(agent_class: Any, compile_model: Any) -> None:
    """Shared actions, other parents, preferences over time and habits reach the agent, in the order of the axes."""
    graph = Graph().axes("state", x=["l", "m", "r"], y=2).axes("observation", o=3, p=2)
    graph.axes("action", a=2, idle=2, b=["off", "on"])
    graph.likelihood("A1", "o", ["y", "x"], {"kind": "noisy_identity", "factor": "x", "accuracy": 0.9})
    graph.likelihood("A2", "p", ["y"], {"kind": "noisy_identity", "accuracy": 0.8})
    graph.transition("B1", ["y", "x", "b", "a"], {"kind": "cycle", "action": "b", "moves": {"on": 1}}, factor="x")
    graph.transition("B2", ["y", "a"], {"kind": "set", "reliability": 0.7})
    graph.subject("C1", "preference", "o", vector=[[0, 0, 1], [0, 0, 3]])
    graph.node("plan", "policy", policy_len=2, gamma=2, habits=[1 / 16] * 16)
    spec = graph.spec
    description = spec.to_compile_model()
    assert description["states"]["x"] == {
        "elements": ["l", "m", "r"], "depends_on": ["x", "y"], "controlled_by": ["a", "b"],
    }  # fmt: skip
    assert description["observations"]["p"] == {"elements": ["p_0", "p_1"], "depends_on": ["y"]}
    assert list(description["controls"]) == ["a", "b"]
    compiled, plain = agents(agent_class, compile_model, spec)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pairs = zip(steps(compiled, [[0, 0], [2, 1]]), steps(plain, [[0, 0], [2, 1]]), strict=True)
        assert all(np.allclose(one, other, atol=1e-6) for one, other in pairs)


def test_nothing_to_control(agent_class: Any, compile_model: Any) -> None:
    """Where nothing is controlled, a control without choice stands in, so that an agent can be made."""
    spec = Graph().axes("state", no_choice=3).axes("observation", o=2).axes("action", a=2).spec
    described = describe(spec)
    assert list(described.description["controls"]) == ["no_choice_2"]
    compiled, _ = agents(agent_class, compile_model, spec)
    assert compiled.policies.num_policies == 1


def unsaid(described: Described) -> list[str]:
    """Paths of what a description can't say."""
    assert {finding.code for finding in described.findings} <= {"unsupported"}
    return [finding.path for finding in described.findings]


def test_what_the_description_cannot_say_is_told() -> None:
    """Plan, time, idle actions and what carries no array are findings ``unsupported``; plain arrays have none."""
    graph = Graph().axes("state", s=2).axes("observation", o=2).axes("action", a=2)
    graph.likelihood("A", "o", ["s"], [[1, 0], [0, 1]])
    graph.transition("B", ["s", "a"], [[[1, 0], [1, 0]], [[0, 1], [0, 1]]])
    assert unsaid(describe(graph.spec)) == []
    graph.axes("action", idle=2).node("plan", "policy", policy_len=2)
    graph.subject("C", "preference", "o", vector=[[0, 1], [0, 2]])
    graph.node("ask", "llm_query", prompt_template="?")
    assert unsaid(describe(graph.spec)) == ["/nodes/8", "", "/nodes/6", "/nodes/5"]
