"""A document as a Mermaid flowchart (https://mermaid.js.org/syntax/flowchart.html)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

from gmn_llm.gmn.dialects import COUNTS

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["to_mermaid"]

SHAPES = {
    "state": ("([", "])"),
    "observation": ("[/", "/]"),
    "action": ("{{", "}}"),
    "preference": (">", "]"),
    "belief": (">", "]"),
}
ARROWS = {"depends_on": "-->", "generates": "-->", "influences": "-.->", "updates": "==>", "queries": "-.->"}


def to_mermaid(document: Mapping[str, object]) -> str:
    """Return the graph of ``document``: factors round, modalities slanted, actions hexagonal, arrays square."""
    return "\n".join(("flowchart LR", *_nodes(document), *_edges(document))) + "\n"


def _nodes(document: Mapping[str, object]) -> Iterator[str]:
    for node in cast("Sequence[Mapping[str, object]]", document["nodes"]):
        left, right = SHAPES.get(str(node["type"]), ("[", "]"))
        # the prefix keeps an id such as "end" from being read as a word of Mermaid's
        yield f'  n_{node["id"]}{left}"{_caption(node)}"{right}'


def _caption(node: Mapping[str, object]) -> str:
    properties = cast("Mapping[str, object]", node.get("properties", {}))
    said = f"{node['id']}<br/>{node['type']}"
    size = properties.get(COUNTS.get(str(node["type"]), ""))
    if size is not None:
        return f"{said} ({size})"
    matrix = properties.get("matrix")
    return f"{said} {matrix.get('kind', 'of')}" if isinstance(matrix, Mapping) else said


def _edges(document: Mapping[str, object]) -> Iterator[str]:
    for edge in cast("Sequence[Mapping[str, object]]", document.get("edges", ())):
        yield f"  n_{edge['source']} {ARROWS[str(edge['type'])]} n_{edge['target']}"
