"""What a document's edges mean: factors, modalities, controls, and which array belongs to which.

``resolve`` reads a document that meets the schema. It expands nothing and costs time in proportion to nodes and
edges only.
"""

from __future__ import annotations

from collections import defaultdict
from difflib import get_close_matches
from typing import TYPE_CHECKING

from gmn_llm.findings import Finding
from gmn_llm.gmn.dialects import COUNTS
from gmn_llm.gmn.edges import ALLOWED, bad_edge, is_free, loops
from gmn_llm.gmn.parts import Axis, Likelihood, Policy, Structure, Subject, Transition
from gmn_llm.gmn.words import listed, named

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Axis", "Likelihood", "Policy", "Structure", "Subject", "Transition", "resolve"]

# To look for the nearest name takes milliseconds, and there may be thousands of edges.
MOST_GUESSES = 20


def resolve(document: Mapping[str, object]) -> Structure:
    """Tie a document that meets the schema together; what does not fit is in ``findings``."""
    return _Resolver(document).structure()


class _Node:
    """A node as the resolver needs it."""

    __slots__ = ("id", "path", "properties", "type")

    def __init__(self, k: int, node: Mapping[str, object]) -> None:
        self.id = str(node["id"])
        self.type = str(node["type"])
        self.path = f"/nodes/{k}"
        properties = node.get("properties")
        self.properties: Mapping[str, object] = properties if isinstance(properties, dict) else {}


