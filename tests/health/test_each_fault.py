"""Every way to misbehave on each wire, in one piece and in pieces: the health view against the server's own count."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from pathlib import Path
from typing import Any, Final

import pytest

from gmn_llm import LLMError, LLMProviderFactory, create_llm_factory
from gmn_llm.health.prometheus import metrics_text
from gmn_llm.routing.quiet import litellm
from tests.health.server_count import CLASSES, chats, counted, money, percentile, same_story, spoken
from tests.routing.conftest import WIRES, section, warm
from tests.wire.client import Fault, Step, WireServer

__all__ = ["warm"]

pytestmark = pytest.mark.usefixtures("warm")

MODELS: Final = {"openai": "gpt-4o", "anthropic": "claude-haiku-4-5", "ollama": "llama3.2"}
OTHERS: Final = {"ollama": {Fault.QUOTA, Fault.CONTENT_POLICY, Fault.CONTENT_FILTER}}
"""What a protocol has no words for."""
FAULTS: Final = (*CLASSES, Fault.LENGTH)
LEFT: Final = {
    "openai": ("x-ratelimit-remaining-requests", "x-ratelimit-limit-requests"),
    "anthropic": ("anthropic-ratelimit-requests-remaining", "anthropic-ratelimit-requests-limit"),
}


def configuration(wire: WireServer, folder: Path, **more: object) -> dict[str, object]:
    """The three wires; many failures are allowed before LiteLLM leaves one alone, and a cooldown is short."""
    return {
        "provider": "openai",
        **{name: section(wire, name, max_retries=0) for name in WIRES},
        "fallbacks": ["anthropic", "ollama"],
        "router_settings": {"allowed_fails": 1000, "cooldown_time": 0.01},
        "cache": {"dir": str(folder)},
        **more,
    }


async def ask(factory: LLMProviderFactory, name: str, *, stream: bool, timeout: float = 20.0) -> str | float:  # noqa: ASYNC109
    """The seconds that the answer took by its own account, or the class of what it ended in."""
    messages = [{"role": "user", "content": "hello"}]
    try:
        if not stream:
            return (await factory.generate(messages, provider_type=name, timeout=timeout)).attempts[-1].seconds
        async with aclosing(factory.stream(messages, provider_type=name, timeout=timeout)) as chunks:
            last = [chunk async for chunk in chunks][-1]
        assert last.response is not None
        return last.response.attempts[-1].seconds
    except LLMError as error:
        return type(error).__name__


async def everything(factory: LLMProviderFactory, wire: WireServer, name: str) -> list[float]:
    """Each fault on one wire, whole and streamed; the latencies of what was answered."""
    took: list[float] = []
    for stream in (False, True):
        for fault in (None, *FAULTS, None):
            if fault in OTHERS.get(name, ()):
                continue
            wire.script([Step(fault=fault)], deployment=name)
            came = await ask(factory, name, stream=stream, timeout=1.5 if fault is Fault.STALL else 20.0)
            if isinstance(came, float):
                took.append(came)
            await asyncio.sleep(0.02)  # a cooldown of what broke passes
    wire.script([Step(fault=Fault.SERVER_ERROR, times=2)], deployment=name)
    for stream in (False, True):
        assert await ask(factory, name, stream=stream) == "ProviderUnavailableError"
    return took


async def test_each_fault_is_counted_as_the_server_counted_it(wire: WireServer, tmp_path: Path) -> None:
    """Requests, classes, tokens, money, rows of failures, moments and percentiles are the server's, on each wire."""
    async with create_llm_factory(configuration(wire, tmp_path)) as factory:
        came = await asyncio.gather(*(everything(factory, wire, name) for name in WIRES))
        health = await factory.health_check()

    for name, took in zip(WIRES, came, strict=True):
        told, seen = health["providers"][name], chats(wire, name)
        expected = counted(seen)
        (deployment,) = told["deployments"].values()
        for figures in (told, told["window"], deployment):
            assert {key: figures[key] for key in expected} == expected, name
        for figures in (told, deployment):
            same_story(figures, seen)
            assert figures["cost"] == pytest.approx(money(seen, litellm.model_cost.get(MODELS[name], {})))
            assert figures["latency"]["p50"] == percentile(took, 0.5)
            assert figures["latency"]["p95"] == percentile(took, 0.95)
            assert figures["average_latency"] == pytest.approx(sum(took) / len(took))
        assert {spoken(each).kind for each in seen} >= {"ok", "ProviderTimeoutError", "ContextLengthError"}
    wire.forgive()


