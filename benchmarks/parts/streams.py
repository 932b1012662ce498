"""How long the first event of a stream takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.parts.bench import samples
from benchmarks.parts.calls import percentile
from benchmarks.processes import interleaved
from benchmarks.roster import STREAMS
from benchmarks.tables import Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.parts.bench import Bench

__all__ = ["streams"]


def streams(bench: Bench) -> Iterator[Table]:
    """Yield the milliseconds to the first event, and the processor's for the whole stream."""
    # With --tree an older package can be measured, which has none.
    named = "def stream_gmn" in (bench.tree / "gmn_llm" / "factory.py").read_text(encoding="utf-8")
    clients = [client for client in bench.there(STREAMS) if named or client.function != "first_gmn_event"]
    with bench.workers(clients) as workers:
        told = interleaved(workers, bench.counts.repeats, do="sequential", calls=bench.counts.calls)
    first = {who: [1000 * percentile(each["times"], 50) for each in answers] for who, answers in told.items()}
    yield Table("first event", "p50 ms to the first event of a stream", first, "litellm.Router")
    yield Table("stream cpu", "CPU ms of a whole stream of 40 pieces", samples(told, "cpu", 1000), "litellm.Router")
