"""How long an import takes in a fresh process."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

from benchmarks.processes import environment
from benchmarks.roster import CALLS
from benchmarks.tables import Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.parts.bench import Bench

__all__ = ["imports"]

CODE = """
import sys
sys.path.insert(0, {tree!r})
import json, resource, time
def used():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime
wall, cpu = time.perf_counter(), used()
{load}
print(json.dumps([time.perf_counter() - wall, used() - cpu]))
"""
MORE = (
    ("from gmn_llm import GMNSpec, validate_gmn", "package"),
    ("from gmn_llm import create_llm_factory", "package"),
    ("from gmn_llm.routing import RouterGateway", "package"),
)
"""What an import of a lazy package leaves for later, so that it is told as well."""
BRIEF = ("import gmn_llm", "import litellm", "import openai", "import httpx", "from gmn_llm import")


def imports(bench: Bench) -> Iterator[Table]:
    """Yield the seconds of each import, by the clock and of the processor."""
    statements = [(client.load, client.environment) for client in bench.there(CALLS) if client.load]
    statements += [(load, environment) for load, environment in MORE if environment in bench.pythons]
    if not bench.counts.thorough:
        statements = [each for each in statements if each[0].startswith(BRIEF)]
    wall: dict[str, list[float]] = {load: [] for load, _ in statements}
    cpu: dict[str, list[float]] = {load: [] for load, _ in statements}
    for repeat in range(bench.counts.imports + 1):
        for load, name in statements:
            seconds = _measured(bench, load, name)
            if repeat:  # the first writes bytecode and warms the disk
                wall[load].append(seconds[0])
                cpu[load].append(seconds[1])
    yield Table("import", "import in a fresh process, s", wall, "import litellm")
    yield Table("import cpu", "import in a fresh process, CPU s", cpu, "import litellm")


def _measured(bench: Bench, load: str, name: str) -> list[float]:
    code = CODE.format(tree=str(bench.tree), load=load)
    run = subprocess.run(  # noqa: S603 - a Python of ours
        [bench.pythons[name], "-W", "ignore", "-c", code],
        env=environment(), check=True, capture_output=True, text=True,
    )  # fmt: skip
    seconds: list[float] = json.loads(run.stdout.splitlines()[-1])
    return seconds
