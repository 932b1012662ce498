"""The subsets of JSON Schema that OpenAI's strict mode and Anthropic's structured outputs take.

Sources: the guides "Structured Outputs" of OpenAI (supported schemas) and of Anthropic (JSON Schema
    limitations), and
the error texts users report (openai/openai-python#2193, agentjido/req_llm#302, laravel/ai#715).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

Place = tuple[str, ...]

OPENAI_KEYWORDS = frozenset(
    [
        "type",
        "properties",
        "required",
        "additionalProperties",
        "items",
        "enum",
        "const",
        "anyOf",
        "$ref",
        "$defs",
        "definitions",
        "$schema",
        "title",
        "description",
        "pattern",
        "format",
        "multipleOf",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "minItems",
        "maxItems",
    ]
)
OPENAI_FORMATS = frozenset(["date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"])
OPENAI_MAX_PROPERTIES = 5000
OPENAI_MAX_ENUM = 1000
OPENAI_MAX_DEPTH = 10

ANTHROPIC_UNSUPPORTED = {
    "object": frozenset({"minProperties", "maxProperties", "patternProperties", "propertyNames"}),
    "array": frozenset({"maxItems", "uniqueItems", "contains", "prefixItems"}),
    "string": frozenset({"minLength", "maxLength"}),
    "number": frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}),
    "integer": frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}),
}
ANTHROPIC_COMBINERS = frozenset({"oneOf", "not", "if", "then", "else", "dependentSchemas"})
ANTHROPIC_FORMATS = frozenset(
    ["date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"]
)
ANTHROPIC_MAX_OPTIONAL = 24
ANTHROPIC_MAX_UNIONS = 16


def children(schema: Mapping[str, object], place: Place) -> Iterator[tuple[Place, Mapping[str, object]]]:
    """The schemas directly within one, with their places."""
    for key in ("properties", "$defs", "definitions"):
        group = schema.get(key)
        for name, child in group.items() if isinstance(group, Mapping) else ():
            if isinstance(child, Mapping):
                yield (*place, key, str(name)), child
    for key in ("anyOf", "allOf", "oneOf"):
        group = schema.get(key)
        for at, child in enumerate(group if isinstance(group, list) else ()):
            if isinstance(child, Mapping):
                yield (*place, key, str(at)), child
    items = schema.get("items")
    if isinstance(items, Mapping):
        yield (*place, "items"), items


def walk(schema: Mapping[str, object], place: Place = ()) -> Iterator[tuple[Place, Mapping[str, object]]]:
    """A schema and all schemas within it, each with its place."""
    yield place, schema
    for below, child in children(schema, place):
        yield from walk(child, below)


def resolve(root: Mapping[str, object], ref: str) -> Mapping[str, object] | None:
    """What a local reference points at, or None."""
    if ref == "#":
        return root
    if not ref.startswith("#/"):
        return None
    found: object = root
    for part in ref[2:].split("/"):
        found = found.get(part.replace("~1", "/").replace("~0", "~")) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else None


def well_formed(schema: object) -> str | None:
    """What makes it no JSON Schema of draft 2020-12, or None."""
    if not isinstance(schema, Mapping):
        return "schema must be an object"
    try:
        Draft202012Validator.check_schema(dict(schema))
    except SchemaError as error:
        return error.message
    return None


def openai_strict(schema: object) -> Iterator[str]:
    """Why OpenAI's strict mode refuses a schema, in its words; nothing where it takes it."""
    if not isinstance(schema, Mapping) or schema.get("type") != "object":
        got = schema.get("type") if isinstance(schema, Mapping) else type(schema).__name__
        yield f"schema must be a JSON Schema of 'type: \"object\"', got 'type: \"{got}\"'."
        return
    if "anyOf" in schema:
        combiners = "'oneOf'/'anyOf'/'allOf'/'enum'/'not'"
        yield f"schema must have type 'object' and not have {combiners} at the top level."
    for place, part in walk(schema):
        for words in _openai_node(schema, part):
            yield f"In context={place}, {words}"
    yield from _openai_sizes(schema)


