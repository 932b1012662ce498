"""Which notation a text is written in, told from its first signs."""

from __future__ import annotations

import re
from typing import Literal, TypeAlias

__all__ = ["Notation", "which_notation"]

Notation: TypeAlias = Literal["json", "brace", "section"]

BEFORE = re.compile(r"\ufeff?(?:\s++|#[^\n]*+)*+")
WORD = re.compile(r"(?:model|node)(?=\s|$)")
SECTION = re.compile(r"^[^\S\n]*+\[[ \t]*+(?:nodes|edges)[ \t]*+\]", re.MULTILINE | re.IGNORECASE)
NODE = re.compile(r"^[^\S\n]*+node[ \t]++[\w\"']++[ \t]++[\w\"']++\s*+\{", re.MULTILINE)


def which_notation(text: str, *, filename: str | None = None) -> Notation | None:
    """Tell the notation of a document.

    Args:
        text: The document; a byte-order mark, blank lines and comments may stand before it.
        filename: Where it comes from; a name ending in ``.json`` decides.

    Returns:
        ``"json"`` where the first sign is ``{``; ``"brace"`` where the first word is ``model`` or ``node``;
        ``"section"`` where a line begins with ``[nodes]`` or ``[edges]``; ``"brace"`` also where, after
        something else, a line begins a node; None where it is none of them.
    """
    if filename is not None and filename.lower().endswith(".json"):
        return "json"
    before = BEFORE.match(text)
    start = before.end() if before else 0
    if text.startswith("{", start):
        return "json"
    if WORD.match(text, start):
        return "brace"
    # A search for the beginnings of lines looks at each letter: it begins behind the blanks, and only where it can end.
    first = text.rfind("\n", 0, start) + 1
    if text.find("[", start) >= 0 and SECTION.search(text, first):
        return "section"
    return "brace" if text.find("node", start) >= 0 and NODE.search(text, first) else None
