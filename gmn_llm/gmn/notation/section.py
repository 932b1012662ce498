"""The section notation: ``[nodes]`` with ``id: type {key: value}``, ``[edges]`` with ``a -> b: type``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gmn_llm.gmn.limits import DEFAULT_LIMITS
from gmn_llm.gmn.notation.graph import Graph
from gmn_llm.gmn.notation.parsed import EdgeStatement, Field, NodeStatement
from gmn_llm.gmn.notation.reader import read_statements

if TYPE_CHECKING:
    from gmn_llm.gmn.limits import Limits
    from gmn_llm.gmn.notation.parsed import Parsed

__all__ = ["parse_section"]

TYPES = {"emission": "likelihood"}


def parse_section(text: str, *, default_name: str, limits: Limits = DEFAULT_LIMITS) -> Parsed:
    """Read a document in the section notation.

    The braces of a node hold its properties, with the names they have in JSON, and ``metadata``; those of an
    edge likewise. ``[model]`` holds the document's own fields, such as ``name``. All mistakes come back.

    Args:
        text: The document.
        default_name: Its name where it gives none, which is a warning.
        limits: What is too large to be read.
    """
    reading = read_statements(text, "section", limits)
    graph = Graph(reading)
    for statement in reading.statements:
        if isinstance(statement, Field):
            graph.add_document_fields([statement])
        elif isinstance(statement, NodeStatement):
            _add_node(graph, statement)
        elif isinstance(statement, EdgeStatement):
            graph.add_edge(statement.source, statement.target, statement.type, statement.place)
            if statement.fields is not None:
                graph.put_edge_fields(statement.fields)
    return graph.finished(default_name=default_name)


def _add_node(graph: Graph, node: NodeStatement) -> None:
    graph.add_node(node.id, TYPES.get(node.type, node.type), node.place)
    for field in node.fields:
        if field.key == "metadata" and not field.quoted:
            graph.put_node_metadata(field)
        else:
            graph.put_property(field.key, field)
