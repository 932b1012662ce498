"""Each provider over its own wire: the same lines of code, the same kind of result."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest

from gmn_llm import (
    AllProvidersFailedError,
    AuthenticationError,
    GMNSpec,
    InputError,
    LLMMessage,
    LLMProviderFactory,
    LLMRole,
    ProviderType,
    ProviderUnavailableError,
    create_llm_factory,
)
from tests.wire.client import Fault, Step, WireServer, closed_port

PATHS = {"openai": "/v1/chat/completions", "anthropic": "/v1/messages", "ollama": "/api/chat"}


@pytest.fixture
async def factory(wire: WireServer) -> AsyncIterator[LLMProviderFactory]:
    """A factory that has all four providers, the wires on the loopback."""
    config = {
        "provider": "mock",
        "openai": {"model": "gpt-4o", "base_url": wire.openai_base, "api_key": wire.openai_key, "max_retries": 0},
        "anthropic": {"base_url": wire.anthropic_base, "api_key": wire.anthropic_key, "max_retries": 0},
        "ollama": {"model": "llama3.2", "base_url": wire.ollama_base, "max_retries": 0},
    }
    async with create_llm_factory(config) as made:
        yield made


class TestLLMProviders:
    """One provider at a time, forced by name."""

    async def check(self, factory: LLMProviderFactory, wire: WireServer, name: str) -> GMNSpec:
        """Ask one provider for a document and an answer; what is on the wire is its own protocol."""
        spec = await factory.generate_gmn("a 3x3 grid", provider_type=name, use_cache=False)
        assert spec.valid() is spec
        assert spec.provenance is not None
        assert spec.provenance.provider == name
        assert spec.provenance.usage.total_tokens > 0
        messages = [LLMMessage(role=LLMRole.SYSTEM, content="Be brief."), LLMMessage(LLMRole.USER, "Say something.")]
        response = await factory.generate(messages, provider_type=name, max_tokens=50, stop_sequences=["###"])
        assert response.content
        assert response.provider == name
        if name in PATHS:
            assert len(wire.requests(path=PATHS[name])) == 2
        return spec

    async def test_openai_provider(self, factory: LLMProviderFactory, wire: WireServer) -> None:
        """OpenAI's wire carries the key, the schema of the draft and both messages."""
        await self.check(factory, wire, "openai")
        first = wire.requests(path=PATHS["openai"])[0]
        assert first.header("authorization") == f"Bearer {wire.openai_key}"
        assert first.json["response_format"]["type"] == "json_schema"  # type: ignore[index]  # a body of the wire
        assert [message["role"] for message in first.json["messages"]] == ["system", "user"]  # type: ignore[attr-defined]

    async def test_anthropic_provider(self, factory: LLMProviderFactory, wire: WireServer) -> None:
        """Anthropic's wire carries the system message beside the conversation."""
        await self.check(factory, wire, "anthropic")
        first = wire.requests(path=PATHS["anthropic"])[0]
        assert first.header("x-api-key") == wire.anthropic_key
        assert first.json["system"]

    async def test_ollama_provider(self, factory: LLMProviderFactory, wire: WireServer) -> None:
        """Ollama's wire carries the schema as ``format`` and a context window."""
        await self.check(factory, wire, "ollama")
        first = wire.requests(path=PATHS["ollama"])[0]
        assert isinstance(first.json["format"], dict)
        assert first.json["options"]["num_ctx"] >= 4096  # type: ignore[index]  # a body of the wire

    async def test_mock_provider(self, factory: LLMProviderFactory, wire: WireServer) -> None:
        """The mock asks nobody."""
        await self.check(factory, wire, "mock")
        assert wire.requests() == []

    async def test_the_swap_is_an_edit_of_the_configuration(self, wire: WireServer) -> None:
        """One function, four configurations: the same kind of result, and not a line of code changed."""

        async def script(config: dict[str, object]) -> GMNSpec:
            async with create_llm_factory(config) as factory:
                return await factory.generate_gmn("a 3x3 grid", use_cache=False)

        configs: list[dict[str, object]] = [
            {"provider": "mock"},
            {
                "provider": "openai",
                "openai": {"model": "gpt-4o", "base_url": wire.openai_base, "api_key": wire.openai_key},
            },
            {"provider": "anthropic", "anthropic": {"base_url": wire.anthropic_base, "api_key": wire.anthropic_key}},
            {"provider": "ollama", "ollama": {"base_url": wire.ollama_base}},
        ]
        specs = [await script(config) for config in configs]
        assert [spec.provenance.provider for spec in specs if spec.provenance] == [
            "mock",
            "openai",
            "anthropic",
            "ollama",
        ]
        assert all(spec.valid() is spec for spec in specs)


