"""A provider asked by name: alone, and sharing what the chain knows."""

from __future__ import annotations

import pytest

from gmn_llm import InputError, LLMMessage, LLMRole, ProviderUnavailableError
from gmn_llm.errors import AuthenticationError, ConfigError
from gmn_llm.factory import create_llm_factory
from tests.routing.conftest import section
from tests.routing.test_lifecycle import hooks, open_gateways
from tests.wire.client import Fault, Step, WireServer

HELLO = [LLMMessage(LLMRole.USER, "hello")]


async def test_one_gateway_serves_the_chain_and_everybody_by_name(wire: WireServer) -> None:
    """Whoever is asked, in the chain or outside it, no second Router is made."""
    configuration = {
        "provider": "openai",
        "fallbacks": ["anthropic"],
        **{name: section(wire, name) for name in ("openai", "anthropic", "ollama")},
    }
    before = open_gateways()
    async with create_llm_factory(configuration) as factory:
        await factory.generate(HELLO)
        said = [
            (await factory.generate(HELLO, provider_type=name)).provider for name in ("ollama", "anthropic", "openai")
        ]

        assert open_gateways() == before + 1
    assert said == ["ollama", "anthropic", "openai"]


async def test_a_forced_provider_shares_the_cooldown(wire: WireServer) -> None:
    """What the chain has found to fail is left alone when it is asked by name, and the other way round."""
    wire.script([Step(fault=Fault.SERVER_ERROR, times=0)], deployment="openai")
    configuration = {
        "provider": "openai",
        "fallbacks": ["anthropic"],
        "openai": section(wire, "openai", max_retries=0),
        "anthropic": section(wire, "anthropic"),
    }
    async with create_llm_factory(configuration) as factory:
        await factory.generate(HELLO)
        with pytest.raises(ProviderUnavailableError):
            await factory.generate(HELLO, provider_type="openai")
        before = len(wire.requests(deployment="openai"))
        with pytest.raises(ProviderUnavailableError):
            await factory.generate(HELLO, provider_type="openai")
        answer = await factory.generate(HELLO)

    assert (before, len(wire.requests(deployment="openai"))) == (2, 2)
    assert answer.provider == "anthropic"


async def test_a_forced_provider_shares_the_limit(wire: WireServer) -> None:
    """Requests by name and through the chain count towards one rpm."""
    configuration = {
        "provider": "openai",
        "fallbacks": ["anthropic"],
        "openai": section(wire, "openai", rpm=2),
        "anthropic": section(wire, "anthropic"),
    }
    async with create_llm_factory(configuration) as factory:
        for _ in range(2):
            await factory.generate(HELLO, provider_type="openai")
        for _ in range(3):
            await factory.generate(HELLO)

    assert wire.by_minute(deployment="openai").most_common(1)[0][1] <= 2
    assert len(wire.requests(deployment="anthropic")) >= 1


async def test_a_forced_provider_outside_the_chain_is_retried(wire: WireServer) -> None:
    """`max_retries` of its section counts, because no fallback is left."""
    wire.script([Step(fault=Fault.SERVER_ERROR, times=2)], deployment="anthropic")
    configuration = {
        "provider": "openai",
        "openai": section(wire, "openai"),
        "anthropic": section(wire, "anthropic", max_retries=2),
    }
    async with create_llm_factory(configuration) as factory:
        answer = await factory.generate(HELLO, provider_type="anthropic")

    assert [attempt.error for attempt in answer.attempts] == ["ProviderUnavailableError"] * 2 + [None]


async def test_a_provider_answers_where_the_chain_can_not_be_had(wire: WireServer) -> None:
    """A first provider without a key is no hindrance to another that is asked by name."""
    configuration = {"provider": "openai", "anthropic": section(wire, "anthropic")}
    async with create_llm_factory(configuration) as factory:
        with pytest.raises(AuthenticationError):
            await factory.generate(HELLO)

        assert (await factory.generate(HELLO, provider_type="anthropic")).provider == "anthropic"


async def test_the_mock_by_name_needs_no_router(wire: WireServer) -> None:
    """Asked by name the mock answers without a callback of ours in LiteLLM."""
    before = hooks()
    async with create_llm_factory({"provider": "openai", "openai": section(wire, "openai")}) as factory:
        assert (await factory.generate(HELLO, provider_type="mock")).provider == "mock"
        assert hooks() == before


async def test_a_real_provider_by_name_where_the_chain_is_the_mocks(wire: WireServer) -> None:
    """A chain of the mock alone does not stand in the way of a provider asked by name."""
    async with create_llm_factory({"provider": "mock", "openai": section(wire, "openai")}) as factory:
        said = [(await factory.generate(HELLO, provider_type=name)).provider for name in ("mock", "openai", None)]

    assert said == ["mock", "openai", "mock"]


async def test_a_model_of_nobody_is_a_configuration_error(wire: WireServer) -> None:
    """A group whose provider LiteLLM does not know is told when it is asked, and hinders nobody else."""
    configuration = {
        "provider": "openai",
        "openai": section(wire, "openai"),
        "model_list": [{"model_name": "odd", "litellm_params": {"model": "nobody/thing"}}],
    }
    async with create_llm_factory(configuration) as factory:
        assert (await factory.generate(HELLO)).provider == "openai"
        with pytest.raises(ConfigError, match=r"no provider for the model nobody/thing of odd"):
            await factory.generate(HELLO, provider_type="odd")
        with pytest.raises(InputError, match="no provider even"):
            await factory.generate(HELLO, provider_type="even")
        assert (await factory.generate(HELLO)).provider == "openai"


async def test_closing_a_provider_hinders_no_call_under_way(wire: WireServer) -> None:
    """A provider closes while another's call is under way: that one is answered, and both can be used again."""
    wire.script([Step(delay=0.3)], deployment="openai")
    configuration = {"provider": "openai", "openai": section(wire, "openai"), "anthropic": section(wire, "anthropic")}
    async with create_llm_factory(configuration) as factory:
        chain, other = await factory.get_provider(), await factory.get_provider("anthropic")
        chunks = chain.stream(HELLO)
        first = await anext(chunks)
        await other.close()
        rest = [chunk async for chunk in chunks]

        assert "".join([first, *rest]) == wire.default_text
        assert (await other.generate(HELLO)).provider == "anthropic"


async def test_a_forced_provider_of_the_chain_has_all_its_retries(wire: WireServer) -> None:
    """`max_retries` counts for the first of a chain too where it is asked alone; cooling down does not end them."""
    wire.script([Step(fault=Fault.SERVER_ERROR, times=3)], deployment="openai")
    configuration = {
        "provider": "openai",
        "fallbacks": ["anthropic"],
        "openai": section(wire, "openai", max_retries=3),
        "anthropic": section(wire, "anthropic"),
    }
    async with create_llm_factory(configuration) as factory:
        answer = await factory.generate(HELLO, provider_type="openai", timeout=50)

    assert [attempt.error for attempt in answer.attempts] == ["ProviderUnavailableError"] * 3 + [None]
