"""HTTP alone: what the work costs with no library for language models at all."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from benchmarks.job import KEY, MODEL, question
from benchmarks.peers.checking import by_jsonschema, by_jsonschema_rs

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from benchmarks.job import Call, Job

__all__ = ["through_aiohttp", "through_httpx"]

HEADERS = {"authorization": f"Bearer {KEY}"}


@asynccontextmanager
async def through_httpx(job: Job) -> AsyncIterator[Call]:
    """Give httpx with the connections that the OpenAI library keeps, and jsonschema."""
    import httpx

    check = by_jsonschema()
    limits = httpx.Limits(max_connections=1000, max_keepalive_connections=100)
    body = {"model": MODEL, **question()}
    async with httpx.AsyncClient(limits=limits, headers=HEADERS, timeout=60) as client:

        async def call() -> object:
            reply = await client.post(f"{job.url}/chat/completions", json=body)
            reply.raise_for_status()
            return check(reply.json()["choices"][0]["message"]["content"])

        yield call


@asynccontextmanager
async def through_aiohttp(job: Job) -> AsyncIterator[Call]:
    """Give aiohttp, orjson and jsonschema-rs: about the least that Python can do."""
    import aiohttp
    import orjson

    check = by_jsonschema_rs()
    body = {"model": MODEL, **question()}
    headers = {**HEADERS, "content-type": "application/json"}
    connector = aiohttp.TCPConnector(limit=1000)
    async with aiohttp.ClientSession(connector=connector, headers=headers) as session:

        async def call() -> object:
            async with session.post(f"{job.url}/chat/completions", data=orjson.dumps(body)) as reply:
                reply.raise_for_status()
                return check(orjson.loads(await reply.read())["choices"][0]["message"]["content"])

        yield call
