"""From a text, bytes or mapping to a document that meets the schema, or to findings that say why not.

Reading is strict: a trailing comma, a fence or a second document is a finding. Nothing is evaluated.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from gmn_llm.findings import Finding, quote
from gmn_llm.gmn import schema
from gmn_llm.gmn.dialects import canonical
from gmn_llm.gmn.limits import DEFAULT_LIMITS, Limits
from gmn_llm.gmn.positions import JsonPlaces, escape, line_and_column

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Reading", "read"]

BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)
HUGE = re.compile(r"NaN|Infinity|[eE]\+?\d{3}|\d{309}")
SURROGATE = re.compile(r"\\u[dD][89a-fA-F]|[\ud800-\udfff]")


class _DuplicateKeyError(ValueError):
    """Raised by the JSON hook; where it is is found out afterwards."""


@dataclass(frozen=True)
class Reading:
    """What was read.

    Attributes:
        document: The canonical document, or None where there is an error.
        findings: Errors of the stage that failed, or warnings about what was changed.
        place: Line and column of a JSON pointer, or None where there was no text.
    """

    document: dict[str, object] | None
    findings: tuple[Finding, ...]
    place: Callable[[str], tuple[int, int] | None] = field(default=lambda _: None, repr=False)

    def located(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """Return ``findings`` with line and column where the text is known."""
        return tuple(_located(finding, self.place) for finding in findings)


def _located(finding: Finding, place: Callable[[str], tuple[int, int] | None]) -> Finding:
    if finding.line is not None:
        return finding
    where = place(finding.path)
    return replace(finding, line=where[0], column=where[1]) if where else finding


class _Text:
    """A JSON text whose places are looked up only when asked."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def places(self) -> JsonPlaces:
        return JsonPlaces(self.text)

    def __call__(self, pointer: str) -> tuple[int, int] | None:
        return self.places.find(pointer)


