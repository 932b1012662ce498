"""Actions added to a document, taken away or renamed, with every transition that rests on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gmn_llm.mock.dynamics import BACKWARD, COMPASS, FORWARD
from gmn_llm.mock.vocabulary import STAYS
from gmn_llm.mock.writer import MOST_POLICIES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gmn_llm.mock.draft import Draft

__all__ = ["add_actions", "drop_actions", "rename_action"]

_LINE = frozenset({"previous", "left", "down", "back", "west", "next", "right", "up", "forward", "east", "stay"})


def add_actions(draft: Draft, action: str, labels: Sequence[str]) -> list[str] | None:
    """Add actions after those there are; None where a transition can't take them.

    Returns:
        What had to be assumed, in sentences.
    """
    old = draft.labels(action)
    if not old or len(labels) > 100:
        return None
    for transition in draft.about(action, "transition"):
        if not _add_to(draft, transition, action, old, labels):
            return None
    draft.update(action, num_actions=len(old) + len(labels), labels=[*old, *labels])
    kinds = {draft.matrix(transition).get("kind") for transition in draft.about(action, "transition")}
    known = (
        {*COMPASS, *STAYS} if "grid" in kinds else FORWARD | BACKWARD | STAYS if kinds & {"line", "cycle"} else STAYS
    )
    unclear = [label for label in labels if label not in known]
    notes = [f'What "{label}" does was not said: it changes nothing.' for label in unclear]
    return [*notes, *_settled(draft)]


def drop_actions(draft: Draft, action: str, labels: Iterable[str]) -> list[str] | None:
    """Take actions away; None where none of them is there, the last would go or a transition can't do without."""
    old = draft.labels(action)
    gone = [label for label in labels if label in old]
    kept = [label for label in old if label not in gone]
    if not gone or not kept:
        return None
    for transition in draft.about(action, "transition"):
        if not _drop_from(draft, transition, action, old=old, kept=kept):
            return None
    draft.update(action, num_actions=len(kept), labels=kept)
    return _settled(draft)


def rename_action(draft: Draft, action: str, old: str, new: str) -> list[str] | None:
    """Rename an action; what it does stays the same. None where it is not there or the new name is taken."""
    labels = draft.labels(action)
    if old not in labels or new in labels:
        return None
    renamed = [new if label == old else label for label in labels]
    for transition in draft.about(action, "transition"):
        matrix = draft.matrix(transition)
        if matrix.get("kind") in {"grid", "line", "cycle"} and _acts(draft, transition, action, matrix):
            moves = matrix.get("moves")
            table = dict(moves) if isinstance(moves, dict) else _moves(str(matrix["kind"]), labels)
            matrix["moves"] = {new if label == old else label: move for label, move in table.items()}
            draft.update(transition, matrix=matrix)
        elif matrix.get("kind") == "rules":
            draft.update(transition, matrix={**matrix, "rules": _rules(matrix, action, {old: new}, labels)})
    draft.update(action, labels=renamed)
    return []


def _acts(draft: Draft, transition: str, action: str, matrix: dict[str, object]) -> bool:
    """Return whether a named matrix looks at this action and not at another."""
    actions = draft.parents(transition, "action")
    return matrix.get("action", actions[0] if actions else "") == action


def _moves(kind: str, labels: Iterable[str]) -> dict[str, object]:
    if kind == "grid":
        return {label: list(COMPASS.get(label, (0, 0))) for label in labels}
    return {label: 1 if label in _LINE & FORWARD else -1 if label in _LINE & BACKWARD else 0 for label in labels}


def _add_to(draft: Draft, transition: str, action: str, old: Sequence[str], labels: Sequence[str]) -> bool:
    matrix = draft.matrix(transition)
    kind = matrix.get("kind")
    if not matrix:
        return _widen(draft, transition, len(labels))
    if kind in {"grid", "line", "cycle"} and _acts(draft, transition, action, matrix):
        moves = matrix.get("moves")
        known = COMPASS if kind == "grid" else _LINE
        if isinstance(moves, dict) or any(label not in known for label in labels):
            table = dict(moves) if isinstance(moves, dict) else _moves(str(kind), old)
            matrix["moves"] = {**table, **_moves(str(kind), labels)}
            draft.update(transition, matrix=matrix)
    elif kind == "set" and _acts(draft, transition, action, matrix):
        return _unset(draft, transition, action, old, matrix)
    return True


