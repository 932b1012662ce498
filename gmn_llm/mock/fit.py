"""A plan brought within the limits of the notation and the constraints of the caller.

The constraint wins over the sentence; what was asked for and could not be had is said, what was only a default
is changed without a word.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import isqrt, prod
from typing import TYPE_CHECKING, Final

from gmn_llm.mock.actions import FOUR
from gmn_llm.mock.plan import Control, numbered, resized
from gmn_llm.mock.retelling import Size, retold
from gmn_llm.mock.trimming import alive, nodes_within, outcomes_within, with_required
from gmn_llm.mock.vocabulary import STAYS
from gmn_llm.mock.writer import horizon_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gmn_llm.mock.plan import Factor, Plan

__all__ = ["Fitted", "fit"]

MOST_STATES: Final = 10_000
_MOST_ACTIONS: Final = 1000
MOST_NUMBERS: Final = 39_000_000
_ROUNDS: Final = 12


@dataclass(frozen=True, slots=True)
class Fitted:
    """A plan that fits, and what that took.

    Attributes:
        plan: The plan.
        assumed: Sentences on what the notation's limits took away.
        won: Sentences on what the constraints took away, each beginning ``constraint won:``.
    """

    plan: Plan
    assumed: tuple[str, ...]
    won: tuple[str, ...]


def fit(plan: Plan, constraints: Mapping[str, object]) -> Fitted:
    """Return ``plan`` within the limits and, as far as they can be met together, the constraints.

    Args:
        plan: The model as it was asked for.
        constraints: The notation's constraints; values of another type and unknown names are passed over.
    """
    limits = {
        name: value
        for name, value in constraints.items()
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0
    }
    limited = _limited(plan)
    fitted = _within_numbers(_actions(limited, constraints, limits))
    for _ in range(_ROUNDS):
        before = fitted
        fitted = nodes_within(
            outcomes_within(_within_numbers(_fewer_moves(_states(fitted, limits), constraints, limits)), limits),
            constraints,
            limits,
        )
        if fitted == before:
            break
    fitted = with_required(fitted, constraints)
    assumed = [*_changes(plan, limited), *_shortened(plan, limited)]
    won = [f"constraint won: {change}" for change in (*_changes(limited, fitted), *_shortened(limited, fitted))]
    counts = (len(plan.control.labels), len(fitted.control.labels))
    description = retold(plan.description, _sizes(plan), _sizes(fitted), actions=counts, own=True)
    return Fitted(replace(fitted, description=description), tuple(assumed), tuple(won))


def _sizes(plan: Plan) -> list[Size]:
    return [
        Size(
            name=factor.id,
            states=factor.size,
            **({"rows": factor.rows, "cols": factor.cols} if factor.kind == "grid" else {}),
        )
        for factor in plan.factors
    ]


def _limited(plan: Plan) -> Plan:
    """Bring factors and arrays within the notation's limits."""
    for factor in plan.factors:
        plan = _cap(plan, factor.id, MOST_STATES)
    if len(plan.control.labels) > _MOST_ACTIONS:
        plan = replace(plan, control=replace(plan.control, labels=plan.control.labels[:_MOST_ACTIONS]))
    return _capped_policies(_within_numbers(plan))


