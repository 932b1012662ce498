"""The sections of a GNN file that hold a word or a pair to a line: version, time, terms and parameters."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gmn_llm.findings import Finding, quote

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gmn_llm.gmn.gnn.sections import File, Section

__all__ = ["PLAN", "Facts", "read_facts"]

VERSION = re.compile(r"(?:GNN[ \t]+)?v?1(?:\.\d+)*\b.*", re.IGNORECASE)
# Names in files for properties of a policy, the surest first.
PLAN = {
    "policy_len": "policy_len", "planning_horizon": "policy_len", "gamma": "gamma", "alpha": "alpha",
    "inference_algo": "inference_algo", "use_states_info_gain": "use_states_info_gain",
}  # fmt: skip


@dataclass(slots=True)
class Facts:
    """What these sections say.

    Attributes:
        parameters: ``ModelParameters``, numbers and truth values as such, the rest as text.
        terms: ``ActInfOntologyAnnotation``: the term of each variable.
        plan: The parameters that a policy has.
        places: Line and column of each parameter.
        findings: What can't be read or used.
    """

    parameters: dict[str, object] = field(default_factory=dict)
    terms: dict[str, str] = field(default_factory=dict)
    plan: dict[str, object] = field(default_factory=dict)
    places: dict[str, tuple[int, int]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    @property
    def sizes(self) -> Mapping[str, int]:
        """The parameters that are whole numbers."""
        return {key: value for key, value in self.parameters.items() if type(value) is int}


def read_facts(file: File) -> Facts:
    """Read these sections of ``file``."""
    facts = Facts()
    sections = file.sections
    if "GNNVersionAndFlags" in sections:
        _check_version(sections["GNNVersionAndFlags"], facts)
    for key, value, place in _pairs(sections.get("ModelParameters"), ":", facts):
        if key in facts.parameters:
            facts.findings.append(
                Finding("duplicate-key", "", f"the parameter {quote(key)} stands twice", "keep one of them", *place)
            )
        facts.parameters[key], facts.places[key] = _value(value), place
    for key, value, _ in _pairs(sections.get("ActInfOntologyAnnotation"), "=", facts):
        facts.terms[key] = value
    for key, name in PLAN.items():
        if key in facts.parameters:
            facts.plan.setdefault(name, facts.parameters[key])
    _check_time(sections.get("Time"), facts)
    return facts


def _lines(section: Section | None) -> Iterator[tuple[int, str]]:
    for number, line in section.lines if section is not None else ():
        code = line.partition("#")[0]
        if code.strip():
            yield number, code.rstrip()


def _pairs(section: Section | None, sign: str, facts: Facts) -> Iterator[tuple[str, str, tuple[int, int]]]:
    for number, line in _lines(section):
        key, found, value = line.partition(sign)
        place = (number, len(line) - len(line.lstrip()) + 1)
        if found and key.strip() and value.strip():
            yield key.strip(), value.strip(), place
        elif section is not None:
            message = f"{quote(line.strip())} is no pair in the section {section.name}"
            facts.findings.append(Finding("text-syntax", "", message, f"one to a line, `name{sign} value`", *place))


def _value(word: str) -> object:
    try:
        value = json.loads(word, parse_constant=str)
    except (ValueError, RecursionError):
        return word
    return value if isinstance(value, bool | int | float | str) else word


def _check_version(section: Section, facts: Facts) -> None:
    for number, line in _lines(section):
        if not VERSION.fullmatch(line.strip()):
            message = f"the version {quote(line.strip())} is not known"
            facts.findings.append(Finding("unsupported", "", message, "GNN v1 and v1.1 are read", number, 1))
        return
    place = section.place
    facts.findings.append(Finding("schema", "", "the section GNNVersionAndFlags is empty", "write `GNN v1`", *place))


def _check_time(section: Section | None, facts: Facts) -> None:
    for number, line in _lines(section):
        word, _, value = (part.strip() for part in line.partition("="))
        if word in ("Continuous", "ContinuousTime"):
            message = "the model runs in continuous time"
            hint = "the notation is for discrete models: divide time into steps"
            facts.findings.append(Finding("unsupported", "", message, hint, number, 1))
        elif word == "ModelTimeHorizon" and value.isdigit() and "policy_len" not in facts.plan and int(value) != 1:
            message = f"ModelTimeHorizon={value} is how long the model runs; the agent plans one step ahead"
            hint = "how far it plans is `policy_len: 2` in ModelParameters"
            facts.findings.append(Finding("added-default", "", message, hint, number, 1))
