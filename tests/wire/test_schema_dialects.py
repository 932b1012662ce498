"""Which schemas OpenAI's strict mode and Anthropic's structured outputs take."""

from __future__ import annotations

import pytest

from tests.wire.schema_dialects import anthropic_output, openai_strict


def _object(**properties: object) -> dict[str, object]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


GRID = _object(kind={"const": "grid", "type": "string"}, rows={"type": "integer"})
LINE = _object(kind={"const": "line", "type": "string"}, slip={"type": "number"})

BOTH_TAKE = {
    "plain": _object(x={"type": "integer"}),
    "nullable": _object(x={"type": ["string", "null"]}),
    "enum": _object(x={"type": "string", "enum": ["a", "b"]}),
    "list": _object(x={"type": "array", "items": {"type": "number"}}),
    "choice": _object(x={"anyOf": [GRID, LINE]}),
    "reference": {**_object(x={"$ref": "#/$defs/N"}), "$defs": {"N": GRID}},
    "described": {**_object(x={"type": "integer", "description": "cells"}), "title": "T"},
}

OPENAI_REFUSES = {
    "no object": ({"type": "array", "items": {"type": "integer"}}, 'type: "object"\''),
    "choice on top": ({**GRID, "anyOf": [GRID]}, "at the top level"),
    "open": ({**GRID, "additionalProperties": True}, "'additionalProperties' is required"),
    "map": (
        _object(x={"type": "object", "additionalProperties": {"type": "number"}}),
        "'additionalProperties'",
    ),
    "optional": ({**GRID, "required": ["kind"]}, "Missing 'rows'"),
    "extra required": ({**GRID, "required": ["kind", "rows", "z"]}, "Extra required key 'z'"),
    "oneOf": (_object(x={"oneOf": [{"type": "integer"}]}), "'oneOf' is not permitted"),
    "allOf": (_object(x={"allOf": [{"type": "integer"}]}), "'allOf' is not permitted"),
    "default": (_object(x={"type": "integer", "default": 1}), "'default' is not permitted"),
    "maxLength": (_object(x={"type": "string", "maxLength": 9}), "'maxLength' is not permitted"),
    "no type": (_object(x={"description": "anything"}), "must have a 'type' key"),
    "no items": (_object(x={"type": "array"}), "array schema missing items"),
    "format": (_object(x={"type": "string", "format": "color"}), "not a valid format"),
    "reference and more": (
        {**_object(x={"$ref": "#/$defs/N", "description": "d"}), "$defs": {"N": GRID}},
        "$ref cannot have keywords {'description'}",
    ),
    "dangling": (_object(x={"$ref": "#/$defs/N"}), "not found"),
    "same first key": (
        _object(
            x={
                "anyOf": [
                    _object(id={"type": "string"}),
                    _object(id={"type": "string"}, y={"type": "integer"}),
                ]
            }
        ),
        "must not share identical first keys",
    ),
    "deep in a list": (
        _object(x={"type": "array", "items": {"type": "object", "properties": {}}}),
        "'items')",
    ),
}

ANTHROPIC_REFUSES = {
    "open": ({**GRID, "additionalProperties": True}, "must be explicitly set to false"),
    "bounds": (
        _object(x={"type": "number", "minimum": 0, "maximum": 1}),
        "For 'number' type, properties maximum, minimum are not supported",
    ),
    "length": (_object(x={"type": "string", "maxLength": 9}), "property 'maxLength' is not supported"),
    "minItems": (
        _object(x={"type": "array", "items": {"type": "integer"}, "minItems": 2}),
        "'minItems' values",
    ),
    "maxItems": (_object(x={"type": "array", "items": {"type": "integer"}, "maxItems": 2}), "'maxItems'"),
    "oneOf": (_object(x={"oneOf": [{"type": "integer"}]}), "'oneOf' is not supported"),
    "recursive": (
        {**_object(x={"$ref": "#/$defs/N"}), "$defs": {"N": _object(y={"$ref": "#/$defs/N"})}},
        "Circular",
    ),
    "dangling": (_object(x={"$ref": "/$defs/N"}), "cannot be resolved"),
    "optional": (
        {**_object(**{f"p{at}": {"type": "integer"} for at in range(25)}), "required": []},
        "too many optional parameters (25)",
    ),
    "unions": (
        _object(**{f"p{at}": {"type": ["integer", "null"]} for at in range(17)}),
        "too many parameters with union types (17",
    ),
    "no schema": ({"type": 7}, "Invalid schema"),
}


@pytest.mark.parametrize("name", BOTH_TAKE)
def test_common_subset(name: str) -> None:
    """What both take, both take without a word."""
    assert list(openai_strict(BOTH_TAKE[name])) == []
    assert list(anthropic_output(BOTH_TAKE[name])) == []


@pytest.mark.parametrize("name", OPENAI_REFUSES)
def test_openai_refuses(name: str) -> None:
    """Strict mode refuses what lies outside its subset, in OpenAI's words."""
    schema, words = OPENAI_REFUSES[name]
    assert any(words in found for found in openai_strict(schema))


@pytest.mark.parametrize("name", ANTHROPIC_REFUSES)
def test_anthropic_refuses(name: str) -> None:
    """Structured outputs refuse what lies outside their subset, in Anthropic's words."""
    schema, words = ANTHROPIC_REFUSES[name]
    assert any(words in found for found in anthropic_output(schema))
