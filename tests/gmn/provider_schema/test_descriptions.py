"""The schemas teach: every part of them says in words what it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from gmn_llm.gmn.provider_schema import Dialect, compile_schema
from gmn_llm.gmn.schema import load
from tests.wire.schema_dialects import walk


def parts(schema: Mapping[str, Any], place: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The parts of a schema that stand for a value of their own: definitions, properties, items, free keys."""
    for group in ("$defs", "properties"):
        for name, part in (schema.get(group) or {}).items():
            yield f"{place}/{group}/{name}", part
            yield from parts(part, f"{place}/{group}/{name}")
    for key in ("items", "additionalProperties"):
        part = schema.get(key)
        if isinstance(part, Mapping):
            yield f"{place}/{key}", part
            yield from parts(part, f"{place}/{key}")
    for key in {"then", "else"} & set(schema):
        # What a condition adds to a property that is described already needs no words of its own.
        added = f"{place}/{key}/properties"
        yield from (found for found in parts(schema[key], f"{place}/{key}") if not found[0].startswith(added))
    for at, part in enumerate(schema.get("anyOf", ())):
        yield from parts(part, f"{place}/anyOf/{at}")


@pytest.mark.parametrize("name", ["draft", "gmn"])
def test_every_part_of_a_schema_is_described(name: str) -> None:
    """Each definition, property, item and free key has a description of its own, or that of what it refers to."""
    schema: Any = load(name)
    definitions = schema.get("$defs", {})
    silent = [
        place
        for place, part in parts(schema)
        if "description" not in part
        and "description" not in definitions.get(str(part.get("$ref", "")).rpartition("/")[2], {})
    ]
    assert schema["title"]
    assert schema["description"]
    assert silent == []


@pytest.mark.parametrize("name", ["draft", "gmn"])
@pytest.mark.parametrize("dialect", list(Dialect))
def test_descriptions_reach_the_provider(name: str, dialect: Dialect) -> None:
    """Each property of a compiled schema is described, whatever was inlined, split or made into pairs."""
    schema = compile_schema(load(name), dialect).schema
    silent = [
        place
        for place, part in walk(schema)
        if place[-2:-1] == ("properties",) and "description" not in part and place[-1] != "properties"
    ]
    assert silent == []
