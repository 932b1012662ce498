"""Distances and named places on a planned factor."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gmn_llm.mock.plan import Factor
    from gmn_llm.mock.spots import Spot

__all__ = ["cells_of", "distances", "fits", "wall_cells"]


def cells_of(factor: Factor, spot: Spot) -> tuple[int, ...]:
    """Return the states ``spot`` means, from 0; what lies outside is brought to the nearest."""
    if spot.label:
        return (factor.labels.index(spot.label),) if spot.label in factor.labels else ()
    if spot.index is not None:
        label = f"{spot.noun}_{spot.index}"
        if spot.noun and label in factor.labels:
            return (factor.labels.index(label),)
        shift = 1 if spot.noun and spot.counted and spot.index > 0 else 0
        return (factor.size - 1 if spot.index < 0 else min(spot.index - shift, factor.size - 1),)
    rows = _lines(spot.row, spot.vertical, factor.rows, low="top", high="bottom")
    cols = _lines(spot.col, spot.horizontal, factor.cols, low="left", high="right")
    if factor.rows == 1 and not spot.horizontal and spot.col is None and (spot.vertical or spot.row is not None):
        cols = _lines(spot.row, spot.vertical, factor.cols, low="bottom", high="top")
        rows = (0,)
    return tuple(row * factor.cols + col for row in rows for col in cols)


def fits(factor: Factor, spot: Spot) -> bool:
    """Return whether ``spot`` lies within ``factor`` as it was written."""
    if spot.label:
        return spot.label in factor.labels
    if spot.index is not None:
        if spot.noun:
            return spot.index <= factor.size
        return spot.index < factor.size
    return (spot.row is None or spot.row < factor.rows) and (spot.col is None or spot.col < factor.cols)


def wall_cells(factor: Factor) -> frozenset[int]:
    """Return the states that are walls."""
    return frozenset(cell for spot in factor.walls for cell in cells_of(factor, spot))


def distances(factor: Factor, targets: Iterable[int]) -> list[int]:
    """Return the steps from each state to the nearest target; walls and what is cut off get the most there is."""
    if factor.kind == "set":
        wanted = frozenset(targets)
        return [int(cell not in wanted) for cell in range(factor.size)]
    walls = wall_cells(factor)
    steps = [-1] * factor.size
    queue = deque(cell for cell in targets if 0 <= cell < factor.size)
    for cell in queue:
        steps[cell] = 0
    while queue:
        cell = queue.popleft()
        for near in _neighbours(factor, cell):
            if steps[near] < 0 and near not in walls:
                steps[near] = steps[cell] + 1
                queue.append(near)
    most = max(steps, default=0)
    return [step if step >= 0 else most + 1 for step in steps]


def _neighbours(factor: Factor, cell: int) -> list[int]:
    row, col = divmod(cell, factor.cols)
    wrap = factor.wrap or factor.kind == "cycle"
    found = []
    for d_row, d_col in ((-1, 0), (1, 0), (0, -1), (0, 1)):
        at_row, at_col = row + d_row, col + d_col
        if wrap:
            at_row, at_col = at_row % factor.rows, at_col % factor.cols
        if 0 <= at_row < factor.rows and 0 <= at_col < factor.cols:
            found.append(at_row * factor.cols + at_col)
    return found


def _lines(number: int | None, side: str, size: int, *, low: str, high: str) -> tuple[int, ...]:
    if number is not None:
        return (size - 1 if number < 0 else min(number, size - 1),)
    if side == low:
        return (0,)
    if side == high:
        return (size - 1,)
    if side == "middle":
        return (size // 2,)
    return tuple(range(size))
