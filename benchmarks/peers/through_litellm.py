"""LiteLLM: its function, and its Router with the options that the package gives its own."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from benchmarks.job import KEY, MODEL, PROMPT, answer, question
from benchmarks.peers.checking import by_jsonschema, by_jsonschema_rs

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from benchmarks.job import Call, Job
    from benchmarks.peers.checking import Check

__all__ = [
    "acompletion", "cached", "deployments", "first_event", "options", "quiet", "router_jsonschema",
    "router_jsonschema_rs", "router_plain",
]  # fmt: skip

GROUP = "openai"
FAILS = (
    "AuthenticationErrorAllowedFails", "TimeoutErrorAllowedFails", "RateLimitErrorAllowedFails",
    "InternalServerErrorAllowedFails", "ServiceUnavailableErrorAllowedFails", "BadGatewayErrorAllowedFails",
    "NotFoundErrorAllowedFails",
)  # fmt: skip
RETRIED = (
    "RateLimitErrorRetries", "TimeoutErrorRetries", "InternalServerErrorRetries", "ServiceUnavailableErrorRetries",
)  # fmt: skip
RETRIES = 2


def quiet() -> Any:
    """Return LiteLLM, without its words on the terminal."""
    import litellm

    litellm.suppress_debug_info = True
    for name in ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    return litellm


def options() -> dict[str, object]:
    """Return the options that the package gives its Router; a test holds the two equal."""
    return {
        "num_retries": 0,
        "allowed_fails": 1,
        "cooldown_time": 30.0,
        "routing_strategy": "simple-shuffle",
        "enable_pre_call_checks": True,
        "optional_pre_call_checks": [],
        "max_fallbacks": 5,
        "fallbacks": [],
        "context_window_fallbacks": [{GROUP: []}],
        "model_group_retry_policy": {GROUP: dict.fromkeys(RETRIED, RETRIES)},
    }


def deployments(job: Job) -> list[dict[str, object]]:
    """Return the ``model_list`` that the package gives its Router."""
    params = {"drop_params": True, "api_base": job.url, "api_key": KEY, "model": f"openai/{MODEL}"}
    return [
        {
            "model_name": GROUP,
            "litellm_params": dict(params),
            "model_info": {
                "id": f"openai/{MODEL}#{number}",
                "allowed_fails_policy": dict.fromkeys(FAILS, RETRIES),
            },
        }
        for number in range(1, job.deployments + 1)
    ]


@asynccontextmanager
async def acompletion(job: Job) -> AsyncIterator[Call]:
    """Give LiteLLM's function and jsonschema."""
    litellm = quiet()
    check = by_jsonschema()

    async def call() -> object:
        reply = await litellm.acompletion(model=f"openai/{MODEL}", api_base=job.url, api_key=KEY, **question())
        return check(reply.choices[0].message.content)

    yield call


@asynccontextmanager
async def router_jsonschema(job: Job) -> AsyncIterator[Call]:
    """Give LiteLLM's Router and jsonschema."""
    yield _routed(job, by_jsonschema())


@asynccontextmanager
async def router_jsonschema_rs(job: Job) -> AsyncIterator[Call]:
    """Give LiteLLM's Router and jsonschema-rs."""
    yield _routed(job, by_jsonschema_rs())


@asynccontextmanager
async def router_plain(job: Job) -> AsyncIterator[Call]:
    """Give LiteLLM's Router, asked for an answer as it is."""
    litellm = quiet()
    router = litellm.Router(model_list=deployments(job), **options())
    asked = {name: value for name, value in question().items() if name != "response_format"}
    yield lambda: router.acompletion(model=GROUP, **asked)


def _routed(job: Job, check: Check) -> Call:
    litellm = quiet()
    router = litellm.Router(model_list=deployments(job), **options())

    async def call() -> object:
        reply = await router.acompletion(model=GROUP, **question())
        return check(reply.choices[0].message.content)

    return call


@asynccontextmanager
async def first_event(job: Job) -> AsyncIterator[Call]:
    """Give calls that return the seconds to the first text of a stream of the Router's."""
    litellm = quiet()
    router = litellm.Router(model_list=deployments(job), **options())

    async def call() -> float:
        begun, first = time.perf_counter(), None
        reply = await router.acompletion(model=GROUP, stream=True, stream_options={"include_usage": True}, **question())
        async for chunk in reply:
            if first is None and chunk.choices and chunk.choices[0].delta.content:
                first = time.perf_counter() - begun
        if first is None:
            raise AssertionError("the stream had no text")
        return first

    yield call


@asynccontextmanager
async def cached(job: Job) -> AsyncIterator[Call]:
    """Give calls that LiteLLM's disk cache answers, behind its Router; a base install lacks what that needs."""
    litellm = quiet()
    litellm.cache = litellm.Cache(type="disk", disk_cache_dir=job.folder)
    router = litellm.Router(model_list=deployments(job), num_retries=0)
    asked = [{"role": "user", "content": PROMPT}]

    async def call() -> object:
        reply = await router.acompletion(model=GROUP, messages=asked, caching=True)
        if not reply.choices[0].message.content.startswith('{"name":"' + answer()["name"]):
            raise AssertionError("it is not what was stored")
        return reply

    await call()
    await asyncio.sleep(1)  # it stores behind the caller's back
    yield call
