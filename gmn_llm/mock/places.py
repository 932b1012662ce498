"""Where the agent can be: grids, lines, rings and rooms, with walls, wrapping and the start."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import isqrt
from typing import TYPE_CHECKING, Final

from gmn_llm.mock.numbers import number_at, whole_at
from gmn_llm.mock.spots import CELLS, ROOMS, Spot, spots_at
from gmn_llm.mock.vocabulary import words

if TYPE_CHECKING:
    from gmn_llm.mock.tokens import Text

__all__ = ["LOST", "STARTS", "WORDS", "Place", "read_place", "read_walls"]

TIMES: Final = words("x \u00d7 * by on mal por par")
GRIDS: Final = words(
    "grid board maze gridworld lattice labyrinth map checkerboard chessboard floorplan raster matrix arena"
)
_LINES: Final = words("corridor line track hallway strip tape ladder staircase road street path tunnel rail shelf")
_RINGS: Final = words("ring circle circular loop cycle carousel clock roundabout")
_WRAPS: Final = words("torus toroidal wrap wraparound periodic donut doughnut")
_NAMED: Final = words(
    "kitchen bedroom bathroom bath office garage garden livingroom lobby attic basement cellar hall lounge library "
    "studio yard balcony pantry lab ward pharmacy classroom gym cafe church park school hospital harbour harbor forest "
    "lake mountain desert beach castle village cave nest den hive barn field meadow"
)
_WALLS: Final = words("wall obstacle barrier block rock boulder pillar column blocked")
STARTS: Final = words("start begin starting spawn initial initially origin")
_BETWEEN: Final = words("- different possible grid equal small")
LOST: Final = words("anywhere random unknown somewhere lost unsure")
WORDS: Final = (
    TIMES
    | GRIDS
    | _LINES
    | _RINGS
    | _WRAPS
    | _NAMED
    | _WALLS
    | STARTS
    | LOST
    | CELLS
    | words("row column side square edge connected around surround state long wide tall high deep width height")
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the agent can be.

    Attributes:
        kind: ``grid``, ``line``, ``cycle`` or ``set``.
        rows: Rows of a grid, 1 for the other kinds.
        cols: Columns of a grid, the size for the other kinds.
        noun: What one of them is called, in the singular.
        names: Their names where the sentence gives them.
        asked: Whether the sentence gives the size.
        wrap: Whether the edges are connected.
    """

    kind: str
    rows: int
    cols: int
    noun: str = "cell"
    names: tuple[str, ...] = ()
    asked: bool = True
    wrap: bool = False

    @property
    def size(self) -> int:
        """Number of places."""
        return self.rows * self.cols


def read_place(text: Text) -> Place | None:
    """Return the place the sentence speaks of, or None where it speaks of none."""
    product = _product(text)
    sides = _sides(text)
    cells = _cells(text, grid=product is not None or text.has(GRIDS))
    rooms = _rooms(text)
    gridded = text.claim(GRIDS)
    lined = text.claim(_LINES) | _in_a_row(text)
    ringed = text.claim(_RINGS)
    wrap = text.claim(_WRAPS)
    if wrap or text.has({"connected"}):
        text.claim({"around", "edge", "connected", "opposite"})
    place = _grid(text, product=product, sides=sides, cells=cells)
    if place is None and rooms is not None:
        place = rooms
    elif rooms is not None and place is not None and cells is None:
        text.doubt(
            f"The {_named(place)} and the {rooms.size} {rooms.noun}s can't both be where it is: "
            f"the {_named(place)} was kept."
        )
    if place is None and cells is not None:
        place = _of_cells(cells, gridded=gridded, ringed=ringed or (wrap and not gridded), lined=lined)
    if place is None and not (gridded or lined or ringed or wrap):
        count = _counted(text, {"state"})
        return Place("line", 1, max(count, 1), noun="state") if count is not None else None
    if place is None:
        kind = "grid" if gridded or (wrap and not lined and not ringed) else "cycle" if ringed else "line"
        place = Place(kind, 5 if kind == "grid" else 1, 5 if kind == "grid" else 7, asked=False)
    if wrap and place.kind == "line":
        return replace(place, kind="cycle")
    return replace(place, wrap=wrap)


