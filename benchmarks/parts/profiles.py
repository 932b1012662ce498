"""Where the time of a call goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks.roster import CALLS, OURS, ROUTER_RS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.parts.bench import Bench

__all__ = ["profiles"]

SHOWN = 40


def profiles(bench: Bench) -> Iterator[str]:
    """Yield, for the package and for the Router alone, the functions that a call spends most in, under cProfile."""
    with bench.workers(bench.there(CALLS, OURS, ROUTER_RS)) as workers:
        for name, worker in workers.items():
            told = worker.ask(do="profiled", calls=bench.counts.calls)
            yield _listed(name, told, ("gmn_llm/", "litellm/"))


def _listed(name: str, told: dict[str, Any], folders: Sequence[str]) -> str:
    whole = float(told["total"])
    lines = [f"{name}: {whole:.2f} ms of the call under the profiler; with what it calls, share, own, calls"]
    for folder in folders:
        rows = [row for row in told["rows"] if folder in row["place"]]
        for row in sorted(rows, key=lambda row: -float(row["total"]))[:SHOWN]:
            place = row["place"][row["place"].rindex(folder) :]
            lines.append(
                f"{row['total']:8.3f} {100 * row['total'] / whole:5.1f} % {row['own']:8.3f} {row['count']:7.1f}"
                f"  {row['name']}  {place}"
            )
    return "\n".join(lines)
