"""Wrong types and unknown keys, in our own words: what was expected by the schema, and what was found."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, cast

from gmn_llm.config.document import Document, KeyPath, Problem, dotted, stands_in, value_at
from gmn_llm.config.masking import is_secret, masked
from gmn_llm.config.near import near, nearest
from gmn_llm.config.schema import config_schema
from gmn_llm.findings import quote

if TYPE_CHECKING:
    from pydantic import ValidationError

__all__ = ["Node", "alternatives", "expected", "fits", "found", "shape_problems"]

Node = Mapping[str, object]
KEY_BEGINS = "sk-"
SHOWN = 24
"""Characters of a wrong value that are shown; a key that slipped into the wrong place is longer."""


def shape_problems(document: Document, error: ValidationError) -> Iterator[Problem]:
    """Yield what pydantic refused, each key once."""
    schema = config_schema()
    told: set[KeyPath] = set()
    for detail in error.errors(include_url=False, include_input=False, include_context=False):
        path = _key_path(document.value, detail["loc"], kind=detail["type"])
        if path in told:
            continue
        told.add(path)
        name, around = dotted(path), _node(schema, path[:-1])
        if detail["type"] == "extra_forbidden":
            yield Problem(path, f"{name} is not a setting{_elsewhere(path) or nearest(str(path[-1]), _names(around))}")
        elif detail["type"] == "missing":
            yield Problem(path, f"{name} is missing: {expected(_node(schema, path))} is expected")
        elif detail["type"] in ("invalid_key", "string_type") and not stands_in(document.value, path):
            yield Problem(path, f"{name}: a key is expected to be a text; put it in quotation marks")
        else:
            yield Problem(path, f"{name}: {mismatch(_node(schema, path), value_at(document.value, path), path)}")


def mismatch(node: Node, value: object, path: KeyPath) -> str:
    """Return what was expected and what was found, and how to mend it where that is plain."""
    kinds = {alternative.get("type") for alternative in alternatives(node)}
    # A key that slipped into the place of a section or of a list must not be shown.
    words = f"expected {expected(node)}, found {found(value, path, hidden=bool(kinds & {'object', 'array'}))}"
    choices = [choice for each in alternatives(node) for choice in cast("list[object]", each.get("enum") or [])]
    if isinstance(value, str) and choices:
        return words + near(value, map(str, choices))
    if isinstance(value, int | float) and "string" in kinds and not kinds & {"integer", "number", "boolean"}:
        return f"{words}; put it in quotation marks"
    if isinstance(value, str) and kinds & {"integer", "number", "boolean"} and _is_number(value):
        return f"{words}; leave out the quotation marks"
    return words


def expected(node: Node) -> str:
    """Return in words what a part of the schema takes, e.g. ``a number from 0 to 2``."""
    examples = [str(each) for part in _nested(node) for each in cast("list[object]", part.get("examples") or [])]
    words = " or ".join(dict.fromkeys(_expected(each) for each in alternatives(node)))
    return f"{words} such as {', '.join(examples)}" if examples else words


def found(value: object, path: KeyPath, *, hidden: bool = False) -> str:
    """Return in words what stands there; a text that may be a secret is not shown."""
    if value is None or isinstance(value, bool):
        return {None: "nothing", True: "true", False: "false"}[value]
    if isinstance(value, int | float):
        return f"the number {quote(value)}"
    if isinstance(value, str):
        hidden |= any(is_secret(str(part)) for part in path) or len(value) > SHOWN or masked(value) != value
        hidden |= value.startswith(KEY_BEGINS)
        return "an empty text" if not value else "a text" if hidden else f"the text {value!r}"
    if isinstance(value, Mapping | list | tuple):
        return "a mapping" if isinstance(value, Mapping) else "a list"
    return "a date" if isinstance(value, dt.date | dt.time) else f"a {type(value).__name__}"


def fits(node: Node, value: object) -> bool:
    """Return whether a value is of the type and in the range a simple part of a schema names."""
    return any(_fits(each, value) for each in alternatives(node))


def _fits(node: Node, value: object) -> bool:
    if "enum" in node:
        return value in cast("list[object]", node["enum"])
    kinds: Mapping[object, tuple[type, ...]] = {
        "boolean": (bool,), "integer": (int,), "number": (int, float), "string": (str,), "null": (type(None),),
        "array": (list, tuple), "object": (Mapping,),
    }  # fmt: skip
    kind = node.get("type")
    if kind is None:
        return True
    if not isinstance(value, kinds[kind]) or (isinstance(value, bool) and kind != "boolean"):
        return False
    if isinstance(value, str):
        pattern = node.get("pattern")
        return (bool(value) or not node.get("minLength")) and (
            not isinstance(pattern, str) or re.search(pattern, value) is not None
        )
    if isinstance(value, list | tuple):
        items = cast("Node", node.get("items") or {})
        return all(fits(items, part) for part in value)
    least, above, most = node.get("minimum"), node.get("exclusiveMinimum"), node.get("maximum")
    number = value if isinstance(value, int | float) else 0
    return (not isinstance(least, int | float) or number >= least) and (
        (not isinstance(above, int | float) or number > above) and (not isinstance(most, int | float) or number <= most)
    )


def _expected(node: Node) -> str:
    if "enum" in node or "const" in node:
        choices = cast("list[object]", node.get("enum") or [node.get("const")])
        return f"one of {', '.join(map(str, choices))}"
    kind = node.get("type")
    if kind == "string":
        return "a text"
    if kind == "array":
        items = cast("Node", node.get("items") or {})
        kinds = {"string": "texts", "object": "mappings"}
        plural = {kinds.get(str(_resolved(each).get("type")), "values") for each in alternatives(items)}
        return f"a list of {' or '.join(sorted(plural, reverse=True))}"
    names = {"boolean": "true or false", "object": "a mapping", "null": "nothing"}
    if kind in ("integer", "number"):
        return ("a whole number" if kind == "integer" else "a number") + _range(node, whole=kind == "integer")
    return names.get(str(kind), "a value")


def _range(node: Node, *, whole: bool) -> str:
    least, above, most = node.get("minimum"), node.get("exclusiveMinimum"), node.get("maximum")
    if isinstance(above, int | float):
        least = above + 1 if whole else None
        if not whole:
            return f" above {above:g}" + (f" to {most:g}" if isinstance(most, int | float) else "")
    if least is None:
        return ""
    return f" from {least:g}" + (f" to {most:g}" if isinstance(most, int | float) else "")


def _nested(node: Node) -> Iterator[Node]:
    yield node
    for part in cast("list[Node]", node.get("anyOf") or []):
        yield from _nested(part)


def alternatives(node: Node) -> list[Node]:
    """Return the parts of an ``anyOf`` but null, or the node alone."""
    node = _resolved(node)
    parts = [each for part in cast("list[Node]", node.get("anyOf") or []) for each in alternatives(part)] or [node]
    return [part for part in parts if part.get("type") != "null"] or parts


def _resolved(node: Node) -> Node:
    name = str(node.get("$ref", "")).removeprefix("#/$defs/")
    return cast("Mapping[str, Node]", config_schema()["$defs"])[name] if name else node


def _node(schema: Node, path: KeyPath) -> Node:
    """Return the part of the schema for a key path; an empty one where it says nothing of it."""
    node = schema
    for part in path:
        inner: Node | None = None
        for each in alternatives(node):
            if isinstance(part, int):
                inner = cast("Node | None", each.get("items"))
            else:
                inner = cast("Mapping[str, Node]", each.get("properties") or {}).get(part) or _further(each)
            if inner is not None:
                break
        node = _resolved(inner) if inner is not None else {}
    return node


def _further(node: Node) -> Node | None:
    further = node.get("additionalProperties")
    return further if isinstance(further, Mapping) else None


def _names(node: Node) -> tuple[str, ...]:
    names = [name for each in alternatives(node) for name in cast("Node", each.get("properties") or {})]
    return tuple(name for name in names if name != "$schema")


def _elsewhere(path: KeyPath) -> str:
    """Return words on the provider whose section knows the last key, where another's does not."""
    owners = [
        name
        for name in ("openai", "anthropic", "ollama")
        if len(path) == 2 and name != path[0] and path[1] in _names(_node(config_schema(), (name,)))
    ]
    sections = ("openai", "anthropic", "ollama", "mock")
    return f"; it is one of {' and '.join(owners)}" if owners and path[0] in sections else ""


def _key_path(value: object, location: tuple[str | int, ...], *, kind: str) -> KeyPath:
    """Return the part of pydantic's location that stands in the file: it puts the members of a union in between."""
    path: list[str | int] = []
    for place, part in enumerate(location):
        if isinstance(part, bool) or not stands_in(value, (part,)):
            last = place == len(location) - 1
            if last and kind in ("missing", "invalid_key"):
                path.append(part if isinstance(part, int) else str(part))
            break
        path.append(part)
        value = value_at(value, (part,))
    return tuple(path)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return text.lower() in ("true", "false")
    return True
