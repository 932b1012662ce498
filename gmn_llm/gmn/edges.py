"""Which edges mean something, and what to say of the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gmn_llm.findings import Finding
from gmn_llm.gmn.words import listed, named

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["ALLOWED", "bad_edge", "is_free", "loops"]

ALLOWED = frozenset({
    ("state", "likelihood", "depends_on"), ("likelihood", "observation", "generates"),
    ("state", "transition", "depends_on"), ("action", "transition", "depends_on"),
    ("transition", "state", "updates"), ("preference", "observation", "depends_on"),
    ("preference", "state", "depends_on"), ("belief", "state", "depends_on"),
})  # fmt: skip


def is_free(source_type: str, target_type: str, edge_type: str) -> bool:
    """Return whether an edge is one of those that carry no array."""
    if edge_type == "queries":
        return target_type == "llm_query"
    return edge_type == "influences" or (edge_type == "updates" and source_type == "llm_query")


def bad_edge(k: int, source: tuple[str, str], target: tuple[str, str], edge_type: str) -> Finding:
    """Return what to say of edge ``k`` between two (id, type), which means nothing."""
    said = f"{named(source[0])} ({source[1]}) -> {named(target[0])} ({target[1]}) with type {edge_type} means nothing"
    return Finding("bad-edge", f"/edges/{k}", said, _hint(source, target))


def _hint(source: tuple[str, str], target: tuple[str, str]) -> str:
    types = {source[1], target[1]}
    rules = [rule for rule in sorted(ALLOWED) if {rule[0], rule[1]} == types]
    if rules:
        first, second, edge_type = rules[0]
        start, end = (source, target) if (source[1], target[1]) == (first, second) else (target, source)
        return f"it runs {named(start[0])} -> {named(end[0])} with type {edge_type}"
    if types == {"state", "observation"}:
        return "put a likelihood between them: state -> likelihood depends_on, likelihood -> observation generates"
    if types in ({"state", "action"}, {"state"}):
        return "put a transition between them: state -> transition and action -> transition, both depends_on"
    if "llm_query" in types:
        return "anything -> llm_query is of type queries, llm_query -> anything of type updates"
    if "policy" in types:
        return "a policy has edges of type influences only"
    return "these two have no array between them; use type influences for a mere note"


def loops(edges: Sequence[Mapping[str, object]]) -> Iterator[Finding]:
    """Find one loop of ``generates`` and ``depends_on`` edges, in time proportional to the edges.

    What has no way in is taken away until nothing more goes; each node that is left has a way in from one that is
    left, so walking against the arrows must come to a node for the second time.
    """
    ways: dict[str, list[str]] = {}
    into: dict[str, list[tuple[int, str]]] = {}
    for k, edge in enumerate(edges):
        if edge["type"] in ("generates", "depends_on"):
            source, target = str(edge["source"]), str(edge["target"])
            ways.setdefault(source, []).append(target)
            into.setdefault(target, []).append((k, source))
    left = {node: len(before) for node, before in into.items()}
    free = [node for node in ways if node not in left]
    while free:
        for target in ways.get(free.pop(), ()):
            left[target] -= 1
            if not left[target]:
                del left[target]
                free.append(target)
    if not left:
        return
    walked: dict[str, int] = {}
    node = next(iter(left))
    while node not in walked:
        k, before = next((k, source) for k, source in into[node] if source in left)
        walked[node] = k
        node = before
    loop = list(walked)[list(walked).index(node) :]
    said = f"the edges run in a circle through {listed(reversed(loop))}"
    hint = "arrows run from states to arrays and on to observations, never back"
    yield Finding("cycle", f"/edges/{walked[node]}", said, hint)
