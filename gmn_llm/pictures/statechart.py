"""Mermaid's state diagrams (https://mermaid.js.org/syntax/stateDiagram.html), read into nodes, edges and groups.

Notes, styles and directions are passed over; a composite state is a group. ``[*]`` stands for the beginning where an
arrow leaves it and for the end where one leads to it; inside a group each group has its own.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from lark import Lark, Token, Transformer

from gmn_llm.pictures.diagram import Box, Diagram, plain
from gmn_llm.pictures.drafting import Sketch, read_with

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gmn_llm.gmn.limits import Limits

__all__ = ["ENDS", "read_statechart"]

ENDS: Final = "[*]"
"""The id of beginning and end."""
GRAMMAR: Final = r"""
start: HEADER line*
line: _END | statement _END
?statement: arrow | named | IGNORED -> nothing | NOTE -> nothing
arrow: name ARROW name TEXT?
named: name TEXT?
     | "state" ID KIND? -> kind
     | "state" ID TITLE? "{" line* "}" -> frame
     | "state" STRING "as" ID -> titled
     | "state" STRING "as" ID "{" line* "}" -> titled_frame
name: (ID | END) CLASS?

HEADER: /stateDiagram(?:-v2)?(?=[ \t]*(?:[\r\n]|%%|$))/
NOTE.7: /note[ \t]+(?:left|right)[ \t]+of[ \t]+[^\s:]+[ \t]*/ (/:[^\n]*/ | NOTE_LINES)
NOTE_LINES: /\r?\n(?:(?![ \t]*end[ \t]+note)[^\n]*\n)*[ \t]*end[ \t]+note/
IGNORED.6: /(?:style|classDef|class|direction|scale|accTitle|accDescr|click)\b[^\n]*/ | HIDE | /--+/
HIDE: /hide[ \t]+empty[ \t]+description/
_END: /(?:[ \t]*(?:;|\r?\n))+/
ARROW: "-->"
END: "[*]"
KIND: /<<\w+>>|\[\[\w+\]\]/
TITLE: /\[[^\]\n]*\]/
STRING: /"[^"\n]*"/
CLASS: /:::[\w-]+/
TEXT: /:(?!::)[^\n]*/
ID: /[\w\u0080-\U0010ffff](?:[\w.\u0080-\U0010ffff]|-(?!-))*/

COMMENT: /(?:%%(?!\{)|#)[^\n]*/
DIRECTIVE: /%%\{(?:[^}]|\}(?!%%))*\}%%/
%ignore /[ \t]+/
%ignore COMMENT
%ignore DIRECTIVE
"""


def read_statechart(text: str, *, limits: Limits) -> Diagram:
    """Return what a state diagram draws.

    Args:
        text: The text, from its first word on.
        limits: Nodes and edges there may be, and how deep groups may be nested.

    Raises:
        Unreadable: It is no state diagram, or too large.
    """
    statements = read_with(_parser(), text.rstrip() + "\n", what="a Mermaid state diagram")
    sketch = Sketch(limits)
    _draw(statements, sketch, within="")
    return sketch.finished("state diagram")


def _draw(statements: Sequence[Any], sketch: Sketch, *, within: str) -> None:
    def place(name: str) -> str:
        own = f"{within}{name}" if name == ENDS else name
        sketch.box(Box(own, own), told=False)
        return own

    for kind, *parts in statements:
        if kind == "arrow":
            source, target, label = parts
            sketch.arrows([place(source)], [place(target)], label)
        elif kind == "frame":
            name, label, inner = parts
            with sketch.frame(name, label):
                _draw(inner, sketch, within=f"{name}.")
        else:
            name, label, shape = parts
            known = sketch.known(name)
            if known is not None and label and known.label != name:
                label = f"{known.label}\n{label}"  # a description may be given line by line
            sketch.box(Box(name, label or (known.label if known else name), shape), told=bool(label or shape))


class _Builder(Transformer[Token, Any]):
    """Makes plain tuples while the text is read, so that nothing is nested deeper than the text."""

    def start(self, parts: list[Any]) -> list[Any]:
        return _inner(parts)

    def line(self, parts: list[Any]) -> Any:
        return next((part for part in parts if isinstance(part, tuple)), None)

    def nothing(self, _: list[Any]) -> None:
        return None

    def name(self, parts: list[Token]) -> str:
        return str(parts[0])

    def arrow(self, parts: list[Any]) -> tuple[str, str, str, str]:
        return "arrow", str(parts[0]), str(parts[2]), _said(parts[3]) if len(parts) > 3 else ""

    def named(self, parts: list[Any]) -> tuple[str, str, str, str]:
        return "box", str(parts[0]), _said(parts[1]) if len(parts) > 1 else "", ""

    def kind(self, parts: list[Any]) -> tuple[str, str, str, str]:
        return "box", str(parts[0]), "", str(parts[1]).strip("<>[]") if len(parts) > 1 else ""

    def titled(self, parts: list[Any]) -> tuple[str, str, str, str]:
        return "box", str(parts[1]), plain(str(parts[0])), ""

    def frame(self, parts: list[Any]) -> tuple[str, str, str, list[Any]]:
        title = next((str(part)[1:-1] for part in parts[1:] if isinstance(part, Token) and part.type == "TITLE"), "")
        return "frame", str(parts[0]), plain(title) or str(parts[0]), _inner(parts)

    def titled_frame(self, parts: list[Any]) -> tuple[str, str, str, list[Any]]:
        return "frame", str(parts[1]), plain(str(parts[0])), _inner(parts)


def _inner(parts: Sequence[Any]) -> list[Any]:
    return [part for part in parts if isinstance(part, tuple)]


def _said(text: object) -> str:
    return plain(str(text)[1:])


@cache
def _parser() -> Lark:
    return Lark(GRAMMAR, parser="lalr", transformer=_Builder(), maybe_placeholders=False)
