"""A GNN file parted into its sections, with the notes in its comments."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING

from gmn_llm.findings import Finding, quote
from gmn_llm.gmn.gnn.notes import Note, read_note

if TYPE_CHECKING:
    from gmn_llm.gmn.gnn.statements import Place

__all__ = ["KNOWN", "REQUIRED", "File", "Section", "looks_like_gnn", "part"]

REQUIRED = ("GNNSection", "GNNVersionAndFlags", "ModelName", "StateSpaceBlock", "Connections")
KNOWN = (
    "GNNSection", "GNNVersionAndFlags", "ImageFromPaper", "ModelName", "ModelAnnotation", "StateSpaceBlock",
    "Connections", "InitialParameterization", "Equations", "Time", "ActInfOntologyAnnotation", "ModelParameters",
    "Footer", "Signature",
)  # fmt: skip
HEADING = re.compile(r"[ \t]*##(?!#)[ \t]*(.*?)[ \t]*$")
RULE = re.compile(r"[ \t]*---+[ \t]*$")
FIRST_SECTION = re.compile(r"^[ \t]*##[ \t]+GNN(?:Section|VersionAndFlags)\b", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Section:
    """A section: its name, the place of its heading, and its lines with their numbers."""

    name: str
    place: Place
    lines: list[tuple[int, str]] = field(default_factory=list)

    @property
    def text(self) -> str:
        """What it says, without comment lines."""
        return "\n".join(line for _, line in self.lines if not line.lstrip().startswith("#")).strip()

    @property
    def comments(self) -> list[str]:
        """Its comment lines, without the signs that make them so."""
        lines = (line.strip() for _, line in self.lines)
        return [text for line in lines if line.startswith("#") and (text := line.lstrip("#").strip())]


@dataclass(slots=True)
class File:
    """A file with one model.

    Attributes:
        sections: The sections by their names.
        before: What stands before the first one, such as YAML between two rules.
        notes: The notes in its comments.
        findings: What is wrong with its frame.
    """

    sections: dict[str, Section] = field(default_factory=dict)
    before: list[str] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def looks_like_gnn(text: str) -> bool:
    """Tell whether a text has the heading of one of GNN's first two sections."""
    return FIRST_SECTION.search(text) is not None


def part(text: str) -> File:
    """Part a file at its headings; a second model in it, or a section that is missing or there twice, is a finding."""
    file = File()
    section: Section | None = None
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), start=1):
        heading = HEADING.match(line)
        if heading is not None:
            place = (number, len(line) - len(line.lstrip()) + 1)
            section = Section(heading[1], place)
            if heading[1] not in file.sections:
                file.sections[heading[1]] = section
            elif heading[1] == "GNNSection":
                message = "a second model begins here, where a document has one"
                file.findings.append(Finding("unsupported", "", message, "part the file at its `---`", *place))
                return file
            else:
                message = f"the section {quote(heading[1])} stands twice"
                file.findings.append(Finding("duplicate-key", "", message, "keep one of them", *place))
            continue
        note = read_note(line, number)
        if isinstance(note, Note):
            file.notes.append(note)
        elif note is not None:
            file.findings.append(note)
        elif section is None:
            file.before.append(line)
        elif not RULE.match(line):
            section.lines.append((number, line))
    file.findings.extend(_missing(file))
    return file


def _missing(file: File) -> list[Finding]:
    found = []
    for name in REQUIRED:
        if name not in file.sections:
            close = get_close_matches(name, file.sections, n=1)
            hint = (
                f"did you mean {quote(close[0])}? Names keep their capitals" if close else f"begin it with `## {name}`"
            )
            found.append(Finding("schema", "", f"the section {name} is missing", hint, 1, 1))
        elif name in ("GNNSection", "ModelName", "StateSpaceBlock") and not file.sections[name].text:
            place = file.sections[name].place
            found.append(Finding("schema", "", f"the section {name} is empty", "it has to say something", *place))
    return found
