"""All arrays of a document, written out: every factor, modality and default in its place, parents in node order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from gmn_llm.gmn.matrices import expand_matrix
from gmn_llm.gmn.numbers import normalised, subject_vector
from gmn_llm.gmn.structure import Axis, Likelihood, Structure, Subject, Transition

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = ["Arrays", "arrays", "completed"]


@dataclass(frozen=True, slots=True)
class Arrays:
    """The arrays in the order of modalities and factors.

    Attributes:
        A: Per modality (num_obs, num_states of each parent in node order).
        B: Per factor (num_states, num_states of each parent in node order, num_actions of each action in node
            order, or a last axis of size 1).
        C: Per modality (num_obs,) or (policy_len, num_obs), log-preferences in nats.
        D: Per factor (num_states,).
        E: (number of policies,) or None.
    """

    A: tuple[NDArray[np.float64], ...]
    B: tuple[NDArray[np.float64], ...]
    C: tuple[NDArray[np.float64], ...]
    D: tuple[NDArray[np.float64], ...]
    E: NDArray[np.float64] | None


def completed(structure: Structure) -> Structure:
    """Return a structure without errors with all that it leaves unsaid filled in, and parents in node order.

    Each modality gets a likelihood and a preference, each factor a transition and a belief; preferences about
    states are carried over to a modality that shows the state, which is added where there is none.
    """
    ids = _Ids(structure)
    likelihoods = dict(structure.likelihoods)
    preferences = dict(structure.preferences)
    modalities = list(structure.modalities)
    for modality in modalities:
        if modality.index not in likelihoods:
            likelihoods[modality.index] = Likelihood(ids.fresh(f"{modality.id}_likelihood"), "", {}, modality, structure.factors[:1])
    for wish in structure.state_preferences:
        modality = _shown(wish.about, modalities, likelihoods, preferences)
        if modality is None:
            factor = wish.about
            modality = Axis(len(modalities), ids.fresh(f"{factor.id}_seen"), factor.size, factor.labels, "")
            modalities.append(modality)
            likelihoods[modality.index] = Likelihood(ids.fresh(f"{modality.id}_likelihood"), "", {"matrix": {"kind": "identity"}}, modality, (factor,))
        preferences[modality.index] = replace(wish, about=modality, about_type="observation")
    for modality in modalities:
        if modality.index not in preferences:
            preferences[modality.index] = Subject(ids.fresh(f"{modality.id}_preference"), "", {}, modality, "observation")
    transitions, beliefs = dict(structure.transitions), dict(structure.beliefs)
    for factor in structure.factors:
        if factor.index not in transitions:
            transitions[factor.index] = Transition(ids.fresh(f"{factor.id}_transition"), "", {}, factor, (factor,), ())
        if factor.index not in beliefs:
            beliefs[factor.index] = Subject(ids.fresh(f"{factor.id}_belief"), "", {}, factor, "state")
    return replace(
        structure,
        modalities=tuple(modalities),
        likelihoods=dict(sorted(likelihoods.items())),
        transitions=dict(sorted(transitions.items())),
        preferences=dict(sorted(preferences.items())),
        state_preferences=(),
        beliefs=dict(sorted(beliefs.items())),
    )


class _Ids:
    """Makes ids that no node has."""

    def __init__(self, structure: Structure) -> None:
        self.taken = set(structure.ids)

    def fresh(self, wanted: str) -> str:
        name, count = wanted, 2
        while name in self.taken:
            name, count = f"{wanted}_{count}", count + 1
        self.taken.add(name)
        return name


def _shown(
    factor: Axis,
    modalities: list[Axis],
    likelihoods: Mapping[int, Likelihood],
    preferences: Mapping[int, Subject],
) -> Axis | None:
    """Return the modality without a preference whose likelihood is the identity on ``factor``."""
    for modality in modalities:
        likelihood = likelihoods[modality.index]
        if modality.index in preferences or factor not in likelihood.parents or modality.size != factor.size:
            continue
        array = np.moveaxis(expand_matrix(likelihood), 1 + likelihood.parents.index(factor), 1)
        eye = np.eye(factor.size).reshape(factor.size, factor.size, *(1,) * (array.ndim - 2))
        if np.array_equal(array, np.broadcast_to(eye, array.shape)):
            return modality
    return None


def arrays(structure: Structure) -> Arrays:
    """Return the arrays of a structure that ``completed`` has filled in."""
    habits = structure.policy.properties.get("habits")
    return Arrays(
        A=tuple(_likelihood(part) for part in structure.likelihoods.values()),
        B=tuple(_transition(part) for part in structure.transitions.values()),
        C=tuple(_preference(part) for part in structure.preferences.values()),
        D=tuple(_belief(part) for part in structure.beliefs.values()),
        E=None if habits is None else normalised(np.asarray(habits, dtype=np.float64)),
    )


def in_node_order(axes: tuple[Axis, ...]) -> tuple[Axis, ...]:
    """Return ``axes`` (all of one type) as the document has their nodes."""
    return tuple(sorted(axes, key=lambda axis: axis.index))


def _order(axes: tuple[Axis, ...], after: int) -> list[int]:
    return [after + k for k in sorted(range(len(axes)), key=lambda k: axes[k].index)]


def _likelihood(part: Likelihood) -> NDArray[np.float64]:
    array = expand_matrix(part)
    order = [0, *_order(part.parents, 1)]
    return array if order == list(range(array.ndim)) else np.ascontiguousarray(array.transpose(order))


def _transition(part: Transition) -> NDArray[np.float64]:
    array = expand_matrix(part)
    order = [0, *_order(part.parents, 1), *_order(part.controls, 1 + len(part.parents))]
    order += [] if part.controls else [array.ndim - 1]
    return array if order == list(range(array.ndim)) else np.ascontiguousarray(array.transpose(order))


def _preference(part: Subject) -> NDArray[np.float64]:
    vector = part.properties.get("vector")
    if isinstance(vector, list) and vector and isinstance(vector[0], list):
        return np.asarray(vector, dtype=np.float64)
    said = subject_vector(part, "preferred_observation")
    return np.zeros(part.about.size) if said is None else said


def _belief(part: Subject) -> NDArray[np.float64]:
    said = subject_vector(part, "state")
    return np.full(part.about.size, 1.0 / part.about.size) if said is None else normalised(said)
