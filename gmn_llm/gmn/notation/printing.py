"""A document as text in one of the two notations, so that reading it gives the same document."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from gmn_llm.findings import quote
from gmn_llm.gmn.notation.fields import RENAMED, ROLES, WRITTEN, kind_of
from gmn_llm.gmn.notation.layout import braces, field
from gmn_llm.gmn.notation.placing import placed
from gmn_llm.gmn.notation.words import as_quoted, write_key, write_scalar

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["print_brace", "print_section"]

APART = "  "  # between the fields of a line in the brace notation
NODE_KEYS = frozenset({"id", "type", "properties", "metadata"})
EDGE_KEYS = frozenset({"source", "target", "type", "properties", "metadata"})
ALWAYS_QUOTED = "description"
BRACE_TYPES = {"likelihood": "emission"}


def print_brace(document: Mapping[str, object]) -> str:
    """Write a document in the brace notation.

    ``parse_brace`` reads it as the same document: the same nodes and edges in the same order, with the same
    properties; empty ``properties`` and ``metadata`` are left out.

    Args:
        document: The JSON graph, with ``nodes`` and ``edges``.

    Raises:
        ValueError: A node or edge has a key that the notation has no place for, or lacks its names.
        TypeError: A value is of a type that JSON does not have.
    """
    nodes, edges = _parts(document)
    places = placed(nodes, edges)
    factors = _Factors(nodes, edges)
    header = _header(document)
    statements = [header] if header else []
    for index, node in enumerate(nodes):
        statements.extend(_brace_edge(edges[edge]) for edge in places.before[index])
        statements.append(_brace_node(node, places.fields[index], factors))
    statements.extend(_brace_edge(edges[edge]) for edge in places.before[-1])
    return "".join(f"{statement}\n" for statement in statements)


def print_section(document: Mapping[str, object]) -> str:
    """Write a document in the section notation; as ``print_brace``, for ``parse_section``."""
    nodes, edges = _parts(document)
    lines = []
    about = [field(write_key(key), value, indent="") for key, value in _about(document)]
    if about:
        lines += ["[model]", *about, ""]
    lines.append("[nodes]")
    for node in nodes:
        before = f"{write_key(str(node['id']))}: {write_scalar(str(node['type']))}"
        fields = [_property(key, value, key) for key, value in _mapping(node, "properties").items()]
        lines.append(_with_fields(before, [*fields, *_metadata(node)], separator=", "))
    lines += ["", "[edges]", *(_edge(edge, separator=", ") for edge in edges)]
    return "".join(f"{line}\n" for line in lines)


def _parts(document: Mapping[str, object]) -> tuple[list[Mapping[str, object]], list[Mapping[str, object]]]:
    nodes = _listed(document, "nodes", NODE_KEYS, ("id", "type"))
    return nodes, _listed(document, "edges", EDGE_KEYS, ("source", "target", "type"))


def _listed(
    document: Mapping[str, object], key: str, known: frozenset[str], needed: Sequence[str]
) -> list[Mapping[str, object]]:
    parts = cast("Iterable[Mapping[str, object]]", document.get(key) or ())
    listed = list(parts)
    for index, part in enumerate(listed):
        unknown = sorted(part.keys() - known)
        if unknown:
            raise ValueError(f"/{key}/{index} has {quote(unknown[0])}, which the notation has no place for")
        for name in needed:
            if not isinstance(part.get(name), str):
                raise ValueError(f"/{key}/{index} has no text as its {name!r}")  # noqa: TRY004  (see Raises)
    return listed


def _about(document: Mapping[str, object]) -> list[tuple[str, object]]:
    """Return the document's own fields that say something, name and description first, metadata last."""
    first, last = ("name", "description"), ("nodes", "edges", "metadata")
    keys = [*first, *(key for key in document if key not in (*first, *last))]
    about = [(key, document[key]) for key in keys if key in document]
    return [*about, ("metadata", document["metadata"])] if document.get("metadata") else about


