"""What an agent of a type does where the sentence says no more: a model for each of five types.

Each is plain data over labels, so that a constraint can take states, actions or senses away and the rules that
speak of them go with them.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from gmn_llm.mock.plan import Control, Factor, Plan, Sense, Wish, copy_of, numbered, rule
from gmn_llm.mock.spots import Spot

if TYPE_CHECKING:
    from gmn_llm.mock.request import Request

__all__ = ["analyst", "coordinator", "creative", "guardian", "planner"]


def coordinator(request: Request) -> Plan:
    """A team's task moves on when it is assigned and supported; the load of the team follows."""
    actions = request.actions.labels or ("assign", "support", "rebalance", "wait")
    members = ("nobody", *numbered("member", request.team)) if request.team is not None else ()
    assigning = [f"assign_{member}" for member in members[1:]] or ["assign", "delegate"]
    labels = (*assigning, *(label for label in actions if label != "assign")) if members else tuple(actions)
    factors = [_task(assigning), _load(assigning)]
    senses = [copy_of("task", 0.9, name="task_report"), copy_of("team_load", 0.8, name="team_report")]
    if members:
        rules = tuple(rule({member: 1.0}, act=f"assign_{member}") for member in members[1:])
        size = len(members)
        factors.append(
            Factor(
                id="assignee",
                size=size,
                labels=members,
                noun="member",
                kind="rules",
                driven=True,
                rules=rules,
                asked=True,
            )
        )
        senses.append(copy_of("assignee"))
    return Plan(
        name="team_coordinator",
        description="A coordinator that brings a team's task to its end without overloading the team.",
        factors=tuple(factors),
        senses=tuple(senses),
        control=Control(id="act", labels=labels, asked=bool(request.actions.labels)),
        wishes=(
            Wish(sense="task_report", values={"waiting": -1.0, "done": 2.0}),
            Wish(sense="team_report", values={"balanced": 1.0, "overloaded": -2.0}),
        ),
        horizon=3,
    )


def _task(assigning: list[str]) -> Factor:
    rules = (
        rule({"assigned": 0.9}, task="waiting", act=assigning),
        rule({"in_progress": 0.8}, task="assigned", act=["support", *assigning]),
        rule({"done": 0.7}, task="in_progress", act="support"),
        rule({"done": 0.3}, task="in_progress", act="wait"),
        rule({"waiting": 0.2}, task="done"),
    )
    labels = ("waiting", "assigned", "in_progress", "done")
    return Factor(id="task", size=4, labels=labels, kind="rules", driven=True, rules=rules)


def _load(assigning: list[str]) -> Factor:
    rules = (
        rule({"balanced": 0.7}, team_load="light", act=assigning),
        rule({"overloaded": 0.4}, team_load="balanced", act=assigning),
        rule({"balanced": 0.9}, team_load="overloaded", act=["rebalance", "support"]),
        rule({"light": 0.3}, team_load="balanced", act="wait"),
    )
    labels = ("light", "balanced", "overloaded")
    return Factor(id="team_load", size=3, labels=labels, kind="rules", driven=True, spare=True, rules=rules)


def analyst(request: Request) -> Plan:
    """One hypothesis holds; sources differ in what they tell of it."""
    hypotheses = numbered("hypothesis", 3)
    sources = ("rumour", "report", "experiment")
    rules = tuple(
        rule(
            {f"for_{other}": share if other == name else round((1 - share) / 2, 10) for other in hypotheses},
            source=kind,
            truth=name,
        )
        for kind, share in zip(sources, (0.5, 0.75, 0.95), strict=True)
        for name in hypotheses
    )
    costs = (
        rule({"free": 1.0}, source="rumour"),
        rule({"cheap": 1.0}, source="report"),
        rule({"costly": 1.0}, source="experiment"),
    )
    own = request.actions.labels
    actions = own if len(own) == len(sources) else ("ask_around", "read_report", "run_experiment")
    return Plan(
        name="analyst",
        description="An analyst that weighs three hypotheses by consulting sources of different worth.",
        factors=(
            Factor(id="truth", size=3, labels=hypotheses, noun="hypothesis", lost=True),
            Factor(id="source", size=3, labels=sources, kind="set", driven=True),
        ),
        senses=(
            Sense(
                id="evidence",
                about=("truth", "source"),
                kind="rules",
                labels=tuple(f"for_{name}" for name in hypotheses),
                rules=rules,
            ),
            Sense(
                id="cost", about=("source",), kind="rules", labels=("free", "cheap", "costly"), spare=True, rules=costs
            ),
        ),
        control=Control(id="consult", labels=tuple(actions), asked=bool(own)),
        wishes=(Wish(sense="cost", values={"free": 0.0, "cheap": -0.2, "costly": -0.5}),),
        horizon=2,
        curious=True,
    )


