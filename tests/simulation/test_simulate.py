"""Runs of pymdp's own agent. JAX takes seconds to compile a model, so there are few, each looked at from many sides."""

from __future__ import annotations

import json

import numpy as np
import pytest

from gmn_llm.simulation import Simulation, simulate
from tests.gmn.builders import Graph
from tests.simulation.models import maze, shared, walk

pytest.importorskip("pymdp")


@pytest.fixture(scope="module")
def path() -> Simulation:
    """Six steps on the line."""
    return simulate(walk(), 6, seed=0)


@pytest.fixture(scope="module")
def mazes() -> list[Simulation]:
    """Four steps in the maze, under several seeds."""
    return [simulate(maze(), 4, seed=seed) for seed in range(6)]


@pytest.fixture(scope="module")
def tied() -> Simulation:
    """Six steps where actions are shared."""
    return simulate(shared(), 6, seed=0)


def test_a_world_without_chance_is_walked_step_by_step(path: Simulation) -> None:
    """The agent goes straight to what it likes best; truth, sight and belief are one where sight is certain."""
    cells = [0, 1, 2, 3, 4, 4]
    assert [step.t for step in path.steps] == list(range(6))
    assert [step.state for step in path.steps] == [{"cell": cell} for cell in cells]
    assert [step.observations for step in path.steps] == [{"seen": cell} for cell in cells]
    assert [int(np.argmax(step.beliefs["cell"])) for step in path.steps] == cells
    assert [step.action["go"] for step in path.steps[:4]] == ["right"] * 4


def test_the_summary_adds_up_what_was_done_and_seen(path: Simulation) -> None:
    """Actions are counted, preferences obtained averaged in nats, the last belief's entropy is 0 where all is known."""
    summary = path.summary
    assert summary.steps == 6
    assert set(summary.actions["go"]) == {"left", "right", "stay"}
    assert sum(summary.actions["go"].values()) == 6
    assert summary.actions["go"]["left"] == 0
    assert summary.preferred == {"seen": 2}
    assert summary.mean_preference == pytest.approx((0 + 1 + 2 + 3 + 4 + 4) / 6)
    assert summary.mean_efe == pytest.approx(np.mean([step.efe for step in path.steps]))
    assert summary.entropy == {"cell": pytest.approx(0, abs=1e-6)}


def test_free_energies_are_those_of_the_page(path: Simulation) -> None:
    """With all certain the expected free energy is minus the preferences on the way, and nothing surprises."""
    assert path.steps[0].efe == pytest.approx(-(1 + 2 + 3 + 4), abs=1e-4)
    assert path.steps[4].efe == pytest.approx(-16, abs=1e-4)
    assert [step.vfe for step in path.steps] == pytest.approx([0] * 6, abs=1e-4)


def test_the_agent_asks_the_cue_and_then_goes_for_the_cheese(mazes: list[Simulation]) -> None:
    """In the T-maze it first learns where the reward is, then takes it, on whichever side it lies."""
    for run in mazes:
        side = run.steps[0].state["reward"]
        assert [step.action["go"] for step in run.steps[:2]] == ["cue", side]
        assert run.steps[1].observations == {"where": "cue", "told": side, "got": "nothing"}
        assert run.steps[2].observations["got"] == "cheese"
    assert {run.steps[0].state["reward"] for run in mazes} == {"left", "right"}


def test_truth_is_kept_from_the_agent(mazes: list[Simulation]) -> None:
    """Before the cue its belief about the reward is even, whatever is true; being told surprises it by ln 2."""
    for run in mazes:
        truth = ["left", "right"].index(str(run.steps[0].state["reward"]))
        assert run.steps[0].beliefs["reward"] == pytest.approx((0.5, 0.5), abs=1e-6)
        assert run.steps[1].beliefs["reward"][truth] == pytest.approx(1, abs=1e-6)
        assert run.steps[1].vfe == pytest.approx(np.log(2), abs=1e-4)


def test_a_factor_that_nothing_drives_has_no_action(mazes: list[Simulation]) -> None:
    """The reward stays where it is, and only the action there is is told and counted."""
    for run in mazes:
        assert len({step.state["reward"] for step in run.steps}) == 1
        assert all(set(step.action) == {"go"} for step in run.steps)
        assert set(run.summary.actions) == {"go"}


