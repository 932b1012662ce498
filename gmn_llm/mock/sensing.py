"""What the agent senses of its factors."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gmn_llm.mock.plan import Factor, Sense, rule
from gmn_llm.mock.spots import Spot
from gmn_llm.mock.told_senses import named_sense

if TYPE_CHECKING:
    from gmn_llm.mock.request import Request
    from gmn_llm.mock.told import Named

__all__ = ["senses_for", "taboo_senses"]


def senses_for(request: Request, factors: list[Factor], notes: list[str]) -> list[Sense]:
    """Return what the agent senses of ``factors``; what was taken for granted is added to ``notes``."""
    hidden = {part.name for part in request.parts if part.hidden}
    senses: list[Sense] = []
    shown = {sense.name: _shown_by(request, sense, factors) for sense in request.named}
    shown_only = {factor.id for factor in shown.values()}
    for place, factor in enumerate(factors):
        if factor.id in hidden and len(factors) > 1:
            continue
        if place == 0 and request.manner.blind and (request.signals or len(factors) > 1):
            continue
        if factor.id in shown_only:
            continue
        senses.append(_sense_of(request, factor, first=place == 0))
    senses.extend(named_sense(request, sense, shown[sense.name]) for sense in request.named)
    for signal in request.signals:
        if not factors:
            break
        near = _sources(request, signal.near, signal.spot)
        if not near:
            notes.append(f"Where the {signal.name} comes from was not said: it was put at the far end.")
            near = (Spot(index=-1),)
        senses.append(
            Sense(
                id=f"heard_{signal.name}" if signal.labels[-1] == "loud" else f"sensed_{signal.name}",
                about=(factors[0].id,),
                kind="signal",
                labels=signal.labels,
                near=near,
                accuracy=0.9,
            )
        )
    if request.manner.blind and not request.signals and senses:
        told = f"It is said to see nothing: {factors[0].id} can't be sensed"
        notes.append(f"{told}, {', '.join(factor.id for factor in factors[1:])} can.") if len(factors) > 1 else None
    if request.manner.blind and not request.signals and len(factors) == 1:
        senses = [replace(senses[0], kind="zones", size=1, labels=("nothing",))]
    return senses


def taboo_senses(request: Request, factors: list[Factor]) -> list[Sense]:
    """Return a sense for each thing that must not be done, so that it can be disliked."""
    """Return a sense for each thing that is never to be done in some state: it tells whether that happened."""
    there = {factor.id: factor.labels for factor in factors}
    return [
        Sense(
            id=f"{doing}_on_{level}",
            about=("doing", part),
            kind="rules",
            labels=("fine", f"{doing}_on_{level}"),
            rules=(rule({f"{doing}_on_{level}": 1.0}, **{"doing": doing, part: level}),),
            otherwise="fine",
        )
        for doing, part, level in request.taboos
        if doing in there.get("doing", ()) and level in there.get(part, ())
    ]


def _shown_by(request: Request, named: Named, factors: list[Factor]) -> Factor:
    """Return what a named sense tells of: the named part before it, else the first there is."""
    before = [part.name for part in request.parts if part.labels and part.index <= named.index]
    return next((factor for name in reversed(before) for factor in factors if factor.id == name), factors[0])


def _sources(request: Request, near: str, spot: Spot | None) -> tuple[Spot, ...]:
    if spot is not None:
        return (spot,)
    if near == "wall":
        return request.walls
    return tuple(goal.spot for goal in request.goals if goal.spot is not None and goal.wanted == (near == "goal"))


def _sense_of(request: Request, factor: Factor, *, first: bool) -> Sense:
    accuracy = 0.9 if factor.kind == "grid" else 1.0
    name = f"seen_{factor.id}"
    if first and request.seen and request.seen != factor.labels:
        return Sense(
            id="seen",
            about=(factor.id,),
            kind="zones",
            labels=request.seen,
            size=len(request.seen),
            accuracy=0.9 if factor.size > 1 else 1.0,
        )
    if first and request.outcomes is not None and request.outcomes != factor.size:
        return Sense(id=name, about=(factor.id,), kind="zones", size=request.outcomes, accuracy=accuracy)
    return Sense(id=name, about=(factor.id,), accuracy=accuracy)
