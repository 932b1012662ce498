"""The actions of a draft: which there usually are, and what composed names mean."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["moves_of", "usual_actions"]

GRID_MOVES = ("up", "down", "left", "right", "stay")
LINE_MOVES = ("left", "right", "stay")


def usual_actions(kind: str, size: int) -> list[str]:
    """Return the actions of a factor for which none were named."""
    if kind == "set":
        return [f"to_{k}" for k in range(size)]
    return list(GRID_MOVES if kind == "grid" else LINE_MOVES)


def moves_of(kind: str, actions: Sequence[str]) -> dict[str, object]:
    """Return what composed names such as ``move_up`` mean, where the notation's own labels do not say it."""
    from gmn_llm.gmn.kinds import MOVES, STEPS, spelled

    known: Mapping[str, object] = MOVES if kind == "grid" else STEPS
    meant = {action: _meant(action, known) for action in actions}
    if all(move is None or spelled(action) in known for action, move in meant.items()):
        return {}
    return {
        action: list(move) if isinstance(move, tuple) else move for action, move in meant.items() if move is not None
    }


def _meant(action: str, known: Mapping[str, object]) -> object:
    """Return the move of an action's name, or of the first part of it that means one."""
    from gmn_llm.gmn.kinds import spelled

    parts = [spelled(part) for part in re.split(r"[_\-\s]+", action)]
    return next((known[part] for part in (spelled(action), *parts) if part in known), None)
