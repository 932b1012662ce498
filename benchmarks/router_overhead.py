"""What a plain answer costs above ``litellm.Router.acompletion``: processor time of one call, on the same server.

``python benchmarks/router_overhead.py [--rounds N] [--calls N]`` starts the tests' server on the loopback in a process
of its own and asks it from this one, by turns of a few calls: through ``factory.generate``, and through a
``litellm.Router`` with the same model list and options. LiteLLM keeps its callbacks for the whole process, so each side
has them to itself in its turn. The result is the median of the ratios of neighbouring turns: two processes of one
program differ by more than what is measured here, and a busy machine slows both sides of a pair alike. A turn counts
the logging that LiteLLM does after a call too.

``--profile`` prints where the layer spends its time.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import cProfile
import json
import pstats
import statistics
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

MESSAGES = [
    {"role": "system", "content": "You describe agents. " * 20},
    {"role": "user", "content": "An explorer on a 5x5 grid that wants the bottom right corner. " * 5},
]
LISTS = (
    "callbacks", "input_callback", "success_callback", "failure_callback", "service_callback",
    "_async_success_callback", "_async_failure_callback",
)  # fmt: skip


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
async def layer(url: str) -> AsyncIterator[Callable[[], Awaitable[object]]]:
    """Yield a call through the package."""
    from gmn_llm import create_llm_factory

    async with create_llm_factory(configuration(url)) as factory:
        yield lambda: factory.generate(MESSAGES, max_tokens=500, timeout=60)


@contextlib.asynccontextmanager
async def router(url: str) -> AsyncIterator[Callable[[], Awaitable[object]]]:
    """Yield a call to a Router of LiteLLM's, which is built by the package's own builder and has nothing else of it."""
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


class Side:
    """One of the two, with the callbacks it has put into LiteLLM's lists, which it must find empty at first.

    Args:
        call: Makes one call.
        litellm: The module.
    """

    def __init__(self, call: Callable[[], Awaitable[object]], litellm: Any) -> None:
        self._call = call
        self._litellm = litellm
        self._lists: dict[str, list[object]] = {}
        self.seconds: list[float] = []

    async def turn(self, calls: int) -> float:
        """Return the processor seconds of a call, made with nobody else's callbacks about."""
        for name, callbacks in self._lists.items():
            getattr(self._litellm, name)[:] = callbacks
        seconds = await burst(self._call, calls)
        for name in LISTS:
            self._lists[name] = list(getattr(self._litellm, name))
        return seconds / calls


async def burst(call: Callable[[], Awaitable[object]], calls: int) -> float:
    """Return the processor seconds of calls one after the other, and of what LiteLLM logs of them."""
    begun = time.process_time()
    for _ in range(calls):
        await call()
    await asyncio.sleep(0.01)
    return time.process_time() - begun


async def measured(url: str, *, rounds: int, calls: int) -> tuple[list[float], list[float]]:
    """Return the processor seconds of a call in each round: the layer's, the Router's."""
    from gmn_llm.routing.quiet import litellm

    async with contextlib.AsyncExitStack() as stack:
        sides = []
        for begin in (layer, router):
            for name in LISTS:
                getattr(litellm, name).clear()
            side = Side(await stack.enter_async_context(begin(url)), litellm)
            await side.turn(20)
            sides.append(side)
        for number in range(rounds):
            for side in sides if number % 2 else reversed(sides):
                side.seconds.append(await side.turn(calls))
    return sides[0].seconds, sides[1].seconds


async def profiled(url: str, calls: int) -> None:
    """Print where the layer spends its time."""
    async with layer(url) as call:
        await burst(call, 50)
        profile = cProfile.Profile()
        profile.enable()
        await burst(call, calls)
        profile.disable()
    pstats.Stats(profile).sort_stats("tottime").print_stats(25)
    pstats.Stats(profile).sort_stats("cumulative").print_stats("gmn_llm")


def report(ours: list[float], theirs: list[float]) -> dict[str, object]:
    """Return the medians in milliseconds, and the median and the quartiles of the ratios."""
    ratios = [mine / other for mine, other in zip(ours, theirs, strict=True)]
    low, middle, high = statistics.quantiles(ratios, n=4)
    return {
        "layer_ms": round(1000 * statistics.median(ours), 3),
        "router_ms": round(1000 * statistics.median(theirs), 3),
        "ratio": round(middle, 4),
        "quartiles": [round(low, 4), round(high, 4)],
        "rounds": len(ratios),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="CPU of a plain answer, beside litellm.Router.acompletion")
    parser.add_argument("--rounds", type=int, default=400)
    parser.add_argument("--calls", type=int, default=5, help="calls in a turn")
    parser.add_argument("--profile", action="store_true")
    given = parser.parse_args()
    from tests.wire.client import WireServer

    with WireServer() as wire:
        wire.settings(text="An answer of a few words.")
        if given.profile:
            asyncio.run(profiled(wire.url, 300))
            return
        print(json.dumps(report(*asyncio.run(measured(wire.url, rounds=given.rounds, calls=given.calls)))))


if __name__ == "__main__":
    main()
