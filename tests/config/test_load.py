"""Finding and reading the configuration."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from gmn_llm.config import Settings, find_source, load_settings
from gmn_llm.config.masking import masked
from gmn_llm.config.schema import config_schema, schema_text
from gmn_llm.errors import ConfigError

ROOT = Path(__file__).resolve().parents[2]
WHOLE: Mapping[str, object] = {
    "provider": "auto",
    "openai": {
        "model": "gpt-4o",
        "api_key": "sk-secret-123456",
        "temperature": 0.3,
        "rpm": 500,
        "tpm": 200000,
    },
    "anthropic": {"model": "claude-haiku-4-5", "extra_headers": {"x-team": "red-secret"}},
    "ollama": {"num_ctx": 8192, "num_gpu": -1, "num_predict": 2000, "keep_alive": "5m"},
    "mock": {"delay": 0, "error_rate": 0},
    "fallbacks": ["openai", "gmn"],
    "model_list": [
        {
            "model_name": "gmn",
            "litellm_params": {"model": "azure/gpt-4o", "api_key": "az-secret-123456", "rpm": 60},
        }
    ],
    "router_settings": {"num_retries": 2, "fallbacks": [{"gmn": ["ollama"]}]},
    "cache": {"dir": ".gmn-cache", "ttl": "30d", "size_limit": "1GB"},
    "gmn": {"temperature": 0.3, "max_tokens": 4000, "max_repairs": 2, "max_cost": 0.5},
    "limits": {"nodes": 100},
}


def test_both_shapes_may_be_mixed() -> None:
    """Sections and a model_list stand in one configuration; quantities are numbers afterwards."""
    settings = load_settings(WHOLE, environ={})

    assert settings.openai is not None
    assert settings.openai.rpm == 500
    assert settings.group_names == ("gmn",)
    assert settings.cache.ttl == 30 * 86400
    assert settings.cache.size_limit == 1024**3


def test_no_key_is_shown() -> None:
    """Neither repr nor str nor the masked view of the settings has a secret in it."""
    settings = load_settings(WHOLE, environ={})

    shown = repr(settings) + str(settings) + json.dumps(masked(settings))

    assert "secret" not in shown
    assert masked(settings)["openai"]["model"] == "gpt-4o"  # type: ignore[index]  # a mapping


def test_settings_are_frozen() -> None:
    """A value can't be set afterwards."""
    with pytest.raises(ValueError, match="frozen"):
        load_settings(None, environ={}).provider = "mock"  # type: ignore[misc]  # what is tested


@pytest.mark.parametrize("name", ["gmn-llm.yaml", "c.json", "c.toml"])
def test_each_kind_of_file_says_the_line(tmp_path: Path, name: str) -> None:
    """A typo in YAML, JSON and TOML is named with file, line, key and the nearest right key."""
    texts = {
        "gmn-llm.yaml": "provider: mock\nopenai:\n  temprature: 0.3\n",
        "c.json": '{"provider": "mock",\n "openai": {\n\t"temprature": 0.3}}',
        "c.toml": 'provider = "mock"\n[openai]\ntemprature = 0.3\n',
    }
    path = tmp_path / name
    path.write_text(texts[name], encoding="utf-8")

    with pytest.raises(ConfigError) as caught:
        load_settings(path, environ={})

    assert str(caught.value) == (f"{path}, line 3: openai.temprature is not a setting; did you mean 'temperature'?")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("provider: mock\nprovider: auto\n", "line 2: provider is there twice"),
        ("openai: {model: a, model: b}\n", "openai.model is there twice"),
        ("provider: [\n", "line 2"),
        ("- 1\n", "the top of a configuration is a mapping"),
        ("openai: &a\n  params: {b: *a}\n", "an anchor contains itself"),
        ("a: !!python/object/apply:os.system [true]\n", "could not determine a constructor"),
    ],
)
def test_a_broken_file_is_told_where(tmp_path: Path, text: str, words: str) -> None:
    """Syntax errors, keys twice, loops and tags are ConfigErrors with their place."""
    path = tmp_path / "c.yaml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(ConfigError, match=r"c\.yaml") as caught:
        load_settings(path, environ={})

    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"opnai": {}}, "did you mean 'openai'?"),
        ({"openai": {"temperature": 7}}, "openai.temperature"),
        ({"openai": {"api_key": ["sk-secret"]}}, "openai.api_key"),
        ({"provider": "opnai"}, "did you mean 'openai'?"),
        ({"fallbacks": ["olama"]}, "did you mean 'ollama'?"),
        ({"router_settings": {"num_retry": 1}}, "did you mean 'num_retries'?"),
        ({"router_settings": {"fallbacks": [{"gmn": ["ollama"]}]}}, "names gmn, which is not configured"),
        ({"model_list": [{"model_name": "g", "litellm_params": {"modle": "x"}}]}, "did you mean 'model'?"),
        ({"model_list": [{"model_name": "openai", "litellm_params": {"model": "x"}}]}, "name of a provider"),
        ({"cache": {"ttl": "30x"}}, "cache.ttl"),
        ({"mock": {"error_rate": 2}}, "mock.error_rate"),
    ],
)
def test_a_mistake_names_its_key(value: dict[str, object], words: str) -> None:
    """Each kind of mistake is a ConfigError with the key, and the nearest right one where there is one."""
    with pytest.raises(ConfigError) as caught:
        load_settings(value, environ={})

    assert words in str(caught.value)
    assert "sk-secret" not in str(caught.value)


