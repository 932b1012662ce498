"""What a plain answer costs above ``litellm.Router.acompletion``: processor time of one call, on the same server.

``python benchmarks/router_overhead.py [--sessions N] [--rounds N] [--calls N] [--at-once N]`` starts the tests'
server on the loopback and two processes: one asks it through ``factory.generate``, the other through a
``litellm.Router`` that has the same model list, the same options and the same switches of LiteLLM's module. They take
turns, a round each, the one that begins changing; a round's ratio is that of the two's own processor time, so that
neither the server nor whoever else uses the machine counts. Two processes of one program differ by a few percent by
themselves, so there are several sessions with new ones; the result is the median of their medians. ``--profile``
prints where the layer's process spends its time.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import cProfile
import json
import pstats
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

SIDES = ("layer", "router")
MESSAGES = [
    {"role": "system", "content": "You describe agents. " * 20},
    {"role": "user", "content": "An explorer on a 5x5 grid that wants the bottom right corner. " * 5},
]


def configuration(url: str) -> dict[str, object]:
    """One provider, and another after it, as a user would have them."""
    return {
        "provider": "openai",
        "openai": {"model": "gpt-4o", "base_url": f"{url}/@openai/v1", "api_key": "sk-wire-openai-0123456789"},
        "anthropic": {
            "model": "claude-haiku-4-5",
            "base_url": f"{url}/@anthropic",
            "api_key": "sk-ant-wire-0123456789",
        },
        "fallbacks": ["anthropic"],
    }


@contextlib.asynccontextmanager
async def layer(url: str):  # type: ignore[no-untyped-def]  # a generator of one function
    """Yield a call through the package."""
    from gmn_llm import create_llm_factory

    async with create_llm_factory(configuration(url)) as factory:
        yield lambda: factory.generate(MESSAGES, max_tokens=500, timeout=60)


@contextlib.asynccontextmanager
async def router(url: str):  # type: ignore[no-untyped-def]  # as above
    """Yield a call to LiteLLM's Router, which is built by the package's own builder and by nothing else of it."""
    from gmn_llm.config import load_settings, resolve_chain
    from gmn_llm.routing.router import build_router

    settings = load_settings(configuration(url), environ={})
    chain = resolve_chain(settings, environ={})
    built = build_router(
        chain.groups,
        chain=chain.names,
        settings=settings,
        router_id=lambda deployment: deployment.id,
        model_name=lambda deployment: deployment.model,
    )
    yield lambda: built.acompletion(model="openai", messages=MESSAGES, max_tokens=500)
    built.discard()


async def rounds(side: str, url: str, at_once: int) -> None:
    """Run as many calls as each line of standard input says, and print the processor seconds they took."""
    async with {"layer": layer, "router": router}[side](url) as call:
        await burst(call, 50, at_once)
        print("ready", flush=True)
        while line := await asyncio.to_thread(sys.stdin.readline):
            print(await burst(call, int(line), at_once), flush=True)


async def burst(call: Callable[[], Awaitable[object]], count: int, at_once: int) -> float:
    """Return the processor seconds of ``count`` calls, and of the logging LiteLLM does after them."""
    left = iter(range(count))

    async def worker() -> None:
        for _ in left:
            await call()

    begun = time.process_time()
    await asyncio.gather(*(worker() for _ in range(at_once)))
    await asyncio.sleep(0.05)
    return time.process_time() - begun


def measured(url: str, *, count: int, calls: int, at_once: int) -> dict[str, list[float]]:
    """Return the processor seconds of each round, by side."""
    command = [sys.executable, "-W", "ignore", str(Path(__file__).resolve()), "--url", url, "--at-once", str(at_once)]
    seconds: dict[str, list[float]] = {side: [] for side in SIDES}
    with contextlib.ExitStack() as stack:
        workers = {}
        for side in SIDES:
            process = subprocess.Popen(  # noqa: S603  # this very file
                [*command, "--side", side], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            workers[side] = stack.enter_context(process)
            answered(process)
        for number in range(count):
            for side in SIDES if number % 2 else reversed(SIDES):
                seconds[side].append(float(answered(workers[side], f"{calls}\n")))
        for process in workers.values():
            process.communicate()
    return seconds


def answered(process: subprocess.Popen[str], line: str = "") -> str:
    """Send a line to a worker and return the one that comes back.

    Raises:
        RuntimeError: The worker is gone.
    """
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("the worker has no pipes")
    process.stdin.write(line)
    process.stdin.flush()
    said = process.stdout.readline()
    if not said:
        raise RuntimeError("the worker ended; run it alone with --side to see why")
    return said


async def profiled(url: str, calls: int) -> None:
    """Print where the layer's process spends its time."""
    async with layer(url) as call:
        await burst(call, 50, 1)
        profile = cProfile.Profile()
        profile.enable()
        await burst(call, calls, 1)
        profile.disable()
    pstats.Stats(profile).sort_stats("tottime").print_stats(25)
    pstats.Stats(profile).sort_stats("cumulative").print_stats("gmn_llm")


def report(sessions: list[dict[str, list[float]]], calls: int) -> dict[str, object]:
    """Return the medians of a call in milliseconds, and the ratio: by session, and their median."""
    ratios = [
        statistics.median(ours / theirs for ours, theirs in zip(each["layer"], each["router"], strict=True))
        for each in sessions
    ]
    every = {side: [seconds for each in sessions for seconds in each[side]] for side in SIDES}
    return {
        "layer_ms": round(1000 * statistics.median(every["layer"]) / calls, 3),
        "router_ms": round(1000 * statistics.median(every["router"]) / calls, 3),
        "ratio": round(statistics.median(ratios), 4),
        "sessions": [round(ratio, 4) for ratio in sorted(ratios)],
        "rounds": len(every["layer"]),
        "calls": calls,
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="CPU of a plain answer, beside litellm.Router.acompletion")
    parser.add_argument("--sessions", type=int, default=9)
    parser.add_argument("--rounds", type=int, default=20, help="rounds in a session")
    parser.add_argument("--calls", type=int, default=30, help="calls in a round")
    parser.add_argument("--at-once", type=int, default=1, help="calls in flight")
    parser.add_argument("--profile", action="store_true")
    parser.add_argument("--side", choices=SIDES, help="be one of the two processes")
    parser.add_argument("--url", help="the server, for one of the two processes")
    given = parser.parse_args()
    if given.side:
        asyncio.run(rounds(given.side, given.url, given.at_once))
        return
    from tests.wire.client import WireServer

    with WireServer() as wire:
        wire.settings(text="An answer of a few words.")
        if given.profile:
            asyncio.run(profiled(wire.url, given.calls))
            return
        sessions = [
            measured(wire.url, count=given.rounds, calls=given.calls, at_once=given.at_once)
            for _ in range(given.sessions)
        ]
    print(json.dumps(report(sessions, given.calls)))


if __name__ == "__main__":
    main()