def _unset(draft: Draft, transition: str, action: str, old: Sequence[str], matrix: dict[str, object]) -> bool:
    """Write a ``set`` as rules, so that it can have more or fewer actions than states."""
    states = draft.labels(draft.driven(transition))
    if len(states) != len(old):
        return False
    chance = matrix.get("reliability", 1.0)
    rules = [{"when": {action: label}, "then": {state: chance}} for label, state in zip(old, states, strict=True)]
    draft.update(transition, matrix={"kind": "rules", "rules": rules})
    return True


def _drop_from(draft: Draft, transition: str, action: str, *, old: Sequence[str], kept: Sequence[str]) -> bool:
    matrix = draft.matrix(transition)
    kind = matrix.get("kind")
    if not matrix:
        return _narrow(draft, transition, [place for place, label in enumerate(old) if label not in kept])
    if kind == "set" and _acts(draft, transition, action, matrix):
        if not _unset(draft, transition, action, old, matrix):
            return False
        matrix, kind = draft.matrix(transition), "rules"
    if kind in {"grid", "line", "cycle"} and isinstance(matrix.get("moves"), dict):
        moves = matrix["moves"]
        matrix["moves"] = (
            {label: move for label, move in moves.items() if label in kept} if isinstance(moves, dict) else moves
        )
        draft.update(transition, matrix=matrix)
    elif kind == "rules":
        names = {label: "" for label in old if label not in kept}
        rules = _rules(matrix, action, names, old)
        draft.update(transition, matrix={**matrix, "rules": rules} if rules else {"kind": "identity"})
    return True


def _rules(matrix: dict[str, object], action: str, names: dict[str, str], labels: Sequence[str]) -> list[object]:
    """Return rules with actions renamed; one renamed to "" is taken out, and rules on it alone with it."""
    kept: list[object] = []
    rules = matrix.get("rules")
    for rule in rules if isinstance(rules, list) else ():
        when = dict(rule["when"])
        if action in when:
            wanted = when[action] if isinstance(when[action], list) else [when[action]]
            spelled = [labels[value] if isinstance(value, int) and value < len(labels) else value for value in wanted]
            now = [name for name in (names.get(value, value) for value in spelled) if name]
            if not now:
                continue
            when[action] = now if len(now) > 1 else now[0]
        kept.append({**rule, "when": when})
    return kept


def _widen(draft: Draft, transition: str, more: int) -> bool:
    """Add slices in which the state stays to a written-out array with one parent and one action."""
    array = draft.properties(transition).get("matrix")
    if array is None:
        return True
    if (
        not isinstance(array, list)
        or len(draft.parents(transition, "state")) != 1
        or len(draft.parents(transition, "action")) != 1
    ):
        return False
    draft.update(
        transition,
        matrix=[
            [[*cell, *[float(row == col)] * more] for col, cell in enumerate(line)] for row, line in enumerate(array)
        ],
    )
    return True


def _narrow(draft: Draft, transition: str, places: Sequence[int]) -> bool:
    """Take slices off the last axis of a written-out array."""
    array = draft.properties(transition).get("matrix")
    if array is None:
        return True
    if not isinstance(array, list) or len(draft.parents(transition, "action")) != 1:
        return False
    draft.update(transition, matrix=_without(array, frozenset(places)))
    return True


def _without(array: list[object], places: frozenset[int]) -> list[object]:
    if array and isinstance(array[0], list):
        return [_without(inner, places) for inner in array if isinstance(inner, list)]
    return [value for place, value in enumerate(array) if place not in places]


def _settled(draft: Draft) -> list[str]:
    """Bring the policy in line with the new number of actions."""
    notes: list[str] = []
    controls = 1
    for action in draft.ids("action"):
        controls *= max(draft.size(action), 1)
    for name in draft.ids("policy"):
        properties = draft.properties(name)
        key = (
            "planning_horizon" if "planning_horizon" in properties and "policy_len" not in properties else "policy_len"
        )
        steps = properties.get(key, 1)
        if "habits" in properties:
            draft.update(name, "habits")
            notes.append("The habits were for the policies there were before: they were left out.")
        if isinstance(steps, int) and controls ** min(steps, 64) > MOST_POLICIES:
            fewer = next(
                count for count in range(min(steps, 64), 0, -1) if count == 1 or controls**count <= MOST_POLICIES
            )
            draft.update(name, **{key: fewer})
            notes.append(f"Planning {steps} steps ahead became {fewer}: more would be too many policies.")
    return notes
