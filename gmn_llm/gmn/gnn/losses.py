"""What of a document has no place beside its arrays: in GNN, or in the description of ``compile_model``.

Each loss is a finding ``unsupported``. It is about the other notation and does not make the document wrong; what is
written stands for the same arrays, labels and plan.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from gmn_llm.findings import Finding
from gmn_llm.gmn.edges import is_free
from gmn_llm.gmn.positions import escape
from gmn_llm.gmn.schema import known_properties
from gmn_llm.gmn.words import listed, named

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["losses"]


def losses(document: Mapping[str, object]) -> tuple[Finding, ...]:
    """Return a finding ``unsupported`` for each part of ``document`` that carries no array, label or plan.

    Args:
        document: A canonical document without errors.
    """
    return (*_names(document), *_nodes(document), *_edges(document), *_metadata(document))


def _lost(path: str, message: str, hint: str) -> Finding:
    return Finding("unsupported", path, message, hint)


def _items(document: Mapping[str, object], key: str) -> Sequence[Mapping[str, object]]:
    return cast("Sequence[Mapping[str, object]]", document.get(key) or ())


def _properties(item: Mapping[str, object]) -> Mapping[str, object]:
    return cast("Mapping[str, object]", item.get("properties") or {})


def _names(document: Mapping[str, object]) -> Iterator[Finding]:
    """Matrices by name, all in one: their numbers are there."""
    by_name = [
        (k, node)
        for k, node in enumerate(_items(document, "nodes"))
        if isinstance(_properties(node).get("matrix"), dict)
    ]
    if by_name:
        said = listed(node["id"] for _, node in by_name)
        message = f"matrices by name and rules are written out as numbers: those of {said}"
        yield _lost(f"/nodes/{by_name[0][0]}/properties/matrix", message, "keep the GMN document as the source")


def _nodes(document: Mapping[str, object]) -> Iterator[Finding]:
    for k, node in enumerate(_items(document, "nodes")):
        path, said = f"/nodes/{k}", f"node {named(node['id'])}"
        if node["type"] == "llm_query":
            yield _lost(path, f"{said} of type llm_query is left out", "it asks a language model, which no array says")
            continue
        known = known_properties(str(node["type"]))
        for key in _properties(node):
            if key not in known:
                message = f"{said}: the property {named(key)} is left out"
                yield _lost(f"{path}/properties/{escape(key)}", message, "it means nothing to the model")
        if node.get("metadata"):
            yield _lost(f"{path}/metadata", f"{said}: its metadata is left out", "keep the GMN document as the source")


def _edges(document: Mapping[str, object]) -> Iterator[Finding]:
    types = {str(node["id"]): str(node["type"]) for node in _items(document, "nodes")}
    for k, edge in enumerate(_items(document, "edges")):
        source, target = str(edge["source"]), str(edge["target"])
        said = f"the edge {named(source)} -> {named(target)} of type {edge['type']}"
        if is_free(types[source], types[target], str(edge["type"])):
            yield _lost(f"/edges/{k}", f"{said} is left out", "it carries no array")
        elif edge.get("metadata") or edge.get("properties"):
            message = f"{said}: its properties and metadata are left out"
            yield _lost(f"/edges/{k}", message, "keep the GMN document as the source")


def _metadata(document: Mapping[str, object]) -> Iterator[Finding]:
    if document.get("metadata"):
        yield _lost("/metadata", "the document's metadata is left out", "keep the GMN document as the source")
