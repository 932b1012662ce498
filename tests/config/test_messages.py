"""What a mistake in the configuration is told as: our own words, with key, line and the nearest right key."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from gmn_llm.config.load import examine
from gmn_llm.errors import ConfigError


def told(configuration: Mapping[str, object], **environ: str) -> list[str]:
    """The messages of all mistakes in a mapping."""
    return [problem.message for problem in examine(configuration, environ=environ).problems]


@pytest.mark.parametrize(
    ("configuration", "message"),
    [
        ({"openai": {"temperature": 7}}, "openai.temperature: expected a number from 0 to 2, found the number 7"),
        ({"openai": {"temperature": True}}, "openai.temperature: expected a number from 0 to 2, found true"),
        (
            {"openai": {"rpm": "500"}},
            "openai.rpm: expected a whole number from 1, found the text '500'; leave out the quotation marks",
        ),
        ({"openai": {"seed": 1.5}}, "openai.seed: expected a whole number, found the number 1.5"),
        (
            {"openai": {"model": 4}},
            "openai.model: expected a text, found the number 4; put it in quotation marks",
        ),
        ({"openai": {"model": ""}}, "openai.model: expected a text, found an empty text"),
        ({"openai": {"stop": [1]}}, "openai.stop: expected a text or a list of texts, found a list"),
        ({"openai": {"api_key": ["sk-secret"]}}, "openai.api_key: expected a text, found a list"),
        ({"openai": "sk-secret-0123"}, "openai: expected a mapping, found a text"),
        ({"openai": {"store": "yes"}}, "openai.store: expected true or false, found the text 'yes'"),
        (
            {"openai": {"structured_output": "json_shema"}},
            "openai.structured_output: expected one of json_schema, json_object, prompt, found the text 'json_shema'; "
            "did you mean 'json_schema'?",
        ),
        (
            {"openai": {"timeout": "30x"}},
            "openai.timeout: expected a number above 0 or a text such as 30d, 12h, 90s, found the text '30x'",
        ),
        (
            {"cache": {"size_limit": "-1GB"}},
            "cache.size_limit: expected a whole number from 1 or a text such as 1GB, 500MB, found the text '-1GB'",
        ),
        ({"openai": {"num_ctx": 1}}, "openai.num_ctx is not a setting; it is one of ollama"),
        ({"openai": {"temprature": 1}}, "openai.temprature is not a setting; did you mean 'temperature'?"),
        ({"fallbacks": "openai"}, "fallbacks: expected a list of texts, found a text"),
        ({"fallbacks": ["olama"]}, "fallbacks[0] names olama, which is not configured; did you mean 'ollama'?"),
        ({"mock": None}, "mock: expected a mapping, found nothing"),
        ({"limits": {"nods": 3}}, "limits.nods is not a limit; did you mean 'nodes'?"),
        ({"limits": {"nodes": 0}}, "limits.nodes: expected a whole number from 1, found the number 0"),
        (
            {"router_settings": {"num_retries": "two"}},
            "router_settings.num_retries: expected a whole number from 0, found the text 'two'",
        ),
        (
            {"router_settings": {"default_fallbacks": ["opnai"]}},
            "router_settings.default_fallbacks[0] names opnai, which is not configured; did you mean 'openai'?",
        ),
        (
            {"model_list": [{"litellm_params": {"model": "openai/x"}}]},
            "model_list[0].model_name is missing: a text is expected",
        ),
        (
            {"model_list": [{"model_name": "g", "litellm_params": {"rpm": 3}}]},
            "model_list[0].litellm_params.model is missing: a text such as openai/gpt-4o is expected",
        ),
        (
            {"model_list": [{"model_name": "g", "litellm_params": {"model": "openai/x", "rpm": "many"}}]},
            "model_list[0].litellm_params.rpm: expected a whole number from 1, found the text 'many'",
        ),
    ],
)
def test_a_mistake_in_words(configuration: Mapping[str, object], message: str) -> None:
    """Each kind of mistake says what was expected and what was found."""
    assert told(configuration) == [message]


def test_an_unset_variable_has_a_nearest_one() -> None:
    """A variable that is not set is named with the nearest that is."""
    configuration = {"provider": "openai", "openai": {"api_key": "os.environ/OPENAI_API_KY"}}

    assert told(configuration, OPENAI_API_KEY="x", PATH="y") == [
        "openai.api_key refers to the environment variable OPENAI_API_KY, which is not set; "
        "did you mean 'OPENAI_API_KEY'?"
    ]


YAML = """\
provider: opnai
openai:
  temprature: 1
  rpm: many
mock: {delay: 0}
mock: {delay: 1}
model_list:
  - model_name: g
    litellm_params: {model: openai/x, rmp: 3}
  - litellm_params: none
router_settings:
  fallbacks: [{gg: [ollama]}]
