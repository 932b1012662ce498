"""Graphviz's DOT (https://graphviz.org/doc/info/lang.html), read into nodes, edges and groups.

A grammar of our own: pydot writes its errors to standard output, where results go, returns None for them, and ends with
a RecursionError at fifty nested braces. Of the attributes label, shape, style and dir are read, with the defaults that
``node [...]`` and ``edge [...]`` set; HTML-like labels are read as their text.
"""

from __future__ import annotations

import html
import re
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from lark import Lark, Token, Transformer

from gmn_llm.pictures.diagram import BREAK, Box, Diagram, Line
from gmn_llm.pictures.drafting import Sketch, read_with

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gmn_llm.gmn.limits import Limits

__all__ = ["read_graphviz"]

GRAMMAR: Final = r"""
start: "strict"i? (DIRECTED | UNDIRECTED) id? "{" statement* "}"
statement: (edge | defaults | setting) ";"?
defaults: DEFAULTS attributes
setting: id "=" id
braced: ("subgraph"i id?)? "{" statement* "}"
edge: end (_LINE end)* attributes
end: node | braced
node: id (":" id (":" id)?)?
attributes: ("[" attribute* "]")*
attribute: id ("=" id)? (","|";")?
id: ID | NUMBER | HTML | string
string: STRING ("+" STRING)*

DIRECTED.2: /digraph\b/i
UNDIRECTED.2: /graph\b(?=\s*(?:"(?:[^"\\]|\\.)*"|[\w.]+)?\s*\{)/i
DEFAULTS.2: /(?:node|edge|graph)\b(?=\s*\[)/i
_LINE: "->" | "--"
ID: /[A-Za-z_\u0080-\U0010ffff][\w\u0080-\U0010ffff]*/
NUMBER: /-?(?:\.\d+|\d+(?:\.\d*)?)/
STRING: /"(?:[^"\\]|\\[\s\S])*"/
HTML: /<[^<>]*(?:<[^<>]*>[^<>]*)*>/

%ignore /\s+/
%ignore /\/\/[^\n]*/
%ignore /\/\*(?:[^*]|\*(?!\/))*\*\//
%ignore /(?m:^)#[^\n]*/
"""
TAG: Final = re.compile(r"<[^<>]*>")
ESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)
LINES: Final[Mapping[str, Line]] = {"dashed": "dotted", "dotted": "dotted", "bold": "thick"}
HEADS: Final[Mapping[str, tuple[bool, bool]]] = {"back": (True, False), "both": (True, True), "none": (False, False)}
CLUSTER: Final = "cluster"


def read_graphviz(text: str, *, limits: Limits) -> Diagram:
    """Return what a DOT graph draws.

    Args:
        text: The text, from its first word on.
        limits: Nodes and edges there may be, and how deep groups may be nested.

    Raises:
        Unreadable: It is no DOT graph, or too large.
    """
    directed, statements = read_with(_parser(), text, what="a Graphviz graph")
    sketch = Sketch(limits)
    _Drawer(sketch, directed=directed).draw(statements, node={}, edge={})
    return sketch.finished("graph")


