"""The edges of the factor graph as curves, with their labels where there is room for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gmn_llm.page.graph import Box, Tie

__all__ = ["Route", "routes"]

Point: TypeAlias = tuple[float, float]
Area: TypeAlias = tuple[float, float, float, float]
"""Left, top, right, bottom."""

APART = 9.0
"""Half of how far the two edges of a pair that points both ways are from each other."""
ARROW = 3.0
LETTER, LINE = 6.1, 13.0
"""Width of a letter and height of a line of a label, at its size of 10 pixels."""
PLACES = (0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74)
ROOM_FOR_LABELS = 120
"""Past so many edges labels would be a fog; the list of edges has them all."""


@dataclass(frozen=True, slots=True)
class Route:
    """An edge of the drawing.

    Attributes:
        tie: What it stands for.
        path: The curve, in the words of SVG's ``d``.
        label: Its type, or empty where there is no room.
        left: Where the label's plate begins.
        top: Its upper side.
        right: Where it ends.
        bottom: Its lower side.
    """

    tie: Tie
    path: str
    label: str = ""
    left: float = 0.0
    top: float = 0.0
    right: float = 0.0
    bottom: float = 0.0


def routes(ties: Sequence[Tie], placed: Sequence[Box]) -> tuple[Route, ...]:
    """Return a curve for each edge between two boxes that are there."""
    at = {box.id: box for box in placed}
    drawable = [tie for tie in ties if tie.source in at and tie.target in at and tie.source != tie.target]
    both_ways = {(tie.target, tie.source) for tie in drawable}
    taken = [area for box in placed for area in _areas(box)]
    return tuple(_labelled(drawable, at, both_ways, taken))


def _labelled(
    ties: Sequence[Tie], at: dict[str, Box], both_ways: set[tuple[str, str]], taken: list[Area]
) -> Iterator[Route]:
    for tie in ties:
        is_pair = (tie.source, tie.target) in both_ways
        curve = _curve(at[tie.source], at[tie.target], is_pair=is_pair)
        (x1, y1), (x2, y2), (x3, y3), (x4, y4) = curve
        path = f"M{x1:.1f} {y1:.1f}C{x2:.1f} {y2:.1f} {x3:.1f} {y3:.1f} {x4:.1f} {y4:.1f}"
        spot = _free_spot(tie, curve, taken) if len(ties) <= ROOM_FOR_LABELS else None
        if spot is None:
            yield Route(tie, path)
            continue
        taken.append(spot)
        yield Route(tie, path, tie.kind, *(round(side, 1) for side in spot))


def _areas(box: Box) -> tuple[Area, ...]:
    """Return what a node covers: all of it, or of an array the square and the lines below."""
    bottom = box.y + box.height
    if not box.letter:
        return ((box.x, box.y, box.x + box.width, bottom),)
    under = box.middle + box.above
    return (box.left, box.y, box.right, under), (box.x, under, box.x + box.width, bottom)


def _curve(source: Box, target: Box, *, is_pair: bool) -> tuple[Point, Point, Point, Point]:
    """Return start, two handles and end of the curve from ``source`` to ``target``."""
    if abs(source.x + source.width / 2 - target.x - target.width / 2) < 1:
        bend = max(source.x + source.width, target.x + target.width) + 54
        start, end = (source.right, source.middle), (target.right + ARROW, target.middle)
        return start, (bend, start[1]), (bend, end[1]), end
    forth = source.x < target.x
    shift = (APART if forth else -APART) if is_pair else 0.0
    side = 1.0 if forth else -1.0
    start = (source.right if forth else source.left, source.middle + shift)
    end = ((target.left if forth else target.right) - side * ARROW, target.middle + shift)
    reach = side * max(24.0, 0.45 * abs(end[0] - start[0]))
    return start, (start[0] + reach, start[1]), (end[0] - reach, end[1]), end


def _free_spot(tie: Tie, curve: tuple[Point, Point, Point, Point], taken: Sequence[Area]) -> Area | None:
    """Return where the label covers neither a node nor another label, or None."""
    half = (len(tie.kind) + 2 * tie.wrong) * LETTER / 2 + 2
    for share in PLACES:
        x, y = _along(curve, share)
        spot = (x - half, y - LINE / 2, x + half, y + LINE / 2)
        if not any(_meet(spot, other) for other in taken):
            return spot
    return None


def _along(curve: tuple[Point, Point, Point, Point], share: float) -> Point:
    """Return the point of a cubic Bezier curve at ``share`` of its way."""
    rest = 1 - share
    weights = (rest**3, 3 * rest**2 * share, 3 * rest * share**2, share**3)
    x, y = (sum(weight * point[axis] for weight, point in zip(weights, curve, strict=True)) for axis in (0, 1))
    return x, y


def _meet(one: Area, other: Area) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
