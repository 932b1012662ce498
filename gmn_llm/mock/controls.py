"""What the agent decides: the names of its actions, and which factors they drive."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from gmn_llm.mock.actions import FOUR
from gmn_llm.mock.dynamics import BACKWARD, COMPASS, FORWARD
from gmn_llm.mock.plan import Control, Factor, numbered
from gmn_llm.mock.vocabulary import DIRECTIONS, STAYS

if TYPE_CHECKING:
    from gmn_llm.mock.request import Request

__all__ = ["control_for", "wired"]

_ALONG: Final = frozenset({"left", "right", "forward", "back", "clockwise", "counterclockwise"})


def control_for(request: Request, factors: list[Factor], notes: list[str]) -> Control:
    """Return what the agent decides; what was taken for granted is added to ``notes``."""
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


def wired(factors: list[Factor], control: Control, notes: list[str]) -> list[Factor]:
    """Return the factors with those that the action drives tied to it; ``notes`` gets what was taken for granted."""
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
