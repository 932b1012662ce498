"""Expectations on what the agent sees of its states: how well, and with which probabilities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np
from pydantic import Field

from gmn_llm.evaluation.dynamics import Probability  # noqa: TC001  # pydantic reads it
from gmn_llm.evaluation.expectation import TOLERANCE, Expectation, Verdict
from gmn_llm.evaluation.words import Label, meant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from gmn_llm.evaluation.view import View

__all__ = ["Accuracy", "Likelihood", "LikelihoodValues", "Noisy", "Perfect"]

SURE = 1 - 1e-6
ALIKE = 1e-6


def _columns(view: View) -> Iterator[tuple[str, NDArray[np.float64]]]:
    """Yield the name of each modality with a choice of outcomes, and its A as (num_obs, joint states)."""
    for modality, array in zip(view.structure.modalities, view.numbers.A, strict=True):
        if modality.size > 1:
            yield modality.id, array.reshape(modality.size, -1)


class Accuracy(Expectation):
    """A sense that is right this often, in the middle of all states."""

    check: Literal["accuracy"]
    value: Probability

    def verdict(self, view: View) -> Verdict:
        """See the class."""
        return Verdict(any(abs(own - self.value) <= TOLERANCE for _, own in _rights(view)), _told(view))


class Perfect(Expectation):
    """A sense that shows without doubt in which state the largest factor is."""

    check: Literal["perfect"]

    def verdict(self, view: View) -> Verdict:
        """See the class."""
        largest = max(factor.size for factor in view.structure.factors)
        seen = [
            view.seen(modality, factor.index)
            for modality in range(len(view.structure.modalities))
            for factor in view.structure.factors
            if factor.size == largest
        ]
        return Verdict(any(array is not None and _tells_all(array) for array in seen), _told(view))


class Noisy(Expectation):
    """A sense that tells something, and not for sure."""

    check: Literal["noisy"]

    def verdict(self, view: View) -> Verdict:
        """See the class."""
        met = any(
            bool((array.max(axis=0) < SURE).any()) and bool((np.ptp(array, axis=1) > ALIKE).any())
            for _, array in _columns(view)
        )
        return Verdict(met, _told(view))


class Likelihood(Expectation):
    """In this state this is seen with this probability, the mean over all else."""

    check: Literal["likelihood"]
    state: Label
    sees: Label
    probability: Probability

    def verdict(self, view: View) -> Verdict:
        """See the class."""
        found = list(self._found(view))
        met = any(abs(value - self.probability) <= TOLERANCE for value in found)
        return Verdict(met, ", ".join(f"{value:.3g}" for value in found) or "no such state or outcome that shows it")

    def _found(self, view: View) -> Iterator[float]:
        for factor in view.structure.factors:
            for modality in view.structure.modalities:
                array = view.seen(modality.index, factor.index)
                if array is not None:
                    for outcome in meant(modality.labels, self.sees):
                        yield from (float(array[outcome, state]) for state in meant(factor.labels, self.state))


class LikelihoodValues(Expectation):
    """One outcome that has, in one state or another, each of these probabilities."""

    check: Literal["likelihood_values"]
    values: Annotated[list[Probability], Field(min_length=1)]

    def verdict(self, view: View) -> Verdict:
        """See the class."""
        met = any(
            all(bool((np.abs(row - value) <= TOLERANCE).any()) for value in self.values)
            for _, array in _columns(view)
            for row in array
        )
        return Verdict(met, _told(view))


def _rights(view: View) -> list[tuple[str, float]]:
    return [(name, float(np.median(array.max(axis=0)))) for name, array in _columns(view)]


def _tells_all(array: NDArray[np.float64]) -> bool:
    """Return whether each state (column) has an outcome of its own."""
    return bool((array.max(axis=0) >= SURE).all()) and len(set(array.argmax(axis=0).tolist())) == array.shape[1]


def _told(view: View) -> str:
    return "; ".join(f"{name} is right {value:.3g} of the time" for name, value in _rights(view)) or "nothing to see"
