"""An answer that is a canonical document and nothing else: there is nothing to look for in it and nothing to mend.

What makes an answer proper is asked for in the order of its cost, and whatever is in doubt is left to the careful
reading, which would come to the same document by taking it apart and putting it together again.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, cast

from gmn_llm.generation.mending import mended_graphs
from gmn_llm.gmn import schema
from gmn_llm.gmn.dialects import canonical
from gmn_llm.gmn.json_text import parse_json
from gmn_llm.gmn.provider_schema import Dialect, compile_schema
from gmn_llm.gmn.provider_schema.shapes import Choice, Listing, Record, Scalar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gmn_llm.gmn.limits import Limits

__all__ = ["proper"]

LONGEST_SIGN = 4
"""Bytes that one sign of a text can take, in UTF-8 and in what is counted of a value."""


def proper(text: str, *, limits: Limits) -> tuple[dict[str, object], dict[str, object]] | None:
    """Return the document that an answer is, or None where the careful reading may read it otherwise.

    Args:
        text: The answer, without thoughts.
        limits: What is too large.

    Returns:
        The graph as it was written and the document as the strict reader returns it, which are equal and are two
        objects; the document meets the schema.
    """
    text = text.strip()
    if text[:1] != "{" or len(text) * LONGEST_SIGN > limits.document_bytes:
        return None
    value, found = parse_json(text, limits=limits)
    if found or not isinstance(value, dict) or "nodes" not in value or "edges" not in value:
        return None
    if any(limits.exceeded(value)):
        return None
    document, aliases = canonical(value)
    if aliases or not schema.is_valid(document) or not str(document["name"]).strip() or not _is_settled(document):
        return None
    graph, *others = mended_graphs(document)
    return None if others or graph[1] or graph[0] != document else (graph[0], document)


def _is_settled(document: Mapping[str, object]) -> bool:
    """Whether folding and loosening leave a document as it is, which meets the schema.

    The schema lets stand what these would take for something else: in the properties a key that is a known one in
    other letters, and in rules a list of labels that are numbers. Neither is looked at closer.
    """
    known = _known_properties()
    for node in cast("list[Mapping[str, object]]", document["nodes"]):
        properties = node.get("properties")
        if not properties:
            continue
        given = cast("Mapping[str, object]", properties)
        matrix = given.get("matrix")
        if not known[str(node["type"])].issuperset(given) or (isinstance(matrix, dict) and "rules" in matrix):
            return False
    return True


@cache
def _known_properties() -> Mapping[str, frozenset[str]]:
    """Return, for each type of node, the properties that an answer is folded by."""
    nodes = compile_schema(schema.load(), Dialect.PLAIN).shape.by_name["nodes"].shape
    kinds = nodes.items.options if isinstance(nodes, Listing) and isinstance(nodes.items, Choice) else ()
    result: dict[str, frozenset[str]] = {}
    for kind in kinds:
        if isinstance(kind, Record):
            node_type, properties = kind.by_name["type"].shape, kind.by_name["properties"].shape
            if isinstance(node_type, Scalar) and isinstance(properties, Record):
                result |= {str(name): frozenset(properties.by_name) for name in node_type.values or ()}
    return result
