"""What a document's edges mean: factors, modalities, controls, and which array belongs to which.

``resolve`` reads a document that meets the schema. It expands nothing and costs time in proportion to nodes and
edges only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from gmn_llm.findings import Finding, quote
from gmn_llm.gmn.dialects import COUNTS

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Axis", "Likelihood", "Policy", "Structure", "Subject", "Transition", "resolve"]


@dataclass(frozen=True)
class Axis:
    """A state factor, an observation modality or an action: something with a size and perhaps labels.

    Attributes:
        index: Its place among those of its type, in node order.
        id: The node's id.
        size: Number of its values.
        labels: A name for each value, or empty.
        path: JSON pointer to the node.
    """

    index: int
    id: str
    size: int
    labels: tuple[str, ...]
    path: str

    @cached_property
    def places(self) -> Mapping[str, int]:
        """Label to index."""
        return {label: place for place, label in enumerate(self.labels)}

    def find(self, reference: object) -> int | None:
        """Return the index that an index or a label stands for, or None."""
        if isinstance(reference, str):
            return self.places.get(reference)
        if isinstance(reference, float) and reference.is_integer():
            reference = int(reference)
        if isinstance(reference, int) and not isinstance(reference, bool) and 0 <= reference < self.size:
            return reference
        return None

    def find_key(self, key: str) -> int | None:
        """Return the index for a key of an object: a label, or else the index written in digits."""
        found = self.places.get(key)
        if found is None and key.isascii() and key.isdigit() and len(key) < 10:
            found = self.find(int(key))
        return found

    @property
    def known(self) -> str:
        """What may stand where one of its values is expected, in words."""
        if not self.labels:
            return f"an index from 0 to {self.size - 1}"
        more = ", ..." if len(self.labels) > 20 else ""
        return "one of " + ", ".join(quote(label) for label in self.labels[:20]) + more


@dataclass(frozen=True, slots=True)
class Likelihood:
    """One A: how a modality depends on factors, axes (outcomes, states of each parent in edge order)."""

    id: str
    path: str
    properties: Mapping[str, object]
    modality: Axis
    parents: tuple[Axis, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """(num_obs, num_states of each parent)."""
        return (self.modality.size, *(parent.size for parent in self.parents))


@dataclass(frozen=True, slots=True)
class Transition:
    """One B: how a factor changes, axes (next states, states of each parent, choices of each action).

    ``spread`` says that the edges left the factor out of its own parents and it was added as the first.
    """

    id: str
    path: str
    properties: Mapping[str, object]
    factor: Axis
    parents: tuple[Axis, ...]
    controls: tuple[Axis, ...]
    spread: bool = False

    @property
    def shape(self) -> tuple[int, ...]:
        """(num_states, num_states of each parent, num_actions of each action or a single 1)."""
        return (self.factor.size, *(p.size for p in self.parents), *(c.size for c in self.controls or ()), *((1,) * (not self.controls)))

    @property
    def written_shape(self) -> tuple[int, ...]:
        """The shape that an explicit list has: without the factor's own axis where it was left out."""
        return (self.shape[0], *self.shape[2:]) if self.spread else self.shape

    @property
    def own(self) -> int:
        """Place of the factor among its own parents."""
        return self.parents.index(self.factor)


@dataclass(frozen=True, slots=True)
class Subject:
    """A preference (C) or belief (D) and what it is about."""

    id: str
    path: str
    properties: Mapping[str, object]
    about: Axis
    about_type: str


@dataclass(frozen=True, slots=True)
class Policy:
    """How the agent plans; defaults are FreeAgentics' (gamma and alpha 16, one step)."""

    path: str = ""
    properties: Mapping[str, object] = field(default_factory=dict)

    @property
    def policy_len(self) -> int:
        """Steps planned ahead."""
        value = self.properties.get("policy_len", 1)
        return int(value) if isinstance(value, int | float) else 1


