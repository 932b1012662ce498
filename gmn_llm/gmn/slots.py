"""The place of a matrix by name: what it is about, which axes it has, and which of them it looks at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from gmn_llm.findings import Finding
from gmn_llm.gmn.words import listed, named

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from gmn_llm.gmn.parts import Axis

__all__ = ["Matrix", "Slot", "acting", "check_acting", "spread", "whole"]

Matrix: TypeAlias = Mapping[str, object]


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

    @property
    def own_axis(self) -> int:
        """The axis along which the driven factor stands as a parent (transitions only)."""
        if self.own is None:
            raise AssertionError("a likelihood has no factor of its own")
        return 1 + self.own

    def finding(self, code: str, message: str, hint: str = "", *, at: str = "") -> Finding:
        """Return a finding at this matrix."""
        return Finding(code, self.path + at, f"node {named(self.node)}: {message}", hint)


def acting(slot: Slot, matrix: Matrix) -> Axis | None:
    """Return the action that a named transition looks at, or None where that is not clear."""
    name = matrix.get("action")
    if name is not None:
        return next((axis for axis in slot.controls if axis.id == name), None)
    return slot.controls[0] if len(slot.controls) == 1 else None


def check_acting(slot: Slot, matrix: Matrix) -> Iterator[Finding]:
    """A named transition that moves looks at one action."""
    if acting(slot, matrix) is not None:
        return
    names = listed(axis.id for axis in slot.controls)
    if "action" in matrix:
        message = f"{named(matrix['action'])} is not among its actions {names or '(it has none)'}"
        yield slot.finding("bad-reference", message, "name one of its actions", at="/action")
    elif slot.controls:
        message = f"it depends on the actions {names} and does not say which one it looks at"
        yield slot.finding("schema", message, 'write "action" with the id of one of them')
    else:
        message = f"{matrix['kind']} looks at an action and there is none"
        yield slot.finding("shape", message, "add an edge from the action, or use identity, random_walk or rules")


def spread(small: NDArray[np.float64], shape: tuple[int, ...], axes: tuple[int, ...]) -> NDArray[np.float64]:
    """Return ``small`` with its axes at the places ``axes`` (ascending) of ``shape``, the same along all others."""
    if small.shape == shape:
        return small
    thin = [1] * len(shape)
    for axis, size in zip(axes, small.shape, strict=True):
        thin[axis] = size
    return np.ascontiguousarray(np.broadcast_to(small.reshape(thin), shape))


def whole(value: object, *, most: int = 2**62) -> int:
    """Return a number that the schema has found whole as an integer, cut to what an array index holds."""
    number = int(value) if isinstance(value, int | float) else 0
    return max(-most, min(most, number))
