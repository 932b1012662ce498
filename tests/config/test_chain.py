"""Which providers answer, and in which order."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from gmn_llm.config import Chain, load_settings, resolve_chain
from gmn_llm.config.sections import ollama_url
from gmn_llm.errors import AuthenticationError, ConfigError, InputError

OPENAI = {"OPENAI_API_KEY": "sk-openai"}
ANTHROPIC = {"ANTHROPIC_API_KEY": "sk-anthropic"}
GMN = [{"model_name": "gmn", "litellm_params": {"model": "ollama/llama3.2", "api_key": "os.environ/KEY"}}]


def chain(
    configuration: Mapping[str, object],
    environ: Mapping[str, str],
    *,
    ollama: bool = False,
    provider_type: str | None = None,
) -> Chain:
    """The chain of a configuration, with or without an Ollama server."""
    settings = load_settings(configuration, environ=environ)
    return resolve_chain(settings, provider_type=provider_type, environ=environ, ollama_answers=lambda _: ollama)


@pytest.mark.parametrize(
    ("configuration", "environ", "ollama", "names"),
    [
        ({}, {}, False, ("mock",)),
        ({}, OPENAI, False, ("openai",)),
        ({"provider": "auto"}, {**OPENAI, **ANTHROPIC}, True, ("openai", "anthropic", "ollama")),
        ({}, {}, True, ("ollama",)),
        ({}, {**OPENAI, "LLM_PROVIDER": "mock"}, False, ("mock",)),
        ({}, {**OPENAI, "LLM_PROVIDER": "auto"}, False, ("openai",)),
        ({"provider": "anthropic"}, {**ANTHROPIC, "LLM_PROVIDER": "mock"}, False, ("anthropic",)),
        (
            {"provider": "ollama", "fallbacks": ["openai", "mock"]},
            OPENAI,
            False,
            ("ollama", "openai", "mock"),
        ),
        ({"provider": "ollama", "fallbacks": ["openai"]}, {}, False, ("ollama",)),
        ({"openai": {"base_url": "http://localhost:1/v1"}}, {}, False, ("openai",)),
        ({"openai": {"api_key": "os.environ/GONE"}}, {}, False, ("mock",)),
        ({"ollama": {"base_url": "os.environ/GONE"}}, {}, True, ("mock",)),
        ({"model_list": GMN}, {"KEY": "k"}, False, ("gmn",)),
        ({"model_list": GMN, "fallbacks": ["mock"]}, {"KEY": "k"}, False, ("gmn", "mock")),
        (
            {"model_list": GMN, "router_settings": {"fallbacks": [{"gmn": ["ollama"]}]}},
            {"KEY": "k"},
            False,
            ("gmn", "ollama"),
        ),
    ],
)
def test_the_order(
    configuration: Mapping[str, object], environ: Mapping[str, str], ollama: bool, names: tuple[str, ...]
) -> None:
    """The named first, else what is there in the order of detection, then the fallbacks."""
    assert chain(configuration, environ, ollama=ollama).names == names


def test_the_mock_says_when_nobody_asked_for_it() -> None:
    """Only a mock that nobody named is marked as such."""
    assert chain({}, {}).unasked_mock
    assert chain({}, {}).mock_only
    assert not chain({"provider": "mock"}, {}).unasked_mock
    assert not chain({"fallbacks": ["mock"]}, {}).unasked_mock


def test_a_forced_provider_answers_alone() -> None:
    """`provider_type` gives a chain of one group, whatever the fallbacks are."""
    configuration = {"provider": "openai", "fallbacks": ["anthropic"]}

    assert chain(configuration, {**OPENAI, **ANTHROPIC}, provider_type="anthropic").names == ("anthropic",)


def test_a_forced_provider_without_a_key_names_the_variable() -> None:
    """The error is an AuthenticationError with the name of the variable."""
    with pytest.raises(AuthenticationError, match="OPENAI_API_KEY"):
        chain({}, {}, provider_type="openai")


def test_an_unknown_provider_lists_what_there_is() -> None:
    """The error is an InputError that names the providers and the model groups."""
    with pytest.raises(InputError, match="auto, openai, anthropic, ollama, mock, gmn"):
        chain({"model_list": GMN}, {"KEY": "k"}, provider_type="grok")


def test_an_unknown_name_in_the_environment_is_told() -> None:
    """LLM_PROVIDER that names nothing is a ConfigError with the nearest name."""
    with pytest.raises(ConfigError, match=r"LLM_PROVIDER names opnai.*did you mean 'openai'"):
        chain({}, {"LLM_PROVIDER": "opnai"})


def test_a_fallback_without_a_key_is_left_out_with_a_note() -> None:
    """The note names provider and variable."""
    notes = chain({"provider": "mock", "fallbacks": ["anthropic"]}, {}).notes

    assert len(notes) == 1
    assert "anthropic" in notes[0]
    assert "ANTHROPIC_API_KEY" in notes[0]


def test_ids_are_readable_and_hold_no_key() -> None:
    """The same configuration gives the same ids; a key is in none of them, nor in what is shown."""
    configuration = {
        "provider": "openai",
        "openai": {"model": "gpt-4o", "api_key": "sk-abcdef"},
        "model_list": GMN,
    }
    environ = {"KEY": "sk-ghijkl"}
    first, second = chain(configuration, environ), chain(configuration, environ)

    assert first.groups[0].deployments[0].id == "openai/gpt-4o#1"
    assert first == second
    assert "sk-" not in repr(first)


def test_ollama_becomes_ollama_chat_with_a_note() -> None:
    """In both shapes the older route is left, and the notes say so."""
    section = chain({"provider": "ollama", "ollama": {"model": "ollama/llama3.2"}}, {})
    entry = chain({"model_list": GMN}, {"KEY": "k"})

    assert section.groups[0].deployments[0].model == "ollama_chat/llama3.2"
    assert entry.groups[0].deployments[0].model == "ollama_chat/llama3.2"
    assert "ollama_chat/llama3.2" in section.notes[0]
    assert "ollama_chat/llama3.2" in entry.notes[0]


def test_the_section_reaches_the_deployment() -> None:
    """What a section says is in the deployment's parameters, under LiteLLM's names."""
    configuration = {
        "provider": "openai",
        "openai": {
            "model": "gpt-4o", "api_key": "os.environ/K", "base_url": "http://localhost:1/v1", "organization": "o",
            "timeout": 30, "rpm": 5, "top_p": 0.5, "max_retries": 3, "params": {"own": 1},
            "extra_headers": {"x-a": "os.environ/K"},
        },
    }  # fmt: skip
    group = chain(configuration, {"K": "sk-k"}).groups[0]

    assert group.max_retries == 3
    assert group.deployments[0].params == {
        "api_key": "sk-k", "api_base": "http://localhost:1/v1", "organization": "o", "timeout": 30.0, "rpm": 5,
        "top_p": 0.5, "own": 1, "extra_headers": {"x-a": "sk-k"},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("host", "url"),
    [
        (None, "http://localhost:11434"),
        ("0.0.0.0", "http://127.0.0.1:11434"),  # noqa: S104 - what is tested
        ("example.org:1234", "http://example.org:1234"),
        ("https://example.org", "https://example.org:443"),
        ("http://[::1]:1234/", "http://[::1]:1234"),
    ],
)
def test_the_address_of_ollama(host: str | None, url: str) -> None:
    """OLLAMA_HOST is read as Ollama's own programs read it."""
    environ = {} if host is None else {"OLLAMA_HOST": host}

    assert ollama_url(load_settings({}, environ={}), environ) == url
