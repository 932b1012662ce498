"""Values as JSON has them: what a caller hands in, and what JSON's own reader lets through, brought to one form."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple, TypeAlias, cast

from gmn_llm.findings import Finding, quote
from gmn_llm.gmn.limits import DEFAULT_LIMITS, Limits
from gmn_llm.gmn.positions import escape

__all__ = ["plain"]

NUMBERS = frozenset({int, float})
CONTAINERS = (list, tuple, dict, Mapping)
Items: TypeAlias = list[object] | tuple[object, ...]
METHODS = ("tolist", "item")
Place: TypeAlias = "tuple[Place, str | int] | None"
"""Where in the value the walk is: the place around it with the key or index, None for the whole."""
MOST_FINDINGS = 100
MOST_DIGITS = 10  # of an index that a list in memory can have


class _FullError(Exception):
    """Raised when the value is larger than a document may be, or enough has been found."""


class _Part(NamedTuple):
    """A list or object that was brought to plain form, with its size in characters and its levels.

    The source is kept so that its id stays its own as long as the walk goes on.
    """

    source: object
    value: object
    size: int
    levels: int


def plain(
    value: object, *, limits: Limits = DEFAULT_LIMITS, repeats_told: bool = False
) -> tuple[object, tuple[Finding, ...]]:
    """Return ``value`` as dictionaries, lists, strings, numbers, booleans and None, and what is wrong with it.

    NumPy's numbers and arrays, pydantic's models, tuples and mappings are turned into what JSON has. A list or
    object that stands in several places is turned once, so that time and memory follow from what is there and not
    from what it would be if it were written out.

    Args:
        value: Anything.
        limits: What is too large: ``document_bytes``, ``string_bytes`` and ``nesting``.
        repeats_told: Whether keys that stand twice are known already, and are not to be told again.

    Returns:
        The plain value, of use only without findings, and the findings: ``not-finite``, ``size-limit``,
        ``json-syntax`` (a lone surrogate) or ``schema`` (what JSON has no form for).
    """
    walk = _Walk(limits, repeats_told=repeats_told)
    try:
        result = walk.turn(value, None, 1)
    except _FullError:
        result = None
    return result, tuple(_with_node(finding, value) for finding in walk.found)


def _with_node(finding: Finding, document: object) -> Finding:
    """Return a finding about a number with the name of its node, where it has one."""
    _, *keys = finding.path.split("/")
    if finding.code != "not-finite" or len(keys) < 2 or keys[0] != "nodes" or not isinstance(document, Mapping):
        return finding
    nodes = document.get("nodes")
    # What stood at an equal key before may have been longer, or no list.
    index = int(keys[1]) if keys[1].isdecimal() and len(keys[1]) < MOST_DIGITS else -1
    node = nodes[index] if isinstance(nodes, list | tuple) and 0 <= index < len(nodes) else None
    name = node.get("id", node.get("name")) if isinstance(node, Mapping) else None
    return replace(finding, message=f"node {quote(name)}: {finding.message}") if isinstance(name, str) else finding


def _pointer(place: Place) -> str:
    """Return a place as a JSON pointer; of most places nothing is told, so it is not written before."""
    parts: list[str] = []
    while place is not None:
        place, key = place
        parts.append(f"/{escape(key) if isinstance(key, str) else key}")
    return "".join(reversed(parts))


class _Walk:
    """One walk through a value."""

    def __init__(self, limits: Limits, *, repeats_told: bool) -> None:
        self.limits = limits
        self.repeats_told = repeats_told
        self.found: list[Finding] = []
        self.size = 0
        self.deepest = 0
        self.turned: dict[int, _Part] = {}
        self.open: set[int] = set()

    def tell(self, code: str, place: Place, message: str, hint: str) -> None:
        self.found.append(Finding(code, _pointer(place), message, hint))
        if len(self.found) >= MOST_FINDINGS:
            raise _FullError

    def grow(self, size: int) -> None:
        self.size += size
        if self.size > self.limits.document_bytes:
            message = f"the document is larger than {self.limits.document_bytes} bytes"
            self.found.append(Finding("size-limit", "", message, "write matrices by name, or divide the model"))
            raise _FullError

    def turn(self, value: object, path: Place, level: int) -> object:
        kind = type(value)
        if isinstance(value, str):
            return self.text(value, path)
        if kind is dict or kind is list:  # most are, which is seen at once
            return self.container(cast("Mapping[object, object] | list[object]", value), path, level)
        if value is None or kind is bool:
            self.size += 4
            return value
        if isinstance(value, (int, float)):
            return self.number(value, path)
        if isinstance(value, CONTAINERS):
            return self.container(value, path, level)
        return self.turn(self.converted(value, path), path, level)

    def converted(self, value: object, path: Place) -> object:
        """Return what an object says it is in plain Python."""
        dump = getattr(value, "model_dump", None)
        if callable(dump):
            return dump(exclude_unset=True)
        for method in METHODS:
            convert = getattr(value, method, None)
            made = convert() if callable(convert) else value
            if type(made) is not type(value):
                return made
        hint = "use dictionaries, lists, strings, numbers, true, false and null"
        self.tell("schema", path, f"a value of type {quote(type(value).__name__)} has no form in JSON", hint)
        return None

    def number(self, value: float, path: Place) -> object:
        self.size += 2
        try:
            finite = math.isfinite(value)
        except OverflowError:
            finite = False
        if not finite:
            # What a text had is lost by now: a number that is too large has become infinite.
            too_large = not isinstance(value, float) or math.isinf(value)
            message = f"{value} is not a finite number" if isinstance(value, float) else "the number is not finite"
            message += ": it is too large, or written as infinite" if too_large else ""
            self.tell("not-finite", path, message, "write a finite number")
            return None
        if type(value) in NUMBERS:
            return value
        return int(value) if isinstance(value, int) else float(value)

    def text(self, value: str, path: Place) -> str:
        self.size += len(value) + 2
        if len(value) > self.limits.string_bytes or not value.isascii():
            self.strange(value, path)
        return value if type(value) is str else str.__str__(value)

    def strange(self, value: str, path: Place) -> None:
        try:
            size = len(value.encode())
        except UnicodeEncodeError:
            self.tell("json-syntax", path, f"a lone surrogate in {quote(value)}", "write whole characters")
            return
        if size > self.limits.string_bytes:
            message = f"a string of {size} bytes where {self.limits.string_bytes} are the most"
            self.tell("size-limit", path, message, "shorten it")

    def container(self, value: Mapping[object, object] | Items, path: Place, level: int) -> object:
        part = self.turned.get(id(value))
        if part is not None and level + part.levels - 1 <= self.limits.nesting:
            self.deepest = max(self.deepest, level + part.levels - 1)
            self.grow(part.size)
            return part.value
        if level > self.limits.nesting or id(value) in self.open:
            message = f"nested deeper than {self.limits.nesting} levels, or into itself"
            self.tell("size-limit", path, message, "flatten it")
            return None
        self.open.add(id(value))
        outer, self.deepest, before = self.deepest, level, self.size
        keyed = type(value) is not list and isinstance(value, Mapping)
        result = (self.mapping if keyed else self.items)(value, path, level)  # type: ignore[arg-type]  # as just seen
        self.turned[id(value)] = _Part(value, result, self.size - before, self.deepest - level + 1)
        self.deepest = max(self.deepest, outer)
        self.open.discard(id(value))
        return result

    def mapping(self, value: Mapping[object, object], path: Place, level: int) -> dict[str, object]:
        self.grow(2)
        result: dict[str, object] = {}
        for key, item in value.items():
            # YAML and Python callers write whole numbers as keys; JSON has them as text.
            name = str(key) if type(key) is int else key
            if not isinstance(name, str):
                self.tell("schema", path, f"a key is a string, not {quote(key)}", "put it between quotation marks")
                continue
            name = self.text(name, path)
            if name in result and not self.repeats_told:
                self.tell("duplicate-key", (path, name), f"the key '{quote(name)}' stands twice", "keep one")
            result[name] = self.turn(item, (path, name), level + 1)
        return result

    def items(self, value: Items, path: Place, level: int) -> list[object]:
        self.grow(2)
        if self.is_even(value):
            return value if type(value) is list else list(value)
        return [self.turn(item, (path, index), level + 1) for index, item in enumerate(value)]

    def is_even(self, value: Items) -> bool:
        """Whether a list holds finite numbers only, or short ASCII strings only, and can be taken as it is."""
        kinds = set(map(type, value))
        if kinds <= NUMBERS:
            self.grow(2 * len(value))
            try:
                return all(map(math.isfinite, value))  # type: ignore[arg-type]  # numbers alone, as was just seen
            except OverflowError:
                return False
        if kinds == {str}:
            strings: list[str] = list(value)  # type: ignore[arg-type]  # strings alone, as was just seen
            if max(map(len, strings)) <= self.limits.string_bytes and all(map(str.isascii, strings)):
                self.grow(sum(map(len, strings)) + 4 * len(strings))
                return True
        return False
