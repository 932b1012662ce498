"""The arrays of the worked models, written down anew from what their descriptions say.

Plain loops over states; nothing of the package is used, so that two independent readings of the same words can be
compared. Each function returns the arguments that an agent gets.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from gmn_llm.gmn import GMNSpec

MODELS = Path(__file__).resolve().parents[2] / "examples" / "models"
Model = dict[str, Any]


def read(name: str, notation: str = "json") -> GMNSpec:
    """A worked model, read from its file in one of the two notations (``json`` or ``gmn``)."""
    file = MODELS / f"{name}.{notation}"
    return GMNSpec.parse(file.read_text(encoding="utf-8"), filename=file.name).valid()


def stays(size: int) -> np.ndarray:
    """A factor that never changes and no action drives: (size, size, 1)."""
    return np.eye(size)[:, :, None]


def one_hot(size: int, place: int) -> np.ndarray:
    """All mass at ``place``."""
    return np.array([1.0 if k == place else 0.0 for k in range(size)])


def t_maze() -> Model:
    """Five places joined in a T, and a reward in one of two arms."""
    centre, left_arm, right_arm, cue, middle = range(5)
    joined = {(centre, cue), (centre, middle), (middle, left_arm), (middle, right_arm)}
    joined |= {(there, here) for here, there in joined}
    outcome, signal = np.zeros((3, 5, 2)), np.zeros((3, 5, 2))
    for place, side in product(range(5), range(2)):
        if place in (left_arm, right_arm):
            is_right_one = place == (left_arm, right_arm)[side]
            outcome[1 if is_right_one else 2, place, side] = 1.0
        else:
            outcome[0, place, side] = 1.0
        if place == cue:
            signal[1 + side, place, side] = 0.95
            signal[2 - side, place, side] = 0.05
        else:
            signal[0, place, side] = 1.0
    moving = np.zeros((5, 5, 5))
    for here, there in product(range(5), range(5)):
        moving[there if (here, there) in joined else here, here, there] = 1.0
    return {
        "A": [np.eye(5), outcome, signal],
        "B": [moving, stays(2)],
        "C": [np.zeros(5), np.array([0.0, 3.0, -6.0]), np.zeros(3)],
        "D": [one_hot(5, centre), np.array([0.5, 0.5])],
        "A_dependencies": [[0], [0, 1], [0, 1]],
        "B_dependencies": [[0], [1]],
        "num_controls": [5, 1],
        "policy_len": 3,
        "gamma": 16.0,
        "alpha": 16.0,
    }


def multi_armed_bandit() -> Model:
    """Two arms of which one is better, and a hint that is right nine times out of ten."""
    _, asking, playing_left, playing_right = range(4)
    hint, payoff, done = np.zeros((3, 2, 4)), np.zeros((3, 2, 4)), np.zeros((4, 2, 4))
    for better, doing in product(range(2), range(4)):
        done[doing, better, doing] = 1.0
        if doing == asking:
            hint[1 + better, better, doing] = 0.9
            hint[2 - better, better, doing] = 0.1
        else:
            hint[0, better, doing] = 1.0
        if doing in (playing_left, playing_right):
            win = 0.8 if doing == (playing_left, playing_right)[better] else 0.2
            payoff[1, better, doing] = 1.0 - win
            payoff[2, better, doing] = win
        else:
            payoff[0, better, doing] = 1.0
    choosing = np.zeros((4, 4, 4))
    for here, choice in product(range(4), range(4)):
        choosing[choice, here, choice] = 1.0
    return {
        "A": [hint, payoff, done],
        "B": [stays(2), choosing],
        "C": [np.zeros(3), np.array([0.0, -4.0, 2.0]), np.zeros(4)],
        "D": [np.array([0.5, 0.5]), one_hot(4, 0)],
        "A_dependencies": [[0, 1], [0, 1], [0, 1]],
        "B_dependencies": [[0], [1]],
        "num_controls": [1, 4],
        "policy_len": 2,
        "gamma": 16.0,
        "alpha": 16.0,
    }


Cell = tuple[int, int]


def chain(
    *,
    board: tuple[int, int],
    start: Cell,
    first: Cell,
    second: list[Cell],
    prizes: list[Cell],
    slip: float = 0.0,
    walls: tuple[Cell, ...] = (),
) -> Model:
    """A board with a first cue, second cues of which one speaks, and two prizes of which one is cheese."""
    rows, cols = board
    cells = list(product(range(rows), range(cols)))
    place = {cell: number for number, cell in enumerate(cells)}
    count, cues = len(cells), len(second)
    first_cue, second_cue = np.zeros((1 + cues, count, cues)), np.zeros((3, count, cues, 2))
    taste = np.zeros((3, count, 2))
    for cell, speaking in product(cells, range(cues)):
        first_cue[1 + speaking if cell == first else 0, place[cell], speaking] = 1.0
        for cheese in range(2):
            second_cue[1 + cheese if cell == second[speaking] else 0, place[cell], speaking, cheese] = 1.0
    for cell, cheese in product(cells, range(2)):
        found = 0 if cell not in prizes else 1 if cell == prizes[cheese] else 2
        taste[found, place[cell], cheese] = 1.0
    stepping = np.zeros((count, count, 5))
    for (row, col), (step, (down, right)) in product(cells, enumerate([(-1, 0), (1, 0), (0, -1), (0, 1), (0, 0)])):
        here, to = (row, col), (row + down, col + right)
        if to not in place or to in walls or here in walls:
            to = here
        stepping[place[here], place[here], step] += slip
        stepping[place[to], place[here], step] += 1.0 - slip
    return {
        "A": [np.eye(count), first_cue, second_cue, taste],
        "B": [stepping, stays(cues), stays(2)],
        "C": [np.zeros(count), np.zeros(1 + cues), np.zeros(3), np.array([0.0, 3.0, -6.0])],
        "D": [one_hot(count, place[start]), np.array([1.0 / cues] * cues), np.array([0.5, 0.5])],
        "A_dependencies": [[0], [0, 1], [0, 1, 2], [0, 2]],
        "B_dependencies": [[0], [1], [2]],
        "num_controls": [5, 1, 1],
        "policy_len": 4,
        "gamma": 16.0,
        "alpha": 16.0,
    }


def grid_world_with_cue() -> Model:
    """3 x 5 cells, two walls, and steps of which one in ten fails."""
    return chain(
        board=(3, 5),
        start=(1, 0),
        first=(2, 0),
        second=[(0, 2), (2, 2)],
        prizes=[(0, 4), (2, 4)],
        slip=0.1,
        walls=((1, 1), (1, 3)),
    )


def epistemic_chaining() -> Model:
    """5 x 7 cells, four second cues, and a small wish to be in the middle row's fifth cell."""
    model = chain(
        board=(5, 7),
        start=(0, 0),
        first=(2, 0),
        second=[(0, 2), (1, 3), (3, 3), (4, 2)],
        prizes=[(1, 5), (3, 5)],
    )
    model["C"][0][2 * 7 + 4] = 0.1
    return model


