"""How many tokens an answer is given, by what the caller's constraints leave to say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["room_for"]

FRAME: Final = 700
"""Tokens of a draft besides what grows with its sizes: three factors with rules and preferences."""
A_VALUE: Final = 40
"""Tokens for a state: a label, its part in a rule, a preference."""
A_CHOICE: Final = 20
"""Tokens for an action or for what is observed: a label and its part in a rule."""


def room_for(constraints: Mapping[str, object], most: int | None) -> int | None:
    """Return the tokens that an answer gets: ``most``, or fewer where the number of states is bounded.

    A model that rambles is stopped early; an answer that is cut short by it is asked for again with more room.

    Args:
        constraints: As ``checked_constraints`` returns them.
        most: What the configuration or the caller gives, or None where that is left to the deployment.
    """
    states = _bound(constraints, "max_states", "num_states") if constraints else None
    if states is None:
        return most
    choices = sum(_bound(constraints, f"max_{what}", f"num_{what}") or states for what in ("actions", "observations"))
    room = FRAME + A_VALUE * states + A_CHOICE * choices
    return room if most is None else min(room, most)


def _bound(constraints: Mapping[str, object], *names: str) -> int | None:
    return min((value for name in names if isinstance(value := constraints.get(name), int)), default=None)
