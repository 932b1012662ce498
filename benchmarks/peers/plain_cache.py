"""diskcache by itself: the least that a hit from a disk can cost."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from benchmarks.job import answer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from benchmarks.job import Call, Job

__all__ = ["got", "got_and_read"]

DIGEST = "0123456789abcdef" * 4


@asynccontextmanager
async def got(job: Job) -> AsyncIterator[Call]:
    """Give ``get``."""
    import diskcache

    with diskcache.Cache(job.folder) as cache:
        cache.set(DIGEST, json.dumps(answer()), expire=3600)

        async def call() -> object:
            return cache.get(DIGEST)

        yield call


@asynccontextmanager
async def got_and_read(job: Job) -> AsyncIterator[Call]:
    """Give ``get`` and ``json.loads``."""
    async with got(job) as get:

        async def call() -> object:
            return json.loads(await get())

        yield call