def market_with_regimes() -> Model:
    """Three regimes that drift, three positions that orders move, and a plan that counts its end most."""
    bear, sideways, bull = range(3)
    short, flat, long = range(3)
    sell, _, buy = range(3)
    price = np.zeros((3, 3))
    price[:, bear], price[:, sideways], price[:, bull] = (0.6, 0.3, 0.1), (0.2, 0.6, 0.2), (0.1, 0.2, 0.7)
    profit, account = np.zeros((3, 3, 3)), np.zeros((3, 3, 3))
    for regime, position in product(range(3), range(3)):
        if position == flat:
            chances = (0.0, 1.0, 0.0)
        elif regime == sideways:
            chances = (0.3, 0.5, 0.2)
        elif (regime, position) in ((bull, long), (bear, short)):
            chances = (0.1, 0.1, 0.8)
        else:
            chances = (0.8, 0.1, 0.1)
        profit[:, regime, position] = chances
        for shown in range(3):
            account[shown, regime, position] = 0.98 if shown == position else 0.01
    drift = np.zeros((3, 3, 1))
    for regime, others in ((bear, {sideways: 0.1}), (sideways, {bear: 0.05, bull: 0.05}), (bull, {sideways: 0.1})):
        drift[regime, regime, 0] = 0.9
        for other, chance in others.items():
            drift[other, regime, 0] = chance
    filled = np.zeros((3, 3, 3, 3))
    for regime, position, trade in product(range(3), range(3), range(3)):
        to = min(position + 1, long) if trade == buy else max(position - 1, short) if trade == sell else position
        chance = 0.9 if regime == bear else 1.0
        filled[to, regime, position, trade] += chance
        filled[position, regime, position, trade] += 1.0 - chance
    habits = []
    for one, two, three in product(range(3), range(3), range(3)):
        habits.append((0.125, 0.5, 0.375)[one] * (0.25, 0.5, 0.25)[two] * (0.25, 0.5, 0.25)[three])
    return {
        "A": [price, profit, account],
        "B": [drift, filled],
        "C": [np.zeros(3), np.array([[-2.0, 0.0, 2.0], [-4.0, 0.0, 4.0], [-8.0, 0.0, 8.0]]), np.zeros(3)],
        "D": [np.array([0.25, 0.5, 0.25]), one_hot(3, flat)],
        "E": np.array(habits),
        "A_dependencies": [[0], [0, 1], [0, 1]],
        "B_dependencies": [[0], [0, 1]],
        "num_controls": [1, 3],
        "policy_len": 3,
        "gamma": 4.0,
        "alpha": 16.0,
    }


WORKED: dict[str, Callable[[], Model]] = {
    "t_maze": t_maze,
    "grid_world_with_cue": grid_world_with_cue,
    "multi_armed_bandit": multi_armed_bandit,
    "epistemic_chaining": epistemic_chaining,
    "market_with_regimes": market_with_regimes,
}
