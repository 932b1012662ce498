"""A document as a GNN file: all sections in their order, one variable to each factor, modality, action and array.

A single factor, modality or action has plain names (``s``, ``o``, ``u``, ``A``, ``B``, ``C``, ``D``); where there are
several they end in ``_f0``, ``_m0``, ``_c0``, counted in node order. The ids and labels are in comments (``notes``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from gmn_llm.gmn.arrays import arrays, in_node_order
from gmn_llm.gmn.completion import completed
from gmn_llm.gmn.gnn.losses import losses
from gmn_llm.gmn.gnn.notes import MODEL, write_note
from gmn_llm.gmn.gnn.tuples import assignment
from gmn_llm.gmn.pymdp import to_pymdp

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gmn_llm.findings import Finding
    from gmn_llm.gmn.arrays import Arrays
    from gmn_llm.gmn.parts import Axis, Structure
    from gmn_llm.gmn.spec import GMNSpec
    from gmn_llm.provenance import Provenance

__all__ = ["Exported", "write"]

SECTION = "ActInfPOMDP"
VERSION = "GNN v1"
TERMS = {
    "s": "HiddenState", "s_prime": "NextHiddenState", "o": "Observation", "u": "Action",
    "A": "LikelihoodMatrix", "B": "TransitionMatrix", "C": "LogPreferenceVector", "D": "PriorOverHiddenStates",
    "E": "Habit", "π": "PolicyVector", "G": "ExpectedFreeEnergy", "t": "Time",
}  # fmt: skip
# What some reader takes for the end of a line, and what would make a line a heading, a comment or the end of a model.
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\x85\u2028\u2029]")
SIGN = re.compile(r"^\s*#[#\s]*(?:---+\s*$)?|^\s*---+\s*$")


@dataclass(frozen=True, slots=True)
class Exported:
    """A GNN file.

    Attributes:
        text: The file; it stands for the same arrays, labels, ids and plan as the document.
        findings: What of the document is not in it, each ``unsupported``; the same is said in its footer.
    """

    text: str
    findings: tuple[Finding, ...]


def write(spec: GMNSpec) -> Exported:
    """Return ``spec`` as a GNN file. Everything that carries an array can be said, so that nothing is refused.

    Raises:
        GMNValidationError: The document is not valid.
    """
    document, full = spec.document, completed(spec.valid().structure)
    lost = losses(document)
    file = _File(document, full)
    sections = {
        "GNNSection": [SECTION],
        "GNNVersionAndFlags": [VERSION],
        "ModelName": file.name(),
        "ModelAnnotation": file.annotation(),
        "StateSpaceBlock": list(file.variables()),
        "Connections": list(file.connections()),
        "InitialParameterization": list(file.numbers()),
        "Time": ["Time=t", "Dynamic", "Discrete", f"ModelTimeHorizon={full.policy.policy_len}"],
        "ActInfOntologyAnnotation": [f"{name}={TERMS[_stem(name)]}" for name in file.declared],
        "ModelParameters": list(file.parameters()),
        "Footer": ["Written by gmn-llm from a GMN document.", *(f"# left out: {item.message}" for item in lost)],
        "Signature": _signature(spec.provenance),
    }
    first = write_note(MODEL, file.about)
    text = "\n\n".join("\n".join((f"## {name}", *lines)) for name, lines in sections.items() if lines)
    return Exported(f"{first}\n\n{text}\n", lost)


def _stem(name: str) -> str:
    return "s_prime" if name.startswith("s_prime") else name.partition("_")[0]


def _signature(provenance: Provenance | None) -> list[str]:
    if provenance is None:
        return []
    return [" ".join(f"{provenance.provider} {provenance.model or ''}".split())]


class _File:
    """Writes the sections of one file; the order of the calls does not matter."""

    def __init__(self, document: Mapping[str, object], full: Structure) -> None:
        self.document = document
        self.full = full
        self.arrays: Arrays = arrays(full)
        self.plan = to_pymdp(full)
        nodes = cast("Sequence[Mapping[str, object]]", document["nodes"])
        self.nodes = {str(node["id"]): node for node in nodes}
        self.policy_id = next((str(node["id"]) for node in nodes if node["type"] == "policy"), None)
        self.names = {
            **_named(full.factors, "f"),
            **_named(full.modalities, "m"),
            **_named(full.controls, "c"),
        }
        self.about: dict[str, object] = {"axes": "documented"}
        if isinstance(document.get("version"), str):
            self.about["version"] = document["version"]
        self.declared: list[str] = []

    def _name(self, letter: str, axis: Axis) -> str:
        return letter + self.names[axis.id]

    def name(self) -> list[str]:
        """Return the name on one line; where it does not survive that, a note has it as it is."""
        name = str(self.document["name"])
        line = _prose(" ".join(name.split()))
        if line != name:
            self.about["name"] = name
        return [line or SECTION]

    def annotation(self) -> list[str]:
        """Return the description, without what would end the section; the note has it as it is."""
        description = self.document.get("description")
        if not isinstance(description, str):
            return []
        prose = _prose(description)
        if prose != description or not prose:
            self.about["description"] = description
        return prose.split("\n") if prose else []

    def _note(self, name: str, node_id: str, labels: Sequence[str] = ()) -> str:
        properties = cast("Mapping[str, object]", self.nodes.get(node_id, {}).get("properties") or {})
        values: dict[str, object] = {"id": node_id}
        if labels:
            values["labels"] = list(labels)
        if isinstance(properties.get("description"), str):
            values["description"] = properties["description"]
        return write_note(name, values)

    def _declaration(self, name: str, shape: Sequence[int], *, said: str, dtype: str = "float") -> str:
        self.declared.append(name)
        return f"{name}[{','.join(map(str, shape))},type={dtype}]  # {said}"

    def variables(self) -> Iterator[str]:
        full, declare = self.full, self._declaration
        for letter, axes, dtype, said in (
            ("s", full.factors, "float", "states"),
            ("o", full.modalities, "int", "observations"),
            ("u", full.controls, "int", "choices"),
        ):
            for axis in axes:
                name = self._name(letter, axis)
                yield self._note(name, axis.id, axis.labels)
                yield declare(name, (axis.size, 1), said=said, dtype=dtype)
                if letter == "s":
                    yield declare(self._name("s_prime", axis), (axis.size, 1), said="next states")
        for part, array in zip(full.likelihoods.values(), self.arrays.A, strict=True):
            name = self._name("A", part.modality)
            yield self._note(name, part.id)
            yield declare(name, array.shape, said="outcomes, then states of each factor it depends on")
        for change, array in zip(full.transitions.values(), self.arrays.B, strict=True):
            name = self._name("B", change.factor)
            yield self._note(name, change.id)
            yield declare(name, array.shape, said="next states, states before, choices")
        for wish, array in zip(full.preferences.values(), self.arrays.C, strict=True):
            name = self._name("C", wish.about)
            yield self._note(name, wish.id)
            yield declare(name, array.shape, said="log-preferences in nats")
        for belief, array in zip(full.beliefs.values(), self.arrays.D, strict=True):
            name = self._name("D", belief.about)
            yield self._note(name, belief.id)
            yield declare(name, array.shape, said="probabilities of the first state")
        yield from self._planning()

    def _planning(self) -> Iterator[str]:
        count = self.full.num_choices**self.full.policy.policy_len
        if self.policy_id is not None:
            yield self._note("π", self.policy_id)
        yield self._declaration("π", (count,), said="policies")
        if self.arrays.E is not None:
            yield self._declaration("E", self.arrays.E.shape, said="probabilities of the policies by habit")
        yield self._declaration("G", (count,), said="expected free energy of the policies")
        yield self._declaration("t", (1,), said="time", dtype="int")

    def connections(self) -> Iterator[str]:
        """Yield the edges; those into A and B stand in the order of the axes."""
        full, name = self.full, self._name
        for factor in full.factors:
            yield f"{name('D', factor)}>{name('s', factor)}"
        for part in full.likelihoods.values():
            array = name("A", part.modality)
            yield from (f"{name('s', axis)}-{array}" for axis in in_node_order(part.parents))
            yield f"{array}-{name('o', part.modality)}"
        for change in full.transitions.values():
            array = name("B", change.factor)
            yield from (f"{name('s', axis)}-{array}" for axis in in_node_order(change.parents))
            yield from (f"{name('u', axis)}>{array}" for axis in in_node_order(change.controls))
            yield f"{array}>{name('s_prime', change.factor)}"
        yield from (f"{name('C', modality)}>G" for modality in full.modalities)
        if self.arrays.E is not None:
            yield "E>π"
        yield "G>π"
        yield from (f"π>{name('u', control)}" for control in full.controls)

    def numbers(self) -> Iterator[str]:
        full, numbers = self.full, self.arrays
        for letter, axes, parts in (
            ("A", full.modalities, numbers.A),
            ("B", full.factors, numbers.B),
            ("C", full.modalities, numbers.C),
            ("D", full.factors, numbers.D),
        ):
            for axis, array in zip(axes, parts, strict=True):
                yield assignment(self._name(letter, axis), array)
        if numbers.E is not None:
            yield assignment("E", numbers.E)

    def parameters(self) -> Iterator[str]:
        full = self.full
        for key, letter, axes in (
            ("num_hidden_states", "s", full.factors),
            ("num_obs", "o", full.modalities),
            ("num_actions", "u", full.controls),
        ):
            for axis in axes:
                yield f"{key}{self._name(letter, axis)[1:]}: {axis.size}"
        yield f"num_factors: {len(full.factors)}"
        yield f"num_modalities: {len(full.modalities)}"
        for key in ("policy_len", "gamma", "alpha", "inference_algo"):
            if key in self.plan:
                yield f"{key}: {self.plan[key]}"
        if "use_states_info_gain" in self.plan:
            yield f"use_states_info_gain: {str(self.plan['use_states_info_gain']).lower()}"


def _prose(text: str) -> str:
    """Return ``text`` without what would end a section or be taken for a comment."""
    lines = (SIGN.sub("", line).rstrip() for line in CONTROL.sub(" ", text).split("\n"))
    return "\n".join(lines).strip()


def _named(axes: Sequence[Axis], letter: str) -> dict[str, str]:
    """Return the ending of the names of each axis: none where it is the only one."""
    if len(axes) == 1:
        return {axes[0].id: ""}
    return {axis.id: f"_{letter}{k}" for k, axis in enumerate(axes)}
