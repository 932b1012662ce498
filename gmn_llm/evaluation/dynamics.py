"""Expectations on how things change: boards, edges, walls, failing moves, what changes by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from gmn_llm.evaluation.expectation import TOLERANCE, Expectation, Verdict, told_axes
from gmn_llm.evaluation.places import PlacedExpectation, Size, boards
from gmn_llm.evaluation.sizes import Labels, fitting
from gmn_llm.evaluation.words import Label, means, meant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from gmn_llm.evaluation.view import View

__all__ = ["Grid", "Slip", "Transition", "Uncontrolled", "Wall", "Wraps"]

Probability = Annotated[float, Field(ge=0.0, le=1.0)]
Jumps = set[tuple[int, int]]


def _reached(view: View, factor: int) -> NDArray[np.bool_]:
    """Return (next states, states): whether one can follow the other, whatever is done."""
    reached: NDArray[np.bool_] = np.logical_or.reduce(view.moves(factor).array > 0, axis=(2, 3))
    return reached


def _jumps(view: View, board: tuple[int, ...], cols: int) -> Jumps:
    """Return by how many rows and columns the moves on a board lead, rest left out."""
    if len(board) == 1:
        pairs = np.argwhere(_reached(view, board[0])).tolist()
        return {(n // cols - s // cols, n % cols - s % cols) for n, s in pairs if n != s}
    vertical, horizontal = (np.argwhere(_reached(view, factor)).tolist() for factor in board)
    return {(n - s, 0) for n, s in vertical if n != s} | {(0, n - s) for n, s in horizontal if n != s}


def _short(jump: int, size: int) -> bool:
    """Return whether it is one step at most, perhaps over the edge."""
    return abs(jump) in {0, 1, size - 1}


class _Board(Expectation):
    """Something about a board of ``rows`` and ``cols``."""

    rows: Size
    cols: Size


class Grid(_Board):
    """A board: moves lead to neighbouring cells only, and both along rows and along columns."""

    check: Literal["grid"]

    def verdict(self, view: View) -> Verdict:
        """See the class."""
        found = (_jumps(view, board, self.cols) for board in boards(view, self.rows, self.cols))
        met = any(self._is_board(jumps) for jumps in found)
        return Verdict(met, "a board" if met else _told_boards(view, self.rows, self.cols))

    def _is_board(self, jumps: Jumps) -> bool:
        upright = self.rows == 1 or any(row and not col for row, col in jumps)
        level = self.cols == 1 or any(col and not row for row, col in jumps)
        near = all(_short(row, self.rows) and _short(col, self.cols) for row, col in jumps)
        return upright and level and near


class Wraps(Expectation):
    """Over an edge one comes back in on the other side: of a board, or of a row of ``size`` places."""

    check: Literal["wraps"]
    rows: Size | None = None
    cols: Size | None = None
    size: Size | None = None

    @model_validator(mode="after")
    def _one_shape(self) -> Self:
        if (self.size is None) == (self.rows is None) or (self.rows is None) != (self.cols is None):
            raise ValueError("rows and cols, or size")
        return self

    def verdict(self, view: View) -> Verdict:
        """See the class."""
        if self.rows is None or self.cols is None:
            chosen = fitting(view.structure.factors, self.size, None)
            met = any(_reached(view, axis.index)[0, -1] for axis in chosen)
            return Verdict(bool(met), "no way from the last to the first" if not met else "a ring")
        over = {(self.rows - 1, 0), (0, self.cols - 1)}
        met = any(over <= _jumps(view, board, self.cols) for board in boards(view, self.rows, self.cols))
        return Verdict(met, "no way over the edges" if not met else "ways over the edges")


class Wall(PlacedExpectation):
    """Nothing enters that place from elsewhere."""

    check: Literal["wall"]

    def verdict(self, view: View) -> Verdict:
        """See the class."""
        # Whether two factors meet at a place is more than their own changes tell, so it is asked of one factor only.
        single = [(factors[0], place[0]) for factors, place in self.spots(view) if len(factors) == 1]
        met = any(not self._entries(view, factor, place) for factor, place in single)
        return Verdict(met, "it can't be entered" if met else "it can be entered" if single else "no such place")

    @staticmethod
    def _entries(view: View, factor: int, place: int) -> bool:
        into = _reached(view, factor)[place].copy()
        into[place] = False
        return bool(into.any())


class Slip(Expectation):
    """A move fails with this probability, in the middle of all moves of a factor that an action drives."""

    check: Literal["slip"]
    value: Probability

    def verdict(self, view: View) -> Verdict:
        """See the class."""
        found = list(self._found(view))
        met = any(abs(value - self.value) <= TOLERANCE for value in found)
        return Verdict(met, ", ".join(f"{value:.3g}" for value in found) or "nothing that is driven moves")

    @staticmethod
    def _found(view: View) -> Iterator[float]:
        for factor in view.structure.factors:
            moves = view.moves(factor.index)
            away = moves.array * (1 - np.eye(factor.size))[:, :, None, None]
            best = away.max(axis=0)
            if moves.driven and (best > 0).any():
                yield 1.0 - float(np.median(best[best > 0]))


class Uncontrolled(Expectation):
    """A factor of this size, or with these labels, that no action drives; with ``changes``, one that changes."""

    check: Literal["uncontrolled"]
    size: Size | None = None
    labels: Labels | None = None
    changes: bool = False

    @model_validator(mode="after")
    def _asks_for_something(self) -> Self:
        if self.size is None and self.labels is None:
            raise ValueError("size, labels or both")
        return self

    def verdict(self, view: View) -> Verdict:
        """See the class."""
        free = [axis for axis in view.structure.factors if not view.moves(axis.index).driven]
        fit = fitting(free, self.size, self.labels)
        chosen = [axis for axis in fit if not self.changes or self._moves(view, axis.index)]
        return Verdict(bool(chosen), f"not driven: {told_axes(free)}")

    @staticmethod
    def _moves(view: View, factor: int) -> bool:
        reached = _reached(view, factor)
        return bool((reached & ~np.eye(len(reached), dtype=bool)).any())


class Transition(Expectation):
    """From one state to another with this probability, whatever is done or by ``action``."""

    check: Literal["transition"]
    from_: Label = Field(alias="from")
    to: Label
    action: Label | None = None
    probability: Probability

    def verdict(self, view: View) -> Verdict:
        """See the class."""
        found = list(self._found(view))
        met = any(abs(value - self.probability) <= TOLERANCE for value in found)
        return Verdict(met, ", ".join(f"{value:.3g}" for value in found) or "no such states or action")

    def _found(self, view: View) -> Iterator[float]:
        """Yield the probability for each pair of states of these names, the mean over all else."""
        for factor in view.structure.factors:
            moves = view.moves(factor.index)
            said = [k for k, names in enumerate(moves.choices) if self._is_meant(names)]
            for start in meant(factor.labels, self.from_):
                for end in meant(factor.labels, self.to):
                    if said:
                        yield float(moves.array[end, start][:, said].mean())

    def _is_meant(self, names: tuple[str, ...]) -> bool:
        return self.action is None or any(means(name, self.action) for name in names)


def _told_boards(view: View, rows: int, cols: int) -> str:
    if not any(boards(view, rows, cols)):
        return told_axes(view.structure.factors)
    return "as many states, but no moves to the neighbours along rows and along columns alone"
