"""Samples, their spread, ratios within one repeat, and the one table they are printed in."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

__all__ = ["HEADINGS", "Spread", "Table", "as_markdown", "as_text", "rows"]

HEADINGS = ("figure", "who", "median", "min..max", "ratio", "min..max of the ratio")


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of samples, the least and the greatest."""

    middle: float
    low: float
    high: float

    @classmethod
    def of(cls, samples: Sequence[float]) -> Spread:
        """Return the spread of samples; there is at least one."""
        return cls(statistics.median(samples), min(samples), max(samples))


@dataclass(frozen=True, slots=True)
class Table:
    """One figure.

    Attributes:
        key: Its name for goals.
        title: Its name for people, with the unit.
        samples: One number a repeat for each who was measured; numbers of one place belong to one repeat.
        reference: Whose number the others are divided by.
    """

    key: str
    title: str
    samples: Mapping[str, Sequence[float]]
    reference: str

    def ratio(self, who: str, to: str) -> Spread:
        """Return the spread of the ratios of two, each within one repeat."""
        return Spread.of([a / b for a, b in zip(self.samples[who], self.samples[to], strict=True)])


def rows(table: Table) -> Iterator[tuple[str, ...]]:
    """Yield the rows of a table, as texts."""
    for who, samples in table.samples.items():
        spread, ratio = Spread.of(samples), table.ratio(who, table.reference)
        yield (
            table.title,
            who,
            number(spread.middle),
            f"{number(spread.low)}..{number(spread.high)}",
            "1" if who == table.reference else f"{ratio.middle:.3g}",
            "" if who == table.reference else f"{ratio.low:.3g}..{ratio.high:.3g}",
        )


def number(value: float) -> str:
    """Return a number with three digits that count, or all before the point."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def as_text(headings: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """Return lines in columns; a first cell that repeats is left empty."""
    told = [tuple(line) for line in lines]
    shown = [("" if at and line[0] == told[at - 1][0] else line[0], *line[1:]) for at, line in enumerate(told)]
    widths = [max(len(line[column]) for line in (headings, *shown)) for column in range(len(headings))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in (headings, *shown)
    )


def as_markdown(headings: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """Return lines as a table of Markdown."""
    every = [headings, ["---"] * len(headings), *lines]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in every)
