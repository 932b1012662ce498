"""What is not run, and what is said of it."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from gmn_llm import GMNSpec, GMNValidationError, InputError
from gmn_llm.simulation import MOST_STEPS, simulate
from tests.gmn.builders import Graph
from tests.simulation.models import maze, walk


@pytest.mark.parametrize("steps", [0, -3, MOST_STEPS + 1, True, 2.5, "ten", None])
def test_steps_are_a_whole_number_within_limits(steps: Any) -> None:
    """Anything else is an InputError that says how many there may be."""
    with pytest.raises(InputError, match="steps") as caught:
        simulate(walk(), steps)
    assert str(MOST_STEPS) in caught.value.hint


@pytest.mark.parametrize("seed", [-1, 1.5, "one", False])
def test_a_seed_is_a_whole_number_from_0(seed: Any) -> None:
    """Anything else is an InputError."""
    with pytest.raises(InputError, match="seed"):
        simulate(walk(), 1, seed=seed)


def test_a_document_with_errors_is_not_run() -> None:
    """A document that is not valid is a GMNValidationError with its findings."""
    spec = GMNSpec.parse({"name": "lamp", "nodes": [{"id": "s", "type": "state", "properties": {"num_states": 2}}]})
    with pytest.raises(GMNValidationError) as caught:
        simulate(spec, 1)
    assert {finding.code for finding in caught.value.findings} == {"missing-node"}


def test_exact_inference_takes_one_factor() -> None:
    """Pymdp's exact inference is for one factor; with two it is ``unsupported``, at the property that asks for it."""
    document = maze().document
    document["nodes"][-1]["properties"]["inference_algo"] = "exact"  # type: ignore[index]  # the policy
    with pytest.raises(GMNValidationError, match="exact") as caught:
        simulate(GMNSpec.parse(document), 1)
    assert [(f.code, f.path) for f in caught.value.findings] == [("unsupported", "/nodes/14/properties/inference_algo")]


def test_a_plan_that_would_fill_the_memory_is_not_begun() -> None:
    """What pymdp would lay out for all policies is counted beforehand: ``size-limit``, before anything is loaded."""
    graph = Graph().axes("state", s=2500).axes("observation", o=2).axes("action", a=["up", "down", "left", "right"])
    graph.transition("B", ["s", "a"], {"kind": "grid", "rows": 50, "cols": 50}).node("plan", "policy", policy_len=4)
    with pytest.raises(GMNValidationError, match="256 policies") as caught:
        simulate(graph.spec, 1)
    assert [finding.code for finding in caught.value.findings] == ["size-limit"]


def test_a_run_that_would_fill_the_memory_is_not_begun() -> None:
    """Beliefs over many states and steps are counted beforehand; the hint says how many steps there may be."""
    graph = Graph().axes("state", s=2500).axes("observation", o=2).axes("action", a=2)
    with pytest.raises(InputError, match="2500 states") as caught:
        simulate(graph.transition("B", ["s", "a"], {"kind": "identity"}).spec, 5000)
    assert "4000" in caught.value.hint


@pytest.mark.parametrize(("gamma", "wish"), [(1, 1e300), (1e30, 1e30)])
def test_numbers_beyond_single_precision_are_told(gamma: float, wish: float) -> None:
    """Preferences that overflow in pymdp, at once or times gamma, are ``not-finite``, and no run is made of them."""
    pytest.importorskip("pymdp")
    graph = Graph().axes("state", s=2).axes("observation", o=2).axes("action", a=2)
    graph.likelihood("A", "o", ["s"], {"kind": "identity"}).transition("B", ["s", "a"], {"kind": "set"})
    graph.subject("C", "preference", "o", vector=[0, wish]).node("plan", "policy", gamma=gamma)
    with pytest.raises(GMNValidationError, match="single precision") as caught:
        simulate(graph.spec, 2)
    assert [finding.code for finding in caught.value.findings] == ["not-finite"]


def test_without_pymdp_the_extra_is_named() -> None:
    """Where pymdp is not installed, an InputError says what to install, and keeps the ImportError as its cause."""
    code = (
        "import sys; sys.modules['pymdp'] = None\n"
        "from tests.simulation.models import walk; from gmn_llm import InputError\n"
        "from gmn_llm.simulation import simulate\n"
        "try:\n    simulate(walk(), 1)\n"
        "except InputError as error:\n    print(error, isinstance(error.__cause__, ImportError))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "pip install 'gmn-llm[pymdp]'" in done.stdout
    assert done.stdout.endswith("True\n")


def test_the_door_does_not_load_jax() -> None:
    """``gmn_llm.simulation`` can be imported where pymdp is not installed, and at no cost where it is."""
    code = "import gmn_llm.simulation, sys; print({'jax', 'pymdp', 'equinox', 'litellm'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
