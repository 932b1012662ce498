"""A board as a drawing: cells, what they are, and an arrow for each move."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gmn_llm.page.heat import LEVELS
from gmn_llm.page.words import cut, number, plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gmn_llm.page.boards import Board, Move, Place

__all__ = ["Arrows", "BoardPicture", "Tile", "board_picture"]

SIDES = ((6, 68), (9, 56), (13, 42), (25, 25))
"""Up to so many cells to a side, a cell has so many pixels."""
SMALLEST = 14
ROOM_FOR_WORDS, ROOM_FOR_LETTERS = 40, 25
MOST_TABLE = 1_000
LETTER = 7.2
"""Width of a letter of a cell's name."""


@dataclass(frozen=True, slots=True)
class Tile:
    """A cell; ``x`` and ``y`` are its upper left corner."""

    x: int
    y: int
    text: str
    style: str
    level: str
    title: str

    @property
    def shows(self) -> bool:
        """Whether it differs from an empty cell."""
        return bool(self.text or self.level or self.style != "name")


@dataclass(frozen=True, slots=True)
class Arrows:
    """What one action does, or all of them.

    Attributes:
        name: The action, or ``all moves``.
        shafts: Arrows without heads, in the words of SVG's ``d``.
        heads: Their heads.
        words: What is drawn, for those who do not see it.
    """

    name: str
    shafts: str
    heads: str
    words: str


@dataclass(frozen=True, slots=True)
class BoardPicture:
    """A board as a drawing.

    Attributes:
        factor: The factor's id.
        width: Pixels across.
        height: Pixels down.
        side: Pixels of a cell.
        lines: The lines between the cells, in the words of SVG's ``d``.
        tiles: The cells that there is something to show of.
        arrows: One for each action, after one for all of them.
        said: Sentences about the board.
        table: The cells in words, row by row; empty where there are too many.
    """

    factor: str
    width: int
    height: int
    side: int
    lines: str
    tiles: tuple[Tile, ...]
    arrows: tuple[Arrows, ...]
    said: tuple[str, ...]
    table: tuple[tuple[str, ...], ...]


def board_picture(board: Board) -> BoardPicture:
    """Draw a board."""
    longest = max(board.rows, board.cols)
    side = next((pixels for most, pixels in SIDES if longest <= most), SMALLEST)
    places = board.places
    wide = range(0, len(places), board.cols)
    table = tuple(tuple(p.words for p in places[k : k + board.cols]) for k in wide) if len(places) <= MOST_TABLE else ()
    single = tuple(_arrows(move.name, (move,), side) for move in board.moves)
    every = _arrows("all moves", board.moves, side)
    return BoardPicture(
        factor=board.factor,
        width=board.cols * side + 2,
        height=board.rows * side + 2,
        side=side,
        lines=_lines(board, side),
        tiles=tuple(tile for place in places if (tile := _tile(place, side)).shows),
        arrows=(every, *single) if len(single) > 1 else single,
        said=board.said + tuple(_legend(board)),
        table=table,
    )


def _lines(board: Board, side: int) -> str:
    down = (f"M1 {1 + row * side}h{board.cols * side}" for row in range(board.rows + 1))
    across = (f"M{1 + col * side} 1v{board.rows * side}" for col in range(board.cols + 1))
    return "".join((*down, *across))


def _legend(board: Board) -> Iterator[str]:
    starts = [place.name for place in board.places if place.start]
    goals = [place.name for place in board.places if place.goal]
    if starts:
        yield f"It starts in {_few(starts)}."
    if goals:
        wanted = next(place.wanted for place in board.places if place.goal)
        yield f"It wants most what it sees in {_few(goals)} (log-preference {number(wanted)})."


def _few(names: list[str]) -> str:
    return ", ".join(cut(name, 40) for name in names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")


def _tile(place: Place, side: int) -> Tile:
    text, style = _text(place, side)
    strength = round(LEVELS * abs(place.strength) + 0.2)
    level = f"{'p' if place.wanted > 0 else 'n'}{min(LEVELS, strength)}" if strength and not place.wall else ""
    return Tile(1 + place.col * side, 1 + place.row * side, text, style, level, place.words)


def _text(place: Place, side: int) -> tuple[str, str]:
    """Return what is written in a cell, and how: a mark is bold."""
    if place.wall:
        return ("wall" if side >= ROOM_FOR_WORDS else "", "wall")
    words = " ".join([*(["start"] if place.start else []), *(["goal"] if place.goal else [])])
    if words:
        if side >= ROOM_FOR_WORDS:
            return (words if " " not in words else "S, G"), "mark"
        return ("".join(word[0].upper() for word in words.split()) if side >= ROOM_FOR_LETTERS else "", "mark")
    return (cut(place.name, int(side * 0.54 / LETTER)) if side >= ROOM_FOR_WORDS else ""), "name"


def _arrows(name: str, moves: tuple[Move, ...], side: int) -> Arrows:
    steps = {step: None for move in moves for step in move.steps}
    shafts, heads = [], []
    for row, col, down, right in steps:
        x, y = 1 + (col + 0.5) * side, 1 + (row + 0.5) * side
        slope = side * (0.74 if down and right else 1.0)
        head, bar = (0.1 * side, 0.06 * side) if side >= ROOM_FOR_WORDS else (0.16 * side, 0.1 * side)
        tip, neck, tail = 0.46 * slope, 0.46 * slope - head, 0.28 * slope
        shafts.append(f"M{x + right * tail:.1f} {y + down * tail:.1f}L{x + right * neck:.1f} {y + down * neck:.1f}")
        heads.append(
            f"M{x + right * tip:.1f} {y + down * tip:.1f}"
            f"L{x + right * neck - down * bar:.1f} {y + down * neck + right * bar:.1f}"
            f"L{x + right * neck + down * bar:.1f} {y + down * neck - right * bar:.1f}Z"
        )
    verb = "leads" if len(moves) == 1 else "lead"
    words = f"{name}: {verb} out of {plural(len({step[:2] for step in steps}), 'cell')}"
    return Arrows(name, "".join(shafts), "".join(heads), words)
