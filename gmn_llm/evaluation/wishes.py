"""Expectations on what is wanted, what is avoided, where the agent starts and how far it plans."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Self

import numpy as np
from pydantic import model_validator

from gmn_llm.evaluation.expectation import Expectation, Verdict
from gmn_llm.evaluation.places import PlacedExpectation, Size
from gmn_llm.evaluation.sizes import Labels, fitting
from gmn_llm.evaluation.words import Label, is_negative, means, meant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from gmn_llm.evaluation.view import View
    from gmn_llm.gmn.parts import Axis

__all__ = ["Avoids", "NoPreference", "Plans", "Prefers", "SomePreference", "Starts", "UnknownStart"]

SURE = 0.5
"""The least probability of the state that an agent starts in, where the prompt says which."""
EVEN = 1.5
"""How much more than evenly spread a start may be that is not known: walls and holes are left out of it."""
EQUAL = 1e-9


def _outcomes(modality: Axis, wanted: Label) -> list[int]:
    """Return the outcomes that mean ``wanted``; of a modality of that name all that do not deny it."""
    found = meant(modality.labels, wanted)
    if not found and means(modality.id, wanted):
        found = [k for k, label in enumerate(modality.labels) if not is_negative(label)]
        found = found if len(found) < modality.size else []
    return found


class _Liked(PlacedExpectation):
    """A place, or an outcome of that name, with the log-preferences among which it stands."""

    def candidates(self, view: View) -> Iterator[tuple[float, NDArray[np.float64]]]:
        """Yield the log-preference of what is meant, and of all its like."""
        for factors, place in self.spots(view):
            worth = view.worth(factors)
            yield float(worth[place]), worth
        if self.label is None:
            return
        for modality, likes in zip(view.structure.modalities, view.likes, strict=True):
            for outcome in _outcomes(modality, self.label):
                yield float(likes[outcome]), likes


class Prefers(_Liked):
    """Nothing is liked better: the state where the most is liked, or the outcome liked best of its modality."""

    check: Literal["prefers"]

    def verdict(self, view: View) -> Verdict:
        """See the class."""
        met = any(own >= all_.max() - EQUAL and all_.min() < own - EQUAL for own, all_ in self.candidates(view))
        return Verdict(met, _told_likes(view))


class Avoids(_Liked):
    """It is liked less than what is usual: below the median of its like."""

    check: Literal["avoids"]

    def verdict(self, view: View) -> Verdict:
        """See the class."""
        met = any(own < float(np.median(all_)) - EQUAL for own, all_ in self.candidates(view))
        return Verdict(met, _told_likes(view))


class NoPreference(Expectation):
    """Everything is liked the same."""

    check: Literal["no_preference"]

    def verdict(self, view: View) -> Verdict:
        """See the class."""
        return Verdict(not _cares(view), _told_likes(view))


class SomePreference(Expectation):
    """Something is liked better than something else."""

    check: Literal["some_preference"]

    def verdict(self, view: View) -> Verdict:
        """See the class."""
        return Verdict(_cares(view), _told_likes(view))


class Starts(PlacedExpectation):
    """It starts there, most likely."""

    check: Literal["starts"]

    def verdict(self, view: View) -> Verdict:
        """See the class."""
        starts = view.numbers.D
        met = any(
            np.prod([starts[factor][state] for factor, state in zip(factors, place, strict=True)]) > SURE
            for factors, place in self.spots(view)
        )
        return Verdict(met, _told_starts(view))


class UnknownStart(Expectation):
    """A factor of this size, or with these labels, could start anywhere."""

    check: Literal["unknown_start"]
    size: Size | None = None
    labels: Labels | None = None

    @model_validator(mode="after")
    def _asks_for_something(self) -> Self:
        if self.size is None and self.labels is None:
            raise ValueError("size, labels or both")
        return self

    def verdict(self, view: View) -> Verdict:
        """See the class."""
        chosen = fitting(view.structure.factors, self.size, self.labels)
        met = any(axis.size > 1 and view.numbers.D[axis.index].max() <= EVEN / axis.size for axis in chosen)
        return Verdict(met, _told_starts(view))


class Plans(Expectation):
    """It plans so many steps ahead."""

    check: Literal["plans"]
    steps: Size

    def verdict(self, view: View) -> Verdict:
        """See the class."""
        steps = view.structure.policy.policy_len
        return Verdict(steps == self.steps, f"{steps} steps ahead")


def _cares(view: View) -> bool:
    return any(float(np.ptp(likes)) > EQUAL for likes in view.likes)


def _told_likes(view: View) -> str:
    said = []
    for modality, likes in zip(view.structure.modalities, view.likes, strict=True):
        if float(np.ptp(likes)) > EQUAL:
            best, worst = int(likes.argmax()), int(likes.argmin())
            told = (f"{_name(modality, k)} {likes[k]:+.3g}" for k in (best, worst))
            said.append(f"{modality.id}: {' down to '.join(told)}")
    return "; ".join(said) or "nothing is preferred"


def _told_starts(view: View) -> str:
    said = []
    for factor, start in zip(view.structure.factors, view.numbers.D, strict=True):
        likely = int(start.argmax())
        said.append(f"{factor.id}: {_name(factor, likely)} {start[likely]:.3g}")
    return "; ".join(said)


def _name(axis: Axis, place: int) -> str:
    return axis.labels[place] if axis.labels else str(place)
