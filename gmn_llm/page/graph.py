"""The factor graph laid out in columns, from actions on the left to preferences on the right."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gmn_llm.gmn.dialects import COUNTS
from gmn_llm.page.words import cut, kind_of, seen, width_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gmn_llm.gmn.parts import Structure
    from gmn_llm.gmn.spec import GMNSpec, Node

__all__ = ["Box", "Tie", "arranged", "boxes", "extent", "ties"]

COLUMNS = {
    "action": 0, "policy": 0, "transition": 1, "belief": 1, "state": 2,
    "likelihood": 3, "observation": 4, "preference": 5, "llm_query": 5,
}  # fmt: skip
LETTERS = {"likelihood": "A", "transition": "B", "preference": "C", "belief": "D"}
NAMES = {"llm_query": "query"}
WIDTH = 1080.0
"""Room on the page; a drawing that needs more is scrolled."""
MARGIN, GAP, WIDEST_GAP, PITCH = 14.0, 58.0, 110.0, 22.0
WIDE, NARROW = (136.0, 50.0), (108.0, 62.0)
"""Width and height of a variable, and of the small square of an array with its name below."""
SQUARE = 34.0
SWEEPS = 30


@dataclass(frozen=True, slots=True)
class Box:
    """A node of the drawing; ``x`` and ``y`` are its upper left corner.

    Attributes:
        id: The node's id.
        kind: Its type.
        letter: ``A`` to ``D`` for an array, else empty.
        name: The id as far as there is room.
        note: What there is to say below: its size, or how its numbers are given.
        title: All there is to say.
        wrong: Whether a finding that is an error is about it.
    """

    id: str
    kind: str
    letter: str
    name: str
    note: str
    title: str
    wrong: bool
    x: float = 0.0
    y: float = 0.0

    @property
    def width(self) -> float:
        """Pixels across."""
        return NARROW[0] if self.letter else WIDE[0]

    @property
    def height(self) -> float:
        """Pixels down."""
        return NARROW[1] if self.letter else WIDE[1]

    @property
    def above(self) -> float:
        """How far it reaches above the height where edges meet it."""
        return SQUARE / 2 if self.letter else self.height / 2

    @property
    def below(self) -> float:
        """How far it reaches below that height."""
        return self.height - self.above

    @property
    def middle(self) -> float:
        """Where edges meet it, from the top of the drawing."""
        return self.y + self.above

    @property
    def left(self) -> float:
        """Where edges meet it on the left."""
        return self.x + ((self.width - SQUARE) / 2 if self.letter else 0.0)

    @property
    def right(self) -> float:
        """Where edges meet it on the right."""
        return self.x + self.width - ((self.width - SQUARE) / 2 if self.letter else 0.0)


@dataclass(frozen=True, slots=True)
class Tie:
    """An edge of the document, or one that its meaning implies.

    Attributes:
        source: Id of the node it leaves.
        target: Id of the node it enters.
        kind: Its type, ``drives`` for what is implied: that a transition says what its factor does next.
        wrong: Whether a finding that is an error is about it.
    """

    source: str
    target: str
    kind: str
    wrong: bool = False

    @property
    def words(self) -> str:
        """The edge on one line."""
        return f"{self.source} {self.kind} {self.target}"


def ties(spec: GMNSpec, structure: Structure, wrong: Iterable[str]) -> tuple[Tie, ...]:
    """Return the edges, then what each transition drives; ``wrong`` are the places of errors."""
    bad = {path.split("/")[2] for path in wrong if path.startswith("/edges/")}
    given = tuple(Tie(e.source, e.target, e.type, str(k) in bad) for k, e in enumerate(spec.edges))
    said = {(tie.source, tie.target) for tie in given}
    implied = ((part.id, part.factor.id) for part in structure.transitions.values())
    return (*given, *(Tie(*ends, "drives") for ends in implied if ends not in said))


def boxes(spec: GMNSpec, wrong: Iterable[str]) -> tuple[Box, ...]:
    """Return a box for each node, not yet in its place; of nodes with one id only the first."""
    bad = {path.split("/")[2] for path in wrong if path.startswith("/nodes/")}
    found: dict[str, Box] = {}
    for k, node in enumerate(spec.nodes):
        found.setdefault(node.id, _box(node, wrong=str(k) in bad))
    return tuple(found.values())


def _box(node: Node, *, wrong: bool) -> Box:
    letter = LETTERS.get(node.type, "")
    note = _note(node)
    said = [f"{NAMES.get(node.type, node.type)} {seen(node.id)}", note, seen(node.properties.get("description", ""))]
    labels = node.properties.get("labels")
    if isinstance(labels, list) and labels:
        said.append(", ".join(seen(label, 40) for label in labels[:12]) + (", …" if len(labels) > 12 else ""))
    return Box(
        id=node.id,
        kind=node.type,
        letter=letter,
        name=_fitting(seen(node.id), 17 if letter else 15),
        note=_fitting(note, 17 if letter else 19),
        title="; ".join(part for part in said if part),
        wrong=wrong,
    )


def _fitting(text: str, most: int) -> str:
    """Return as much of ``text`` as ``most`` letters take."""
    fitting = next((k for k in range(len(text), 0, -1) if width_of(cut(text, k)) <= most), 1)
    return cut(text, fitting)


def _note(node: Node) -> str:
    count = node.properties.get(COUNTS.get(node.type, ""))
    if count is not None:
        what = {"state": "state", "observation": "outcome", "action": "choice"}[node.type]
        return f"{count} {what if count == 1 else what + 's'}"
    matrix = node.properties.get("matrix")
    if isinstance(matrix, dict):
        return str(matrix.get("kind", "of"))
    return kind_of(matrix) if matrix is not None else NAMES.get(node.type, node.type)


def arranged(found: Sequence[Box], links: Sequence[Tie]) -> tuple[Box, ...]:
    """Return the boxes in their places: a column for each type, each box as near as may be to those it is tied to."""
    columns: dict[int, list[Box]] = defaultdict(list)
    for box in found:
        columns[COLUMNS[box.kind]].append(box)
    near = _neighbours(found, links)
    middles = {box.id: k * (box.height + PITCH) for column in columns.values() for k, box in enumerate(column)}
    for _ in range(SWEEPS):
        for place in (2, 1, 3, 4, 5, 0):
            column = columns.get(place, [])
            wanted = {box.id: _mean([middles[other] for other in near[box.id]], middles[box.id]) for box in column}
            column.sort(key=lambda box: wanted[box.id])
            middles.update(_apart(column, wanted))
    top = min((middles[box.id] - box.above for box in found), default=0.0) - MARGIN
    lefts = _lefts(columns)
    return tuple(
        replace(box, x=lefts[COLUMNS[box.kind]], y=round(middles[box.id] - box.above - top, 1)) for box in found
    )


def _neighbours(found: Sequence[Box], links: Sequence[Tie]) -> Mapping[str, list[str]]:
    ids = {box.id for box in found}
    near: dict[str, list[str]] = defaultdict(list)
    for link in links:
        if link.source in ids and link.target in ids:
            near[link.source].append(link.target)
            near[link.target].append(link.source)
    return near


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _apart(order: Sequence[Box], wanted: Mapping[str, float]) -> dict[str, float]:
    """Return places in the given order, none nearer to the next than may be, with the least squared distance in all.

    Less the room that those above take, the places have only to ascend; that is isotonic regression, solved by pooling
    adjacent violators.
    """
    room, offsets = 0.0, []
    for k, box in enumerate(order):
        room += 0.0 if k == 0 else order[k - 1].below + box.above + PITCH
        offsets.append(room)
    pools: list[tuple[float, int]] = []
    for box, offset in zip(order, offsets, strict=True):
        total, count = wanted[box.id] - offset, 1
        while pools and pools[-1][0] / pools[-1][1] >= total / count:
            before, members = pools.pop()
            total, count = total + before, count + members
        pools.append((total, count))
    levels = [total / count for total, count in pools for _ in range(count)]
    return {box.id: level + offset for box, level, offset in zip(order, levels, offsets, strict=True)}


def _lefts(columns: Mapping[int, Sequence[Box]]) -> dict[int, float]:
    widths = {place: max(box.width for box in columns[place]) for place in sorted(columns)}
    spare = (WIDTH - 2 * MARGIN - sum(widths.values())) / max(1, len(widths) - 1)
    gap = min(max(spare, GAP), WIDEST_GAP)
    lefts, x = {}, MARGIN
    for place, width in widths.items():
        lefts[place] = x
        x += width + gap
    return lefts


def extent(placed: Sequence[Box]) -> tuple[int, int]:
    """Return width and height of the drawing."""
    width = max((box.x + box.width for box in placed), default=0.0) + MARGIN
    height = max((box.y + box.height for box in placed), default=0.0) + MARGIN
    return round(width), round(height)