def _header(document: Mapping[str, object]) -> str:
    about = dict(_about(document))
    if not about:
        return ""
    words = ["model"]
    if isinstance(about.get("name"), str):
        words.append(write_scalar(about.pop("name")))
        if isinstance(about.get("description"), str):
            words.append(as_quoted(str(about.pop("description"))))
    if not about:
        return " ".join(words)
    fields = [field(write_key(key), value) for key, value in about.items()]
    return braces(fields, before=" ".join(words), separator=APART)


def _brace_node(
    node: Mapping[str, object], edge_fields: Sequence[tuple[str, tuple[str, ...]]], factors: _Factors
) -> str:
    node_id, node_type = str(node["id"]), str(node["type"])
    kind = kind_of(node_type)
    properties = dict(_mapping(node, "properties"))
    before = f"node {write_scalar(BRACE_TYPES.get(node_type, node_type))} {write_scalar(node_id)}"
    fields = [field(key, names[0] if len(names) == 1 else list(names)) for key, names in edge_fields]
    if kind == "transition":
        fields += factors.written(node_id, properties)
    taken = {*ROLES.get(kind, {}), *RENAMED.get(kind, {})}
    for key, value in properties.items():
        written = WRITTEN.get(kind, {}).get(key)
        fields.append(_property(key, value, written or key, is_word=written is None and key in taken))
    return braces([*fields, *_metadata(node)], before=before, separator=APART)


def _property(key: str, value: object, written: str, *, is_word: bool = False) -> str:
    """Write a property; its key stands in quotes where it would mean something else without."""
    name = as_quoted(key) if is_word or key == "metadata" else write_key(written)
    if key == ALWAYS_QUOTED and isinstance(value, str):
        return f"{name}: {as_quoted(value)}"
    return field(name, value)


def _metadata(part: Mapping[str, object]) -> list[str]:
    value = part.get("metadata")
    return [] if value is None or value == {} else [field("metadata", value)]


def _brace_edge(edge: Mapping[str, object]) -> str:
    return f"edge {_edge(edge, separator=APART)}"


def _edge(edge: Mapping[str, object], *, separator: str) -> str:
    source, target, edge_type = (str(edge[key]) for key in ("source", "target", "type"))
    line = f"{write_scalar(source)} -> {write_key(target)}: {write_scalar(edge_type)}"
    fields = [_property(key, value, key) for key, value in _mapping(edge, "properties").items()]
    return _with_fields(line, [*fields, *_metadata(edge)], separator=separator)


def _with_fields(before: str, fields: Sequence[str], *, separator: str) -> str:
    return braces(fields, before=before, separator=separator) if fields else before


def _mapping(part: Mapping[str, object], key: str) -> Mapping[str, object]:
    return cast("Mapping[str, object]", part.get(key) or {})


class _Factors:
    """Knows the state parents of each transition, for its ``to``."""

    def __init__(self, nodes: Sequence[Mapping[str, object]], edges: Sequence[Mapping[str, object]]) -> None:
        kinds: dict[str, str] = {}
        for node in nodes:
            kinds.setdefault(str(node["id"]), kind_of(str(node["type"])))
        self._parents: dict[str, set[str]] = {}
        for edge in edges:
            source, target = str(edge["source"]), str(edge["target"])
            if edge["type"] == "depends_on" and kinds.get(source) == "state":
                self._parents.setdefault(target, set()).add(source)

    def written(self, node_id: str, properties: dict[str, object]) -> list[str]:
        """Return the field ``to`` where it can say what ``factor``, which it takes out, or its lack says."""
        parents = self._parents.get(node_id, set())
        if "factor" not in properties:
            return [field("to", name) for name in parents if len(parents) == 1]
        if isinstance(properties["factor"], str) and parents != {properties["factor"]}:
            return [field("to", properties.pop("factor"))]
        return []
