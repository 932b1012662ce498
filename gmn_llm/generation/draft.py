"""The compact draft a model is asked for, and the document it stands for.

Each factor brings its own action and its own sense, so that most references are by containment and can't be got
wrong; code writes ids, nodes, edges and matrices. What can be mended without a doubt (a size against labels, a
name used twice) is mended and told. A rule, wish or start that names what is not there is left for the checks, so that
the model is asked; only a lenient compilation, the last resort, leaves it out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from gmn_llm.generation.draft_moves import moves_of, usual_actions
from gmn_llm.generation.draft_numbers import number, share, whole
from gmn_llm.generation.draft_rules import Rule, looked_at, meaningful, objects, place_of, words, written
from gmn_llm.gmn.limits import Limits

__all__ = ["compiled", "is_draft", "traced"]

Object = Mapping[str, object]
MOST_STATES = Limits().states
MOST_WRITTEN = 1000
"""Values up to which a preference is written out; no size that a model says may cost memory before it is checked."""
ORIGINS = {"transition": "/change", "action": "/actions", "preference": "/prefer", "belief": "/start"}
"""Where in a factor a node comes from."""


def is_draft(value: object) -> bool:
    """Return whether an answer is a draft and not a document."""
    return isinstance(value, Mapping) and isinstance(value.get("factors"), list) and "nodes" not in value


def compiled(draft: Object, *, lenient: bool = False) -> dict[str, object]:
    """Return the canonical document that ``draft`` stands for.

    Args:
        draft: What a model wrote, with ``factors`` as a list; anything else in it may be missing or misshapen.
        lenient: Whether what names what is not there (rules, wishes, a start) is left out, and told, instead of being
            kept for the checks to find.

    Returns:
        A document to be checked. ``metadata`` has ``unread`` (what the model could not use) and ``assumptions``
        (what was mended here), each only where there is something to tell.
    """
    return _Draft(draft, lenient=lenient).document()


def traced(draft: Object, *, lenient: bool = False) -> tuple[dict[str, object], tuple[str, ...]]:
    """Return the document of ``compiled``, and for each of its nodes the JSON pointer to its origin in ``draft``."""
    work = _Draft(draft, lenient=lenient)
    return work.document(), tuple(work.origins)


class _Draft:
    def __init__(self, draft: Object, *, lenient: bool) -> None:
        self.draft = draft
        self.lenient = lenient
        self.nodes: list[dict[str, object]] = []
        self.edges: list[dict[str, object]] = []
        self.assumptions: list[str] = []
        self.ids: set[str] = set()
        self.sizes: dict[str, int] = {}
        self.changes: dict[str, str] = {}
        self.choices: dict[str, Sequence[str]] = {}
        self.labels: dict[str, Sequence[str]] = {}
        self.aliases: dict[str, str] = {}
        self.deciding = False
        self.origins: list[str] = []
        self.origin = ""

    def document(self) -> dict[str, object]:
        factors = [(self._factor(factor), factor) for factor in self._each("factors")]
        for place, (state, factor) in enumerate(factors):
            self.origin = f"/factors/{place}"
            self._change(state, factor)
        for place, (state, factor) in enumerate(factors):
            self.origin = f"/factors/{place}"
            self._seen(state, factor)
            self._start(state, factor)
        for sense in self._each("senses"):
            self._sense(sense)
        self.origin = ""
        if not any(node["type"] == "observation" for node in self.nodes) and factors:
            self.assumptions.append("nothing was said to be seen: the first factor is seen perfectly")
            self._observe(factors[0][0], 1.0, [])
        if not self.deciding and factors:
            self._idle(factors[0][0])
        steps = whole(self.draft.get("steps_ahead"), 1)
        if steps > 1:
            self.origin = "/steps_ahead"
            self._node("policy", "policy", policy_len=steps)
        return self._finished()

    def _each(self, key: str) -> Iterator[Object]:
        """Yield the objects of a list of the draft; what is made meanwhile has its origin there."""
        for place, part in enumerate(objects(self.draft.get(key))):
            self.origin = f"/{key}/{place}"
            yield part

    def _finished(self) -> dict[str, object]:
        metadata: dict[str, object] = {}
        unread = words(self.draft.get("unread"))
        if unread:
            metadata["unread"] = unread
        if self.assumptions:
            metadata["assumptions"] = self.assumptions
        document: dict[str, object] = {"name": _text(self.draft.get("name")) or "model"}
        description = _text(self.draft.get("description"))
        if description:
            document["description"] = description
        return document | {"nodes": self.nodes, "edges": self.edges, "metadata": metadata}

    def _node(self, wanted: str, node_type: str, **properties: object) -> str:
        node_id = self._fresh(wanted)
        self.nodes.append({"id": node_id, "type": node_type, "properties": properties})
        self.origins.append(f"{self.origin}{ORIGINS.get(node_type, '')}" if "/factors/" in self.origin else self.origin)
        return node_id

    def _fresh(self, wanted: str) -> str:
        """Return an id that is not taken, as near to ``wanted`` as the notation allows."""
        base = re.sub(r"[^A-Za-z0-9_]+", "_", wanted).strip("_") or "part"
        base = base if not base[0].isdigit() else f"n{base}"
        name, count = base, 2
        while name in self.ids:
            name, count = f"{base}_{count}", count + 1
        self.ids.add(name)
        return name

    def _edge(self, source: str, target: str, kind: str = "depends_on") -> None:
        edge = {"source": source, "target": target, "type": kind}
        if edge not in self.edges:
            self.edges.append(dict(edge))

    def _factor(self, factor: Object) -> str:
        """Add the state node; the size follows the grid, else the labels, else what was said."""
        said, labels = whole(factor.get("size"), 0), words(factor.get("labels"))
        name = _text(factor.get("name")) or "state"
        change = cast("Object", factor["change"]) if isinstance(factor.get("change"), Mapping) else {}
        size = said if said >= 1 else max(1, len(labels))
        if change.get("kind") == "grid" and _cells(change):
            size = _cells(change)
        elif len(labels) > 1 and len(set(labels)) == len(labels):
            size = len(labels)
        if said != size:
            what = "the grid" if change.get("kind") == "grid" else "its labels"
            self.assumptions.append(f"{name}: {size} states, not {said}, to fit {what}")
        labels = self._usable(name, size, labels)
        state = self._node(name, "state", num_states=size, **({"labels": labels} if labels else {}))
        self.sizes[state], self.labels[state] = size, labels
        self.aliases.setdefault(name, state)
        return state

    def _usable(self, name: str, size: int, labels: list[str]) -> list[str]:
        if labels and (len(labels) != size or len(set(labels)) != len(labels)):
            self.assumptions.append(f"{name}: its {len(labels)} labels for {size} values were left out")
            return []
        return labels

    def _change(self, state: str, factor: Object) -> None:
        change = cast("Object", factor["change"]) if isinstance(factor.get("change"), Mapping) else {}
        kind, size = str(change.get("kind", "identity")), self.sizes[state]
        actions = list(dict.fromkeys(words(factor.get("actions"))))
        if kind in ("grid", "line", "cycle", "set") and not actions:
            actions = usual_actions(kind, min(size, MOST_STATES))
            self.assumptions.append(f"{state}: no actions were named, so {', '.join(actions[:5])}")
        if kind == "set" and len(actions) != size <= MOST_STATES:
            self.assumptions.append(f"{state}: {len(actions)} actions for {size} states, so one for each state")
            actions = [f"to_{label}" for label in self.labels[state] or range(size)]
        if kind == "grid" and not _cells(change):
            kind = "line"
            self.assumptions.append(f"{state}: a grid without rows and columns is a line of {size}")
        action = None
        if actions and kind not in ("random_walk", "identity"):
            action = self._node(f"{state}_action", "action", num_actions=len(actions), labels=actions)
            self.deciding = True
            self.choices[action] = actions
            self.aliases.setdefault("action", action)
        names = self.aliases | ({"action": action} if action else {})
        matrix = self._matrix(state, kind, change, actions, names)
        transition = self.changes[state] = self._node(f"{state}_change", "transition", matrix=matrix)
        self._edge(state, transition)
        if kind == "rules":
            self._parents(transition, cast("list[Rule]", matrix["rules"]), ("state", "action"))
            self.nodes[-1]["properties"] = {"matrix": matrix, "factor": state}
        if action:
            self._edge(action, transition)

    def _matrix(
        self, state: str, kind: str, change: Object, actions: Sequence[str], names: Mapping[str, str]
    ) -> dict[str, object]:
        slip = self._share(state, "slip", change.get("slip"), 0.0)
        matrix: dict[str, object] = {"kind": kind}
        if kind == "grid":
            rows, cols = whole(change.get("rows"), 0), whole(change.get("cols"), 0)
            matrix |= {"rows": rows, "cols": cols}
            walls = [wall for wall in _cells_of(change.get("walls")) if wall[0] < rows and wall[1] < cols]
            if walls:
                matrix["walls"] = walls
        if kind in ("grid", "line", "cycle"):
            if slip:
                matrix["slip"] = slip
            moves = moves_of(kind, actions)
            if moves:
                matrix["moves"] = moves
        elif kind == "set" and slip:
            matrix["reliability"] = 1.0 - slip
        elif kind == "rules":
            matrix["rules"] = self._rules(state, change.get("rules"), names, self.labels[state], self.sizes[state])
        return matrix

    def _rules(
        self, name: str, rules: object, names: Mapping[str, str], labels: Sequence[str], size: int
    ) -> list[Rule]:
        """Return rules in the notation's form; the lenient draft leaves out what they name and is not there."""
        given = written(rules, names)
        if not self.lenient:
            return given
        parts = {state: (count, self.labels[state]) for state, count in self.sizes.items()}
        parts |= {
            action: (len(choices), choices) for action, choices in self.choices.items() if action in names.values()
        }
        kept, changed = meaningful(given, parts=parts, target=(size, labels))
        if changed:
            self.assumptions.append(f"{name}: {changed} of its {len(given)} rules name what is not there")
        return kept

    def _parents(self, node: str, rules: Sequence[Rule], types: Sequence[str]) -> None:
        """Tie ``node`` to every state and action that its rules look at and that is there."""
        kinds = {str(part["id"]): part["type"] for part in self.nodes}
        for name in looked_at(rules):
            if kinds.get(name) in types:
                self._edge(name, node)

    def _share(self, name: str, what: str, value: object, default: float) -> float:
        read, mended = share(value, default)
        if mended:
            self.assumptions.append(f"{name}: the {what} {mended}")
        return read

    def _seen(self, state: str, factor: Object) -> None:
        accuracy = self._share(state, "accuracy", factor.get("accuracy"), 1.0)
        wishes = objects(factor.get("prefer"))
        if accuracy > 0:
            self._observe(state, accuracy, wishes)
        elif wishes:
            self.assumptions.append(f"{state}: it is preferred but was said not to be seen, so it is seen")
            self._observe(state, 1.0, wishes)

    def _observe(self, state: str, accuracy: float, wishes: Sequence[Object]) -> None:
        size, labels = self.sizes[state], self.labels[state]
        seen = self._node(
            f"{state}_seen",
            "observation",
            num_observations=size,
            **({"labels": list(labels)} if labels else {}),
        )
        noisy = accuracy < 1 and size > 1
        matrix = {"kind": "noisy_identity", "accuracy": accuracy} if noisy else {"kind": "identity"}
        likelihood = self._node(f"{state}_sight", "likelihood", matrix=matrix)
        self._edge(state, likelihood)
        self._edge(likelihood, seen, "generates")
        self._prefer(seen, size, labels, wishes)

    def _prefer(self, seen: str, size: int, labels: Sequence[str], wishes: Sequence[Object]) -> None:
        values, strange = dict[int, float](), dict[str, float]()
        for wish in wishes:
            value, strength = str(wish.get("value")), number(wish.get("strength"), 1.0)
            place = place_of(value, labels)
            if isinstance(place, int) and place < size:
                values[place] = strength
            elif self.lenient:
                self.assumptions.append(f"{seen}: the wish for {value[:40]!r} was left out, for there is no such value")
            else:
                strange[value] = strength
        wanted = {k: values[k] for k in sorted(values) if values[k]}
        if wanted or strange:
            said: dict[str, object] = {"vector": [wanted.get(k, 0.0) for k in range(min(size, MOST_WRITTEN))]}
            if labels or strange or size > MOST_WRITTEN:
                said = {"values": {labels[k] if labels else str(k): value for k, value in wanted.items()} | strange}
            self._edge(self._node(f"{seen}_wish", "preference", **said), seen)

    def _start(self, state: str, factor: Object) -> None:
        said = factor.get("start")
        if said is None or said == "" or isinstance(said, bool):
            return
        place = place_of(str(said), self.labels[state])
        if self.lenient and not (isinstance(place, int) and place < self.sizes[state]):
            self.assumptions.append(f"{state}: it can't start in {str(said)[:40]!r}, so anywhere")
            return
        named = self.labels[state][place] if isinstance(place, int) and place < len(self.labels[state]) else place
        self._edge(self._node(f"{state}_start", "belief", state=named), state)

    def _sense(self, sense: Object) -> None:
        name, labels = _text(sense.get("name")) or "sense", list(dict.fromkeys(words(sense.get("labels"))))
        if len(labels) < 2:
            self.assumptions.append(f"{name}: a sense with fewer than two outcomes tells nothing and was left out")
            return
        seen = self._node(name, "observation", num_observations=len(labels), labels=labels)
        states_alone = {alias: node for alias, node in self.aliases.items() if node in self.sizes}
        rules = self._rules(name, sense.get("rules"), states_alone, labels, len(labels))
        likelihood = self._node(f"{seen}_sight", "likelihood", matrix={"kind": "rules", "rules": rules})
        for parent in dict.fromkeys(words(sense.get("depends_on"))):
            if parent in states_alone:
                self._edge(states_alone[parent], likelihood)
            else:
                self.assumptions.append(f"{name}: there is no factor {parent[:40]!r} that it could depend on")
        self._parents(likelihood, rules, ("state",))
        if not rules:
            self.assumptions.append(f"{name}: no rule says what is sensed where, so it tells nothing")
        if self.sizes and not any(edge["target"] == likelihood for edge in self.edges):
            self._edge(next(iter(self.sizes)), likelihood)
        self._edge(likelihood, seen, "generates")
        self._prefer(seen, len(labels), labels, objects(sense.get("prefer")))

    def _idle(self, state: str) -> None:
        """Give an agent that can do nothing the one choice there is, since the notation asks for an action."""
        self.assumptions.append("the agent can do nothing: it has the one action 'wait'")
        action = self._node("action", "action", num_actions=1, labels=["wait"])
        self._edge(action, self.changes[state])


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _cells(change: Object) -> int:
    rows, cols = whole(change.get("rows"), 0), whole(change.get("cols"), 0)
    return rows * cols if rows > 0 and cols > 0 else 0


def _cells_of(walls: object) -> list[list[int]]:
    cells = walls if isinstance(walls, list) else []
    return [[whole(cell[0], 0), whole(cell[1], 0)] for cell in cells if isinstance(cell, list) and len(cell) == 2]
