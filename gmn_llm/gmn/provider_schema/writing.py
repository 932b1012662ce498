"""From a shape to a JSON Schema of one dialect."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gmn_llm.gmn.provider_schema.dialects import Free, Missing
from gmn_llm.gmn.provider_schema.shapes import (
    Anything,
    Bounds,
    Choice,
    FreeKeys,
    Listing,
    Member,
    Record,
    Scalar,
    Shape,
    choice,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gmn_llm.gmn.provider_schema.dialects import Rules

__all__ = ["written"]

Written = dict[str, object]
TOLD = {
    "minLength": "At least {} characters.",
    "maxLength": "At most {} characters.",
    "pattern": "It matches {}.",
    "format": "A {}.",
    "minimum": "At least {}.",
    "exclusiveMinimum": "More than {}.",
    "maximum": "At most {}.",
    "exclusiveMaximum": "Less than {}.",
    "multipleOf": "A multiple of {}.",
    "minItems": "At least {} items.",
    "maxItems": "At most {} items.",
}
NULL = {"type": "null"}
TEXT = Scalar("string")
SIMPLE = Choice((TEXT, Scalar("number"), Scalar("boolean"), Listing(TEXT)))


def written(shape: Shape, rules: Rules) -> Written:
    """Return ``shape`` as a schema that keeps to ``rules``."""
    match shape:
        case Record():
            return _record(shape, rules)
        case FreeKeys():
            return _free_keys(shape, rules)
        case Listing():
            schema: Written = {"type": "array", "items": written(shape.items, rules)}
            return _bounded(schema, shape.bounds, shape.words, rules)
        case Choice():
            return _described({"anyOf": [written(option, rules) for option in shape.options]}, shape.words)
        case Scalar():
            return _scalar(shape, rules)
        case Anything():
            return _anything(shape, rules)


def _described(schema: Written, *words: str) -> Written:
    said = " ".join(word for word in words if word)
    return {"description": said, **schema} if said else schema


def _scalar(shape: Scalar, rules: Rules) -> Written:
    schema: Written = {"type": shape.type}
    if shape.values is None:
        return _bounded(schema, shape.bounds, shape.words, rules)
    if rules.string_enums and shape.type != "string":
        return _described(schema, shape.words, f"One of {', '.join(map(str, shape.values))}.")
    return _described(schema | {"enum": list(shape.values)}, shape.words)


def _bounded(schema: Written, bounds: Bounds, words: str, rules: Rules) -> Written:
    """Return ``schema`` with the bounds that the dialect takes; the others are told."""
    taken = {key: value for key, value in bounds if _takes(rules, key, value)}
    told = [
        "Not empty." if (key, value) in EMPTY else TOLD[key].format(value) for key, value in bounds if key not in taken
    ]
    return _described(schema | taken, words, *told)


EMPTY = frozenset({("minLength", 1), ("minItems", 1)})


def _takes(rules: Rules, key: str, value: object) -> bool:
    if key == "pattern" and rules.anchored:
        said = str(value)
        return said.startswith("^") and said.endswith("$") and key in rules.keywords
    return key in rules.keywords


def _anything(shape: Anything, rules: Rules) -> Written:
    if rules.free is Free.ANY:
        return _described({}, shape.words)
    return _described(written(SIMPLE if rules.free is Free.SIMPLE else TEXT, rules), shape.words)


def _free_keys(shape: FreeKeys, rules: Rules) -> Written:
    if not rules.free_keys:
        key = Member("key", Scalar("string", None, (), "The key."), required=True)
        value = Member("value", _with_words(shape.values, "What it has."), required=True)
        pair = Record((key, value), None, "One key with its value.")
        return _described(written(Listing(pair), rules), shape.words, "As a list of pairs, each key once.")
    schema: Written = {"type": "object"}
    if not isinstance(shape.values, Anything):
        schema["additionalProperties"] = written(shape.values, rules)
    return _described(schema, shape.words)


def _with_words(shape: Shape, words: str) -> Shape:
    return choice([shape], words) if not shape.words else shape


def _record(shape: Record, rules: Rules) -> Written:
    properties: dict[str, object] = {}
    required: list[str] = []
    for member in shape.members:
        properties[member.name], needed = _member(member, rules)
        required += [member.name] * needed
    schema: Written = {"type": "object", "properties": properties, "required": required}
    if shape.extra is not None and rules.open_objects:
        if not isinstance(shape.extra, Anything):
            schema["additionalProperties"] = written(shape.extra, rules)
    elif rules.says_closed:
        schema["additionalProperties"] = False
    return _described(schema, shape.words)


def _member(member: Member, rules: Rules) -> tuple[Mapping[str, object], bool]:
    """Return the schema of a property, and whether it is among the required ones."""
    schema = written(member.shape, rules)
    if member.required or rules.missing is Missing.LEFT_OUT:
        return schema, member.required
    if rules.missing is Missing.NULL:
        return _or_null(schema), True
    if isinstance(member.shape, FreeKeys) and not rules.free_keys:
        return schema, True
    if _scalars_only(member.shape):
        listed: Written = {"type": "array", "items": schema}
        return _described(listed, "A list of one, or of none where nothing is said."), True
    return schema, False


def _or_null(schema: Written) -> Written:
    words = str(schema.pop("description", ""))
    options = schema["anyOf"] if set(schema) == {"anyOf"} else [schema]
    return _described({"anyOf": [*_parts(options), NULL]}, words, "Null where nothing is said.")


def _parts(options: object) -> Iterable[object]:
    return options if isinstance(options, list) else []


def _scalars_only(shape: Shape) -> bool:
    options = shape.options if isinstance(shape, Choice) else (shape,)
    return all(isinstance(option, Scalar) for option in options)
