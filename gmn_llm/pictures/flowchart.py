"""Mermaid's flowcharts (https://mermaid.js.org/syntax/flowchart.html), read into nodes, edges and groups.

What only changes the looks (styles, classes, directions, clicks) is passed over. A text that is cut off, or has more
nodes or edges than there may be, is refused; the time is linear in the text.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from lark import Lark, Token, Transformer

from gmn_llm.pictures.diagram import Box, Diagram, Line, plain
from gmn_llm.pictures.drafting import Sketch, read_with

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gmn_llm.gmn.limits import Limits

__all__ = ["read_flowchart"]

GRAMMAR: Final = r"""
start: HEADER line*
line: _END | statement _END
?statement: chain | subgraph | IGNORED -> nothing
subgraph: FRAME line* "end"
chain: row (link row)*
row: node (_AND node)*
node: ID shape? CLASS? | ID DATA CLASS?
shape: SUBROUTINE | STADIUM | CYLINDER | LEAN | SQUARE | TRIPLE | DOUBLE | ROUND | FLAG | HEXAGON | RHOMBUS
link: EDGE_ID? (LINK PIPED? | TEXTLINK)

HEADER: /(?:flowchart|graph)(?:-elk)?(?:[ \t]+(?:TB|TD|BT|RL|LR|[<>^v]))?(?=[ \t]*(?:[;\r\n]|%%|$))/
IGNORED.5: /(?:style|linkStyle|classDef|class|click|direction|accTitle|accDescr)\b[^\n;]*/
_END: /(?:[ \t]*(?:;|\r?\n))+/
_AND: "&"
ID: /[\w\u0080-\U0010ffff](?:[\w.!?$*+\/\\'\u0080-\U0010ffff]|:(?!::)|-(?![-.]|>))*/
CLASS: /:::[\w-]+/
DATA: /@\{(?:"[^"]*"|[^"{}])*\}/
FRAME.6: /subgraph\b[^\n;]*/

STADIUM.4: /\(\[\s*(?:"[^"]*"|[^"\[\](){}\n]*)\s*\]\)/
SUBROUTINE.4: /\[\[\s*(?:"[^"]*"|[^"\[\](){}\n]*)\s*\]\]/
CYLINDER.4: /\[\(\s*(?:"[^"]*"|[^"\[\](){}\n]*)\s*\)\]/
LEAN.3: /\[[\/\\]\s*(?:"[^"]*"|[^"\[\](){}\n]*?)\s*[\/\\]\]/
SQUARE.2: /\[\s*(?:"[^"]*"|[^"\[\]{}\n]*)\s*\]/
TRIPLE.5: /\(\(\(\s*(?:"[^"]*"|[^"\[\](){}\n]*)\s*\)\)\)/
DOUBLE.4: /\(\(\s*(?:"[^"]*"|[^"\[\](){}\n]*)\s*\)\)/
ROUND.2: /\(\s*(?:"[^"]*"|[^"()\[\]{}\n]*)\s*\)/
FLAG.2: />\s*(?:"[^"]*"|[^"\[\](){}\n]*)\s*\]/
HEXAGON.4: /\{\{\s*(?:"[^"]*"|[^"\[\](){}\n]*)\s*\}\}/
RHOMBUS.2: /\{\s*(?:"[^"]*"|[^"{}\n]*)\s*\}/

EDGE_ID.6: /[\w-]{1,64}@(?=[<xo]?[-=~])/
LINK.5: /[<xo]?(?:--+[-xo>]|==+[=xo>]|-\.+-[xo>]?)|~~~+/
TEXTLINK.4: OPEN_LINK /[ \t]*(?:"[^"\n]*"|[^\n"|]*?)[ \t]*/ CLOSE_LINK
OPEN_LINK: /[<xo]?(?:--(?![-xo>])|==(?![=xo>])|-\.(?![-.]))/
CLOSE_LINK: /(?:--+[-xo>]|==+[=xo>]|\.+-[xo>]?)/
PIPED: /\|(?:"[^"\n]*"|[^|\n])*\|/

