"""What is wanted, each as a ratio within one run, and whether it is met."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from benchmarks.parts.hits import FLOOR
from benchmarks.parts.validation import FASTEST
from benchmarks.roster import OURS, ROUTER, ROUTER_RS
from benchmarks.tables import Spread, Table, number

__all__ = ["GOALS", "HEADINGS", "Goal", "verdicts"]

HEADINGS = ("goal", "wanted", "measured", "min..max", "verdict")
Tables: TypeAlias = Mapping[str, Table]
BAD = tuple(f"gmn_llm, mistakes of {kind}{where}" for kind in ("form", "meaning") for where in ("", ", in a text"))
YES_OR_NO = frozenset({FASTEST, "fastjsonschema, yes or no", "jsonschema, yes or no"})


@dataclass(frozen=True, slots=True)
class Goal:
    """A goal.

    Attributes:
        name: What it is about.
        measured: Returns the figure; raises KeyError where a part of it was not measured.
        limit: What it should be at most, or at least.
        at_least: Whether more is better.
    """

    name: str
    measured: Callable[[Tables], Spread]
    limit: float
    at_least: bool = False

    def verdict(self, spread: Spread) -> str:
        """Return whether it is met, and by how much it is missed."""
        ratio = spread.middle / self.limit
        if (ratio >= 1) if self.at_least else (ratio <= 1):
            return "met"
        return f"missed by {100 * abs(1 - ratio):.0f} %"


def _ratio(table: str, who: str, to: str) -> Callable[[Tables], Spread]:
    return lambda tables: tables[table].ratio(who, to)


def _fastest(table: str, who: str) -> Callable[[Tables], Spread]:
    def measured(tables: Tables) -> Spread:
        samples = tables[table].samples
        best = min(YES_OR_NO & samples.keys(), key=lambda name: statistics.median(samples[name]))
        return tables[table].ratio(who, best)

    return measured


def _worst_of_bad(tables: Tables) -> Spread:
    return max((Spread.of(tables["bad"].samples[name]) for name in BAD), key=lambda spread: spread.middle)


def _growth(tables: Tables) -> Spread:
    pairs = zip(tables["held"].samples[OURS], tables["held half"].samples[OURS], strict=True)
    return Spread.of([after / before for after, before in pairs])


GOALS = (
    Goal("import, of litellm's", _ratio("import", "import gmn_llm", "import litellm"), 0.06),
    Goal(f"CPU a call, of {ROUTER}", _ratio("cpu at 0", OURS, ROUTER), 0.80),
    Goal(f"CPU a call, of {ROUTER} (stretch)", _ratio("cpu at 0", OURS, ROUTER), 0.50),
    Goal(f"CPU a call, of {ROUTER_RS}", _ratio("cpu at 0", OURS, ROUTER_RS), 1.10),
    Goal("CPU a call, of instructor over litellm", _ratio("cpu at 0", OURS, "instructor over litellm"), 1.0),
    Goal("CPU a call, of pydantic-ai", _ratio("cpu at 0", OURS, "pydantic-ai"), 1.0),
    *(
        Goal(
            f"calls a second at {at_once}, of {ROUTER_RS}",
            _ratio(f"rate at {at_once}", OURS, ROUTER_RS),
            1.0,
            at_least=True,
        )
        for at_once in (64, 512)
    ),
    Goal(
        "cached hit, times as fast as litellm's disk cache",
        _ratio("hit", "litellm.Router, disk cache", OURS),
        25,
        at_least=True,
    ),
    Goal(f"cached hit, of {FLOOR}", _ratio("hit", OURS, FLOOR), 6),
    *(
        Goal(f"yes or no on {nodes} nodes, of the fastest", _fastest(f"valid {nodes}", "gmn_llm, yes or no"), 2)
        for nodes in (10, 30, 300)
    ),
    *(
        Goal(
            f"meaning included on {nodes} nodes, of the fastest yes or no",
            _fastest(f"valid {nodes}", "gmn_llm, validate_gmn (meaning included)"),
            25,
        )
        for nodes in (10, 30, 300)
    ),
    Goal("all findings on a bad document of 30 nodes, the slowest kind, CPU ms", _worst_of_bad, 10),
    Goal(f"memory after all calls, of {ROUTER_RS}", _ratio("held", OURS, ROUTER_RS), 1.1),
    Goal("memory after twice the calls, of that after half (1 % is noise)", _growth, 1.01),
    Goal(
        "calls of 2 processes, in those of 1",
        lambda tables: Spread.of(tables["processes"].samples[OURS]),
        1.8,
        at_least=True,
    ),
)


def verdicts(tables: Tables) -> Iterator[tuple[str, ...]]:
    """Yield the rows of the goals that were measured."""
    for goal in GOALS:
        try:
            spread = goal.measured(tables)
        except KeyError:
            continue
        wanted = f"at {'least' if goal.at_least else 'most'} {goal.limit:g}"
        yield (
            goal.name,
            wanted,
            number(spread.middle),
            f"{number(spread.low)}..{number(spread.high)}",
            goal.verdict(spread),
        )
