"""Calls that are cancelled, at whatever point they have come to."""

from __future__ import annotations

import asyncio
import gc

import pytest

from gmn_llm import LLMProviderFactory, create_llm_factory
from tests.programs import played
from tests.routing.conftest import WIRES, section
from tests.wire.client import Fault, Step, WireServer

# What Python says where a call is cancelled before the thread that prepares it is done; the package leaves it out, and
# pytest takes that back for each test. The program below runs without pytest.
pytestmark = pytest.mark.filterwarnings(
    "ignore:coroutine .*(completion|streaming|stream_function|try_connect).* was never awaited:RuntimeWarning"
)
MOMENTS = [*range(12), 15, 20, 25, 30, 40, 50, 60, 80]
"""Milliseconds after its beginning at which a call is cancelled; a whole answer takes about 60."""
TALK = [{"role": "user", "content": "Say something."}]


async def read(factory: LLMProviderFactory) -> None:
    """Read a stream to its end."""
    async for _ in factory.stream(TALK):
        pass


@pytest.mark.parametrize("way", ["generate", "stream"])
@pytest.mark.parametrize("name", WIRES)
async def test_whenever_it_comes_it_leaves_nothing(wire: WireServer, name: str, way: str) -> None:
    """At each moment, with and without a failure before: no task is left, nobody else is asked, and the next call works."""
    other = {"openai": "anthropic"}.get(name, "openai")
    configuration = {"provider": name, name: section(wire, name), other: section(wire, other), "fallbacks": [other]}
    async with create_llm_factory(configuration) as factory:
        await factory.generate(TALK)
        await read(factory)
        for moment in MOMENTS:
            wire.script([Step(pace=0.004, text="word " * 30)], deployment=name)
            before = asyncio.all_tasks()
            call = asyncio.create_task(read(factory) if way == "stream" else _asked(factory))
            await asyncio.sleep(moment / 1000)
            call.cancel()
            await asyncio.wait([call])
            gc.collect()
            await factory.generate(TALK)
            for _ in range(100):  # LiteLLM's own, which writes its log
                if asyncio.all_tasks() <= before:
                    break
                await asyncio.sleep(0.01)
            assert asyncio.all_tasks() <= before

    assert wire.requests(deployment=other) == []


async def _asked(factory: LLMProviderFactory) -> None:
    await factory.generate(TALK)


async def test_a_fallback_under_way_is_cancelled_with_its_call(wire: WireServer) -> None:
    """After a failure at the first, the call is at the second; cancelled there, it asks no third."""
    wire.script([Step(fault=Fault.SERVER_ERROR)], deployment="openai")
    wire.script([Step(fault=Fault.HANG)], deployment="anthropic")
    sections = {name: section(wire, name) for name in WIRES}
    async with create_llm_factory({"provider": "openai", **sections, "fallbacks": ["anthropic", "ollama"]}) as factory:
        call = asyncio.create_task(factory.generate(TALK))
        while not wire.requests(deployment="anthropic"):  # noqa: ASYNC110  # the server is another process
            await asyncio.sleep(0.02)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call

    assert wire.requests(deployment="ollama") == []


STORM = """
async def main():
    factory = create_llm_factory(configuration)
    await factory.generate(talk)
    async def read():
        async for piece in factory.stream(talk):
            pass
    for moment in range(0, 60, 3):
        calls = [asyncio.create_task(read()), asyncio.create_task(factory.generate(talk))]
        await asyncio.sleep(moment / 1000)
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
    asyncio.create_task(read())
    asyncio.create_task(factory.generate(talk))
    await asyncio.sleep(0.02)

asyncio.run(main())
asyncio.run(main())
"""


@pytest.mark.parametrize("name", WIRES)
def test_no_moment_prints_anything(wire: WireServer, name: str) -> None:
    """Nor does a program print anything whose calls are cancelled at each moment, the last by its end, twice over."""
    wire.script([Step(pace=0.004, text="word " * 30, times=0)], deployment=name)

    done = played(STORM, {"provider": name, name: section(wire, name)})

    assert done.stderr == ""
    assert done.returncode == 0