class _Drawer:
    """Walks through the statements with the defaults that hold where they stand."""

    def __init__(self, sketch: Sketch, *, directed: bool) -> None:
        self._sketch = sketch
        self._directed = directed

    def draw(self, statements: Sequence[Any], *, node: Mapping[str, str], edge: Mapping[str, str]) -> dict[str, None]:
        """Draw statements; return the ids of the nodes in them, in order."""
        names: dict[str, None] = {}
        for kind, *parts in statements:
            if kind == "defaults" and parts[0] == "node":
                node = {**node, **parts[1]}
            elif kind == "defaults" and parts[0] == "edge":
                edge = {**edge, **parts[1]}
            elif kind == "edge":
                names |= self._edge(parts, node=node, edge=edge)
        return names

    def _edge(self, parts: Sequence[Any], *, node: Mapping[str, str], edge: Mapping[str, str]) -> dict[str, None]:
        ends, said = parts
        alone = len(ends) == 1
        rows: list[dict[str, None]] = []
        for kind, *inner in ends:
            if kind == "braced":
                rows.append(self._braced(inner, node=node, edge=edge))
                continue
            self._node(inner[0], node, said if alone else {})
            rows.append({inner[0]: None})
        told = {**edge, **said}
        heads = HEADS.get(told.get("dir", ""), (False, True)) if self._directed else (False, False)
        line: Line = next((LINES[word] for word in told.get("style", "").split(",") if word in LINES), "solid")
        label = _caption(told.get("label", told.get("xlabel", "")), "")
        for before, after in pairwise(rows):
            self._sketch.arrows(list(before), list(after), label, line, heads)
        return {name: None for row in rows for name in row}

    def _braced(self, parts: Sequence[Any], *, node: Mapping[str, str], edge: Mapping[str, str]) -> dict[str, None]:
        name, inner = parts
        # Only those whose names begin so are drawn with a frame.
        shown = name if name.startswith(CLUSTER) else ""
        with self._sketch.frame(shown, _caption(_title(inner), name) or name):
            return self.draw(inner, node=node, edge=edge)

    def _node(self, name: str, defaults: Mapping[str, str], said: Mapping[str, str]) -> None:
        known = self._sketch.known(name)
        if known is not None and not said:
            self._sketch.box(known)
            return
        told = {**({} if known else defaults), **said}
        label = _caption(told["label"], name) if "label" in told else known.label if known else name
        shape = told.get("shape", known.shape if known else "")
        self._sketch.box(Box(name, label or name, "" if shape in ("box", "ellipse") else shape))


class _Builder(Transformer[Token, Any]):
    """Makes plain tuples while the text is read, so that nothing is nested deeper than the text."""

    def start(self, parts: list[Any]) -> tuple[bool, list[Any]]:
        directed = any(isinstance(part, Token) and part.type == "DIRECTED" for part in parts)
        return directed, [part for part in parts if isinstance(part, tuple)]

    def statement(self, parts: list[Any]) -> Any:
        return parts[0]

    def defaults(self, parts: list[Any]) -> tuple[str, str, dict[str, str]]:
        return "defaults", str(parts[0]).lower(), parts[1]

    def setting(self, parts: list[Any]) -> tuple[str, str, str]:
        return "setting", parts[0], parts[1]

    def braced(self, parts: list[Any]) -> tuple[str, str, list[Any]]:
        name = parts[0] if parts and isinstance(parts[0], str) else ""
        return "braced", name, [part for part in parts if isinstance(part, tuple)]

    def edge(self, parts: list[Any]) -> tuple[str, list[Any], dict[str, str]]:
        return "edge", parts[:-1], parts[-1]

    def end(self, parts: list[Any]) -> Any:
        return parts[0]

    def node(self, parts: list[Any]) -> tuple[str, str]:
        return "node", parts[0]

    def attributes(self, parts: list[Any]) -> dict[str, str]:
        return dict(parts)

    def attribute(self, parts: list[str]) -> tuple[str, str]:
        return parts[0], parts[1] if len(parts) > 1 else "true"

    def id(self, parts: list[Any]) -> str:
        return str(parts[0])

    def string(self, parts: list[Token]) -> str:
        joined = "".join(part[1:-1] for part in parts)
        return joined.replace('\\"', '"').replace("\\\r\n", "").replace("\\\n", "")


def _title(statements: Sequence[Any]) -> str:
    """Return the label that statements give the graph they stand in."""
    said = ""
    for kind, name, value in (statement for statement in statements if len(statement) == 3):
        if kind == "setting" and name == "label":
            said = value
        elif kind == "defaults" and name == "graph":
            said = value.get("label", said)
    return said


def _caption(text: str, name: str) -> str:
    r"""Return a label as text: ``\N`` is the node's name, ``\n``, ``\l`` and ``\r`` end a line; HTML loses its tags."""
    if text.startswith("<") and text.endswith(">"):
        return html.unescape(TAG.sub("", BREAK.sub("\n", text[1:-1]))).strip()
    said = ESCAPE.sub(lambda found: name if found[1] == "N" else "\n" if found[1] in "nlr" else found[1], text)
    return html.unescape(said).strip()


@cache
def _parser() -> Lark:
    return Lark(GRAMMAR, parser="lalr", transformer=_Builder(), maybe_placeholders=False)