def _openai_node(root: Mapping[str, object], part: Mapping[str, object]) -> Iterator[str]:
    for keyword in sorted(set(part) - OPENAI_KEYWORDS):
        yield f"'{keyword}' is not permitted."
    if "$ref" in part:
        extra = sorted(set(part) - {"$ref", "$defs", "definitions"})
        if extra:
            yield f"$ref cannot have keywords {set(extra)}."
        if resolve(root, str(part["$ref"])) is None:
            yield f"reference to component '{part['$ref']}' which was not found in the schema."
        return
    kind = part.get("type")
    if kind is None and not {"anyOf", "enum", "const"} & set(part):
        yield "schema must have a 'type' key."
    if kind == "object" or "properties" in part:
        yield from _openai_object(part)
    if kind == "array" and not isinstance(part.get("items"), Mapping):
        yield "array schema missing items."
    if "format" in part and part["format"] not in OPENAI_FORMATS:
        yield f"'format' '{part['format']}' is not a valid format."
    if isinstance(part.get("anyOf"), list):
        yield from _openai_choices(root, part)


def _openai_object(part: Mapping[str, object]) -> Iterator[str]:
    if part.get("additionalProperties") is not False:
        yield "'additionalProperties' is required to be supplied and to be false."
    names = part.get("properties")
    keys = list(names) if isinstance(names, Mapping) else []
    required = part.get("required")
    listed = required if isinstance(required, list) else []
    words = "'required' is required to be supplied and to be an array including every key in properties."
    missing = [key for key in keys if key not in listed]
    if missing:
        yield f"{words} Missing '{missing[0]}'."
    extra = [key for key in listed if key not in keys]
    if extra:
        yield f"{words} Extra required key '{extra[0]}' supplied."


def _openai_choices(root: Mapping[str, object], part: Mapping[str, object]) -> Iterator[str]:
    """Objects of one ``anyOf`` must differ in their first key, or in the constants it may have."""
    seen: dict[str, set[str] | None] = {}
    choices = part["anyOf"]
    for choice in choices if isinstance(choices, list) else ():
        target = choice
        if isinstance(choice, Mapping) and "$ref" in choice:
            target = resolve(root, str(choice["$ref"]))
        names = target.get("properties") if isinstance(target, Mapping) else None
        if not isinstance(names, Mapping) or not names:
            continue
        first = next(iter(names))
        values = _constants(names[first])
        known = seen.get(first, set())
        if first in seen and (known is None or values is None or known & values):
            yield (
                "Objects provided via 'anyOf' must not share identical first keys. Consider adding a "
                "discriminator "
                "key or rearranging the properties to ensure the first key is unique."
            )
        seen[first] = None if values is None or known is None else known | values


def _constants(schema: object) -> set[str] | None:
    if not isinstance(schema, Mapping):
        return None
    if "const" in schema:
        return {repr(schema["const"])}
    values = schema.get("enum")
    return {repr(value) for value in values} if isinstance(values, list) else None


def _openai_sizes(schema: Mapping[str, object]) -> Iterator[str]:
    properties = enums = depth = 0
    for place, part in walk(schema):
        names, values = part.get("properties"), part.get("enum")
        properties += len(names) if isinstance(names, Mapping) else 0
        enums += len(values) if isinstance(values, list) else 0
        depth = max(depth, sum(step in {"properties", "items"} for step in place[::2]))
    if properties > OPENAI_MAX_PROPERTIES:
        most = f"Expected at most {OPENAI_MAX_PROPERTIES} object properties in total within a schema"
        yield f"{most}, got {properties}."
    if enums > OPENAI_MAX_ENUM:
        yield f"Expected at most {OPENAI_MAX_ENUM} enum values in total within a schema, got {enums}."
    if depth > OPENAI_MAX_DEPTH:
        yield f"Expected at most {OPENAI_MAX_DEPTH} levels of nesting within a schema, got {depth}."


