"""Matrices by name: for each kind what its parameters must fit, and the array it stands for.

A check looks at parameters only and expands nothing. An expansion is exact, and the same every time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from gmn_llm.findings import Finding
from gmn_llm.gmn.moves import (
    MOVES,
    STEPS,
    check_grid,
    check_set,
    check_steps,
    expand_grid,
    expand_set,
    expand_steps,
    spelled,
)
from gmn_llm.gmn.rules import check_rules, expand_rules
from gmn_llm.gmn.slots import Matrix, Slot, spread
from gmn_llm.gmn.words import listed, named

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gmn_llm.gmn.parts import Axis

__all__ = ["CHECKS", "EXPANSIONS", "MOVES", "STEPS", "spelled"]

Check: TypeAlias = Callable[[Slot, Matrix], Iterator[Finding]]
Expansion: TypeAlias = "Callable[[Slot, Matrix], NDArray[np.float64]]"


def _look(slot: Slot, matrix: Matrix) -> tuple[Axis | None, object, float]:
    """Return which parent an identity or noisy identity shows, the name it goes by, and how accurately."""
    inner = matrix.get("of", matrix)
    inner = inner if isinstance(inner, Mapping) else matrix
    factor, accuracy = inner.get("factor"), inner.get("accuracy", 1.0)
    if factor is None:
        parent = slot.parents[0] if len(slot.parents) == 1 else None
    else:
        parent = next((axis for axis in slot.parents if axis.id == factor), None)
    return parent, factor, float(accuracy) if isinstance(accuracy, int | float) else 1.0


def _check_identity(slot: Slot, matrix: Matrix) -> Iterator[Finding]:
    """One parent, of the same size."""
    parent, factor, accuracy = _look(slot, matrix)
    names, target = listed(axis.id for axis in slot.parents), slot.target
    if parent is None and factor is None:
        hint = 'say which: {"of": {"factor": ..., "kind": ...}}'
        yield slot.finding("shape", f"it shows one state but depends on {names}", hint)
    elif parent is None:
        message = f"{named(factor)} is not among its parents {names}"
        yield slot.finding("bad-reference", message, "name one of its parents")
    elif parent.size != target.size:
        message = f"{named(target.id)} has {target.size} values and {named(parent.id)} has {parent.size}"
        yield slot.finding("shape", message, "an identity needs as many outcomes as states")
    elif accuracy < 1.0 and target.size == 1:
        yield slot.finding("shape", "with one value alone the accuracy can only be 1", "use identity")


def _expand_identity(slot: Slot, matrix: Matrix) -> NDArray[np.float64]:
    """``accuracy`` on the diagonal, (1 - accuracy) / (n - 1) elsewhere."""
    parent, _, accuracy = _look(slot, matrix)
    size = slot.target.size
    square = np.full((size, size), (1.0 - accuracy) / (size - 1) if size > 1 else 0.0)
    np.fill_diagonal(square, accuracy)
    return spread(square, slot.shape, (0, 1 + next(k for k, axis in enumerate(slot.parents) if axis is parent)))


def _check_nothing(slot: Slot, matrix: Matrix) -> Iterator[Finding]:  # noqa: ARG001  # a check like the others
    """Nothing can be wrong with it."""
    yield from ()


def _expand_uniform(slot: Slot, matrix: Matrix) -> NDArray[np.float64]:  # noqa: ARG001  # it has no parameters
    """1 / n everywhere."""
    return np.full(slot.shape, 1.0 / slot.target.size)


def _expand_stay(slot: Slot, matrix: Matrix) -> NDArray[np.float64]:  # noqa: ARG001  # it has no parameters
    """The driven factor stays, whatever the other parents and the actions."""
    return spread(np.eye(slot.target.size), slot.shape, (0, slot.own_axis))


def _expand_walk(slot: Slot, matrix: Matrix) -> NDArray[np.float64]:
    """A walk on a line: ``stay``, and the rest to the neighbours; a line of one state has none."""
    size, said = slot.target.size, matrix.get("stay", 0.5)
    stay = float(said) if isinstance(said, int | float) and size > 1 else 1.0
    square = np.eye(size) * stay
    for state in range(size):
        beside = [near for near in (state - 1, state + 1) if 0 <= near < size]
        square[beside, state] = (1.0 - stay) / max(len(beside), 1)
    return spread(square, slot.shape, (0, slot.own_axis))


CHECKS: dict[str, Check] = {
    "identity": _check_identity, "noisy_identity": _check_identity, "of": _check_identity,
    "uniform": _check_nothing, "stay": _check_nothing, "random_walk": _check_nothing,
    "grid": check_grid, "line": check_steps, "cycle": check_steps, "set": check_set, "rules": check_rules,
}  # fmt: skip
EXPANSIONS: dict[str, Expansion] = {
    "identity": _expand_identity, "noisy_identity": _expand_identity, "of": _expand_identity,
    "uniform": _expand_uniform, "stay": _expand_stay, "random_walk": _expand_walk,
    "grid": expand_grid, "line": expand_steps, "cycle": expand_steps, "set": expand_set, "rules": expand_rules,
}  # fmt: skip
