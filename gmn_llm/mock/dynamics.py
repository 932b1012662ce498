"""Transitions by name: how each kind of state factor moves."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Final

from gmn_llm.mock.geometry import wall_cells
from gmn_llm.mock.vocabulary import STAYS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gmn_llm.mock.plan import Factor, Plan, Rule

__all__ = ["BACKWARD", "COMPASS", "FORWARD", "pruned", "step_of", "transition_matrix"]

COMPASS: Final[Mapping[str, tuple[int, int]]] = {
    "up": (-1, 0),
    "down": (1, 0),
    "left": (0, -1),
    "right": (0, 1),
    "stay": (0, 0),
    "north": (-1, 0),
    "south": (1, 0),
    "west": (0, -1),
    "east": (0, 1),
    "northeast": (-1, 1),
    "northwest": (-1, -1),
    "southeast": (1, 1),
    "southwest": (1, -1),
}
_ALSO: Final = {
    "forward": (-1, 0),
    "back": (1, 0),
    "up_left": (-1, -1),
    "up_right": (-1, 1),
    "down_left": (1, -1),
    "down_right": (1, 1),
}
FORWARD: Final = frozenset(
    [
        "next",
        "right",
        "up",
        "forward",
        "east",
        "north",
        "increase",
        "raise",
        "heat",
        "warm",
        "advance",
        "accelerate",
        "climb",
        "proceed",
        "continue",
        "go",
        "grow",
        "deposit",
        "invest",
        "clockwise",
    ]
)
BACKWARD: Final = frozenset(
    [
        "previous",
        "left",
        "down",
        "back",
        "west",
        "south",
        "decrease",
        "lower",
        "cool",
        "retreat",
        "brake",
        "descend",
        "return",
        "shrink",
        "withdraw",
        "reduce",
        "reverse",
        "undo",
        "counterclockwise",
    ]
)
_LINES: Final = frozenset({"next", "right", "up", "forward", "east", "previous", "left", "down", "back", "west"})
_STICKY: Final = 0.8
_DRAIN: Final = 0.3
_MOST_RULES: Final = 24


def transition_matrix(plan: Plan, factor: Factor) -> dict[str, object]:
    """Return the named matrix that drives ``factor``."""
    writers = {
        "grid": _grid,
        "line": _steps,
        "cycle": _steps,
        "set": _set,
        "walk": _walk,
        "sticky": _sticky,
        "seasons": _seasons,
        "drain": _drain,
        "need": _drain,
        "toggle": _toggle,
        "steer": _steer,
        "rules": _rules,
        "memory": _rules,
    }
    writer = writers.get(factor.kind)
    return writer(plan, factor) if writer is not None else {"kind": "identity"}


def step_of(label: str, order: int) -> int:
    """Return the step a label of a line means; unknown ones step forward and back in turn."""
    parts = label.split("_")
    if FORWARD.intersection(parts):
        return 1
    if BACKWARD.intersection(parts):
        return -1
    return (1, -1)[order % 2] * (order // 2 + 1)


def pruned(
    rules: Sequence[Rule], *, target: Sequence[str], known: Mapping[str, tuple[int, Sequence[str]]]
) -> list[dict[str, object]]:
    """Return ``rules`` without what is no longer there.

    Args:
        rules: The rules as planned.
        target: Labels of what they lead to.
        known: Size and labels of each state and action they may look at.
    """
    kept: list[dict[str, object]] = []
    for rule in rules:
        when: dict[str, object] = {}
        for name, wanted in rule["when"].items():
            size, labels = known.get(name, (0, ()))
            there = [value for value in _values(wanted) if value in labels or (isinstance(value, int) and value < size)]
            if not there:
                break
            when[name] = there if len(there) > 1 else there[0]
        else:
            then = {label: chance for label, chance in rule["then"].items() if label in target}
            if then:
                kept.append({"when": when, "then": then})
    return kept


def _values(wanted: object) -> list[object]:
    return list(wanted) if isinstance(wanted, list | tuple) else [wanted]


def _grid(plan: Plan, factor: Factor) -> dict[str, object]:
    matrix: dict[str, object] = {"kind": "grid", "rows": factor.rows, "cols": factor.cols}
    if factor.slip:
        matrix["slip"] = factor.slip
    walls = sorted(wall_cells(factor))
    if walls:
        matrix["walls"] = [list(divmod(cell, factor.cols)) for cell in walls]
    if factor.wrap:
        matrix["wrap"] = True
    labels = plan.control.labels
    if any(label not in COMPASS for label in labels):
        matrix["moves"] = {label: list({**COMPASS, **_ALSO}.get(label, (0, 0))) for label in labels}
    return matrix


def _steps(plan: Plan, factor: Factor) -> dict[str, object]:
    matrix: dict[str, object] = {"kind": factor.kind}
    if factor.slip:
        matrix["slip"] = factor.slip
    labels = plan.control.labels
    if not factor.driven:
        return {"kind": "identity"}
    if any(label not in _LINES and label != "stay" for label in labels):
        matrix["moves"] = _named_steps(labels)
    return matrix


def _named_steps(labels: Sequence[str]) -> dict[str, int]:
    known = {label for label in labels if (FORWARD | BACKWARD).intersection(label.split("_"))}
    still = {label for label in labels if label.split("_", 1)[0] in STAYS or (label in COMPASS and label not in known)}
    other = [label for label in labels if label not in known and label not in still]
    if known:
        other = [] if known & _LINES else other
    moves = dict.fromkeys(labels, 0)
    moves.update({label: step_of(label, 0) for label in labels if label in known})
    moves.update({label: step_of(label, order) for order, label in enumerate(other)})
    return moves


def _set(plan: Plan, factor: Factor) -> dict[str, object]:
    labels = plan.control.labels
    arrivals = tuple(f"to_{label}" for label in factor.labels)
    if labels == factor.labels or (len(labels) == factor.size and not any(label in COMPASS for label in labels)):
        return {"kind": "set", "reliability": round(1 - factor.slip, 10)} if factor.slip else {"kind": "set"}
    if arrivals and any(label in arrivals for label in labels):
        chance = round(1 - factor.slip, 10)
        rules = [
            {"when": {plan.control.id: arrival}, "then": {place: chance}}
            for arrival, place in zip(arrivals, factor.labels, strict=True)
            if arrival in labels
        ]
        return {"kind": "rules", "rules": rules}
    matrix: dict[str, object] = {"kind": "cycle", "moves": _named_steps(labels)}
    if factor.slip:
        matrix["slip"] = factor.slip
    return matrix


def _walk(plan: Plan, factor: Factor) -> dict[str, object]:
    del plan
    return {"kind": "random_walk", "stay": 0.5} if factor.size > 1 else {"kind": "identity"}


def _sticky(plan: Plan, factor: Factor) -> dict[str, object]:
    if not 1 < factor.size <= _MOST_RULES or not factor.labels:
        return _walk(plan, factor)
    share = round((1 - _STICKY) / (factor.size - 1), 10)
    return {
        "kind": "rules",
        "rules": [
            {"when": {factor.id: label}, "then": {other: share for other in factor.labels if other != label}}
            for label in factor.labels
        ],
    }


def _seasons(plan: Plan, factor: Factor) -> dict[str, object]:
    if not 1 < factor.size <= 4 * _MOST_RULES or not factor.labels:
        return _walk(plan, factor)
    following = (*factor.labels[1:], factor.labels[0])
    rules = [
        {"when": {factor.id: now}, "then": {later: 1.0}} for now, later in zip(factor.labels, following, strict=True)
    ]
    return {"kind": "rules", "rules": rules}


def _drain(plan: Plan, factor: Factor) -> dict[str, object]:
    """Falls (a need: rises) by itself now and then, and goes the other way with an action or at a charger."""
    labels: Sequence[object] = factor.labels or range(factor.size)
    if factor.size < 2:
        return {"kind": "identity"}
    falls = factor.kind == "drain"
    better = labels if falls else labels[::-1]
    charging = [label for label in plan.control.labels if label in (factor.up if falls else factor.down)]
    place = next((parent for parent in factor.parents if parent != factor.id), "")
    rules: list[dict[str, object]] = []
    condition: dict[str, object] = {}
    if charging and factor.driven:
        condition = {plan.control.id: charging if len(charging) > 1 else charging[0]}
    elif place:
        condition = {place: plan.factor(place).labels[0] if plan.factor(place).labels else 0}
    if condition:
        rules.extend(
            {"when": {**condition, factor.id: low}, "then": {str(high): 1.0}}
            for low, high in itertools.pairwise(better)
        )
        rules.append({"when": {**condition, factor.id: better[-1]}, "then": {str(better[-1]): 1.0}})
    rules.extend({"when": {factor.id: high}, "then": {str(low): _DRAIN}} for low, high in itertools.pairwise(better))
    return {"kind": "rules", "rules": rules}


def _toggle(plan: Plan, factor: Factor) -> dict[str, object]:
    labels = factor.labels
    rules: list[dict[str, object]] = []
    for action in plan.control.labels:
        if factor.driven and action in {"toggle", "switch", "flip", "press", "push"}:
            rules.append({"when": {plan.control.id: action, factor.id: labels[0]}, "then": {labels[-1]: 1.0}})
            rules.append({"when": {plan.control.id: action, factor.id: labels[-1]}, "then": {labels[0]: 1.0}})
        elif factor.driven and action in factor.up:
            rules.append({"when": {plan.control.id: action}, "then": {labels[-1]: 1.0}})
        elif factor.driven and action in factor.down:
            rules.append({"when": {plan.control.id: action}, "then": {labels[0]: 1.0}})
    return {"kind": "rules", "rules": rules} if rules else _sticky(plan, factor)


def _steer(plan: Plan, factor: Factor) -> dict[str, object]:
    if not factor.driven:
        return _walk(plan, factor)
    moves = {label: 1 if label in factor.up else -1 if label in factor.down else 0 for label in plan.control.labels}
    return {"kind": "line", "moves": moves}


def _rules(plan: Plan, factor: Factor) -> dict[str, object]:
    known: dict[str, tuple[int, Sequence[str]]] = {
        other.id: (other.size, other.labels) for other in plan.factors if other.id in {factor.id, *factor.parents}
    }
    if factor.driven:
        known[plan.control.id] = (len(plan.control.labels), plan.control.labels)
    rules = pruned(factor.rules, target=factor.labels, known=known)
    return {"kind": "rules", "rules": rules} if rules else {"kind": "identity"}