@dataclass(frozen=True)
class Structure:
    """A document's parts, tied together as far as its edges allow.

    ``likelihoods``, ``preferences`` and ``transitions``, ``beliefs`` have the index of the modality or factor as
    key; where the document has none there is no entry. ``state_preferences`` are those that point at a factor;
    ``ids`` are those of all nodes.
    """

    factors: tuple[Axis, ...]
    modalities: tuple[Axis, ...]
    controls: tuple[Axis, ...]
    likelihoods: Mapping[int, Likelihood]
    transitions: Mapping[int, Transition]
    preferences: Mapping[int, Subject]
    state_preferences: tuple[Subject, ...]
    beliefs: Mapping[int, Subject]
    policy: Policy
    ids: frozenset[str]
    findings: tuple[Finding, ...]

    @cached_property
    def by_id(self) -> Mapping[str, Axis]:
        """Factors, modalities and controls by their id."""
        return {axis.id: axis for axis in (*self.factors, *self.modalities, *self.controls)}

    @cached_property
    def used_controls(self) -> tuple[Axis, ...]:
        """The actions that drive a factor, in node order."""
        used = {control.index for transition in self.transitions.values() for control in transition.controls}
        return tuple(control for control in self.controls if control.index in used)


ALLOWED = {
    ("state", "likelihood", "depends_on"), ("likelihood", "observation", "generates"),
    ("state", "transition", "depends_on"), ("action", "transition", "depends_on"),
    ("transition", "state", "updates"), ("preference", "observation", "depends_on"),
    ("preference", "state", "depends_on"), ("belief", "state", "depends_on"),
}  # fmt: skip


def resolve(document: Mapping[str, object]) -> Structure:
    """Tie the parts of ``document`` (which must meet the schema) together; faults end up in ``findings``."""
    return _Resolver(document).structure()


