"""What a hit costs, beside diskcache's own ``get`` and ``json.loads`` of the same text.

``python benchmarks/cache_hits.py [KILOBYTES]`` prints, for a text of that size (default 8) and in one run so that
the ratios hold on a busy machine too, the median of one call in microseconds and the calls in one second.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import diskcache

from gmn_llm.cache import DiskStore, PromptCache

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

CALLS = 5000
ROUNDS = 5
KEY = "0123456789abcdef" * 4


async def timed(call: Callable[[], Awaitable[object]]) -> list[float]:
    """Return the seconds of each of ``CALLS`` calls, the time to take the time included."""
    times = [time.perf_counter()]
    for _ in range(CALLS):
        await call()
        times.append(time.perf_counter())
    return [after - before for before, after in pairwise(times)]


async def measure(kilobytes: int, folder: Path) -> dict[str, list[float]]:
    """Return the seconds of each call, by what was called; the calls take turns, round by round."""
    text = json.dumps({"numbers": [0.125] * (kilobytes * 1024 // 7)})
    cache = PromptCache(DiskStore(folder / "ours", size_limit=2**30), ttl=3600)
    plain = diskcache.Cache(str(folder / "theirs"))
    await cache.set(KEY, text)
    plain.set(KEY, text, expire=3600)

    async def never() -> str:
        raise AssertionError("a hit makes nothing")

    async def theirs() -> object:
        return plain.get(KEY)

    async def theirs_read() -> object:
        return json.loads(plain.get(KEY))

    calls: dict[str, Callable[[], Awaitable[object]]] = {
        "PromptCache.get": lambda: cache.get(KEY),
        "PromptCache.fetch": lambda: cache.fetch(KEY, never),
        "diskcache get": theirs,
        "diskcache get + json.loads": theirs_read,
    }
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(ROUNDS):
        for name, call in calls.items():
            seconds[name] += await timed(call)
    plain.close()
    await cache.aclose()
    return seconds


def main() -> None:
    """Measure and print."""
    kilobytes = int(sys.argv[1]) if len(sys.argv) > 1 else 8
    with tempfile.TemporaryDirectory() as folder:
        seconds = asyncio.run(measure(kilobytes, Path(folder)))
    base = statistics.median(seconds["diskcache get + json.loads"])
    print(f"a text of {kilobytes} KiB, {ROUNDS * CALLS} calls each")
    for name, each in seconds.items():
        median = statistics.median(each)
        print(
            f"{name:28} p50 {median * 1e6:7.1f} us  {len(each) / sum(each):9,.0f} a second"
            f"  {median / base:5.2f} of diskcache get + json.loads"
        )


if __name__ == "__main__":
    main()
