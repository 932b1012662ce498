"""From a dialect's form of a value back to the schema's own.

It is one fold for all dialects: whatever any of them may have changed is undone wherever it is met, and a value that
has the schema's own form comes out as it went in. So it serves for an answer of whatever origin.
"""

from __future__ import annotations

from collections.abc import Mapping

from gmn_llm.gmn.provider_schema.shapes import Anything, Choice, FreeKeys, Listing, Record, Scalar, Shape

__all__ = ["folded"]

PAIR = frozenset({"key", "value"})
LEAVES = (Scalar, Anything)


def folded(shape: Shape, value: object) -> object:
    """Return ``value`` in the form of the schema that ``shape`` was read from; what fits nowhere stays as it is.

    Pairs become objects of free keys (but for a key that is there twice with two values), and properties that may be
    missing are taken out where they are null, an empty list that can only stand for nothing, or taken from a list
    of one. An object or list that has not changed may be the one that was given.
    """
    if isinstance(shape, LEAVES):
        return value
    match shape:
        case Record() if isinstance(value, Mapping):
            return _record(shape, value)
        case FreeKeys():
            return _free_keys(shape, value)
        case Listing() if isinstance(value, list) and _folds(shape.items):
            return [folded(shape.items, item) for item in value]
        case Choice():
            option = _option(shape, value)
            return value if option is None else folded(option, value)
        case _:
            return value


def _folds(shape: Shape) -> bool:
    """Return whether there is anything in values of this shape that a dialect may have changed."""
    match shape:
        case Listing():
            return _folds(shape.items)
        case Choice():
            return any(_folds(option) for option in shape.options)
        case _:
            return isinstance(shape, Record | FreeKeys)


def _record(shape: Record, value: Mapping[str, object]) -> dict[str, object]:
    members = shape.by_name
    result: dict[str, object] = {}
    for key, item in value.items():
        member = members.get(key)
        if member is None:
            result[key] = item if shape.extra is None else folded(shape.extra, item)
        elif member.required or not (item is None or isinstance(item, list)):
            result[key] = folded(member.shape, item)
        elif not _stands_for_nothing(member.shape, item):
            result[key] = folded(member.shape, _unlisted(member.shape, item))
    return result


def _stands_for_nothing(shape: Shape, item: object) -> bool:
    if item is None:
        return not fits(shape, None)
    return isinstance(item, list) and not item and not _takes_list(shape)


def _unlisted(shape: Shape, item: object) -> object:
    """Return the one item of a list that stands where no list can."""
    alone = isinstance(item, list) and len(item) == 1 and not _takes_list(shape) and not fits(shape, item)
    return item[0] if alone and isinstance(item, list) else item


def _takes_list(shape: Shape) -> bool:
    options = shape.options if isinstance(shape, Choice) else (shape,)
    return any(isinstance(option, Listing | Anything) for option in options)


def _free_keys(shape: FreeKeys, value: object) -> object:
    if isinstance(value, Mapping):
        return {key: folded(shape.values, item) for key, item in value.items()}
    if not isinstance(value, list) or not _are_pairs(value):
        return value
    result: dict[str, object] = {}
    for pair in value:
        item = folded(shape.values, pair["value"])
        if result.setdefault(pair["key"], item) != item:
            return value
    return result


def _are_pairs(value: list[object]) -> bool:
    return all(isinstance(pair, Mapping) and set(pair) == PAIR and isinstance(pair["key"], str) for pair in value)


def _option(shape: Choice, value: object) -> Shape | None:
    """Return the option that ``value`` was written for: one it fits, else one it has the constants of."""
    if isinstance(value, list) and not value:
        fitting = [option for option in shape.options if fits(option, value)]
        # An empty list is a list before it is an object without keys.
        first = next((option for option in fitting if len(fitting) == 1 or not isinstance(option, FreeKeys)), None)
    else:
        first = next((option for option in shape.options if fits(option, value)), None)
    return first or next((option for option in shape.options if fits(option, value, keys=False)), None)


def fits(shape: Shape, value: object, *, keys: bool = True) -> bool:
    """Return whether ``value`` may have been written for ``shape``, in any dialect, as far as its top shows.

    Args:
        shape: One shape of several.
        value: What a model wrote.
        keys: Whether the required keys of an object have to be there.
    """
    match shape:
        case Anything():
            return True
        case Scalar():
            return _is_scalar(shape, value)
        case Listing():
            return isinstance(value, list)
        case FreeKeys():
            return isinstance(value, Mapping) or (isinstance(value, list) and _are_pairs(value))
        case Record():
            return isinstance(value, Mapping) and all(
                _has_constant(member.shape, value[member.name])
                if member.name in value
                else not (keys and member.required)
                for member in shape.members
            )
        case Choice():
            return any(fits(option, value, keys=keys) for option in shape.options)


def _has_constant(shape: Shape, value: object) -> bool:
    return not isinstance(shape, Scalar) or shape.values is None or len(shape.values) > 1 or value in shape.values


def _is_scalar(shape: Scalar, value: object) -> bool:
    if shape.values is not None:
        return not isinstance(value, list | Mapping) and value in shape.values
    if isinstance(value, bool) or value is None:
        return shape.type == ("null" if value is None else "boolean")
    if isinstance(value, str):
        return shape.type == "string"
    return isinstance(value, int | float) and shape.type in ("number", "integer")