@pytest.mark.parametrize("name", ["anthropic", "ollama"])
@pytest.mark.parametrize("times", [1, 2])
async def test_a_request_that_is_sent_again_unasked_is_counted(
    wire: WireServer, tmp_path: Path, name: str, times: int
) -> None:
    """Where an answer is cut off, LiteLLM's client asks again by itself: both requests are there, the first failed."""
    async with create_llm_factory(configuration(wire, tmp_path)) as factory:
        wire.script([Step(fault=Fault.CUT, times=times)], deployment=name)
        came = await ask(factory, name, stream=False)
        told = (await factory.health_check())["providers"][name]

    assert isinstance(came, float) is (times == 1)
    assert told["requests"] == len(chats(wire, name)) == 2
    assert told["failures"] == {"ProviderUnavailableError": times}
    assert told["consecutive_failures"] == (0 if times == 1 else 2)


@pytest.mark.filterwarnings("ignore:coroutine '.*' was never awaited:RuntimeWarning")  # LiteLLM's, on a thread
@pytest.mark.parametrize("name", WIRES)
@pytest.mark.parametrize("stream", [False, True])
async def test_a_call_that_ends_before_it_is_sent_is_no_request(
    wire: WireServer, tmp_path: Path, name: str, stream: bool
) -> None:
    """Calls that are given up after 0 to 30 ms are counted where the server has seen them, and nowhere else."""
    async with create_llm_factory(configuration(wire, tmp_path)) as factory:
        for wait in range(0, 31, 2):
            wire.script([Step(fault=Fault.HANG)], deployment=name)
            task = asyncio.create_task(ask(factory, name, stream=stream))
            await asyncio.sleep(wait / 1000)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await asyncio.sleep(0.02)  # a request that is on its way arrives
        told = (await factory.health_check())["providers"][name]

    seen = chats(wire, name)
    assert (told["requests"], told["cancelled"], told["failures"]) == (len(seen), len(seen), {})
    assert len(seen) < 16


@pytest.mark.parametrize("stream", [False, True])
async def test_a_price_that_nobody_knows_is_no_price(wire: WireServer, tmp_path: Path, stream: bool) -> None:
    """It is unknown in the answer, the view and Prometheus' text, and what is known of a sum is said as at least."""
    openai = section(wire, "openai", max_retries=0)
    config = configuration(wire, tmp_path, openai={**openai, "model": "my-unknown-model"})
    async with create_llm_factory(config) as factory:
        assert isinstance(await ask(factory, "openai", stream=stream), float)
        answer = await factory.generate([{"role": "user", "content": "hello"}], provider_type="openai")
        report = await factory.health_check()
    told = report["providers"]["openai"]

    assert answer.usage.cost is None
    assert (told["cost"], told["cost_at_least"], told["window"]["cost"]) == (None, 0.0, None)
    assert told["completion_tokens"] == sum(each.completion_tokens for each in chats(wire, "openai"))
    assert 'gmn_llm_cost_usd_total{deployment="openai' not in metrics_text(report)


@pytest.mark.parametrize("name", LEFT)
async def test_headroom_is_what_the_server_said_last(wire: WireServer, tmp_path: Path, name: str) -> None:
    """Of an answer, of a refusal, and of a stream that breaks, each in its turn, exactly."""
    remaining, limit = LEFT[name]
    faults: tuple[tuple[Fault | None, bool], ...] = ((None, False), (Fault.RATE_LIMIT, False), (Fault.CUT, True))
    async with create_llm_factory(configuration(wire, tmp_path)) as factory:
        for left, (fault, stream) in enumerate(faults, 40):
            headers = {remaining: str(left), limit: "50"}
            wire.script([Step(fault=fault, headers=headers)], deployment=name)
            await ask(factory, name, stream=stream)
            told: dict[str, Any] = (await factory.health_check())["providers"][name]
            (deployment,) = told["deployments"].values()
            for figures in (told, deployment):
                assert (figures["rate_limit"]["remaining_requests"], figures["rate_limit"]["limit_requests"]) == (
                    left,
                    50,
                )
