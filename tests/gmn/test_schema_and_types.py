"""One truth about what a document looks like: the schema's file, its two validators, and the pydantic types."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator
from pydantic import BaseModel, TypeAdapter, ValidationError

from gmn_llm import GMNSpec
from gmn_llm.gmn import schema
from tests.fuzz import drawn
from tests.gmn.builders import cases, example

MANY = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
DOCUMENTS = [
    pytest.param(case["document"], id=f"{kind}/{name}")
    for kind in ("valid", "invalid")
    for name, case in cases(kind)
    if "document" in case
]


def _ecma_pattern(_: Any, pattern: str, value: Any, __: Any) -> Iterator[jsonschema.ValidationError]:
    """As JSON Schema has it: in ECMA-262 a dollar is the end, and not also what stands before a last line feed."""
    if isinstance(value, str) and not re.search(pattern.replace("$", r"\Z"), value):
        yield jsonschema.ValidationError(f"{value!r} does not match")


def reference(part: Any) -> Any:
    """The reference validator of a schema."""
    extended = jsonschema.validators.extend(Draft202012Validator, {"pattern": _ecma_pattern})
    return extended(part)


REFERENCE = reference(schema.load())


def is_a_spec(document: Any) -> bool:
    """Whether the types take a document."""
    try:
        GMNSpec.model_validate(document)
    except ValidationError:
        return False
    return True


def agree(document: Any) -> None:
    """The file, read by either validator, and the types say the same; so they do of the JSON text."""
    meets = REFERENCE.is_valid(document)
    assert schema.is_valid(document) == meets
    assert is_a_spec(document) == meets
    assert bool(schema.schema_findings(document)) != meets


@given(drawn.from_schema())
@MANY
def test_what_the_schema_describes_the_types_take(document: Any) -> None:
    """A document drawn from the schema itself is a GMNSpec, or both refuse what its ``not`` forbids."""
    agree(document)


@given(drawn.near_misses())
@MANY
def test_near_misses_are_refused_by_both_or_neither(document: Any) -> None:
    """A value of another type, a key too many or too few, an empty name, null: both take it or none does."""
    agree(document)


@given(drawn.near_misses(drawn.models()))
@MANY
def test_models_with_a_fault_are_refused_by_both_or_neither(document: Any) -> None:
    """So it is for documents whose arrays are all there."""
    agree(document)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_cases_are_judged_alike(document: Any) -> None:
    """And for the documents of the cases, where these have no number that JSON can't hold."""
    agree(document)


@given(drawn.from_schema())
@MANY
def test_what_the_types_hold_the_schema_describes(document: Any) -> None:
    """Whatever has become a GMNSpec is written as a document that meets the schema."""
    if is_a_spec(document):
        spec = GMNSpec.model_validate(document)
        for written in (spec.document, json.loads(spec.to_json()), spec.model_dump(exclude_unset=True, mode="json")):
            assert REFERENCE.is_valid(written)
            assert GMNSpec.model_validate(written) == spec


