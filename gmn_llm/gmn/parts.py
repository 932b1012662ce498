"""The parts of a document: axes, the arrays over them, and the whole that they make."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from gmn_llm.findings import quote

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gmn_llm.findings import Finding

__all__ = ["Axis", "Likelihood", "Policy", "Structure", "Subject", "Transition"]


@dataclass(frozen=True)
class Axis:
    """A state factor, an observation modality or an action: something with a size and perhaps labels.

    Attributes:
        index: Its place among those of its type, in node order.
        id: The node's id.
        size: Number of its values.
        labels: A name for each value, or empty.
        path: JSON pointer to the node.
    """

    index: int
    id: str
    size: int
    labels: tuple[str, ...]
    path: str

    @cached_property
    def places(self) -> Mapping[str, int]:
        """Label to index."""
        return {label: place for place, label in enumerate(self.labels)}

    def find(self, reference: object) -> int | None:
        """Return the index that an index or a label stands for, or None."""
        if isinstance(reference, str):
            return self.places.get(reference)
        if isinstance(reference, float) and reference.is_integer():
            reference = int(reference)
        if isinstance(reference, int) and not isinstance(reference, bool) and 0 <= reference < self.size:
            return reference
        return None

    def find_key(self, key: str) -> int | None:
        """Return the index for a key of an object: a label, or else the index written in digits."""
        found = self.places.get(key)
        if found is None and key.isascii() and key.isdigit() and len(key) < 10 and key == str(int(key)):
            found = self.find(int(key))
        return found

    @property
    def known(self) -> str:
        """What may stand where one of its values is expected, in words."""
        if not self.labels:
            return f"an index from 0 to {self.size - 1}"
        more = ", ..." if len(self.labels) > 20 else ""
        return "one of " + ", ".join(quote(label) for label in self.labels[:20]) + more


@dataclass(frozen=True, slots=True)
class Likelihood:
    """One A: how a modality depends on factors, axes (outcomes, states of each parent in edge order)."""

    id: str
    path: str
    properties: Mapping[str, object]
    modality: Axis
    parents: tuple[Axis, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """(num_obs, num_states of each parent)."""
        return (self.modality.size, *(parent.size for parent in self.parents))


@dataclass(frozen=True, slots=True)
class Transition:
    """One B: how a factor changes, axes (next states, states of each parent, choices of each action).

    ``added`` says that the edges left the factor out of its own parents and it was added as the first.
    """

    id: str
    path: str
    properties: Mapping[str, object]
    factor: Axis
    parents: tuple[Axis, ...]
    controls: tuple[Axis, ...]
    added: bool = False

    @property
    def shape(self) -> tuple[int, ...]:
        """(num_states, num_states of each parent, num_actions of each action or a single 1)."""
        controls = tuple(control.size for control in self.controls) or (1,)
        return (self.factor.size, *(parent.size for parent in self.parents), *controls)

    @property
    def short_shape(self) -> tuple[int, ...]:
        """The shape of a list to be spread along the factor, which the edges left out of its parents."""
        return (self.shape[0], *self.shape[2:]) if self.added else self.shape

    @property
    def own(self) -> int:
        """Place of the factor among its own parents."""
        return self.parents.index(self.factor)


@dataclass(frozen=True, slots=True)
class Subject:
    """A preference (C) or belief (D) and what it is about."""

    id: str
    path: str
    properties: Mapping[str, object]
    about: Axis


@dataclass(frozen=True, slots=True)
class Policy:
    """How the agent plans; one step ahead where nothing is said."""

    path: str = ""
    properties: Mapping[str, object] = field(default_factory=dict)

    @property
    def policy_len(self) -> int:
        """Steps planned ahead."""
        value = self.properties.get("policy_len", 1)
        return int(value) if isinstance(value, int | float) else 1


@dataclass(frozen=True)
class Structure:
    """A document's parts, tied together as far as its edges allow.

    ``likelihoods``, ``preferences`` and ``transitions``, ``beliefs`` have the index of the modality or factor as
    key; where the document has none there is no entry. ``state_preferences`` are those that point at a factor;
    ``ids`` are those of all nodes.
    """

    factors: tuple[Axis, ...]
    modalities: tuple[Axis, ...]
    controls: tuple[Axis, ...]
    likelihoods: Mapping[int, Likelihood]
    transitions: Mapping[int, Transition]
    preferences: Mapping[int, Subject]
    state_preferences: tuple[Subject, ...]
    beliefs: Mapping[int, Subject]
    policy: Policy
    ids: frozenset[str]
    findings: tuple[Finding, ...]

    @cached_property
    def by_id(self) -> Mapping[str, Axis]:
        """Factors, modalities and controls by their id."""
        return {axis.id: axis for axis in (*self.factors, *self.modalities, *self.controls)}

    @cached_property
    def used_controls(self) -> tuple[Axis, ...]:
        """The actions that drive a factor, in node order."""
        used = {control.index for transition in self.transitions.values() for control in transition.controls}
        return tuple(control for control in self.controls if control.index in used)

    @property
    def matrices(self) -> tuple[Likelihood | Transition, ...]:
        """All likelihoods and transitions that there are."""
        return (*self.likelihoods.values(), *self.transitions.values())

    @property
    def num_choices(self) -> int:
        """How many joint actions there are in one step: the product of the used actions' sizes."""
        return math.prod(control.size for control in self.used_controls)
