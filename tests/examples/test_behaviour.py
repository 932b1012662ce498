"""The agents of the worked models, pymdp's own, do what their models are there to show."""

from __future__ import annotations

import json
import re
import runpy
import warnings
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gmn_llm.gmn import GMNSpec
from tests.examples.playing import Step, play
from tests.examples.worked import MODELS, market_with_regimes, read


@pytest.fixture(scope="module", autouse=True)
def _loaded() -> None:
    """Loads pymdp, with its own warnings kept out."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pytest.importorskip("pymdp.agent")


def labels(spec: GMNSpec, node_id: str) -> list[str]:
    """The labels of a node."""
    return next(list(node.properties["labels"]) for node in spec.nodes if node.id == node_id)


def visited(spec: GMNSpec, factor: str, run: list[Step]) -> list[str]:
    """The states of the first factor, by label, in the order in which they were first entered."""
    names = labels(spec, factor)
    return list(dict.fromkeys(names[step.states[0]] for step in run))


def test_the_python_of_readme_makes_an_agent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The two lines of README, run in the folder of the project, give the agent of the T-maze."""
    (code,) = re.findall(r"```python\n(.*?)```", (MODELS / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    script = tmp_path / "two_lines.py"
    script.write_text(code, encoding="utf-8")
    monkeypatch.chdir(MODELS.parents[1])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        agent = runpy.run_path(str(script))["agent"]
    assert agent.num_states == [5, 2]


@pytest.mark.parametrize("side", [0, 1], ids=["left", "right"])
def test_in_the_t_maze_the_cue_comes_first(side: int) -> None:
    """The agent turns to the cue, believes it, goes back to the arm it names and stays with the reward."""
    spec = read("t_maze")
    run = play(spec, (0, side))
    arm = ("left_arm", "right_arm")[side]
    assert run[1].observations[2] == 1 + side  # this seed's cue is right
    assert visited(spec, "location", run) == ["centre", "cue", "middle", arm]
    assert run[1].beliefs[1][side] == pytest.approx(0.95, abs=1e-6)
    assert [step.observations[1] for step in run[4:]] == [1] * 6


def test_who_plays_the_bandit_asks_first() -> None:
    """The agent asks for the hint before it plays, and ends with the better arm."""
    spec = read("multi_armed_bandit")
    run = play(spec, (1, 0))
    names = labels(spec, "choose")
    choices = [names[step.action[1]] for step in run]
    assert choices[:2] == ["ask", "play_right"]
    assert set(choices[5:]) == {"play_right"}
    assert "play_left" not in choices


def test_who_plays_the_bandit_asks_nobody_that_does_not_know() -> None:
    """With a hint that is right every other time the same agent never asks for it."""
    text = json.dumps(read("multi_armed_bandit").document)
    hinted = '{"hint_left": 0.9, "hint_right": 0.1}', '{"hint_left": 0.1, "hint_right": 0.9}'
    for given in hinted:
        assert given in text
        text = text.replace(given, '{"hint_left": 0.5, "hint_right": 0.5}')
    spec = GMNSpec.parse(text)
    ask = labels(spec, "choose").index("ask")
    assert ask not in [step.action[1] for step in play(spec, (1, 0))]


@pytest.mark.parametrize(("speaking", "cheese"), list(product(range(2), range(2))))
def test_on_the_small_board_one_cue_leads_to_the_other(speaking: int, cheese: int) -> None:
    """On slippery ground too: the first cue, the second one that speaks, the prize that is cheese; never the shock."""
    spec = read("grid_world_with_cue")
    run = play(spec, (5, speaking, cheese), steps=18)
    places = [place for place in visited(spec, "cell", run) if place.startswith(("cue", "prize"))]
    wanted = ["cue_1", ("cue_up", "cue_down")[speaking], ("prize_up", "prize_down")[cheese]]
    assert [place for place in places if place in wanted] == wanted
    assert run[-1].observations[3] == 1
    assert 2 not in [step.observations[3] for step in run]


@pytest.mark.parametrize(("speaking", "cheese"), list(product(range(4), range(2))))
def test_in_epistemic_chaining_one_cue_leads_to_the_other(speaking: int, cheese: int) -> None:
    """The agent reads the first cue, goes straight to the one of four that speaks, and then to the cheese alone."""
    spec = read("epistemic_chaining")
    run = play(spec, (0, speaking, cheese), steps=16)
    places = [place for place in visited(spec, "cell", run) if place.startswith(("cue", "prize"))]
    assert places[:2] == ["cue_1", f"cue_{'abcd'[speaking]}"]
    assert [place for place in places if place.startswith("prize")] == [("prize_top", "prize_low")[cheese]]
    assert run[2].beliefs[1][speaking] == pytest.approx(1, abs=1e-4)
    assert run[-1].observations[3] == 1


@pytest.mark.parametrize(("regime", "position"), [(0, 0), (2, 2)], ids=["bear", "bull"])
def test_the_trader_ends_with_the_market(regime: int, position: int) -> None:
    """In a regime that lasts the trader comes to know it, and holds the position that gains in it."""
    run = play(read("market_with_regimes"), (regime, 1), steps=16, held=(0,))
    assert [step.states[1] for step in run[-6:]] == [position] * 6
    assert all(step.beliefs[0].argmax() == regime for step in run[-3:])
    assert {step.action for step in run[-3:]} == {(0, 1)}


def test_a_plan_of_the_trader_is_worth_what_its_words_say() -> None:
    """The k-th row of C is the k-th step's, and the k-th habit the k-th plan's: all 27 plans against plain NumPy."""
    worked: Any = market_with_regimes()
    step = play(read("market_with_regimes"), (1, 1), steps=1)[0]
    regime, position = (belief.astype(float) for belief in step.beliefs)
    drift, filled = worked["B"]
    expected = []
    for plan in product(range(3), repeat=3):
        r, p, total = regime, position, 0.0
        for t, trade in enumerate(plan):
            r, p = drift[:, :, 0] @ r, np.einsum("nrp,r,p->n", filled[..., trade], r, p)
            total += worked["C"][1][t] @ np.einsum("orp,r,p->o", worked["A"][1], r, p)
            total += told(worked["A"][0], r) + sum(
                told(a.reshape(3, 9), np.outer(r, p).ravel()) for a in worked["A"][1:]
            )
        expected.append(total)
    assert np.allclose(step.worth, expected, rtol=0, atol=1e-4)
    weights = worked["E"] * np.exp(worked["gamma"] * (np.array(expected) - max(expected)))
    assert np.allclose(step.policies, weights / weights.sum(), rtol=0, atol=1e-4)


def told(likelihood: np.ndarray, states: np.ndarray) -> float:
    """How much an observation is expected to tell of the states, in nats: the mutual information of the two."""
    joint = likelihood * states
    apart = np.outer(joint.sum(axis=1), joint.sum(axis=0))
    return float(
        sum(both * np.log(both / alone) for both, alone in zip(joint.ravel(), apart.ravel(), strict=True) if both)
    )