COMMENT: /%%(?!\{)[^\n]*/
DIRECTIVE: /%%\{(?:[^}]|\}(?!%%))*\}%%/
%ignore /[ \t]+/
%ignore COMMENT
%ignore DIRECTIVE
"""
SHAPES: Final[Mapping[str, tuple[str, int]]] = {
    "STADIUM": ("stadium", 2), "SUBROUTINE": ("subroutine", 2), "CYLINDER": ("cylinder", 2), "LEAN": ("lean", 2),
    "SQUARE": ("", 1), "TRIPLE": ("double circle", 3), "DOUBLE": ("circle", 2), "ROUND": ("round", 1),
    "FLAG": ("flag", 1), "HEXAGON": ("hexagon", 2), "RHOMBUS": ("diamond", 1),
}  # fmt: skip
"""Terminal to what the shape is called, and how many signs of bracket it has on each side."""


def read_flowchart(text: str, *, limits: Limits) -> Diagram:
    """Return what a flowchart draws.

    Args:
        text: The text, from its first word on.
        limits: Nodes and edges there may be, and how deep groups may be nested.

    Raises:
        Unreadable: It is no flowchart, or too large.
    """
    statements = read_with(_parser(), text.rstrip() + "\n", what="a Mermaid flowchart")
    sketch = Sketch(limits)
    _draw(statements, sketch)
    return sketch.finished("flowchart")


def _draw(statements: Sequence[Any], sketch: Sketch) -> None:
    for kind, *parts in statements:
        if kind == "frame":
            (name, label), inner = parts
            with sketch.frame(name, label):
                _draw(inner, sketch)
            continue
        rows, links = parts[0][::2], parts[0][1::2]
        for row in rows:
            for box, is_new in row:
                sketch.box(box, told=is_new)
        for (before, after), link in zip(pairwise(rows), links, strict=True):
            if link is not None:
                line, label, heads = link
                sketch.arrows([box.id for box, _ in before], [box.id for box, _ in after], label, line, heads)


class _Builder(Transformer[Token, Any]):
    """Makes plain tuples while the text is read, so that nothing is nested deeper than the text."""

    def start(self, parts: list[Any]) -> list[Any]:
        return [part for part in parts if isinstance(part, tuple)]

    def line(self, parts: list[Any]) -> Any:
        return next((part for part in parts if isinstance(part, tuple)), None)

    def nothing(self, _: list[Any]) -> None:
        return None

    def chain(self, parts: list[Any]) -> tuple[str, list[Any]]:
        return "chain", parts

    def row(self, parts: list[Any]) -> list[Any]:
        return parts

    def node(self, parts: list[Any]) -> tuple[Box, bool]:
        name = str(parts[0])
        shape = next((part for part in parts[1:] if isinstance(part, tuple)), None)
        data = next((part for part in parts[1:] if isinstance(part, Token) and part.type == "DATA"), None)
        if data is not None:
            shape = _of_data(str(data), name)
        return (Box(name, name), False) if shape is None else (Box(name, shape[1] or name, shape[0]), True)

    def shape(self, parts: list[Token]) -> tuple[str, str]:
        word, signs = SHAPES[parts[0].type]
        return word, plain(str(parts[0])[signs:-signs])

    def link(self, parts: list[Token]) -> tuple[Line, str, tuple[bool, bool]] | None:
        drawn = next(part for part in parts if part.type in ("LINK", "TEXTLINK"))
        if drawn.startswith("~"):
            return None  # an invisible one only moves things
        piped = next((part for part in parts if part.type == "PIPED"), None)
        label = plain(piped[1:-1]) if piped is not None else _text_of(drawn) if drawn.type == "TEXTLINK" else ""
        line: Line = "thick" if "==" in drawn[:3] else "dotted" if "-." in drawn[:3] else "solid"
        return line, label, (drawn[0] == "<", drawn[-1] == ">")

    def subgraph(self, parts: list[Any]) -> tuple[str, tuple[str, str], list[Any]]:
        return "frame", _frame_of(str(parts[0])), [part for part in parts[1:] if isinstance(part, tuple)]


def _frame_of(line: str) -> tuple[str, str]:
    """Return id and title of ``subgraph id [title]``, where either may be missing."""
    said = line.removeprefix("subgraph").partition("%%")[0].strip()
    name, bracket, title = said.partition("[")
    if bracket and not said.startswith('"'):
        return plain(name), plain(title.rstrip().removesuffix("]"))
    return plain(said), plain(said)


def _text_of(link: str) -> str:
    return plain(link.lstrip("<xo").lstrip("-=.").rstrip("xo>").rstrip("-=."))


def _of_data(text: str, name: str) -> tuple[str, str]:
    """Return shape and label of ``@{ shape: rect, label: "..." }``."""
    found: dict[str, str] = {}
    for part in _divided(text[2:-1]):
        key, _, value = part.partition(":")
        found[key.strip()] = plain(value)
    return found.get("shape", ""), found.get("label", name)


def _divided(text: str) -> list[str]:
    """Return the parts between commas and line ends, those inside of quotes aside."""
    parts, quoted = [""], False
    for sign in text:
        quoted ^= sign == '"'
        if sign in ",\n" and not quoted:
            parts.append("")
        else:
            parts[-1] += sign
    return parts


@cache
def _parser() -> Lark:
    return Lark(GRAMMAR, parser="lalr", transformer=_Builder(), maybe_placeholders=False)
