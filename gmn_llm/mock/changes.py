"""The changes feedback can ask for; each looks at the draft, changes it, or returns None where it has no part."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from gmn_llm.mock.architect import with_memory
from gmn_llm.mock.draft import Draft
from gmn_llm.mock.factors import kind_of, level_labels
from gmn_llm.mock.geometry import cells_of
from gmn_llm.mock.leanings import goals, noise, policy, slip, start, temper, wanted_before
from gmn_llm.mock.plan import Control, Factor, Plan, Sense
from gmn_llm.mock.repertoire import add_actions, drop_actions, rename_action
from gmn_llm.mock.reshape import resize
from gmn_llm.mock.spots import Spot
from gmn_llm.mock.writer import edge, write

if TYPE_CHECKING:
    from collections.abc import Callable

    from gmn_llm.mock.feedback import Feedback

__all__ = ["CHANGES"]


def _resized(draft: Draft, wanted: Feedback) -> list[str] | None:
    """``make the grid 7x7``, ``nine rooms``, ``a larger grid``."""
    state = draft.place()
    place = wanted.request.place
    if not state:
        return None
    factor = draft.factor(state)
    if place is not None and place.asked:
        if (factor.kind == "grid") != (place.kind == "grid"):
            return None
        if (place.rows, place.cols) == (factor.rows, factor.cols):
            return []
        return resize(
            draft,
            state,
            rows=place.rows if factor.kind == "grid" else 1,
            cols=place.cols if factor.kind == "grid" else place.size,
        )
    if wanted.bigger and factor.size > 1 and factor.kind in {"grid", "line", "cycle"}:
        rows = max(factor.rows + wanted.bigger, 1) if factor.kind == "grid" else 1
        return resize(draft, state, rows=rows, cols=max(factor.cols + wanted.bigger, 1))
    return None


def _levels(draft: Draft, wanted: Feedback) -> list[str] | None:
    """``a battery of five levels`` where the document has a battery, and a new factor where it has none."""
    said: list[str] = []
    done = False
    for part in wanted.request.parts:
        if part.name in draft.ids("state"):
            if part.free:
                done = _freed(draft, part.name) or done
            elif part.size is not None and part.size != draft.size(part.name):
                changed = resize(draft, part.name, rows=1, cols=part.size)
                done = done or changed is not None
                said.extend(changed or [])
            continue
        if part.name in {"position", "action", "state", "observation", "memory", "grid"}:
            continue
        _add_part(draft, part.name, part.size, part.labels, free=part.free)
        done = True
    return said if done else None


def _freed(draft: Draft, state: str) -> bool:
    """Let a factor change by itself: no action drives it any more."""
    transition = draft.transition_of(state)
    actions = draft.parents(transition, "action") if transition else []
    others = [name for action in actions for name in draft.about(action, "transition") if name != transition]
    if not actions or not others or draft.parents(transition, "state") != [state]:
        return False
    draft.edges = [
        found for found in draft.edges if not (found.get("target") == transition and found.get("source") in actions)
    ]
    draft.update(
        transition,
        "matrix",
        matrix={"kind": "random_walk", "stay": 0.5} if draft.size(state) > 1 else {"kind": "identity"},
    )
    return True


def _add_part(draft: Draft, name: str, size: int | None, labels: tuple[str, ...], *, free: bool) -> None:
    kind = kind_of(name)
    count = min(size or len(labels) or len(kind.labels) or 3, 1000)
    names = labels or level_labels(name, count)
    action = (draft.ids("action") or [""])[0]
    known = draft.labels(action)
    driven = not free and bool(set(known) & {*kind.up, *kind.down})
    dynamics = {"cycle": "seasons"}.get(kind.dynamics, kind.dynamics)
    if (free or not driven) and dynamics in {"steer", "toggle"}:
        dynamics = "walk" if dynamics == "steer" else "sticky"
    place = draft.factor(draft.place())
    new = Factor(
        id=draft.fresh(name),
        size=count,
        cols=count,
        labels=names,
        kind=dynamics,
        up=kind.up,
        down=kind.down,
        driven=driven,
        parents=(place.id,)
        if dynamics == "drain" and not driven and not free and place.size * count * count < 10**6
        else (),
        start=Spot(index=-1) if dynamics == "drain" else None,
        lost=dynamics in {"walk", "sticky"},
    )
    _append(
        draft,
        new,
        place,
        Sense(id=draft.fresh(f"seen_{new.id}"), about=(new.id,)),
        Control(id=action, labels=known),
    )


def _append(draft: Draft, new: Factor, place: Factor, sense: Sense, control: Control) -> None:
    """Write a factor with its sense, and append the nodes and edges that are its own."""
    plan = Plan(name="part", description="", factors=(place, new), senses=(sense,), control=control, with_policy=False)
    written = Draft(write(plan, {}))
    names = {new.id: new.id, sense.id: sense.id}
    for old in (f"{sense.id}_likelihood", f"{new.id}_transition", f"{new.id}_start"):
        names[old] = draft.fresh(old)
    for found in written.nodes:
        name = str(found["id"])
        if name not in names:
            continue
        properties = dict(written.properties(name))
        if found["type"] == "transition":
            properties["factor"] = new.id
        draft.add({**found, "id": names[name], "properties": properties})
    for link in written.edges:
        source, target = str(link["source"]), str(link["target"])
        if (target in names and target not in {new.id, place.id}) or target == new.id:
            draft.edges.append({**link, "source": names.get(source, source), "target": names.get(target, target)})


def _memory(draft: Draft, wanted: Feedback) -> list[str] | None:
    """``Add memory capabilities``."""
    if not wanted.request.manner.memory:
        return None
    if any(name.startswith("memory") for name in draft.ids("state")):
        return ["The agent has a memory already: it was left as it is."]
    state = draft.place()
    if not state:
        return None
    place = draft.factor(state)
    plan = with_memory(
        Plan(name="part", description="", factors=(place,), senses=(), control=Control(id="none", labels=()))
    )
    memory = replace(plan.factors[-1], id=draft.fresh("memory"))
    sense = Sense(id=draft.fresh("recalled"), about=(memory.id,))
    action = (draft.ids("action") or [""])[0]
    _append(draft, memory, place, sense, Control(id=action, labels=draft.labels(action)))
    return []


def _actions(draft: Draft, wanted: Feedback) -> list[str] | None:
    """``add a stay action``, ``let it also move diagonally``, ``remove stay``, ``rename left to west``."""
    actions = draft.ids("action")
    if not actions:
        return None
    action = actions[0]
    said: list[str] = []
    done = False
    for old, new in wanted.rename:
        changed = rename_action(draft, action, old, new)
        done = done or changed is not None
        said.extend(changed or [])
    if wanted.drop_actions:
        changed = drop_actions(draft, action, wanted.drop_actions)
        done = done or changed is not None
        said.extend(changed or [])
    new_labels = [label for label in wanted.add_actions if label not in draft.labels(action)]
    if wanted.add_actions and not new_labels and not done:
        return ["The actions that were asked for are there already: they were left as they are."]
    if new_labels and not wanted.rename:
        changed = add_actions(draft, action, new_labels)
        done = done or changed is not None
        said.extend(changed or [])
    return said if done else None


def _walls(draft: Draft, wanted: Feedback) -> list[str] | None:
    """``add a wall at (1, 1)`` and ``connect the edges``."""
    request = wanted.request
    state = draft.place()
    transition = draft.transition_of(state) if state else ""
    matrix = draft.matrix(transition) if transition else {}
    if matrix.get("kind") != "grid":
        return None
    wraps = request.place is not None and request.place.wrap and not matrix.get("wrap")
    if not request.walls and not wraps:
        return None
    factor = draft.factor(state)
    cells = {cell for spot in (*factor.walls, *request.walls) for cell in cells_of(factor, spot)}
    if cells:
        matrix["walls"] = [list(divmod(cell, factor.cols)) for cell in sorted(cells)]
    if wraps:
        matrix["wrap"] = True
    draft.update(transition, matrix=matrix)
    return []


def _signals(draft: Draft, wanted: Feedback) -> list[str] | None:
    """``let it hear a bell near the goal``."""
    state = draft.place()
    done = False
    said: list[str] = []
    for signal in wanted.request.signals:
        name = f"heard_{signal.name}" if signal.labels[-1] == "loud" else f"sensed_{signal.name}"
        if not state or name in draft.ids("observation"):
            continue
        factor = draft.factor(state)
        near = (signal.spot,) if signal.spot is not None else wanted_before(draft, draft.sight_of(state), factor)
        if not near:
            said.append(f"Where the {signal.name} comes from was not said: it was put at the far end.")
            near = (Spot(index=-1),)
        sense = Sense(
            id=draft.fresh(name), about=(state,), kind="signal", labels=signal.labels, near=near, accuracy=0.9
        )
        written = write(
            Plan(
                name="part",
                description="",
                factors=(factor,),
                senses=(sense,),
                control=Control(id="none", labels=()),
            ),
            {},
        )
        part = Draft(written)
        likelihood = draft.fresh(f"{sense.id}_likelihood")
        draft.add(part.node(sense.id))
        draft.add(
            {**part.node(f"{sense.id}_likelihood"), "id": likelihood},
            [edge(state, likelihood, "depends_on"), edge(likelihood, sense.id, "generates")],
        )
        done = True
    return said if done else None


CHANGES: Final[tuple[Callable[[Draft, Feedback], list[str] | None], ...]] = (
    _resized,
    _levels,
    _memory,
    _actions,
    _walls,
    goals,
    start,
    noise,
    slip,
    policy,
    temper,
    _signals,
)
