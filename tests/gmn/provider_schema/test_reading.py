"""Schemas other than ours: each keyword is read as it is meant."""

from __future__ import annotations

from typing import Any

import pytest

from gmn_llm.gmn.provider_schema import Dialect, compile_schema
from tests.gmn.provider_schema.rules import RULES


def plain(schema: dict[str, object], dialect: Dialect = Dialect.PLAIN) -> Any:
    """The compiled schema of the one property ``x``."""
    root = {"type": "object", "properties": {"x": schema}, "required": ["x"], "additionalProperties": False}
    compiled: Any = compile_schema(root, dialect).schema
    assert list(RULES[dialect](compiled)) == []
    return compiled["properties"]["x"]


@pytest.mark.parametrize(
    ("schema", "wanted"),
    [
        ({"const": "a"}, {"type": "string", "enum": ["a"]}),
        ({"enum": ["a", 1]}, {"anyOf": [{"type": "string", "enum": ["a"]}, {"type": "integer", "enum": [1]}]}),
        ({"type": ["string", "null"]}, {"anyOf": [{"type": "string"}, {"type": "null"}]}),
        ({"oneOf": [{"type": "string"}, {"type": "integer"}]}, {"anyOf": [{"type": "string"}, {"type": "integer"}]}),
        (
            {"allOf": [{"type": "integer", "minimum": 1, "maximum": 9}, {"minimum": 3, "maximum": 7}]},
            {"type": "integer", "minimum": 3, "maximum": 7},
        ),
        ({"type": "number", "allOf": [{"type": "integer"}]}, {"type": "integer"}),
        (
            {"type": "object", "patternProperties": {"^a": {"type": "string"}}, "additionalProperties": False},
            {"type": "object", "additionalProperties": {"type": "string"}},
        ),
        ({"type": "object"}, {"type": "object"}),
        ({}, {}),
        (
            {"if": {"type": "string"}, "then": {"minLength": 1}, "else": {"type": "integer"}},
            {"anyOf": [{"type": "string", "minLength": 1}, {"type": "integer"}]},
        ),
    ],
)
def test_a_keyword_is_read_as_it_is_meant(schema: dict[str, object], wanted: dict[str, object]) -> None:
    """Each way of saying a thing comes out in the one way that all servers know."""
    assert plain(schema) == wanted


def test_a_condition_becomes_a_choice() -> None:
    """Where the value of a key decides on others there is one object for each value, its key first."""
    schema = {
        "type": "object",
        "properties": {"n": {"type": "integer"}, "kind": {"enum": ["one", "two"]}},
        "required": ["kind"],
        "additionalProperties": False,
        "if": {"properties": {"kind": {"const": "one"}}, "required": ["kind"]},
        "then": {"required": ["n"]},
        "else": {"not": {"required": ["n"]}},
    }
    one, two = plain(schema)["anyOf"]
    assert list(one["properties"]) == ["kind", "n"]
    assert one["required"] == ["kind", "n"]
    assert list(two["properties"]) == ["kind"]
    assert two["properties"]["kind"]["enum"] == ["two"]


def test_a_condition_of_another_kind_is_left_to_the_validator() -> None:
    """What hangs on anything but types, constants and keys that are there is left out, not guessed at."""
    schema = {"type": "string", "if": {"pattern": "^a"}, "then": {"minLength": 9}}
    assert plain(schema) == {"type": "string"}


def test_a_recursive_schema_has_an_end() -> None:
    """What may stand within itself does so a few times, and needs no reference."""
    tree = {
        "type": "object",
        "properties": {"name": {"type": "string"}, "below": {"type": "array", "items": {"$ref": "#"}}},
        "required": ["name"],
        "additionalProperties": False,
    }
    for dialect in Dialect:
        compiled = compile_schema(tree, dialect)
        assert compiled.text.count('"below"') >= 5
        assert list(RULES[dialect](compiled.schema)) == [] or dialect is Dialect.OPENAI  # ten levels are too many there
        deep: dict[str, object] = {"name": "a", "below": [{"name": "b", "below": []}]}
        assert compiled.fold(deep) == deep


def test_keys_that_exclude_each_other_are_told() -> None:
    """What no list of keys can say stands in the description."""
    schema = {
        "type": "object",
        "properties": {"a": {"type": "string"}, "b": {"type": "string"}},
        "not": {"required": ["a", "b"]},
    }
    assert "At most one of a, b." in plain(schema)["description"]


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#/$defs/nobody"},
        {"$ref": "https://example.org/schema"},
        {"type": "string"},
        {"anyOf": [{"type": "object"}, {"type": "array"}]},
    ],
)
def test_what_no_provider_takes_is_refused(schema: dict[str, object]) -> None:
    """A reference that leads nowhere, and a top that is not one kind of object, are errors."""
    with pytest.raises(ValueError, match="schema"):
        compile_schema(schema, Dialect.PLAIN)


def test_deprecated_keys_are_not_offered() -> None:
    """A key that is marked as deprecated is read where it comes and asked of nobody."""
    schema = {
        "type": "object",
        "properties": {"a": {"type": "string"}, "old": {"type": "string", "deprecated": True}},
        "required": ["a"],
    }
    for dialect in Dialect:
        assert "old" not in plain(schema, dialect)["properties"]
