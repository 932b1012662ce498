"""What the schema has against a document, in words that name the value and say what to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Protocol, cast

from gmn_llm.findings import Finding
from gmn_llm.gmn.positions import escape
from gmn_llm.gmn.words import listed, named, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["in_words"]

MOST = 100
NUMBERS = frozenset({"matrix", "vector", "values", "habits"})


class Problem(Protocol):
    """One error of the validator: where in the document, and which keyword of the schema."""

    @property
    def instance_path(self) -> Sequence[str | int]:
        """Keys and indices from the document to the value."""

    @property
    def schema_path(self) -> Sequence[str | int]:
        """Keys and indices from the schema to the keyword."""


class _Fault:
    """A value that breaks a keyword of the schema."""

    def __init__(self, document: object, schema: object, problem: Problem) -> None:
        self.parts: tuple[str | int, ...] = tuple(problem.instance_path)
        self.value = _at(document, self.parts, document)
        item = _at(document, self.parts[:2], document) if len(self.parts) > 1 else None
        self.item: Mapping[str, object] = item if isinstance(item, Mapping) else {}
        *above, keyword = problem.schema_path
        self.keyword = str(keyword)
        around = [part for part in _along(schema, above) if isinstance(part, Mapping)]
        self.root = schema
        self.schema: Mapping[str, object] = around[-1]
        self.described = next((str(part["description"]) for part in reversed(around) if _is_told(part)), "")

    @property
    def demand(self) -> object:
        """What the keyword demands."""
        return self.schema.get(self.keyword)

    @property
    def known(self) -> tuple[str, ...]:
        """The keys that an object may have here."""
        return tuple(cast("Mapping[str, object]", self.schema.get("properties", {})))

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of the value."""
        return tuple(self.value) if isinstance(self.value, Mapping) else ()

    @property
    def missing(self) -> tuple[str, ...]:
        """The keys that have to be there and are not."""
        return tuple(key for key in cast("Sequence[str]", self.demand) if key not in self.keys)

    def finding(self, message: str, hint: str, *, code: str = "schema", below: Iterable[object] = ()) -> Finding:
        """Return a finding at the value, or at what is ``below`` it."""
        parts = (*self.parts, *below)
        return Finding(code, "".join(f"/{escape(part)}" for part in parts), f"{self.about(parts)}{message}", hint)

    def about(self, parts: Sequence[object]) -> str:
        """Say which node or edge, and which key of it, the value belongs to."""
        item = f"edge {parts[1]}" if parts[:1] == ("edges",) and len(parts) > 1 else ""
        if "id" in self.item and parts[0] == "nodes":
            item = f"node {named(self.item['id'])}"
        key = next((part for part in reversed(parts) if isinstance(part, str) and part != "properties"), "")
        key = "" if len(parts) < 3 or key == "nodes" else named(key)
        said = ", ".join(part for part in (item, key) if part)
        return f"{said}: " if said else ""


def _at(value: object, path: Iterable[str | int], root: object) -> object:
    """Follow a path of keys and indices; a reference of the schema leads on from its root."""
    for part in path:
        if part == "$ref" and isinstance(value, Mapping) and isinstance(value.get("$ref"), str):
            value = _at(root, value["$ref"].removeprefix("#/").split("/"), root)
        elif isinstance(value, Mapping):
            value = value.get(str(part))
        elif isinstance(value, list):
            value = value[int(part)]
    return value


def _along(schema: object, path: Iterable[str | int]) -> Iterator[object]:
    """Yield the schema and all that lies on a path into it."""
    part = schema
    yield part
    for step in path:
        part = _at(part, (step,), schema)
        yield part


def _is_told(part: Mapping[str, object]) -> bool:
    """Whether a part of the schema has words of its own; a property called description is none."""
    return isinstance(part.get("description"), str)


def in_words(problems: Iterable[tuple[object, Problem]], schema: object) -> list[Finding]:
    """Return a finding for each document and its problem, each place and keyword once, 100 at most."""
    found: dict[tuple[object, ...], Finding] = {}
    for document, problem in problems:
        fault = _Fault(document, schema, problem)
        found.setdefault((fault.parts, fault.keyword), _finding(fault))
        if len(found) >= MOST:
            break
    return list(dict.fromkeys(found.values()))


def _finding(fault: _Fault) -> Finding:
    last, parts = fault.parts[-1:], fault.parts
    if len(parts) == 3 and last == ("type",) and fault.keyword == "enum" and isinstance(fault.value, str):
        what = "node" if parts[0] == "nodes" else "edge"
        hint = f"one of {_names(fault)}"
        return fault.finding(f"there is no {what} type {named(fault.value)}", hint, code="unknown-type")
    if last == ("kind",) and fault.keyword == "enum":
        return fault.finding(f"{shown(fault.value)} is not a kind of matrix here", f"one of {_names(fault)}")
    if last == ("matrix",) and (fault.keyword in ("anyOf", "type") or (fault.keys and "kind" not in fault.keys)):
        return _no_matrix(fault)
    if fault.keyword == "anyOf" and isinstance(fault.value, int | float) and fault.value < 0:
        return fault.finding(f"{shown(fault.value)} is negative", "an index counts from 0", code="bad-reference")
    if fault.keyword == "anyOf" and not NUMBERS.isdisjoint(map(str, parts)) and "rules" not in parts:
        return _no_numbers(fault)
    return fault.finding(_WORDS.get(fault.keyword, _other)(fault), _hint(fault))


