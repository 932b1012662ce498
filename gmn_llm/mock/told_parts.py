"""Factors and places together with those that were told value by value."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gmn_llm.mock.places import Place

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gmn_llm.mock.factors import Part

__all__ = ["with_told_parts", "with_told_places"]


def with_told_parts(parts: tuple[Part, ...], told: Iterable[Part]) -> tuple[Part, ...]:
    """Return the parts together with those whose levels were named, which know better."""
    named = {part.name: part for part in told}
    merged = [
        replace(named[part.name], free=part.free or named[part.name].free, hidden=part.hidden)
        for part in parts
        if part.name in named
    ]
    rest = [part for part in (*parts, *named.values()) if part.name not in {one.name for one in merged}]
    return tuple(sorted((*merged, *rest), key=lambda part: part.index))


def with_told_places(place: Place | None, names: tuple[str, ...], *, lined: bool = False) -> Place | None:
    """Return the place with names that were told, or the set (or line) of these names where there is no board."""
    if not names or (place is not None and place.kind == "grid"):
        return place
    if place is not None and place.asked and place.size != len(names):
        return replace(place, names=names[: place.size])
    kind = place.kind if place is not None and place.asked else "line" if lined else "set"
    noun = place.noun if place is not None and place.noun != "cell" else "place"
    return Place(kind, 1, len(names), noun=noun, names=names)
