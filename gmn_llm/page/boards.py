"""Grid worlds: transitions that move over a board of cells, found by name or by what their numbers do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gmn_llm.gmn.arrays import in_node_order
from gmn_llm.gmn.moves import MOVES, spelled
from gmn_llm.page.words import label, name_of, number, plural

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gmn_llm.gmn.arrays import Arrays
    from gmn_llm.gmn.parts import Axis, Structure, Transition

__all__ = ["Board", "Move", "Place", "boards"]

MOST_CELLS = 3_600


@dataclass(frozen=True, slots=True)
class Place:
    """One cell of a board.

    Attributes:
        row: From 0 at the top.
        col: From 0 at the left.
        name: The state's label or index.
        wall: Whether nothing enters it.
        goal: Whether what is seen there is what the agent wants most.
        start: Probability that the agent starts here; 0 where it may start anywhere.
        wanted: Expected log-preference of what is seen there, less than 0 for what is avoided.
        strength: ``wanted`` over the largest size of any cell, from -1 to 1.
    """

    row: int
    col: int
    name: str
    wall: bool
    goal: bool
    start: float
    wanted: float
    strength: float

    @property
    def words(self) -> str:
        """What there is to say of the cell."""
        if self.wall:
            return f"{self.name}: wall"
        said = ["start" if self.start > 1 - 1e-9 else f"start ({number(self.start)})"] if self.start else []
        said += ["goal"] if self.goal else []
        said += [f"preference {number(self.wanted)}"] if self.wanted else []
        return f"{self.name}: {', '.join(said)}" if said else self.name


@dataclass(frozen=True, slots=True)
class Move:
    """What one action does.

    Attributes:
        name: The action's label.
        steps: (row, col, d_row, d_col) of each cell the action most likely leads out of; d is -1, 0 or 1.
    """

    name: str
    steps: tuple[tuple[int, int, int, int], ...]


@dataclass(frozen=True, slots=True)
class Board:
    """A factor drawn as a board.

    Attributes:
        factor: The factor's id.
        rows: Cells down.
        cols: Cells across.
        places: The cells, row by row.
        moves: What each action does, ``action = label`` where there are several actions.
        said: Sentences about it.
    """

    factor: str
    rows: int
    cols: int
    places: tuple[Place, ...]
    moves: tuple[Move, ...]
    said: tuple[str, ...]


def boards(full: Structure, numbers: Arrays) -> Iterator[Board]:
    """Yield a board for each factor that moves over one and has at most 3,600 cells."""
    for f, part in full.transitions.items():
        found = _acting(part)
        if found is None or part.factor.size > MOST_CELLS:
            continue
        action, next_states = found, _likeliest(part, found, numbers.B[f])
        size = _named_size(part) or _inferred_size(action, next_states)
        if size is not None:
            yield _board(full, numbers, part, (action, next_states, size))


def _acting(part: Transition) -> Axis | None:
    matrix = part.properties.get("matrix")
    name = matrix.get("action") if isinstance(matrix, Mapping) else None
    named = [axis for axis in part.controls if axis.id == name]
    return (named or list(part.controls))[0] if named or len(part.controls) == 1 else None


def _likeliest(part: Transition, action: Axis, array: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the likeliest next state, shape (states, choices), averaged over what else it depends on."""
    axes = (part.factor, *in_node_order(part.parents), *in_node_order(part.controls))
    own, choice = 1 + in_node_order(part.parents).index(part.factor), axes.index(action)
    others = tuple(k for k in range(1, len(axes)) if k not in (own, choice))
    small = array.mean(axis=others) if others else array
    return np.asarray(small.argmax(axis=0), dtype=np.intp)


def _named_size(part: Transition) -> tuple[int, int] | None:
    matrix = part.properties.get("matrix")
    if not isinstance(matrix, Mapping) or matrix.get("kind") != "grid":
        return None
    return int(matrix["rows"]), int(matrix["cols"])


