"""Streams that their reader leaves, in each way there is: nothing is printed and nothing stays open."""

from __future__ import annotations

import pytest

from tests.programs import played
from tests.routing.conftest import WIRES, section
from tests.wire.client import Step, WireServer

TEXT = "word " * 400
PACE = 0.1
"""Seconds between two pieces: the whole answer would take a quarter of an hour."""

READS = {
    "stream": "factory.stream(talk)",
    "provider": "(await factory.get_provider()).stream(talk)",
    "stream_gmn": "factory.stream_gmn('a grid', use_cache=False)",
}

RAISE = """
async def main():
    factory = create_llm_factory(configuration)
    async for piece in READ:
        raise ValueError("mine")

asyncio.run(main())
"""

HELD = """
async def main():
    async with create_llm_factory(configuration) as factory:
        pieces = READ
        async for piece in pieces:
            raise ValueError("mine")

asyncio.run(main())
"""

CLOSED = """
async def main():
    async with create_llm_factory(configuration) as factory:
        async for piece in READ:
            raise ValueError("mine")

asyncio.run(main())
"""

ABANDONED = """
async def main():
    global pieces
    factory = create_llm_factory(configuration)
    pieces = READ
    await anext(pieces)
    raise ValueError("mine")

asyncio.run(main())
"""

PENDING = """
async def read(factory, begun):
    async for piece in READ:
        begun.set()

async def main():
    begun = asyncio.Event()
    task = asyncio.create_task(read(create_llm_factory(configuration), begun))
    await begun.wait()
    raise ValueError("mine")

asyncio.run(main())
"""

CANCELLED = """
async def read(factory, begun):
    async for piece in READ:
        begun.set()

async def main():
    async with create_llm_factory(configuration) as factory:
        begun = asyncio.Event()
        task = asyncio.create_task(read(factory, begun))
        await begun.wait()
        task.cancel()
        await asyncio.wait([task])
    raise ValueError("mine")

asyncio.run(main())
"""

BROKEN = """
async def main():
    factory = create_llm_factory(configuration)
    async for piece in READ:
        break
    raise ValueError("mine")

asyncio.run(main())
asyncio.run(main())
"""

WAYS = {
    "raise": RAISE, "held": HELD, "closed": CLOSED, "abandoned": ABANDONED,
    "pending": PENDING, "cancelled": CANCELLED, "broken": BROKEN,
}  # fmt: skip


@pytest.mark.parametrize(
    ("way", "read"),
    [
        *((way, "stream") for way in WAYS),
        *((way, read) for way in ("held", "closed") for read in ("provider", "stream_gmn")),
    ],
)
def test_only_the_readers_own_error_is_printed(wire: WireServer, way: str, read: str) -> None:
    """Standard error has the traceback of the program's own error and not a word more, and the server is left."""
    wire.script([Step(pace=PACE, text=TEXT, times=0)], deployment="openai")

    done = played(WAYS[way].replace("READ", READS[read]), {"provider": "openai", "openai": section(wire, "openai")})

    lines = done.stderr.splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert lines[-1] == "ValueError: mine"
    assert all(line.startswith("  ") for line in lines[1:-1])
    assert done.stdout == ""
    (seen,) = wire.requests()
    assert not seen.finished


@pytest.mark.parametrize("name", [name for name in WIRES if name != "openai"])
@pytest.mark.parametrize("way", ["raise", "closed"])
def test_no_wires_client_prints_anything(wire: WireServer, way: str, name: str) -> None:
    """Each protocol is another client of LiteLLM's, and none of them has anything to say."""
    wire.script([Step(pace=PACE, text=TEXT, times=0)], deployment=name)

    done = played(WAYS[way].replace("READ", READS["stream"]), {"provider": name, name: section(wire, name)})

    lines = done.stderr.splitlines()
    assert lines[-1] == "ValueError: mine"
    assert all(line.startswith("  ") for line in lines[1:-1])
    assert not wire.requests()[0].finished
