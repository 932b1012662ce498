"""The designer: from a sentence to a document, the same one every time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gmn_llm.mock.architect import plan_for
from gmn_llm.mock.fit import fit
from gmn_llm.mock.request import read
from gmn_llm.mock.writer import write

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["DESCRIPTION_READ", "design"]

DESCRIPTION_READ: Final = 65_536


def design(
    description: str, *, agent_type: str = "general", constraints: Mapping[str, object] | None = None
) -> dict[str, object]:
    """Return the canonical document of the agent that ``description`` asks for.

    The same arguments give the same document on every machine. ``metadata`` has, where there is something to say,
    ``unread`` (phrases that could not be used), ``assumptions`` and ``constraint_won`` (sentences).

    Args:
        description: What is asked for, in natural language; the first 65,536 characters are read.
        agent_type: One of the eight types; any other is taken as ``general``.
        constraints: The notation's constraints; they win over the description.

    Returns:
        A document whose matrices are named, not written out.
    """
    request = read(description[:DESCRIPTION_READ])
    plan, notes = plan_for(request, agent_type)
    if len(description) > DESCRIPTION_READ:
        notes.append(f"Only the first {DESCRIPTION_READ} characters were read.")
    fitted = fit(plan, constraints or {})
    metadata = {
        "unread": list(request.unread),
        "assumptions": [*notes, *fitted.assumed],
        "constraint_won": list(fitted.won),
    }
    return write(fitted.plan, {key: value for key, value in metadata.items() if value})
