"""Named transitions that move by an action: ``grid``, ``line``, ``cycle`` and ``set``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

import numpy as np

from gmn_llm.gmn.slots import acting, check_acting, spread, whole
from gmn_llm.gmn.words import digits, listed, named

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from gmn_llm.findings import Finding
    from gmn_llm.gmn.parts import Axis
    from gmn_llm.gmn.slots import Matrix, Slot

__all__ = [
    "MOVES",
    "STEPS",
    "check_grid",
    "check_set",
    "check_steps",
    "expand_grid",
    "expand_set",
    "expand_steps",
    "spelled",
]

STEPS = {
    **dict.fromkeys(("previous", "left", "down", "back", "west"), -1),
    **dict.fromkeys(("next", "right", "up", "forward", "east"), +1),
}
NORTH, SOUTH, WEST, EAST = (-1, 0), (1, 0), (0, -1), (0, 1)
MOVES = {
    "up": NORTH, "north": NORTH, "down": SOUTH, "south": SOUTH, "left": WEST, "west": WEST,
    "right": EAST, "east": EAST, "stay": (0, 0),
    "northeast": (-1, 1), "ne": (-1, 1), "northwest": (-1, -1), "nw": (-1, -1),
    "southeast": (1, 1), "se": (1, 1), "southwest": (1, -1), "sw": (1, -1),
}  # fmt: skip


def spelled(label: str) -> str:
    """Return a label as the tables of moves spell it: small, without blanks, hyphens and underscores."""
    return label.lower().replace("_", "").replace("-", "").replace(" ", "")


def _share(value: object, default: float) -> float:
    return float(value) if isinstance(value, int | float) else default


def check_grid(slot: Slot, matrix: Matrix) -> Iterator[Finding]:
    """It has rows x cols states; walls on the board; moves for labels that are there."""
    yield from check_acting(slot, matrix)
    rows, cols, size = whole(matrix["rows"]), whole(matrix["cols"]), slot.target.size
    if rows * cols != size:
        message = f"{digits(rows)} x {digits(cols)} cells and {named(slot.target.id)} has {size} states"
        yield slot.finding("shape", message, "num_states has to be rows x cols")
    for k, (row, col) in enumerate(_walls(matrix)):
        if row >= rows or col >= cols:
            message = f"the wall [{digits(row)}, {digits(col)}] is off the board of {digits(rows)} x {digits(cols)}"
            yield slot.finding("bad-reference", message, "rows and columns count from 0", at=f"/walls/{k}")
    yield from _check_labels(slot, matrix)


def check_steps(slot: Slot, matrix: Matrix) -> Iterator[Finding]:
    """One action, and moves for labels that are there."""
    yield from check_acting(slot, matrix)
    yield from _check_labels(slot, matrix)


def check_set(slot: Slot, matrix: Matrix) -> Iterator[Finding]:
    """As many choices as states."""
    yield from check_acting(slot, matrix)
    action, target = acting(slot, matrix), slot.target
    if action is not None and action.size != target.size:
        message = f"action {named(action.id)} has {action.size} choices and {named(target.id)} has {target.size} states"
        yield slot.finding("shape", message, "as many choices as states")


def _walls(matrix: Matrix) -> list[tuple[int, int]]:
    walls = matrix.get("walls")
    return [(whole(row), whole(col)) for row, col in walls] if isinstance(walls, list) else []


def _check_labels(slot: Slot, matrix: Matrix) -> Iterator[Finding]:
    """``moves`` names labels that are there; a choice that means no move stays, which is told."""
    action, moves = acting(slot, matrix), matrix.get("moves")
    if action is None:
        return
    if isinstance(moves, Mapping):
        places = [action.find_key(label) for label in moves]
        for label in (label for label, place in zip(moves, places, strict=True) if place is None):
            message = f"moves names {named(label)}, which the action {named(action.id)} does not have"
            yield slot.finding("bad-reference", message, action.known, at="/moves")
        still = [label for k, label in enumerate(action.labels) if k not in places and spelled(label) != "stay"]
    else:
        still = [label for label in action.labels if spelled(label) not in MOVES]
        if not action.labels:
            message = f"the action {named(action.id)} has no labels, so each of its choices stays"
            yield slot.finding("added-default", message, "give the action labels, or the matrix 'moves'")
    if still and matrix["kind"] == "grid":
        known = "'moves' has them all" if isinstance(moves, Mapping) else f"known are {', '.join(MOVES)}"
        yield slot.finding("added-default", f"{listed(still)} means no move on a grid: it stays", known)


def _choices(action: Axis, matrix: Matrix, known: Mapping[str, object], still: object) -> list[object]:
    """Return the move of each choice of ``action``."""
    moves = matrix.get("moves")
    if isinstance(moves, Mapping):
        said = {action.find_key(label): move for label, move in moves.items()}
        return [said.get(k, still) for k in range(action.size)]
    labels = action.labels or ("",) * action.size
    return [known.get(spelled(label), still) for label in labels]


def _moved(slot: Slot, action: Axis, next_states: NDArray[np.intp], stay: float) -> NDArray[np.float64]:
    """Return the transition that leads state s under choice a to ``next_states[s, a]``, and stays with ``stay``."""
    size = slot.target.size
    small = np.zeros((size, *next_states.shape))
    state, choice = np.arange(size)[:, None], np.arange(next_states.shape[1])[None, :]
    small[next_states, state, choice] = 1.0 - stay
    small[state, state, choice] += stay
    place = 1 + len(slot.parents) + next(k for k, axis in enumerate(slot.controls) if axis is action)
    return spread(small, slot.shape, (0, slot.own_axis, place))


def _action(slot: Slot, matrix: Matrix) -> Axis:
    action = acting(slot, matrix)
    if action is None:
        raise AssertionError("a transition that moves and was checked has an action")
    return action


def expand_grid(slot: Slot, matrix: Matrix) -> NDArray[np.float64]:
    """Moves on a board, row by row; off the board (unless it wraps) and into walls it stays, as in a wall."""
    action = _action(slot, matrix)
    rows, cols = whole(matrix["rows"]), whole(matrix["cols"])
    cells = np.arange(rows * cols)
    row, col = cells // cols, cells % cols
    wall = np.zeros(rows * cols, dtype=bool)
    for wall_row, wall_col in _walls(matrix):
        wall[wall_row * cols + wall_col] = True
    next_states = np.empty((rows * cols, action.size), dtype=np.intp)
    for k, move in enumerate(_choices(action, matrix, MOVES, (0, 0))):
        down, right = cast("tuple[int, int]", move)
        to_row, to_col = row + whole(down, most=2**31), col + whole(right, most=2**31)
        if matrix.get("wrap"):
            to_row, to_col = (row + int(down) % rows) % rows, (col + int(right) % cols) % cols
        off = (to_row < 0) | (to_row >= rows) | (to_col < 0) | (to_col >= cols)
        to = np.where(off, cells, to_row * cols + to_col)
        next_states[:, k] = np.where(wall | wall[to], cells, to)
    return _moved(slot, action, next_states, _share(matrix.get("slip"), 0.0))


def expand_steps(slot: Slot, matrix: Matrix) -> NDArray[np.float64]:
    """Steps on a line, which stops at its ends, or on a cycle, which wraps."""
    action, size = _action(slot, matrix), slot.target.size
    steps = [int(step) if isinstance(step, int | float) else 0 for step in _choices(action, matrix, STEPS, 0)]
    wraps = matrix["kind"] == "cycle"
    steps = [step % size if wraps else whole(step, most=size) for step in steps]
    to = np.arange(size)[:, None] + np.array(steps, dtype=np.intp)[None, :]
    next_states = to % size if wraps else np.clip(to, 0, size - 1)
    return _moved(slot, action, next_states, _share(matrix.get("slip"), 0.0))


def expand_set(slot: Slot, matrix: Matrix) -> NDArray[np.float64]:
    """Choice k leads to state k with ``reliability``, else the state stays."""
    size = slot.target.size
    next_states = np.broadcast_to(np.arange(size), (size, size))
    return _moved(slot, _action(slot, matrix), next_states, 1.0 - _share(matrix.get("reliability"), 1.0))
