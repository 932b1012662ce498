"""A model as it is planned: parts whose sizes can still change, before any array is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from gmn_llm.mock.factors import level_labels

if TYPE_CHECKING:
    from gmn_llm.mock.spots import Spot

__all__ = ["Control", "Factor", "Plan", "Rule", "Sense", "Wish", "copy_of", "numbered", "resized", "rule", "staying"]

Rule = Mapping[str, Mapping[str, object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """A state factor.

    Attributes:
        id: Its id in the document.
        size: Number of states.
        labels: Names of the states, or empty.
        noun: Labels of more states are ``<noun>_<number>``; "" where they are levels.
        kind: How it moves; ``writer`` has the list.
        rows: Rows of a grid, else 1.
        cols: Columns of a grid, else the size.
        walls: Walls on a grid.
        wrap: Whether a grid's edges are connected.
        slip: Chance to stay instead of moving.
        driven: Whether the action drives it.
        parents: Further factors its next state depends on.
        rules: The rules of kind ``rules``.
        up: Actions that raise it.
        down: Actions that lower it.
        start: Where it starts, or None.
        lost: Whether the agent does not know where it starts.
        asked: Whether its size was asked for.
        spare: Whether it may be left out.
    """

    id: str
    size: int
    labels: tuple[str, ...] = ()
    noun: str = ""
    kind: str = "identity"
    rows: int = 1
    cols: int = 0
    walls: tuple[Spot, ...] = ()
    wrap: bool = False
    slip: float = 0.0
    driven: bool = False
    parents: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    up: tuple[str, ...] = ()
    down: tuple[str, ...] = ()
    start: Spot | None = None
    lost: bool = False
    asked: bool = False
    spare: bool = False

    def __post_init__(self) -> None:
        if self.kind != "grid":
            object.__setattr__(self, "cols", self.size)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sense:
    """An observation modality with its likelihood.

    Attributes:
        id: Its id in the document.
        about: Factors it depends on.
        kind: ``copy``, ``zones``, ``signal`` or ``rules``.
        labels: Names of the outcomes; of a copy the factor's own.
        size: Number of outcomes of ``zones``; of other kinds it follows.
        accuracy: Chance to be right.
        rules: The rules of kind ``rules``.
        otherwise: What they leave over.
        near: Where a signal is strong.
        spare: Whether it may be left out.
    """

    id: str
    about: tuple[str, ...]
    kind: str = "copy"
    labels: tuple[str, ...] = ()
    size: int = 0
    accuracy: float = 1.0
    rules: tuple[Rule, ...] = ()
    otherwise: str = "uniform"
    near: tuple[Spot, ...] = ()
    spare: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """The action node: its id and labels, and whether they were asked for."""

    id: str
    labels: tuple[str, ...]
    asked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A preference over one sense.

    Attributes:
        sense: The sense's id.
        best: Places wanted; their neighbourhood counts for less with each step.
        worst: Places shunned.
        values: Log-preferences of labels, in nats.
        weight: Log-preference of the best, in nats.
        fear: Log-preference of the worst, in nats.
        homely: Whether places near the start are preferred a little.
    """

    sense: str
    best: tuple[Spot, ...] = ()
    worst: tuple[Spot, ...] = ()
    values: Mapping[str, float] = field(default_factory=dict)
    weight: float = 2.0
    fear: float = -3.0
    homely: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A whole model."""

    name: str
    description: str
    factors: tuple[Factor, ...]
    senses: tuple[Sense, ...]
    control: Control
    wishes: tuple[Wish, ...] = ()
    horizon: int | None = None
    horizon_asked: bool = False
    curious: bool = False
    gamma: float | None = None
    with_policy: bool = True
    with_beliefs: bool = True
    with_query: bool = False

    def factor(self, name: str) -> Factor:
        """Return the factor called ``name``."""
        return next(factor for factor in self.factors if factor.id == name)

    def with_factor(self, factor: Factor) -> Plan:
        """Return the plan with the factor of the same id replaced."""
        return replace(self, factors=tuple(factor if old.id == factor.id else old for old in self.factors))

    def without(self, name: str) -> Plan:
        """Return the plan without a factor or sense and whatever rests on it alone."""
        factors = tuple(
            replace(factor, parents=tuple(parent for parent in factor.parents if parent != name))
            for factor in self.factors
            if factor.id != name
        )
        senses = tuple(
            replace(sense, about=tuple(about for about in sense.about if about != name))
            for sense in self.senses
            if sense.id != name
        )
        kept = tuple(sense for sense in senses if sense.about)
        there = {sense.id for sense in kept}
        return replace(
            self,
            factors=factors,
            senses=kept,
            wishes=tuple(wish for wish in self.wishes if wish.sense in there),
        )

    def outcomes(self, sense: Sense) -> tuple[int, tuple[str, ...]]:
        """Return the number of outcomes of a sense and their labels."""
        if sense.kind == "copy":
            factor = self.factor(sense.about[0])
            return factor.size, factor.labels
        if sense.kind == "zones":
            return sense.size, sense.labels or numbered("zone", sense.size)
        return len(sense.labels), sense.labels


def rule(then: Mapping[str, object], **when: object) -> Rule:
    """Return a rule: where all of ``when`` holds, ``then``."""
    return {"when": when, "then": then}


def staying(labels: tuple[str, ...], name: str, stays: Mapping[str, float]) -> tuple[Rule, ...]:
    """Return the rules of a factor whose states stay as they are with chances of their own; the rest is spread."""
    others = len(labels) - 1
    return tuple(
        rule({other: round((1 - stays[label]) / others, 10) for other in labels if other != label}, **{name: label})
        for label in labels
        if label in stays and others
    )


def copy_of(factor: str, accuracy: float = 1.0, *, name: str = "", spare: bool = False) -> Sense:
    """Return a sense that shows a factor as it is, right with ``accuracy``."""
    return Sense(id=name or f"seen_{factor}", about=(factor,), accuracy=accuracy, spare=spare)


def numbered(noun: str, size: int, *, first: int = 1) -> tuple[str, ...]:
    """Return ``noun_1``, ``noun_2``, ... up to ``size`` labels."""
    return tuple(f"{noun}_{number}" for number in range(first, first + size))


def resized(factor: Factor, size: int) -> Factor:
    """Return ``factor`` with ``size`` states and labels to match; a grid stays as square as it can."""
    if factor.kind == "grid":
        raise ValueError("a grid is given its rows and columns")
    labels = factor.labels
    if labels and size != factor.size:
        if not factor.noun and factor.kind not in {"rules", "identity"}:
            labels = level_labels(factor.id, size)
        elif size < len(labels):
            labels = labels[:size]
        else:
            more = numbered(factor.noun or factor.id, size)
            labels = (*labels, *(label for label in more[len(labels) :] if label not in labels))
            labels = labels if len(labels) == size else more
    return replace(factor, size=size, cols=size, labels=labels)
