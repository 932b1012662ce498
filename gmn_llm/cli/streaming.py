"""A generation told as it happens: text on a terminal, and lines of JSON in a pipe."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from gmn_llm.findings import visible

if TYPE_CHECKING:
    from gmn_llm.generation.events import GMNEvent

__all__ = ["as_line", "show", "tell_line"]


def tell_line(event: GMNEvent) -> None:
    """Write an event to standard output as a line of JSON, at once.

    Raises:
        OSError: Nobody reads it any more, or it can't be written.
    """
    sys.stdout.buffer.write((as_line(event) + "\n").encode("utf-8", "backslashreplace"))
    sys.stdout.flush()


def as_line(event: GMNEvent) -> str:
    """Return an event as JSON: ``type``, and what an event of that type has."""
    told: dict[str, object] = {"type": event.type}
    if event.type == "delta":
        told["text"] = event.text
    elif event.type == "repair":
        told |= {"round": event.round, "findings": [finding.as_dict() for finding in event.findings]}
    elif event.type == "reset":
        told["provider"] = event.provider or None
    if event.document is not None:
        told["document"] = event.document.document
    if event.type == "done" and event.document is not None:
        provenance = event.document.provenance
        told["warnings"] = list(event.document.warnings)
        told["provenance"] = None if provenance is None else provenance.model_dump(mode="json")
    return json.dumps(told, ensure_ascii=False)


def show(event: GMNEvent) -> None:
    """Write an event to the terminal: a model's text as it comes, and on a line of its own what else happens.

    Raises:
        OSError: It can't be written.
    """
    if event.type == "delta":
        sys.stdout.write("\n".join(visible(line.replace("\t", " ")) for line in event.text.split("\n")))
    elif event.type == "repair":
        sys.stdout.write(f"\n\nrepair {event.round}: {len(event.findings)} findings go back to the model\n")
    elif event.type == "reset":
        sys.stdout.write(f"\n\nwhat came so far is void, {visible(event.provider) or 'another'} starts over\n")
    elif event.type == "done":
        sys.stdout.write("\n\n")
    sys.stdout.flush()
