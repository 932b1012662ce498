"""What Gemini and llama.cpp's converter take of JSON Schema, from their documentation; each rule says what it refuses.

The rules of OpenAI and Anthropic are those of the test servers, ``tests.wire.schema_dialects``.

Sources:
    Gemini: reference of the API, ``Schema`` (the fields of ``responseSchema``) and
    ``GenerationConfig.responseJsonSchema`` ("only the following properties are supported"); ``items`` without a list,
    objects without properties and ``enum`` of other than strings are refused by ``Schema``.
    llama.cpp: ``grammars/README.md``, "JSON Schemas to GBNF", known limitations.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tests.wire.schema_dialects import anthropic_output, openai_strict, walk, well_formed

SCHEMA_FIELDS = frozenset({
    "type", "format", "title", "description", "nullable", "enum", "maxItems", "minItems", "properties", "required",
    "minProperties", "maxProperties", "minLength", "maxLength", "pattern", "example", "anyOf", "propertyOrdering",
    "default", "items", "minimum", "maximum",
})  # fmt: skip
JSON_SCHEMA_FIELDS = frozenset({
    "$id", "$defs", "$ref", "$anchor", "type", "format", "title", "description", "enum", "items", "prefixItems",
    "minItems", "maxItems", "minimum", "maximum", "anyOf", "oneOf", "properties", "additionalProperties", "required",
    "propertyOrdering",
})  # fmt: skip
SKIPPED_BY_LLAMA = frozenset({
    "prefixItems", "patternProperties", "uniqueItems", "contains", "minContains", "$anchor", "not", "if", "then",
    "else", "dependentSchemas", "propertyNames", "minProperties", "maxProperties", "multipleOf",
})  # fmt: skip
LLAMA_FORMATS = frozenset({"date", "time", "date-time", "uuid"})
# Schemas with array bounds that add up to more were refused: googleapis/python-genai#2170.
GEMINI_ITEMS = 960


def gemini(schema: Mapping[str, object]) -> Iterator[str]:
    """Why Gemini refuses a schema, as ``responseSchema`` or as ``responseJsonSchema``."""
    items = 0
    for place, part in walk(schema):
        for word in sorted(set(part) - (SCHEMA_FIELDS & JSON_SCHEMA_FIELDS)):
            yield f"{place}: {word} is not among the fields"
        kind = part.get("type")
        if ("anyOf" in part) == (kind is not None):
            yield f"{place}: it has either a type or anyOf"
        if kind == "object" and not part.get("properties"):
            yield f"{place}: properties should be non-empty for OBJECT type"
        if kind == "array" and not part.get("items"):
            yield f"{place}: items: missing field"
        values = part.get("enum")
        if isinstance(values, list) and (kind != "string" or not all(isinstance(v, str) and v for v in values)):
            yield f"{place}: enum: only allowed for STRING type, and without empty ones"
        most = part.get("maxItems", 0)
        items += most if isinstance(most, int) else 0
    if items > GEMINI_ITEMS:
        yield "the specified schema produces a constraint that has too many states for serving"


def llama(schema: Mapping[str, object]) -> Iterator[str]:
    """What llama.cpp's converter refuses of a schema, or skips without a word."""
    for place, part in walk(schema):
        for word in sorted(SKIPPED_BY_LLAMA & set(part)):
            yield f"{place}: {word} is skipped"
        if "properties" in part and {"anyOf", "oneOf"} & set(part):
            yield f"{place}: properties can't be mixed with anyOf"
        pattern = part.get("pattern")
        if pattern is not None and not (str(pattern).startswith("^") and str(pattern).endswith("$")):
            yield f"{place}: pattern must start with '^' and end with '$'"
        if part.get("format", "date") not in LLAMA_FORMATS:
            yield f"{place}: the format is skipped"
        if "$ref" in part or "allOf" in part:
            yield f"{place}: nested references are broken"
        if isinstance(part.get("type"), list):
            yield f"{place}: Ollama does not hold to unions of types"
    yield from plain(schema)


def plain(schema: Mapping[str, object]) -> Iterator[str]:
    """Why a schema is none of draft 2020-12 with an object on top."""
    trouble = well_formed(schema)
    if trouble is not None:
        yield trouble
    if schema.get("type") != "object":
        yield "the top is no object"
    if any("$ref" in part or "$defs" in part for _, part in walk(schema)):
        yield "it has references"


RULES = {
    "openai": openai_strict,
    "anthropic": anthropic_output,
    "anthropic_tool": plain,
    "gemini": gemini,
    "ollama": llama,
    "llama_cpp": llama,
    "plain": plain,
}