class _Resolver:
    def __init__(self, document: Mapping[str, object]) -> None:
        nodes, edges = document["nodes"], document.get("edges", [])
        self.nodes: Sequence[Mapping[str, object]] = nodes if isinstance(nodes, Sequence) else ()
        self.edges: Sequence[Mapping[str, object]] = edges if isinstance(edges, Sequence) else ()
        self.found: list[Finding] = []
        self.at: dict[str, int] = {}
        self.kinds: dict[str, str] = {}
        self.axes: dict[str, Axis] = {}
        # (id of an array's node, role of the edge) -> ids at the other end, in edge order
        self.ends: dict[tuple[str, str], list[str]] = defaultdict(list)

    def structure(self) -> Structure:
        self._index()
        self._tie()
        self.found.extend(self._loops())
        likelihoods = self._likelihoods()
        transitions = self._transitions()
        preferences, state_preferences = self._preferences()
        beliefs = self._beliefs()
        return Structure(
            factors=self._of("state"),
            modalities=self._of("observation"),
            controls=self._of("action"),
            likelihoods=likelihoods,
            transitions=transitions,
            preferences=preferences,
            state_preferences=state_preferences,
            beliefs=beliefs,
            policy=self._policy(),
            ids=frozenset(self.kinds),
            findings=tuple(self.found),
        )

    def _index(self) -> None:
        counts = dict.fromkeys(COUNTS, 0)
        for k, node in enumerate(self.nodes):
            node_id, node_type = str(node["id"]), str(node["type"])
            if node_id in self.at:
                first = self.at[node_id]
                self.found.append(Finding("duplicate-id", f"/nodes/{k}/id", f"node {k} has the id {node_id!r} of node {first}", "give each node an id of its own"))
                continue
            self.at[node_id] = k
            self.kinds[node_id] = node_type
            if node_type in COUNTS:
                properties = _mapping(node.get("properties"))
                size, labels = properties[COUNTS[node_type]], properties.get("labels", ())
                if isinstance(size, int | float) and isinstance(labels, Sequence):
                    self.axes[node_id] = Axis(counts[node_type], node_id, int(size), tuple(labels), f"/nodes/{k}")
                counts[node_type] += 1
        for node_type, count in counts.items():
            if not count:
                self.found.append(Finding("missing-node", "/nodes", f"there is no node of type {node_type}", f"add at least one {node_type} node with {COUNTS[node_type]}"))

    def _of(self, node_type: str) -> tuple[Axis, ...]:
        return tuple(axis for node_id, axis in self.axes.items() if self.kinds[node_id] == node_type)

    def _array_nodes(self, node_type: str) -> Iterator[tuple[str, str, Mapping[str, object]]]:
        for node_id, kind in self.kinds.items():
            if kind == node_type:
                k = self.at[node_id]
                yield node_id, f"/nodes/{k}", _mapping(self.nodes[k].get("properties"))

    def _tie(self) -> None:
        for k, edge in enumerate(self.edges):
            source, target, kind = str(edge["source"]), str(edge["target"]), str(edge["type"])
            missing = [(end, name) for end, name in (("source", source), ("target", target)) if name not in self.at]
            for end, name in missing:
                self.found.append(Finding("dangling-edge", f"/edges/{k}/{end}", f"edge {k} names {name!r}, which is no node", self._nearest(name)))
            if missing:
                continue
            source_type, target_type = self.kinds[source], self.kinds[target]
            if (source_type, target_type, kind) in ALLOWED:
                self._end(source, target, source_type, kind)
            elif not _is_free(source_type, target_type, kind):
                self.found.append(_bad_edge(k, source, target, source_type, target_type, kind))

    def _end(self, source: str, target: str, source_type: str, kind: str) -> None:
        if source_type in ("state", "action"):
            self.ends[target, source_type].append(source)
        else:
            self.ends[source, kind if source_type == "transition" else "about"].append(target)

    def _nearest(self, name: str) -> str:
        from difflib import get_close_matches

        close = get_close_matches(name, self.at, n=1)
        return f"did you mean {close[0]!r}?" if close else "add the node or remove the edge"

    def _loops(self) -> Iterator[Finding]:
        """Find one loop of ``generates`` and ``depends_on`` edges, by taking away what has no way in."""
        ways: dict[str, list[str]] = defaultdict(list)
        into: dict[str, int] = defaultdict(int)
        for edge in self.edges:
            if edge["type"] in ("generates", "depends_on"):
                ways[str(edge["source"])].append(str(edge["target"]))
                into[str(edge["target"])] += 1
        free = [node for node in ways if not into[node]]
        while free:
            for target in ways.pop(free.pop(), ()):
                into[target] -= 1
                if not into[target]:
                    free.append(target)
        looped = [node for node, count in into.items() if count > 0 and node in ways]
        if looped:
            yield Finding("cycle", "/edges", f"the edges run in a circle through {', '.join(map(repr, looped[:5]))}", "arrows run from states to arrays and on to observations, never back")

    def _one(self, node_id: str, path: str, role: str, what: str) -> str | None:
        ends = self.ends.get((node_id, role), [])
        if len(ends) > 1:
            self.found.append(Finding("ambiguous-factor", path, f"node {node_id!r} points at {', '.join(map(repr, ends))} where one is allowed", f"one node for each {what}"))
        if not ends:
            self.found.append(Finding("bad-edge", path, f"node {node_id!r} points at no {what}", f"add the edge from it to its {what}"))
        return ends[0] if len(ends) == 1 else None

    def _parents(self, node_id: str, path: str) -> tuple[Axis, ...]:
        parents = self.ends.get((node_id, "state"), [])
        if not parents:
            self.found.append(Finding("bad-edge", path, f"node {node_id!r} depends on no state", f"add an edge from a state to {node_id!r} of type depends_on"))
        return self._distinct(node_id, path, parents)

    def _distinct(self, node_id: str, path: str, ids: Sequence[str]) -> tuple[Axis, ...]:
        for name in dict.fromkeys(name for name in ids if ids.count(name) > 1):
            self.found.append(Finding("ambiguous-factor", path, f"node {node_id!r} depends on {name!r} more than once", "keep one of the edges"))
        return tuple(self.axes[name] for name in dict.fromkeys(ids))

    def _taken(self, taken: Mapping[int, Likelihood | Transition | Subject], axis: Axis, node_id: str, path: str, what: str) -> bool:
        other = taken.get(axis.index)
        if other is not None:
            self.found.append(Finding("ambiguous-factor", path, f"{what} {node_id!r} and {other.id!r} are both for {axis.id!r}", "keep one of them"))
        return other is not None

    def _likelihoods(self) -> dict[int, Likelihood]:
        result: dict[int, Likelihood] = {}
        for node_id, path, properties in self._array_nodes("likelihood"):
            parents = self._parents(node_id, path)
            about = self._one(node_id, path, "about", "observation")
            if about is None or not parents:
                continue
            modality = self.axes[about]
            if not self._taken(result, modality, node_id, path, "likelihoods"):
                result[modality.index] = Likelihood(node_id, path, properties, modality, parents)
        return result

    def _transitions(self) -> dict[int, Transition]:
        result: dict[int, Transition] = {}
        factors = self._of("state")
        for place, (node_id, path, properties) in enumerate(self._array_nodes("transition")):
            parents = self._parents(node_id, path)
            controls = self._distinct(node_id, path, self.ends.get((node_id, "action"), []))
            factor = self._driven(node_id, path, properties, parents, factors[place : place + 1])
            if factor is None or not parents:
                continue
            spread = factor not in parents
            if spread:
                parents = (factor, *parents)
            if not self._taken(result, factor, node_id, path, "transitions"):
                result[factor.index] = Transition(node_id, path, properties, factor, parents, controls, spread)
        return result

    def _driven(self, node_id: str, path: str, properties: Mapping[str, object], parents: Sequence[Axis], same_place: Sequence[Axis]) -> Axis | None:
        updates = self.ends.get((node_id, "updates"), [])
        named = properties.get("factor")
        if len(updates) > 1:
            self.found.append(Finding("ambiguous-factor", path, f"transition {node_id!r} updates {', '.join(map(repr, updates))}", "one transition for each state"))
            return None
        if isinstance(named, str):
            if self.kinds.get(named) != "state":
                self.found.append(Finding("bad-reference", f"{path}/properties/factor", f"transition {node_id!r} drives {named!r}, which is no state", self._nearest(named)))
                return None
            if updates and updates[0] != named:
                self.found.append(Finding("ambiguous-factor", path, f"transition {node_id!r} has the factor {named!r} and updates {updates[0]!r}", "keep one of them"))
            return self.axes[named]
        if updates:
            return self.axes[updates[0]]
        if len(parents) > 1 and same_place and same_place[0] in parents:
            return same_place[0]
        return parents[0] if parents else None

    def _preferences(self) -> tuple[dict[int, Subject], tuple[Subject, ...]]:
        result: dict[int, Subject] = {}
        on_states: dict[int, Subject] = {}
        for node_id, path, properties in self._array_nodes("preference"):
            about = self._one(node_id, path, "about", "observation")
            if about is None:
                continue
            axis, about_type = self.axes[about], self.kinds[about]
            taken = on_states if about_type == "state" else result
            if not self._taken(taken, axis, node_id, path, "preferences"):
                taken[axis.index] = Subject(node_id, path, properties, axis, about_type)
        return result, tuple(on_states.values())

    def _beliefs(self) -> dict[int, Subject]:
        result: dict[int, Subject] = {}
        for node_id, path, properties in self._array_nodes("belief"):
            about = self._one(node_id, path, "about", "state")
            if about is not None and not self._taken(result, self.axes[about], node_id, path, "beliefs"):
                result[self.axes[about].index] = Subject(node_id, path, properties, self.axes[about], "state")
        return result

    def _policy(self) -> Policy:
        policies = list(self._array_nodes("policy"))
        for node_id, path, _ in policies[1:]:
            self.found.append(Finding("ambiguous-factor", path, f"policy {node_id!r} is the second one", "one policy node for an agent"))
        return Policy(policies[0][1], policies[0][2]) if policies else Policy()


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _is_free(source_type: str, target_type: str, kind: str) -> bool:
    """Whether the edge is one of those that carry no array."""
    return kind == "influences" or (kind == "queries" and target_type == "llm_query") or (kind == "updates" and source_type == "llm_query")


def _bad_edge(k: int, source: str, target: str, source_type: str, target_type: str, kind: str) -> Finding:
    right = [rule for rule in sorted(ALLOWED) if {rule[0], rule[1]} == {source_type, target_type}]
    if right:
        rule = right[0]
        ends = (source, target) if rule[0] == source_type else (target, source)
        hint = f"it runs {ends[0]} -> {ends[1]} with type {rule[2]}"
    elif {source_type, target_type} == {"state", "observation"}:
        hint = "put a likelihood between them: state -> likelihood depends_on, likelihood -> observation generates"
    elif {source_type, target_type} == {"state", "action"} or source_type == target_type == "state":
        hint = "put a transition between them: state -> transition and action -> transition, both depends_on"
    elif "policy" in (source_type, target_type):
        hint = "a policy has edges of type influences only"
    else:
        hint = "these two have no array between them; use type influences for a mere note"
    return Finding("bad-edge", f"/edges/{k}", f"{quote(source)} ({source_type}) -> {quote(target)} ({target_type}) with type {kind} means nothing", hint)
