"""From a document back to the compact draft that a model is asked for.

A draft says less than a document, so what it can't say (several actions for one factor, connected edges, senses of
many zones) has none. Whether one that was written is right is not argued but tried: it is compiled, and its arrays
compared with the document's. What is not compared, for a draft has no words for it, are ids of senses and actions, and
how the agent weighs its policies (``gamma``, ``alpha``, ``use_states_info_gain``).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

import jsonschema_rs
import numpy as np

from gmn_llm.dataset.draft_rules import Rules, labelled, rules_of
from gmn_llm.errors import GMNValidationError
from gmn_llm.generation.draft import compiled
from gmn_llm.gmn import GMNSpec
from gmn_llm.gmn.arrays import Arrays, arrays
from gmn_llm.gmn.completion import completed
from gmn_llm.gmn.schema import load

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gmn_llm.gmn.parts import Axis, Likelihood, Structure, Transition

__all__ = ["draft_of", "same"]

STEPPED: Final = ("grid", "line", "cycle")
MOST_WISHES: Final = 8
LONGEST: Final = 200
PHRASE: Final = 80
PHRASES: Final = 8


def draft_of(spec: GMNSpec, *, exact: bool = True) -> dict[str, object] | None:
    """Return the draft that stands for a valid document, or None where none does.

    Args:
        spec: The document.
        exact: Whether all preferences have to be told. Otherwise of more than a draft has room for the greatest and
            the least are.
    """
    view = _View.of(spec)
    if not view.is_plain:
        return None
    # First by names of movements; where their usual meaning is not the document's, by what each action does.
    told = (_Telling(spec, view, exact=exact, spelled=spelled).draft() for spelled in (False, True))
    return next((draft for draft in told if draft is not None and _stands_for(draft, view, exact=exact)), None)


def _stands_for(draft: dict[str, object], view: _View, *, exact: bool) -> bool:
    if not _validator().is_valid(draft):
        return False
    try:
        back = _View.of(GMNSpec.parse(compiled(draft)).valid())
    except GMNValidationError:
        return False
    return same(view.full, view.numbers, back.full, back.numbers, wishes=exact)


def same(one: Structure, first: Arrays, other: Structure, second: Arrays, *, wishes: bool = True) -> bool:
    """Return whether two documents describe the same agent: sizes, labels and arrays, the modalities in any order.

    Args:
        one: A document's parts, with all that it leaves unsaid filled in.
        first: Its arrays.
        other: The other document's parts.
        second: Its arrays.
        wishes: Whether preferences count.
    """
    likes = _senses(one, first, wishes=wishes), _senses(other, second, wishes=wishes)
    return (
        [(axis.id, axis.size, axis.labels) for axis in one.factors]
        == [(axis.id, axis.size, axis.labels) for axis in other.factors]
        and sorted((axis.size, axis.labels) for axis in one.controls)
        == sorted((axis.size, axis.labels) for axis in other.controls)
        and one.policy.policy_len == other.policy.policy_len
        and (first.E is None) == (second.E is None)
        and all(map(_equal, first.B, second.B))
        and all(map(_equal, first.D, second.D))
        and len(likes[0]) == len(likes[1])
        and _pair_off(*likes)
    )


def _equal(one: NDArray[np.float64], other: NDArray[np.float64]) -> bool:
    return one.shape == other.shape and bool(np.allclose(one, other, rtol=0, atol=1e-9))


@dataclass(frozen=True, slots=True)
class _Sense:
    labels: tuple[str, ...]
    parents: tuple[int, ...]
    likelihood: NDArray[np.float64]
    likes: NDArray[np.float64]

    def is_like(self, other: _Sense) -> bool:
        named = self.labels == other.labels or not (self.labels and other.labels)
        alike = _equal(self.likelihood, other.likelihood) and _equal(self.likes, other.likes)
        return named and self.parents == other.parents and alike


def _senses(structure: Structure, numbers: Arrays, *, wishes: bool) -> list[_Sense]:
    return [
        _Sense(
            axis.labels,
            tuple(sorted(parent.index for parent in structure.likelihoods[axis.index].parents)),
            numbers.A[axis.index],
            numbers.C[axis.index] if wishes else np.zeros(0),
        )
        for axis in structure.modalities
    ]


def _pair_off(one: Sequence[_Sense], other: Sequence[_Sense]) -> bool:
    left = list(other)
    for sense in one:
        found = next((k for k, twin in enumerate(left) if sense.is_like(twin)), None)
        if found is None:
            return False
        del left[found]
    return not left


@cache
def _validator() -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(load("draft"))


@dataclass(frozen=True, slots=True)
class _View:
    full: Structure
    numbers: Arrays
    is_plain: bool

    @classmethod
    def of(cls, spec: GMNSpec) -> _View:
        full = completed(spec.structure)
        return cls(full, arrays(full), not any(node.type == "llm_query" for node in spec.nodes))


class _Telling:
    """Tells one document as a draft; used once."""

    def __init__(self, spec: GMNSpec, view: _View, *, exact: bool, spelled: bool) -> None:
        self.spec = spec
        self.full = view.full
        self.numbers = view.numbers
        self.exact = exact
        self.spelled = spelled
        self.owners: dict[int, int] = {}
        for factor, part in self.full.transitions.items():
            for control in part.controls:
                self.owners.setdefault(control.index, factor)

    def draft(self) -> dict[str, object] | None:
        shown = {axis.index: self._sight(axis) for axis in self.full.factors}
        factors = [self._factor(axis, shown[axis.index]) for axis in self.full.factors]
        taken = {modality for modality in shown.values() if modality is not None}
        senses = [self._sense(axis) for axis in self.full.modalities if axis.index not in taken]
        told = [factor for factor in factors if factor is not None]
        sensed = [sense for sense in senses if sense is not None]
        if len(told) < len(factors) or len(sensed) < len(senses):
            return None
        return {
            "name": self.spec.name[:40],
            "description": (self.spec.description or "")[:LONGEST],
            "factors": told,
            "senses": sensed,
            "steps_ahead": self.full.policy.policy_len,
            "unread": self._unread(),
        }

    def _unread(self) -> list[str]:
        said = self.spec.metadata.get("unread")
        return [str(phrase)[:PHRASE] for phrase in said[:PHRASES]] if isinstance(said, list) else []

    def _sight(self, factor: Axis) -> int | None:
        """Return the first modality that shows the factor and nothing else, right more often than not by chance."""
        for modality in self.full.modalities:
            part = self.full.likelihoods[modality.index]
            kind = _kind(part.properties.get("matrix"))
            copies = kind in {"identity", "noisy_identity"} and part.parents == (factor,)
            if copies and modality.labels in ((), factor.labels):
                return modality.index
        return None

    def _factor(self, factor: Axis, sight: int | None) -> dict[str, object] | None:
        change = self._change(self.full.transitions[factor.index])
        start, wishes = self._start(factor), []
        accuracy: object = 0
        if sight is not None:
            said = self.full.likelihoods[sight].properties["matrix"]
            accuracy = said.get("accuracy", 1) if isinstance(said, dict) else 1
            wishes = self._wishes(sight)
        if change is None or start is None:
            return None
        owned = [control for control, owner in self.owners.items() if owner == factor.index]
        actions = [label for control in self.full.controls if control.index in owned for label in labelled(control)]
        return {
            "name": factor.id,
            "size": factor.size,
            "labels": list(factor.labels),
            "change": change,
            "actions": actions,
            "start": start,
            "accuracy": accuracy,
            "prefer": wishes,
        }

    def _change(self, part: Transition) -> dict[str, object] | None:
        if len(part.controls) > 1:
            return None
        matrix = part.properties.get("matrix", {"kind": "identity"})
        empty: dict[str, object] = {"kind": "identity", "rows": 0, "cols": 0, "slip": 0, "walls": [], "rules": []}
        kind = _kind(matrix)
        own = not part.controls or self.owners[part.controls[0].index] == part.factor.index
        if isinstance(matrix, dict) and own:
            if kind in STEPPED and not self.spelled and not matrix.get("wrap"):
                said = {key: matrix[key] for key in ("rows", "cols", "slip", "walls") if key in matrix}
                return {**empty, "kind": kind, **said}
            if kind == "set":
                return {**empty, "kind": kind, "slip": round(1 - float(matrix.get("reliability", 1)), 10)}
            if kind == "identity" or (kind == "random_walk" and matrix.get("stay", 0.5) == 0.5):
                return {**empty, "kind": kind}
        rules = rules_of(part, self.numbers.B[part.factor.index], self._names(part))
        return None if rules is None else {**empty, "kind": "rules", "rules": rules}

    def _names(self, part: Transition | Likelihood) -> Rules:
        controls = getattr(part, "controls", ())
        return {axis.id: axis.id for axis in part.parents} | {axis.id: "action" for axis in controls}

    def _start(self, factor: Axis) -> str | None:
        start = self.numbers.D[factor.index]
        if float(np.ptp(start)) < 1e-12:
            return "" if factor.size > 1 else "0"
        place = int(start.argmax())
        if start[place] < 1 - 1e-9:
            return None
        return factor.labels[place] if factor.labels else str(place)

    def _sense(self, modality: Axis) -> dict[str, object] | None:
        part = self.full.likelihoods[modality.index]
        rules = rules_of(part, self.numbers.A[modality.index], self._names(part))
        if rules is None or not modality.labels:
            return None
        return {
            "name": modality.id[:40],
            "labels": list(modality.labels),
            "depends_on": [parent.id for parent in part.parents],
            "rules": rules,
            "prefer": self._wishes(modality.index),
        }

    def _wishes(self, modality: int) -> list[dict[str, object]]:
        axis, likes = self.full.modalities[modality], self.numbers.C[modality]
        if likes.ndim > 1:
            return []
        said = [place for place in range(axis.size) if likes[place]]
        if len(said) > MOST_WISHES and not self.exact:
            extreme = {float(likes.max()), float(min(likes.min(), 0.0))} - {0.0}
            said = [place for place in said if float(likes[place]) in extreme]
        names = axis.labels or tuple(map(str, range(axis.size)))
        return [{"value": names[place], "strength": round(float(likes[place]), 6)} for place in said]


def _kind(matrix: object) -> str:
    return str(matrix.get("kind")) if isinstance(matrix, dict) else ""
