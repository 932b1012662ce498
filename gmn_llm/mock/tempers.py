"""Temperament and noise, laid over a plan."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gmn_llm.mock.plan import Plan, Wish

if TYPE_CHECKING:
    from gmn_llm.mock.request import Request

__all__ = ["tempered", "with_chances"]


def tempered(plan: Plan, request: Request, agent_type: str) -> Plan:
    """Return ``plan`` as cautious, curious or bold as the sentence or the type of agent has it."""
    manner = request.manner
    caution = manner.caution or ("cautious" if agent_type == "guardian" else "")
    if manner.horizon is not None:
        plan = replace(plan, horizon=manner.horizon, horizon_asked=True)
    if manner.gamma is not None:
        plan = replace(plan, gamma=manner.gamma)
    if caution == "cautious":
        return _cautious(plan, still_curious=manner.both)
    if caution == "curious":
        wishes = tuple(
            replace(wish, weight=wish.weight / 2, values={key: value / 2 for key, value in wish.values.items()})
            for wish in plan.wishes
        )
        return replace(plan, wishes=wishes, curious=True)
    if caution == "bold":
        wishes = tuple(
            replace(
                wish,
                weight=2 * wish.weight,
                fear=wish.fear / 3,
                values={key: 2 * value if value > 0 else value / 3 for key, value in wish.values.items()},
            )
            for wish in plan.wishes
        )
        return replace(plan, wishes=wishes)
    return plan


def _cautious(plan: Plan, *, still_curious: bool) -> Plan:
    """Looks twice, shuns more than it seeks, and without a goal keeps near to where it started."""
    wishes = tuple(
        replace(
            wish,
            fear=2 * wish.fear,
            values={key: 2 * value if value < 0 else value for key, value in wish.values.items()},
        )
        for wish in plan.wishes
    )
    first = plan.factors[0]
    seen = next((sense for sense in plan.senses if sense.about == (first.id,) and sense.kind == "copy"), None)
    if not wishes and seen is not None and first.kind in {"grid", "line", "cycle", "set"} and first.size <= 400:
        wishes = (Wish(sense=seen.id, homely=True),)
    senses = tuple(
        replace(sense, accuracy=max(sense.accuracy, 0.95)) if sense.kind == "copy" else sense for sense in plan.senses
    )
    return replace(plan, wishes=wishes, senses=senses, curious=still_curious, gamma=plan.gamma or 32.0)


def with_chances(plan: Plan, request: Request) -> Plan:
    """Give each sense the share of the time that was said of it; one alone is of the first sense."""
    shares = [chance for chance in request.chances if chance.about == "sense"]
    if not shares or request.scene == "tmaze":
        return plan
    placed = {f"{prefix}_{signal.name}": signal.index for signal in request.signals for prefix in ("heard", "sensed")}
    placed.update({f"seen_{part.name}": part.index for part in request.parts})
    senses = list(plan.senses)
    for chance in shares:
        owners = [
            (abs(chance.index - placed[sense.id]), number) for number, sense in enumerate(senses) if sense.id in placed
        ]
        close = min(owners, default=(99, 0))
        number = close[1] if close[0] <= 6 and (len(shares) > 1 or close[0] <= 4) else 0
        if senses[number].kind in {"copy", "zones", "signal"}:
            senses[number] = replace(senses[number], accuracy=chance.share)
    return replace(plan, senses=tuple(senses))
