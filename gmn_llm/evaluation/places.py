"""Where an expectation points: a state by its number, its label, or its cell on a board."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Self

from pydantic import Field, model_validator

from gmn_llm.evaluation.expectation import Expectation
from gmn_llm.evaluation.words import Label, meant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gmn_llm.evaluation.view import View

__all__ = ["Cell", "PlacedExpectation", "Size", "Spot", "boards", "position"]

Size = Annotated[int, Field(ge=1, le=10_000)]
Cell = Annotated[list[Annotated[int, Field(ge=0)]], Field(min_length=2, max_length=2)]
Spot = tuple[tuple[int, ...], tuple[int, ...]]
"""Factors, and the state of each."""


def boards(view: View, rows: int, cols: int) -> Iterator[tuple[int, ...]]:
    """Yield what may be a board: one factor with a state for each cell, or a factor for rows and one for columns."""
    sizes = [factor.size for factor in view.structure.factors]
    for k, size in enumerate(sizes):
        if size == rows * cols:
            yield (k,)
    for k, first in enumerate(sizes):
        for j, second in enumerate(sizes):
            if k != j and (first, second) == (rows, cols):
                yield (k, j)


def position(board: tuple[int, ...], row: int, col: int, cols: int) -> tuple[int, ...]:
    """Return the state of each factor of a board at a cell; one factor counts row by row."""
    return (row * cols + col,) if len(board) == 1 else (row, col)


class PlacedExpectation(Expectation):
    """An expectation about one place.

    Attributes:
        label: What it is called.
        state: Its number, from 0, in a factor of ``size`` states.
        size: The size of that factor.
        cell: [row, column], from 0, on a board of ``rows`` and ``cols``.
        rows: The board's rows.
        cols: The board's columns.
    """

    label: Label | None = None
    state: Annotated[int, Field(ge=0)] | None = None
    size: Size | None = None
    cell: Cell | None = None
    rows: Size | None = None
    cols: Size | None = None

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        ways = (
            self.label is not None,
            self.state is not None and self.size is not None and self.state < self.size,
            self.cell is not None
            and self.rows is not None
            and self.cols is not None
            and self.cell[0] < self.rows
            and self.cell[1] < self.cols,
        )
        given = (self.label, self.state if self.state is not None else self.size, self.cell or self.rows or self.cols)
        if sum(ways) != 1 or sum(part is not None for part in given) != 1:
            raise ValueError("a place is a label, or a state and the size of its factor, or a cell, rows and cols")
        return self

    def spots(self, view: View) -> Iterator[Spot]:
        """Yield the places of a document that are meant."""
        factors = view.structure.factors
        if self.label is not None:
            for factor in factors:
                for place in meant(factor.labels, self.label):
                    yield (factor.index,), (place,)
        elif self.cell is not None and self.rows is not None and self.cols is not None:
            for board in boards(view, self.rows, self.cols):
                yield board, position(board, self.cell[0], self.cell[1], self.cols)
        elif self.state is not None:
            for factor in factors:
                if factor.size == self.size:
                    yield (factor.index,), (self.state,)