def _within_numbers(plan: Plan) -> Plan:
    """Shrink the largest factor until the arrays are small enough to be written out."""
    while _numbers(plan) > MOST_NUMBERS:
        largest = max(plan.factors, key=lambda factor: factor.size)
        plan = _cap(plan, largest.id, max(largest.size * 19 // 20, 1))
    return plan


def _numbers(plan: Plan) -> int:
    """Return how many numbers the expanded document has."""
    sizes = {factor.id: factor.size for factor in plan.factors}
    actions = len(plan.control.labels)
    total = sum(
        factor.size * factor.size * prod(sizes[parent] for parent in factor.parents) * (actions if factor.driven else 1)
        for factor in plan.factors
    )
    return total + sum(plan.outcomes(sense)[0] * prod(sizes[about] for about in sense.about) for sense in plan.senses)


def _capped_policies(plan: Plan) -> Plan:
    return replace(plan, horizon=horizon_of(plan)) if plan.horizon_asked else plan


def _cap(plan: Plan, name: str, most: int) -> Plan:
    """Return the plan with the factor at ``most`` states; what follows its size is resized with it."""
    factor = plan.factor(name)
    return _sized(plan, name, most) if factor.size > most else plan


def _sized(plan: Plan, name: str, size: int) -> Plan:
    """Return the plan with the factor of ``size`` states, or the largest grid of at most so many."""
    factor = plan.factor(name)
    size = max(size, 1)
    if factor.kind == "grid":
        rows, cols = _sides(factor, size)
        return plan.with_factor(replace(factor, rows=rows, cols=cols, size=rows * cols, labels=()))
    changed = resized(factor, size)
    plan = plan.with_factor(changed)
    if factor.kind == "set" and factor.driven:
        plan = replace(plan, control=_set_control(plan.control, factor, changed))
    for other in plan.factors:
        if other.id == "best_arm" and name == "arm":
            plan = plan.with_factor(resized(other, size))
    return plan


def _set_control(control: Control, old: Factor, new: Factor) -> Control:
    """Keep one action for each state of a set."""
    arrivals = [f"to_{label}" for label in new.labels]
    were = {f"to_{label}" for label in old.labels}
    if were & set(control.labels):
        rest = [label for label in control.labels if label not in were]
        return replace(control, labels=(*arrivals, *rest))
    if len(control.labels) == old.size:
        more = numbered(control.labels[0].rsplit("_", 1)[0], new.size)
        return replace(control, labels=control.labels[: new.size] if new.size < old.size else more)
    return control


def _sides(factor: Factor, size: int) -> tuple[int, int]:
    """Return the rows and columns of the largest grid within ``size`` that keeps the shape as it can."""
    if size >= factor.size and factor.size:
        pairs = [(rows, size // rows) for rows in range(1, isqrt(size) + 1) if size % rows == 0]
        rows, cols = pairs[-1]
        return (cols, rows) if factor.rows > factor.cols else (rows, cols)
    wide = factor.cols / factor.rows
    best = (1, min(size, factor.cols) if factor.rows <= factor.cols else 1)
    score = -1.0
    for rows in range(1, min(size, factor.rows) + 1):
        cols = min(size // rows, factor.cols)
        bent = max(cols / rows / wide, rows * wide / cols)
        if rows * cols / bent > score:
            best, score = (rows, cols), rows * cols / bent
    return best


def _states(plan: Plan, limits: Mapping[str, int]) -> Plan:
    """Bring the sum of the states to what the constraints ask."""
    per_factor = limits.get("max_states_per_factor")
    if per_factor is not None:
        for factor in plan.factors:
            plan = _cap(plan, factor.id, max(per_factor, 1))
    exact = limits.get("num_states")
    most = exact if exact is not None else limits.get("max_states")
    least = exact if exact is not None else limits.get("min_states", 0)
    plan = _fewer_states(plan, most) if most is not None else plan
    missing = least - sum(factor.size for factor in plan.factors)
    if missing > 0:
        growing = next(
            (factor for factor in plan.factors if factor.kind not in {"rules", "memory", "toggle"}),
            plan.factors[0],
        )
        wanted = min(growing.size + missing, MOST_STATES)
        if per_factor is not None:
            wanted = min(wanted, max(per_factor, 1))
        plan = _exactly(plan, growing, wanted)
    return plan


def _exactly(plan: Plan, factor: Factor, size: int) -> Plan:
    """Give a factor exactly ``size`` states; a grid of a prime size becomes one row."""
    if factor.kind == "grid" and factor.size != size:
        pairs = [(rows, size // rows) for rows in range(1, isqrt(size) + 1) if size % rows == 0]
        return plan.with_factor(replace(factor, rows=pairs[-1][0], cols=pairs[-1][1], size=size, labels=()))
    return _sized(plan, factor.id, size)


def _fewer_states(plan: Plan, most: int) -> Plan:
    for _ in range(4 * _ROUNDS):
        over = sum(factor.size for factor in plan.factors) - most
        if over <= 0:
            break
        spare = [factor for factor in plan.factors if factor.spare and len(plan.factors) > 1]
        largest = max(plan.factors, key=lambda factor: (factor.size, not factor.asked))
        if spare:
            plan = plan.without(spare[-1].id)
        elif largest.size > 2 or (len(plan.factors) == 1 and largest.size > 1):
            others = [factor.size for factor in plan.factors if factor.id != largest.id]
            floor = max(others, default=1)
            plan = _sized(plan, largest.id, max(largest.size - over, min(floor, largest.size - 1), 2 if others else 1))
        elif len(plan.factors) > 1:
            plan = plan.without(plan.factors[-1].id)
        else:
            break
        plan = alive(plan)
    return plan


def _actions(plan: Plan, constraints: Mapping[str, object], limits: Mapping[str, int]) -> Plan:
    """Bring the actions to the number and the labels that the constraints ask."""
    wanted = constraints.get("actions")
    must = [label for label in wanted if isinstance(label, str) and label] if isinstance(wanted, list | tuple) else []
    labels = list(plan.control.labels)
    labels.extend(label for label in dict.fromkeys(must) if label not in labels)
    exact = limits.get("num_actions")
    most = exact if exact is not None else limits.get("max_actions")
    least = min(exact if exact is not None else limits.get("min_actions", 1), _MOST_ACTIONS)
    moved = next((factor for factor in plan.factors if factor.driven and factor.kind == "set"), None)
    if most is not None and len(labels) > max(most, 1):
        if moved is not None and len(labels) >= moved.size and not moved.asked:
            plan = _sized(plan, moved.id, max(most, 1))
            labels = [*plan.control.labels, *(label for label in must if label not in plan.control.labels)]
        elif moved is not None and not must:
            labels = ["next", "previous", "stay"]
        labels = _fewest(labels, max(most, 1), keep=must)
    if len(labels) < least:
        grid = any(factor.kind == "grid" for factor in plan.factors)
        more = [*FOUR, "stay", "northeast", "northwest", "southeast", "southwest"] if grid else ["wait"]
        more = [*more, *numbered("action", least)]
        labels.extend([label for label in more if label not in labels][: least - len(labels)])
    return replace(plan, control=replace(plan.control, labels=tuple(labels)))


def _fewer_moves(plan: Plan, constraints: Mapping[str, object], limits: Mapping[str, int]) -> Plan:
    """Step through a set of states that has grown beyond the actions there may be, instead of going to each."""
    exact = limits.get("num_actions")
    most = exact if exact is not None else limits.get("max_actions")
    if most is None or len(plan.control.labels) <= max(most, 1):
        return plan
    wanted = constraints.get("actions")
    must = [label for label in wanted if isinstance(label, str)] if isinstance(wanted, list | tuple) else []
    labels = list(dict.fromkeys([*must, "next", "previous", "stay", *numbered("action", max(most, 1))]))
    return replace(plan, control=replace(plan.control, labels=tuple(labels[: max(most, 1)])))


def _fewest(labels: list[str], most: int, *, keep: list[str]) -> list[str]:
    """Return ``most`` labels: those that must stay, then movers before waiting."""
    ranked = sorted(labels, key=lambda label: (label not in keep, label.split("_")[0] in STAYS))
    kept = set(ranked[:most])
    return [label for label in labels if label in kept]


def _changes(before: Plan, after: Plan) -> list[str]:
    """Return a sentence for each thing that was asked for and is no longer so."""
    there = {factor.id: factor for factor in after.factors}
    sentences = []
    for factor in before.factors:
        now = there.get(factor.id)
        if now is None and (factor.asked or not factor.spare):
            sentences.append(f"{factor.id} ({factor.size} states) was left out.")
        elif now is not None and now.size != factor.size and factor.asked:
            sentences.append(f"{_shape(factor)} became {_shape(now)}.")
    seen = {sense.id for sense in after.senses}
    sentences.extend(
        f"the sense {sense.id} was left out."
        for sense in before.senses
        if sense.id not in seen and not sense.spare and set(sense.about) <= set(there)
    )
    sentences.extend(_blurred(before, after))
    if before.control.asked and set(before.control.labels) - set(after.control.labels):
        gone = [label for label in before.control.labels if label not in after.control.labels]
        sentences.append(
            f"{len(after.control.labels)} actions instead of {len(before.control.labels)}: "
            f"without {', '.join(gone[:8])}."
        )
    return sentences


def _blurred(before: Plan, after: Plan) -> list[str]:
    """Return a sentence for each sense that tells fewer states apart than it did."""
    were = {sense.id: sense for sense in before.senses if sense.kind == "copy"}
    sentences = []
    for sense in after.senses:
        size = after.outcomes(sense)[0]
        if sense.id not in were or sense.kind != "zones" or size >= after.factor(sense.about[0]).size:
            continue
        told = "tells nothing any more" if size == 1 else f"tells {size} outcomes apart"
        sentences.append(f"the sense {sense.id} {told} instead of {before.outcomes(were[sense.id])[0]}.")
    return sentences


def _shortened(before: Plan, after: Plan) -> list[str]:
    if not before.horizon_asked or before.horizon is None:
        return []
    now = horizon_of(after)
    return (
        [f"planning {before.horizon} steps ahead became {now}: more can't be planned."] if now < before.horizon else []
    )


def _shape(factor: Factor) -> str:
    if factor.kind == "grid":
        return f"the {factor.cols}x{factor.rows} grid"
    return f"{factor.id} of {factor.size} states"
