"""How much of a text is read: past that it is told, not read on, whatever stands there.

Reading takes microseconds for each token, so that a text of the allowed size could take minutes; and what comes long
after a mistake, or after more statements than a document has parts, is of no use to anyone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gmn_llm.gmn.notation.tokens import KEYS, STARTERS

if TYPE_CHECKING:
    from lark import Token

    from gmn_llm.gmn.limits import Limits

__all__ = ["MOST_AFTER", "Bounds"]

MOST_AFTER = 50_000
OWN_FIELDS = 100  # of the document itself, beside its nodes and edges


class Bounds:
    """Counts the tokens of one text."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._after = 0
        self._statements = 0

    def excess(self, token: Token, *, within: bool, mistaken: bool) -> tuple[str, str, str] | None:
        """Count one more token, and return code, message and hint where there are too many.

        Args:
            token: The token that comes next.
            within: Whether a bracket is open around it.
            mistaken: Whether a mistake was found before it.
        """
        self._after += mistaken
        # An edge is counted by its key, an entry of a section likewise.
        if token.type in STARTERS:
            self._statements += token.type != "EDGE"
        elif token.type in KEYS:
            self._statements += not within
        nodes, edges = self._limits.nodes, self._limits.edges
        if self._statements > nodes + edges + OWN_FIELDS:
            message = (
                f"more than {nodes + edges + OWN_FIELDS} statements where {nodes} nodes and {edges} edges are the most"
            )
            return "size-limit", message, "divide the model"
        if self._after > MOST_AFTER:
            return (
                "text-syntax",
                "the text has mistakes and was read no further than here",
                "mend the ones before first",
            )
        return None
