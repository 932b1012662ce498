"""An env file: read where it is asked for, and nowhere else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gmn_llm.config import load_settings, resolve_chain
from gmn_llm.config.load import examine
from gmn_llm.errors import ConfigError

KEYS = 'export OPENAI_API_KEY="sk-of-the-file"\nLLM_PROVIDER=openai # a comment\nEMPTY=\nAZURE_API_KEY=az-of-the-file\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with a `.env` lying in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text(KEYS, encoding="utf-8")
    return tmp_path


def key_of(configuration: object, environ: dict[str, str], name: str = "openai") -> object:
    """The key a provider would be sent."""
    settings = load_settings(configuration, environ=environ)  # type: ignore[arg-type]  # any source
    group = resolve_chain(settings, provider_type=name, environ=environ, ollama_answers=lambda _: False).groups[0]
    return group.deployments[0].params.get("api_key")


def test_a_file_that_lies_there_unasked_is_not_read(folder: Path) -> None:
    """Without a word in the configuration or the environment `.env` says nothing."""
    settings = load_settings(None, environ={})

    assert settings.added_variables == {}
    assert resolve_chain(settings, environ={}, ollama_answers=lambda _: False).names == ("mock",)
    assert "OPENAI_API_KEY" not in os.environ


def test_the_configuration_asks_for_it(folder: Path) -> None:
    """`env_file` is found beside the configuration; keys and LLM_PROVIDER come from it, os.environ stays as it is."""
    path = folder / "sub" / "c.yaml"
    path.parent.mkdir()
    path.write_text("env_file: ../.env\n", encoding="utf-8")
    before = dict(os.environ)

    settings = load_settings(path, environ={})

    assert resolve_chain(settings, environ={}).names == ("openai",)
    assert key_of(path, {}) == "sk-of-the-file"
    assert dict(os.environ) == before
    assert "of-the-file" not in repr(settings)


def test_the_environment_asks_for_it(folder: Path) -> None:
    """`GMN_LLM_ENV_FILE` names it, from the working folder."""
    assert key_of(None, {"GMN_LLM_ENV_FILE": ".env"}) == "sk-of-the-file"
    assert key_of({"openai": {"model": "gpt-4o"}}, {"GMN_LLM_ENV_FILE": str(folder / ".env")}) == "sk-of-the-file"


def test_what_the_process_has_set_wins(folder: Path) -> None:
    """A variable of the environment goes before the file's; an empty one does not."""
    configuration = {"env_file": ".env"}

    assert key_of(configuration, {"OPENAI_API_KEY": "sk-own"}) == "sk-own"
    assert key_of(configuration, {"OPENAI_API_KEY": ""}) == "sk-of-the-file"


def test_references_resolve_from_it(folder: Path) -> None:
    """`os.environ/NAME` finds the file's variables, in both shapes; an empty one counts as unset."""
    entry = {"model_name": "g", "litellm_params": {"model": "azure/x", "api_key": "os.environ/OPENAI_API_KEY"}}
    section = {"provider": "openai", "openai": {"api_key": "os.environ/EMPTY"}}

    assert key_of({"env_file": ".env", "model_list": [entry]}, {}, "g") == "sk-of-the-file"
    with pytest.raises(ConfigError, match="EMPTY, which is not set"):
        load_settings({"env_file": ".env", **section}, environ={})


def test_a_key_that_litellm_would_look_for_is_found(folder: Path) -> None:
    """An entry without a key gets its provider's from the file, for LiteLLM looks in the environment only."""
    entry = {"model_name": "g", "litellm_params": {"model": "azure/x"}}

    assert key_of({"env_file": ".env", "model_list": [entry]}, {}, "g") == "az-of-the-file"
    assert key_of({"model_list": [entry]}, {"AZURE_API_KEY": "x"}, "g") is None


@pytest.mark.parametrize(
    ("text", "words"),
    [(None, "can't be read"), ("A=1\n\nsk-secret: x\n", "line 3: not of the form NAME=value")],
)
def test_a_file_that_can_not_be_read_is_told(tmp_path: Path, text: str | None, words: str) -> None:
    """A missing file or a line that is no assignment is a ConfigError with its place, and shows no value."""
    path = tmp_path / "keys.env"
    if text is not None:
        path.write_text(text, encoding="utf-8")

    (problem,) = examine({"env_file": str(path)}, environ={}).problems

    assert words in problem.message
    assert "keys.env" in problem.message
    assert "sk-secret" not in problem.message
