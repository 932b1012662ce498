"""One client in a process of its own: ``python -m benchmarks.worker MODULE FUNCTION JOB`` does what it is told.

Commands come on standard input, one JSON object a line, and so do the answers on standard output; a client has nothing
to do in between. Processor time is the process's own (``getrusage``), and has what a library does after a call in it.
"""

from __future__ import annotations

import asyncio
import cProfile
import gc
import json
import os
import pstats
import resource
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.job import Job

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.job import Call

__all__ = ["main"]

PAUSE = 0.02
QUIET = 0.1
MOST_PAUSES = 250
LISTED = 1500


def processor() -> float:
    """Return the seconds of the processor that this process has had."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def settled() -> None:
    """Wait until what was left to do behind the callers' backs is done."""
    for _ in range(MOST_PAUSES):
        before = processor()
        await asyncio.sleep(PAUSE)
        if processor() - before < QUIET * PAUSE:
            return


async def sequential(call: Call, calls: int) -> dict[str, object]:
    """Make calls one after the other; return the seconds of each, and those of the processor for one."""
    begun = processor()
    times = [await _timed(call) for _ in range(calls)]
    await settled()
    return {"times": times, "cpu": (processor() - begun) / calls}


async def _timed(call: Call) -> float:
    begun = time.perf_counter()
    result = await call()
    return result if isinstance(result, float) else time.perf_counter() - begun


async def concurrent(call: Call, calls: int, at_once: int) -> dict[str, object]:
    """Make calls, so many at a time; return how many a second, and the processor's seconds for one."""
    left = iter(range(calls))

    async def some() -> None:
        for _ in left:
            await call()

    begun, before = time.perf_counter(), processor()
    async with asyncio.TaskGroup() as group:
        for _ in range(at_once):
            group.create_task(some())
    seconds = time.perf_counter() - begun
    await settled()
    return {"rate": calls / seconds, "cpu": (processor() - before) / calls}


def memory() -> dict[str, object]:
    """Return the memory that is held now and the most that ever was, in MB."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) if sys.platform == "linux" else 0
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "held": pages * os.sysconf("SC_PAGE_SIZE") / 1e6,
        "most": most * (1024 if sys.platform == "linux" else 1) / 1e6,
    }


async def profiled(call: Call, calls: int) -> dict[str, object]:
    """Make calls under the profiler; return the processor's milliseconds that each function had in one call."""
    profile = cProfile.Profile(time.process_time)
    profile.enable()
    await sequential(call, calls)
    profile.disable()
    stats = pstats.Stats(profile)
    rows = sorted(_rows(stats, calls), key=lambda row: -float(str(row["own"])))
    whole = sum(float(str(row["own"])) for row in rows)
    return {"total": whole, "rows": rows[:LISTED]}


def _rows(stats: pstats.Stats, calls: int) -> Iterator[dict[str, object]]:
    for (file, line, name), (_, count, own, total, _callers) in stats.stats.items():  # type: ignore[attr-defined] # as above
        yield {
            "place": f"{file.partition('site-packages/')[2] or file}:{line}",
            "name": name,
            "own": 1000 * own / calls,
            "total": 1000 * total / calls,
            "count": count / calls,
        }


async def serve(module: str, function: str, job: Job) -> None:
    """Open the client and do what it is told until the commands end."""
    opened = getattr(import_module(f"benchmarks.peers.{module}"), function)
    async with opened(job) as call:
        print(json.dumps({"ready": True}), flush=True)
        while line := await asyncio.to_thread(sys.stdin.readline):
            command = json.loads(line)
            do = command.pop("do")
            if do == "memory":
                told = memory()
            else:
                told = await {"sequential": sequential, "concurrent": concurrent, "profiled": profiled}[do](
                    call, **command
                )
            print(json.dumps(told), flush=True)


def main() -> None:
    """Serve."""
    module, function, told = sys.argv[1:]
    job = Job.from_json(told)
    sys.path.insert(0, job.tree)
    asyncio.run(serve(module, function, job))


if __name__ == "__main__":
    main()
