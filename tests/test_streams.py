"""Plain answers piece by piece, as a caller of the factory gets them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from gmn_llm import LLMMessage, LLMRole, create_llm_factory
from gmn_llm.errors import InputError, LLMError, ProviderUnavailableError
from gmn_llm.messages import Chunk
from tests.routing.conftest import WIRES, section
from tests.wire.client import Fault, Step, WireServer

# LiteLLM reads a field of pydantic the old way while it streams.
pytestmark = pytest.mark.filterwarnings("ignore::pydantic.warnings.PydanticDeprecatedSince211")

ASKED = [LLMMessage(role=LLMRole.USER, content="Say something.")]
OTHER = {"openai": "anthropic", "anthropic": "ollama", "ollama": "openai"}


def pair(wire: WireServer, name: str) -> dict[str, object]:
    """A provider at the test server, and another to fall back to."""
    other = OTHER[name]
    return {"provider": name, name: section(wire, name), other: section(wire, other), "fallbacks": [other]}


async def into(got: list[Chunk], chunks: AsyncIterator[Chunk]) -> None:
    """Gather what comes, so that what came before an error is there."""
    async for chunk in chunks:
        got.append(chunk)  # noqa: PERF401  # a comprehension would lose it


async def test_the_mock_streams_texts() -> None:
    """Chunks are texts that join to the answer; the last has type done and the response."""
    async with create_llm_factory({"provider": "mock", "mock": {"replies": ["one two three four"]}}) as factory:
        chunks = [chunk async for chunk in factory.stream(ASKED)]

    assert all(isinstance(chunk, str) for chunk in chunks)
    assert "".join(chunks) == "one two three four"
    assert [chunk.type for chunk in chunks] == ["delta"] * (len(chunks) - 1) + ["done"]
    assert chunks[-1].response is not None
    assert chunks[-1].response.content == "one two three four"


@pytest.mark.parametrize("name", WIRES)
async def test_a_break_in_the_middle_is_a_reset(wire: WireServer, name: str) -> None:
    """After a break comes a chunk of type reset, then the whole answer of the next provider."""
    wire.script([Step(fault=Fault.CUT)], deployment=name)
    kept: list[Chunk] = []
    resets = 0
    async with create_llm_factory(pair(wire, name)) as factory:
        async for chunk in factory.stream(ASKED):
            if chunk.reset:
                resets += 1
                kept.clear()
            kept.append(chunk)

    assert resets == 1
    assert "".join(kept) == wire.default_text
    assert kept[-1].response is not None
    assert kept[-1].response.provider == OTHER[name]


@pytest.mark.parametrize("name", WIRES)
async def test_where_starting_over_is_forbidden_the_text_so_far_is_kept(wire: WireServer, name: str) -> None:
    """With ``restart=False`` a break is an error that has what was delivered, and nobody else is asked."""
    wire.script([Step(fault=Fault.CUT)], deployment=name)
    got: list[Chunk] = []
    async with create_llm_factory(pair(wire, name)) as factory:
        with pytest.raises(ProviderUnavailableError) as caught:
            await into(got, factory.stream(ASKED, restart=False))

    assert got
    assert caught.value.delivered == "".join(got)
    assert wire.default_text.startswith(caught.value.delivered)
    assert wire.requests(deployment=OTHER[name]) == []


async def test_a_break_with_nobody_left_has_the_text_so_far(wire: WireServer) -> None:
    """The last provider's break is no reset but an error that has what was delivered."""
    wire.script([Step(fault=Fault.CUT, times=0)], deployment="openai")
    got: list[Chunk] = []
    async with create_llm_factory({"provider": "openai", "openai": section(wire, "openai")}) as factory:
        with pytest.raises(LLMError) as caught:
            await into(got, factory.stream(ASKED))

    assert not any(chunk.reset for chunk in got)
    assert caught.value.delivered == "".join(got) != ""


async def test_a_provider_streams_alone(wire: WireServer) -> None:
    """A forced provider streams without a fallback."""
    async with create_llm_factory(pair(wire, "openai")) as factory:
        provider = await factory.get_provider("anthropic")
        chunks = [chunk async for chunk in provider.stream(ASKED)]

    assert chunks[-1].response is not None
    assert chunks[-1].response.provider == "anthropic"


async def test_wrong_arguments_are_told_before_anyone_is_asked() -> None:
    """A stream checks its arguments as a whole answer does."""
    async with create_llm_factory({"provider": "mock"}) as factory:
        with pytest.raises(InputError, match="temperature"):
            await anext(factory.stream(ASKED, temperature=7))