def _no_matrix(fault: _Fault) -> Finding:
    """Say that something is neither a list nor a matrix by name."""
    from gmn_llm.gmn.schema import LIKELIHOOD_KINDS, TRANSITION_KINDS

    kinds = ", ".join(LIKELIHOOD_KINDS if fault.item.get("type") == "likelihood" else TRANSITION_KINDS)
    if isinstance(fault.value, Mapping):
        return fault.finding("a matrix by name needs a 'kind'", f"the kinds are {kinds}")
    message = f"a matrix is a nested list of numbers or an object with a kind, not {shown(fault.value)}"
    return fault.finding(message, f'e.g. {{"kind": "identity"}}; the kinds are {kinds}')


def _no_numbers(fault: _Fault) -> Finding:
    """Say what stands where numbers are expected."""
    below = _first_other(fault.value)
    if not below:
        return fault.finding(f"{shown(fault.value)} has none of the forms allowed here", _hint(fault))
    message = f"{shown(_at(fault.value, below, None))} is no number"
    return fault.finding(message, "write numbers without quotation marks", below=below)


def _first_other(value: object) -> tuple[int | str, ...] | None:
    """Return the place of the first item of nested lists or an object that is no number, or None."""
    if isinstance(value, list | dict):
        for key, item in enumerate(value) if isinstance(value, list) else value.items():
            below = _first_other(item)
            if below is not None:
                return (key, *below)
        return None
    return None if isinstance(value, int | float) and not isinstance(value, bool) else ()


def _names(fault: _Fault) -> str:
    return ", ".join(str(name) for name in cast("Sequence[object]", fault.demand))


def _type(fault: _Fault) -> str:
    expected = fault.demand if isinstance(fault.demand, str) else "number"
    a = "an" if expected[0] in "aeio" else "a"
    return f"{shown(fault.value)} is not {a} {expected}"


def _other(fault: _Fault) -> str:
    return f"{shown(fault.value)} does not fit: {fault.keyword} {shown(fault.demand)}"


def _length(fault: _Fault) -> str:
    count = len(fault.value) if isinstance(fault.value, Sequence) else 0
    return f"{count} items where {fault.demand} are {'needed' if fault.keyword == 'minItems' else 'the most'}"


def _excluded(fault: _Fault) -> str:
    demand = cast("Mapping[str, Sequence[Mapping[str, Sequence[str]]]]", fault.demand)
    sets = [part["required"] for part in demand.get("anyOf", ())] or [cast("Sequence[str]", demand["required"])]
    there = next(keys for keys in sets if set(keys) <= set(fault.keys))
    return f"{listed(there)} {'say the same thing twice' if len(there) > 1 else 'has no place here'}"


_WORDS: dict[str, Callable[[_Fault], str]] = {
    "additionalProperties": lambda f: f"unknown key {listed(key for key in f.keys if key not in f.known)}",
    "required": lambda f: f"missing key {listed(f.missing)}",
    "type": _type,
    "enum": lambda f: f"{shown(f.value)} is not one of {_names(f)}",
    "const": lambda f: f"{shown(f.value)} is not {shown(f.demand)}",
    "pattern": lambda f: f"{named(f.value)} is not an identifier",
    "minimum": lambda f: f"{shown(f.value)} is less than {f.demand}",
    "maximum": lambda f: f"{shown(f.value)} is more than {f.demand}",
    "exclusiveMinimum": lambda f: f"{shown(f.value)} is not more than {f.demand}",
    "minLength": lambda _: "an empty string",
    "minItems": _length,
    "maxItems": _length,
    "not": _excluded,
    "anyOf": lambda f: f"{shown(f.value)} has none of the forms allowed here",
}


def _hint(fault: _Fault) -> str:
    if fault.keyword == "additionalProperties":
        return _nearest([key for key in fault.keys if key not in fault.known], fault.known)
    if fault.keyword == "required":
        unknown = [key[:80] for key in fault.keys if key not in fault.known][:100]
        close = [match for key in fault.missing for match in get_close_matches(key, unknown, n=1)]
        return f"{listed(close)} looks like it" if close else _described(fault)
    if fault.keyword == "pattern":
        return "letters, digits and underscores, not beginning with a digit"
    return "leave it out" if fault.keyword == "not" else fault.described


def _described(fault: _Fault) -> str:
    """Return what the schema says of the keys that are missing."""
    said = []
    for key in fault.missing:
        parts = list(_along(fault.schema, ("properties", key)))
        parts.append(_at(parts[-1], ("$ref",), fault.root))
        told = [part["description"] for part in parts[2:] if isinstance(part, Mapping) and _is_told(part)]
        said += [f"{key}: {words}" for words in told[:1]]
    return " ".join(said) or fault.described


def _nearest(given: Sequence[str], known: Sequence[str]) -> str:
    close = [match for key in given[:8] for match in get_close_matches(key[:80], known, n=1)]
    return f"did you mean {listed(close)}?" if close else f"known here: {', '.join(known)}"