class _Resolver:
    """Collects parts and findings; used once."""

    def __init__(self, document: Mapping[str, object]) -> None:
        nodes, edges = document["nodes"], document.get("edges", ())
        self.edges: Sequence[Mapping[str, object]] = edges if isinstance(edges, list) else ()
        self.found: list[Finding] = []
        self.nodes: dict[str, _Node] = {}
        self.by_type: dict[str, list[_Node]] = defaultdict(list)
        self.axes: dict[str, Axis] = {}
        # (node id, role) -> ids at the other end, in edge order
        self.ends: dict[tuple[str, str], list[str]] = defaultdict(list)
        self.guesses = MOST_GUESSES
        self._index(nodes if isinstance(nodes, list) else ())
        self._tie()

    def structure(self) -> Structure:
        likelihoods, transitions = self._likelihoods(), self._transitions()
        preferences = self._subjects("preference", "observation")
        state_preferences = self._subjects("preference", "state")
        return Structure(
            factors=self._of("state"),
            modalities=self._of("observation"),
            controls=self._of("action"),
            likelihoods=likelihoods,
            transitions=transitions,
            preferences=preferences,
            state_preferences=tuple(state_preferences.values()),
            beliefs=self._subjects("belief", "state"),
            policy=self._policy(),
            ids=frozenset(self.nodes),
            findings=tuple(self.found),
        )

    def _tell(self, code: str, path: str, message: str, hint: str) -> None:
        self.found.append(Finding(code, path, message, hint))

    def _index(self, nodes: Sequence[Mapping[str, object]]) -> None:
        for k, given in enumerate(nodes):
            node = _Node(k, given)
            first = self.nodes.setdefault(node.id, node)
            if first is not node:
                said = f"node {k} has the id {named(node.id)} of node {first.path.rpartition('/')[2]}"
                self._tell("duplicate-id", f"{node.path}/id", said, "give each node an id of its own")
                continue
            same = self.by_type[node.type]
            if node.type in COUNTS:
                size, labels = node.properties[COUNTS[node.type]], node.properties.get("labels", ())
                if isinstance(size, int | float) and isinstance(labels, list | tuple):
                    self.axes[node.id] = Axis(len(same), node.id, int(size), tuple(labels), node.path)
            same.append(node)
        for node_type, count in COUNTS.items():
            if not self.by_type[node_type]:
                hint = f"add at least one {node_type} node with {count}"
                self._tell("missing-node", "/nodes", f"there is no node of type {node_type}", hint)

    def _of(self, node_type: str) -> tuple[Axis, ...]:
        return tuple(self.axes[node.id] for node in self.by_type[node_type])

    def _tie(self) -> None:
        astray = False
        for k, edge in enumerate(self.edges):
            source, target = self.nodes.get(str(edge["source"])), self.nodes.get(str(edge["target"]))
            edge_type = str(edge["type"])
            if source is None or target is None:
                self._dangling(k, edge)
                astray = True
            elif (source.type, target.type, edge_type) not in ALLOWED:
                if not is_free(source.type, target.type, edge_type):
                    self.found.append(bad_edge(k, (source.id, source.type), (target.id, target.type), edge_type))
                    astray = True
            elif source.type in ("state", "action"):
                self.ends[target.id, source.type].append(source.id)
            else:
                self.ends[source.id, "updates" if source.type == "transition" else "about"].append(target.id)
        if astray:  # edges that mean something make no loop among themselves
            self.found.extend(loops(self.edges))

    def _dangling(self, k: int, edge: Mapping[str, object]) -> None:
        for end in ("source", "target"):
            name = str(edge[end])
            if name not in self.nodes:
                said = f"edge {k} names {named(name)}, which is no node"
                self._tell("dangling-edge", f"/edges/{k}/{end}", said, self._nearest(name, self.nodes))

    def _nearest(self, name: str, among: Mapping[str, object]) -> str:
        self.guesses -= 1
        close = get_close_matches(name[:80], among, n=1) if self.guesses >= 0 else []
        return f"did you mean {named(close[0])}?" if close else f"there are {listed(among)}"

    def _one(self, node: _Node, what: str) -> Axis | None:
        """Return what the node points at: one, and only one."""
        ends = self.ends.get((node.id, "about"), [])
        if len(ends) > 1:
            said = f"{node.type} {named(node.id)} points at {listed(ends)} where one is allowed"
            self._tell("ambiguous-factor", node.path, said, f"a {node.type} for each {what}, with an id of its own")
        if not ends:
            said = f"{node.type} {named(node.id)} points at no {what}"
            self._tell("bad-edge", node.path, said, f"add the edge from it to its {what}")
        return self.axes[ends[0]] if len(ends) == 1 else None

    def _parents(self, node: _Node, node_type: str) -> tuple[Axis, ...]:
        ids = self.ends.get((node.id, node_type), [])
        distinct = dict.fromkeys(ids)
        if len(distinct) < len(ids):
            twice = listed(name for name in distinct if ids.count(name) > 1)
            said = f"{node.type} {named(node.id)} depends on {twice} more than once"
            self._tell("ambiguous-factor", node.path, said, "keep one of the edges")
        return tuple(self.axes[name] for name in distinct)

    def _states(self, node: _Node) -> tuple[Axis, ...]:
        parents = self._parents(node, "state")
        if not parents:
            said = f"{node.type} {named(node.id)} depends on no state"
            hint = f"add an edge from a state to {named(node.id)} of type depends_on"
            self._tell("bad-edge", node.path, said, hint)
        return parents

    def _is_taken(self, other: Likelihood | Transition | Subject | None, node: _Node, axis: Axis) -> bool:
        if other is not None:
            said = f"{node.type} {named(node.id)} and {named(other.id)} are both for {named(axis.id)}"
            self._tell("ambiguous-factor", node.path, said, "keep one of them")
        return other is not None

    def _likelihoods(self) -> dict[int, Likelihood]:
        result: dict[int, Likelihood] = {}
        for node in self.by_type["likelihood"]:
            parents, modality = self._states(node), self._one(node, "observation")
            if modality is None or self._is_taken(result.get(modality.index), node, modality) or not parents:
                continue
            result[modality.index] = Likelihood(node.id, node.path, node.properties, modality, parents)
        return result

    def _transitions(self) -> dict[int, Transition]:
        result: dict[int, Transition] = {}
        factors = self._of("state")
        for place, node in enumerate(self.by_type["transition"]):
            parents, controls = self._states(node), self._parents(node, "action")
            factor = self._driven(node, parents, factors[place : place + 1])
            if factor is None or self._is_taken(result.get(factor.index), node, factor) or not parents:
                continue
            added = factor not in parents
            parents = (factor, *parents) if added else parents
            part = Transition(node.id, node.path, node.properties, factor, parents, controls, added)
            result[factor.index] = part
        return result

    def _driven(self, node: _Node, parents: Sequence[Axis], same_place: Sequence[Axis]) -> Axis | None:
        updates, name = self.ends.get((node.id, "updates"), []), node.properties.get("factor")
        said = f"transition {named(node.id)}"
        if len(updates) > 1:
            said = f"{said} updates {listed(updates)} where one is allowed"
            self._tell("ambiguous-factor", node.path, said, "one transition for each state")
            return None
        if isinstance(name, str):
            return self._named_factor(node, name, updates)
        if updates:
            return self.axes[updates[0]]
        if same_place and same_place[0] in parents:
            return same_place[0]
        return parents[0] if parents else None

    def _named_factor(self, node: _Node, name: str, updates: Sequence[str]) -> Axis | None:
        path, said = f"{node.path}/properties/factor", f"transition {named(node.id)}"
        other = self.nodes.get(name)
        if other is None or other.type != "state":
            states = {state.id: state for state in self.by_type["state"]}
            said = f"{said} drives {named(name)}, which is no state"
            self._tell("bad-reference", path, said, self._nearest(name, states))
            return None
        if updates and updates[0] != name:
            said = f"{said} has the factor {named(name)} and updates {named(updates[0])}"
            self._tell("ambiguous-factor", path, said, "keep one of them")
        return self.axes[name]

    def _subjects(self, node_type: str, about_type: str) -> dict[int, Subject]:
        """Return the nodes of a type that point at one node of ``about_type``."""
        result: dict[int, Subject] = {}
        for node in self.by_type[node_type]:
            first = self.ends.get((node.id, "about"), [])[:1]
            # one without an edge is told of where the type it should point at is asked for
            found_type = self.nodes[first[0]].type if first else _SUBJECTS[node_type]
            if found_type != about_type:
                continue
            about = self._one(node, _SUBJECTS[node_type])
            if about is not None and not self._is_taken(result.get(about.index), node, about):
                result[about.index] = Subject(node.id, node.path, node.properties, about)
        return result

    def _policy(self) -> Policy:
        policies = self.by_type["policy"]
        for node in policies[1:]:
            said = f"policy {named(node.id)} is one more beside {named(policies[0].id)}"
            self._tell("ambiguous-factor", node.path, said, "one policy node for an agent")
        return Policy(policies[0].path, policies[0].properties) if policies else Policy()


_SUBJECTS = {"preference": "observation", "belief": "state"}
