"""What the keywords of a schema say, each by itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from gmn_llm.gmn.provider_schema.shapes import Bounds, Scalar, Shape

__all__ = [
    "asks_for_keys",
    "bounds_of",
    "exclusions",
    "forbidden_key",
    "implied_types",
    "is_deprecated",
    "items_of",
    "mapping",
    "properties_of",
    "scalars_of",
    "values_of",
    "words_of",
]

Schema = Mapping[str, object]
STRINGS = ("minLength", "maxLength", "pattern", "format")
NUMBERS = ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "multipleOf")
BOUNDS = {"string": STRINGS, "number": NUMBERS, "integer": NUMBERS, "array": ("minItems", "maxItems")}
LEAST = frozenset({"minLength", "minimum", "exclusiveMinimum", "minItems"})
MOST = frozenset({"maxLength", "maximum", "exclusiveMaximum", "maxItems"})


def implied_types(parts: Iterable[Schema], values: tuple[object, ...] | None) -> frozenset[str] | None:
    """Return the types of a value of which no schema says one, or None where it may be anything."""
    if values is not None:
        return frozenset(_type_name(value) for value in values)
    if any({"properties", "required", "additionalProperties", "patternProperties"} & set(part) for part in parts):
        return frozenset({"object"})
    return frozenset({"array"}) if any("items" in part for part in parts) else None


def _type_name(value: object) -> str:
    names = {bool: "boolean", str: "string", int: "integer", float: "number", type(None): "null"}
    return names.get(type(value), "object" if isinstance(value, Mapping) else "array")


def scalars_of(parts: Sequence[Schema], name: str, values: tuple[object, ...] | None) -> list[Shape]:
    """Return the shape of the values of one type; nothing where none of the listed values is of it."""
    bounds = bounds_of(parts, name)
    if values is None:
        return [Scalar(name, None, bounds)]
    fitting = tuple(value for value in values if _type_name(value) == name)
    if name == "number":
        fitting = tuple(value for value in values if _type_name(value) in ("integer", "number"))
    return [Scalar(name, fitting)] if fitting else []


def bounds_of(parts: Iterable[Schema], name: str) -> Bounds:
    """Return the bounds of a type; of two the tighter one."""
    found: dict[str, object] = {}
    for part in parts:
        for key in BOUNDS.get(name, ()):
            if key in part:
                found[key] = _tighter(key, found.get(key), part[key])
    return tuple(found.items())


def _tighter(key: str, one: object, other: object) -> object:
    if not isinstance(one, int | float) or not isinstance(other, int | float):
        return other if one is None else one
    return max(one, other) if key in LEAST else min(one, other) if key in MOST else one


def values_of(parts: Iterable[Schema]) -> tuple[object, ...] | None:
    """Return the values that ``enum`` and ``const`` allow, or None where neither is there."""
    found: list[object] | None = None
    for part in parts:
        for values in [part.get("enum"), [part["const"]] if "const" in part else None]:
            if isinstance(values, list):
                found = values if found is None else [value for value in found if value in values]
    return None if found is None else tuple(found)


def forbidden_key(part: Schema) -> str | None:
    """Return the one key that ``not`` forbids, or None."""
    said = mapping(part.get("not"))
    names = items_of(said.get("required"))
    return str(names[0]) if len(names) == 1 and {"required", "type"}.issuperset(said) else None


def exclusions(parts: Iterable[Schema]) -> Iterator[str]:
    """Yield in words which keys exclude each other, which no shape can hold."""
    for part in parts:
        said = mapping(part.get("not"))
        options = items_of(said.get("anyOf")) or [said]
        pairs = [items_of(mapping(option).get("required")) for option in options]
        if said and all(len(pair) > 1 for pair in pairs):
            names = dict.fromkeys(str(name) for pair in pairs for name in pair)
            yield f"At most one of {', '.join(names)}."


def is_deprecated(name: str, parts: Iterable[Schema]) -> bool:
    """Return whether a property is marked as one that nobody is to write any more."""
    return any(mapping(properties_of(part).get(name)).get("deprecated") is True for part in parts)


def words_of(parts: Iterable[Schema]) -> Iterator[str]:
    """Yield the descriptions, then the titles."""
    parts = list(parts)
    for key in ("description", "title"):
        for part in parts:
            said = part.get(key)
            if isinstance(said, str):
                yield said


def properties_of(part: object) -> Schema:
    """Return the properties that a schema names, by their names."""
    return mapping(mapping(part).get("properties"))


def mapping(value: object) -> Schema:
    """Return an object, an empty one in place of anything else."""
    return value if isinstance(value, Mapping) else {}


def items_of(value: object) -> list[object]:
    """Return a list, an empty one in place of anything else."""
    return value if isinstance(value, list) else []


def asks_for_keys(option: object) -> bool:
    """Return whether a schema asks for nothing but keys that are there."""
    return "required" in mapping(option) and {"type", "required"}.issuperset(mapping(option))
