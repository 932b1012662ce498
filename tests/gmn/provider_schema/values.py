"""Values of a compiled schema: drawn from it, and made of the original's values.

Both go by the compiled JSON alone and know nothing of how it was made.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

import jsonschema_rs
from hypothesis import strategies as st

MISSING = object()
WORDS = st.one_of(st.sampled_from(["a", "b", "stay", "0", "key", "value"]), st.text(max_size=3))
FREE = st.one_of(WORDS, st.integers(-3, 9), st.floats(-9, 9), st.booleans(), st.lists(WORDS, max_size=2))
"""What stands in metadata, where any value may."""


def drawn(schema: Mapping[str, Any], free: st.SearchStrategy[Any] = FREE) -> st.SearchStrategy[Any]:
    """Values that meet ``schema``, one of those that the compiler writes, and what its words say besides.

    Free keys are each there once, and there is at least one of them.
    """
    if "anyOf" in schema:
        return st.one_of([drawn(option, free) for option in schema["anyOf"]])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    kind = schema.get("type")
    if kind == "object" and "properties" in schema:
        required = schema.get("required", ())
        parts = {name: drawn(part, free) for name, part in schema["properties"].items()}
        optional = {name: part for name, part in parts.items() if name not in required}
        return st.fixed_dictionaries({name: parts[name] for name in required}, optional=optional)
    if kind == "object":
        return st.dictionaries(WORDS, drawn(schema.get("additionalProperties", {}), free), min_size=1, max_size=2)
    if kind == "array":
        return _lists(schema, free)
    return _scalars(schema, kind) if kind else free


def _lists(schema: Mapping[str, Any], free: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    items, least = drawn(schema["items"], free), schema.get("minItems", 0)
    if set(schema["items"].get("properties", ())) == {"key", "value"}:
        return st.lists(items, unique_by=lambda pair: pair["key"], max_size=2)
    most = 1 if "A list of one" in schema.get("description", "") else schema.get("maxItems", 99)
    return st.lists(items, min_size=least, max_size=min(most, least + 2))


def _scalars(schema: Mapping[str, Any], kind: str) -> st.SearchStrategy[Any]:
    if kind == "string" and "pattern" in schema:
        return st.sampled_from(["a", "b_1", "Seen"])
    if kind == "string":
        return WORDS.filter(lambda text: schema.get("minLength", 0) <= len(text))
    if kind in ("integer", "number"):
        least = schema.get("minimum", schema.get("exclusiveMinimum", -9))
        most = min(schema.get("maximum", 9), 9)
        whole = st.integers(max(int(least), -9) + ("exclusiveMinimum" in schema), int(most))
        inner = st.floats(float(least), float(most), exclude_min="exclusiveMinimum" in schema)
        return whole if kind == "integer" else st.one_of(whole, inner)
    if kind == "boolean":
        return st.booleans()
    return st.none()


def unfolded(value: object, schema: Mapping[str, Any]) -> object:
    """``value`` in the form that ``schema`` asks for: pairs for free keys, and what stands for a missing property.

    What has no such form comes out as something that does not meet the schema.
    """
    if "anyOf" in schema:
        forms = [(option, unfolded(value, option)) for option in schema["anyOf"]]
        return next((form for option, form in forms if _meets(option, form)), value)
    kind = schema.get("type")
    if kind == "array" and isinstance(value, dict) and set(schema["items"].get("properties", ())) == {"key", "value"}:
        inner = schema["items"]["properties"]["value"]
        return [{"key": key, "value": unfolded(item, inner)} for key, item in value.items()]
    if kind == "array" and isinstance(value, list):
        return [unfolded(item, schema["items"]) for item in value]
    if kind == "array":
        return [unfolded(value, schema["items"])]
    if kind == "object" and isinstance(value, dict) and "properties" in schema:
        parts = schema["properties"]
        known = {name: unfolded(item, parts[name]) for name, item in value.items() if name in parts}
        gone = {name: _nothing(parts[name]) for name in schema.get("required", ()) if name not in value}
        more = {name: item for name, item in value.items() if name not in parts}
        return known | more | {name: item for name, item in gone.items() if item is not MISSING}
    return value


def _nothing(schema: Mapping[str, Any]) -> object:
    """What stands for a property that is missing."""
    if schema.get("type") == "array":
        return []
    return None if {"type": "null"} in schema.get("anyOf", ()) else MISSING


def _meets(schema: Mapping[str, Any], value: object) -> bool:
    return _validator(json.dumps(schema)).is_valid(value)


@cache
def _validator(text: str) -> Any:
    return jsonschema_rs.validator_for(text)