def _inferred_size(action: Axis, next_states: NDArray[np.intp]) -> tuple[int, int] | None:
    """Return (rows, cols) of the board on which the action's labels say what the numbers do, or None."""
    steps = [MOVES.get(spelled(text), (0, 0)) for text in action.labels]
    size = len(next_states)
    if not {0, 1} <= {abs(down) for down, _ in steps} | {abs(right) for _, right in steps} or len(set(steps)) < 3:
        return None
    for rows in range(2, size // 2 + 1):
        if size % rows == 0 and _fits(steps, next_states, rows, size // rows):
            return rows, size // rows
    return None


def _fits(steps: list[tuple[int, int]], next_states: NDArray[np.intp], rows: int, cols: int) -> bool:
    """Return whether each move leads where its name says or nowhere, and at least half of them somewhere."""
    cells = np.arange(rows * cols)
    possible = taken = 0
    for k, (down, right) in enumerate(steps):
        row, col = cells // cols + down, cells % cols + right
        inside = (row >= 0) & (row < rows) & (col >= 0) & (col < cols)
        to = np.where(inside, row * cols + col, cells)
        moved = next_states[:, k] != cells
        if (moved & (next_states[:, k] != to)).any():
            return False
        possible, taken = possible + int((to != cells).sum()), taken + int(moved.sum())
    return 2 * taken >= possible > 0


def _board(
    full: Structure,
    numbers: Arrays,
    part: Transition,
    found: tuple[Axis, NDArray[np.intp], tuple[int, int]],
) -> Board:
    action, next_states, (rows, cols) = found
    factor = part.factor
    walls = _walls(next_states)
    start = numbers.D[factor.index]
    anywhere = float(start.max()) < 1.5 / factor.size and factor.size > 1
    wanted = _wanted(full, numbers, factor)
    best, most = float(wanted.max()), float(np.abs(wanted).max())
    goals = (wanted >= best - 1e-9) & (best > wanted.min() + 1e-9)
    goals &= goals.sum() <= max(1, factor.size // 4)
    places = tuple(
        Place(
            row=k // cols,
            col=k % cols,
            name=label(factor, k),
            wall=bool(walls[k]),
            goal=bool(goals[k]) and not walls[k],
            start=0.0 if anywhere else float(start[k]),
            wanted=float(wanted[k]),
            strength=float(wanted[k]) / most if most else 0.0,
        )
        for k in range(factor.size)
    )
    moves = tuple(_move(label(action, k), next_states[:, k], rows, cols) for k in range(action.size))
    said = [f"{name_of(factor)} as a board of {rows} by {cols} cells; {name_of(action)} leads over it."]
    said += ["The agent may start anywhere."] if anywhere else []
    said += [f"{plural(int(walls.sum()), 'wall')}, which nothing enters."] if walls.any() else []
    return Board(name_of(factor), rows, cols, places, moves, tuple(said))


def _walls(next_states: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Return the cells that nothing enters and nothing leaves."""
    cells = np.arange(len(next_states))[:, None]
    stays = (next_states == cells).all(axis=1)
    entered = np.zeros(len(next_states), dtype=bool)
    entered[next_states[next_states != cells]] = True
    return np.asarray(stays & ~entered)


def _wanted(full: Structure, numbers: Arrays, factor: Axis) -> NDArray[np.float64]:
    """Return the expected log-preference of what is seen in each state, the rest of the world averaged over."""
    total = np.zeros(factor.size)
    for m, part in full.likelihoods.items():
        parents = in_node_order(part.parents)
        wish = numbers.C[m].mean(axis=0) if numbers.C[m].ndim > 1 else numbers.C[m]
        if factor not in parents or not wish.any():
            continue
        own = parents.index(factor)
        others = tuple(k for k in range(len(parents)) if k != own)
        expected = np.tensordot(wish, numbers.A[m], axes=1)
        total += expected.mean(axis=others) if others else expected
    return total


def _move(name: str, to: NDArray[np.intp], rows: int, cols: int) -> Move:
    steps = []
    for cell, target in enumerate(to.tolist()):
        if cell != target:
            down = _short(target // cols - cell // cols, rows)
            right = _short(target % cols - cell % cols, cols)
            steps.append((cell // cols, cell % cols, down, right))
    return Move(name, tuple(steps))


def _short(distance: int, size: int) -> int:
    """Return the direction of a step, the short way round where it passes an edge."""
    if abs(distance) > 1 and abs(distance) == size - 1:
        distance = -distance
    return (distance > 0) - (distance < 0)
