"""The package, as a caller uses it."""

from __future__ import annotations

import time
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.job import KEY, MODEL, PROMPT, messages, question

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from benchmarks.job import Call, Job
    from gmn_llm import GMNSpec

__all__ = ["cached", "configuration", "first_event", "first_gmn_event", "generated", "plain"]


def configuration(job: Job) -> dict[str, object]:
    """Return a configuration for the job: one section, or a ``model_list`` where there are several deployments."""
    cache = {"dir": str(Path(job.folder) / "cache")}
    if job.deployments == 1:
        section = {"model": MODEL, "base_url": job.url, "api_key": KEY}
        return {"provider": "openai", "openai": section, "fallbacks": [], "cache": cache}
    params = {"model": f"openai/{MODEL}", "api_base": job.url, "api_key": KEY}
    entries = [{"model_name": "many", "litellm_params": dict(params)} for _ in range(job.deployments)]
    return {"provider": "many", "model_list": entries, "fallbacks": [], "cache": cache}


@asynccontextmanager
async def generated(job: Job) -> AsyncIterator[Call]:
    """Give ``generate_gmn`` without the cache, with all its checks."""
    from gmn_llm import create_llm_factory

    async with create_llm_factory(configuration(job)) as factory:

        async def call() -> GMNSpec:
            return await factory.generate_gmn(PROMPT, agent_type="explorer", use_cache=False)

        # The checks are made in every call; that they find nothing to change needs no second look in each.
        if (await call()).warnings:
            raise AssertionError("the answer was changed, so it is not the work of an answer that is right at once")
        yield call


@asynccontextmanager
async def plain(job: Job) -> AsyncIterator[Call]:
    """Give ``generate`` without the cache: an answer as it is."""
    from gmn_llm import create_llm_factory

    asked = [dict(message) for message in messages()]
    settings = {name: question()[name] for name in ("temperature", "max_tokens")}
    async with create_llm_factory(configuration(job)) as factory:
        yield lambda: factory.generate(asked, use_cache=False, **settings)


@asynccontextmanager
async def cached(job: Job) -> AsyncIterator[Call]:
    """Give ``generate_gmn`` for what the cache has."""
    from gmn_llm import create_llm_factory

    async with create_llm_factory(configuration(job)) as factory:

        async def call() -> object:
            return await factory.generate_gmn(PROMPT, agent_type="explorer")

        await call()
        again = await factory.generate_gmn(PROMPT, agent_type="explorer")
        if again.provenance is None or not again.provenance.cached:
            raise AssertionError("it is no hit")
        yield call


@asynccontextmanager
async def first_event(job: Job) -> AsyncIterator[Call]:
    """Give calls that return the seconds to the first text of ``stream``."""
    from gmn_llm import create_llm_factory

    async with create_llm_factory(configuration(job)) as factory:

        async def call() -> float:
            begun, first = time.perf_counter(), None
            async for chunk in factory.stream(messages(), use_cache=False):
                if first is None and chunk:
                    first = time.perf_counter() - begun
            if first is None:
                raise AssertionError("the stream had no text")
            return first

        yield call


@asynccontextmanager
async def first_gmn_event(job: Job) -> AsyncIterator[Call]:
    """Give calls that return the seconds to the first event of ``stream_gmn``."""
    from gmn_llm import create_llm_factory

    async with create_llm_factory(configuration(job)) as factory:

        async def call() -> float:
            begun, first = time.perf_counter(), None
            async for _ in factory.stream_gmn(PROMPT, agent_type="explorer", use_cache=False):
                if first is None:
                    first = time.perf_counter() - begun
            if first is None:
                raise AssertionError("the stream had no event")
            return first

        yield call
