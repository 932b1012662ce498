"""From a text, bytes or mapping to a document that meets the schema, or to findings that say why not.

Reading is strict: a trailing comma, a fence or a second document is a finding. Nothing is evaluated.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, TypeAlias

from gmn_llm.findings import Finding, Severity, quote
from gmn_llm.gmn import notation, schema
from gmn_llm.gmn.dialects import canonical
from gmn_llm.gmn.json_text import JsonText, parse_json
from gmn_llm.gmn.limits import DEFAULT_LIMITS, Limits
from gmn_llm.gmn.positions import line_and_column
from gmn_llm.gmn.properties import near_misses
from gmn_llm.gmn.values import plain
from gmn_llm.gmn.words import shown

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Places", "Reading", "nowhere", "read"]

MOST_NEAR = 100
Places: TypeAlias = Callable[[str], tuple[int, int] | None]


def nowhere(_: str) -> None:
    """Say that a JSON pointer has no place, for there was no text."""
    return


@dataclass(frozen=True, slots=True)
class _Known:
    """The places that a text notation told."""

    positions: Mapping[str, tuple[int, int]]

    def __call__(self, pointer: str) -> tuple[int, int] | None:
        while pointer and pointer not in self.positions:
            pointer = pointer.rpartition("/")[0]
        return self.positions.get(pointer)


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read.

    Attributes:
        document: The canonical document, or None where there is an error.
        findings: Errors of the stage that failed, or warnings about what was changed.
        place: Line and column of a JSON pointer, or None where there was no text.
    """

    document: dict[str, object] | None
    findings: tuple[Finding, ...]
    place: Places = nowhere

    def located(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """Return ``findings`` with line and column where the text is known."""
        return tuple(_located(finding, self.place) for finding in findings)


def _located(finding: Finding, place: Places) -> Finding:
    if finding.line is not None:
        return finding
    where = place(finding.path)
    return replace(finding, line=where[0], column=where[1]) if where else finding


def read(source: object, *, filename: str | None = None, limits: Limits = DEFAULT_LIMITS) -> Reading:
    """Read a document in any notation up to and with the schema.

    Args:
        source: JSON, brace or section notation as text or UTF-8 bytes, or a mapping; anything else is a finding.
        filename: Where it comes from: its ending decides the notation, its stem stands in for a missing name.
        limits: What is too large to be read.

    Returns:
        The canonical document, or the findings of the stage that failed. Never raises for bad input.
    """
    if not isinstance(source, str | bytes | bytearray):
        return _read_value(*plain(source, limits=limits), nowhere, limits)
    if len(source) > limits.document_bytes:
        return _too_large(limits)
    text = source if isinstance(source, str) else _decoded(source)
    if isinstance(text, Finding):
        return _failed(text)
    if len(text) * 4 > limits.document_bytes and len(text.encode("utf-8", "replace")) > limits.document_bytes:
        return _too_large(limits)
    return _read_text(text.removeprefix("\ufeff"), filename, limits)


def _decoded(source: bytes | bytearray) -> str | Finding:
    try:
        return source.decode()  # one byte-order mark is taken away later, for texts and octets alike
    except UnicodeDecodeError as error:
        before = source[: error.start].decode()
        message = f"the document is not UTF-8 text: {error.reason}"
        return Finding("json-syntax", "", message, "save it as UTF-8", *line_and_column(before, len(before)))


def _too_large(limits: Limits) -> Reading:
    message = f"the document is larger than {limits.document_bytes} bytes"
    return _failed(Finding("size-limit", "", message, "write matrices by name, or divide the model"))


def _failed(*findings: Finding, place: Places = nowhere) -> Reading:
    return Reading(None, tuple(_located(finding, place) for finding in findings), place)


def _read_text(text: str, filename: str | None, limits: Limits) -> Reading:
    written_in = "json" if text[:1] == "{" else notation.which_notation(text, filename=filename)
    if written_in == "json" or (written_in is None and text.lstrip()[:1] in ("[", "")):
        value, found = parse_json(text, limits=limits)
        if written_in is None and not found:
            message = f"expected '{{', found {quote(text.lstrip()[:40])}"
            found = (Finding("json-syntax", "", message, "a JSON object with name, nodes and edges"),)
        return _read_value(value, found, JsonText(text), limits)
    if written_in is None:
        line, column = line_and_column(text, len(text) - len(text.lstrip()))
        message = f"neither JSON nor a text notation: it begins with {quote(text.lstrip()[:40])}"
        hint = "begin with '{' for JSON, 'model' or 'node' for the brace notation, '[nodes]' for the section notation"
        return _failed(Finding("text-syntax", "", message, hint, line, column))
    parse = notation.parse_brace if written_in == "brace" else notation.parse_section
    parsed = parse(text, default_name=_stem(filename) or "model", limits=limits)
    place = _Known(parsed.positions)
    if any(finding.severity is Severity.ERROR for finding in parsed.findings):
        return _failed(*parsed.findings, place=place)
    value, found = plain(parsed.document, limits=limits)
    return _read_value(value, found, place, limits, changed=parsed.findings)


def _stem(filename: str | None) -> str:
    return re.split(r"[\\/]", filename)[-1].rpartition(".")[0] if filename else ""


def _read_value(
    value: object, found: tuple[Finding, ...], place: Places, limits: Limits, *, changed: tuple[Finding, ...] = ()
) -> Reading:
    """Go on with a plain value, unless something was found: sizes, other dialects, the schema."""
    if found:
        return _failed(*found, *changed, place=place)
    if not isinstance(value, dict):
        hint = "a JSON object with name, nodes and edges"
        return _failed(Finding("schema", "", f"a document is an object, not {shown(value)}", hint), place=place)
    too_many = tuple(limits.exceeded(value))
    if too_many:
        return _failed(*too_many, *changed, place=place)
    document, aliases = canonical(value)
    errors = schema.schema_findings(document)
    if errors:
        return _failed(*errors, *islice(near_misses(document), MOST_NEAR), *changed, *aliases, place=place)
    reading = Reading(document, (), place)
    return replace(reading, findings=reading.located((*changed, *aliases)))