def read(
    source: str | bytes | Mapping[str, object],
    *,
    filename: str | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> Reading:
    """Read a document in any notation up to and with the schema.

    Args:
        source: JSON, brace or section notation as text or UTF-8 bytes, or a mapping.
        filename: Where it comes from: its ending decides the notation, its stem stands in for a missing name.
        limits: What is too large to be read.

    Returns:
        The canonical document, or the findings of the stage that failed. Never raises for bad input.
    """
    if isinstance(source, Mapping):
        return _read_mapping(source, limits)
    text = source if isinstance(source, str) else _decoded(source)
    if text is None:
        return _failed(Finding("json-syntax", "", "the document is not UTF-8 text", "save it as UTF-8"))
    if len(text) > limits.document_bytes or (len(text) * 4 > limits.document_bytes and _size(text) > limits.document_bytes):
        return _failed(Finding("size-limit", "", f"the document is larger than {limits.document_bytes} bytes"))
    from gmn_llm.gmn.notation import which_notation

    text = text.removeprefix("\ufeff")
    notation = "json" if text[:1] == "{" else which_notation(text, filename=filename)
    if notation == "json" or (notation is None and text.lstrip()[:1] in ("[", "")):
        return _read_json(text, limits)
    return _read_notation(text, notation, filename, limits)


def _decoded(source: bytes) -> str | None:
    try:
        return source.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def _failed(*findings: Finding, place: Callable[[str], tuple[int, int] | None] = lambda _: None) -> Reading:
    return Reading(None, tuple(_located(finding, place) for finding in findings), place)


def _read_mapping(source: Mapping[str, object], limits: Limits) -> Reading:
    """Bring a mapping to JSON's own types by way of its text, so that both ways in are checked alike."""
    try:
        text = json.dumps(source, default=_plain)
    except TypeError as error:
        return _failed(Finding("schema", "", f"not a JSON value: {quote(str(error))}", "use plain dictionaries, lists, numbers and strings"))
    except (ValueError, RecursionError):
        return _failed(Finding("size-limit", "", f"nested deeper than {limits.nesting} levels, or into itself"))
    reading = _read_json(text, limits)
    return Reading(reading.document, tuple(replace(f, line=None, column=None) for f in reading.findings))


def _plain(value: object) -> object:
    """Turn NumPy's numbers and arrays, and other mappings, into what JSON has."""
    if isinstance(value, Mapping):
        return dict(value)
    for method in ("tolist", "item"):
        convert = getattr(value, method, None)
        if callable(convert):
            return convert()
    raise TypeError(f"a value of type {type(value).__name__} has no place in JSON")


def _read_json(text: str, limits: Limits) -> Reading:
    deep = _too_deep(text, limits)
    if deep is not None:
        return _failed(deep)
    place = _Text(text)
    try:
        value = json.loads(text, object_pairs_hook=_pairs)
    except _DuplicateKeyError:
        return _failed(*_repeated(place.places))
    except json.JSONDecodeError as error:
        return _failed(_syntax(text, error))
    except RecursionError:
        return _failed(Finding("size-limit", "", f"nested deeper than {limits.nesting} levels"))
    except ValueError:  # an integer of more digits than Python converts
        return _failed(Finding("not-finite", "", "a number has too many digits to be read", "write a smaller number"))
    strange = list(_strange(text, value, limits))
    if strange:
        return _failed(*strange, place=place)
    if not isinstance(value, dict):
        return _failed(Finding("schema", "", f"a document is an object, not {quote(value)}"), place=place)
    return _checked(value, [], place, limits)


def _read_notation(text: str, notation: str | None, filename: str | None, limits: Limits) -> Reading:
    from gmn_llm.gmn.notation import parse_brace, parse_section

    if notation is None:
        line, column = line_and_column(text, len(text) - len(text.lstrip()))
        message = f"neither JSON nor a text notation: it begins with {quote(text.lstrip()[:40])}"
        hint = "begin with '{' for JSON, 'model' or 'node' for the brace notation, '[nodes]' for the section notation"
        return _failed(Finding("text-syntax", "", message, hint, line, column))
    stem = re.split(r"[\\/]", filename)[-1].rpartition(".")[0] if filename else ""
    parse = parse_brace if notation == "brace" else parse_section
    parsed = parse(text, default_name=stem or "model")
    reading = Reading(None, (), lambda pointer: _nearest(parsed.positions, pointer))
    if any(finding.severity == "error" for finding in parsed.findings):
        return replace(reading, findings=reading.located(parsed.findings))
    strange = list(_walked(parsed.document, "", limits, 0))
    if strange:
        return _failed(*strange, place=reading.place)
    return _checked(dict(parsed.document), list(parsed.findings), reading.place, limits)


def _nearest(positions: Mapping[str, tuple[int, int]], pointer: str) -> tuple[int, int] | None:
    while pointer and pointer not in positions:
        pointer = pointer.rpartition("/")[0]
    return positions.get(pointer)


def _checked(
    value: dict[str, object],
    found: list[Finding],
    place: Callable[[str], tuple[int, int] | None],
    limits: Limits,
) -> Reading:
    too_many = [
        Finding("size-limit", f"/{key}", f"{len(items)} {key} where {most} are the most")
        for key, most in (("nodes", limits.nodes), ("edges", limits.edges))
        if isinstance(items := value.get(key), list) and len(items) > most
    ]
    if too_many:
        return _failed(*too_many, place=place)
    document, changes = canonical(value)
    errors = schema.schema_findings(document)
    if errors:
        return _failed(*errors, *changes, place=place)
    reading = Reading(document, (), place)
    return replace(reading, findings=reading.located([*found, *changes]))


def _pairs(pairs: list[tuple[str, object]]) -> dict[str, object]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise _DuplicateKeyError
    return result


def _repeated(places: JsonPlaces) -> list[Finding]:
    return [
        Finding("duplicate-key", pointer, f"the key {quote(key)} stands twice in one object", "keep one of them", *where)
        for pointer, key, where in places.repeated()
    ]


def _syntax(text: str, error: json.JSONDecodeError) -> Finding:
    if not text.strip():
        return Finding("json-syntax", "", "the document is empty", "a JSON object with name, nodes and edges", 1, 1)
    near = quote(text[error.pos : error.pos + 40]) or "the end"
    hint = "JSON has no comments, no trailing commas and double quotes only"
    if error.msg == "Extra data":
        hint = "one document to a text, and nothing after it"
    return Finding("json-syntax", "", f"{error.msg} at {near}", hint, error.lineno, error.colno)


def _too_deep(text: str, limits: Limits) -> Finding | None:
    if text.count("[") + text.count("{") <= limits.nesting:
        return None
    depth = 0
    for match in BRACKETS.finditer(text):
        token = match.group()
        if token in ("[", "{"):
            depth += 1
            if depth > limits.nesting:
                line, column = line_and_column(text, match.start())
                return Finding("size-limit", "", f"nested deeper than {limits.nesting} levels", "flatten it", line, column)
        elif token in ("]", "}"):
            depth -= 1
    return None


def _strange(text: str, value: object, limits: Limits) -> Iterable[Finding]:
    """Look for what JSON's own reader lets through; only where the text can hold any of it."""
    if len(text) > limits.string_bytes or HUGE.search(text) or SURROGATE.search(text):
        yield from _walked(value, "", limits, 0)


def _walked(value: object, path: str, limits: Limits, depth: int) -> Iterable[Finding]:
    if isinstance(value, float):
        if value != value or value in (float("inf"), float("-inf")):
            yield Finding("not-finite", path, f"{value} is not a finite number", "write a finite number")
    elif isinstance(value, str):
        yield from _string(value, path, limits)
    elif isinstance(value, Mapping):
        if depth > limits.nesting:
            yield Finding("size-limit", path, f"nested deeper than {limits.nesting} levels", "flatten it")
            return
        for key, item in value.items():
            yield from _string(key, path, limits)
            yield from _walked(item, f"{path}/{escape(key)}", limits, depth + 1)
    elif isinstance(value, list):
        if depth > limits.nesting:
            yield Finding("size-limit", path, f"nested deeper than {limits.nesting} levels", "flatten it")
            return
        for index, item in enumerate(value):
            if item.__class__ is not int:
                yield from _walked(item, f"{path}/{index}", limits, depth + 1)


def _string(value: str, path: str, limits: Limits) -> Iterable[Finding]:
    if len(value) * 4 > limits.string_bytes and _size(value) > limits.string_bytes:
        yield Finding("size-limit", path, f"a string of {_size(value)} bytes where {limits.string_bytes} are the most")
    elif not value.isascii() and SURROGATE.search(value):
        yield Finding("json-syntax", path, f"a lone surrogate in {quote(value)}", "write whole characters")


