"""What a caller hears while a document is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from gmn_llm.findings import Finding
    from gmn_llm.gmn import GMNSpec

__all__ = ["GMNEvent", "Tell"]


@dataclass(frozen=True, slots=True, kw_only=True)
class GMNEvent:
    """A step in the making of a document.

    Attributes:
        type: ``delta`` for text as a model writes it; ``partial`` for the document so far, which is valid; ``repair``
            when an answer goes back to a model with what is wrong with it; ``reset`` when all text and documents so
            far are void, because another deployment starts over; ``done`` for the document itself, once, at the end.
        text: The text that came, with ``delta`` only; a repair's text is that of the part in hand.
        document: The document, with ``partial`` and ``done`` only.
        round: Which repair it is, from 1, with ``repair`` only.
        findings: What is wrong, with ``repair`` only.
        provider: Who is asked from now on, with ``reset`` where it is known.
    """

    type: Literal["delta", "partial", "repair", "reset", "done"]
    text: str = ""
    document: GMNSpec | None = None
    round: int = 0
    findings: tuple[Finding, ...] = ()
    provider: str = ""


Tell = Callable[[GMNEvent], None]
"""Called with each step as it happens; it must not wait."""
