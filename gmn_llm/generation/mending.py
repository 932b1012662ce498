"""What can be mended in a graph without a doubt and without changing what it means; no model is asked for that.

Ids in other letters, arrows that run the other way, types of edges left out, labels that repeat, keys that are no
part of the notation, arrays with one row for each state. Each is told as a warning.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from gmn_llm.findings import Finding, quote
from gmn_llm.generation.pieces import squashed
from gmn_llm.gmn.dialects import canonical
from gmn_llm.gmn.edges import ALLOWED, is_free
from gmn_llm.gmn.list_form import COUNTS

__all__ = ["mended_graphs"]

NODE_KEYS = frozenset({"id", "type", "properties", "metadata"})
EDGE_KEYS = frozenset({"source", "target", "type", "properties", "metadata"})
DOCUMENT_KEYS = frozenset({"name", "description", "version", "nodes", "edges", "metadata"})
RULES_WAY = {(source, target): edge_type for source, target, edge_type in sorted(ALLOWED)}


@dataclass
class _Work:
    """A document in the making: nothing of what was given is changed."""

    document: dict[str, object]
    nodes: list[dict[str, object]]
    edges: list[dict[str, object]]
    notes: list[Finding] = field(default_factory=list)

    def tell(self, path: str, message: str) -> None:
        self.notes.append(Finding("alias", path, message, "write the canonical form"))

    def properties(self, node: Mapping[str, object]) -> dict[str, object]:
        found = node.get("properties")
        return found if isinstance(found, dict) else {}

    def finished(self) -> dict[str, object]:
        return {**self.document, "nodes": self.nodes, "edges": self.edges}


def mended_graphs(document: Mapping[str, object]) -> Iterator[tuple[dict[str, object], tuple[Finding, ...]]]:
    """Yield the document with what was mended in it, and the warnings; the likeliest first where there are several.

    Args:
        document: A graph whose nodes and edges are lists; anything in it may be misshapen.
    """
    document, aliases = canonical(document)
    nodes, edges = document.get("nodes"), document.get("edges", [])
    if not isinstance(nodes, list) or not isinstance(edges, list):
        yield document, tuple(aliases)
        return
    if not all(isinstance(part, Mapping) for part in (*nodes, *edges)):
        yield document, tuple(aliases)
        return
    work = _Work(document, [_copied(node) for node in nodes], [dict(edge) for edge in edges], aliases)
    _strange_keys(work)
    _ids(work)
    _ends(work)
    _arrows(work)
    _repeated_labels(work)
    _turned(work)
    unequal = list(_unequal_labels(work))
    if unequal:
        yield _with_sizes(work, unequal)
        yield _without_labels(work, unequal)
    yield work.finished(), tuple(work.notes)


def _copied(node: Mapping[str, object]) -> dict[str, object]:
    properties = node.get("properties")
    return {**node, "properties": dict(properties)} if isinstance(properties, Mapping) else dict(node)


def _strange_keys(work: _Work) -> None:
    """Move keys that the notation does not have into the metadata, where anything goes."""
    for parts, known, kind in ((work.nodes, NODE_KEYS, "nodes"), (work.edges, EDGE_KEYS, "edges")):
        for k, part in enumerate(parts):
            _set_aside(work, part, known, f"/{kind}/{k}")
    _set_aside(work, work.document, DOCUMENT_KEYS, "")


def _set_aside(work: _Work, part: dict[str, object], known: frozenset[str], path: str) -> None:
    strange = [key for key in part if key not in known]
    metadata = part.get("metadata", {})
    if strange and isinstance(metadata, Mapping):
        part["metadata"] = {**{key: part.pop(key) for key in strange}, **metadata}
        work.tell(path, f"{quote(', '.join(map(str, strange)))} is kept in the metadata")


def _ids(work: _Work) -> None:
    """Write ids as the notation has them: letters, digits and underscores."""
    taken = {str(node.get("id")) for node in work.nodes}
    renamed: dict[str, str] = {}
    for k, node in enumerate(work.nodes):
        given = node.get("id")
        if not isinstance(given, str) or _is_id(given) or not given.strip():
            continue
        wanted = _as_id(given)
        if wanted in taken:
            continue
        taken.add(wanted)
        renamed[given] = node["id"] = wanted
        work.tell(f"/nodes/{k}/id", f"the id {quote(given)} is written {wanted}")
    if renamed:
        for edge in work.edges:
            for end in ("source", "target"):
                edge[end] = renamed.get(str(edge.get(end)), edge.get(end))
        _rename_inside(work, renamed)


def _is_id(text: str) -> bool:
    return text.isascii() and text.replace("_", "a").isalnum() and not text[0].isdigit()


def _as_id(text: str) -> str:
    plain = "".join(sign if sign.isascii() and (sign.isalnum() or sign == "_") else "_" for sign in text.strip())
    return f"n{plain}" if plain[0].isdigit() else plain


def _rename_inside(work: _Work, renamed: Mapping[str, str]) -> None:
    """Rename where properties speak of nodes: factors, actions, and what rules look at."""
    for node in work.nodes:
        properties = work.properties(node)
        properties |= _renamed_keys(properties, renamed)
        matrix = properties.get("matrix")
        if isinstance(matrix, Mapping):
            rules = matrix.get("rules")
            changed = _renamed_keys(matrix, renamed)
            if isinstance(rules, list):
                changed["rules"] = [_renamed_rule(rule, renamed) for rule in rules]
            properties["matrix"] = {**matrix, **changed}


def _renamed_keys(part: Mapping[str, object], renamed: Mapping[str, str]) -> dict[str, object]:
    return {key: renamed[str(part[key])] for key in ("factor", "action") if str(part.get(key)) in renamed}


def _renamed_rule(rule: object, renamed: Mapping[str, str]) -> object:
    when = rule.get("when") if isinstance(rule, Mapping) else None
    if not isinstance(rule, Mapping) or not isinstance(when, Mapping):
        return rule
    return {**rule, "when": {renamed.get(str(name), name): value for name, value in when.items()}}


def _ends(work: _Work) -> None:
    """Let edges name nodes in the letters that the nodes have."""
    ids = {str(node.get("id")) for node in work.nodes}
    by_sound: dict[str, list[str]] = {}
    for name in sorted(ids):
        by_sound.setdefault(squashed(name), []).append(name)
    for k, edge in enumerate(work.edges):
        for end in ("source", "target"):
            given = edge.get(end, edge.get("from" if end == "source" else "to"))
            if not isinstance(given, str) or given in ids:
                continue
            alike = by_sound.get(squashed(given), [])
            if len(alike) == 1:
                edge[end] = alike[0]
                work.tell(f"/edges/{k}/{end}", f"{quote(given)} is {alike[0]}")


def _arrows(work: _Work) -> None:
    """Let edges run the way, and be of the type, that is the only one between two such nodes."""
    types = {str(node.get("id")): str(node.get("type")) for node in work.nodes}
    ways = {(str(edge.get("source")), str(edge.get("target"))) for edge in work.edges}
    for k, edge in enumerate(work.edges):
        ends = types.get(str(edge.get("source")), ""), types.get(str(edge.get("target")), "")
        given = edge.get("type")
        if (*ends, str(given)) in ALLOWED or is_free(*ends, str(given)):
            continue
        back = (ends[1], ends[0])
        there = (str(edge.get("target")), str(edge.get("source"))) in ways
        if back in RULES_WAY and not there and (ends not in RULES_WAY or given == RULES_WAY[back]):
            edge |= {"source": edge.get("target"), "target": edge.get("source"), "type": RULES_WAY[back]}
        elif ends in RULES_WAY:
            edge["type"] = RULES_WAY[ends]
        else:
            continue
        said = f"the edge runs {quote(edge.get('source'))} -> {quote(edge.get('target'))} as {edge['type']}"
        work.tell(f"/edges/{k}", said)


def _labelled(work: _Work) -> Iterator[tuple[int, dict[str, object], list[object]]]:
    for k, node in enumerate(work.nodes):
        labels = work.properties(node).get("labels")
        if str(node.get("type")) in COUNTS and isinstance(labels, list) and labels:
            yield k, node, labels


def _repeated_labels(work: _Work) -> None:
    """Number labels that stand more than once: the first keeps its name."""
    for k, node, labels in _labelled(work):
        if len(set(map(str, labels))) == len(labels) or not all(isinstance(label, str) for label in labels):
            continue
        taken, seen = set(map(str, labels)), Counter[str]()
        result: list[str] = []
        for label in map(str, labels):
            seen[label] += 1
            name = label
            while seen[label] > 1 and (name := f"{label}_{seen[label]}") in taken:
                seen[label] += 1
            taken.add(name)
            result.append(name)
        work.properties(node)["labels"] = result
        work.tell(f"/nodes/{k}/properties/labels", f"node {quote(node.get('id'))}: repeated labels have a number")


def _unequal_labels(work: _Work) -> Iterator[tuple[int, dict[str, object], int]]:
    """Yield nodes with more or fewer labels than values."""
    for k, node, labels in _labelled(work):
        size = work.properties(node).get(COUNTS[str(node["type"])])
        if isinstance(size, int) and size != len(labels):
            yield k, node, len(labels)


def _with_sizes(
    work: _Work, unequal: Sequence[tuple[int, dict[str, object], int]]
) -> tuple[dict[str, object], tuple[Finding, ...]]:
    return _varied(
        work, {k: {COUNTS[str(node["type"])]: count} for k, node, count in unequal}, "as many values as labels"
    )


def _without_labels(
    work: _Work, unequal: Sequence[tuple[int, dict[str, object], int]]
) -> tuple[dict[str, object], tuple[Finding, ...]]:
    return _varied(work, {k: {"labels": None} for k, _, _ in unequal}, "its labels, of another number, are left out")


def _varied(
    work: _Work, changes: Mapping[int, Mapping[str, object]], said: str
) -> tuple[dict[str, object], tuple[Finding, ...]]:
    nodes: list[object] = []
    notes = list(work.notes)
    for k, node in enumerate(work.nodes):
        if k in changes:
            properties = {**work.properties(node), **changes[k]}
            nodes.append({**node, "properties": {key: value for key, value in properties.items() if value is not None}})
            notes.append(Finding("alias", f"/nodes/{k}", f"node {quote(node.get('id'))}: {said}", "as many as values"))
        else:
            nodes.append(node)
    return {**work.finished(), "nodes": nodes}, tuple(notes)


def _turned(work: _Work) -> None:
    """Turn arrays with one row for each state, where they fit no other way."""
    if not any(isinstance(work.properties(node).get("matrix"), list) for node in work.nodes):
        return
    from gmn_llm.gmn.notation.turning import Turned, turn_likelihood, turn_transition  # loads NumPy

    around = _Around(work)
    for k, node in enumerate(work.nodes):
        properties = work.properties(node)
        matrix, name = properties.get("matrix"), str(node.get("id"))
        if not isinstance(matrix, list):
            continue
        states, actions, outcomes = (around.sizes(name, kind) for kind in ("state", "action", "observation"))
        if not states or 0 in (*states, *actions, *outcomes):
            continue
        if node.get("type") == "likelihood" and len(outcomes) == 1:
            turned, how = turn_likelihood(matrix, outcomes[0], states)
        elif node.get("type") == "transition" and len(states) == 1:
            turned, how = turn_transition(matrix, states[0], states, actions)
        else:
            continue
        if how is Turned.TURNED:
            properties["matrix"] = turned
            said = f"node {quote(name)} has one row for each state and was turned"
            hint = "the columns over axis 0 sum to 1"
            work.notes.append(Finding("transposed", f"/nodes/{k}/properties/matrix", said, hint))


class _Around:
    """Sizes of what arrays are tied to, in the order of the edges."""

    def __init__(self, work: _Work) -> None:
        self.types = {str(node.get("id")): str(node.get("type")) for node in work.nodes}
        self.counts: dict[str, int] = {}
        for node in work.nodes:
            size = work.properties(node).get(COUNTS.get(str(node.get("type")), ""))
            self.counts[str(node.get("id"))] = size if isinstance(size, int) and not isinstance(size, bool) else 0
        self.edges = [(str(edge.get("source")), str(edge.get("target"))) for edge in work.edges]

    def sizes(self, name: str, kind: str) -> tuple[int, ...]:
        ends = [source for source, target in self.edges if target == name and kind != "observation"]
        ends += [target for source, target in self.edges if source == name and kind == "observation"]
        return tuple(self.counts[end] for end in ends if self.types.get(end) == kind)
