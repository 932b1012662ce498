"""What a gateway leaves behind, and where it can be used: nothing, and everywhere."""

from __future__ import annotations

import asyncio
import threading

import pytest

from gmn_llm.config import load_settings, resolve_chain
from gmn_llm.errors import InputError
from gmn_llm.messages import Attempt
from gmn_llm.routing import RouterGateway
from gmn_llm.routing.observer import Observer
from gmn_llm.routing.quiet import litellm
from tests.routing.conftest import Build, request, section
from tests.wire.client import Fault, Step, WireServer


def made(wire: WireServer) -> RouterGateway:
    """A gateway that nobody closes but the test."""
    settings = load_settings({"provider": "openai", "openai": section(wire, "openai")}, environ={})
    return RouterGateway(resolve_chain(settings, environ={}), settings)


def hooks() -> int:
    """How many callbacks LiteLLM holds."""
    lists = (
        litellm.callbacks,
        litellm.input_callback,
        litellm.success_callback,
        litellm.failure_callback,
        litellm._async_success_callback,
        litellm._async_failure_callback,
    )
    return sum(map(len, lists))


def open_gateways() -> int:
    """How many gateways listen to LiteLLM."""
    return sum(isinstance(callback, Observer) for callback in litellm.callbacks)


async def test_nothing_is_left_after_closing(wire: WireServer) -> None:
    """A gateway that was used and closed leaves no callback in LiteLLM; closing twice does nothing."""
    before = hooks()

    for _ in range(3):
        gateway = made(wire)
        await gateway.complete(request(), group="openai", fall_over=True)
        await gateway.aclose()
        await gateway.aclose()

    assert hooks() == before


async def test_a_closed_gateway_answers_no_more(wire: WireServer) -> None:
    """A request after closing is an InputError."""
    gateway = made(wire)
    await gateway.aclose()

    with pytest.raises(InputError):
        await gateway.complete(request(), group="openai", fall_over=True)


def test_two_loops_one_after_the_other(wire: WireServer) -> None:
    """The same gateway answers in two runs of asyncio, and is closed in a third."""
    gateway = made(wire)

    said = [asyncio.run(gateway.complete(request(), group="openai", fall_over=True)).content for _ in range(3)]
    asyncio.run(gateway.aclose())

    assert said == [wire.default_text] * 3


def test_threads_with_loops_of_their_own(wire: WireServer) -> None:
    """Threads that each run a loop are answered by the same gateway at the same time."""
    gateway = made(wire)
    said: list[str] = []

    async def ask() -> None:
        asked = (gateway.complete(request(), group="openai", fall_over=True) for _ in range(5))
        said.extend(response.content for response in await asyncio.gather(*asked))

    threads = [threading.Thread(target=lambda: asyncio.run(ask())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    asyncio.run(gateway.aclose())

    assert said == [wire.default_text] * 20


async def test_many_calls_at_once_are_each_answered_once(wire: WireServer, build: Build) -> None:
    """Of 300 concurrent calls, with a first provider that fails for some, each gets its own answer."""
    wire.script([Step(fault=Fault.SERVER_ERROR, times=30)], deployment="openai")
    gateway = build(
        {
            "provider": "openai",
            "openai": section(wire, "openai"),
            "anthropic": section(wire, "anthropic"),
            "fallbacks": ["anthropic"],
        }
    )

    asked = (gateway.complete(request(timeout=60), group="openai", fall_over=True) for _ in range(300))
    responses = await asyncio.gather(*asked)

    good = [seen for seen in wire.requests() if seen.status == 200]
    assert len(responses) == len(good) == 300
    assert {response.content for response in responses} == {wire.default_text}


async def test_a_cancelled_call_is_cancelled(wire: WireServer, build: Build) -> None:
    """Cancelling ends the call, asks no fallback, and the gateway goes on."""
    wire.script([Step(fault=Fault.HANG)], deployment="openai")
    heard: list[Attempt] = []
    gateway = build(
        {
            "provider": "openai",
            "openai": section(wire, "openai"),
            "anthropic": section(wire, "anthropic"),
            "fallbacks": ["anthropic"],
        },
        heard=heard,
    )
    task = asyncio.create_task(gateway.complete(request(), group="openai", fall_over=True))
    while not wire.requests(deployment="openai"):  # noqa: ASYNC110 - the server is another process
        await asyncio.sleep(0.02)

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert wire.requests(deployment="anthropic") == []
    assert (await gateway.complete(request(), group="openai", fall_over=True)).content == wire.default_text


async def test_a_listener_hears_every_attempt(wire: WireServer, build: Build) -> None:
    """The failure and the answer after it are both heard, in order."""
    wire.script([Step(fault=Fault.SERVER_ERROR)], deployment="openai")
    heard: list[Attempt] = []
    gateway = build(
        {
            "provider": "openai",
            "openai": section(wire, "openai"),
            "anthropic": section(wire, "anthropic"),
            "fallbacks": ["anthropic"],
        },
        heard=heard,
    )

    response = await gateway.complete(request(), group="openai", fall_over=True)

    assert tuple(heard) == response.attempts
    assert [(a.provider, a.error, a.status) for a in heard] == [
        ("openai", "ProviderUnavailableError", 500),
        ("anthropic", None, 200),
    ]
