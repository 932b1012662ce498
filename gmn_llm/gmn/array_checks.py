"""The numbers of a document: matrices, preferences, beliefs and habits, each checked by a generator of findings."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from gmn_llm.findings import Finding
from gmn_llm.gmn.completion import shown_by
from gmn_llm.gmn.matrices import check_matrix
from gmn_llm.gmn.numbers import rows_of, table, vector
from gmn_llm.gmn.words import named

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gmn_llm.gmn.parts import Structure, Subject

__all__ = ["check_arrays", "check_carried"]


def check_arrays(structure: Structure) -> Iterator[Finding]:
    """Yield what is wrong with the arrays of a structure without errors, and what is assumed where they are missing."""
    return chain(_matrices(structure), _preferences(structure), _beliefs(structure), _habits(structure))


def check_carried(structure: Structure) -> Iterator[Finding]:
    """Yield a warning for each preference about a state: where it goes. The arrays must be without errors."""
    preferences = dict(structure.preferences)
    for wish in structure.state_preferences:
        factor = wish.about
        modality = shown_by(factor, list(structure.modalities), structure.likelihoods, preferences)
        if modality is None:
            goes = f"expansion adds an observation {named(f'{factor.id}_seen')} that shows it"
        else:
            preferences[modality.index] = wish
            goes = f"it is carried over to {named(modality.id)}, which shows it"
        message = f"preference {named(wish.id)} is about the state {named(factor.id)}: {goes}"
        yield Finding("carried-preference", wish.path, message, "point it at an observation")


def _matrices(structure: Structure) -> Iterator[Finding]:
    for modality in structure.modalities:
        likelihood = structure.likelihoods.get(modality.index)
        if likelihood is None:
            said = "it is as likely to be anything in every state, which tells the agent nothing"
            message = f"observation {named(modality.id)} has no likelihood: {said}"
            yield Finding("added-default", modality.path, message, "add a likelihood node")
        else:
            yield from check_matrix(likelihood)
    for factor in structure.factors:
        transition = structure.transitions.get(factor.index)
        if transition is None:
            message = f"state {named(factor.id)} has no transition: it stays as it is"
            yield Finding("added-default", factor.path, message, "add a transition node")
        else:
            yield from check_matrix(transition)


def _preferences(structure: Structure) -> Iterator[Finding]:
    steps = structure.policy.policy_len
    for preference in (*structure.preferences.values(), *structure.state_preferences):
        yield from _shortcut(preference, "preferred_observation")
        for key in ("vector", "values"):
            value, path = preference.properties.get(key), f"{preference.path}/properties/{key}"
            rows, node = rows_of(value), f"preference {named(preference.id)}"
            if rows is not None and len(rows) != steps:
                message = f"{node} has {len(rows)} rows and the policy {steps} steps"
                yield Finding("shape", path, message, "one row for each step of policy_len")
            for k, row in enumerate(rows or ()):
                yield from vector(row, preference.about, path=f"{path}/{k}", node=node, probability=False)
            if rows is None and value is not None:
                yield from vector(value, preference.about, path=path, node=node, probability=False)


def _beliefs(structure: Structure) -> Iterator[Finding]:
    for belief in structure.beliefs.values():
        yield from _shortcut(belief, "state")
        for key in ("vector", "values"):
            if key in belief.properties:
                path, node = f"{belief.path}/properties/{key}", f"belief {named(belief.id)}"
                yield from vector(belief.properties[key], belief.about, path=path, node=node, probability=True)


def _shortcut(subject: Subject, key: str) -> Iterator[Finding]:
    """Check the property that names the one value."""
    if key in subject.properties and subject.about.find(subject.properties[key]) is None:
        said = f"node {named(subject.id)} names {named(subject.properties[key])}"
        message = f"{said}, which {named(subject.about.id)} does not have"
        yield Finding("bad-reference", f"{subject.path}/properties/{key}", message, subject.about.known)


def _habits(structure: Structure) -> Iterator[Finding]:
    habits = structure.policy.properties.get("habits")
    if habits is not None:
        count = structure.num_choices**structure.policy.policy_len
        path, axes = f"{structure.policy.path}/properties/habits", f"one number for each of {count} policies"
        yield from table(habits, [(count,)], path=path, node="the policy", axes=axes)
