"""How costs grow: with the calls before, with nodes, with deployments, with processes."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

from benchmarks.parts.bench import samples
from benchmarks.processes import interleaved
from benchmarks.roster import CALLS, OURS, ROUTER, ROUTER_RS
from benchmarks.tables import Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.parts.bench import Bench

__all__ = ["by_calls", "by_deployments", "by_nodes", "by_processes"]

COMPARED = (OURS, ROUTER, ROUTER_RS)


def by_calls(bench: Bench) -> Iterator[Table]:
    """Yield the memory that is held after some calls and after twice as many, and what a call of each half costs."""
    long = bench.counts.long
    held: list[dict[str, list[float]]] = [{}, {}]
    cost: list[dict[str, list[float]]] = [{}, {}]
    with bench.workers(bench.there(CALLS, OURS, ROUTER_RS)) as workers:
        for half in range(2):
            for name, worker in workers.items():
                cost[half][name] = [1000 * float(worker.ask(do="concurrent", calls=long, at_once=32)["cpu"])]
                held[half][name] = [float(worker.ask(do="memory")["held"])]
    yield Table("held half", f"memory MB held after {long:,} calls", held[0], ROUTER_RS)
    yield Table("held", f"memory MB held after {2 * long:,} calls", held[1], ROUTER_RS)
    yield Table("cpu half", f"CPU ms of one of the first {long:,} calls, 32 at a time", cost[0], ROUTER_RS)
    yield Table("cpu whole", f"CPU ms of one of the {long:,} calls after them", cost[1], ROUTER_RS)


def by_nodes(bench: Bench) -> Iterator[Table]:
    """Yield the processor's time of a call whose answer has 10, 30 or 300 nodes."""
    names = COMPARED if bench.counts.thorough else (OURS, ROUTER_RS)
    for nodes in (10, 30, 300):
        calls = max(1, bench.counts.calls * 3 // (nodes // 10 + 3))
        with bench.workers(bench.there(CALLS, *names), answer=f"n{nodes}") as workers:
            told = interleaved(workers, bench.counts.repeats, do="sequential", calls=calls)
        title = f"CPU ms a call, an answer of {nodes} nodes"
        yield Table(f"cpu of {nodes} nodes", title, samples(told, "cpu", 1000), ROUTER_RS)


def by_deployments(bench: Bench) -> Iterator[Table]:
    """Yield the processor's time of a call where a router chooses from so many deployments."""
    for count in bench.counts.deployments:
        with bench.workers(bench.there(CALLS, OURS, ROUTER_RS), deployments=count) as workers:
            told = interleaved(workers, bench.counts.repeats, do="sequential", calls=bench.counts.calls)
        title = f"CPU ms a call, {count} deployment{'s' * (count > 1)}"
        yield Table(f"cpu of {count} deployments", title, samples(told, "cpu", 1000), ROUTER_RS)


def by_processes(bench: Bench) -> Iterator[Table]:
    """Yield how many times the calls of one process two do, 64 at a time each."""
    command = {"do": "concurrent", "calls": bench.counts.both, "at_once": 64}
    gained: dict[str, list[float]] = {}
    clients = bench.there(CALLS, OURS, ROUTER_RS)
    with bench.workers(clients) as first, bench.workers(clients) as second:
        for _ in range(bench.counts.repeats):
            for name, worker in first.items():
                before = float(worker.ask(**command)["rate"])
                both = (worker, second[name])
                for each in both:
                    each.tell(**command)
                together = sum(float(each.result()["rate"]) for each in both)
                after = float(second[name].ask(**command)["rate"])
                gained.setdefault(name, []).append(together / statistics.mean((before, after)))
    yield Table("processes", "calls a second of 2 processes, in those of 1", gained, ROUTER_RS)
