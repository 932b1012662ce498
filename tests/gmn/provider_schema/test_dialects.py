"""What is sent to a provider keeps to its rules, and says what the original says as far as it can."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from gmn_llm.gmn.provider_schema import CompiledSchema, Dialect, compile_schema
from gmn_llm.gmn.reading import read
from gmn_llm.gmn.schema import known_properties, load
from tests.gmn.builders import cases
from tests.gmn.provider_schema.rules import RULES
from tests.gmn.provider_schema.values import WORDS, drawn, unfolded

MANY = settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
SCHEMAS = ("draft", "gmn")
BOTH = [pytest.param(name, dialect, id=f"{name}-{dialect}") for name in SCHEMAS for dialect in Dialect]
EACH = [pytest.param(dialect, id=str(dialect)) for dialect in Dialect]
BOUNDS = frozenset({
    "minLength", "maxLength", "pattern", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
    "minItems", "maxItems", "format",
})  # fmt: skip
WITHOUT_EFFECT = frozenset({"type", "deterministic", "stochastic"})
CLOSED = {Dialect.OPENAI, Dialect.ANTHROPIC, Dialect.OLLAMA, Dialect.LLAMA_CPP}  # Gemini is not told of closed objects
PAIRS = {Dialect.OPENAI, Dialect.ANTHROPIC, Dialect.GEMINI}


def validator(schema: Mapping[str, Any]) -> Any:
    """The fast validator of a schema."""
    return jsonschema_rs.validator_for(json.dumps(schema))


COMPILED = {(name, dialect): compile_schema(load(name), dialect) for name in SCHEMAS for dialect in Dialect}
TAKES = {place: validator(compiled.schema) for place, compiled in COMPILED.items()}
ORIGINAL = {name: validator(load(name)) for name in SCHEMAS}


def loosened(schema: Any, dropped: frozenset[str]) -> Any:
    """A schema without the bounds in ``dropped`` and without what says that keys exclude each other."""
    if isinstance(schema, list):
        return [loosened(part, dropped) for part in schema]
    if not isinstance(schema, dict):
        return schema
    found = {}
    for key, value in schema.items():
        if key in dropped or (key == "not" and "anyOf" in value):
            continue
        named = key in ("properties", "$defs")
        found[key] = {n: loosened(p, dropped) for n, p in value.items()} if named else loosened(value, dropped)
    return found


LOOSE = {
    (name, dialect): validator(loosened(load(name), BOUNDS - dialect.rules.keywords))
    for name in SCHEMAS
    for dialect in Dialect
}


def without_empty(document: Any) -> Any:
    """A document without metadata that is an object without keys, which says as much as none."""
    if isinstance(document, list):
        return [without_empty(part) for part in document]
    if not isinstance(document, dict):
        return document
    return {key: without_empty(part) for key, part in document.items() if key != "metadata" or part != {}}


def documents() -> Iterator[Any]:
    """The documents of the valid cases, in their canonical form, with their names."""
    for name, case in cases("valid"):
        document = read(case.get("document", case.get("text"))).document
        assert document is not None
        yield name, document


def unsayable(document: Any, dialect: Dialect) -> bool:
    """Whether a document holds what the dialect has no words for.

    That is a property beside the known ones, or one without effect; and metadata with structure, or in Anthropic's
    dialect of anything but text.
    """
    nodes, edges = document["nodes"], document.get("edges", [])
    strange = any(set(node.get("properties", {})) - (known_properties(node["type"]) - WITHOUT_EFFECT) for node in nodes)
    free = [part.get("metadata", {}) for part in [document, *nodes, *edges]]
    free += [edge.get("properties", {}) for edge in edges]
    values = [value for part in free for value in part.values()]
    rich = any(not (isinstance(value, str) or (dialect is not Dialect.ANTHROPIC and simple(value))) for value in values)
    return (strange and dialect in CLOSED) or (rich and dialect in PAIRS)


def simple(value: Any) -> bool:
    """Whether a value is a scalar or a list of texts."""
    texts = isinstance(value, list) and all(isinstance(item, str) for item in value)
    return texts or isinstance(value, str | int | float | bool)


@pytest.mark.parametrize(("name", "dialect"), BOTH)
def test_a_compiled_schema_keeps_to_the_rules_of_its_dialect(name: str, dialect: Dialect) -> None:
    """Nothing in it is refused, or skipped without a word."""
    assert list(RULES[dialect](COMPILED[name, dialect].schema)) == []


def test_the_rules_refuse_the_schemas_as_they_are() -> None:
    """The canonical schema itself breaks the rules of every dialect, and the draft those of the strict ones."""
    for check in RULES.values():
        assert list(check(load()))
    for dialect in (Dialect.OPENAI, Dialect.ANTHROPIC, Dialect.GEMINI):
        assert list(RULES[dialect](load("draft")))


def test_the_draft_is_standard_as_it_is() -> None:
    """A server of unknown make and llama.cpp get the draft's schema unchanged, but for its own name and version."""
    wanted = {key: value for key, value in load("draft").items() if key not in ("$schema", "$id", "version", "title")}
    for dialect in (Dialect.PLAIN, Dialect.LLAMA_CPP, Dialect.OLLAMA, Dialect.ANTHROPIC_TOOL):
        assert COMPILED["draft", dialect].schema == wanted


