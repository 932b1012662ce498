"""Properties that the notation does not know, and those that it knows but does not support."""

from __future__ import annotations

from functools import cache
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from gmn_llm.findings import Finding, Severity
from gmn_llm.gmn.limits import MOST_PROPERTIES
from gmn_llm.gmn.positions import escape
from gmn_llm.gmn.schema import NODE_TYPES, known_properties
from gmn_llm.gmn.words import named

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["check_properties", "near_misses"]

CLOSE = 2
MOST_UNKNOWN = 1_000


class _Unknown(NamedTuple):
    """A property that means nothing: where it stands, whose it is, and what to do about it."""

    path: str
    owner: str
    key: str
    hint: str

    def finding(self) -> Finding:
        """Return the warning."""
        message = f"{self.owner} has the property {named(self.key)}, which means nothing here"
        return Finding("unknown-property", f"{self.path}/properties/{escape(self.key)}", message, self.hint)


def check_properties(document: Mapping[str, object]) -> Iterator[Finding]:
    """Yield what is to be said of the properties of ``document``, which need not meet the schema.

    Of those that mean nothing the first 1,000 are told one by one, and the others by their number.
    """
    count = 0
    first: _Unknown | None = None
    for found in chain(_of_nodes(document), _of_edges(document)):
        if isinstance(found, Finding):
            yield found
            continue
        count += 1
        if count <= MOST_UNKNOWN:
            yield found.finding()
        else:
            first = first or found
    if first is not None:
        message = f"{count - MOST_UNKNOWN} more properties mean nothing here, the first of them {named(first.key)}"
        yield Finding("unknown-property", f"{first.path}/properties/{escape(first.key)}", message, first.hint)


def _of_nodes(document: Mapping[str, object]) -> Iterator[Finding | _Unknown]:
    for path, node in _items(document, "nodes"):
        properties, node_type = node.get("properties"), node.get("type")
        if not isinstance(properties, dict) or node_type not in NODE_TYPES:
            continue
        if str(properties.get("type")).lower() == "continuous":
            message = f"node {named(node.get('id'))} is continuous"
            hint = "the notation is for discrete models: divide the range into steps"
            yield Finding("unsupported", f"{path}/properties/type", message, hint)
        known = known_properties(str(node_type))
        if not known.issuperset(properties):
            owner = f"node {named(node.get('id'))}"
            if len(properties) > MOST_PROPERTIES:
                yield _too_many(path, owner, len(properties))
                continue
            for key in properties:
                if key not in known:
                    yield _near_or_unknown(path, owner, str(key), str(node_type))


def _of_edges(document: Mapping[str, object]) -> Iterator[Finding | _Unknown]:
    for path, edge in _items(document, "edges"):
        properties = edge.get("properties")
        if isinstance(properties, dict) and properties:
            owner = f"the edge {named(edge.get('source'))} -> {named(edge.get('target'))}"
            if len(properties) > MOST_PROPERTIES:
                yield _too_many(path, owner, len(properties))
                continue
            for key in properties:
                if key != "description":  # known everywhere
                    yield _Unknown(path, owner, str(key), "it is kept")


def _too_many(path: str, owner: str, count: int) -> Finding:
    message = f"{owner} has {count} properties where {MOST_PROPERTIES} are the most"
    return Finding("size-limit", f"{path}/properties", message, "'metadata' is the place for anything else")


def near_misses(document: Mapping[str, object]) -> Iterator[Finding]:
    """Yield the errors alone: names that are within two letters of a known one, and what is not supported."""
    return (finding for finding in check_properties(document) if finding.severity is Severity.ERROR)


def _items(document: Mapping[str, object], key: str) -> Iterator[tuple[str, Mapping[str, object]]]:
    items = document.get(key)
    for k, item in enumerate(items if isinstance(items, list) else ()):
        if isinstance(item, dict):
            yield f"/{key}/{k}", item


def _near_or_unknown(path: str, owner: str, key: str, node_type: str) -> Finding | _Unknown:
    near = _nearest(key, node_type)
    if near is None:
        return _Unknown(path, owner, key, "it is kept; 'metadata' is the place for anything else")
    message = f"{owner} has the property {named(key)}, which is not known"
    return Finding("schema", f"{path}/properties/{escape(key)}", message, f"did you mean '{near}'?")


def _nearest(key: str, node_type: str) -> str | None:
    """Return the known property within two letters of ``key``, if there is one."""
    by_length = _by_length(node_type)
    if len(key) not in by_length:
        return None
    letters = frozenset(key)
    near = [
        (_apart(key, name, CLOSE), name)
        for name, others in by_length[len(key)]
        if len(letters - others) <= CLOSE and len(others - letters) <= CLOSE
    ]
    return min(near)[1] if near and min(near)[0] <= CLOSE else None


@cache
def _by_length(node_type: str) -> Mapping[int, tuple[tuple[str, frozenset[str]], ...]]:
    """Return, for each length that a key may have, the names that can be near it, each with its letters."""
    names = sorted(known_properties(node_type))
    lengths = range(max(map(len, names)) + CLOSE + 1)
    near = {length: [name for name in names if abs(len(name) - length) <= CLOSE] for length in lengths}
    return {length: tuple((name, frozenset(name)) for name in found) for length, found in near.items() if found}


def _apart(one: str, other: str, most: int) -> int:
    """Return how many letters have to be added, left out or changed (Levenshtein), or more than ``most``.

    What begins alike is passed over, and each letter that does not fit leaves three ways to go on, so that two names
    that have little in common are told apart in a few steps.
    """
    if abs(len(one) - len(other)) > most:
        return most + 1
    differing = (k for k, (letter, another) in enumerate(zip(one, other, strict=False)) if letter != another)
    alike = next(differing, min(len(one), len(other)))
    one, other = one[alike:], other[alike:]
    if not one or not other:
        return len(one) + len(other)
    if not most:
        return 1
    ways = ((one[1:], other[1:]), (one[1:], other), (one, other[1:]))
    return 1 + min(_apart(*way, most - 1) for way in ways)
