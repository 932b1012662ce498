"""The two text notations of a document, read and written; ``which_notation`` tells them and JSON apart.

Nothing of the parser is loaded before a text in one of the two is read.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gmn_llm.gmn.notation.brace import parse_brace
    from gmn_llm.gmn.notation.parsed import Parsed
    from gmn_llm.gmn.notation.printing import print_brace, print_section
    from gmn_llm.gmn.notation.section import parse_section
    from gmn_llm.gmn.notation.turning import Turned, turn_likelihood, turn_transition
    from gmn_llm.gmn.notation.which import Notation, which_notation

__all__ = [
    "Notation",
    "Parsed",
    "Turned",
    "parse_brace",
    "parse_section",
    "print_brace",
    "print_section",
    "turn_likelihood",
    "turn_transition",
    "which_notation",
]

HOMES = {
    "Notation": "which",
    "Parsed": "parsed",
    "Turned": "turning",
    "parse_brace": "brace",
    "parse_section": "section",
    "print_brace": "printing",
    "print_section": "printing",
    "turn_likelihood": "turning",
    "turn_transition": "turning",
    "which_notation": "which",
}


def __getattr__(name: str) -> object:
    if name not in HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *HOMES})
