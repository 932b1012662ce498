"""Likelihoods by name: what each sense tells of the states."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gmn_llm.mock.dynamics import pruned
from gmn_llm.mock.geometry import cells_of, distances
from gmn_llm.mock.plan import numbered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gmn_llm.mock.plan import Plan, Sense

__all__ = ["likelihood_matrix"]


def likelihood_matrix(plan: Plan, sense: Sense) -> dict[str, object]:
    """Return the named matrix of a sense."""
    if sense.kind == "copy":
        return _copy(plan, sense)
    if sense.kind == "zones":
        return _zones(plan, sense)
    if sense.kind == "signal":
        return _signal(plan, sense)
    known: dict[str, tuple[int, Sequence[str]]] = {
        factor.id: (factor.size, factor.labels) for factor in plan.factors if factor.id in sense.about
    }
    rules = pruned(sense.rules, target=sense.labels, known=known)
    return {"kind": "rules", "rules": rules, "otherwise": sense.otherwise} if rules else {"kind": "uniform"}


def _copy(plan: Plan, sense: Sense) -> dict[str, object]:
    if sense.accuracy >= 1 or plan.factor(sense.about[0]).size < 2:
        return {"kind": "identity"}
    return {"kind": "noisy_identity", "accuracy": max(round(sense.accuracy, 10), 1e-6)}


def _zones(plan: Plan, sense: Sense) -> dict[str, object]:
    """Each outcome stands for a stretch of neighbouring states, all of about the same length."""
    factor = plan.factor(sense.about[0])
    labels = sense.labels or numbered("zone", sense.size)
    rules: list[dict[str, object]] = []
    zones: dict[int, list[int]] = {}
    for cell in range(factor.size):
        zones.setdefault(cell * sense.size // factor.size, []).append(cell)
    for number, cells in zones.items():
        when = cells if len(cells) > 1 else cells[0]
        chance = sense.accuracy if sense.size > 1 else 1.0
        rules.append({"when": {factor.id: when}, "then": {labels[number]: chance}})
    return {"kind": "rules", "rules": rules}


def _signal(plan: Plan, sense: Sense) -> dict[str, object]:
    """Strong at most one step from where it comes from, weak elsewhere."""
    factor = plan.factor(sense.about[0])
    sources = [cell for spot in sense.near for cell in cells_of(factor, spot)] or [factor.size - 1]
    reach = 0 if factor.kind == "set" or factor.size < 4 else 1
    close = [cell for cell, step in enumerate(distances(factor, sources)) if step <= reach]
    named = [factor.labels[cell] if factor.labels else cell for cell in close]
    weak, strong = sense.labels[0], sense.labels[-1]
    right, wrong = round(sense.accuracy, 10), round(1 - sense.accuracy, 10)
    rules = [
        {
            "when": {factor.id: named if len(named) > 1 else named[0]},
            "then": _chances(strong, right, weak, wrong),
        }
    ]
    if wrong:
        rules.append({"when": {}, "then": _chances(weak, right, strong, wrong)})
    return {"kind": "rules", "rules": rules, "otherwise": weak}


def _chances(first: str, right: float, second: str, wrong: float) -> dict[str, object]:
    return {first: right, second: wrong} if wrong and first != second else {first: 1.0}