def _in_a_row(text: Text) -> bool:
    """Read ``a row of twelve cells``, once the cells have been counted."""
    found = [at for at in text.places({"row"}) if text.free(at) and text.word(at + 1) == "of"]
    rows = [at for at in found if text.word(at - 1) in {"a", "one", "single"} and not text.free(at + 3)]
    for at in rows:
        text.mark(at, at + 1)
    return bool(rows)


def read_walls(text: Text) -> tuple[Spot, ...]:
    """Return where walls are said to be."""
    walls: list[Spot] = []
    for index in text.places(_WALLS):
        if not text.free(index):
            continue
        start = index + 1
        while text.word(start) in {
            "is",
            "are",
            "cell",
            "there",
            "and",
            "by",
            "wall",
            "located",
            "placed",
            ":",
        }:
            start += 1
        found, stop = spots_at(text, start)
        if found:
            walls.extend(found)
            text.mark(index, stop)
        elif text.word(index) == "wall" and text.word(index - 1) in {"with", "by", "the", "outer"}:
            text.mark(index, index + 1)  # the board's own edge: a move off the board stays
    return tuple(dict.fromkeys(walls))


def _product(text: Text) -> tuple[int, int] | None:
    """Read ``7x3``: width, then height."""
    found: list[tuple[int, int]] = []
    for index in range(len(text)):
        if not text.free(index):
            continue
        first = whole_at(text, index) if number_at(text, index) else None
        if first is None:
            continue
        joined = text.word(first[1]) == "-" == text.word(first[1] + 2)
        times = first[1] + joined
        if text.word(times) not in TIMES:
            continue
        second = _second(text, times + 1, joined=joined)
        if second is None:
            continue
        stop = second[1]
        if text.word(stop) in TIMES and number_at(text, stop + 1):
            stop = stop + 2
            text.doubt("A board has two dimensions here: the third was left out.")
        if text.word(stop) in CELLS | {"grid"} | {"square"}:
            stop += 1
        text.mark(index, stop)
        found.append((first[0], second[0]))
    if len(set(found)) > 1:
        text.doubt(f"The sentence gives {len(set(found))} sizes for the grid: {found[0][0]}x{found[0][1]} was taken.")
    return found[0] if found else None


def _second(text: Text, index: int, *, joined: bool) -> tuple[int, int] | None:
    """Read the number after ``x`` or ``by``; in ``five-by-five`` the dash before it is no minus."""
    if not joined:
        return whole_at(text, index) if number_at(text, index) else None
    found = number_at(text, index + 1)
    return (int(found[0]), found[1]) if found is not None else None


def _sides(text: Text) -> tuple[int | None, int | None]:
    """Read ``5 rows and 7 columns`` and ``a grid of size 6``."""
    cols = _counted(text, {"column", "col"})
    rows = _counted(text, {"row"} if cols is None else {"row", "line"})
    if rows is None and cols is None and text.has(GRIDS):
        for index in text.places({"size", "side"}):
            begin = index + 2 if text.word(index + 1) == "of" else index + 1
            number = whole_at(text, begin) if text.free(begin) else None
            if number is not None:
                text.mark(index, number[1])
                return number[0], number[0]
    return rows, cols


def _counted(text: Text, nouns: set[str] | frozenset[str]) -> int | None:
    """Return the first unclaimed count of one of ``nouns``."""
    for index in text.places(nouns):
        for begin in (index - 4, index - 3, index - 2, index - 1):
            number = whole_at(text, begin) if begin >= 0 and text.free(begin) else None
            joined = number is not None and (
                number[1] == index
                or (
                    number[1] == index - 1
                    and (text.word(index - 1) in _BETWEEN or text.word(index - 1) not in text.known)
                )
            )
            if text.word(index + 1) in {"factor", "factors", "variable"}:
                continue
            place = text.word(begin - 1) in {"row", "column", "cell", "room", "position", "-"}
            place = place and not (text.word(begin - 1) in {"row", "column"} and number_at(text, begin - 2))
            if number is not None and joined and not place and number_at(text, begin - 1) is None:
                text.mark(begin, index + 1)
                return number[0]
    return None


