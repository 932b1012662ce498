"""The brace notation: ``node TYPE NAME { key: value ... }``, with fields in place of most edges."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from gmn_llm.findings import quote
from gmn_llm.gmn.limits import DEFAULT_LIMITS
from gmn_llm.gmn.notation.fields import ABOUT, PARENTS, RENAMED, ROLES, TARGETS, TYPES, kind_of
from gmn_llm.gmn.notation.graph import Graph
from gmn_llm.gmn.notation.parsed import EdgeStatement, HeaderStatement, NodeStatement
from gmn_llm.gmn.notation.reader import read_statements

if TYPE_CHECKING:
    from gmn_llm.gmn.limits import Limits
    from gmn_llm.gmn.notation.parsed import Field, Parsed, Place
    from gmn_llm.gmn.notation.reader import Reading

__all__ = ["parse_brace"]

MOST_COPIED = 100_000  # fields of transitions that others stand for


def parse_brace(text: str, *, default_name: str, limits: Limits = DEFAULT_LIMITS) -> Parsed:
    """Read a document in the brace notation.

    An explicit likelihood or transition with one row for each state, as FreeAgentics' prompts write them, is
    turned. All mistakes come back in one pass.

    Args:
        text: The document.
        default_name: Its name where it gives none, which is a warning.
        limits: What is too large to be read.
    """
    brace = _Brace(read_statements(text, "brace", limits), limits)
    brace.read()
    if any(isinstance(properties.get("matrix"), list) for properties in brace.graph.properties):
        from gmn_llm.gmn.notation.turning import turn_matrices  # loads NumPy

        turn_matrices(brace.graph)
    return brace.graph.finished(default_name=default_name)


class _Brace:
    def __init__(self, reading: Reading, limits: Limits) -> None:
        self.graph = Graph(reading)
        self._most_edges = limits.edges
        self._copied = 0
        self._statements = reading.statements
        self._nodes = [statement for statement in reading.statements if isinstance(statement, NodeStatement)]
        # What the fields mean depends on nodes that may come later.
        self._kinds: dict[str, str] = {}
        for node in self._nodes:
            self._kinds.setdefault(node.id, kind_of(node.type))
        self._copies = self._named_copies()
        self._driven: list[_Driven] = []

    def read(self) -> None:
        """Add what the statements say to the graph, in their order."""
        for statement in self._statements:
            if isinstance(statement, HeaderStatement):
                self.graph.add_header(statement)
            elif isinstance(statement, NodeStatement):
                for node_id, target in self._copies_of(statement):
                    self._add_node(statement, node_id, target)
            elif isinstance(statement, EdgeStatement):
                self._add_edge(statement)
        parents = self._parents() if self._driven else {}
        for driven in self._driven:
            self._name_factor(driven, parents.get(driven.node_id, set()))

    def _named_copies(self) -> dict[str, list[tuple[str, str]]]:
        """Return id and target of each transition that one with several targets stands for."""
        copies: dict[str, list[tuple[str, str]]] = {}
        for node in self._nodes:
            if len(_several_targets(node)) > 1 and node.id not in copies:
                pairs = []
                for target in _several_targets(node):
                    node_id = f"{node.id}_{target}"
                    while node_id in self._kinds:
                        node_id += "_"
                    self._kinds[node_id] = "transition"
                    pairs.append((node_id, target))
                copies[node.id] = pairs
        return copies

    def _copies_of(self, node: NodeStatement) -> list[tuple[str, str | None]]:
        if len(_several_targets(node)) < 2:
            return [(node.id, None)]
        copies = self._copies.get(node.id, [])
        before, self._copied = self._copied, self._copied + len(copies) * (len(node.fields) + 1)
        if self._copied <= MOST_COPIED:
            return list(copies)
        if before <= MOST_COPIED:
            message = f"{quote(node.id)} stands for {len(copies)} transitions with {len(node.fields)} fields each"
            self.graph.note("size-limit", "", message, "divide the model", node.place)
        return []

    def _add_node(self, node: NodeStatement, node_id: str, target: str | None) -> None:
        kind = kind_of(node.type)
        roles, renamed = ROLES.get(kind, {}), RENAMED.get(kind, {})
        said: set[str] = set()
        properties = self.graph.add_node(node_id, TYPES.get(node.type, node.type), node.place)
        for field in node.fields:
            if field.quoted:
                self.graph.put_property(field.key, field)
            elif field.key == "metadata":
                self.graph.put_node_metadata(field)
            elif field.key not in roles:
                self.graph.put_property(renamed.get(field.key, field.key), field)
            elif field.key in said:
                self.graph.repeated(field)
            else:
                said.add(field.key)
                self._add_role(node_id, roles[field.key], field, several=target is not None)
        if target is not None:
            self._driven.append(_Driven(node_id, properties, target, node.place))

    def _add_role(self, node_id: str, role: str, field: Field, *, several: bool) -> None:
        """Add the edges that a field stands for."""
        place = self.graph.place_of_value(field)
        names = _names(field.value)
        if names is None:
            message = f"`{field.key}` takes a name or a list of names, not {quote(field.value)}"
            hint = f"write `{field.key}: name` or `{field.key}: [name, name]`"
            hint = "write `start:` for the index of a state" if field.key == "state" else hint
            self.graph.note("text-syntax", "", message, hint, place)
        elif role == PARENTS:
            for name in names:
                self._link(name, node_id, "depends_on", place)
        elif role == TARGETS:
            for name in names:
                self._link(node_id, name, "generates", place)
        elif role == ABOUT:
            for name in names:
                self._link(node_id, name, "depends_on", place)
        elif names and not several:
            self._driven.append(_Driven(node_id, self.graph.properties[-1], names[0], place))

    def _add_edge(self, edge: EdgeStatement) -> None:
        for number in range(self._link(edge.source, edge.target, edge.type, edge.place)):
            if edge.fields is not None:
                self.graph.put_edge_fields(edge.fields, back=number)

    def _link(self, source: str, target: str, edge_type: str, place: Place) -> int:
        """Add an edge, or one for each copy of a transition with several targets; return how many."""
        sources = [node_id for node_id, _ in self._copies.get(source, [(source, "")])]
        targets = [node_id for node_id, _ in self._copies.get(target, [(target, "")])]
        pairs = ((one, other) for one in sources for other in targets)
        # One more than there may be is told as too many; an edge between two that stand for many could be a million.
        added = list(islice(pairs, max(0, self._most_edges + 1 - len(self.graph.edges))))
        for one, other in added:
            self.graph.add_edge(one, other, edge_type, place)
        return len(added)

    def _parents(self) -> dict[str, set[str]]:
        """Return the states that each node depends on."""
        parents: dict[str, set[str]] = {}
        for edge in self.graph.edges:
            source = str(edge["source"])
            if edge["type"] == "depends_on" and self._kinds.get(source) == "state":
                parents.setdefault(str(edge["target"]), set()).add(source)
        return parents

    def _name_factor(self, driven: _Driven, parents: set[str]) -> None:
        """Write down the factor a transition drives, unless its parents leave no choice."""
        given = driven.properties.get("factor")
        if given is not None and given != driven.target:
            both = f"{quote(driven.target)} by `to` and {quote(given)} by `factor`"
            message = f"{quote(driven.node_id)} drives {both}"
            self.graph.note("ambiguous-factor", "", message, "leave one of them out", driven.place)
        elif parents != {driven.target}:
            driven.properties["factor"] = driven.target


@dataclass(frozen=True, slots=True)
class _Driven:
    """A transition that says what it drives by its `to`."""

    node_id: str
    properties: dict[str, object]
    target: str
    place: Place


def _several_targets(node: NodeStatement) -> list[str]:
    if kind_of(node.type) == "transition":
        for field in node.fields:
            if field.key == "to" and not field.quoted:
                return _names(field.value) or []
    return []


def _names(value: object) -> list[str] | None:
    """Return the names a field lists, or None where it holds something else."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        names = [item for item in value if isinstance(item, str)]
        return names if len(names) == len(value) else None
    return None
