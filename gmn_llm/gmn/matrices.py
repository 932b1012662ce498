"""Matrices of likelihoods and transitions, by name or as lists: their findings and their arrays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from gmn_llm.findings import Finding
from gmn_llm.gmn import numbers
from gmn_llm.gmn.kinds import CHECKS, EXPANSIONS
from gmn_llm.gmn.parts import Likelihood, Transition
from gmn_llm.gmn.slots import Slot
from gmn_llm.gmn.words import named

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

__all__ = ["check_matrix", "expand_matrix"]


def _slot(part: Likelihood | Transition) -> Slot:
    """Return the place of the matrix of ``part``."""
    path = f"{part.path}/properties/matrix"
    if isinstance(part, Likelihood):
        return Slot(part.id, path, part.modality, part.parents, (), None)
    return Slot(part.id, path, part.factor, part.parents, part.controls, part.own)


def _kind(slot: Slot, matrix: Mapping[str, object]) -> str:
    kind = str(matrix.get("kind", "of"))
    return "stay" if kind == "identity" and slot.own is not None else kind


def check_matrix(part: Likelihood | Transition) -> Iterator[Finding]:
    """Yield what is wrong with the matrix of ``part``; a missing one gets its default, with a warning."""
    matrix, slot = part.properties.get("matrix"), _slot(part)
    if matrix is None:
        message = f"node {named(part.id)} has no matrix: {_default(part)}"
        yield Finding("added-default", part.path, message, "write a matrix")
    elif isinstance(matrix, Mapping):
        yield from CHECKS[_kind(slot, matrix)](slot, matrix)
    else:
        shapes = [part.shape]
        if isinstance(part, Transition) and part.added:
            shapes.insert(0, part.short_shape)
        yield from numbers.table(matrix, shapes, path=slot.path, node=f"node {named(part.id)}", axes=_axes(slot))


def _default(part: Likelihood | Transition) -> str:
    if isinstance(part, Likelihood):
        return f"{named(part.modality.id)} is as likely to be anything in every state, which tells the agent nothing"
    return f"{named(part.factor.id)} stays as it is"


def _axes(slot: Slot) -> str:
    """Say in words what each axis of the array is."""
    what = "outcomes" if slot.own is None else "next states"
    axes = [f"{what} of {named(slot.target.id)} ({slot.target.size})"]
    axes += [f"states of {named(axis.id)} ({axis.size})" for axis in slot.parents]
    axes += [f"choices of {named(axis.id)} ({axis.size})" for axis in slot.controls]
    if slot.own is not None and not slot.controls:
        axes.append("a last axis of size 1, for no action drives it")
    return "axes: " + ", ".join(axes)


def expand_matrix(part: Likelihood | Transition) -> NDArray[np.float64]:
    """Return the array of ``part``, of ``part.shape``, with columns over axis 0 that sum to 1 within 1e-12.

    The part must have been checked and have no errors.
    """
    matrix, slot = part.properties.get("matrix"), _slot(part)
    if matrix is None:
        matrix = {"kind": "uniform" if isinstance(part, Likelihood) else "identity"}
    if isinstance(matrix, Mapping):
        return EXPANSIONS[_kind(slot, matrix)](slot, matrix)
    array = numbers.normalised(np.asarray(matrix, dtype=np.float64))
    if array.shape != part.shape:  # without the axis of the factor that the edges leave out
        array = np.ascontiguousarray(np.broadcast_to(np.expand_dims(array, 1), part.shape))
    return array
