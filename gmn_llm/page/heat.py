"""Heat maps as values: which numbers stand in which rows and columns, with what strength, under which headings."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gmn_llm.page.images import Image, image
from gmn_llm.page.words import cut, label, labels, name_of, number, plural

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from gmn_llm.gmn.parts import Axis

__all__ = ["Cell", "HeatMap", "Row", "Sheet", "drawn", "heat_map", "sheet_of"]

MOST_SIDE = 32
"""The most rows or columns of a table of numbers; more are shown as an image."""
MOST_SHEETS = 24
MOST_BRIEF = 512
SIDE_BY_SIDE = 8
"""The most columns, and the most slices, that are shown side by side instead of one at a time."""
LEVELS = 10


class Cell(NamedTuple):
    """One number: its text, and the class that colours it (empty for 0)."""

    text: str
    level: str


class Row(NamedTuple):
    """One row of a table."""

    header: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One matrix of a heat map.

    Attributes:
        name: What is held fixed, e.g. ``move = up``; empty where nothing is.
        rows: The numbers, or empty where there is an image.
        image: The numbers as an image, or None where there are rows.
    """

    name: str
    rows: tuple[Row, ...] = ()
    image: Image | None = None


@dataclass(frozen=True, slots=True)
class HeatMap:
    """An array under headings.

    Attributes:
        letter: ``A``, ``B``, ``C``, ``D`` or ``E``.
        name: The node's id, or empty where the document says nothing of the array.
        about: What the array is about, in words.
        kind: How the document says it, e.g. ``noisy_identity(accuracy=0.9)``.
        shape: The array's shape, as ``25 x 25``.
        down: What the rows are.
        across: What the columns are.
        columns: The columns' headings.
        sheets: One matrix for each value of what is held fixed.
        notes: What is not shown, or shown otherwise.
        brief: For an image: per column the most likely outcome, one column for each sheet.
        brief_columns: Headings of ``brief``.
        signed: Whether numbers may be negative (preferences).
        tabs: Whether the sheets are shown one at a time.
    """

    letter: str
    name: str
    about: str
    kind: str
    shape: str
    down: str
    across: str
    columns: tuple[str, ...]
    sheets: tuple[Sheet, ...]
    notes: tuple[str, ...] = ()
    brief: tuple[Row, ...] = ()
    brief_columns: tuple[str, ...] = ()
    signed: bool = False
    tabs: bool = False

    @property
    def cells(self) -> int:
        """How many cells its tables have."""
        return sum(len(row.cells) for sheet in self.sheets for row in sheet.rows) + sum(
            len(row.cells) for row in self.brief
        )

    @property
    def weight(self) -> int:
        """How many characters its images take."""
        return sum(len(sheet.image.source) for sheet in self.sheets if sheet.image is not None)


def drawn(values: Sequence[float], *, scale: float = 1.0) -> tuple[Cell, ...]:
    """Return a cell for each value; ``scale`` is the size that gets the strongest colour."""
    return tuple(Cell(_short(value), _level(value, scale)) for value in values)


def _short(value: float) -> str:
    """Return ``value`` as it stands in a cell, where there is no room for the 0 before a point."""
    return number(value).replace("0.", ".", 1) if -1 < value < 1 else number(value)


def _level(value: float, scale: float) -> str:
    if value == 0 or scale == 0:
        return ""
    step = min(LEVELS, round(LEVELS * abs(value) / scale))
    return f"n{step}" if value < 0 else f"p{step}"


def sheet_of(name: str, headers: Sequence[str], matrix: NDArray[np.float64], *, scale: float = 1.0) -> Sheet:
    """Return a matrix of shape (rows, columns) as a table."""
    rows = zip(headers, matrix.tolist(), strict=True)
    return Sheet(name, tuple(Row(header, drawn(values, scale=scale)) for header, values in rows))


def heat_map(frame: HeatMap, array: NDArray[np.float64], *, axes: Sequence[Axis], column: int, room: int) -> HeatMap:
    """Fill ``frame`` with a probability array.

    Args:
        frame: All but the numbers.
        array: Shape (outcomes, one axis for each of ``axes[1:]``); a last axis of size 1 may go without an axis.
        axes: What stands along the axes.
        column: The axis that is laid out across, from 1.
        room: How many cells the page has left; past it there is an image instead.
    """
    array = array.reshape(tuple(axis.size for axis in axes))
    down, across = axes[0], axes[column]
    fixed = [k for k in range(1, len(axes)) if k != column]
    count = int(np.prod([axes[k].size for k in fixed], dtype=np.int64))
    shown = min(count, MOST_SHEETS)
    as_image = max(down.size, across.size) > MOST_SIDE or down.size * across.size * shown > room
    matrices = list(_slices(np.moveaxis(array, [0, column, *fixed], range(len(axes))), shown))
    names = [_fixed_name(axes, fixed, place) for place, _ in matrices]
    notes = [] if count == shown else [f"The first {shown} of {plural(count, 'slice')} are shown."]
    if not as_image:
        sheets = tuple(sheet_of(name, labels(down), m) for name, (_, m) in zip(names, matrices, strict=True))
        tabs = len(sheets) > 1 and (across.size > SIDE_BY_SIDE or len(sheets) > SIDE_BY_SIDE)
        return replace(frame, columns=labels(across), sheets=sheets, notes=tuple(notes), tabs=tabs)
    notes.append("There are too many numbers to write out: each is a point of the image, the stronger the likelier.")
    sheets = tuple(Sheet(name, image=image(m)) for name, (_, m) in zip(names, matrices, strict=True))
    merged = next((sheet.image.merged for sheet in sheets if sheet.image is not None), 1)
    if merged > 1:
        notes.append(f"Each point stands for {merged} by {merged} numbers and shows the largest of them.")
    brief = tuple(_brief(down, across, [m for _, m in matrices], room))
    if len(brief) < across.size:
        notes.append(f"The table has the first {len(brief)} of {across.size} columns.")
    return replace(
        frame,
        sheets=sheets,
        notes=tuple(notes),
        brief=brief,
        brief_columns=tuple(name or f"most likely {name_of(down)}" for name in names),
        tabs=len(sheets) > 1,
    )


def _slices(array: NDArray[np.float64], most: int) -> Iterator[tuple[tuple[int, ...], NDArray[np.float64]]]:
    """Yield the first matrices over the first two axes, each with its place along the others."""
    for place, _ in zip(np.ndindex(array.shape[2:]), range(most), strict=False):
        yield place, array[(slice(None), slice(None), *place)]


def _fixed_name(axes: Sequence[Axis], fixed: Sequence[int], place: Sequence[int]) -> str:
    return ", ".join(f"{name_of(axes[k])} = {cut(label(axes[k], at), 40)}" for k, at in zip(fixed, place, strict=True))


def _brief(down: Axis, across: Axis, matrices: Sequence[NDArray[np.float64]], room: int) -> Iterator[Row]:
    """Yield for each column the likeliest outcome in each matrix, with its probability."""
    likeliest = [(m.argmax(axis=0), m.max(axis=0)) for m in matrices]
    for k in range(min(across.size, MOST_BRIEF, max(room, 0) // len(matrices))):
        cells = (Cell(f"{label(down, int(o[k]))} ({number(float(p[k]))})", "") for o, p in likeliest)
        yield Row(label(across, k), tuple(cells))
