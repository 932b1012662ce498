"""What stands on the page of a document: everything worked out, nothing yet written as HTML."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gmn_llm.findings import Severity
from gmn_llm.page.board_picture import BoardPicture, board_picture
from gmn_llm.page.graph import Box, Tie, arranged, boxes, extent, ties
from gmn_llm.page.routes import Route, routes
from gmn_llm.page.words import cut, labels, number, plural, seen, seen_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gmn_llm.findings import Finding
    from gmn_llm.gmn.parts import Axis, Structure
    from gmn_llm.gmn.spec import GMNSpec
    from gmn_llm.page.numbers import Group
    from gmn_llm.provenance import Provenance

__all__ = ["Content", "Fact", "Graph", "content"]

MOST_TEXT = 100_000
"""Characters of the document in one notation; a longer one is cut with a note."""
MOST_EDGES = 1_000
MOST_FINDINGS = 200
MOST_LABELS = 12
MOST_AXES = 12


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing the first lines say: a heading, and a line for each part."""

    name: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Graph:
    """The factor graph: boxes and curves in their places, and the edges as a list."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    routes: tuple[Route, ...]
    edges: tuple[Tie, ...]
    left_out: int
    words: str


@dataclass(frozen=True, slots=True)
class Content:
    """All that the page shows.

    Attributes:
        name: The document's name.
        description: Its description, or empty.
        version: Its version, or empty.
        facts: What it is made of, in short.
        graph: The factor graph.
        boards: Grid worlds.
        groups: Heat maps by letter; empty where the document is not valid.
        errors: Findings that make it invalid.
        warnings: Findings that do not.
        unlisted: How many findings there was no room for.
        changed: What else was changed, assumed or left unread, in words.
        text: The document in the text notation.
        json: The document as JSON.
        provenance: Who wrote it, or None.
    """

    name: str
    description: str
    version: str
    facts: tuple[Fact, ...]
    graph: Graph
    boards: tuple[BoardPicture, ...]
    groups: tuple[Group, ...]
    errors: tuple[Finding, ...]
    warnings: tuple[Finding, ...]
    unlisted: int
    changed: tuple[str, ...]
    text: str
    json: str
    provenance: Provenance | None

    @property
    def verdict(self) -> str:
        """What the findings add up to, in words."""
        if self.errors:
            return f"Not valid: {plural(len(self.errors), 'error')}"
        count = len(self.warnings) + len(self.changed)
        return f"Valid, with {plural(count, 'remark')}" if count else "Valid"


def content(spec: GMNSpec) -> Content:
    """Work out what the page of ``spec`` shows; arrays are left out where the document has errors."""
    found, structure = spec.findings(), spec.structure
    errors = tuple(finding for finding in found if finding.severity is Severity.ERROR)
    warnings = tuple(finding for finding in found if finding.severity is Severity.WARNING)
    told = {finding.message for finding in found}
    groups, pictures = _numbers(structure) if not errors else ((), ())
    return Content(
        name=seen(spec.name),
        description=seen(spec.description or "", 1_000),
        version=seen(spec.version or "", 40),
        facts=tuple(_facts(structure)),
        graph=_graph(spec, structure, errors),
        boards=pictures,
        groups=groups,
        errors=errors[:MOST_FINDINGS],
        warnings=warnings[: max(0, MOST_FINDINGS - len(errors))],
        unlisted=max(0, len(errors) + len(warnings) - MOST_FINDINGS),
        changed=tuple(seen(said, 400) for said in spec.warnings if said not in told),
        text=_bounded(spec.to_text()),
        json=_bounded(spec.to_json()),
        provenance=spec.provenance,
    )


def _numbers(structure: Structure) -> tuple[tuple[Group, ...], tuple[BoardPicture, ...]]:
    from gmn_llm.gmn.arrays import arrays  # NumPy takes its time
    from gmn_llm.gmn.completion import completed
    from gmn_llm.page.boards import boards
    from gmn_llm.page.numbers import groups

    full = completed(structure)
    numbers = arrays(full)
    return groups(full, numbers), tuple(board_picture(board) for board in boards(full, numbers))


def _bounded(text: str) -> str:
    if len(text) <= MOST_TEXT:
        return seen_lines(text)
    return seen_lines(text[:MOST_TEXT]) + f"\n… {len(text) - MOST_TEXT:,} more characters"


def _facts(structure: Structure) -> Iterator[Fact]:
    for name, axes in (
        ("Hidden states", structure.factors),
        ("Observations", structure.modalities),
        ("Actions", structure.controls),
    ):
        lines = [_axis_line(axis) for axis in axes[:MOST_AXES]]
        more = [f"and {len(axes) - MOST_AXES} more"] if len(axes) > MOST_AXES else []
        yield Fact(name, (*lines, *more) or ("none",))
    policy = structure.policy
    steps, choices = policy.policy_len, structure.num_choices
    lines = [f"{plural(steps, 'step')} ahead"]
    if steps <= 64:
        lines[0] += f", {plural(choices**steps, 'policy', 'policies')}"
    lines += [
        f"{key} {number(value)}"
        for key, value in policy.properties.items()
        if key in ("gamma", "alpha") and isinstance(value, int | float)
    ]
    yield Fact("Planning", tuple(lines))


def _axis_line(axis: Axis) -> str:
    said = f"{seen(axis.id, 40)} ({axis.size:,})"
    if not axis.labels or len(axis.labels) != axis.size:
        return said
    some = ", ".join(cut(label, 24) for label in labels(axis)[:MOST_LABELS])
    return f"{said}: {some}{', …' if axis.size > MOST_LABELS else ''}"


def _graph(spec: GMNSpec, structure: Structure, errors: tuple[Finding, ...]) -> Graph:
    wrong = [finding.path for finding in errors]
    links = ties(spec, structure, wrong)
    placed = arranged(boxes(spec, wrong), links)
    width, height = extent(placed)
    said = [tie.words for tie in links[:20]]
    more = f"; and {len(links) - 20} more" if len(links) > 20 else ""
    words = f"{plural(len(placed), 'node')}, {plural(len(links), 'edge')}: {'; '.join(said)}{more}."
    return Graph(
        width=width,
        height=height,
        boxes=placed,
        routes=routes(links, placed),
        edges=links[:MOST_EDGES],
        left_out=max(0, len(links) - MOST_EDGES),
        words=cut(words, 1_500),
    )
