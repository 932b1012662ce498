"""Descriptions of agents, drawn from a seeded generator: of many kinds, sizes and wordings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

__all__ = ["described"]

NUMBERS: Final = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
)  # fmt: skip
WALKERS: Final = ("robot", "mouse", "drone", "rover", "cat", "squirrel", "beetle", "courier", "vacuum", "explorer")
PRIZES: Final = ("treasure", "cheese", "food", "charger", "exit", "flag", "goal")
CORNERS: Final = ("top left", "top right", "bottom left", "bottom right")
PLACES: Final = (
    "kitchen", "bedroom", "office", "garage", "garden", "attic", "library", "lab", "cafe", "school", "park",
)  # fmt: skip
ORDERS: Final = ("buy", "sell", "hold")
OPENINGS: Final = ("", "", "", "Create an agent: ", "Please model this: ", "I need ", "Design ", "Build me ")
TYPES: Final = ("general", "general", "explorer", "planner")


def described(rng: Random) -> tuple[str, str]:
    """Return a description in words, and the kind of agent it is of."""
    kind = rng.choices(KINDS, WEIGHTS)[0]
    words, agent_type = kind(rng)
    opening = rng.choice(OPENINGS)
    text = opening + (words[0].lower() + words[1:] if opening else words)
    ending = rng.choice(("", ".", "."))
    text = text + ending
    return rng.choice((text, text, text, text.lower())), agent_type


def _who(rng: Random) -> str:
    name = rng.choice(WALKERS)
    return f"{'An' if name[0] in 'aeiou' else 'A'} {name}"


def _number(rng: Random, count: int) -> str:
    return NUMBERS[count] if count < len(NUMBERS) and rng.random() < 0.4 else str(count)


def _size(rng: Random, rows: int, cols: int) -> str:
    return rng.choice(
        (
            f"on a {cols}x{rows} grid",
            f"on a {cols} by {rows} grid",
            f"on a grid of {_number(rng, rows)} rows and {_number(rng, cols)} columns",
            f"on a board with {_number(rng, rows)} rows and {_number(rng, cols)} columns",
            f"in a {cols}x{rows} grid world",
        )
    )


def _manner(rng: Random, *, slips: bool = True) -> list[str]:
    """Return remarks on chance and planning, each of which may be missing."""
    said = []
    if slips and rng.random() < 0.4:
        share = rng.choice((5, 10, 15, 20, 25, 30, 35, 40))
        said.append(rng.choice((f"it slips {share}% of the time", f"steps fail with a probability of {share / 100:g}")))
    if rng.random() < 0.4:
        share = rng.choice((60, 65, 70, 75, 80, 85, 90, 95))
        said.append(rng.choice((f"it sees the right cell {share}% of the time", f"its sensor is {share}% accurate")))
    if rng.random() < 0.5:
        steps = rng.choice((1, 2, 3, 4))
        said.append(rng.choice((f"it plans {_number(rng, steps)} steps ahead", f"planning horizon {steps}")))
    rng.shuffle(said)
    return said


def _joined(rng: Random, parts: Sequence[str]) -> str:
    mark = rng.choice(("; ", ". ", ", "))
    told = [part[0].upper() + part[1:] if mark == ". " and place else part for place, part in enumerate(parts)]
    return mark.join(told)


def _grid(rng: Random) -> tuple[str, str]:
    rows, cols = rng.randint(2, 9), rng.randint(2, 9)
    parts = [f"{_who(rng)} {_size(rng, rows, cols)}"]
    start, goal = rng.sample(CORNERS, 2)
    if rng.random() < 0.7:
        parts.append(rng.choice((f"it starts in the {start} corner", f"start at the {start} corner")))
    if rng.random() < 0.7:
        prize = rng.choice(PRIZES)
        parts.append(rng.choice((f"the {prize} is in the {goal} corner", f"it wants to reach the {goal} corner")))
    elif rng.random() < 0.6:
        row, col = rng.randrange(rows), rng.randrange(cols)
        parts.append(f"the goal is at row {row}, column {col}")
    if rng.random() < 0.35 and rows > 2 and cols > 2:
        parts.append(f"there is a wall at ({rng.randrange(1, rows - 1)}, {rng.randrange(1, cols - 1)})")
    if rng.random() < 0.3:
        parts.append(
            rng.choice(
                (
                    "it can go up, down, left and right",
                    "it moves north, south, east or west",
                    "it can go up, down, left, right or stay",
                    "it can move in eight directions",
                )
            )
        )
    return _joined(rng, parts + _manner(rng)), rng.choice(TYPES)


def _line(rng: Random) -> tuple[str, str]:
    size = rng.randint(3, 40)
    where, goal = rng.choice(
        (
            (f"in a corridor of {_number(rng, size)} cells", "the right end"),
            (f"on a line of {_number(rng, size)} positions", "the left end"),
            (f"on a track with {_number(rng, size)} cells", "the last cell"),
        )
    )
    parts = [f"{_who(rng)} {where}"]
    if rng.random() < 0.6:
        parts.append(f"it can move left{rng.choice((', right or stay', ' or right'))}")
    if rng.random() < 0.5:
        parts.append(f"it starts at cell {rng.randrange(size)}")
    if rng.random() < 0.7:
        parts.append(f"it wants to reach {rng.choice((goal, f'cell {rng.randrange(size)}'))}")
    return _joined(rng, parts + _manner(rng)), rng.choice(TYPES)


def _ring(rng: Random) -> tuple[str, str]:
    size = rng.randint(3, 30)
    parts = [f"{_who(rng)} on a ring of {_number(rng, size)} positions"]
    if rng.random() < 0.6:
        parts.append("it can go clockwise or counterclockwise")
    if rng.random() < 0.6:
        parts.append(f"it wants to be at position {rng.randrange(size)}")
    return _joined(rng, parts + _manner(rng)), rng.choice(TYPES)


def _rooms(rng: Random) -> tuple[str, str]:
    names = rng.sample(PLACES, rng.randint(2, 6))
    parts = [f"{_who(rng)} that moves between the {', the '.join(names[:-1])} and the {names[-1]}"]
    if rng.random() < 0.6:
        parts.append(f"it starts in the {rng.choice(names)}")
    if rng.random() < 0.7:
        parts.append(f"it wants to be in the {rng.choice(names)}")
    return _joined(rng, parts + _manner(rng, slips=False)), rng.choice(TYPES)


def _bandit(rng: Random) -> tuple[str, str]:
    arms = rng.randint(2, 8)
    parts = [rng.choice((f"A bandit with {_number(rng, arms)} arms", f"A {_number(rng, arms)}-armed bandit"))]
    if rng.random() < 0.5:
        parts.append(f"the best arm pays {rng.choice((60, 70, 75, 80, 85, 90, 95))}% of the time")
    return _joined(rng, parts), "general"


def _trader(rng: Random) -> tuple[str, str]:
    levels = rng.randint(3, 12)
    parts = [rng.choice((f"A trader with {levels} price levels", f"A market with {_number(rng, levels)} price levels"))]
    if rng.random() < 0.5:
        parts.append(f"it can {', '.join(ORDERS[:2])} or {ORDERS[2]}")
    return _joined(rng, parts + _manner(rng, slips=False)), "trader"


def _battery(rng: Random) -> tuple[str, str]:
    rows, cols = rng.randint(2, 5), rng.randint(2, 5)
    levels = rng.randint(2, 6)
    parts = [f"{_who(rng)} {_size(rng, rows, cols)} with a battery of {_number(rng, levels)} levels"]
    if rng.random() < 0.5:
        parts.append(rng.choice(("it keeps the battery full", "it wants a full battery")))
    if rng.random() < 0.5:
        parts.append(f"it starts in the {rng.choice(CORNERS)} corner")
    return _joined(rng, parts + _manner(rng)), rng.choice(TYPES)


def _maze(rng: Random) -> tuple[str, str]:
    share = rng.choice((70, 75, 80, 85, 90, 95))
    return f"A rat in a T-maze whose cue is right {share}% of the time", "general"


KINDS: Final[Sequence[Callable[[Random], tuple[str, str]]]] = (
    _grid,
    _line,
    _ring,
    _rooms,
    _bandit,
    _trader,
    _battery,
    _maze,
)
WEIGHTS: Final = (40, 15, 8, 12, 3, 4, 12, 1)
