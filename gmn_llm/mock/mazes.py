"""Two classics: the bandit with its hidden best arm, and the T-maze with its cue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gmn_llm.mock.plan import Control, Factor, Plan, Sense, Wish, copy_of, numbered, rule

if TYPE_CHECKING:
    from gmn_llm.mock.request import Request

__all__ = ["bandit", "tmaze"]


def bandit(request: Request) -> Plan:
    """One of the arms pays best; which one is a hidden context unless the payoffs are given."""
    count = request.arms or len(request.payoffs) or 3
    labels = numbered("arm", count)
    pulls = request.actions.labels if len(request.actions.labels) == count else numbered("pull", count)
    arm = Factor(
        id="arm",
        size=count,
        labels=labels,
        noun="arm",
        kind="set",
        driven=True,
        asked=request.arms is not None,
    )
    senses = [copy_of("arm")]
    if request.payoffs:
        payoffs = (*request.payoffs, *([0.5] * count))[:count]
        rules = tuple(
            rule({"reward": share, "nothing": round(1 - share, 10)}, arm=label)
            for label, share in zip(labels, payoffs, strict=True)
        )
        factors: tuple[Factor, ...] = (arm,)
        about: tuple[str, ...] = ("arm",)
    else:
        best = Factor(
            id="best_arm",
            size=count,
            labels=labels,
            noun="arm",
            kind="sticky" if request.parts else "identity",
            lost=True,
        )
        rules = tuple(rule({"reward": 0.8, "nothing": 0.2}, arm=label, best_arm=label) for label in labels[:200])
        factors, about = (arm, best), ("arm", "best_arm")
        rules = (*rules, rule({"reward": 0.2, "nothing": 0.8}))
    senses.append(
        Sense(
            id="payoff",
            about=about,
            kind="rules",
            labels=("nothing", "reward"),
            rules=rules,
            otherwise="nothing",
        )
    )
    return Plan(
        name="bandit",
        description=f"A bandit of {count} arms.",
        factors=factors,
        senses=tuple(senses),
        control=Control(id="pull", labels=tuple(pulls), asked=True),
        wishes=(Wish(sense="payoff", values={"nothing": 0.0, "reward": 2.0}),),
        horizon=1,
        curious=True,
    )


def tmaze(request: Request) -> Plan:
    """The reward is in one arm, the shock in the other; a cue at the bottom tells which."""
    places = ("centre", "left_arm", "right_arm", "cue")
    location = Factor(id="location", size=4, labels=places, kind="set", driven=True)
    side = Factor(id="reward_side", size=2, labels=("left", "right"), lost=True)
    share = next((chance.share for chance in request.chances if chance.about == "sense"), 1.0)
    chance = next((chance.share for chance in request.chances if chance.about == "reward"), 0.98)
    cue = Sense(
        id="cue_seen",
        about=("location", "reward_side"),
        kind="rules",
        labels=("none", "cue_left", "cue_right"),
        otherwise="none",
        rules=(
            rule(_split("cue_left", "cue_right", share), location="cue", reward_side="left"),
            rule(_split("cue_right", "cue_left", share), location="cue", reward_side="right"),
        ),
    )
    outcome = Sense(
        id="outcome",
        about=("location", "reward_side"),
        kind="rules",
        labels=("nothing", "reward", "shock"),
        otherwise="nothing",
        rules=(
            rule(_split("reward", "shock", chance), location="left_arm", reward_side="left"),
            rule(_split("reward", "shock", chance), location="right_arm", reward_side="right"),
            rule(_split("shock", "reward", chance), location=["left_arm", "right_arm"]),
        ),
    )
    return Plan(
        name="t_maze",
        description="A T-maze: the cue at the bottom tells which arm has the reward.",
        factors=(location, side),
        senses=(copy_of("location"), cue, outcome),
        control=Control(id="go", labels=tuple(f"to_{place}" for place in places)),
        wishes=(Wish(sense="outcome", values={"nothing": 0.0, "reward": 3.0, "shock": -3.0}),),
        horizon=2,
        curious=True,
    )


def _split(right: str, wrong: str, share: float) -> dict[str, float]:
    return {right: 1.0} if share >= 1 else {right: share, wrong: round(1 - share, 10)}
