"""The JSON Schema for editors and the settings agree: what one takes the other takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from gmn_llm.config.load import examine
from gmn_llm.config.names import LIMITS
from gmn_llm.config.schema import config_schema
from gmn_llm.gmn import Limits

SCHEMA = config_schema()
VALIDATOR = Draft202012Validator(SCHEMA)
VALUES: tuple[object, ...] = (
    None, True, False, -3, -1, 0, 1, 2, 3, 25.0, 0.5, 1.5, 2.5, 1e9, "", "x", "5", "0.5", "30d", " 1.5 h ", "12H", "5ms", "1h30m",
    "http://h", "HTTPS://h:1/v1", "ftp://h", "h:80", "redis://h",
    "0s", ".", "-1s", "1GB", "0.3kb", "1gb", "1e5", "json_schema", "os.environ/X", [], ["x"], [1], [{}], {}, {"x": 1},
    {"x": "y"}, {"x": None}, {"nodes": 1}, {"x": {"model": "x"}},
    {"TimeoutErrorRetries": 1}, {"TimeoutErrorRetries": "1"}, {"TimeoutErrorAllowedFails": 1}, ["prompt_caching"],
)  # fmt: skip


def properties(
    schema: Mapping[str, Any], path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
    """Path and schema of every setting, those inside the sections as well."""
    for name, part in schema.get("properties", {}).items():
        yield (*path, name), part
        for each in part.get("anyOf", [part]):
            inner = str(each.get("$ref", "")).removeprefix("#/$defs/")
            if inner:
                yield from properties(cast("Any", SCHEMA["$defs"])[inner], (*path, name))


PLACES = [
    path for path, _ in properties(SCHEMA) if path[0] not in ("model_list", "router_settings", "$schema", "env_file")
]


def agree(configuration: Mapping[str, object]) -> bool:
    """Whether schema and settings say the same, but for names of groups and what stands in a variable."""
    found = examine(configuration, environ={"X": "1"}).problems
    problems = [p for p in found if "not configured" not in p.message and "variable X" not in p.message]
    return VALIDATOR.is_valid(configuration) == (not problems)


@pytest.mark.parametrize("path", PLACES, ids=".".join)
def test_each_setting_takes_what_its_schema_takes(path: tuple[str, ...]) -> None:
    """Of a table of values each is taken by both or refused by both, whichever setting it is given to."""
    for value in VALUES:
        configuration: object = value
        for name in reversed(path):
            configuration = {name: configuration}
        assert agree(cast("Mapping[str, object]", configuration)), f"{'.'.join(path)}: {value!r}"


@pytest.mark.parametrize("place", ["litellm_params", "router_settings"])
def test_litellms_own_keys_take_what_their_schema_takes(place: str) -> None:
    """The same for the parameters of a deployment and the Router's settings."""
    entry = cast("Any", SCHEMA["$defs"])["ModelEntry"]["properties"]["litellm_params"]
    known = entry if place == "litellm_params" else cast("Any", SCHEMA["properties"])["router_settings"]
    for name in known["properties"]:
        for value in VALUES:
            if value in (
                25.0,
                1e9,
            ):  # whole numbers to JSON Schema; LiteLLM, which gets them as written, is of another mind
                continue
            params = {"model": "openai/x", name: value}
            configuration: dict[str, object] = (
                {"model_list": [{"model_name": "g", "litellm_params": params}]}
                if place == "litellm_params"
                else {"router_settings": {name: value}}
            )
            assert agree(configuration), f"{name}: {value!r}"


LEAVES = st.sampled_from([value for value in VALUES if not isinstance(value, list | dict)])
SECTIONS = {
    name: st.dictionaries(st.sampled_from(sorted({path[1] for path in PLACES if path[0] == name and path[1:]})), LEAVES, max_size=4)
    for name in ("openai", "anthropic", "ollama", "mock", "cache", "gmn")
}  # fmt: skip


@given(st.fixed_dictionaries({}, optional=SECTIONS))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whole_configurations_are_judged_alike(configuration: dict[str, object]) -> None:
    """Whatever is put together from sections, keys and values, both say the same of it."""
    assert agree(configuration)


def test_every_setting_is_described() -> None:
    """An editor has a sentence for every key."""
    assert [
        ".".join(path) for path, part in properties(SCHEMA) if not part.get("description") and "$ref" not in part
    ] == []
    assert [name for name, part in cast("Any", SCHEMA["$defs"]).items() if not part.get("description")] == []


def test_the_limits_are_those_of_the_notation() -> None:
    """The table of limits has each of the notation's, and no other."""
    assert set(LIMITS) == {item.name for item in fields(Limits)}


def test_the_schema_is_one() -> None:
    """It is valid by the metaschema of its own draft, and has an id and a version."""
    Draft202012Validator.check_schema(dict(SCHEMA))

    assert str(SCHEMA["$id"]).endswith(str(SCHEMA["version"]))
