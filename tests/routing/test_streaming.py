"""Answers piece by piece."""

from __future__ import annotations

import asyncio

import pytest

from gmn_llm.errors import LLMError, ProviderTimeoutError, ProviderUnavailableError
from gmn_llm.messages import Delta
from gmn_llm.routing import RouterGateway
from tests.routing.conftest import SCHEMA, WIRES, Build, request, section
from tests.wire.client import Fault, Step, WireServer

# LiteLLM reads a field of pydantic the old way while it streams.
pytestmark = pytest.mark.filterwarnings("ignore::pydantic.warnings.PydanticDeprecatedSince211")


async def collected(gateway: RouterGateway, group: str, *, seconds: float = 10.0) -> list[Delta]:
    """All pieces of one streamed answer."""
    asked = request(timeout=seconds, schema=SCHEMA)
    return [delta async for delta in gateway.stream(asked, group=group, fall_over=True)]


@pytest.mark.parametrize("name", WIRES)
async def test_the_pieces_are_the_answer(wire: WireServer, build: Build, name: str) -> None:
    """The texts add up to the response of the last piece, which has usage and the deployment."""
    gateway = build({"provider": name, name: section(wire, name)})

    deltas = await collected(gateway, name)

    response = deltas[-1].response
    assert response is not None
    assert "".join(delta.text for delta in deltas) == response.content == wire.default_text
    assert len(deltas) > 3
    assert response.usage.completion_tokens > 0
    assert response.provider == name
    assert response.deployment.startswith(f"{name}/")
    assert [attempt.error for attempt in response.attempts] == [None]


@pytest.mark.parametrize("name", WIRES)
async def test_a_failure_before_the_first_text_leaves_no_trace(wire: WireServer, build: Build, name: str) -> None:
    """The fallback's pieces come as if it had been asked at once."""
    other = {"openai": "anthropic", "anthropic": "ollama", "ollama": "openai"}[name]
    wire.script([Step(fault=Fault.SERVER_ERROR)], deployment=name)
    gateway = build({
        "provider": name, name: section(wire, name), other: section(wire, other), "fallbacks": [other],
    })  # fmt: skip

    deltas = await collected(gateway, name)

    assert not any(delta.reset for delta in deltas)
    assert deltas[-1].response is not None
    assert deltas[-1].response.provider == other


@pytest.mark.parametrize("fault", [Fault.CUT, Fault.RESET, Fault.STALL, Fault.STREAM_ERROR])
@pytest.mark.parametrize("name", WIRES)
async def test_a_stream_that_breaks_starts_over(wire: WireServer, build: Build, name: str, fault: Fault) -> None:
    """After a break in the middle comes a reset, then the next deployment's whole answer."""
    other = {"openai": "anthropic", "anthropic": "ollama", "ollama": "openai"}[name]
    wire.script([Step(fault=fault)], deployment=name)
    gateway = build({
        "provider": name, name: section(wire, name, timeout=1), other: section(wire, other), "fallbacks": [other],
    })  # fmt: skip

    deltas = await collected(gateway, name)

    places = [place for place, delta in enumerate(deltas) if delta.reset]
    # A reset connection may lose the text that was under way, so that nothing had been delivered yet.
    assert len(places) <= 1 if fault is Fault.RESET else len(places) == 1
    assert "".join(delta.text for delta in deltas[max(places, default=0) :]) == wire.default_text
    response = deltas[-1].response
    assert response is not None
    assert [attempt.provider for attempt in response.attempts] == [name, other], "\n".join(map(str, response.attempts))


@pytest.mark.parametrize("name", WIRES)
async def test_a_broken_stream_with_nobody_left_raises(wire: WireServer, build: Build, name: str) -> None:
    """With a single provider a stream that is cut ends in the error of a broken provider."""
    wire.script([Step(fault=Fault.CUT, times=0)], deployment=name)
    gateway = build({"provider": name, name: section(wire, name, max_retries=0)})

    with pytest.raises(LLMError) as caught:
        await collected(gateway, name)

    assert type(caught.value) is ProviderUnavailableError
    assert [attempt.provider for attempt in caught.value.attempts] == [name]


async def test_a_reader_may_leave(wire: WireServer, build: Build) -> None:
    """A stream that is left early is closed, and the next request is answered."""
    gateway = build({"provider": "openai", "openai": section(wire, "openai")})
    stream = gateway.stream(request(), group="openai", fall_over=True)

    async for delta in stream:
        assert delta.text
        break
    await stream.aclose()  # type: ignore[attr-defined]  # a generator

    assert (await gateway.complete(request(), group="openai", fall_over=True)).content == wire.default_text


@pytest.mark.parametrize("name", WIRES)
async def test_a_slow_reader_is_not_the_providers_fault(wire: WireServer, build: Build, name: str) -> None:
    """The reader's pauses are not taken from what an attempt gets, so the answer comes whole and nobody cools down."""
    wire.script([Step(pace=0.01)], deployment=name)
    gateway = build({"provider": name, name: section(wire, name, timeout=1)})
    texts: list[str] = []

    async for delta in gateway.stream(request(timeout=60), group=name, fall_over=True):
        texts.append(delta.text)
        assert not delta.reset
        if len(texts) <= 3:
            await asyncio.sleep(0.5)

    assert "".join(texts) == wire.default_text
    assert await gateway.cooling() == {}


async def test_a_reader_that_pauses_beyond_the_deadline_cools_nobody_down(wire: WireServer, build: Build) -> None:
    """The deadline holds for such a reader too, but the provider did not fail and is asked again."""
    wire.script([Step(pace=0.05)], deployment="openai")
    gateway = build({"provider": "openai", "openai": section(wire, "openai")})

    async def read_slowly() -> None:
        async for _ in gateway.stream(request(timeout=1), group="openai", fall_over=True):
            await asyncio.sleep(1.5)

    with pytest.raises(ProviderTimeoutError) as caught:
        await read_slowly()

    assert caught.value.delivered
    assert await gateway.cooling() == {}
    assert (await collected(gateway, "openai"))[-1].response is not None
