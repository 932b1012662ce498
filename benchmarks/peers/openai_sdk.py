"""OpenAI's own library."""

from __future__ import annotations

import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from benchmarks.job import KEY, MODEL, question

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from benchmarks.job import Call, Job

__all__ = ["checked", "first_event"]


@asynccontextmanager
async def checked(job: Job) -> AsyncIterator[Call]:
    """Give calls whose answer a pydantic model reads."""
    import openai

    from benchmarks.peers.model import Document

    async with openai.AsyncOpenAI(base_url=job.url, api_key=KEY, max_retries=0) as client:

        async def call() -> object:
            reply = await client.chat.completions.create(model=MODEL, **question())
            return Document.model_validate_json(reply.choices[0].message.content)

        yield call


@asynccontextmanager
async def first_event(job: Job) -> AsyncIterator[Call]:
    """Give calls that return the seconds to a stream's first text."""
    import openai

    async with openai.AsyncOpenAI(base_url=job.url, api_key=KEY, max_retries=0) as client:

        async def call() -> float:
            begun, first = time.perf_counter(), None
            async for chunk in await client.chat.completions.create(model=MODEL, stream=True, **question()):
                if first is None and chunk.choices and chunk.choices[0].delta.content:
                    first = time.perf_counter() - begun
            if first is None:
                raise AssertionError("the stream had no text")
            return first

        yield call
