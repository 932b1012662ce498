"""Places on a board, a line or among rooms, as a sentence names them.

Rows and columns count from 0 as in the notation's ``walls``, row 0 at the top; ordinals ("second row") count
from 1. A pair in parentheses is (row, column).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gmn_llm.mock.numbers import ordinal_at, whole_at
from gmn_llm.mock.vocabulary import words

if TYPE_CHECKING:
    from gmn_llm.mock.tokens import Text

__all__ = ["CORNERS", "ROOMS", "WORDS", "Spot", "spot_at", "spots_at"]

_VERTICAL: Final = {
    "top": "top",
    "above": "top",
    "below": "bottom",
    "up": "top",
    "upper": "top",
    "north": "top",
    "bottom": "bottom",
    "down": "bottom",
    "lower": "bottom",
    "south": "bottom",
}
_HORIZONTAL: Final = {"left": "left", "west": "left", "right": "right", "east": "right"}
_COMPASS: Final = {
    "northeast": ("top", "right"),
    "northwest": ("top", "left"),
    "southeast": ("bottom", "right"),
    "southwest": ("bottom", "left"),
}
CORNERS: Final = words("corner hand side edge border end")
_EXTREMES: Final = {
    "deepest": ("", "right"),
    "topmost": ("top", ""),
    "uppermost": ("top", ""),
    "highest": ("top", ""),
    "bottommost": ("bottom", ""),
    "lowest": ("bottom", ""),
    "lowermost": ("bottom", ""),
    "leftmost": ("", "left"),
    "rightmost": ("", "right"),
}
_CENTRES: Final = words("centre center middle")
CELLS: Final = words("cell square tile field position location spot place index site node point post")
ROOMS: Final = {
    word: word
    for word in [
        "room",
        "chamber",
        "zone",
        "region",
        "area",
        "house",
        "floor",
        "station",
        "island",
        "city",
        "town",
        "shop",
        "warehouse",
        "building",
        "planet",
        "door",
        "box",
        "shelf",
        "bay",
        "dock",
        "lane",
        "compartment",
        "nest",
        "tree",
        "table",
        "desk",
        "aisle",
        "village",
        "district",
        "sector",
        "patch",
        "storey",
        "branch",
        "bin",
        "flower",
        "ledge",
    ]
}
_NUMBERED: Final = CELLS | words("arm lever machine level state step stage price") | frozenset(ROOMS)
_SKIPPED: Final = words("the a an at in of on to its very near , is are be by and") | {""}
WORDS: Final = (
    frozenset({*_VERTICAL, *_HORIZONTAL, *_COMPASS, "row", "column", "col", "line", "last", "end", *_EXTREMES})
    | CORNERS
    | _CENTRES
    | CELLS
    | frozenset(ROOMS)
)


@dataclass(frozen=True, slots=True)
class Spot:
    """Somewhere, as named.

    Attributes:
        vertical: ``top``, ``middle``, ``bottom`` or "".
        horizontal: ``left``, ``middle``, ``right`` or "".
        row: Row from 0, -1 for the last, or None.
        col: Column from 0, -1 for the last, or None.
        noun: The noun of a numbered place (``room``), or "".
        index: Its number as written, or an index from 0; -1 for the last; None where there is none.
        label: A place called by its name (``kitchen``), or "".
        counted: True where the numbers are as written and not ordinals, so that they could count from 1.
    """

    vertical: str = ""
    horizontal: str = ""
    row: int | None = None
    col: int | None = None
    noun: str = ""
    index: int | None = None
    label: str = ""
    counted: bool = False


def spot_at(text: Text, index: int, *, names: frozenset[str] = frozenset()) -> tuple[Spot, int] | None:
    """Return the spot that begins at ``index``, small words before it left out, and where it ends."""
    start = index
    while start < len(text) and start < index + 4 and text.word(start) in _SKIPPED:
        start += 1
    for reader in (_pair, _row_column, _ordinal, _side, _extreme, _numbered):
        found = reader(text, start)
        if found is not None:
            return found
    if text.word(start) in names:
        return Spot(label=text.word(start)), start + 1
    return None


def spots_at(text: Text, index: int, *, names: frozenset[str] = frozenset()) -> tuple[tuple[Spot, ...], int]:
    """Return the spots listed from ``index`` on and where the list ends."""
    spots: list[Spot] = []
    stop = index
    while True:
        found = spot_at(text, stop, names=names)
        if found is None:
            return tuple(spots), stop
        spots.append(found[0])
        text.mark(stop, found[1])
        stop = found[1]
        while text.word(stop) in {",", "and", "&", ";", "、"} and text.word(stop):
            stop += 1


def _pair(text: Text, index: int) -> tuple[Spot, int] | None:
    start = index
    while text.word(start) in CELLS | {"row", "coordinate", "coordinates"}:
        start += 1
    opened = text.word(start) in {"(", "["}
    begin = start + 1 if opened else start
    row = whole_at(text, begin) if text.word(begin)[:1].isdigit() else None
    if row is None or text.word(row[1]) not in {",", ";"} or (not opened and start == index):
        return None
    col = whole_at(text, row[1] + 1) if text.word(row[1] + 1)[:1].isdigit() else None
    if col is None or (opened and text.word(col[1]) not in {")", "]"}):
        return None
    return Spot(row=row[0], col=col[0], counted=True), col[1] + opened


def _row_column(text: Text, index: int) -> tuple[Spot, int] | None:
    first = _line(text, index)
    if first is None:
        return None
    kind, value, stop, counted = first
    after = stop
    while text.word(after) in {",", "and", "of", "the", "in", "at"}:
        after += 1
    second = _line(text, after)
    if second is None or second[0] == kind:
        row, col = (value, None) if kind == "row" else (None, value)
        return Spot(row=row, col=col, counted=counted), stop
    row, col = (value, second[1]) if kind == "row" else (second[1], value)
    return Spot(row=row, col=col, counted=counted), second[2]


def _line(text: Text, index: int) -> tuple[str, int, int, bool] | None:
    """Read ``row 2`` or ``second column``: which, its number from 0, where it ends, whether as written."""
    names = {"row": "row", "column": "col", "col": "col"}
    if text.word(index) in names:
        number = whole_at(text, index + 1)
        return (names[text.word(index)], number[0], number[1], True) if number else None
    ordinal = ordinal_at(text, index)
    if ordinal is not None and text.word(ordinal[1]) in names:
        value = ordinal[0] if ordinal[0] < 0 else ordinal[0] - 1
        return names[text.word(ordinal[1])], max(value, -1), ordinal[1] + 1, False
    return None


def _ordinal(text: Text, index: int) -> tuple[Spot, int] | None:
    ordinal = ordinal_at(text, index)
    if ordinal is None or text.word(ordinal[1]) not in _NUMBERED:
        return None
    value = ordinal[0] if ordinal[0] < 0 else max(ordinal[0] - 1, 0)
    return Spot(index=value), ordinal[1] + 1


def _side(text: Text, index: int) -> tuple[Spot, int] | None:
    """Read ``bottom-right corner``, ``corner at the top left``, ``left end`` or ``centre``."""
    stop = index
    vertical = horizontal = ""
    named = False
    while stop < len(text):
        word = text.word(stop)
        if word in _COMPASS and not (vertical or horizontal):
            vertical, horizontal = _COMPASS[word]
        elif word in _VERTICAL and not vertical:
            vertical = _VERTICAL[word]
        elif word in _HORIZONTAL and not horizontal:
            horizontal = _HORIZONTAL[word]
        elif word in _CENTRES and not named:
            vertical, horizontal = vertical or "middle", horizontal or "middle"
            named = True
        elif word in CORNERS and not named:
            named = True
        elif word == "row" and vertical and not horizontal:
            return Spot(vertical=vertical), stop + 1
        elif word in {"column", "wall"} and horizontal and not vertical:
            return Spot(horizontal=horizontal), stop + 1
        elif not (word in {"-", "most", "of", "the", "at", "", "in", "hand"} and _more(text, stop + 1)):
            break
        stop += 1
    if not named and not (vertical and horizontal):
        return None
    if not (vertical or horizontal):
        return (Spot(index=-1), stop) if text.word(index) == "end" else (Spot(vertical="top", horizontal="left"), stop)
    if (
        not named
        and text.word(stop) in {",", "or", "/", "、", "stay", "and"}
        and text.word(index) in {"up", "down", "left", "right"}
    ):
        return None
    return Spot(vertical=vertical, horizontal=horizontal), stop


def _extreme(text: Text, index: int) -> tuple[Spot, int] | None:
    """Read ``the topmost branch``, ``the top floor``, ``the leftmost one`` and ``the other end``."""
    word, noun = text.word(index), text.word(index + 1)
    place = noun in ROOMS or noun in CELLS or noun in {"one", "level", "ledge"}
    if word in {"other", "far", "opposite"} and noun in {"end", "side"}:
        return Spot(index=-1), index + 2
    if word in _EXTREMES:
        vertical, horizontal = _EXTREMES[word]
        return Spot(vertical=vertical, horizontal=horizontal), index + 1 + place
    if word in {"top", "bottom", "ground"} and noun in ROOMS:
        return Spot(vertical="top" if word == "top" else "bottom"), index + 2
    return None


def _more(text: Text, index: int) -> bool:
    """Return whether the naming of a side goes on within two words."""
    later = {*_VERTICAL, *_HORIZONTAL} | CORNERS | _CENTRES
    return text.word(index) in later or (
        text.word(index) in {"the", "", "of", "at", "hand", "-"} and text.word(index + 1) in later
    )


def _numbered(text: Text, index: int) -> tuple[Spot, int] | None:
    noun = text.word(index)
    if noun not in _NUMBERED:
        return None
    start = index + 2 if text.word(index + 1) in {"number", "#", "no"} else index + 1
    number = whole_at(text, start)
    if number is None or text.word(number[1]) in {"x", "\u00d7", "*", "by", "%"}:
        return None
    return Spot(noun="" if noun in CELLS else noun, index=number[0], counted=True), number[1]
