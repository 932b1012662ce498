"""The statements of a GNN file: declarations, connections and assignments, each read for itself.

One that is wrong is a finding with its place, and the next one is read all the same.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Literal, TypeAlias, cast

from lark import Lark, Token, Transformer, UnexpectedInput

from gmn_llm.findings import Finding, quote

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gmn_llm.gmn.gnn.sections import Section

__all__ = ["Assignment", "Connection", "Declaration", "Place", "Statements", "read_statements"]

Place: TypeAlias = tuple[int, int]
Kind: TypeAlias = Literal["declaration", "connection", "assignment"]
NESTING = 64
MOST_FINDINGS = 100
BRACKETS = re.compile(r"[({\[]|[)}\]]")
PAIRS = {"(": ")", "{": "}", "[": "]"}
TO_JSON = str.maketrans("(){}", "[][]")
SIMPLE = re.compile(r"\s*[^\W\d][\w']*+\s*")
NUMERIC = re.compile(r"[-+0-9.eE,\s()\[\]{}]*+")
ENDING_COMMA = re.compile(r",(?=\s*\])")
BEGINS = re.compile(r"[ \t]*[^\W\d][\w'+^]*[ \t]*=")
FORMS = {
    "declaration": "one to a line, `A[3,2,type=float]`",
    "connection": "one to a line, `s>A` or `s-A`, `(s,u)>B` for several",
    "assignment": "`A={(0.9, 0.1), (0.1, 0.9)}`, rows of numbers within braces",
}


@dataclass(frozen=True, slots=True)
class Declaration:
    """``A[3,2,type=float]``: a variable, with sizes as numbers or names.

    Attributes:
        name: The variable.
        dims: A size, or the name of a parameter or variable that has it, for each axis.
        options: ``type``, ``default``.
        place: Line and column, from 1.
        comment: What stands behind it.
    """

    name: str
    dims: tuple[int | str, ...]
    options: Mapping[str, str]
    place: Place
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Connection:
    """``s>A`` or ``s-A``."""

    sources: tuple[str, ...]
    targets: tuple[str, ...]
    directed: bool
    place: Place


@dataclass(frozen=True, slots=True)
class Assignment:
    """``A={...}``: a number or nested lists of numbers."""

    name: str
    value: object
    place: Place


@dataclass(slots=True)
class Statements:
    """All statements of a file, and what is wrong with the rest."""

    declarations: list[Declaration] = field(default_factory=list)
    connections: list[Connection] = field(default_factory=list)
    assignments: list[Assignment] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def read_statements(sections: Mapping[str, Section]) -> Statements:
    """Read the statements of the sections that have any; never raises for what they hold."""
    result = Statements()
    for title, kind in (("StateSpaceBlock", "declaration"), ("Connections", "connection")):
        for number, line in sections[title].lines if title in sections else ():
            code, _, comment = line.partition("#")
            if code.strip():
                _read_one(cast("Kind", kind), code, number, result, comment=comment.strip())
    if "InitialParameterization" in sections:
        for number, code in _assignments(sections["InitialParameterization"]):
            _read_one("assignment", code, number, result)
    return result


def _assignments(section: Section) -> Iterator[tuple[int, str]]:
    """Part a section where a line begins with ``NAME =``, comments taken away; yield first line and text of each."""
    first, lines = 0, list[str]()
    for number, line in section.lines:
        code = line.partition("#")[0]
        if lines and BEGINS.match(code):
            yield first, "\n".join(lines)
            lines = []
        if lines or code.strip():
            first = first if lines else number
            lines.append(code)
    if lines:
        yield first, "\n".join(lines)


def _read_one(kind: Kind, code: str, number: int, result: Statements, *, comment: str = "") -> None:
    if len(result.findings) >= MOST_FINDINGS:
        return
    place = (number, len(code) - len(code.lstrip()) + 1)
    deepest, paired = _brackets(code)
    if deepest > NESTING:
        message = f"nested deeper than {NESTING} levels"
        result.findings.append(Finding("size-limit", "", message, FORMS[kind], *place))
        return
    simple = _as_json(code) if kind == "assignment" and paired else None
    if simple is not None:
        result.assignments.append(Assignment(*simple, place))
        return
    try:
        read = cast("object", _parser().parse(code.rstrip(), start=kind))
    except UnexpectedInput as error:
        result.findings.append(_complaint(kind, code.rstrip(), number, error))
        return
    if kind == "declaration":
        name, dims, options = cast("tuple[str, tuple[int | str, ...], dict[str, str]]", read)
        result.declarations.append(Declaration(name, dims, options, place, comment))
    elif kind == "connection":
        sources, targets, directed = cast("tuple[tuple[str, ...], tuple[str, ...], bool]", read)
        result.connections.append(Connection(sources, targets, directed, place))
    else:
        name, value = cast("tuple[str, object]", read)
        result.assignments.append(Assignment(name, value, place))


def _brackets(code: str) -> tuple[int, bool]:
    """Return how deep the brackets of ``code`` go, and whether each is closed by its own kind."""
    still_open: list[str] = []
    deepest, paired = 0, True
    for match in BRACKETS.finditer(code):
        bracket = match.group()
        if bracket in PAIRS:
            still_open.append(PAIRS[bracket])
            deepest = max(deepest, len(still_open))
        elif not still_open or still_open.pop() != bracket:
            paired = False
    return deepest, paired and not still_open


def _as_json(code: str) -> tuple[str, object] | None:
    """Read an assignment whose numbers are JSON's, which is most of them, in a tenth of the grammar's time.

    Its brackets must be paired. None where the grammar has to say what it is, or what is wrong with it.
    """
    name, _, value = code.partition("=")
    if not SIMPLE.fullmatch(name) or not NUMERIC.fullmatch(value):
        return None
    try:
        return name.strip(), json.loads(ENDING_COMMA.sub("", value.translate(TO_JSON)), parse_int=float)
    except ValueError:
        return None


def _complaint(kind: Kind, code: str, number: int, error: UnexpectedInput) -> Finding:
    """Say where a statement does not go on as it should."""
    at_end = (error.pos_in_stream or 0) >= len(code)
    token = getattr(error, "token", None)
    if at_end or (isinstance(token, Token) and token.type == "$END"):
        lines = code.split("\n")
        place, said = (number + len(lines) - 1, len(lines[-1]) + 1), f"the {kind} is not complete"
    else:
        place = (number + error.line - 1, error.column)
        rest = code.split("\n")[error.line - 1][error.column - 1 :]
        said = f"{quote(rest[:40])} is not expected in a {kind}"
    return Finding("text-syntax", "", said, FORMS[kind], *place)


@cache
def _parser() -> Lark:
    grammar = (files(__package__) / "gnn.lark").read_text(encoding="utf-8")
    return Lark(
        grammar,
        parser="lalr",
        start=["declaration", "connection", "assignment"],
        transformer=_Builder(),
        maybe_placeholders=False,
    )


class _Builder(Transformer[Token, object]):
    """Turns each rule into plain values as soon as it is read; holds no state."""

    def size(self, children: list[Token]) -> int:
        return int(children[0])

    def symbol(self, children: list[Token]) -> str:
        return str(children[0])

    def length(self, children: list[Token]) -> str:
        return str(children[1])

    def option(self, children: list[Token]) -> tuple[str, str]:
        return str(children[0]), str(children[1])

    def declaration(self, children: list[object]) -> tuple[str, tuple[int | str, ...], dict[str, str]]:
        dims = tuple(child for child in children[1:] if isinstance(child, int | str))
        return str(children[0]), dims, dict(child for child in children if isinstance(child, tuple))

    def ends(self, children: list[Token]) -> tuple[str, ...]:
        return tuple(map(str, children))

    def connection(self, children: list[object]) -> tuple[object, object, bool]:
        return children[0], children[2], str(children[1]) == ">"

    def scalar(self, children: list[Token]) -> float:
        return _number(children[0])

    def row(self, children: list[Token]) -> list[float]:
        return [_number(word) for word in children[0][1:-1].split(",") if word.strip()]

    def items(self, children: list[object]) -> list[object]:
        return children

    def assignment(self, children: list[object]) -> tuple[str, object]:
        return str(children[0]), children[1]


def _number(word: str) -> float:
    return float(word)
