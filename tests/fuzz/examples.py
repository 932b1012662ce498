"""The properties that hypothesis tries on documents, and a program that tries them many times under a watch.

``python -m tests.fuzz.examples 10000`` shares 10,000 examples out among the properties and ends with 0 when every one
of them held, took no more than a second of CPU time and the process no more than 500 MB beyond what it began with; it
ends with a traceback where an example does not come back.
"""

from __future__ import annotations

import faulthandler
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings

from gmn_llm import GMNSpec, validate_gmn
from gmn_llm.findings import Severity
from tests.fuzz import drawn
from tests.fuzz.invariants import (
    demand,
    demand_all,
    demand_other_reader,
    demand_places,
    demand_round_trips,
    demand_verdict,
    lines_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis import strategies as st

SECONDS = 1.0
AT_LAST = 60.0
MEMORY = 500 * 2**20


def text_is_read(text: str) -> None:
    """A text in any notation gets a verdict with places, and what was read can be written and read again."""
    demand_all(text)


def octets_are_read(text: str) -> None:
    """So do its octets, whatever UTF-8 they are."""
    octets = text.encode("utf-8", "surrogatepass")
    found = validate_gmn(octets).findings
    if "\ud800" not in text:
        demand_places(found, lines_of(text))
        demand([str(f) for f in found] == [str(f) for f in validate_gmn(text).findings], "octets are judged otherwise")


def document_is_judged(document: Any) -> None:
    """A document gets a verdict as a value and the same one as text; a valid one can be used and written."""
    verdict = validate_gmn(document)
    text = json.dumps(document)
    spec = demand_verdict(text)
    as_text = validate_gmn(text).findings
    if not {f.code for f in as_text} & {"json-syntax", "text-syntax"}:
        demand(
            [(f.code, f.path) for f in as_text] == [(f.code, f.path) for f in verdict.findings],
            "text is judged otherwise",
        )
    if spec is None:
        return
    demand_round_trips(spec)
    if verdict.ok:
        is_usable(spec)


def is_usable(spec: GMNSpec) -> None:
    """A valid document expands to a valid one that stays what it is, and has arrays and pictures."""
    expanded = spec.expand()
    found = expanded.findings()
    demand(all(finding.severity is Severity.WARNING for finding in found), f"its expansion is not valid: {found}")
    demand({finding.code for finding in found} <= {"unused-action", "unknown-property"}, f"it is told more: {found}")
    demand(expanded.expand() == expanded, "a second expansion is another document")
    demand(GMNSpec.parse(expanded.to_json()) == expanded, "its expansion reads back as another document")
    demand(set(spec.to_pymdp()) >= {"A", "B", "C", "D"}, "no arrays")
    demand(spec.to_mermaid().startswith("flowchart"), "no picture")


def text_is_taken_by_either_reader(text: str) -> None:
    """A text in one notation does not hurt the reader of the other."""
    demand_other_reader(text)


PROPERTIES: dict[str, tuple[Callable[[Any], None], st.SearchStrategy[Any]]] = {
    "text": (text_is_read, drawn.any_text),
    "json text": (text_is_read, drawn.any_json_text),
    "octets": (octets_are_read, drawn.any_text),
    "document": (document_is_judged, drawn.any_document),
    "other reader": (text_is_taken_by_either_reader, drawn.any_text),
}


def watched(check: Callable[[Any], None]) -> Callable[[Any], None]:
    """Return ``check`` under a watch: past a second of CPU time it fails, past a minute the process is ended."""

    def inner(example: Any) -> None:
        before = time.process_time()
        faulthandler.dump_traceback_later(AT_LAST, exit=True)
        try:
            check(example)
        finally:
            faulthandler.cancel_dump_traceback_later()
        took = time.process_time() - before
        demand(took <= SECONDS, f"took {took:.2f} s of CPU time")

    return inner


def main(count: int) -> None:
    """Try the properties on ``count`` examples in all."""
    import resource

    for check, strategy in PROPERTIES.values():
        settings(max_examples=20, database=None, deadline=None)(given(strategy)(check))()
    held = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (held + MEMORY, resource.RLIM_INFINITY))
    each = -(-count // len(PROPERTIES))
    for name, (check, strategy) in PROPERTIES.items():
        at = time.process_time()
        thorough = settings(
            max_examples=each, database=None, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
        )
        thorough(given(strategy)(watched(check)))()
        rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        sys.stdout.write(f"{name}: {each} examples, {time.process_time() - at:.0f} s, {rss:.0f} MiB at most\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]))
