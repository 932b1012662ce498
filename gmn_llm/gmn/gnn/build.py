"""From the variables of a GNN file to the nodes and edges of a document."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from gmn_llm.findings import Finding, Severity, quote
from gmn_llm.gmn.gnn.matrices import Numbers, matrix, vector
from gmn_llm.gmn.gnn.ties import TYPES, Axis, Ids, Ties
from gmn_llm.gmn.words import listed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gmn_llm.gmn.gnn.axes import Axes
    from gmn_llm.gmn.gnn.statements import Place
    from gmn_llm.gmn.gnn.variables import Variable, Variables

__all__ = ["Built", "build"]

COUNTS = {"s": "num_states", "o": "num_observations", "u": "num_actions"}
POLICY = "π"


@dataclass(slots=True)
class Built:
    """Nodes and edges, with their places by JSON pointer, and what is wrong with them or was changed."""

    nodes: list[dict[str, object]] = field(default_factory=list)
    edges: list[dict[str, object]] = field(default_factory=list)
    places: dict[str, Place] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def build(
    variables: Variables, notes: Mapping[str, Mapping[str, object]], plan: Mapping[str, object], axes: Axes
) -> Built:
    """Return the nodes and edges that the variables stand for.

    Args:
        variables: Those of the file.
        notes: What comments say of them: ``id``, ``labels``, ``description``.
        plan: The properties of the policy that are said.
        axes: ``detect``, ``documented``, or an order for a variable's name or letter.
    """
    builder = _Builder(variables, notes, axes)
    builder.add_axes()
    builder.add_arrays()
    builder.add_policy(plan)
    builder.built.findings += builder.ties.findings
    return builder.built


class _Builder:
    """Builds one document; used once."""

    def __init__(self, variables: Variables, notes: Mapping[str, Mapping[str, object]], axes: Axes) -> None:
        self.variables = variables
        self.notes = notes
        self.order = axes
        self.built = Built()
        self.ids = Ids(notes)
        self.ties = Ties(variables, self.ids)

    def _tell(self, code: str, message: str, hint: str, place: Place) -> None:
        self.built.findings.append(Finding(code, "", message, hint, *place))

    def _node(
        self, name: str, node_type: str, node_id: str, variable: Variable | None, properties: Mapping[str, object]
    ) -> None:
        """Add a node; a comment behind the declaration is its description, unless a note says more."""
        note = self.notes.get(name, {})
        comment = variable.declared.comment if variable is not None and not note else ""
        said = {key: value for key, value in properties.items() if value is not None}
        said |= {key: note[key] for key in ("labels", "description") if key in note}
        if comment:
            said["description"] = comment
        if variable is not None:
            self.built.places[f"/nodes/{len(self.built.nodes)}"] = variable.place
        self.built.nodes.append({"id": node_id, "type": node_type, "properties": said})

    def _edge(self, source: str, target: str, edge_type: str = "depends_on") -> None:
        self.built.edges.append({"source": source, "target": target, "type": edge_type})

    def add_axes(self) -> None:
        ties = self.ties
        for letter, axes in (("s", ties.factors), ("o", ties.modalities), ("u", ties.actions)):
            for key, axis in axes.items():
                variable = self.variables.by_letter[letter].get(key)
                name = variable.name if variable is not None else ""
                self._node(name, TYPES[letter], axis.id, variable, {COUNTS[letter]: axis.size})

    def add_arrays(self) -> None:
        for variable in self.variables.of("A"):
            self._add_likelihood(variable)
        for variable in self.variables.of("B"):
            self._add_transition(variable)
        for variable in self.variables.of("C"):
            self._add_subject(variable, "preference", "o", self.ties.modality(variable))
        for variable in self.variables.of("D"):
            self._add_subject(variable, "belief", "s", self.ties.factor(variable))

    def _is_known(self, variable: Variable, letter: str, about: Axis | None) -> bool:
        axes = self.ties.factors if letter == "s" else self.ties.modalities
        if about is None and axes:
            message = f"{quote(variable.name)} belongs to no {TYPES[letter]}"
            known = listed(axis.id for axis in axes.values())
            hint = f"connect it with one of {known}, or give it the same ending"
            self._tell("bad-reference", message, hint, variable.declared.place)
        return about is not None

    def _add_likelihood(self, variable: Variable) -> None:
        modality, parents = self.ties.modality(variable), self.ties.parents(variable)
        if not self._is_known(variable, "o", modality) or modality is None:
            return
        if not parents and self.ties.factors:
            message = f"{quote(variable.name)} is connected with no state"
            self._tell("bad-edge", message, f"say which it depends on: `s-{variable.name}`", variable.declared.place)
            return
        groups = ((modality.size,), tuple(axis.size for axis in parents))
        node_id = self.ids.of(variable.name)
        numbers = matrix(variable, groups, self.order)
        self._take(numbers)
        self._node(variable.name, "likelihood", node_id, variable, {"matrix": numbers.value})
        for axis in parents:
            self._edge(axis.id, node_id)
        self._edge(node_id, modality.id, "generates")

    def _add_transition(self, variable: Variable) -> None:
        factor = self.ties.factor(variable)
        if not self._is_known(variable, "s", factor) or factor is None:
            return
        parents, controls = self.ties.parents(variable), self.ties.controls(variable)
        choices = tuple(axis.size for axis in controls) or (1,)
        node_id = self.ids.of(variable.name)
        numbers = matrix(variable, ((factor.size,), tuple(axis.size for axis in parents), choices), self.order)
        self._take(numbers)
        properties = {"matrix": numbers.value, "factor": factor.id if len(parents) > 1 else None}
        self._node(variable.name, "transition", node_id, variable, properties)
        for axis in (*parents, *controls):
            self._edge(axis.id, node_id)

    def _add_subject(self, variable: Variable, node_type: str, letter: str, about: Axis | None) -> None:
        if not self._is_known(variable, letter, about) or about is None:
            return
        numbers = vector(variable, about.size)
        self._take(numbers)
        node_id = self.ids.of(variable.name)
        self._node(variable.name, node_type, node_id, variable, {"vector": numbers.value})
        self._edge(node_id, about.id)

    def _take(self, numbers: Numbers) -> None:
        """Keep what is to be said of the numbers of the node that comes next."""
        path = f"/nodes/{len(self.built.nodes)}/properties/matrix"
        for found in numbers.findings:
            is_error = found.severity is Severity.ERROR
            self.built.findings.append(found if is_error else replace(found, path=path))

    def add_policy(self, plan: Mapping[str, object]) -> None:
        habits = self.variables.of("E")
        for variable in habits[1:]:
            message = f"{quote(variable.name)} is one more beside {quote(habits[0].name)}"
            self._tell("unsupported", message, "habits are about whole policies: keep one", variable.declared.place)
        properties = dict(plan)
        if habits:
            numbers = vector(habits[0], habits[0].size)
            self._take(numbers)
            if numbers.value is not None:
                properties["habits"] = numbers.value
        if properties or POLICY in self.notes:
            noted = self.ids.of(POLICY) if "id" in self.notes.get(POLICY, {}) else self.ids.of("policy")
            self._node(POLICY, "policy", noted, habits[0] if habits else None, properties)
