"""What to say where a text does not go on as it should."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gmn_llm.findings import quote
from gmn_llm.gmn.notation.tokens import VALUES

if TYPE_CHECKING:
    from collections.abc import Collection

    from lark import Token

__all__ = ["complaint", "hint_for"]

SIGNS = {
    "MODEL": "`model`", "NODE": "`node`", "EDGE": "`edge`", "NODES": "`[nodes]`", "EDGES": "`[edges]`",
    "ARG": "an argument (`name=value`)", "ARROW": "`->`", "LBRACE": "`{`", "COMMA": "`,`", "RSQB": "`]`",
    "RPAR": "`)`", "RBRACE": "`}`",
}  # fmt: skip
HINTS = {
    "ARG": "it is `key: value` in braces and `key=value` in parentheses",
    "QARG": "it is `key: value` in braces and `key=value` in parentheses",
    "MODEL": "the header stands first, and once",
    "UNCLOSED": r"close the quote on the same line; a line break inside is written \n",
    "FLAT": "put a comma between two values",
    "LSQB": "put a comma between two values",
    "ARROW": "an edge is `edge a -> b: type`",
}
# What can come next, and how it is written; the first that fits is told.
FORMS = {
    "ARROW": "an edge is `a -> b: type`",
    "NODE": "a node is `node TYPE NAME { key: value }`, an edge `edge a -> b: type`",
    "NODES": "a node is `id: type {key: value}` below `[nodes]`, an edge `a -> b: type` below `[edges]`",
    "RBRACE": "a field is `key: value`; braces are closed with `}`",
    "ARG": "an argument is `name=value`; parentheses are closed with `)`",
    "COMMA": "put a comma between two values; a list is closed with `]`",
    "KEY": "a name with a colon after it",
    "WORD": "a name, or a text in double quotes",
}


def complaint(token: Token, choices: Collection[str]) -> str:
    """Return what was expected and what was found."""
    if token.type == "UNCLOSED":
        return f"a quoted text is not closed: {quote(token)}"
    return f"expected {_expected(choices)}, found {quote(token.strip())}"


def hint_for(token: Token, choices: Collection[str], before: Token | None) -> str:
    """Return what to do about a token that fits nothing; ``before`` is the one before it."""
    last = before.type if before is not None else ""
    hint = HINTS.get(token.type, "")
    if token.type in ("FLAT", "LSQB") and "COMMA" not in choices:
        hint = ""
    if token.type == "UNCLOSED":
        return hint
    if token.type in ("RSQB", "RPAR", "RBRACE") and last == "COMMA":
        hint = "leave out the comma before it"
    elif "WORD" in choices and last in ("KEY", "QKEY") and before is not None:
        hint = f"write a value after {quote(before)}"
    elif "ARG" in choices and token.type in ("KEY", "QKEY", "WORD", "STRING", "FLAT"):
        hint = HINTS["ARG"]
    elif token.type in ("WORD", "STRING", "CALL") and last == "WORD" and "RBRACE" in choices:
        hint = "a text of several words stands in double quotes"
    elif "`" in token:
        hint = "the document stands alone, with no fence around it"
    elif not before and token.type == "WORD":
        hint = "begin with `model NAME` or `node TYPE NAME { ... }`, or with `[nodes]`"
    return hint or _form_of(choices)


def _form_of(choices: Collection[str]) -> str:
    """Return what is written where nothing more can be said of the mistake."""
    return next((form for kind, form in FORMS.items() if kind in choices), "leave it out")


def _expected(choices: Collection[str]) -> str:
    left = set(choices)
    parts = []
    if left >= VALUES:
        left -= VALUES
        parts.append("a value")
    elif "WORD" in left:
        parts.append("a name")
    if left & {"KEY", "QKEY"}:
        parts.append("a field (`key: value`)" if "RBRACE" in left else "`name:`")
    if "NODES" in left:
        left.discard("MODEL")
        parts.append("`[model]`")
    parts.extend(sign for kind, sign in SIGNS.items() if kind in left)
    if "$END" in left:
        parts.append("the end")
    return " or ".join(parts)
