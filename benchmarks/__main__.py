"""``python -m benchmarks [--quick] [--only PART]... [--write]``: measures this package and its peers side by side.

Needs Python, pip and no installation: it makes a virtual environment for each peer in a cache folder, once. A run in
full takes about forty minutes, ``--quick`` about five, on two idle cores once the environments are there.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import goals, report, tables
from benchmarks.documents import of_nodes
from benchmarks.environments import ENVIRONMENTS, ROOT, made, versions
from benchmarks.job import MODEL, question, schema
from benchmarks.parts.bench import FULL, QUICK, TINY, Bench
from benchmarks.parts.calls import calls, concurrency, plain
from benchmarks.parts.capacity import capacity
from benchmarks.parts.growth import by_calls, by_deployments, by_nodes, by_processes
from benchmarks.parts.hits import cached
from benchmarks.parts.imports import imports
from benchmarks.parts.profiles import profiles
from benchmarks.parts.streams import streams
from benchmarks.parts.validation import validation
from benchmarks.processes import serving
from benchmarks.roster import CALLS, OURS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from benchmarks.tables import Table

__all__ = ["main"]

PARTS: dict[str, Callable[[Bench], Iterator[Table]]] = {
    "server": capacity,
    "imports": imports,
    "calls": calls,
    "plain": plain,
    "concurrency": concurrency,
    "cached": cached,
    "validation": validation,
    "streams": streams,
    "nodes": by_nodes,
    "deployments": by_deployments,
    "processes": by_processes,
    "memory": by_calls,
}
PROFILE = "profile"
RESULTS = ROOT / "benchmarks" / "RESULTS.md"


def arguments(given: Sequence[str] | None) -> argparse.Namespace:
    """Return what the command line says."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="What the package costs, beside its peers."
    )
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", help="less of everything, for a first look")
    size.add_argument("--tiny", action="store_true", help="one of everything: whether it runs")
    parser.add_argument(
        "--only", action="append", choices=[*PARTS, PROFILE], metavar="PART", help=", ".join([*PARTS, PROFILE])
    )
    parser.add_argument("--write", action="store_true", help=f"write {RESULTS.relative_to(ROOT)}")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every sample")
    parser.add_argument("--tree", type=Path, default=ROOT, help="measure the package in this folder instead")
    parser.add_argument("--environments", type=Path, default=_cache(), metavar="FOLDER", help="where they are kept")
    parser.add_argument(
        "--python", action="append", default=[], metavar="NAME=PYTHON",
        help="measure with these environments alone, which are there already",
    )  # fmt: skip
    return parser.parse_args(given)


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gmn-llm-benchmarks"


def pythons(given: argparse.Namespace) -> dict[str, Path]:
    """Return the Python of each environment, made where it is not there."""
    if given.python:
        return {name: Path(path) for name, _, path in (each.partition("=") for each in given.python)}
    given.environments.mkdir(parents=True, exist_ok=True)
    return {name: made(environment, given.environments) for name, environment in ENVIRONMENTS.items()}


def notes(bench: Bench) -> Iterator[str]:
    """Yield what is to be known of the run: whether what is frozen is still what the package has."""
    now = json.loads((bench.tree / "schemas" / "gmn.schema.json").read_text(encoding="utf-8"))
    if now != schema():
        yield "the package's schema of the canonical document is no longer the frozen one that the peers check against"
    clients = bench.there(CALLS, OURS)
    with bench.workers(clients):
        asked = bench.server.asked()["last"]
    if clients and {**asked, "stream": None} != {"model": MODEL, **question(), "stream": None}:
        yield "the package asks something else than the frozen question that the peers ask"


def measured(bench: Bench, parts: Sequence[str]) -> dict[str, Table]:
    """Run parts and print their tables as they come."""
    found: dict[str, Table] = {}
    for part in parts:
        begun = time.perf_counter()
        if part == PROFILE:
            for text in profiles(bench):
                print(text, end="\n\n", flush=True)
            continue
        new = list(PARTS[part](bench))
        rows = [row for table in new for row in tables.rows(table)]
        if rows:
            print(tables.as_text(tables.HEADINGS, rows), flush=True)
        print(f"({part}: {time.perf_counter() - begun:.0f} s)\n", flush=True)
        found.update((table.key, table) for table in new)
    return found


def main(given: Sequence[str] | None = None) -> None:
    """Measure, print, and write where it is told to."""
    chosen = arguments(given)
    counts = QUICK if chosen.quick else TINY if chosen.tiny else FULL
    there = pythons(chosen)
    told = {name: versions(ENVIRONMENTS[name], python) for name, python in there.items()}
    print(report.machine())
    for name, each in told.items():
        print(f"{name}: {', '.join(f'{package} {version}' for package, version in each.items())}")
    texts = {f"n{nodes}": json.dumps(of_nodes(nodes), separators=(",", ":")) for nodes in (10, 30, 300)}
    with serving(texts) as server:
        bench = Bench(counts, there, server, chosen.tree.resolve())
        said = list(notes(bench))
        print("".join(f"note: {note}\n" for note in said))
        found = measured(bench, chosen.only or list(PARTS))
    lines = list(goals.verdicts(found))
    if lines:
        print(tables.as_text(goals.HEADINGS, lines))
    if chosen.json:
        every = {key: {"title": table.title, **table.samples} for key, table in found.items()}
        chosen.json.write_text(json.dumps(every, indent=1), encoding="utf-8")
    if chosen.write:
        command = " ".join(["python -m benchmarks", *(sys.argv[1:] if given is None else given)])
        report.written(RESULTS, found, report.Surroundings(command, told, bench.tree, said))


if __name__ == "__main__":
    main()
