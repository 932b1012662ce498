"""What a hit in the cache costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.parts.calls import percentile
from benchmarks.processes import interleaved
from benchmarks.roster import CACHED
from benchmarks.tables import Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.parts.bench import Bench

__all__ = ["cached"]

FLOOR = "diskcache get + json.loads"


def cached(bench: Bench) -> Iterator[Table]:
    """Yield p50 of a hit and hits a second of one core."""
    with bench.workers(bench.there(CACHED)) as workers:
        told = interleaved(workers, bench.counts.repeats, do="sequential", calls=bench.counts.hits)
    middle = {who: [1e6 * percentile(each["times"], 50) for each in answers] for who, answers in told.items()}
    rate = {who: [1 / max(each["cpu"], 1e-9) for each in answers] for who, answers in told.items()}
    yield Table("hit", "cached hit, p50 in microseconds", middle, FLOOR)
    yield Table("hits", "cached hits in a CPU second", rate, FLOOR)
