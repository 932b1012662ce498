"""Senses, nodes and required parts brought to what the constraints ask."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from gmn_llm.mock.plan import Sense, Wish, numbered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gmn_llm.mock.plan import Plan

_ROUNDS: Final = 12
_MOST_OUTCOMES: Final = 10_000

__all__ = ["alive", "nodes_within", "outcomes_within", "with_required"]


def alive(plan: Plan) -> Plan:
    """Keep a model whole: something is driven, something is seen."""
    if not any(factor.driven for factor in plan.factors):
        plan = plan.with_factor(replace(plan.factors[0], kind="line", driven=True))
    if not plan.senses:
        plan = replace(plan, senses=(Sense(id=f"seen_{plan.factors[0].id}", about=(plan.factors[0].id,)),))
    return plan


def outcomes_within(plan: Plan, limits: Mapping[str, int]) -> Plan:
    """Bring the sum of the observations to what the constraints ask."""
    exact = limits.get("num_observations")
    most = exact if exact is not None else limits.get("max_observations")
    if most is not None:
        for _ in range(_ROUNDS):
            sizes = {sense.id: plan.outcomes(sense)[0] for sense in plan.senses}
            over = sum(sizes.values()) - most
            if over <= 0:
                break
            spare = [sense for sense in plan.senses if sense.spare and len(plan.senses) > 1]
            if spare:
                plan = plan.without(spare[-1].id)
                continue
            largest = max(plan.senses, key=lambda sense: sizes[sense.id])
            size = sizes[largest.id] - over
            if size >= 1 and largest.kind in {"copy", "zones"}:
                plan = _zoned(plan, largest.id, max(size, 1))
            elif len(plan.senses) > 1:
                plan = plan.without(plan.senses[-1].id)
            else:
                plan = _zoned(plan, largest.id, max(size, 1))
    if exact is not None:
        missing = min(exact, _MOST_OUTCOMES) - sum(plan.outcomes(sense)[0] for sense in plan.senses)
        if missing > 0:
            plan = _zoned(plan, plan.senses[0].id, plan.outcomes(plan.senses[0])[0] + missing)
    return plan


def _zoned(plan: Plan, name: str, size: int) -> Plan:
    """Let a sense tell only ``size`` stretches of its factor apart."""
    senses = tuple(
        replace(
            sense,
            kind="zones",
            size=size,
            about=sense.about[:1],
            labels=(sense.labels if len(sense.labels) == size else numbered("zone", size)),
        )
        if sense.id == name
        else sense
        for sense in plan.senses
    )
    wishes = tuple(replace(wish, values={}) if wish.sense == name and wish.values else wish for wish in plan.wishes)
    return replace(plan, senses=senses, wishes=wishes)


def nodes_within(plan: Plan, constraints: Mapping[str, object], limits: Mapping[str, int]) -> Plan:
    """Leave nodes out until there are no more than allowed."""
    most = limits.get("max_nodes")
    if most is None:
        return plan
    needed = _needed(constraints)
    pending = int("preference" in needed and not plan.wishes) + int("llm_query" in needed)
    while _count(plan) + pending > most:
        spare_sense = [sense for sense in plan.senses if sense.spare and len(plan.senses) > 1]
        spare_factor = [factor for factor in plan.factors if factor.spare and len(plan.factors) > 1]
        if plan.with_policy and "policy" not in needed:
            plan = replace(plan, with_policy=False)
        elif plan.with_beliefs and "belief" not in needed:
            plan = replace(plan, with_beliefs=False)
        elif spare_sense or spare_factor:
            plan = alive(plan.without((spare_sense or spare_factor)[-1].id))
        elif len(plan.wishes) > (1 if "preference" in needed else 0):
            plan = replace(plan, wishes=plan.wishes[:-1])
        elif len(plan.senses) > 1:
            plan = plan.without(plan.senses[-1].id)
        elif len(plan.factors) > 1:
            plan = alive(plan.without(plan.factors[-1].id))
        else:
            break
    return plan


def _count(plan: Plan) -> int:
    beliefs = len(plan.factors) if plan.with_beliefs else 0
    return (
        2 * len(plan.factors)
        + 2 * len(plan.senses)
        + 1
        + len(plan.wishes)
        + beliefs
        + plan.with_policy
        + plan.with_query
    )


def _needed(constraints: Mapping[str, object]) -> frozenset[str]:
    wanted = constraints.get("require")
    types = (
        {kind for kind in wanted if isinstance(kind, str)}
        if isinstance(wanted, list | tuple)
        else {wanted}
        if isinstance(wanted, str)
        else set()
    )
    return frozenset(types | ({"preference"} if constraints.get("require_preferences") is True else set()))


def with_required(plan: Plan, constraints: Mapping[str, object]) -> Plan:
    """Return the plan with every type of node that the constraints ask for."""
    needed = _needed(constraints)
    if "preference" in needed and not plan.wishes:
        sense = plan.senses[0]
        size, labels = plan.outcomes(sense)
        first = plan.factors[0]
        wish = (
            Wish(sense=sense.id, values={labels[-1]: 0.5})
            if labels and sense.kind != "copy"
            else Wish(sense=sense.id, homely=True)
        )
        if sense.kind == "copy" and (size != first.size or sense.about != (first.id,)):
            wish = Wish(sense=sense.id, values={labels[-1]: 0.5})
        plan = replace(plan, wishes=(wish,))
    return replace(
        plan,
        with_policy=plan.with_policy or "policy" in needed,
        with_beliefs=plan.with_beliefs or "belief" in needed,
        with_query="llm_query" in needed,
    )
