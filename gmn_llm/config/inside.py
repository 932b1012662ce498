"""What is wrong inside a value whose shape is written down: each unknown name and each wrong part by itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, cast

from gmn_llm.config.document import KeyPath, Problem, dotted
from gmn_llm.config.near import nearest
from gmn_llm.config.references import variable_of
from gmn_llm.config.shape import alternatives, expected, fits, mismatch

if TYPE_CHECKING:
    from gmn_llm.config.shape import Node

__all__ = ["faults"]


def faults(node: Node, value: object, path: KeyPath) -> Iterator[Problem]:
    """Yield what is wrong with ``value`` or inside it.

    Args:
        node: The part of a JSON Schema that says what may stand there.
        value: What stands there.
        path: The keys that lead to it.
    """
    part = _of_its_kind(node, value)
    if isinstance(value, Mapping) and part is not None:
        yield from _in_mapping(part, value, path)
    elif isinstance(value, list | tuple) and part is not None:
        for index, item in enumerate(value):
            yield from faults(cast("Node", part.get("items") or {}), item, (*path, index))
    elif variable_of(value) is not None and _is_nested(node):
        words = f"expected {expected(node)}, which a variable can't hold; write it into the configuration"
        yield Problem(path, f"{dotted(path)}: {words}")
    elif not fits(node, value):
        yield Problem(path, f"{dotted(path)}: {mismatch(node, value, path)}")


def _in_mapping(node: Node, value: Mapping[object, object], path: KeyPath) -> Iterator[Problem]:
    known = cast("Mapping[str, Node]", node.get("properties") or {})
    further = node.get("additionalProperties", {})
    for name, part in value.items():
        place = (*path, str(name))
        inner = known.get(str(name), further)
        if isinstance(inner, Mapping):
            yield from faults(inner, part, place)
        else:
            yield Problem(place, f"{dotted(place)} is not known to LiteLLM{nearest(str(name), known)}")
    for name in cast("list[str]", node.get("required") or []):
        if name not in value:
            place = (*path, name)
            yield Problem(place, f"{dotted(place)} is missing: {expected(known[name])} is expected")


def _of_its_kind(node: Node, value: object) -> Node | None:
    kind = "object" if isinstance(value, Mapping) else "array" if isinstance(value, list | tuple) else None
    return next((part for part in alternatives(node) if kind is not None and part.get("type") == kind), None)


def _is_nested(node: Node) -> bool:
    return all(part.get("type") in ("object", "array") for part in alternatives(node))
