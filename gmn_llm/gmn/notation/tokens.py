"""The tokens of both notations: their kinds, their places, and what stands in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gmn_llm.gmn.notation.words import decode, read_row

if TYPE_CHECKING:
    from lark import Token

    from gmn_llm.gmn.notation.parsed import Place

__all__ = [
    "ARGUMENTS", "CLOSERS", "CLOSING", "DECODED", "KEYS", "STARTERS", "VALUES", "Frame",
    "decode_token", "key_of", "place_of",
]  # fmt: skip

CLOSERS = {"LSQB": "RSQB", "LBRACE": "RBRACE", "CALL": "RPAR"}
CLOSING = frozenset(CLOSERS.values())
KEYS = frozenset({"KEY", "QKEY"})
ARGUMENTS = frozenset({"ARG", "QARG"})
STARTERS = frozenset({"MODEL", "NODE", "EDGE", "NODES", "EDGES"})
DECODED = frozenset({"FLAT", "STRING", "QKEY", "QARG"})
VALUES = frozenset({"WORD", "STRING", "FLAT", "LSQB", "LBRACE", "CALL"})


@dataclass(frozen=True, slots=True)
class Frame:
    """A bracket that is open, and the keys inside; those of a statement are compared by meaning later on."""

    token: Token
    closer: str
    keys: set[str]
    is_body: bool


def place_of(token: Token) -> Place:
    """Return line and column of the first sign of ``token`` that is not blank."""
    return token.line or 1, (token.column or 1) + len(token) - len(token.lstrip())


def key_of(token: Token) -> str:
    """Return the key that a key or argument token names."""
    return str(token.value) if token.type.startswith("Q") else token[:-1].rstrip()


def decode_token(token: Token) -> None:
    """Put what a quoted string, or a row of values, stands for into ``token.value``.

    Raises:
        ValueError: A string is wrong in itself.
    """
    if token.type == "FLAT":
        token.value = read_row(token)
    elif token.type == "STRING":
        token.value = decode(token)
    elif token.type in ("QKEY", "QARG"):
        token.value = decode(token[:-1].rstrip())