def anthropic_output(schema: object) -> Iterator[str]:
    """Why Anthropic's structured outputs refuse a schema, in their words; nothing where they take it."""
    trouble = well_formed(schema)
    if trouble is not None or not isinstance(schema, Mapping):
        yield f"Invalid schema: {trouble}"
        return
    optional = unions = 0
    for _, part in walk(schema):
        yield from _anthropic_node(schema, part)
        names, required = part.get("properties"), part.get("required")
        listed = required if isinstance(required, list) else []
        optional += sum(name not in listed for name in names) if isinstance(names, Mapping) else 0
        unions += "anyOf" in part or isinstance(part.get("type"), list)
    if any(_recursive(schema, part, ()) for _, part in walk(schema)):
        yield "Circular references are not supported"
    if optional > ANTHROPIC_MAX_OPTIONAL:
        yield (
            f"Schemas contains too many optional parameters ({optional}), which would make grammar "
            f"compilation "
            f"inefficient. Reduce the number of optional parameters in your schemas (limit: "
            f"{ANTHROPIC_MAX_OPTIONAL})."
        )
    if unions > ANTHROPIC_MAX_UNIONS:
        yield (
            f"Schemas contains too many parameters with union types ({unions} parameters with type arrays "
            f"or anyOf). "
            f"This causes exponential compilation cost. Reduce the number of nullable or union-typed "
            f"parameters "
            f"(limit: {ANTHROPIC_MAX_UNIONS} parameters with unions)."
        )


def _anthropic_node(root: Mapping[str, object], part: Mapping[str, object]) -> Iterator[str]:
    kind = part.get("type")
    for name in kind if isinstance(kind, list) else [kind]:
        bad = sorted(ANTHROPIC_UNSUPPORTED.get(str(name), frozenset()) & set(part))
        if len(bad) == 1:
            yield f"For '{name}' type, property '{bad[0]}' is not supported"
        elif bad:
            yield f"For '{name}' type, properties {', '.join(bad)} are not supported"
    for word in sorted(ANTHROPIC_COMBINERS & set(part)):
        yield f"Schema type '{word}' is not supported"
    if (kind == "object" or "properties" in part) and part.get("additionalProperties") is not False:
        yield "For 'object' type, 'additionalProperties' must be explicitly set to false"
    if part.get("minItems", 0) not in {0, 1}:
        yield "For 'array' type, 'minItems' values other than 0 or 1 are not supported"
    if "format" in part and part["format"] not in ANTHROPIC_FORMATS:
        yield f"For 'string' type, format '{part['format']}' is not supported"
    values = part.get("enum")
    if any(isinstance(value, dict | list) for value in (values if isinstance(values, list) else ())):
        yield "Enum values must be strings, numbers, booleans or null"
    if "$ref" in part and resolve(root, str(part["$ref"])) is None:
        yield f"Reference '{part['$ref']}' cannot be resolved within the schema"
    branches = part.get("allOf")
    if any("$ref" in branch for branch in (branches if isinstance(branches, list) else ()) if isinstance(branch, dict)):
        yield "allOf with $ref is not supported"


def _recursive(root: Mapping[str, object], part: Mapping[str, object], trail: Sequence[str]) -> bool:
    ref = part.get("$ref")
    if isinstance(ref, str):
        if ref in trail:
            return True
        target = resolve(root, ref)
        return target is not None and any(_recursive(root, below, (*trail, ref)) for _, below in walk_plain(target))
    return False


def walk_plain(schema: Mapping[str, object]) -> Iterator[tuple[Place, Mapping[str, object]]]:
    """As ``walk``, but not into definitions: what a value of the schema consists of."""
    yield from walk({key: value for key, value in schema.items() if key not in {"$defs", "definitions"}})