def test_bounds_that_are_not_taken_are_told() -> None:
    """What a dialect refuses as a keyword stands in the description."""
    name = COMPILED["draft", Dialect.ANTHROPIC].schema["properties"]["name"]  # type: ignore[index]  # JSON
    assert "maxLength" not in name
    assert "At most 40 characters." in name["description"]


def test_nothing_is_left_for_litellm_to_rewrite() -> None:
    """Anthropic's form has none of the keywords that LiteLLM moves into the description or rewrites."""
    for name in SCHEMAS:
        schema = COMPILED[name, Dialect.ANTHROPIC].schema
        text = json.dumps(schema)
        assert not [word for word in BOUNDS - {"pattern", "format"} if f'"{word}"' in text]
        assert '"oneOf"' not in text
        assert '"$ref"' not in text


@pytest.mark.parametrize("dialect", EACH)
@given(data=st.data())
@MANY
def test_a_draft_can_be_said_in_every_dialect(dialect: Dialect, data: st.DataObject) -> None:
    """What meets the draft's schema has a form that meets the compiled one, and comes back as it was."""
    draft = data.draw(drawn(COMPILED["draft", Dialect.PLAIN].schema))
    assume(ORIGINAL["draft"].is_valid(draft))
    compiled = COMPILED["draft", dialect]

    form = unfolded(draft, compiled.schema)

    assert TAKES["draft", dialect].is_valid(form)
    assert compiled.fold(form) == draft


@pytest.mark.parametrize("dialect", EACH)
@given(data=st.data())
@MANY
def test_a_document_can_be_said_in_every_dialect(dialect: Dialect, data: st.DataObject) -> None:
    """What meets the canonical schema has a form that meets the compiled one, and comes back as it was."""
    text_only = {"free": WORDS} if dialect is Dialect.ANTHROPIC else {}
    document = data.draw(drawn(COMPILED["gmn", Dialect.PLAIN].schema, **text_only))
    assume(ORIGINAL["gmn"].is_valid(document))
    compiled = COMPILED["gmn", dialect]

    form = unfolded(document, compiled.schema)

    assert TAKES["gmn", dialect].is_valid(form)
    assert without_empty(compiled.fold(form)) == without_empty(document)


@pytest.mark.parametrize(("name", "dialect"), BOTH)
@given(data=st.data())
@MANY
def test_what_a_compiled_schema_takes_the_original_takes(name: str, dialect: Dialect, data: st.DataObject) -> None:
    """An answer that meets the compiled schema meets the original once folded, up to the bounds that were dropped."""
    answer = data.draw(drawn(COMPILED[name, dialect].schema))
    assert TAKES[name, dialect].is_valid(answer)

    folded = COMPILED[name, dialect].fold(answer)

    assert LOOSE[name, dialect].is_valid(folded), list(LOOSE[name, dialect].iter_errors(folded))[:2]


@pytest.mark.parametrize("dialect", EACH)
def test_the_valid_cases_can_be_said(dialect: Dialect) -> None:
    """Each valid case survives being said in a dialect, but for those that hold what the dialect has no words for."""
    compiled: CompiledSchema = COMPILED["gmn", dialect]
    said = 0
    for name, document in documents():
        form = unfolded(document, compiled.schema)
        assert TAKES["gmn", dialect].is_valid(form) == (not unsayable(document, dialect)), name
        if not unsayable(document, dialect):
            assert without_empty(compiled.fold(form)) == without_empty(document), name
            said += 1
    assert said > 25
