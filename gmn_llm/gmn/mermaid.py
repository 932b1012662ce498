"""A document as a Mermaid flowchart (https://mermaid.js.org/syntax/flowchart.html)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

from gmn_llm.findings import quote
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
MOST_LABELS = 8
# What stands for itself between quotation marks. All other signs of ASCII become entity codes, which Mermaid turns back
# after it has looked for quotes, brackets, directives (%%{), formulas ($$), icons (fa:) and Markdown.
STRANGE = re.compile(r"[^\w ,.+=()\u0080-\U0010ffff-]|[\x80-\x9f\u2028\u2029]|_(?![0-9A-Za-z])|(?<![0-9A-Za-z])_")


def to_mermaid(document: Mapping[str, object]) -> str:
    """Return the graph of ``document``: factors round, modalities slanted, actions hexagonal, arrays square.

    Labels are shown up to eight. Ids and labels may hold anything: they are written so that Mermaid takes them as text.
    """
    return "\n".join(("flowchart LR", *_nodes(document), *_edges(document))) + "\n"


def _nodes(document: Mapping[str, object]) -> Iterator[str]:
    for node in cast("Sequence[Mapping[str, object]]", document["nodes"]):
        left, right = SHAPES.get(str(node["type"]), ("[", "]"))
        # the prefix keeps an id such as "end" from being read as a word of Mermaid's
        yield f'  n_{node["id"]}{left}"{_caption(node)}"{right}'


def _caption(node: Mapping[str, object]) -> str:
    properties = cast("Mapping[str, object]", node.get("properties", {}))
    said = f"{_text(node['id'])}<br/>{node['type']}"
    size, labels = properties.get(COUNTS.get(str(node["type"]), "")), properties.get("labels")
    if size is not None:
        return f"{said} ({size})" + (f"<br/>{_listed(labels)}" if isinstance(labels, list) and labels else "")
    matrix = properties.get("matrix")
    return f"{said} {_text(matrix.get('kind', 'of'))}" if isinstance(matrix, Mapping) else said


def _listed(labels: Sequence[object]) -> str:
    more = ", ..." if len(labels) > MOST_LABELS else ""
    return "of " + ", ".join(map(_text, labels[:MOST_LABELS])) + more


def _text(value: object) -> str:
    """Return ``value`` on one line, cut where it is long, with entity codes for the signs that mean something."""
    return STRANGE.sub(lambda found: f"#{ord(found.group())};", quote(str(value)))


def _edges(document: Mapping[str, object]) -> Iterator[str]:
    for edge in cast("Sequence[Mapping[str, object]]", document.get("edges", ())):
        yield f"  n_{edge['source']} {ARROWS[str(edge['type'])]} n_{edge['target']}"
