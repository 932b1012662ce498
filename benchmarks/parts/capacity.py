"""Whether the server is far faster than whoever asks it."""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING

from benchmarks.job import KEY, MODEL, question
from benchmarks.tables import Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.parts.bench import Bench

__all__ = ["capacity"]

CONNECTIONS = 16


def capacity(bench: Bench) -> Iterator[Table]:
    """Yield the answers a second and the processor's milliseconds for one, asked by bare sockets."""
    number = 10 * bench.counts.at_64
    asyncio.run(_asked(bench.server.origin, number))
    rates, used = [], []
    for _ in range(bench.counts.repeats):
        before = bench.server.asked()
        begun = time.perf_counter()
        asyncio.run(_asked(bench.server.origin, number))
        rates.append(number / (time.perf_counter() - begun))
        after = bench.server.asked()
        used.append(1000 * (after["cpu"] - before["cpu"]) / number)
    yield Table(
        "server rate", "answers a second of the server, its asker on the same machine", {"server": rates}, "server"
    )
    yield Table("server", "CPU ms an answer of the server", {"server": used}, "server")


async def _asked(origin: str, number: int) -> None:
    host, port = origin.removeprefix("http://").split(":")
    body = json.dumps({"model": MODEL, **question()}).encode()
    head = f"POST /0/answer/v1/chat/completions HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {KEY}\r\n"
    asked = f"{head}content-length: {len(body)}\r\n\r\n".encode() + body
    left = iter(range(number))

    async def some() -> None:
        reader, writer = await asyncio.open_connection(host, int(port))
        for _ in left:
            writer.write(asked)
            told = await reader.readuntil(b"\r\n\r\n")
            length = int(told.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
            await reader.readexactly(length)
        writer.close()
        await writer.wait_closed()

    async with asyncio.TaskGroup() as group:
        for _ in range(CONNECTIONS):
            group.create_task(some())
