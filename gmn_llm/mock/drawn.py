"""A document for a diagram: states and arrows become one factor with the arrows' labels as its actions.

A drawing of a model itself, such as ``to_mermaid`` makes, is read back by ``redrawn``.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from math import log
from typing import TYPE_CHECKING, Final

from gmn_llm.findings import quote
from gmn_llm.mock.redrawn import listed, redrawn
from gmn_llm.mock.writer import MOST_POLICIES, edge, node

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["drawn"]

ENDS: Final = "[*]"
"""Where a state diagram begins and ends."""
ONWARD: Final = "next"
"""The action of an arrow without a label."""
FARTHEST: Final = 12


def drawn(diagrams: object) -> dict[str, object] | None:
    """Return the document of the first diagram that one can be made of; None where there is none.

    Args:
        diagrams: As ``Diagram.as_data`` returns them, in a list.
    """
    drawings = listed(diagrams)
    if not drawings:
        return None
    from gmn_llm.gmn import validate_gmn  # the language takes its time, and words do without it here

    for diagram in drawings:
        document = redrawn(diagram) or _state_machine(diagram)
        if document is not None and validate_gmn(document).ok:
            return document
    return None


@dataclass(frozen=True, slots=True)
class _Machine:
    """States and arrows.

    Attributes:
        labels: Id of each state to its label, in order.
        arrows: Source, action and target of each arrow.
        start: Where it begins, if that is drawn.
        ends: Where it ends.
        assumed: What the drawing did not say, in sentences.
    """

    labels: Mapping[str, str]
    arrows: Sequence[tuple[str, str, str]]
    start: str | None
    ends: tuple[str, ...]
    assumed: list[str] = field(default_factory=list)

    @property
    def actions(self) -> list[str]:
        """The labels of the arrows, each once, in order."""
        return list(dict.fromkeys(action for _, action, _ in self.arrows))

    def steps(self) -> int:
        """Return how many steps ahead it takes to see the nearest end from the start, as far as planning can go."""
        most = max(1, int(log(MOST_POLICIES) / log(max(len(self.actions), 2))))
        begin = self.start or next(iter(self.labels))
        reached, queue = {begin: 0}, deque([begin])
        while queue:
            here = queue.popleft()
            if here in self.ends and reached[here]:
                return min(reached[here], most, FARTHEST)
            for source, _, target in self.arrows:
                if source == here and target not in reached:
                    reached[target] = reached[here] + 1
                    queue.append(target)
        return min(2, most)


def _state_machine(diagram: Mapping[str, object]) -> dict[str, object] | None:
    machine = _machine(diagram)
    if machine is None:
        return None
    labels, actions = list(machine.labels.values()), machine.actions
    nodes = [
        node("state", "state", num_states=len(labels), labels=labels),
        node("seen_state", "observation", num_observations=len(labels), labels=labels),
        node("act", "action", num_actions=len(actions), labels=actions),
        node("seen_state_likelihood", "likelihood", matrix={"kind": "identity"}),
        node("state_transition", "transition", matrix={"kind": "rules", "rules": _rules(machine), "otherwise": "stay"}),
    ]
    edges = [
        edge("state", "seen_state_likelihood", "depends_on"),
        edge("seen_state_likelihood", "seen_state", "generates"),
        edge("state", "state_transition", "depends_on"),
        edge("act", "state_transition", "depends_on"),
    ]
    if machine.ends:
        wanted = {machine.labels[end]: 1.0 for end in machine.ends}
        nodes.append(node("seen_state_preference", "preference", values=wanted))
        edges.append(edge("seen_state_preference", "seen_state", "depends_on"))
        machine.assumed.append(f"It wants to come to where the drawing ends: {quote(', '.join(wanted))}.")
    if machine.start is not None:
        nodes.append(node("state_start", "belief", state=machine.labels[machine.start]))
        edges.append(edge("state_start", "state", "depends_on"))
    nodes.append(node("policy", "policy", policy_len=machine.steps()))
    edges.append(edge("policy", "act", "influences"))
    return {
        "name": "drawn_agent",
        "description": f"An agent in one of {len(labels)} states, with {len(actions)} actions, as drawn.",
        "version": "1.0.0",
        "nodes": nodes,
        "edges": edges,
        "metadata": {"assumptions": machine.assumed} if machine.assumed else {},
    }


def _rules(machine: _Machine) -> list[dict[str, object]]:
    """Return a rule for each state and action that an arrow leaves it by; several arrows are equally likely."""
    leads: dict[tuple[str, str], dict[str, None]] = {}
    for source, action, target in machine.arrows:
        leads.setdefault((source, action), {})[machine.labels[target]] = None
    if any(len(targets) > 1 for targets in leads.values()):
        machine.assumed.append("Arrows with one label that leave one state are equally likely.")
    return [
        {"when": {"state": machine.labels[source], "act": action}, "then": dict.fromkeys(targets, 1 / len(targets))}
        for (source, action), targets in leads.items()
    ]


def _machine(diagram: Mapping[str, object]) -> _Machine | None:
    frames = {str(frame.get("id")): frame for frame in listed(diagram.get("groups"))}
    names = {
        str(each["id"]): str(each.get("label", each["id"])) for each in listed(diagram.get("nodes")) if "id" in each
    }
    labels = _unique({name: label for name, label in names.items() if not name.endswith(ENDS)})
    starts: dict[str, str] = {}
    ends: list[str] = []
    arrows: list[tuple[str, str, str]] = []
    for source, target, label in _ways(diagram):
        if source.endswith(ENDS):
            starts.setdefault(source.removesuffix(ENDS).removesuffix("."), target)
        elif target == ENDS:
            ends.append(source)
        elif not target.endswith(ENDS):
            arrows.append((source, label, target))

    def entered(name: str) -> str | None:
        """Return the state that an arrow to ``name`` leads to: of a group the one it begins with."""
        for _ in range(len(frames) + 1):
            if name in labels:
                return name
            name = starts.get(name) or _first(frames.get(name))
        return None

    def left(name: str) -> list[str]:
        return [name] if name in labels else [each for each in _members(frames.get(name)) if each in labels]

    resolved = [
        (each, label, place)
        for source, label, target in arrows
        for each in left(source)
        if (place := entered(target)) is not None
    ]
    if not resolved:
        return None
    return _Machine(
        labels=labels,
        arrows=_named(resolved, labels),
        start=entered(starts[""]) if "" in starts else None,
        ends=tuple(dict.fromkeys(each for name in ends for each in left(name))),
    )


def _named(arrows: Sequence[tuple[str, str, str]], labels: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Return the arrows with an action each; where two without a label leave one state, their ends name them."""
    silent = [source for source, label, _ in arrows if not label]
    split = len(silent) > len(set(silent))
    return [
        (source, label or (f"to {labels[target]}" if split else ONWARD), target) for source, label, target in arrows
    ]


def _ways(diagram: Mapping[str, object]) -> Iterator[tuple[str, str, str]]:
    """Yield source, target and label of each arrow; a line without a head leads both ways."""
    for each in listed(diagram.get("edges")):
        source, target = str(each.get("source")), str(each.get("target"))
        label = " ".join(str(each.get("label", "")).split())
        yield source, target, label
        if each.get("directed") is False:
            yield target, source, label


def _unique(labels: Mapping[str, str]) -> dict[str, str]:
    """Return the labels, each on one line; where two are the same the id stands behind."""
    plain = {name: " ".join(label.split()) or name for name, label in labels.items()}
    told = list(plain.values())
    return {name: label if told.count(label) == 1 else f"{label} {name}" for name, label in plain.items()}


def _first(frame: Mapping[str, object] | None) -> str:
    return next((name for name in _members(frame) if not name.endswith(ENDS)), "")


def _members(frame: Mapping[str, object] | None) -> list[str]:
    members = frame.get("nodes") if frame is not None else None
    return [str(each) for each in members] if isinstance(members, list) else []
