"""Expectations on how much there is and what it is called: factors, modalities, actions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, model_validator

from gmn_llm.evaluation.expectation import Expectation, Verdict, told_axes, within
from gmn_llm.evaluation.places import Size  # noqa: TC001  # pydantic reads it
from gmn_llm.evaluation.words import Label, means

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gmn_llm.evaluation.view import View
    from gmn_llm.gmn.parts import Axis

__all__ = ["Actions", "Controls", "Factors", "Modalities", "Observations", "States", "Total", "fitting"]

Labels = Annotated[list[Label], Field(min_length=1)]


def fitting(axes: Sequence[Axis], size: int | None, labels: Sequence[Label] | None) -> list[Axis]:
    """Return the axes of this size that have, for each of ``labels``, one that means it; None asks for nothing."""
    return [axis for axis in axes if size in (None, axis.size) and _has(axis.labels, labels or ())]


def _has(labels: Sequence[str], wanted: Sequence[Label]) -> bool:
    return all(any(means(label, one) for label in labels) for one in wanted)


class _Axis(Expectation):
    """One factor or modality of a size, with these labels among its own, or both."""

    size: Size | None = None
    labels: Labels | None = None

    @model_validator(mode="after")
    def _asks_for_something(self) -> Self:
        if self.size is None and self.labels is None:
            raise ValueError("size, labels or both")
        return self

    def judged(self, axes: Sequence[Axis]) -> Verdict:
        """Return whether one of ``axes`` is it."""
        return Verdict(bool(fitting(axes, self.size, self.labels)), told_axes(axes))


class States(_Axis):
    """A state factor of this size, or with these labels."""

    check: Literal["states"]

    def verdict(self, view: View) -> Verdict:
        """See the class."""
        return self.judged(view.structure.factors)


class Observations(_Axis):
    """An observation modality of this size, or with these labels."""

    check: Literal["observations"]

    def verdict(self, view: View) -> Verdict:
        """See the class."""
        return self.judged(view.structure.modalities)


class _Counted(Expectation):
    """So many, exactly or between bounds."""

    count: Size | None = None
    min: Size | None = None
    max: Size | None = None

    @model_validator(mode="after")
    def _asks_for_something(self) -> Self:
        if (self.count is None) == (self.min is None and self.max is None):
            raise ValueError("count, or else min, max or both")
        return self

    def fits(self, count: int) -> bool:
        """Return whether there are as many as wanted."""
        return count == self.count if self.count is not None else within(count, self.min, self.max)


class Actions(_Counted):
    """Actions with these labels, wherever they are, and one action node with so many choices."""

    check: Literal["actions"]
    labels: Labels | None = None

    @model_validator(mode="after")
    def _asks_for_something(self) -> Self:
        if self.count is not None and (self.min is not None or self.max is not None):
            raise ValueError("count, or else min, max or both")
        if self.labels is None and self.count is None and self.min is None and self.max is None:
            raise ValueError("labels, count, min or max")
        return self

    def verdict(self, view: View) -> Verdict:
        """See the class."""
        controls = view.structure.controls
        labels = tuple(label for control in controls for label in control.labels)
        met = _has(labels, self.labels or ()) and any(self.fits(control.size) for control in controls)
        return Verdict(met, told_axes(controls))


class Factors(_Counted):
    """So many state factors."""

    check: Literal["factors"]

    def verdict(self, view: View) -> Verdict:
        """See the class."""
        return Verdict(self.fits(len(view.structure.factors)), told_axes(view.structure.factors))


class Modalities(_Counted):
    """So many observation modalities."""

    check: Literal["modalities"]

    def verdict(self, view: View) -> Verdict:
        """See the class."""
        return Verdict(self.fits(len(view.structure.modalities)), told_axes(view.structure.modalities))


class Controls(_Counted):
    """So many action nodes that drive something."""

    check: Literal["controls"]

    def verdict(self, view: View) -> Verdict:
        """See the class."""
        used = view.structure.used_controls
        return Verdict(self.fits(len(used)), told_axes(used))


class Total(_Counted):
    """So many states, observations or actions over all nodes together."""

    check: Literal["total"]
    of: Literal["states", "observations", "actions"]

    def verdict(self, view: View) -> Verdict:
        """See the class."""
        parts = view.structure
        axes = {"states": parts.factors, "observations": parts.modalities, "actions": parts.controls}[self.of]
        total = sum(axis.size for axis in axes)
        return Verdict(self.fits(total), f"{total}: {told_axes(axes)}")
