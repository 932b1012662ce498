"""Matrices by name: for each kind what its parameters must fit, and the array it stands for.

A check looks at parameters only and expands nothing. An expansion is exact, and the same every time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gmn_llm.findings import Finding, quote

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gmn_llm.gmn.structure import Axis

__all__ = ["CHECKS", "EXPANSIONS", "Slot"]

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


@dataclass(frozen=True, slots=True)
class Slot:
    """The place of a matrix: what it is about and which axes it has.

    Attributes:
        node: Id of the likelihood or transition.
        path: JSON pointer to the matrix.
        target: The modality or factor along axis 0.
        parents: The factors along the next axes.
        controls: The actions along the last axes (transitions only).
        own: Place of the driven factor among the parents; None for a likelihood.
    """

    node: str
    path: str
    target: Axis
    parents: tuple[Axis, ...]
    controls: tuple[Axis, ...]
    own: int | None

    @property
    def shape(self) -> tuple[int, ...]:
        """(target, parents ..., controls ... or 1)."""
        last = tuple(control.size for control in self.controls) or ((1,) if self.own is not None else ())
        return (self.target.size, *(parent.size for parent in self.parents), *last)

    def finding(self, code: str, message: str, hint: str = "", *, at: str = "") -> Finding:
        """Return a finding at this matrix."""
        return Finding(code, self.path + at, f"node {self.node!r}: {message}", hint)


Matrix = Mapping[str, object]
Check = Callable[[Slot, Matrix], Iterator[Finding]]
Expansion = Callable[[Slot, Matrix], "NDArray[np.float64]"]


def look_at(slot: Slot, matrix: Matrix) -> tuple[Axis | None, float]:
    """Return which parent an identity or noisy identity shows, and how accurately."""
    inner = matrix.get("of", matrix)
    inner = inner if isinstance(inner, Mapping) else matrix
    factor = inner.get("factor")
    if factor is None:
        parent = slot.parents[0] if len(slot.parents) == 1 else None
    else:
        parent = next((axis for axis in slot.parents if axis.id == factor), None)
    accuracy = inner.get("accuracy", 1.0)
    return parent, float(accuracy) if isinstance(accuracy, int | float) else 1.0


def check_identity(slot: Slot, matrix: Matrix) -> Iterator[Finding]:
    """One parent, of the same size."""
    parent, accuracy = look_at(slot, matrix)
    inner = matrix.get("of", matrix)
    if isinstance(inner, Mapping) and inner.get("kind") == "noisy_identity" and "accuracy" not in inner:
        yield slot.finding("schema", "noisy_identity needs an accuracy", "a number above 0, at most 1")
    if parent is None:
        names = ", ".join(repr(axis.id) for axis in slot.parents)
        if isinstance(inner, Mapping) and "factor" in inner:
            yield slot.finding("bad-reference", f"{quote(inner['factor'])} is not among its parents {names}", "name one of its parents")
        else:
            yield slot.finding("shape", f"it shows one state but depends on {names}", 'say which: {"of": {"factor": ..., "kind": ...}}')
    elif parent.size != slot.target.size:
        yield slot.finding(
            "shape",
            f"{slot.target.id!r} has {slot.target.size} values and {parent.id!r} has {parent.size}",
            "an identity needs as many outcomes as states",
        )
    elif accuracy < 1.0 and slot.target.size == 1:
        yield slot.finding("shape", "with one value alone the accuracy can only be 1", "use identity")


def expand_identity(slot: Slot, matrix: Matrix) -> NDArray[np.float64]:
    """``accuracy`` on the diagonal, (1 - accuracy) / (n - 1) elsewhere."""
    parent, accuracy = look_at(slot, matrix)
    size = slot.target.size
    rest = (1.0 - accuracy) / (size - 1) if size > 1 else 0.0
    square = np.full((size, size), rest)
    np.fill_diagonal(square, accuracy)
    place = 1 + next(k for k, axis in enumerate(slot.parents) if axis is parent)
    return _along(square, slot.shape, place)


def _along(square: NDArray[np.float64], shape: tuple[int, ...], place: int) -> NDArray[np.float64]:
    """Spread a (target, one parent) table over ``shape``, the parent standing at axis ``place``."""
    thin = [1] * len(shape)
    thin[0], thin[place] = square.shape
    return np.ascontiguousarray(np.broadcast_to(square.reshape(thin), shape))


def check_nothing(slot: Slot, matrix: Matrix) -> Iterator[Finding]:
    """Nothing can be wrong with it."""
    yield from ()


def expand_uniform(slot: Slot, matrix: Matrix) -> NDArray[np.float64]:
    """1 / n everywhere."""
    return np.full(slot.shape, 1.0 / slot.target.size)


def expand_stay(slot: Slot, matrix: Matrix) -> NDArray[np.float64]:
    """The driven factor stays, whatever the other parents and the actions."""
    return _along(np.eye(slot.target.size), slot.shape, 1 + _own(slot))


def _own(slot: Slot) -> int:
    if slot.own is None:
        raise AssertionError("only transitions have a factor of their own")
    return slot.own


def acting(slot: Slot, matrix: Matrix) -> Axis | None:
    """Return the action that a named transition looks at, or None where that is not clear."""
    named = matrix.get("action")
    if named is not None:
        return next((axis for axis in slot.controls if axis.id == named), None)
    return slot.controls[0] if len(slot.controls) == 1 else None


def check_acting(slot: Slot, matrix: Matrix) -> Iterator[Finding]:
    """A named transition looks at one action."""
    if acting(slot, matrix) is not None:
        return
    names = ", ".join(repr(axis.id) for axis in slot.controls)
    if "action" in matrix:
        yield slot.finding("bad-reference", f"{quote(matrix['action'])} is not among its actions {names or '(none)'}", "name one of its actions", at="/action")
    elif slot.controls:
        yield slot.finding("schema", f"it depends on the actions {names} and does not say which one it looks at", '"action": one of them')
    else:
        yield slot.finding("shape", f"{matrix['kind']} looks at an action and there is none", "add an edge from the action, or use random_walk, identity or rules")


def check_grid(slot: Slot, matrix: Matrix) -> Iterator[Finding]:
    """rows x cols states; walls on the board; moves for labels that are there."""
    yield from check_acting(slot, matrix)
    rows, cols = _whole(matrix["rows"]), _whole(matrix["cols"])
    if rows * cols != slot.target.size:
        yield slot.finding("shape", f"{rows} x {cols} = {rows * cols} cells and {slot.target.id!r} has {slot.target.size} states", f"num_states {rows * cols}, or other rows and cols")
    for k, (row, col) in enumerate(_pairs(matrix.get("walls"))):
        if row >= rows or col >= cols:
            yield slot.finding("bad-reference", f"the wall [{row}, {col}] is off the board of {rows} x {cols}", "rows and columns count from 0", at=f"/walls/{k}")
    yield from _check_moves(slot, matrix)


def _check_moves(slot: Slot, matrix: Matrix) -> Iterator[Finding]:
    action = acting(slot, matrix)
    if action is None:
        return
    moves = matrix.get("moves")
    if isinstance(moves, Mapping):
        for label in moves:
            if action.find_key(str(label)) is None:
                yield slot.finding("bad-reference", f"moves names {quote(label)}, which the action {action.id!r} does not have", action.known, at="/moves")
        return
    still = [label for label in action.labels if spelled(label) not in MOVES] if matrix["kind"] == "grid" else []
    if not action.labels:
        yield slot.finding("added-default", f"the action {action.id!r} has no labels, so each of its choices stays", "give the action labels, or 'moves'")
    elif still:
        yield slot.finding("added-default", f"{', '.join(map(quote, still[:5]))} means no move on a {matrix['kind']}: it stays", "known are " + ", ".join(MOVES))


def spelled(label: str) -> str:
    """Return a label as the tables of moves spell it: small, without blanks, hyphens and underscores."""
    return label.lower().replace("_", "").replace("-", "").replace(" ", "")


def _whole(value: object) -> int:
    return int(value) if isinstance(value, int | float) else 0


def _share(value: object, default: float) -> float:
    return float(value) if isinstance(value, int | float) else default


def _pairs(value: object) -> list[tuple[int, int]]:
    return [(_whole(row), _whole(col)) for row, col in value] if isinstance(value, list) else []


def _choices(action: Axis, matrix: Matrix, known: Mapping[str, object], still: object) -> list[object]:
    """Return the move of each choice of ``action``."""
    moves = matrix.get("moves")
    if isinstance(moves, Mapping):
        result = [still] * action.size
        for label, move in moves.items():
            index = action.find_key(str(label))
            if index is not None:
                result[index] = move
        return result
    labels = action.labels or ("",) * action.size
    return [known.get(spelled(label), still) for label in labels]


def _moved(slot: Slot, matrix: Matrix, next_states: NDArray[np.intp], stay: float) -> NDArray[np.float64]:
    """Return the transition that leads state s under choice a to ``next_states[s, a]``, and stays with ``stay``."""
    action = acting(slot, matrix)
    size = slot.target.size
    small = np.zeros((size, size, next_states.shape[1]))
    state, choice = np.indices(next_states.shape)
    small[next_states, state, choice] = 1.0 - stay
    if stay:
        small[state, state, choice] += stay
    if slot.shape == small.shape:
        return small
    thin = [1] * len(slot.shape)
    thin[0], thin[1 + _own(slot)] = size, size
    thin[1 + len(slot.parents) + next(k for k, axis in enumerate(slot.controls) if axis is action)] = small.shape[2]
    return np.ascontiguousarray(np.broadcast_to(small.reshape(thin), slot.shape))


def expand_grid(slot: Slot, matrix: Matrix) -> NDArray[np.float64]:
    """Moves on a board, row by row; off the board (unless it wraps) and into walls it stays, as in a wall."""
    action = acting(slot, matrix)
    if action is None:
        raise AssertionError("a grid that was checked has an action")
    rows, cols = _whole(matrix["rows"]), _whole(matrix["cols"])
    cells = np.arange(rows * cols)
    row, col = cells // cols, cells % cols
    wall = np.zeros(rows * cols, dtype=bool)
    for wall_row, wall_col in _pairs(matrix.get("walls")):
        wall[wall_row * cols + wall_col] = True
    next_states = np.empty((rows * cols, action.size), dtype=np.intp)
    for k, move in enumerate(_choices(action, matrix, MOVES, (0, 0))):
        down, right = move if isinstance(move, list | tuple) else (0, 0)
        to_row, to_col = row + _whole(down), col + _whole(right)
        if matrix.get("wrap"):
            to_row, to_col = to_row % rows, to_col % cols
        off = (to_row < 0) | (to_row >= rows) | (to_col < 0) | (to_col >= cols)
        to = np.where(off, cells, to_row * cols + to_col)
        next_states[:, k] = np.where(wall | wall[to], cells, to)
    return _moved(slot, matrix, next_states, _share(matrix.get("slip"), 0.0))


def check_steps(slot: Slot, matrix: Matrix) -> Iterator[Finding]:
    """One action, and moves for labels that are there."""
    yield from check_acting(slot, matrix)
    yield from _check_moves(slot, matrix)


def expand_steps(slot: Slot, matrix: Matrix) -> NDArray[np.float64]:
    """Steps on a line, which stops at its ends, or on a cycle, which wraps."""
    action = acting(slot, matrix)
    if action is None:
        raise AssertionError("a line or cycle that was checked has an action")
    size = slot.target.size
    steps = np.array([_whole(step) for step in _choices(action, matrix, STEPS, 0)], dtype=np.intp)
    to = np.arange(size)[:, None] + steps[None, :]
    next_states = to % size if matrix["kind"] == "cycle" else np.clip(to, 0, size - 1)
    return _moved(slot, matrix, next_states, _share(matrix.get("slip"), 0.0))


def check_set(slot: Slot, matrix: Matrix) -> Iterator[Finding]:
    """As many choices as states."""
    yield from check_acting(slot, matrix)
    action = acting(slot, matrix)
    if action is not None and action.size != slot.target.size:
        yield slot.finding("shape", f"the action {action.id!r} has {action.size} choices and {slot.target.id!r} has {slot.target.size} states", "as many choices as states")


def expand_set(slot: Slot, matrix: Matrix) -> NDArray[np.float64]:
    """Choice k leads to state k with ``reliability``, else the state stays."""
    size = slot.target.size
    next_states = np.broadcast_to(np.arange(size), (size, size))
    return _moved(slot, matrix, next_states, 1.0 - _share(matrix.get("reliability"), 1.0))


def expand_walk(slot: Slot, matrix: Matrix) -> NDArray[np.float64]:
    """A walk on a line: ``stay``, and the rest to the neighbours."""
    size, stay = slot.target.size, _share(matrix.get("stay"), 0.5)
    square = np.eye(size) * (stay if size > 1 else 1.0)
    for state in range(size if size > 1 else 0):
        beside = [near for near in (state - 1, state + 1) if 0 <= near < size]
        square[beside, state] = (1.0 - stay) / len(beside)
    return _along(square, slot.shape, 1 + _own(slot))


CHECKS: dict[str, Check] = {
    "identity": check_identity, "noisy_identity": check_identity, "of": check_identity, "uniform": check_nothing,
    "stay": check_nothing, "grid": check_grid, "line": check_steps, "cycle": check_steps, "set": check_set,
    "random_walk": check_nothing,
}  # fmt: skip
EXPANSIONS: dict[str, Expansion] = {
    "identity": expand_identity, "noisy_identity": expand_identity, "of": expand_identity, "uniform": expand_uniform,
    "stay": expand_stay, "grid": expand_grid, "line": expand_steps, "cycle": expand_steps, "set": expand_set,
    "random_walk": expand_walk,
}  # fmt: skip
