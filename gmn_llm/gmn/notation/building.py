"""The two grammars, compiled once, and what their rules build."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Literal, TypeAlias

from lark import Lark, Token, Transformer

from gmn_llm.gmn.notation.parsed import EdgeStatement, Field, HeaderStatement, NodeStatement
from gmn_llm.gmn.notation.tokens import key_of, place_of
from gmn_llm.gmn.notation.words import read_word

if TYPE_CHECKING:
    from gmn_llm.gmn.notation.parsed import Statement

__all__ = ["grammar"]


class _Gap:
    """Stands where the text has a mistake."""


GAP = _Gap()
Body: TypeAlias = tuple[Field, ...]


@cache
def grammar(notation: Literal["brace", "section"]) -> Lark:
    """Return the parser of a notation.

    The lexer is the basic one, so that a text falls into the same tokens whatever the parser waits for: after
    a mistake the next statement is still known as one.
    """
    folder = files(__package__)
    rules = "\n".join((folder / f"{name}.lark").read_text(encoding="utf-8") for name in ("values", notation))
    return Lark(rules, parser="lalr", lexer="basic", transformer=_Builder(), maybe_placeholders=False)


class _Builder(Transformer[Token, object]):
    """Turns each rule into plain values and statements as soon as it is read; holds no state."""

    def word(self, children: list[Token]) -> object:
        return read_word(str(children[0]))

    def string(self, children: list[Token]) -> object:
        return children[0].value

    flat = string

    def items(self, children: list[object]) -> list[object]:
        return children

    def mapping(self, children: list[object]) -> dict[str, object]:
        return _mapping(children)

    def call(self, children: list[object]) -> dict[str, object]:
        return {"kind": str(children[0])[:-1].rstrip()} | _mapping(children[1:])

    def gap(self, _: list[object]) -> _Gap:
        return GAP

    def field(self, children: list[object]) -> Field | _Gap:
        token, value = children
        if not isinstance(token, Token) or value is GAP:
            return GAP
        return Field(key_of(token), token.type.startswith("Q"), value, place_of(token))

    argument = field

    def body(self, children: list[object]) -> Body:
        return tuple(child for child in children if isinstance(child, Field))

    def header(self, children: list[object]) -> HeaderStatement:
        tokens, body = _parts(children)
        name, description = [*(str(token.value) for token in tokens[1:]), None, None][:2]
        return HeaderStatement(name, description, body or (), place_of(tokens[0]))

    def node(self, children: list[object]) -> NodeStatement | _Gap:
        tokens, body = _parts(children)
        if len(tokens) < 3:
            return GAP
        return NodeStatement(str(tokens[2].value), str(tokens[1].value), body or (), place_of(tokens[0]))

    def entry(self, children: list[object]) -> NodeStatement | _Gap:
        tokens, body = _parts(children)
        if len(tokens) < 2:
            return GAP
        return NodeStatement(key_of(tokens[0]), str(tokens[1].value), body or (), place_of(tokens[0]))

    def edge(self, children: list[object]) -> EdgeStatement | _Gap:
        return _edge(children[1:], first=children[0])

    def link(self, children: list[object]) -> EdgeStatement | _Gap:
        return _edge(children, first=children[0])

    def start(self, children: list[object]) -> tuple[Statement | Field, ...]:
        kinds = HeaderStatement | NodeStatement | EdgeStatement | Field
        return tuple(child for child in children if isinstance(child, kinds))


def _parts(children: list[object]) -> tuple[list[Token], Body | None]:
    """Part the words of a statement from its braces; what stands for a mistake is neither."""
    tokens = [child for child in children if isinstance(child, Token) and child.type != "GAP"]
    bodies = [child for child in children if isinstance(child, tuple)]
    return tokens, bodies[0] if bodies else None


def _mapping(children: list[object]) -> dict[str, object]:
    return {child.key: child.value for child in children if isinstance(child, Field)}


def _edge(children: list[object], *, first: object) -> EdgeStatement | _Gap:
    tokens, body = _parts(children)
    if len(tokens) < 4 or not isinstance(first, Token):
        return GAP
    source, _, target, edge_type = tokens
    return EdgeStatement(str(source.value), key_of(target), str(edge_type.value), body, place_of(first))
