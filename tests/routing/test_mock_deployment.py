"""The mock as a deployment inside the Router."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from gmn_llm.errors import LLMError, ProviderUnavailableError, RateLimitError
from gmn_llm.messages import LLMMessage
from gmn_llm.mock.litellm_provider import PROVIDER, mock_provider
from gmn_llm.routing.quiet import litellm
from tests.routing.conftest import Build, request, section
from tests.wire.client import Fault, Step, WireServer


@dataclass(frozen=True)
class Said:
    """One answer."""

    text: str
    finish_reason: str = "stop"
    prompt_tokens: int = 3
    completion_tokens: int = 5


@dataclass(eq=False)
class Parrot:
    """A service that says one thing, or raises it."""

    says: str | LLMError
    delay: float = 0.0
    heard: list[Sequence[LLMMessage]] = field(default_factory=list)

    def reply(self, messages: Sequence[LLMMessage], *, stop: Sequence[str] = (), max_tokens: int | None = None) -> Said:
        """Answers."""
        del stop, max_tokens
        self.heard.append(messages)
        if isinstance(self.says, LLMError):
            raise self.says
        return Said(self.says)


async def test_the_mock_stands_in_where_it_is_named(wire: WireServer, build: Build) -> None:
    """With the mock among the fallbacks a failing provider is followed by it, at no cost."""
    wire.script([Step(fault=Fault.SERVER_ERROR)], deployment="openai")
    mock = Parrot("mocked")
    gateway = build({"provider": "openai", "openai": section(wire, "openai"), "fallbacks": ["mock"]}, mock=mock)

    response = await gateway.complete(request("ask"), group="openai", fall_over=True)

    assert (response.content, response.provider, response.model) == ("mocked", "mock", "designer")
    assert response.deployment == "mock/designer#1"
    assert response.usage.cost == 0.0
    assert response.usage.completion_tokens == 5
    assert mock.heard[0][0].content == "ask"


async def test_each_gateway_reaches_its_own_mock(wire: WireServer, build: Build) -> None:
    """Two gateways in one process are answered by the services they were given."""
    services = [Parrot("one"), Parrot("two")]
    gateways = [build({"provider": "mock", "fallbacks": ["mock"]}, mock=service) for service in services]

    said = [(await gateway.complete(request(), group="mock", fall_over=True)).content for gateway in gateways]

    assert said == ["one", "two"]


async def test_the_mock_streams(build: Build) -> None:
    """A stream of the mock adds up to its answer and its usage."""
    gateway = build({"provider": "mock"}, mock=Parrot("word " * 100))

    deltas = [delta async for delta in gateway.stream(request(), group="mock", fall_over=True)]

    assert deltas[-1].response is not None
    assert deltas[-1].response.content == "word " * 100
    assert deltas[-1].response.usage.prompt_tokens == 3


@pytest.mark.parametrize("error", [RateLimitError("slow down"), ProviderUnavailableError("broken")])
async def test_a_failure_of_the_mock_keeps_its_class(build: Build, error: LLMError) -> None:
    """What the mock raises comes back as the class it was."""
    gateway = build({"provider": "mock"}, mock=Parrot(error))

    with pytest.raises(type(error)):
        await gateway.complete(request(timeout=20), group="mock", fall_over=False)


def test_registering_keeps_what_is_there() -> None:
    """The provider is registered once, beside the custom providers a program has of its own."""
    own = {"provider": "theirs", "custom_handler": litellm.CustomLLM()}
    litellm.custom_provider_map.append(own)
    try:
        first, second = mock_provider(), mock_provider()
        names = [entry["provider"] for entry in litellm.custom_provider_map]
    finally:
        litellm.custom_provider_map.remove(own)

    assert first is second
    assert names.count(PROVIDER) == 1
    assert "theirs" in names