def _cells(text: Text, *, grid: bool) -> int | None:
    nouns = CELLS - {"node", "index", "point"} | ({"state"} if grid else frozenset())
    count = _counted(text, nouns)
    return count if count is not None else _along(text)


def _along(text: Text) -> int | None:
    """Read ``a line of 15 depth levels``: so many of whatever lies along it."""
    for index in text.places(_LINES | _RINGS):
        number = whole_at(text, index + 2) if text.word(index + 1) in {"of", "with"} and text.free(index + 2) else None
        if number is not None and number[0] > 1:
            text.mark(index + 2, number[1] + 2)
            return number[0]
    return None


def _rooms(text: Text) -> Place | None:
    names = _room_names(text)
    for noun in ROOMS:
        if noun in {"door", "box", "table"} and not text.has({"behind", "which", "one"}):
            continue
        count = _counted(text, {noun})
        if count is not None:
            kind = "line" if noun in {"floor", "lane", "storey"} else "set"
            if names and len(names) != count:
                text.doubt(f"The sentence asks for {count} {noun}s and names {len(names)}: {count} was kept.")
            return Place(kind, 1, max(count, 1), noun=noun, names=names[:count])
    if len(names) >= 2:
        return Place("set", 1, len(names), noun="room", names=names)
    return None


def _room_names(text: Text) -> tuple[str, ...]:
    found = [index for index in text.places(_NAMED) if text.free(index) and text.word(index - 1) != "open"]
    names = tuple(dict.fromkeys(text.word(index) for index in found))
    if len(names) < 2:
        return ()
    first = {text.word(index): index for index in reversed(found)}
    for index in sorted(first.values()):
        if text.word(index - 1) in {"the", "a", ",", "and", "or", ":", "between"}:
            text.mark(index, index + 1)
    return names


def _grid(
    text: Text, *, product: tuple[int, int] | None, sides: tuple[int | None, int | None], cells: int | None
) -> Place | None:
    rows, cols = sides
    if product is not None:
        cols_said, rows_said = product
        if (rows, cols) not in {(None, None), (rows_said, cols_said), (cols_said, rows_said)}:
            text.doubt(
                f"The sentence asks for a {cols_said}x{rows_said} grid and for other rows or "
                "columns: the former was kept."
            )
        elif rows is not None and cols is not None:
            rows_said, cols_said = rows, cols
        rows, cols = rows_said, cols_said
    elif rows is None and cols is None:
        return None
    elif rows is None or cols is None:
        side = rows if rows is not None else cols
        rest = cells // side if side and cells and cells % side == 0 else side
        if rest == side and cells is None:
            text.doubt(f"Only one side of the grid was given: both were taken as {side}.")
        rows, cols = (rows, rest) if rows is not None else (rest, cols)
    rows, cols = rows or 0, cols or 0
    if rows < 1 or cols < 1:
        text.doubt(f"A grid of {cols}x{rows} has no cell: taken as {max(cols, 1)}x{max(rows, 1)}.")
    elif cells is not None and cells != rows * cols:
        text.doubt(f"A {cols}x{rows} grid has {rows * cols} cells, not {cells}: the {cols}x{rows} grid was kept.")
    return Place("grid", max(rows, 1), max(cols, 1))


def _of_cells(cells: int, *, gridded: bool, ringed: bool, lined: bool) -> Place:
    cells = max(cells, 1)
    if ringed:
        return Place("cycle", 1, cells)
    if gridded and not lined:
        rows = max(side for side in range(1, isqrt(cells) + 1) if cells % side == 0) if cells <= 10**8 else 1
        return Place("grid", rows, cells // rows)
    return Place("line", 1, cells)


def _named(place: Place) -> str:
    return f"{place.cols}x{place.rows} grid" if place.kind == "grid" else f"{place.size} {place.noun}s"
