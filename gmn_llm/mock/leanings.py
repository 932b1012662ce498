"""Changes to what the agent wants, believes, senses and plans."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gmn_llm.mock.geometry import cells_of
from gmn_llm.mock.plan import Control, Factor, Plan, Sense, Wish
from gmn_llm.mock.spots import Spot
from gmn_llm.mock.writer import MOST_POLICIES, edge, node, preference

if TYPE_CHECKING:
    from gmn_llm.mock.draft import Draft
    from gmn_llm.mock.feedback import Feedback

__all__ = ["goals", "noise", "policy", "slip", "start", "temper", "wanted_before"]


def goals(draft: Draft, wanted: Feedback) -> list[str] | None:
    """``the goal is now the top-right corner``, ``avoid the centre``, ``keep the battery full``."""
    done = False
    state = draft.place()
    best = tuple(goal.spot for goal in wanted.request.goals if goal.wanted and goal.spot is not None)
    worst = tuple(goal.spot for goal in wanted.request.goals if not goal.wanted and goal.spot is not None)
    seen = draft.sight_of(state) if state else ""
    if seen and (best or worst):
        factor = draft.factor(state)
        shunned = worst or tuple(spot for spot in _shunned_before(draft, seen) if spot not in best)
        wish = Wish(sense=seen, best=best or wanted_before(draft, seen, factor), worst=shunned)
        plan = Plan(
            name="part",
            description="",
            factors=(factor,),
            senses=(Sense(id=seen, about=(factor.id,)),),
            control=Control(id="none", labels=()),
        )
        _prefer(draft, seen, preference(plan, wish))
        done = True
    for goal in wanted.request.goals:
        seen = draft.sight_of(goal.part) if goal.part in draft.ids("state") else ""
        labels = draft.labels(seen) if seen else ()
        if not labels:
            continue
        level = goal.level if isinstance(goal.level, int) else labels.index(goal.level) if goal.level in labels else -1
        _prefer(draft, seen, {"values": {labels[min(level, len(labels) - 1)]: 2.0 if goal.wanted else -3.0}})
        done = True
    return [] if done else None


def wanted_before(draft: Draft, seen: str, factor: Factor) -> tuple[Spot, ...]:
    """Return what was wanted, so that a new pit does not take the goal away."""
    for name in draft.about(seen, "preference"):
        properties = draft.properties(name)
        chosen = properties.get("preferred_observation")
        if isinstance(chosen, int):
            return (Spot(index=chosen),)
        if isinstance(chosen, str) and chosen in factor.labels:
            return (Spot(index=factor.labels.index(chosen)),)
        vector = properties.get("vector")
        if (
            isinstance(vector, list)
            and vector
            and all(isinstance(value, int | float) for value in vector)
            and max(vector) > 0
        ):
            return tuple(Spot(index=cell) for cell, value in enumerate(vector) if value == max(vector))
    return ()


def _shunned_before(draft: Draft, seen: str) -> tuple[Spot, ...]:
    """Return what was shunned, so that a new goal does not take a pit away."""
    for name in draft.about(seen, "preference"):
        vector = draft.properties(name).get("vector")
        if isinstance(vector, list) and all(isinstance(value, int | float) for value in vector):
            return tuple(Spot(index=cell) for cell, value in enumerate(vector) if value <= -1)
    return ()


def _prefer(draft: Draft, observation: str, properties: dict[str, object]) -> None:
    names = draft.about(observation, "preference")
    if names:
        draft.update(names[0], "vector", "values", "preferred_observation", **properties)
        return
    name = draft.fresh(f"{observation}_preference")
    draft.add(node(name, "preference", **properties), [edge(name, observation, "depends_on")])


def start(draft: Draft, wanted: Feedback) -> list[str] | None:
    """``start in the centre``."""
    request = wanted.request
    state = draft.place()
    if not state or (request.start is None and not request.lost):
        return None
    factor = draft.factor(state)
    cells = cells_of(factor, request.start) if request.start is not None else tuple(range(factor.size))
    if not cells:
        return None
    properties: dict[str, object] = {
        "vector": [1 / len(cells) if cell in set(cells) else 0.0 for cell in range(factor.size)]
    }
    if len(cells) == 1:
        properties = {"state": factor.labels[cells[0]] if factor.labels else cells[0]}
    names = draft.about(state, "belief")
    if names:
        draft.update(names[0], "vector", "values", "state", **properties)
    else:
        name = draft.fresh(f"{state}_start")
        draft.add(node(name, "belief", **properties), [edge(name, state, "depends_on")])
    return []


def noise(draft: Draft, wanted: Feedback) -> list[str] | None:
    """``sees the right cell 70% of the time``, ``noisier``, ``more accurate``."""
    said = [chance.share for chance in wanted.request.chances if chance.about == "sense"]
    if not said and not wanted.sharper:
        return None
    done = False
    for name in draft.ids("likelihood"):
        draft.matrix(name)
        was = _accuracy(draft, name)
        if was is None:
            continue
        share = said[0] if said else (1 + was) / 2 if wanted.sharper > 0 else max(was - 0.15, 0.1)
        if draft.size(draft.observation_of(name)) < 2 or (done and said):
            continue
        share = round(max(share, 1e-6), 6)
        draft.update(name, matrix={"kind": "identity"} if share >= 1 else {"kind": "noisy_identity", "accuracy": share})
        done = True
    return [] if done else None


def _accuracy(draft: Draft, likelihood: str) -> float | None:
    """Return how often a sense that copies one state is right, or None where it is another kind of sense."""
    matrix = draft.matrix(likelihood)
    if matrix:
        share = matrix.get("accuracy", 1.0)
        copies = matrix.get("kind") in {"identity", "noisy_identity"} and isinstance(share, int | float)
        return float(share) if copies and isinstance(share, int | float) else None
    array = draft.properties(likelihood).get("matrix")
    size = draft.size(draft.observation_of(likelihood))
    parents = draft.parents(likelihood, "state")
    if not isinstance(array, list) or len(parents) != 1 or draft.size(parents[0]) != size or len(array) != size:
        return None
    diagonal = [line[place] for place, line in enumerate(array) if isinstance(line, list) and len(line) == size]
    if len(diagonal) != size or not all(isinstance(value, int | float) and value >= 0.5 for value in diagonal):
        return None
    return float(sum(diagonal) / size)


def slip(draft: Draft, wanted: Feedback) -> list[str] | None:
    """``it slips 20% of the time``."""
    share = next((chance.share for chance in wanted.request.chances if chance.about == "slip"), None)
    state = draft.place()
    transition = draft.transition_of(state) if state else ""
    matrix = draft.matrix(transition) if transition else {}
    if share is None or matrix.get("kind") not in {"grid", "line", "cycle", "set"}:
        return None
    if matrix["kind"] == "set":
        matrix["reliability"] = round(1 - share, 10)
    else:
        matrix["slip"] = share
    draft.update(transition, matrix=matrix)
    return []


def policy(draft: Draft, wanted: Feedback) -> list[str] | None:
    """``plan three steps ahead``, ``more curious``, ``more decisive``."""
    manner = wanted.request.manner
    changes: dict[str, object] = {}
    said: list[str] = []
    if manner.horizon is not None:
        controls = 1
        for action in draft.ids("action"):
            controls *= max(draft.size(action), 1)
        steps = min(manner.horizon, 64)
        while steps > 1 and controls**steps > MOST_POLICIES:
            steps -= 1
        if steps < manner.horizon:
            said.append(f"Planning {manner.horizon} steps ahead became {steps}: more would be too many policies.")
        changes["policy_len"] = steps
    if manner.caution in {"curious", "cautious"}:
        changes["use_states_info_gain"] = manner.caution == "curious" or manner.both
    if manner.gamma is not None:
        changes["gamma"] = manner.gamma
    if not changes:
        return None
    _set_policy(draft, changes)
    return said


def _set_policy(draft: Draft, changes: dict[str, object]) -> None:
    names = draft.ids("policy")
    if not names:
        name = draft.fresh("policy")
        action = draft.ids("action")[0]
        draft.add(node(name, "policy", **changes), [edge(name, action, "influences")])
        return
    stale = ("planning_horizon", "habits") if "policy_len" in changes else ()
    draft.update(names[0], *stale, **changes)


_CAUTION: Final = {"cautious": (1.0, 2.0), "bold": (2.0, 0.5), "curious": (0.5, 0.5)}


def temper(draft: Draft, wanted: Feedback) -> list[str] | None:
    """``more cautious`` doubles what is shunned; ``bolder`` what is wanted; ``more curious`` halves both."""
    factors = _CAUTION.get(wanted.request.manner.caution)
    if factors is None:
        return None
    done = False
    for name in draft.ids("preference"):
        properties = draft.properties(name)
        for key in ("vector", "values"):
            value = properties.get(key)
            scaled = _scaled(value, *factors)
            if scaled is not None and scaled != value:
                draft.update(name, **{key: scaled})
                done = True
    if not draft.ids("preference") and wanted.request.manner.caution == "cautious":
        done = _homely(draft) or done
    return [] if done else None


def _homely(draft: Draft) -> bool:
    """Let an agent without a goal keep near to where it starts."""
    state = draft.place()
    seen = draft.sight_of(state) if state else ""
    factor = draft.factor(state) if state else None
    if not seen or factor is None or factor.size > 400:
        return False
    plan = Plan(
        name="part",
        description="",
        factors=(factor,),
        senses=(Sense(id=seen, about=(factor.id,)),),
        control=Control(id="none", labels=()),
    )
    _prefer(draft, seen, preference(plan, Wish(sense=seen, homely=True)))
    return True


def _scaled(value: object, up: float, down: float) -> object:
    if isinstance(value, dict):
        return {key: _scaled(entry, up, down) for key, entry in value.items()}
    if isinstance(value, list):
        return [_scaled(entry, up, down) for entry in value]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value * up if value > 0 else value * down if value < 0 else value
    return value if value is not None else None
