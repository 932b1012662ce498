"""Calls one after the other and many at a time, of all clients, and the memory they took."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, Any

from benchmarks.parts.bench import samples
from benchmarks.processes import interleaved
from benchmarks.roster import CALLS, OURS, PLAIN, ROUTER, ROUTER_RS
from benchmarks.tables import Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from benchmarks.parts.bench import Bench

__all__ = ["calls", "concurrency", "percentile", "plain"]

LIMIT = "aiohttp + orjson + jsonschema-rs"
SLOW = 50


def calls(bench: Bench) -> Iterator[Table]:
    """Yield processor time, p50 and p95 of calls one after the other, at 0 and at 50 ms."""
    counts = bench.counts
    for delay, number in ((0, counts.calls), (SLOW, counts.slow_calls)):
        with bench.workers(bench.there(CALLS), delay=delay) as workers:
            told = interleaved(workers, counts.repeats, do="sequential", calls=number)
        after = f"answers after {delay} ms"
        yield Table(f"cpu at {delay}", f"CPU ms a call, {after}", samples(told, "cpu", 1000), ROUTER)
        for percent in (50, 95):
            title = f"p{percent} ms of a sequential call, {after}"
            yield Table(f"p{percent} at {delay}", title, _percentiles(told, percent), ROUTER)


def _percentiles(told: Mapping[str, Sequence[Mapping[str, Any]]], percent: int) -> dict[str, list[float]]:
    return {who: [1000 * percentile(each["times"], percent) for each in answers] for who, answers in told.items()}


def percentile(values: Sequence[float], percent: int) -> float:
    """Return a percentile of at least one value."""
    if len(values) == 1:
        return values[0]
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def plain(bench: Bench) -> Iterator[Table]:
    """Yield the processor's time of an answer as it is, through the package and through a Router of LiteLLM's."""
    with bench.workers(bench.there(PLAIN)) as workers:
        told = interleaved(workers, bench.counts.repeats, do="sequential", calls=bench.counts.calls)
    yield Table("plain", "CPU ms a plain answer", samples(told, "cpu", 1000), "litellm.Router")


def concurrency(bench: Bench) -> Iterator[Table]:
    """Yield calls a second at 64 and 512 at a time, the processor's time for one, and the most memory."""
    counts = bench.counts
    at_512 = {OURS, ROUTER_RS, LIMIT}
    with bench.workers(bench.there(CALLS)) as workers:
        for at_once, number in ((64, counts.at_64), (512, counts.at_512)):
            every = counts.thorough or at_once == 64
            chosen = {name: worker for name, worker in workers.items() if every or name in at_512}
            told = interleaved(chosen, counts.repeats, do="concurrent", calls=number, at_once=at_once)
            title = f"calls a second, {at_once} at a time"
            yield Table(f"rate at {at_once}", title, samples(told, "rate"), ROUTER_RS)
            title = f"CPU ms a call, {at_once} at a time"
            yield Table(f"cpu with {at_once}", title, samples(told, "cpu", 1000), ROUTER_RS)
        most = {name: [float(worker.ask(do="memory")["most"])] for name, worker in workers.items()}
    yield Table("peak", "peak memory MB after the above", most, ROUTER_RS)