class TestFailures:
    """What the caller sees when a provider fails."""

    async def test_an_unknown_provider_is_named_with_those_there_are(self, factory: LLMProviderFactory) -> None:
        """A provider nobody configured is an input error that lists the known ones."""
        with pytest.raises(InputError, match="no provider nobody"):
            await factory.get_provider("nobody")

    @pytest.mark.parametrize(
        "arguments",
        [
            {"temperature": "hot"}, {"max_tokens": 0}, {"timeout": 10**400}, {"timeout": float("nan")}, {"examples": 5},
            {"examples": ["{}"]}, {"agent_type": ["x"]}, {"constraints": {"foo": object}}, {"constraints": [1]},
            {"constraints": {"max_states": -1}}, {"constraints": {"actions": ["a", "b"], "max_actions": 1}}, {"prompt": 3},
        ],
        ids=str,
    )  # fmt: skip
    async def test_a_bad_argument_is_an_input_error(self, arguments: dict[str, object]) -> None:
        """Whatever is handed in, what is wrong with it has the class for it."""
        async with create_llm_factory({"provider": "mock"}) as factory:
            with pytest.raises(InputError):
                await factory.generate_gmn(**{"prompt": "a 3x3 grid", "use_cache": False, **arguments})

    async def test_a_missing_key_names_its_variable(self) -> None:
        """A provider without a key says which variable to set."""
        with pytest.raises(AuthenticationError, match="OPENAI_API_KEY"):
            await create_llm_factory({}).generate_gmn("a 3x3 grid", provider_type=ProviderType.OPENAI)

    async def test_a_wrong_key_is_an_authentication_error(self, factory: LLMProviderFactory, wire: WireServer) -> None:
        """401 has the precise class, one attempt, and no key in its words."""
        wire.settings(keys={"openai": "another-key"})
        with pytest.raises(AuthenticationError) as raised:
            await factory.generate_gmn("a 3x3 grid", provider_type="openai", use_cache=False)
        assert [attempt.error for attempt in raised.value.attempts] == ["AuthenticationError"]
        assert wire.openai_key not in str(raised.value) + repr(raised.value.attempts)

    async def test_a_dead_provider_is_stepped_over(self, wire: WireServer) -> None:
        """With a fallback, a refused connection costs the caller nothing but an attempt in the provenance."""
        config = {
            "provider": "openai",
            "openai": {"model": "gpt-4o", "base_url": f"http://127.0.0.1:{closed_port()}/v1"},
            "anthropic": {"base_url": wire.anthropic_base, "api_key": wire.anthropic_key},
            "fallbacks": ["anthropic"],
        }
        async with create_llm_factory(config) as factory:
            spec = await factory.generate_gmn("a 3x3 grid", use_cache=False)
            health = await factory.health_check()
        assert spec.provenance is not None
        tried = [(attempt.provider, attempt.error) for attempt in spec.provenance.attempts]
        assert tried == [("openai", "ProviderUnavailableError"), ("anthropic", None)]
        assert health["primary_provider"] == "openai"
        assert health["providers"]["openai"]["consecutive_failures"] == 1
        assert health["providers"]["anthropic"]["success_rate"] == 100.0

    async def test_when_all_fail_each_is_told(self, wire: WireServer) -> None:
        """Two failing providers give one error with an attempt for each."""
        wire.script([Step(fault=Fault.SERVER_ERROR, times=0)])
        config = {
            "provider": "openai",
            "openai": {"model": "gpt-4o", "base_url": wire.openai_base, "api_key": wire.openai_key},
            "anthropic": {"base_url": wire.anthropic_base, "api_key": wire.anthropic_key, "max_retries": 0},
            "fallbacks": ["anthropic"],
        }
        async with create_llm_factory(config) as factory:
            with pytest.raises(AllProvidersFailedError) as raised:
                await factory.generate_gmn("a 3x3 grid", use_cache=False)
        assert [attempt.provider for attempt in raised.value.attempts] == ["openai", "anthropic"]
        assert {attempt.status for attempt in raised.value.attempts} == {500}

    async def test_two_open_factories_each_hear_of_their_own_failures(self, wire: WireServer) -> None:
        """A second factory, opened while the first is open, has its attempts and its fallback, and the first has none."""
        config = {
            "provider": "openai",
            "openai": {"model": "gpt-4o", "base_url": f"http://127.0.0.1:{closed_port()}/v1"},
            "anthropic": {"base_url": wire.anthropic_base, "api_key": wire.anthropic_key},
            "fallbacks": ["anthropic"],
        }
        async with create_llm_factory({**config, "provider": "anthropic", "fallbacks": []}) as first:
            await first.generate_gmn("a 3x3 grid", use_cache=False)
            async with create_llm_factory(config) as second:
                spec = await second.generate_gmn("a 3x3 grid", use_cache=False)
                failures = (await second.health_check())["providers"]["openai"]["consecutive_failures"]
            health = await first.health_check()
        assert spec.provenance is not None
        assert [attempt.error for attempt in spec.provenance.attempts] == ["ProviderUnavailableError", None]
        assert failures == 1
        assert list(health["providers"]) == ["anthropic"]
        assert health["providers"]["anthropic"]["requests"] == 1

    async def test_a_probe_asks_each_provider_once(self, wire: WireServer) -> None:
        """``probe=True`` tells a dead provider from a living one; without it nobody is asked."""
        config = {
            "provider": "openai",
            "openai": {"model": "gpt-4o", "base_url": f"http://127.0.0.1:{closed_port()}/v1", "max_retries": 0},
            "anthropic": {"base_url": wire.anthropic_base, "api_key": wire.anthropic_key, "max_retries": 0},
            "fallbacks": ["anthropic"],
        }
        async with create_llm_factory(config) as factory:
            before = await factory.health_check()
            after = await factory.health_check(probe=True)
        assert [each["requests"] for each in before["providers"].values()] == [0, 0]
        assert {name: each["healthy"] for name, each in after["providers"].items()} == {
            "openai": False,
            "anthropic": True,
        }

    async def test_the_mock_does_not_stand_in_unasked(self, wire: WireServer) -> None:
        """A real provider that fails is an error, not a document of the designer's."""
        wire.script([Step(fault=Fault.SERVER_ERROR, times=0)])
        openai = {"model": "gpt-4o", "base_url": wire.openai_base, "api_key": wire.openai_key, "max_retries": 0}
        async with create_llm_factory({"provider": "openai", "openai": openai}) as factory:
            with pytest.raises(ProviderUnavailableError):
                await factory.generate_gmn("a 3x3 grid", use_cache=False)


@pytest.mark.slow
class TestRealModel:
    """A language model of 135 million parameters behind llama.cpp's own server."""

    @pytest.mark.timeout(600)
    async def test_a_real_model_writes_a_document_that_runs(self, local_model: object) -> None:
        """Real tokens over the real wire, held to the draft's schema, end as a document that validates and runs."""
        section = {"model": local_model.model, "base_url": local_model.base_url, "timeout": 280}  # type: ignore[attr-defined]  # the fixture's own type
        async with create_llm_factory({"provider": "openai", "openai": section}) as factory:
            spec = await factory.generate_gmn(
                "Create an agent that explores a 5x5 grid world", use_cache=False, timeout=280
            )
        assert spec.valid() is spec
        assert spec.provenance is not None
        assert spec.provenance.usage.completion_tokens > 20
        arguments = spec.to_pymdp()
        assert json.loads(str(spec))["name"] == spec.name
        from pymdp.agent import Agent

        agent = Agent(**arguments)
        assert agent.num_factors == len([node for node in spec.nodes if node.type == "state"])
