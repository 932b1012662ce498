"""Values in the form of a schema, where a model wrote the same in another: ``numStates``, "5", "90%", {"exit": 3}.

It is the schema that says what a value has to be; only what can mean one thing is changed, and all else is left for
the checks to tell of.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping

from gmn_llm.generation.pieces import squashed
from gmn_llm.gmn.provider_schema.folding import fits
from gmn_llm.gmn.provider_schema.shapes import Anything, Choice, FreeKeys, Listing, Record, Scalar, Shape

__all__ = ["loosened"]

TRUTHS = {"true": True, "false": False, "yes": True, "no": False}


def loosened(shape: Shape, value: object) -> object:
    """Return ``value`` in the form of ``shape``, as far as there is no doubt; the same object where nothing changed."""
    match shape:
        case Record():
            return _record(shape, value)
        case FreeKeys() if isinstance(value, Mapping) and not isinstance(shape.values, Anything):
            return _same(value, {key: loosened(shape.values, item) for key, item in value.items()})
        case Listing():
            return _listing(shape, value)
        case Choice():
            return _choice(shape, value)
        case Scalar():
            return _scalar(shape, value)
        case _:
            return value


def _same(value: object, changed: object) -> object:
    """Return ``value`` where nothing of it has changed: mostly its parts themselves, else what they hold."""
    if isinstance(value, dict) and isinstance(changed, dict) and len(value) == len(changed):
        same = all(
            one is other and key == name
            for (key, one), (name, other) in zip(value.items(), changed.items(), strict=True)
        )
    elif isinstance(value, list) and isinstance(changed, list) and len(value) == len(changed):
        same = all(map(operator.is_, value, changed))
    else:
        same = False
    return value if same or (changed == value and repr(changed) == repr(value)) else changed


def _record(shape: Record, value: object) -> object:
    members = shape.by_name
    given = {"kind": value} if isinstance(value, str) and "kind" in members else value  # a matrix by its mere name
    if not isinstance(given, Mapping):
        return given
    inner = members["properties"].shape if "properties" in members else None
    beside = inner.by_name if isinstance(inner, Record) else {}
    result: dict[str, object] = {}
    for said, item in given.items():
        key = str(said)
        name = key if key in members else _known(key, members, beside)
        if name in result or (name != key and name in given):
            name = key
        member = members.get(name) or beside.get(name)
        result[name] = item if member is None else loosened(member.shape, item)
    return _same(given, result)


def _known(key: str, members: Iterable[str], beside: Iterable[str]) -> str:
    """Return the name of a member, else of one that belongs into the properties, that is ``key`` in other letters."""
    plain = squashed(key)
    for names in (members, beside):
        alike = [name for name in names if squashed(name) == plain]
        if alike:
            return alike[-1]
    return key


def _listing(shape: Listing, value: object) -> object:
    """Return a list: of an object the pairs or the named parts, of a lone value the list of it."""
    items = shape.items
    if isinstance(value, Mapping):
        value = _parts(items, value)
    elif isinstance(items, Scalar) and items.type == "string" and isinstance(value, str) and value.strip():
        value = [part.strip() for part in value.split(",") if part.strip()]
    if not isinstance(value, list):
        return value
    parts = value
    if isinstance(items, Record):
        parts = [_alone(items, item) for item in value]
    elif isinstance(items, Scalar) and items.type == "string":
        parts = [_called(item) for item in value]
    return _same(value, [loosened(items, item) for item in parts])


def _parts(items: Shape, value: Mapping[str, object]) -> object:
    """Return the list that an object stands for: {"exit": 3} for pairs, {"door": {...}} for parts with a name."""
    record = items.options[0] if isinstance(items, Choice) and items.options else items
    if not isinstance(record, Record):
        return value
    named = "id" if "id" in record.by_name else "name" if "name" in record.by_name else ""
    if set(map(squashed, value)) & {squashed(name) for name in record.by_name}:
        return [value]  # one part without its list
    if named and value and all(isinstance(part, Mapping) for part in value.values()):
        return [{named: key, **part} for key, part in value.items() if isinstance(part, Mapping)]
    if len(record.members) == 2:  # a pair
        first, second = (member.name for member in record.members)
        return [{first: key, second: part} for key, part in value.items()]
    return value


def _alone(record: Record, item: object) -> object:
    """Return a pair of which only the first was written: a wish without its strength."""
    first = record.members[0].name
    return {first: item} if len(record.members) == 2 and isinstance(item, str | int) else item


def _called(item: object) -> object:
    """Return the name in an object that stands for it: {"name": "left", "description": ...}."""
    if not isinstance(item, Mapping):
        return item
    names = [item[key] for key in ("name", "label", "id") if isinstance(item.get(key), str)]
    return names[0] if names else item


def _choice(shape: Choice, value: object) -> object:
    if isinstance(value, str):
        for option in shape.options:
            if isinstance(option, Scalar) and fits(option, value):
                return value
        kinds = [option for option in shape.options if isinstance(option, Record) and "kind" in option.by_name]
        return next((_record(kind, value) for kind in kinds if _of_kind(kind, value)), _numbers(shape, value))
    if isinstance(value, list):
        return value if not _texts(value) else _numeric(value)
    if isinstance(value, Mapping):
        said = squashed(value.get("type", "")) if "type" in value else squashed(value.get("kind", ""))
        for option in shape.options:
            if isinstance(option, Record) and _constant(option) == said and said:
                return _record(option, value)
        close = [option for option in shape.options if isinstance(option, FreeKeys) or fits(option, value, keys=False)]
        return loosened(close[0], value) if close and not isinstance(close[0], Choice) else value
    return value


def _numbers(shape: Choice, text: str) -> object:
    """Return a text as the number it holds, where one may stand here and no text may."""
    numbers = [
        option for option in shape.options if isinstance(option, Scalar) and option.type in ("integer", "number")
    ]
    return _scalar(numbers[0], text) if numbers else text


def _constant(record: Record) -> str:
    """Return the one value that tells a record from its siblings, squashed."""
    for name in ("type", "kind"):
        member = record.by_name.get(name)
        if member is not None and isinstance(member.shape, Scalar) and member.shape.values:
            return squashed(member.shape.values[0]) if len(member.shape.values) == 1 else ""
    return ""


def _of_kind(record: Record, name: str) -> bool:
    return bool(name) and _constant(record) == squashed(name)


def _texts(value: object) -> bool:
    """Whether there is a text in a nested list."""
    return isinstance(value, str) or (isinstance(value, list) and any(map(_texts, value)))


def _numeric(value: object) -> object:
    """Return a nested list with numbers for the texts that hold one."""
    if isinstance(value, list):
        return [_numeric(item) for item in value]
    return _number(value) if isinstance(value, str) and _number(value) is not None else value


def _scalar(shape: Scalar, value: object) -> object:
    if shape.type == "string":
        if isinstance(value, int | float) and not isinstance(value, bool):
            value = str(int(value)) if isinstance(value, int) or value.is_integer() else str(value)
        if shape.values is None or not isinstance(value, str) or value in shape.values:
            return value
        return next((known for known in shape.values if squashed(known) == squashed(value)), value)
    if not isinstance(value, str):
        return value
    if shape.type == "boolean":
        return TRUTHS.get(value.strip().lower(), value)
    number = _number(value)
    if number is None or (shape.type == "integer" and not float(number).is_integer()):
        return value
    return int(number) if shape.type == "integer" else number


def _number(text: str) -> int | float | None:
    """Return the number that a text says: "5", "0.9", "90%", "1/3"; None where it says none."""
    text = text.strip()
    if len(text) > 40:  # no number of a model has so many digits
        return None
    try:
        if text.endswith("%"):
            return float(text[:-1]) / 100
        above, slash, below = text.partition("/")
        number = float(above) / float(below) if slash else float(text)
    except (ValueError, ZeroDivisionError, OverflowError):
        return None
    return int(text) if text.lstrip("+-").isdecimal() else number
