"""From a request to a plan: which factors, senses, actions and wishes a model of it has."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from gmn_llm.mock.controls import control_for, wired
from gmn_llm.mock.factors import kind_of, level_labels
from gmn_llm.mock.places import Place
from gmn_llm.mock.plan import Control, Factor, Plan, Sense, Wish, numbered, staying
from gmn_llm.mock.scenes import SCENES
from gmn_llm.mock.sensing import senses_for, taboo_senses
from gmn_llm.mock.spots import Spot
from gmn_llm.mock.tempers import tempered, with_chances
from gmn_llm.mock.vocabulary import STAYS
from gmn_llm.mock.wishes import wishes_for

if TYPE_CHECKING:
    from gmn_llm.mock.plan import Rule
    from gmn_llm.mock.request import Request

__all__ = ["plan_for", "with_memory"]

_VERTICAL: Final = frozenset({"up", "down", "north", "south", "northeast", "northwest", "southeast", "southwest"})
_TOP_LEFT: Final = Spot(vertical="top", horizontal="left")


def plan_for(request: Request, agent_type: str) -> tuple[Plan, list[str]]:
    """Return the model that ``request`` asks for, and what had to be assumed, in sentences."""
    notes = list(request.doubts)
    scene = _scene(request, agent_type)
    if scene:
        plan = SCENES[scene](request)
        notes.extend(_idle(plan))
    else:
        plan = _world(request, agent_type, notes)
    plan = tempered(plan, request, agent_type)
    plan = with_chances(plan, request)
    if request.manner.memory and not any(factor.id == "memory" for factor in plan.factors):
        plan = with_memory(plan)
    if request.empty:
        notes.append("Nothing in the description could be read: the usual model of this type of agent was taken.")
    return plan, list(dict.fromkeys(notes))


def _scene(request: Request, agent_type: str) -> str:
    """Return the whole situation that the words, or else the type, point at; "" for a world of parts."""
    if request.scene in {"bandit", "tmaze"}:
        return request.scene
    told = request.place is not None or bool(request.parts) or bool(request.named)
    if request.prices is not None or request.regimes is not None:
        return "trader"
    if told or (request.actions.labels and request.scene == "" and agent_type in {"explorer", "general"}):
        return ""
    if request.actions.directions:
        return ""
    if request.scene in SCENES:
        return request.scene
    return agent_type if agent_type in SCENES else ""


def _idle(plan: Plan) -> list[str]:
    """Return a note on each action that no rule of a scene speaks of."""
    if any(factor.kind == "set" and factor.driven for factor in plan.factors):
        return []
    spoken: set[object] = set()
    for factor in plan.factors:
        for told in factor.rules:
            wanted = told["when"].get(plan.control.id, ())
            spoken.update(wanted if isinstance(wanted, list) else [wanted])
    idle = [
        label for label in plan.control.labels if label not in spoken and label.split("_")[0] not in STAYS | {"watch"}
    ]
    return [f'What "{label}" does was not said: it changes nothing.' for label in idle]


def _world(request: Request, agent_type: str, notes: list[str]) -> Plan:
    request = _with_doings(request, notes)
    place = request.place or _place_of_part(request) or _default_place(request, agent_type)
    factors: list[Factor] = []
    if place is not None:
        factors.append(_place_factor(place, request))
    factors.extend(_part_factors(request, place))
    control = control_for(request, factors, notes)
    factors = wired(factors, control, notes)
    senses = senses_for(request, factors, notes)
    taboos = taboo_senses(request, factors)
    senses.extend(taboos)
    wishes = wishes_for(request, factors, senses, notes)
    wishes.extend(Wish(sense=sense.id, values={sense.id: -3.0}) for sense in taboos)
    return Plan(
        name=_name(place, factors, agent_type),
        description=_description(place, factors, control, request.subject),
        factors=tuple(factors),
        senses=tuple(senses),
        control=control,
        wishes=tuple(wishes),
        curious=agent_type in {"explorer", "analyst", "creative"},
    )


def _with_doings(request: Request, notes: list[str]) -> Request:
    """Where everything changes by itself, let the actions decide at least what the agent is doing."""
    apart = request.parts and all(part.free for part in request.parts)
    if not apart or request.place or request.seen or request.actions.directions or request.goals_on_place():
        return request
    names = request.actions.labels
    if not names:
        notes.append('What the agent can do was not said: "wait" and "act" change nothing but what it does.')
        names = ("wait", "act")
    place = Place("set", 1, len(names), noun="doing", names=names, asked=False)
    return replace(request, place=place, actions=replace(request.actions, labels=names))


def _place_of_part(request: Request) -> Place | None:
    """Return the line that ``a position of five levels`` means."""
    part = next((part for part in request.parts if part.name in {"position", "location"} and not part.free), None)
    return Place("line", 1, part.size or 5) if part is not None else None


def _default_place(request: Request, agent_type: str) -> Place | None:
    labels = request.actions.labels
    if request.seen and not request.actions.directions and not request.goals_on_place():
        return Place("set", 1, len(request.seen), noun="situation", names=request.seen, asked=False)
    if request.outcomes is not None and not request.actions.directions and not request.parts:
        return Place("line", 1, request.outcomes, noun="state", asked=False)
    if request.parts and not request.actions.directions and not request.goals_on_place():
        return None
    if labels and not request.actions.directions:
        return Place("set", 1, len(labels), noun="situation", asked=False)
    if labels and not _VERTICAL & set(labels):
        return Place("line", 1, 7, asked=False)
    size = 5 if agent_type == "explorer" or request.scene == "explorer" else 4
    return Place("grid", size, size, asked=False)


def _place_id(place: Place) -> str:
    return {"cell": "position", "state": "condition"}.get(place.noun, place.noun)


def _place_factor(place: Place, request: Request) -> Factor:
    name = _place_id(place)
    labels: tuple[str, ...] = ()
    if place.names:
        labels = (
            *place.names,
            *(label for label in numbered(place.noun, place.size) if label not in place.names),
        )[: place.size]
    elif place.kind == "set" or place.noun != "cell":
        labels = numbered(place.noun, place.size) if place.size <= 500 else ()
    slip = next((chance.share for chance in request.chances if chance.about == "slip"), 0.0)
    walls = request.walls if place.kind == "grid" else ()
    start = request.start if request.start is not None else _TOP_LEFT if place.kind == "grid" else None
    return Factor(
        id=name,
        size=place.size,
        labels=labels,
        noun=place.noun if labels else "",
        kind=place.kind,
        rows=place.rows,
        cols=place.cols,
        walls=walls,
        wrap=place.wrap,
        slip=slip,
        driven=True,
        start=start,
        lost=request.lost,
        asked=place.asked,
    )


def _part_factors(request: Request, place: Place | None) -> list[Factor]:
    factors = []
    for part in request.parts:
        if place is not None and part.name in {place.noun, "position", "location"} and not part.labels:
            continue
        kind = kind_of(part.name)
        size = part.size or len(kind.labels) or 3
        labels = part.labels or (level_labels(part.name, size) if size <= 500 else ())
        dynamics = {"cycle": "seasons"}.get(kind.dynamics, kind.dynamics)
        if part.free and dynamics in {"steer", "toggle", "drain", "need"}:
            dynamics = "walk" if dynamics != "toggle" else "sticky"
        start = Spot(label=part.start) if part.start else Spot(index=-1) if dynamics == "drain" else None
        rules = staying(labels, part.name, request.stays)
        dynamics = "rules" if rules else dynamics
        factors.append(
            Factor(
                id=part.name if place is None or part.name != _place_id(place) else f"{part.name}_state",
                size=size,
                labels=labels,
                kind=dynamics,
                cols=size,
                start=start,
                lost=dynamics in {"walk", "sticky", "rules"} and not part.start,
                rules=rules,
                up=() if part.free else kind.up,
                down=() if part.free else kind.down,
                asked=part.size is not None,
            )
        )
    return factors


def with_memory(plan: Plan) -> Plan:
    """Return the plan with a factor that keeps what was seen last, and a sense that recalls it."""
    first = plan.factors[0]
    size = first.size if first.size <= 9 else first.rows if 1 < first.rows <= 9 else min(first.size, 6)
    cells = numbered("cell", size, first=0) if size == first.size else numbered("zone", size)
    kept = first.labels if first.labels and size == first.size else cells
    labels = tuple(f"was_{label}" for label in kept)
    rules: list[Rule] = []
    for number, label in enumerate(labels):
        held = [cell for cell in range(first.size) if cell * size // first.size == number]
        values: object = [first.labels[cell] if first.labels else cell for cell in held]
        rules.append({"when": {first.id: values}, "then": {label: 1.0}})
    memory = Factor(
        id="memory",
        size=size,
        labels=labels,
        kind="memory",
        cols=size,
        parents=(first.id,),
        rules=tuple(rules),
    )
    return replace(
        plan, factors=(*plan.factors, memory), senses=(*plan.senses, Sense(id="recalled", about=("memory",)))
    )


def _name(place: Place | None, factors: list[Factor], agent_type: str) -> str:
    what = place.kind if place is not None and place.kind != "set" else factors[0].id
    kind = "".join(char if char.isascii() and char.isalnum() else "_" for char in agent_type.casefold())[:40] or "agent"
    return f"{what}_{'agent' if kind == 'general' else kind}"


def _description(place: Place | None, factors: list[Factor], control: Control, subject: str) -> str:
    where = {
        "grid": "on a grid of {0.cols} columns and {0.rows} rows, counted from 0 at the top left",
        "line": "on a line of {0.size} places",
        "cycle": "on a ring of {0.size} places",
        "set": "in one of {0.size} places",
    }
    who = f"An agent ({subject})" if subject not in {"", "agent"} else "An agent"
    if place is not None and place.noun == "doing":
        text = f"{who} that does one of {place.size} things"
    else:
        text = f"{who} {where[place.kind].format(place)}" if place is not None else who
    more = [f"{factor.id} ({factor.size} levels)" for factor in factors[1 if place is not None else 0 :]]
    text += f" with {' and '.join(more)}" if more else ""
    count = len(control.labels)
    return f"{text}; it has {count} action{'s' if count > 1 else ''}."
