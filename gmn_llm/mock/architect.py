"""From a request to a plan: which factors, senses, actions and wishes a model of it has."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from gmn_llm.mock.actions import FOUR
from gmn_llm.mock.dynamics import BACKWARD, COMPASS, FORWARD
from gmn_llm.mock.factors import kind_of, level_labels
from gmn_llm.mock.places import Place
from gmn_llm.mock.plan import Control, Factor, Plan, Sense, Wish, numbered, rule
from gmn_llm.mock.scenes import SCENES
from gmn_llm.mock.spots import Spot
from gmn_llm.mock.tempers import tempered, with_chances
from gmn_llm.mock.vocabulary import DIRECTIONS, STAYS
from gmn_llm.mock.wishes import wishes_for

if TYPE_CHECKING:
    from gmn_llm.mock.plan import Rule
    from gmn_llm.mock.request import Request

__all__ = ["plan_for", "with_memory"]

_VERTICAL: Final = frozenset({"up", "down", "north", "south", "northeast", "northwest", "southeast", "southwest"})
_ALONG: Final = frozenset({"left", "right", "forward", "back", "clockwise", "counterclockwise"})
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
    told = request.place is not None or bool(request.parts)
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
    control = _control(request, factors, notes)
    factors = _wired(factors, control, notes)
    senses = _senses(request, factors, notes)
    senses.extend(_taboo_senses(request, factors))
    wishes = wishes_for(request, factors, senses, notes)
    wishes.extend(Wish(sense=sense.id, values={sense.id: -3.0}) for sense in senses if sense.kind == "rules")
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


def _place_factor(place: Place, request: Request) -> Factor:
    name = {"cell": "position", "state": "condition"}.get(place.noun, place.noun)
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
        if place is not None and part.name in {place.noun, "position", "location"}:
            continue
        kind = kind_of(part.name)
        size = part.size or len(kind.labels) or 3
        labels = part.labels or (level_labels(part.name, size) if size <= 500 else ())
        dynamics = {"cycle": "seasons"}.get(kind.dynamics, kind.dynamics)
        if part.free and dynamics in {"steer", "toggle", "drain", "need"}:
            dynamics = "walk" if dynamics != "toggle" else "sticky"
        start = Spot(index=-1) if dynamics == "drain" else None
        factors.append(
            Factor(
                id=part.name,
                size=size,
                labels=labels,
                kind=dynamics,
                cols=size,
                start=start,
                lost=dynamics in {"walk", "sticky"},
                up=() if part.free else kind.up,
                down=() if part.free else kind.down,
                asked=part.size is not None,
            )
        )
    return factors


def _control(request: Request, factors: list[Factor], notes: list[str]) -> Control:
    labels = list(request.actions.labels)
    main = next((factor for factor in factors if factor.driven), None)
    if main is not None and main.kind == "line" and main.noun == "state":
        unclear = [label for label in labels if not (FORWARD | BACKWARD | STAYS).intersection(label.split("_"))]
        notes.extend(
            f'What "{label}" does was not said: it was taken as a step between the states.' for label in unclear
        )
    asked = bool(labels) or request.actions.count is not None
    if main is not None and not (labels and (request.actions.directions or main.kind in {"set", "line", "cycle"})):
        labels = [*_own_moves(main), *labels]
    elif main is None and not labels:
        labels = _part_moves(factors)
    if request.actions.count is not None:
        labels = _counted(labels, request.actions.count, main)
    labels = list(dict.fromkeys(labels)) or ["stay"]
    if main is not None and main.kind == "set" and len(labels) != main.size and not _arrivals(main) & set(labels):
        if not (FORWARD | BACKWARD) & set(labels) and not all(_claimed(label, factors) for label in labels):
            unclear = [label for label in labels if not _claimed(label, factors) and label.split("_")[0] not in STAYS]
            notes.extend(
                f'What "{label}" does was not said: it was taken as a step between the {main.id} states.'
                for label in unclear
            )
        elif all(_claimed(label, factors) for label in labels):
            labels = [*_own_moves(main), *labels]
    if request.actions.still:
        labels = ["stay"]
    elif request.actions.barred:
        labels = _permitted(labels, request.actions.barred, main, notes, named=bool(request.actions.labels))
    name = "move" if main is not None and main.kind in {"grid", "line", "cycle"} else "act"
    return Control(id=name, labels=tuple(labels), asked=asked)


def _permitted(
    labels: list[str], barred: tuple[str, ...], main: Factor | None, notes: list[str], *, named: bool
) -> list[str]:
    """Return the actions without those that are ruled out, by another name for the same step too."""
    lined = main is not None and main.kind in {"line", "cycle"}
    out = set()
    for word in barred:
        ways = FORWARD if word in FORWARD else BACKWARD if word in BACKWARD else frozenset[str]()
        step = COMPASS.get(word)
        same = {
            label
            for label in labels
            if label == word
            or (step is not None and COMPASS.get(label) == step)
            or (lined and word in _ALONG and word not in labels and label in ways)
        }
        if not same and word not in STAYS and not named:
            notes.append(f'"{word}" is ruled out and is none of the actions.')
        out |= same
    kept = [label for label in labels if label not in out]
    if not kept:
        notes.append("Every action is ruled out: it may only stay as it is.")
    return kept or ["stay"]


def _arrivals(factor: Factor) -> frozenset[str]:
    return frozenset(f"to_{label}" for label in factor.labels)


def _claimed(label: str, factors: list[Factor]) -> bool:
    return any(label in factor.up or label in factor.down for factor in factors)


def _own_moves(factor: Factor) -> list[str]:
    if factor.kind == "grid":
        return [*FOUR, "stay"]
    if factor.kind == "set":
        return [f"to_{label}" for label in factor.labels] or ["next", "previous", "stay"]
    if factor.noun in {"floor", "state"}:
        return ["up", "down", "stay"] if factor.noun == "floor" else ["next", "previous", "stay"]
    return ["left", "right", "stay"] if factor.kind == "line" else ["next", "previous", "stay"]


def _part_moves(factors: list[Factor]) -> list[str]:
    """Return actions that drive the parts there are: the usual ones for each, and waiting."""
    labels: list[str] = []
    for factor in factors:
        labels.extend((*factor.up[:1], *factor.down[:1]))
    return [*(labels or ["increase", "decrease"]), "wait"]


def _counted(labels: list[str], count: int, main: Factor | None) -> list[str]:
    if main is not None and main.noun == "state" and count != len(labels):
        return list(numbered("action", count))
    if len(labels) >= count:
        if main is not None and main.kind == "set" and len(labels) != count:
            return list(numbered("action", count))
        return labels[:count]
    more = [*COMPASS] if main is not None and main.kind == "grid" else []
    labels = [
        *labels,
        *(label for label in more if label not in labels and label not in {"north", "south", "west", "east"}),
    ]
    return [*labels, *(label for label in numbered("action", count) if label not in labels)][:count]


def _wired(factors: list[Factor], control: Control, notes: list[str]) -> list[Factor]:
    """Return the factors with what the actions drive; every action drives something."""
    main = next((factor for factor in factors if factor.driven), None)
    wired = []
    for factor in factors:
        if factor is main:
            wired.append(factor)
            continue
        acts = any(label in factor.up or label in factor.down for label in control.labels)
        near = (main.id,) if main is not None and factor.kind == "drain" and not acts else ()
        wired.append(replace(factor, driven=acts, parents=near))
    if not any(factor.driven for factor in wired):
        steered = next(
            (
                place
                for place, factor in enumerate(wired)
                if factor.up or factor.down or factor.kind in {"steer", "toggle"}
            ),
            0,
        )
        wired[steered] = replace(wired[steered], kind="line", driven=True)
        unclear = [label for label in control.labels if label.split("_")[0] not in STAYS | FORWARD | BACKWARD]
        notes.extend(
            f'What "{label}" does was not said: it was taken as a step of {wired[steered].id}.' for label in unclear
        )
    elif main is not None and main.kind == "grid":
        unclear = [
            label
            for label in control.labels
            if label not in COMPASS
            and label not in {"forward", "back"}
            and label not in STAYS
            and "_" not in label
            and not any(label in factor.up or label in factor.down for factor in wired)
        ]
        notes.extend(
            f'What "{label}" does was not said: it leaves the agent where it is.'
            for label in unclear
            if label not in DIRECTIONS
        )
    return wired


def _senses(request: Request, factors: list[Factor], notes: list[str]) -> list[Sense]:
    hidden = {part.name for part in request.parts if part.hidden}
    senses: list[Sense] = []
    for place, factor in enumerate(factors):
        if factor.id in hidden and len(factors) > 1:
            continue
        if place == 0 and request.manner.blind and (request.signals or len(factors) > 1):
            continue
        senses.append(_sense_of(request, factor, first=place == 0))
    for signal in request.signals:
        if not factors:
            break
        near = _sources(request, signal.near, signal.spot)
        if not near:
            notes.append(f"Where the {signal.name} comes from was not said: it was put at the far end.")
            near = (Spot(index=-1),)
        senses.append(
            Sense(
                id=f"heard_{signal.name}" if signal.labels[-1] == "loud" else f"sensed_{signal.name}",
                about=(factors[0].id,),
                kind="signal",
                labels=signal.labels,
                near=near,
                accuracy=0.9,
            )
        )
    if request.manner.blind and not request.signals and senses:
        told = f"It is said to see nothing: {factors[0].id} can't be sensed"
        notes.append(f"{told}, {', '.join(factor.id for factor in factors[1:])} can.") if len(factors) > 1 else None
    if request.manner.blind and not request.signals and len(factors) == 1:
        senses = [replace(senses[0], kind="zones", size=1, labels=("nothing",))]
    return senses


def _taboo_senses(request: Request, factors: list[Factor]) -> list[Sense]:
    """Return a sense for each thing that is never to be done in some state: it tells whether that happened."""
    there = {factor.id: factor.labels for factor in factors}
    return [
        Sense(
            id=f"{doing}_on_{level}",
            about=("doing", part),
            kind="rules",
            labels=("fine", f"{doing}_on_{level}"),
            rules=(rule({f"{doing}_on_{level}": 1.0}, **{"doing": doing, part: level}),),
            otherwise="fine",
        )
        for doing, part, level in request.taboos
        if doing in there.get("doing", ()) and level in there.get(part, ())
    ]


def _sources(request: Request, near: str, spot: Spot | None) -> tuple[Spot, ...]:
    if spot is not None:
        return (spot,)
    if near == "wall":
        return request.walls
    return tuple(goal.spot for goal in request.goals if goal.spot is not None and goal.wanted == (near == "goal"))


def _sense_of(request: Request, factor: Factor, *, first: bool) -> Sense:
    accuracy = 0.9 if factor.kind == "grid" else 1.0
    name = f"seen_{factor.id}"
    if first and request.seen and request.seen != factor.labels:
        return Sense(
            id="seen",
            about=(factor.id,),
            kind="zones",
            labels=request.seen,
            size=len(request.seen),
            accuracy=0.9 if factor.size > 1 else 1.0,
        )
    if first and request.outcomes is not None and request.outcomes != factor.size:
        return Sense(id=name, about=(factor.id,), kind="zones", size=request.outcomes, accuracy=accuracy)
    return Sense(id=name, about=(factor.id,), accuracy=accuracy)


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