ODDITIES: list[tuple[tuple[str | int, ...], Any, bool]] = [
    (("nodes", 0, "properties", "num_states"), 25.0, True),
    (("nodes", 0, "properties", "num_states"), 25.5, False),
    (("nodes", 0, "properties", "num_states"), True, False),
    (("nodes", 0, "properties", "num_states"), "25", False),
    (("nodes", 0, "properties", "num_states"), None, False),
    (("nodes", 0, "properties", "num_states"), 0, False),
    (("nodes", 0, "properties", "num_states"), 2**64, True),
    (("nodes", 0, "properties", "num_states"), 1e300, True),
    (("nodes", 0, "properties"), None, False),
    (("nodes", 0, "properties"), {}, False),
    (("nodes", 0, "metadata"), None, False),
    (("nodes", 0, "metadata"), {"x": None}, True),
    (("nodes", 0, "id"), "", False),
    (("nodes", 0, "id"), "1a", False),
    (("nodes", 0, "id"), "a b", False),
    (("nodes", 0, "id"), "é", False),
    (("nodes", 0, "id"), "position\n", False),
    (("nodes", 0, "id"), 5, False),
    (("nodes", 0, "type"), "State", False),
    (("nodes", 0, "label"), "x", False),
    (("nodes", 0), None, False),
    (("nodes", 0), [], False),
    (("nodes",), {}, False),
    (("nodes",), [], True),
    (("nodes",), None, False),
    (("edges",), None, False),
    (("edges",), [], True),
    (("edges", 0, "weight"), 1, False),
    (("edges", 0, "type"), "depends", False),
    (("edges", 0, "source"), None, False),
    (("name",), "", False),
    (("name",), None, False),
    (("name",), 5, False),
    (("name",), " ", True),
    (("description",), None, False),
    (("version",), None, False),
    (("version",), 1.0, False),
    (("metadata",), None, False),
    (("metadata",), [], False),
    (("$schema",), "x", False),
    (("nodes", 5, "properties", "preferred_observation"), 24.0, True),
    (("nodes", 5, "properties", "preferred_observation"), "", False),
    (("nodes", 5, "properties", "preferred_observation"), -1, False),
    (("nodes", 5, "properties", "preferred_observation"), None, False),
    (("nodes", 4, "properties", "matrix", "rows"), 5.0, True),
    (("nodes", 4, "properties", "matrix", "rows"), True, False),
]


@pytest.mark.parametrize(("place", "value", "fits"), ODDITIES, ids=str)
def test_an_oddity_is_judged_alike(place: tuple[str | int, ...], value: Any, fits: bool) -> None:
    """One value of the example replaced: the schema and the types agree, and it is as the notation says."""
    document: Any = example()
    part = document
    for key in place[:-1]:
        part = part[key]
    part[place[-1]] = value
    assert REFERENCE.is_valid(document) == fits
    agree(document)


@pytest.mark.parametrize("missing", ["name", "nodes", "edges", "metadata"])
def test_a_missing_key_is_judged_alike(missing: str) -> None:
    """Name and nodes have to be there, edges and metadata need not."""
    document = {key: value for key, value in example().items() if key != missing}
    agree(document)
    assert is_a_spec(document) == (missing in ("edges", "metadata"))


# The schema that pydantic tells


def test_the_types_tell_the_schema_of_the_file() -> None:
    """``model_json_schema`` is the file, so that an editor or a form sees the truth; it is a copy of its own."""
    told = GMNSpec.model_json_schema()
    assert told == schema.load()
    told.clear()
    assert GMNSpec.model_json_schema() == schema.load() != {}
    assert GMNSpec.model_json_schema(mode="serialization") == schema.load()


class _Request(BaseModel):
    """What a web service would take."""

    gmn: GMNSpec
    others: list[GMNSpec] = []


@given(drawn.near_misses())
@settings(MANY, max_examples=50)
def test_within_another_type_it_tells_the_same(document: Any) -> None:
    """A type that holds documents has a schema of its own, without references to anywhere else, that says the same."""
    told = _within()
    outer = {"gmn": example(), "others": [document]}
    assert reference(told).is_valid(outer) == REFERENCE.is_valid(document)


def _within() -> Any:
    return _Request.model_json_schema()


def test_the_schema_within_another_type_stands_alone() -> None:
    """It is one definition that both fields refer to, and no reference in it leads to what is not there."""
    told = _within()
    Draft202012Validator.check_schema(told)
    assert set(told["$defs"]) == {"GMNSpec"}
    assert all(reference in (None, "#/$defs/GMNSpec") or reference.startswith("#") for reference in _references(told))
    assert TypeAdapter(list[GMNSpec]).json_schema()["items"] == {"$ref": "#/$defs/GMNSpec"}


def _references(part: Any) -> Iterator[Any]:
    if isinstance(part, dict):
        yield part.get("$ref") if isinstance(part.get("$ref"), str) else None
        for inner in part.values():
            yield from _references(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _references(inner)


def test_the_cached_schema_is_not_changed_by_who_asks() -> None:
    """The file is read once; what is told is another object each time."""
    before = copy.deepcopy(schema.load())
    _within()["$defs"]["GMNSpec"].clear()
    assert schema.load() == before
    assert reference(_within()).is_valid({"gmn": example()})
