"""Matrices of likelihoods and transitions, by name or as lists: their findings and their arrays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from gmn_llm.findings import Finding
from gmn_llm.gmn import numbers
from gmn_llm.gmn.kinds import CHECKS, EXPANSIONS, Slot
from gmn_llm.gmn.rules import check_rules, expand_rules
from gmn_llm.gmn.structure import Likelihood, Transition

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

__all__ = ["check_matrix", "expand_matrix"]


def slot_of(part: Likelihood | Transition) -> Slot:
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
    matrix = part.properties.get("matrix")
    slot = slot_of(part)
    if matrix is None:
        yield Finding("added-default", part.path, f"node {part.id!r} has no matrix: {_default(part)}", "write a matrix")
    elif isinstance(matrix, Mapping):
        kind = _kind(slot, matrix)
        yield from check_rules(slot, matrix) if kind == "rules" else CHECKS[kind](slot, matrix)
    else:
        shape = part.shape if isinstance(part, Likelihood) else part.written_shape
        yield from numbers.table(matrix, shape, path=slot.path, node=part.id, axes=_axes(part))


def _default(part: Likelihood | Transition) -> str:
    if isinstance(part, Likelihood):
        return f"{part.modality.id!r} is as likely to be anything in every state, which tells the agent nothing"
    return f"{part.factor.id!r} stays as it is"


def _axes(part: Likelihood | Transition) -> str:
    """Say in words what each axis of the array is."""
    target = part.modality if isinstance(part, Likelihood) else part.factor
    axes = [f"{'outcomes of' if isinstance(part, Likelihood) else 'next'} {target.id} ({target.size})"]
    parents = part.parents
    if isinstance(part, Transition):
        parents = tuple(axis for axis in parents if not (part.spread and axis == part.factor))
    axes += [f"states of {axis.id} ({axis.size})" for axis in parents]
    if isinstance(part, Transition):
        axes += [f"choices of {axis.id} ({axis.size})" for axis in part.controls] or ["a last axis of size 1, for no action drives it"]
    return "axes: " + ", ".join(axes)


def expand_matrix(part: Likelihood | Transition) -> NDArray[np.float64]:
    """Return the array of ``part``, of ``part.shape``, with columns over axis 0 that sum to 1 within 1e-12.

    The part must have been checked and have no errors.
    """
    matrix = part.properties.get("matrix")
    slot = slot_of(part)
    if matrix is None:
        matrix = {"kind": "uniform" if isinstance(part, Likelihood) else "identity"}
    if isinstance(matrix, Mapping):
        kind = _kind(slot, matrix)
        return expand_rules(slot, matrix) if kind == "rules" else EXPANSIONS[kind](slot, matrix)
    array = numbers.normalised(np.asarray(matrix, dtype=np.float64))
    if isinstance(part, Transition) and part.spread:
        array = np.ascontiguousarray(np.broadcast_to(np.expand_dims(array, 1), part.shape))
    return array
