"""What a document leaves unsaid: defaults for every array that has no node, and preferences about states."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from gmn_llm.gmn.matrices import expand_matrix
from gmn_llm.gmn.numbers import subject_vector
from gmn_llm.gmn.parts import Axis, Likelihood, Structure, Subject, Transition

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["completed"]


def completed(structure: Structure) -> Structure:
    """Return a structure without errors with all that it leaves unsaid filled in.

    Each modality gets a likelihood and a preference, each factor a transition and a belief; preferences about states
    are carried over to a modality that shows the state, which is added where there is none.
    """
    return _Completion(structure).structure()


class _Completion:
    """Fills in one structure; used once."""

    def __init__(self, given: Structure) -> None:
        self.given = given
        self.taken = set(given.ids)
        self.modalities = list(given.modalities)
        self.likelihoods = dict(given.likelihoods)
        self.preferences = dict(given.preferences)

    def structure(self) -> Structure:
        for modality in self.given.modalities:
            if modality.index not in self.likelihoods:
                self._add_likelihood(modality, self.given.factors[0], "uniform")
        for wish in self.given.state_preferences:
            self._carry(wish)
        for modality in self.modalities:
            if modality.index not in self.preferences:
                node_id = self._fresh(f"{modality.id}_preference")
                self.preferences[modality.index] = Subject(node_id, "", {}, modality)
        return replace(
            self.given,
            modalities=tuple(self.modalities),
            likelihoods=dict(sorted(self.likelihoods.items())),
            transitions=self._transitions(),
            preferences=dict(sorted(self.preferences.items())),
            state_preferences=(),
            beliefs=self._beliefs(),
        )

    def _fresh(self, wanted: str) -> str:
        """Return an id that no node has."""
        name, count = wanted, 2
        while name in self.taken:
            name, count = f"{wanted}_{count}", count + 1
        self.taken.add(name)
        return name

    def _add_likelihood(self, modality: Axis, factor: Axis, kind: str) -> None:
        node_id = self._fresh(f"{modality.id}_likelihood")
        self.likelihoods[modality.index] = Likelihood(node_id, "", {"matrix": {"kind": kind}}, modality, (factor,))

    def _carry(self, wish: Subject) -> None:
        """Make a preference about a state one about what is seen of it; the labels it uses are the state's."""
        factor, said = wish.about, subject_vector(wish, "preferred_observation")
        modality = shown_by(factor, self.modalities, self.likelihoods, self.preferences)
        if modality is None:
            node_id = self._fresh(f"{factor.id}_seen")
            modality = Axis(len(self.modalities), node_id, factor.size, factor.labels, "")
            self.modalities.append(modality)
            self._add_likelihood(modality, factor, "identity")
        kept = {key: value for key, value in wish.properties.items() if key not in {"values", "preferred_observation"}}
        vector = np.zeros(factor.size) if said is None else said
        self.preferences[modality.index] = replace(wish, about=modality, properties={**kept, "vector": vector.tolist()})

    def _transitions(self) -> dict[int, Transition]:
        result = dict(self.given.transitions)
        for factor in self.given.factors:
            if factor.index not in result:
                node_id = self._fresh(f"{factor.id}_transition")
                result[factor.index] = Transition(node_id, "", {}, factor, (factor,), ())
        return dict(sorted(result.items()))

    def _beliefs(self) -> dict[int, Subject]:
        result = dict(self.given.beliefs)
        for factor in self.given.factors:
            if factor.index not in result:
                result[factor.index] = Subject(self._fresh(f"{factor.id}_belief"), "", {}, factor)
        return dict(sorted(result.items()))


def shown_by(
    factor: Axis,
    modalities: list[Axis],
    likelihoods: Mapping[int, Likelihood],
    preferences: Mapping[int, Subject],
) -> Axis | None:
    """Return the first modality without a preference whose likelihood is the identity on ``factor``."""
    for modality in modalities:
        likelihood = likelihoods.get(modality.index)
        if likelihood is None or modality.index in preferences or modality.size != factor.size:
            continue
        if factor in likelihood.parents and _is_identity(likelihood, factor):
            return modality
    return None


def _is_identity(likelihood: Likelihood, factor: Axis) -> bool:
    array = np.moveaxis(expand_matrix(likelihood), 1 + likelihood.parents.index(factor), 1)
    eye = np.eye(factor.size).reshape(factor.size, factor.size, *(1,) * (array.ndim - 2))
    return np.array_equal(array, np.broadcast_to(eye, array.shape))