def test_shared_actions_move_what_they_drive(tied: Simulation) -> None:
    """Where actions and factors do not pair off, each action is told by itself, and the world follows the rules."""
    for now, following in zip(tied.steps[:-1], tied.steps[1:], strict=True):
        x, y, _ = (int(now.state[name]) for name in "xyz")
        a, b = int(now.action["a"]), int(now.action["b"])
        assert following.state == {"x": (x + 2 * a + b) % 4, "y": (y + a) % 3, "z": y}
        assert [int(np.argmax(following.beliefs[name])) for name in "xyz"] == list(following.state.values())
    assert tied.steps[-1].observations == {"saw_x": 3, "saw_y": 2}


def test_an_action_that_drives_nothing_is_not_told(tied: Simulation) -> None:
    """An action without a factor is none that the agent chooses."""
    assert all(set(step.action) == {"a", "b"} for step in tied.steps)
    assert set(tied.summary.actions) == {"a", "b"}


def test_beliefs_are_distributions(mazes: list[Simulation], tied: Simulation) -> None:
    """Each belief has a probability for each state and sums to 1 in double precision."""
    for step in (*tied.steps, *(step for run in mazes for step in run.steps)):
        for belief in step.beliefs.values():
            assert min(belief) >= 0
            assert sum(belief) == pytest.approx(1, abs=1e-12)
        assert 0 < step.confidence <= 1


def test_the_same_seed_gives_the_same_run() -> None:
    """With a seed everything is the same to the last digit; without one a seed is drawn, told, and as good."""
    graph = Graph().axes("state", s=3).axes("observation", o=3).axes("action", a=2)
    graph.likelihood("A", "o", ["s"], {"kind": "noisy_identity", "accuracy": 0.6})
    graph.transition("B", ["s", "a"], {"kind": "cycle", "moves": {"1": 1}, "slip": 0.4})
    graph.subject("C", "preference", "o", preferred_observation=2)
    drawn, other = simulate(graph.spec, 12), simulate(graph.spec, 12)
    assert simulate(graph.spec, 12, seed=drawn.seed) == drawn
    assert drawn.seed != other.seed
    assert drawn.steps != other.steps


def test_what_the_policy_followed_is_worth_is_what_numpy_finds() -> None:
    """``efe`` is minus information gain and utility of the policy of the action taken, worked out by hand."""
    graph = Graph().axes("state", s=3).axes("observation", o=3).axes("action", a=3)
    graph.likelihood("A", "o", ["s"], {"kind": "noisy_identity", "accuracy": 0.7})
    graph.transition("B", ["s", "a"], {"kind": "set", "reliability": 0.8})
    graph.subject("C", "preference", "o", vector=[0.3, 0.1, 0.9])
    spec = graph.subject("D", "belief", "s", vector=[0.5, 0.3, 0.2]).spec
    step = simulate(spec, 1, seed=4).steps[0]
    a, b, c, d = (spec.to_pymdp()[name][0] for name in "ABCD")
    seen, taken = int(step.observations["o"]), int(step.action["a"])
    belief = a[seen] * d / (a[seen] @ d)
    assert step.beliefs["s"] == pytest.approx(belief, abs=1e-5)
    assert step.vfe == pytest.approx(-np.log(a[seen] @ d), abs=1e-5)
    value = []
    for action in range(3):
        states = b[:, :, action] @ belief
        outcomes = a @ states
        gain = -(outcomes @ np.log(outcomes)) + (a * np.log(a)).sum(0) @ states
        value.append(gain + outcomes @ c)
    policies = np.exp(16 * (np.array(value) - max(value)))
    assert taken == int(np.argmax(value))
    assert step.efe == pytest.approx(-max(value), abs=1e-5)
    assert step.confidence == pytest.approx(policies.max() / policies.sum(), abs=1e-4)


def test_inference_over_sequences_looks_back_through_a_window() -> None:
    """With mmp the agent goes the same way as step by step, also when the run is longer than what it looks back on."""
    run = simulate(walk(policy_len=2, inference_algo="mmp"), 35, seed=0)
    assert [step.state["cell"] for step in run.steps] == [0, 1, 2, 3, *[4] * 31]
    assert [int(np.argmax(step.beliefs["cell"])) for step in run.steps] == [step.state["cell"] for step in run.steps]
    assert all(np.isfinite(step.vfe) for step in run.steps)


def test_a_run_is_json(tied: Simulation) -> None:
    """As JSON a run has seed, steps and summary, a step the keys of ``Step``."""
    told = json.loads(json.dumps(tied.as_dict(), allow_nan=False))
    assert set(told) == {"seed", "steps", "summary"}
    assert {"t", "observations", "beliefs", "action", "efe"} <= set(told["steps"][0])
    assert told["steps"][0]["beliefs"]["x"] == list(tied.steps[0].beliefs["x"])
    assert told["summary"]["steps"] == len(told["steps"]) == 6
