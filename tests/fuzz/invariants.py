"""What holds for any text at all, as functions that raise where it does not.

``text_parser.py`` asks them of what a fuzzer makes up, ``test_random_documents.py`` of what hypothesis draws.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gmn_llm import GMNSpec, GMNValidationError, validate_gmn
from gmn_llm.findings import QUOTED, Severity
from gmn_llm.gmn.notation import parse_brace, parse_section, print_brace, print_section, which_notation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gmn_llm.findings import Finding

WRITTEN = {"brace": (parse_brace, print_brace), "section": (parse_section, print_section)}


class BrokenInvariantError(Exception):
    """Something that should hold for any text does not."""


def demand(holds: object, otherwise: str) -> None:
    """Raise with ``otherwise`` unless ``holds``; unlike ``assert`` also under ``python -O``."""
    if not holds:
        raise BrokenInvariantError(otherwise)


def lines_of(text: str) -> list[str]:
    """Return the lines that the places of findings count: JSON knows the line feed alone, the others all three ends."""
    text = text.removeprefix("\ufeff")
    if text[:1] == "{" or which_notation(text) not in WRITTEN:
        return text.split("\n")
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def demand_places(findings: Iterable[Finding], lines: list[str]) -> None:
    """Every finding has words that fit on a screen and a place within the text."""
    for finding in findings:
        demand(
            finding.message and str(finding).isprintable(), f"no message on one line, all of it visible: {finding!r}"
        )
        demand(len(finding.message) < 6 * QUOTED, f"a message of {len(finding.message)} characters: {finding!r}")
        demand(finding.hint and len(finding.hint) < 10 * QUOTED, f"no hint, or one of pages: {finding!r}")
        demand(finding.path == "" or finding.path.startswith("/"), f"no pointer: {finding!r}")
        demand(finding.line is not None and finding.column is not None, f"no place: {finding!r}")
        demand(1 <= (finding.line or 0) <= len(lines), f"no such line among {len(lines)}: {finding!r}")
        most = len(lines[(finding.line or 1) - 1]) + 1
        demand(1 <= (finding.column or 0) <= most, f"no such column among {most}: {finding!r}")


def demand_verdict(text: str) -> GMNSpec | None:
    """Parsing and validating agree, tell places, and raise nothing but what they promise; return what was read."""
    verdict = validate_gmn(text)
    demand_places(verdict.findings, lines_of(text))
    try:
        spec = GMNSpec.parse(text)
    except GMNValidationError as error:
        demand(not verdict.ok, "a valid document that is not read")
        demand(sorted(map(str, error.findings)) == sorted(map(str, verdict.findings)), "two lists of findings")
        demand(any(finding.severity is Severity.ERROR for finding in error.findings), "refused without an error")
        return None
    demand(sorted(map(str, spec.findings())) == sorted(map(str, verdict.findings)), "two lists of findings")
    return spec


def demand_round_trips(spec: GMNSpec) -> None:
    """What is written in any notation is read as the same document, and written the same again."""
    text = spec.to_json()
    again = GMNSpec.parse(text)
    demand(again == spec and again.document == spec.document, "JSON reads back as another document")
    demand(again.to_json() == text, "JSON is written another way the second time")
    for notation, (_, write) in WRITTEN.items():
        text = write(spec.document)
        demand(which_notation(text) == notation, f"the {notation} notation is taken for {which_notation(text)}")
        again = GMNSpec.parse(text)
        if any(finding.code == "transposed" and "was turned" in finding.message for finding in again.reading.findings):
            # A matrix that fits only when turned: in JSON it is an error, and stays one; FreeAgentics' prompts write it.
            demand(spec.findings(), "a matrix of a valid document was turned")
            continue
        demand(again == spec, f"the {notation} notation reads back as another document")
        demand(write(again.document) == text, f"the {notation} notation is written another way the second time")


def demand_other_reader(text: str) -> None:
    """A reader of one notation takes any text, that of another one too, and its findings have places in it."""
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    taken_for = which_notation(text)
    for notation, (read, _) in WRITTEN.items():
        if notation == taken_for:
            continue
        parsed = read(text, default_name="x")
        demand_places(parsed.findings, lines)
        demand(set(parsed.document) >= {"name", "nodes", "edges"}, "no document")


def demand_all(text: str) -> None:
    """Demand all that holds for a text."""
    spec = demand_verdict(text)
    if spec is not None:
        demand_round_trips(spec)
    if text[:1] != "{":
        demand_other_reader(text)
