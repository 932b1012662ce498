"""All arrays of a document, written out: every factor, modality and default in its place, parents in node order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gmn_llm.gmn.matrices import expand_matrix
from gmn_llm.gmn.numbers import normalised, subject_vector
from gmn_llm.gmn.parts import Axis, Likelihood, Structure, Transition

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gmn_llm.gmn.parts import Subject

__all__ = ["Arrays", "arrays", "as_lists", "in_node_order"]

MANY = 10_000


@dataclass(frozen=True, slots=True)
class Arrays:
    """The arrays in the order of modalities and factors.

    Attributes:
        A: Per modality (num_obs, num_states of each parent in node order).
        B: Per factor (num_states, num_states of each parent in node order, num_actions of each action in node order,
            or a last axis of size 1).
        C: Per modality (num_obs,) or (policy_len, num_obs), log-preferences in nats.
        D: Per factor (num_states,).
        E: (number of policies,) or None.
    """

    A: tuple[NDArray[np.float64], ...]
    B: tuple[NDArray[np.float64], ...]
    C: tuple[NDArray[np.float64], ...]
    D: tuple[NDArray[np.float64], ...]
    E: NDArray[np.float64] | None


def arrays(structure: Structure) -> Arrays:
    """Return the arrays of a structure that ``completed`` has filled in."""
    habits = structure.policy.properties.get("habits")
    return Arrays(
        A=tuple(_turned(part) for part in structure.likelihoods.values()),
        B=tuple(_turned(part) for part in structure.transitions.values()),
        C=tuple(_preference(part) for part in structure.preferences.values()),
        D=tuple(_belief(part) for part in structure.beliefs.values()),
        E=None if habits is None else normalised(np.asarray(habits, dtype=np.float64)),
    )


def as_lists(array: NDArray[np.float64]) -> list[object]:
    """Return ``array`` as nested lists, to be read only.

    In a large array where most rows along the last axis are zeros these are one and the same list: the transitions of
    a board of 50 x 50 cells are 31 million numbers, of which 12,500 are not 0.
    """
    rows = array.reshape(-1, array.shape[-1])
    filled = np.flatnonzero(rows.any(axis=1)) if array.ndim > 1 and array.size > MANY else np.arange(len(rows))
    if 2 * filled.size > len(rows):
        nested: list[object] = array.tolist()
        return nested
    zeros: object = [0.0] * array.shape[-1]
    result = [zeros] * len(rows)
    for place, row in zip(filled.tolist(), rows[filled].tolist(), strict=True):
        result[place] = row
    for size in reversed(array.shape[1:-1]):
        result = [result[start : start + size] for start in range(0, len(result), size)]
    return result


def in_node_order(axes: tuple[Axis, ...]) -> tuple[Axis, ...]:
    """Return ``axes`` (all of one type) as the document has their nodes."""
    return tuple(sorted(axes, key=lambda axis: axis.index))


def _order(axes: tuple[Axis, ...], after: int) -> list[int]:
    return [after + k for k in sorted(range(len(axes)), key=lambda k: axes[k].index)]


def _turned(part: Likelihood | Transition) -> NDArray[np.float64]:
    """Return the array of ``part`` with its parents, and then its actions, in node order."""
    array = expand_matrix(part)
    order = [0, *_order(part.parents, 1)]
    if isinstance(part, Transition):
        order += _order(part.controls, len(order)) or [len(order)]
    return array if order == list(range(array.ndim)) else np.ascontiguousarray(array.transpose(order))


def _preference(part: Subject) -> NDArray[np.float64]:
    said = subject_vector(part, "preferred_observation")
    return np.zeros(part.about.size) if said is None else said


def _belief(part: Subject) -> NDArray[np.float64]:
    said = subject_vector(part, "state")
    return np.full(part.about.size, 1.0 / part.about.size) if said is None else normalised(said)
