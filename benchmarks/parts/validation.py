"""What checking and expanding documents costs."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

from benchmarks.processes import environment
from benchmarks.tables import Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.parts.bench import Bench

__all__ = ["FASTEST", "validation"]

FASTEST = "jsonschema-rs, yes or no"


def validation(bench: Bench) -> Iterator[Table]:
    """Yield the processor's milliseconds for documents of 10, 30 and 300 nodes, for bad ones, for expansions."""
    if "package" not in bench.pythons:
        return
    counts = bench.counts
    run = subprocess.run(  # noqa: S603 - a Python of ours
        [
            bench.pythons["package"], "-m", "benchmarks.checking",
            str(bench.tree), str(counts.repeats), str(counts.checks),
        ],
        env=environment(), check=True, capture_output=True, text=True,
    )  # fmt: skip
    told = json.loads(run.stdout)
    for nodes, samples in told["checked"].items():
        yield Table(f"valid {nodes}", f"CPU ms to check a document of {nodes} nodes", samples, FASTEST)
    bad = "CPU ms for all findings on a bad document of 30 nodes"
    yield Table("bad", bad, told["findings"]["bad"], "jsonschema iter_errors, of form")
    yield Table("expansion", "CPU ms to write the arrays out", told["expanded"]["expansion"], "board_5, expand()")
