"""A state factor given another size, and everything in the document that follows its size."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gmn_llm.mock.dynamics import transition_matrix
from gmn_llm.mock.factors import kind_of, level_labels
from gmn_llm.mock.geometry import cells_of
from gmn_llm.mock.plan import Control, Factor, Plan, Sense, Wish, numbered
from gmn_llm.mock.spots import Spot
from gmn_llm.mock.writer import preference

if TYPE_CHECKING:
    from gmn_llm.mock.draft import Draft

__all__ = ["resize"]

_MOST = 1500


def resize(draft: Draft, state: str, *, rows: int, cols: int) -> list[str] | None:
    """Give ``state`` rows x cols states; None where something that rests on it can't follow.

    Goals, starts and walls keep their place; those at the far edge stay at the far edge.

    Returns:
        What had to be assumed, in sentences.
    """
    old = draft.factor(state)
    rows, cols, notes = _within(max(rows, 1), max(cols, 1))
    size = rows * cols
    transition = draft.transition_of(state)
    new = replace(old, rows=rows, cols=cols, size=size, labels=_labels(old, size), walls=())
    new = replace(
        new,
        walls=tuple(Spot(index=_moved(old, new, cell)) for spot in old.walls for cell in cells_of(old, spot)),
    )
    if not _follows(draft, state, transition):
        return None
    if not _transition(draft, transition, old, new):
        return None
    for likelihood in draft.about(state, "likelihood"):
        _likelihood(draft, likelihood, old, new)
    for other in draft.about(state, "transition"):
        if other != transition:
            _renumber(draft, other, old, new)
    draft.update(state, "labels", num_states=size, **({"labels": list(new.labels)} if new.labels else {}))
    for belief in draft.about(state, "belief"):
        _belief(draft, belief, old, new)
    return notes


def _within(rows: int, cols: int) -> tuple[int, int, list[str]]:
    asked = f"{cols}x{rows}"
    while rows * cols > _MOST:
        if rows >= cols:
            rows = max(rows * 9 // 10, 1) if rows > 10 else rows - 1
        else:
            cols = max(cols * 9 // 10, 1) if cols > 10 else cols - 1
    return (
        rows,
        cols,
        [] if f"{cols}x{rows}" == asked else [f"{asked} is too large to be written out: {cols}x{rows} was taken."],
    )


def _labels(old: Factor, size: int) -> tuple[str, ...]:
    if not old.labels:
        return ()
    if size <= old.size:
        return old.labels[:size] if not kind_of(old.id).labels else level_labels(old.id, size)
    if kind_of(old.id).labels and old.labels == level_labels(old.id, old.size):
        return level_labels(old.id, size)
    stem = old.labels[-1].rsplit("_", 1)[0] if old.labels[-1].rsplit("_", 1)[-1].isdigit() else old.id
    more = [label for label in numbered(stem, 2 * size) if label not in old.labels]
    return (*old.labels, *more)[:size]


def _follows(draft: Draft, state: str, transition: str) -> bool:
    """Return whether every array that rests on ``state`` is named, so that it can follow."""
    if not transition or not draft.matrix(transition):
        return False
    for likelihood in draft.about(state, "likelihood"):
        matrix = draft.properties(likelihood).get("matrix")
        if isinstance(matrix, list) and not draft.sight_of(state):
            return False
        if isinstance(matrix, list) and draft.parents(likelihood, "state") != [state]:
            return False
    return all(draft.matrix(other) for other in draft.about(state, "transition"))


def _moved(old: Factor, new: Factor, cell: int) -> int:
    """Return where a state lies after the change: edges stay edges, the rest stays where it is."""
    row, col = divmod(cell, old.cols)
    row = new.rows - 1 if row == old.rows - 1 and old.rows > 1 else min(row, new.rows - 1)
    col = new.cols - 1 if col == old.cols - 1 and old.cols > 1 else min(col, new.cols - 1)
    return row * new.cols + col


def _transition(draft: Draft, transition: str, old: Factor, new: Factor) -> bool:
    matrix = draft.matrix(transition)
    kind = matrix.get("kind")
    if kind == "grid":
        matrix.update(rows=new.rows, cols=new.cols)
        if new.walls:
            matrix["walls"] = [
                list(divmod(cell, new.cols))
                for cell in sorted({spot.index for spot in new.walls if spot.index is not None})
            ]
    elif kind in {"set", "rules"}:
        return _redone(draft, transition, old, new)
    draft.update(transition, matrix=matrix)
    return True


def _redone(draft: Draft, transition: str, old: Factor, new: Factor) -> bool:
    """Write anew a transition whose rules speak of each state: rooms one can go to, and well-known things."""
    actions = draft.parents(transition, "action")
    action = actions[0] if actions else ""
    labels = draft.labels(action) if action else ()
    arrivals = tuple(f"to_{label}" for label in old.labels)
    if draft.matrix(transition).get("kind") == "set" or (arrivals and set(arrivals) <= set(labels)):
        now = _arriving(labels, old, new)
        others = [name for name in draft.about(action, "transition") if name != transition]
        if now is None or any(draft.matrix(name).get("kind") != "rules" for name in others):
            return False
        draft.update(action, num_actions=len(now), labels=list(now))
        plan = _alone(replace(new, kind="set", driven=True), Control(id=action, labels=now))
        draft.update(transition, matrix=transition_matrix(plan, plan.factors[0]))
        return True
    kind = kind_of(old.id)
    if not kind.labels:
        return False
    dynamics = {"cycle": "seasons"}.get(kind.dynamics, kind.dynamics)
    places = [parent for parent in draft.parents(transition, "state") if parent != old.id]
    factor = replace(new, kind=dynamics, up=kind.up, down=kind.down, parents=tuple(places), driven=bool(actions))
    plan = _alone(factor, Control(id=action, labels=labels))
    plan = replace(plan, factors=(*plan.factors, *(draft.factor(place) for place in places)))
    draft.update(transition, matrix=transition_matrix(plan, factor))
    return True


def _arriving(labels: tuple[str, ...], old: Factor, new: Factor) -> tuple[str, ...] | None:
    arrivals = [f"to_{label}" for label in old.labels]
    if arrivals and set(arrivals) <= set(labels):
        return (
            *(f"to_{label}" for label in new.labels),
            *(label for label in labels if label not in arrivals),
        )
    if len(labels) == old.size:
        more = [label for label in numbered("action", 2 * new.size) if label not in labels]
        return (*labels, *more)[: new.size]
    return None


def _likelihood(draft: Draft, likelihood: str, old: Factor, new: Factor) -> None:
    seen = draft.observation_of(likelihood)
    properties = draft.properties(likelihood)
    matrix = properties.get("matrix")
    kind = matrix.get("kind") if isinstance(matrix, dict) else "array" if isinstance(matrix, list) else ""
    if kind in {"identity", "noisy_identity", "array"} and draft.size(seen) == old.size:
        if kind == "array":
            draft.update(likelihood, matrix={"kind": "noisy_identity", "accuracy": 0.9})
        elif new.size < 2:
            draft.update(likelihood, matrix={"kind": "identity"})
        draft.update(seen, "labels", num_observations=new.size, **({"labels": list(new.labels)} if new.labels else {}))
        for name in draft.about(seen, "preference"):
            _preference(draft, name, seen, old, new)
    elif kind == "rules":
        _renumber(draft, likelihood, old, new)


def _preference(draft: Draft, name: str, seen: str, old: Factor, new: Factor) -> None:
    properties = draft.properties(name)
    chosen = properties.get("preferred_observation")
    if isinstance(chosen, int):
        draft.update(name, preferred_observation=_moved(old, new, chosen))
        return
    values = properties.get("values")
    if isinstance(chosen, str) or isinstance(values, dict):
        labelled = {chosen: 1.0} if isinstance(chosen, str) else dict(values) if isinstance(values, dict) else {}
        last = old.labels[-1] if old.labels else ""
        kept = (
            {(new.labels[-1] if label == last else label): value for label, value in labelled.items()}
            if new.labels
            else {}
        )
        kept = {label: value for label, value in kept.items() if label in new.labels}
        draft.update(name, "preferred_observation", values=kept or {new.labels[-1]: 1.0})
        return
    vector = properties.get("vector", values)
    plain = vector if isinstance(vector, list) and all(isinstance(value, int | float) for value in vector) else []
    draft.update(name, "values", **_landscape(plain, seen, old, new))


def _landscape(vector: list[float], seen: str, old: Factor, new: Factor) -> dict[str, object]:
    top, low = max(vector, default=0.0), min(vector, default=0.0)
    best = tuple(
        Spot(index=_moved(old, new, cell)) for cell, value in enumerate(vector[: old.size]) if value == top and top > 0
    )
    worst = tuple(
        Spot(index=_moved(old, new, cell))
        for cell, value in enumerate(vector[: old.size])
        if value == low and low <= -1
    )
    plan = _alone(new, Control(id="none", labels=()))
    plan = replace(plan, senses=(Sense(id=seen, about=(new.id,)),))
    wish = Wish(sense=seen, best=best, worst=worst, weight=top, fear=low, homely=not best and not worst and low < 0)
    return preference(plan, wish)


def _belief(draft: Draft, name: str, old: Factor, new: Factor) -> None:
    properties = draft.properties(name)
    state = properties.get("state")
    if isinstance(state, int):
        draft.update(name, state=_moved(old, new, state))
    elif isinstance(state, str):
        draft.update(name, state=state if state in new.labels else new.labels[-1])
    else:
        vector = properties.get("vector", properties.get("values"))
        plain = vector if isinstance(vector, list) and len(vector) == old.size else []
        even = not plain or max(plain) - min(plain) < 1e-9
        mass = [1.0 / new.size] * new.size if even else [0.0] * new.size
        for cell, value in enumerate([] if even else plain):
            mass[_moved(old, new, cell)] += value
        draft.update(name, "values", vector=mass)


def _renumber(draft: Draft, name: str, old: Factor, new: Factor) -> None:
    """Let rules that speak of states of ``old`` by number or label speak of those of ``new``."""
    matrix = draft.matrix(name)
    rules = matrix.get("rules")
    kept: list[dict[str, object]] = []
    for rule in rules if isinstance(rules, list) else ():
        when = dict(rule["when"])
        if old.id in when:
            wanted = when[old.id] if isinstance(when[old.id], list) else [when[old.id]]
            now = [_moved(old, new, value) if isinstance(value, int) else value for value in wanted]
            now = [value for value in dict.fromkeys(now) if isinstance(value, int) or value in new.labels]
            if not now:
                continue
            when[old.id] = now if len(now) > 1 else now[0]
        kept.append({**rule, "when": when})
    if isinstance(rules, list):
        draft.update(name, matrix={**matrix, "rules": kept})


def _alone(factor: Factor, control: Control) -> Plan:
    return Plan(name="part", description="", factors=(factor,), senses=(), control=control)
