"""instructor, over OpenAI's library and over LiteLLM."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from benchmarks.job import KEY, MODEL, question

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from benchmarks.job import Call, Job

__all__ = ["over_litellm", "over_openai"]


@asynccontextmanager
async def over_openai(job: Job) -> AsyncIterator[Call]:
    """Give calls over OpenAI's library."""
    import instructor
    import openai

    from benchmarks.peers.model import Document

    asked = {key: value for key, value in question().items() if key != "response_format"}
    async with openai.AsyncOpenAI(base_url=job.url, api_key=KEY, max_retries=0) as plain:
        client = instructor.from_openai(plain, mode=instructor.Mode.JSON_SCHEMA)
        yield lambda: client.create(model=MODEL, response_model=Document, max_retries=1, **asked)


@asynccontextmanager
async def over_litellm(job: Job) -> AsyncIterator[Call]:
    """Give calls over LiteLLM's function."""
    import instructor

    from benchmarks.peers.model import Document
    from benchmarks.peers.through_litellm import quiet

    asked = {key: value for key, value in question().items() if key != "response_format"}
    client = instructor.from_litellm(quiet().acompletion, mode=instructor.Mode.JSON_SCHEMA)
    yield lambda: client.create(
        model=f"openai/{MODEL}", api_base=job.url, api_key=KEY, response_model=Document, max_retries=1, **asked
    )
