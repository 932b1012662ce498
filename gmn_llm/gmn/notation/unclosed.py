"""A long text with a bracket that nothing closes, told by its brackets alone.

What stands behind such a bracket is read item by item, which takes a hundred times as long as a list that ends; and
then all there is to say is that the bracket is not closed.
"""

from __future__ import annotations

import re

__all__ = ["before_unclosed"]

LONG = 65_536
CLOSERS = {"[": "]", "{": "}", "(": ")"}
# Words may hold apostrophes, so that quoted texts have to be told from them as the grammar does.
WORD = r"""(?:[^\s\[\]{}(),:;"'#=`<>|\\\-]|-(?!>))(?:[^\s\[\]{}(),:;"#=`<>|\\\-]++|-(?!>))*+"""
QUOTED = r"""(?:"(?:[^"\\\n]++|\\[^\n])*+"|'(?:[^'\\\n]++|\\[^\n])*+')"""
PLAIN = re.compile(rf"""(?:{WORD}|{QUOTED}|[\s,:;=`<>|\\]++|->|-|#[^\n]*+)++""")
FLAT = re.compile(r"\[[^\[\]{}()\"'#]*+\]")
# What begins a statement, and so ends what was left open: at the beginning of a line, or where it can be nothing else.
STATEMENT = re.compile(
    r"^[ \t]*+(?:(?:model|node|edge)[ \t]|\[[ \t]*+(?:model|nodes|edges)[ \t]*+\])"
    r"|node[ \t]++[\w\"']++[ \t]++[\w\"']++\s*+\{|edge[ \t]++[\w\"']++[ \t]*+->",
    re.MULTILINE | re.IGNORECASE,
)


def before_unclosed(text: str, *, nesting: int) -> str:
    """Return ``text`` up to and with a bracket that is not closed, where much stands behind it; else the whole.

    Args:
        text: The document, its lines ended by one sign.
        nesting: How deep brackets may be nested; of what is deeper nothing is said here.
    """
    if len(text) < LONG:
        return text
    last = _innermost_open(text, nesting)
    if last is None or len(text) - last < LONG or STATEMENT.search(text, last + 1):
        return text
    return text[: last + 1]


def _innermost_open(text: str, nesting: int) -> int | None:
    """Return where the innermost bracket stands that is open at the end; None also where a sign can't be placed."""
    open_at: list[int] = []
    at = 0
    while at < len(text):
        run = FLAT.match(text, at) or PLAIN.match(text, at)
        if run is not None:
            at = run.end()
            continue
        sign = text[at]
        if sign in CLOSERS:
            open_at.append(at)
        elif not open_at or CLOSERS[text[open_at.pop()]] != sign:
            return None
        if len(open_at) > nesting:
            return None
        at += 1
    return open_at[-1] if open_at else None
