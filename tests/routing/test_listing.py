"""What a provider has: its list of models, whether one is among them, and how much a model reads."""

from __future__ import annotations

import pytest

from gmn_llm import create_llm_factory
from gmn_llm.errors import AuthenticationError, ProviderUnavailableError
from tests.routing.conftest import WIRES, section
from tests.wire.client import WireServer, closed_port


def config(wire: WireServer, name: str, **more: object) -> dict[str, object]:
    """A configuration with one provider at the test server."""
    return {"provider": name, name: section(wire, name, **more)}


@pytest.mark.parametrize("name", WIRES)
async def test_the_models_are_the_providers_own(wire: WireServer, name: str) -> None:
    """``list_models`` gives what the provider's own list has, sorted, without a model being asked."""
    wire.settings(models={name: ["zeta", "alpha", "middle"]})
    async with create_llm_factory(config(wire, name)) as factory:
        provider = await factory.get_provider()

        assert await provider.list_models() == ["alpha", "middle", "zeta"]
        assert [seen.path for seen in wire.requests() if seen.method == "POST"] == []


@pytest.mark.parametrize("name", WIRES)
async def test_a_model_is_there_or_not(wire: WireServer, name: str) -> None:
    """``validate_model`` asks for the configured model unless another one is named."""
    async with create_llm_factory(config(wire, name)) as factory:
        provider = await factory.get_provider()
        wire.settings(models={name: [provider.model]})

        assert await provider.validate_model() is True
        assert await provider.validate_model("no-such-model") is False


async def test_ollamas_latest_goes_without_saying(wire: WireServer) -> None:
    """A model that Ollama lists as ``llama3.2:latest`` is there under the name without the tag."""
    wire.settings(models={"ollama": ["llama3.2:latest", "qwen2.5:7b"]})
    async with create_llm_factory(config(wire, "ollama", model="llama3.2")) as factory:
        provider = await factory.get_provider()

        assert await provider.validate_model() is True
        assert await provider.validate_model("qwen2.5") is False


@pytest.mark.parametrize("name", ["openai", "anthropic"])
async def test_a_refused_key_is_told(wire: WireServer, name: str) -> None:
    """A key the provider does not know is an AuthenticationError, which does not show it."""
    async with create_llm_factory(config(wire, name, api_key="sk-wrong-key-1234567890")) as factory:
        provider = await factory.get_provider()
        with pytest.raises(AuthenticationError) as caught:
            await provider.list_models()

    assert "sk-wrong" not in str(caught.value)


async def test_nobody_there_is_told() -> None:
    """An Ollama that does not run is unavailable, and the hint says how it is started."""
    async with create_llm_factory(
        {"provider": "ollama", "ollama": {"base_url": f"http://127.0.0.1:{closed_port()}"}}
    ) as factory:
        provider = await factory.get_provider()
        with pytest.raises(ProviderUnavailableError) as caught:
            await provider.list_models()

    assert "ollama serve" in caught.value.hint


async def test_the_mock_has_its_designer() -> None:
    """The mock's only model is the designer, and it has no limit to tell."""
    async with create_llm_factory({"provider": "mock"}) as factory:
        provider = await factory.get_provider()

        assert await provider.list_models() == ["designer"]
        assert await provider.validate_model() is True
        assert provider.get_token_limit() is None


async def test_the_limit_is_the_configured_one_then_the_maps(wire: WireServer) -> None:
    """``num_ctx`` of the configuration counts first, then LiteLLM's map; an unknown model has none."""
    async with create_llm_factory(config(wire, "ollama", num_ctx=12345)) as factory:
        assert (await factory.get_provider()).get_token_limit() == 12345
    async with create_llm_factory(config(wire, "openai", model="gpt-4o")) as factory:
        provider = await factory.get_provider()

        assert provider.get_token_limit() == 128000
        assert provider.get_token_limit("gpt-4.1-mini") == 1047576
        assert provider.get_token_limit("no-such-model") is None


async def test_a_provider_without_a_list_is_answered_by_the_map() -> None:
    """Where a provider has no list we can ask for, LiteLLM's map says which chat models it is known to have."""
    entry = {"model_name": "gmn", "litellm_params": {"model": "groq/openai/gpt-oss-20b", "api_key": "gsk-test"}}
    async with create_llm_factory({"model_list": [entry]}) as factory:
        provider = await factory.get_provider()

        assert "openai/gpt-oss-20b" in await provider.list_models()
        assert await provider.validate_model() is True