def test_an_unset_variable_is_named_for_a_named_provider() -> None:
    """A reference to an unset variable is an error where the provider is asked for by name, and else not."""
    section = {"openai": {"api_key": "os.environ/NOT_THERE"}}

    with pytest.raises(ConfigError, match=r"openai\.api_key refers to the environment variable NOT_THERE"):
        load_settings({"provider": "openai", **section}, environ={})
    assert load_settings(section, environ={}).openai is not None


def test_the_first_place_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The argument, then GMN_LLM_CONFIG, then ./gmn-llm.yaml, then the user's folder, then nothing."""
    monkeypatch.chdir(tmp_path)
    assert find_source({}) is None
    users = tmp_path / "home" / "config" / "gmn-llm" / "gmn-llm.yaml"
    if sys.platform == "linux":
        users.parent.mkdir(parents=True)
        users.write_text("provider: anthropic\n", encoding="utf-8")
        assert load_settings(None, environ={}).provider == "anthropic"
    (tmp_path / "gmn-llm.yaml").write_text("provider: ollama\n", encoding="utf-8")
    assert load_settings(None, environ={}).provider == "ollama"
    (tmp_path / "named.json").write_text('{"provider": "mock"}', encoding="utf-8")
    environ = {"GMN_LLM_CONFIG": str(tmp_path / "named.json")}
    assert load_settings(None, environ=environ).provider == "mock"
    assert load_settings({"provider": "openai"}, environ=environ).provider == "openai"


def test_a_named_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    """GMN_LLM_CONFIG that names nothing is told, not passed over."""
    with pytest.raises(ConfigError, match=r"gone\.yaml"):
        load_settings(None, environ={"GMN_LLM_CONFIG": str(tmp_path / "gone.yaml")})


def test_settings_pass_through() -> None:
    """Settings made before are taken as they are."""
    settings = Settings(provider="mock")

    assert load_settings(settings) is settings


def test_the_schema_in_the_project_is_the_settings() -> None:
    """`schemas/config.schema.json` is what `Settings` says."""
    assert (ROOT / "schemas" / "config.schema.json").read_text(encoding="utf-8") == schema_text()


def test_the_schema_takes_what_loads_and_refuses_a_typo() -> None:
    """The whole example is valid by the schema; with a typo it is not."""
    validator = Draft202012Validator(config_schema())

    assert list(validator.iter_errors(WHOLE)) == []
    assert list(validator.iter_errors({"opnai": {}}))
    assert list(validator.iter_errors({"router_settings": {"num_retry": 1}}))


def test_loading_needs_no_heavy_module() -> None:
    """Without a file neither LiteLLM, httpx, YAML nor numpy is imported."""
    program = (
        "import sys; from gmn_llm.config import load_settings; load_settings(None, environ={});"
        "print([m for m in ('litellm', 'httpx', 'yaml', 'tomllib', 'numpy', 'ssl', 'http.client') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