def creative(request: Request) -> Plan:
    """An idea grows, turns or starts afresh; variety is sought, and the choice stays loose."""
    stages = ("blank", "spark", "sketch", "draft", "finished")
    actions = request.actions.labels or ("brainstorm", "combine", "refine", "rest")
    ideas = (
        rule({"spark": 0.6}, idea="blank", act="brainstorm"),
        rule({"sketch": 0.5, "blank": 0.2}, idea="spark", act="combine"),
        rule({"draft": 0.6}, idea="sketch", act=["combine", "refine"]),
        rule({"finished": 0.6}, idea="draft", act="refine"),
        rule({"spark": 0.5}, idea=["sketch", "draft", "finished"], act="brainstorm"),
        rule({"blank": 0.3}, idea="finished"),
    )
    moods = (
        rule({"inspired": 0.7}, act="rest"),
        rule({"tired": 0.3}, mood="inspired", act=["combine", "refine"]),
    )
    return Plan(
        name="creative",
        description="A maker of ideas: it brainstorms, combines and refines, and seeks what is new.",
        factors=(
            Factor(id="idea", size=5, labels=stages, kind="rules", driven=True, rules=ideas),
            Factor(id="mood", size=2, labels=("tired", "inspired"), kind="rules", driven=True, spare=True, rules=moods),
        ),
        senses=(copy_of("idea", 0.8), copy_of("mood", 0.9)),
        control=Control(id="act", labels=tuple(actions), asked=bool(request.actions.labels)),
        wishes=(Wish(sense="seen_idea", values={"spark": 0.3, "finished": 1.0}),),
        horizon=2,
        curious=True,
        gamma=4.0,
    )


def planner(request: Request) -> Plan:
    """A task in steps that need preparation: going ahead unprepared mostly fails."""
    steps = (*numbered("step", 4), "done")
    actions = request.actions.labels or ("prepare", "advance", "wait")
    readiness = (rule({"prepared": 0.9}, act="prepare"), rule({"unprepared": 1.0}, act="advance"))
    progress = tuple(
        rule({after: share}, progress=now, readiness=state, act="advance")
        for now, after in pairwise(steps)
        for state, share in (("prepared", 0.95), ("unprepared", 0.2))
    )
    return Plan(
        name="planner",
        description="A planner that takes a task through its steps and prepares each one.",
        factors=(
            Factor(
                id="progress", size=5, labels=steps, kind="rules", driven=True, parents=("readiness",), rules=progress
            ),
            Factor(
                id="readiness", size=2, labels=("unprepared", "prepared"), kind="rules", driven=True, rules=readiness
            ),
        ),
        senses=(copy_of("progress"), copy_of("readiness", spare=True)),
        control=Control(id="act", labels=tuple(actions), asked=bool(request.actions.labels)),
        wishes=(Wish(sense="seen_progress", values={label: float(place) for place, label in enumerate(steps)}),),
        horizon=4,
    )


def guardian(request: Request) -> Plan:
    """A threat rises by itself and is held down by patrols and alarms; a false alarm costs trust."""
    actions = request.actions.labels or ("watch", "patrol", "alarm")
    threats = (
        rule({"calm": 0.8}, threat="attack", act="alarm"),
        rule({"calm": 0.7}, threat="suspicious", act=["patrol", "alarm", "inspect"]),
        rule({"suspicious": 0.2}, threat="calm", act=["watch", "wait", "alarm"]),
        rule({"suspicious": 0.1}, threat="calm"),
        rule({"attack": 0.3}, threat="suspicious"),
    )
    trusts = (
        rule({"doubted": 0.6}, threat="calm", act="alarm"),
        rule({"trusted": 0.3}, trust="doubted", act=["watch", "patrol"]),
    )
    levels = ("calm", "suspicious", "attack")
    return Plan(
        name="guardian",
        description="A guardian that keeps watch, patrols, and raises the alarm when it must, not before.",
        factors=(
            Factor(id="threat", size=3, labels=levels, kind="rules", driven=True, rules=threats),
            Factor(
                id="trust",
                size=2,
                labels=("doubted", "trusted"),
                kind="rules",
                driven=True,
                parents=("threat",),
                spare=True,
                rules=trusts,
                start=Spot(index=-1),
            ),
        ),
        senses=(copy_of("threat", 0.9, name="threat_signs"), copy_of("trust", 0.95)),
        control=Control(id="act", labels=tuple(actions), asked=bool(request.actions.labels)),
        wishes=(
            Wish(sense="threat_signs", values={"calm": 1.0, "suspicious": -1.0, "attack": -4.0}),
            Wish(sense="seen_trust", values={"doubted": -1.0}),
        ),
        horizon=2,
    )
