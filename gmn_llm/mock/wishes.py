"""From goals to preferences over senses."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gmn_llm.mock.geometry import cells_of, fits
from gmn_llm.mock.plan import Factor, Sense, Wish

if TYPE_CHECKING:
    from gmn_llm.mock.goals import Goal
    from gmn_llm.mock.request import Request
    from gmn_llm.mock.spots import Spot

__all__ = ["wishes_for"]


def wishes_for(request: Request, factors: list[Factor], senses: list[Sense], notes: list[str]) -> list[Wish]:
    """Return the preferences that the goals of ``request`` ask for; what had to be assumed goes to ``notes``."""
    wishes: list[Wish] = []
    first = factors[0]
    best = [goal.spot for goal in request.goals if goal.wanted and goal.spot is not None]
    worst = [goal.spot for goal in request.goals if not goal.wanted and goal.spot is not None]
    named = (*best, *worst, *([request.start] if request.start else []), *request.walls)
    notes.extend(_outside(first, spot) for spot in named if not fits(first, spot))
    notes.extend(_walled(first, best, request))
    seen = next((sense for sense in senses if sense.about == (first.id,) and sense.kind in {"copy", "zones"}), None)
    if seen is not None and (best or worst):
        wishes.append(Wish(sense=seen.id, best=tuple(best), worst=tuple(worst)))
    for goal in request.goals:
        wish = _level_wish(goal, factors, senses)
        if wish is not None:
            wishes = _with(wishes, wish)
    for label, wanted in request.likings:
        seen = next((sense for sense in senses if label in _labels(sense, factors)), None)
        if seen is not None:
            wishes = _with(wishes, Wish(sense=seen.id, values={label: 2.0 if wanted else -3.0}))
    return wishes


def _with(wishes: list[Wish], wish: Wish) -> list[Wish]:
    """Return the wishes with one more; of a sense that has one its labels count as well."""
    old = next((old for old in wishes if old.sense == wish.sense), None)
    if old is None or old.best or old.worst:
        return [other for other in wishes if other is not old] + [wish]
    return [replace(old, values={**old.values, **wish.values}) if other is old else other for other in wishes]


def _labels(sense: Sense, factors: list[Factor]) -> tuple[str, ...]:
    """Return the names of what a sense tells apart."""
    if sense.kind != "copy":
        return sense.labels
    return next((factor.labels for factor in factors if factor.id == sense.about[0]), ())


def _outside(factor: Factor, spot: Spot) -> str:
    size = f"a {factor.cols}x{factor.rows} grid" if factor.rows > 1 else f"{factor.size} places"
    return (
        f"A place that was named is not on {size}: the nearest was taken."
        if not spot.label
        else f'There is no "{spot.label}" among the places: it was left out.'
    )


def _walled(factor: Factor, best: list[Spot], request: Request) -> list[str]:
    walls = {cell for spot in factor.walls for cell in cells_of(factor, spot)}
    notes = []
    if any(set(cells_of(factor, spot)) <= walls for spot in best) and walls:
        notes.append("The goal lies in a wall: nothing can enter it.")
    if walls and request.start is not None and set(cells_of(factor, request.start)) <= walls:
        notes.append("The start lies in a wall: who starts there stays there.")
    return notes


def _level_wish(goal: Goal, factors: list[Factor], senses: list[Sense]) -> Wish | None:
    factor = next((factor for factor in factors if factor.id == goal.part), None)
    sense = next((sense for sense in senses if factor is not None and sense.about == (factor.id,)), None)
    if factor is None or sense is None or not factor.labels:
        return None
    if isinstance(goal.level, str):
        label = goal.level if goal.level in factor.labels else factor.labels[-1]
    else:
        label = factor.labels[min(goal.level if goal.level is not None else -1, factor.size - 1)]
    return Wish(sense=sense.id, values={label: 2.0 if goal.wanted else -3.0})