on: 1
"""
TOML = """\
provider = "opnai"
[openai]
temprature = 1
rpm = "many"
[mock]
delay = '''
[x]
'''
[[model_list]]
model_name = "g"
litellm_params = {model = "openai/x", rmp = 3}
[[model_list]]
litellm_params = "none"
[router_settings]
fallbacks = [
  {gg = ["ollama"]},
]
"""


def test_all_mistakes_of_a_yaml_file_come_at_once(tmp_path: Path) -> None:
    """Wrong types, typos, unknown groups and keys that stand twice are told in one pass, by line."""
    path = tmp_path / "c.yaml"
    path.write_text(YAML, encoding="utf-8")

    examined = examine(path, environ={})

    assert [(examined.document.line(problem), problem.message.split()[0].rstrip(":")) for problem in examined.problems] == [
        (1, "provider"), (3, "openai.temprature"), (4, "openai.rpm"), (6, "mock"),
        (9, "model_list[0].litellm_params.rmp"), (10, "model_list[1].model_name"),
        (10, "model_list[1].litellm_params"), (12, "router_settings.fallbacks[0].gg"), (13, "on"),
    ]  # fmt: skip


def test_all_mistakes_of_a_toml_file_come_at_once(tmp_path: Path) -> None:
    """TOML's keys have their lines too: in tables, lists of tables, inline tables and after texts of several lines."""
    path = tmp_path / "c.toml"
    path.write_text(TOML, encoding="utf-8")

    examined = examine(path, environ={})

    assert [(examined.document.line(problem), problem.message.split()[0].rstrip(":")) for problem in examined.problems] == [
        (1, "provider"), (3, "openai.temprature"), (4, "openai.rpm"), (6, "mock.delay"),
        (11, "model_list[0].litellm_params.rmp"), (12, "model_list[1].model_name"),
        (13, "model_list[1].litellm_params"), (16, "router_settings.fallbacks[0].gg"),
    ]  # fmt: skip


def test_a_json_file_has_its_lines(tmp_path: Path) -> None:
    """Keys of JSON have their lines, those that stand twice and those with escapes as well."""
    path = tmp_path / "c.json"
    path.write_text('{"openai": {\n "rpm": "x",\n "rpm": 1},\n\n "f\\u0061llbacks": ["olama"]}', encoding="utf-8")

    examined = examine(path, environ={})

    assert [(examined.document.line(problem), problem.path) for problem in examined.problems] == [
        (3, ("openai", "rpm")),
        (5, ("fallbacks", 0)),
    ]


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("c.yaml", "a:\n\tb: 1\n", "line 2, column 1: a tab where only spaces may stand"),
        ("c.yaml", "- 1\n", "the top of a configuration is a mapping, not a list"),
        ("c.yaml", "word\n", "the top of a configuration is a mapping, not a single value"),
        ("c.yaml", "a: 1\n---\nb: 1\n", "line 2"),
        ("c.yaml", "a: \x07\n", "line 1: the character #x0007 is not allowed"),
        ("c.yaml", "[" * 3000, "nested too deeply"),
        ("c.yaml", "a: 2020-99-99\n", "a value in it can't be read"),
        ("c.json", "[1]", "the top of a configuration is a mapping, not a list"),
        ("c.json", '{"a": NaN}', "NaN is no number of JSON's"),
        ("c.json", '{"a": ' + "1" * 5000 + "}", "too many digits"),
        ("c.json", "[" * 100_000, "nested too deeply"),
        ("c.json", '{\n"a" 1}', "line 2, column 5"),
        ("c.toml", "a = 1\na = 2\n", "c.toml"),
        ("c.toml", "a = \n", "line 1"),
        ("c.ini", "a = 1\n", "ends in .yaml, .yml, .json or .toml"),
    ],
)
def test_a_file_that_can_not_be_read_says_where(tmp_path: Path, name: str, text: str, words: str) -> None:
    """Syntax errors of each format are ConfigErrors with file and place."""
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")

    with pytest.raises(ConfigError) as caught:
        examine(path, environ={})

    assert words in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_bomb_of_aliases_is_refused(tmp_path: Path) -> None:
    """Aliases that write out to a billion values are an error, found without writing them out."""
    levels = [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    path = tmp_path / "c.yaml"
    path.write_text("\n".join(["a0: &a0 [x]", *levels]), encoding="utf-8")

    with pytest.raises(ConfigError, match=r"c\.yaml, line \d+: with its aliases written out"):
        examine(path, environ={})


def test_anchors_and_merges_are_taken(tmp_path: Path) -> None:
    """What `<<` brings in counts, gives way to the mapping's own keys, and has its line."""
    path = tmp_path / "c.yaml"
    path.write_text(
        "openai: &base\n  temperature: 0.5\n  timeout: 9\nanthropic:\n  <<: *base\n  timeout: 5s\n", encoding="utf-8"
    )

    examined = examine(path, environ={})

    assert examined.problems == ()
    assert examined.settings.anthropic is not None
    assert (examined.settings.anthropic.temperature, examined.settings.anthropic.timeout) == (0.5, 5.0)
    assert examined.document.lines()["anthropic", "temperature"] == 2
    assert examined.document.lines()["anthropic", "timeout"] == 6


def test_keys_of_yaml_are_what_stands_there(tmp_path: Path) -> None:
    """A number or `on` as a key is a text, as in JSON."""
    path = tmp_path / "c.yaml"
    path.write_text("openai:\n  logit_bias: {50256: -100}\n  params: {on: 1}\n", encoding="utf-8")

    settings = examine(path, environ={}).settings

    assert settings.openai is not None
    assert settings.openai.logit_bias == {"50256": -100}
    assert settings.openai.params == {"on": 1}


def test_a_long_list_of_mistakes_is_cut_in_an_error(tmp_path: Path) -> None:
    """An exception names ten and says how many there are beside."""
    from gmn_llm.config import load_settings

    path = tmp_path / "c.json"
    path.write_text(json.dumps({f"key{number}": 1 for number in range(12)}), encoding="utf-8")

    with pytest.raises(ConfigError, match="and 2 more") as caught:
        load_settings(path, environ={})

    assert len(str(caught.value).splitlines()) == 11
