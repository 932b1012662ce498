"""Whether a document means something: every check is a small generator of findings.

The stages are the schema (in ``reading``), the structure (edges, names, sizes), and the numbers; a stage runs
only when the one before found no error, and each tells all it finds.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from gmn_llm.findings import Finding, Severity, quote
from gmn_llm.gmn.limits import DEFAULT_LIMITS, Limits
from gmn_llm.gmn.schema import known_properties

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gmn_llm.gmn.structure import Axis, Structure, Subject

__all__ = ["check"]

CLOSE = 2


def check(document: Mapping[str, object], structure: Structure, *, limits: Limits = DEFAULT_LIMITS) -> list[Finding]:
    """Return all findings of the first stage that has errors, or the warnings of all.

    Args:
        document: A canonical document that meets the schema.
        structure: What ``resolve`` made of it.
        limits: What is too large.
    """
    found = list(chain(_properties(document), structure.findings, _sizes(structure, limits), _labels(structure)))
    if _has_error(found):
        return found
    found += chain(_total(structure, limits), _unused(structure))
    if _has_error(found):
        return found
    return found + list(chain(_arrays(structure), _subjects(structure), _policy(structure)))


def _has_error(found: Iterable[Finding]) -> bool:
    return any(finding.severity is Severity.ERROR for finding in found)


def _properties(document: Mapping[str, object]) -> Iterator[Finding]:
    """Unknown properties, and what the notation knows of but does not support."""
    nodes = document["nodes"]
    for k, node in enumerate(nodes if isinstance(nodes, Sequence) else ()):
        properties = node.get("properties", {})
        known = known_properties(node["type"])
        if properties.get("type") == "continuous":
            yield Finding("unsupported", f"/nodes/{k}/properties/type", f"node {node['id']!r} is continuous", "the notation is for discrete models: divide the range into steps")
        if known.issuperset(properties):
            continue
        for key in properties:
            if key not in known:
                yield _unknown(f"/nodes/{k}", str(node["id"]), key, known)


def _unknown(path: str, node: str, key: str, known: Iterable[str]) -> Finding:
    close = min(known, key=lambda name: (_distance(key, name), name))
    if _distance(key, close) <= CLOSE:
        return Finding("schema", f"{path}/properties", f"node {node!r} has no property {quote(key)}", f"did you mean {close!r}?")
    return Finding("unknown-property", f"{path}/properties", f"node {node!r} has the property {quote(key)}, which means nothing here", "kept as it is")


def _distance(one: str, other: str) -> int:
    """Return how many letters have to be added, left out or changed (Levenshtein), or 3 where it is more."""
    if abs(len(one) - len(other)) > CLOSE:
        return CLOSE + 1
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        before, row[0] = row[0], i
        for j, another in enumerate(other, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (letter != another))
    return min(row[-1], CLOSE + 1)


def _sizes(structure: Structure, limits: Limits) -> Iterator[Finding]:
    for axis in _axes(structure):
        if axis.size > limits.states:
            yield Finding("size-limit", axis.path, f"node {axis.id!r} has {axis.size} values where {limits.states} are the most", "divide it into several factors")


def _axes(structure: Structure) -> Iterator[Axis]:
    return chain(structure.factors, structure.modalities, structure.controls)


def _labels(structure: Structure) -> Iterator[Finding]:
    for axis in _axes(structure):
        if not axis.labels:
            continue
        if len(axis.labels) != axis.size:
            yield Finding("label-count", f"{axis.path}/properties/labels", f"node {axis.id!r} has {len(axis.labels)} labels for {axis.size} values", "as many labels as values, or none")
        if len(axis.places) != len(axis.labels):
            seen: set[str] = set()
            twice = next(label for label in axis.labels if label in seen or seen.add(label))  # type: ignore[func-returns-value]  # add gives None
            yield Finding("label-count", f"{axis.path}/properties/labels", f"node {axis.id!r} has the label {quote(twice)} twice", "each label once")


def _total(structure: Structure, limits: Limits) -> Iterator[Finding]:
    """The numbers of all arrays once expanded, and the policies, before any of them is made."""
    numbers = 0
    for modality in structure.modalities:
        likelihood = structure.likelihoods.get(modality.index)
        numbers += math.prod(likelihood.shape) if likelihood else modality.size * structure.factors[0].size
    for factor in structure.factors:
        transition = structure.transitions.get(factor.index)
        numbers += math.prod(transition.shape) if transition else factor.size**2
    if numbers > limits.numbers:
        yield Finding("size-limit", "", f"the arrays would hold {numbers} numbers where {limits.numbers} are the most", "use smaller factors, or fewer parents to an array")
    controls = math.prod(control.size for control in structure.used_controls)
    policy_len = structure.policy.policy_len
    if controls > 1 and (policy_len > 64 or controls**policy_len > limits.policies):
        count = f"{controls}^{policy_len}" if policy_len > 64 else str(controls**policy_len)
        yield Finding("size-limit", structure.policy.path, f"{count} policies ({controls} choices, {policy_len} steps) where {limits.policies} are the most", "plan fewer steps ahead, or have fewer actions")


def _unused(structure: Structure) -> Iterator[Finding]:
    used = structure.used_controls
    for control in structure.controls:
        if control not in used:
            yield Finding("unused-action", control.path, f"action {control.id!r} drives nothing", "add an edge from it to a transition")


def _arrays(structure: Structure) -> Iterator[Finding]:
    from gmn_llm.gmn.matrices import check_matrix

    for modality in structure.modalities:
        likelihood = structure.likelihoods.get(modality.index)
        if likelihood is None:
            yield Finding("added-default", modality.path, f"observation {modality.id!r} has no likelihood: it is as likely to be anything in every state, which tells the agent nothing", "add a likelihood node")
        else:
            yield from check_matrix(likelihood)
    for factor in structure.factors:
        transition = structure.transitions.get(factor.index)
        if transition is None:
            yield Finding("added-default", factor.path, f"state {factor.id!r} has no transition: it stays as it is", "add a transition node")
        else:
            yield from check_matrix(transition)


def _subjects(structure: Structure) -> Iterator[Finding]:
    for preference in structure.preferences.values():
        yield from _preference(preference, structure.policy.policy_len)
    for preference in structure.state_preferences:
        yield from _preference(preference, structure.policy.policy_len)
        yield Finding("carried-preference", preference.path, f"preference {preference.id!r} is about the state {preference.about.id!r} and is carried over to what is seen of it", "point it at an observation")
    for belief in structure.beliefs.values():
        yield from _vector(belief, "state", probability=True)


def _preference(preference: Subject, policy_len: int) -> Iterator[Finding]:
    vector = preference.properties.get("vector")
    if not (isinstance(vector, list) and vector and isinstance(vector[0], list)):
        yield from _vector(preference, "preferred_observation", probability=False)
        return
    path = f"{preference.path}/properties/vector"
    if len(vector) != policy_len:
        yield Finding("shape", path, f"preference {preference.id!r} has {len(vector)} rows and the policy {policy_len} steps", "one row for each step of policy_len")
    for row in vector:
        yield from _numbers(row, preference, path, probability=False)


def _vector(subject: Subject, shortcut: str, *, probability: bool) -> Iterator[Finding]:
    properties = subject.properties
    if shortcut in properties and subject.about.find(properties[shortcut]) is None:
        yield Finding("bad-reference", f"{subject.path}/properties/{shortcut}", f"node {subject.id!r} names {quote(properties[shortcut])}, which {subject.about.id!r} does not have", subject.about.known)
    for key in ("vector", "values"):
        if key in properties:
            yield from _numbers(properties[key], subject, f"{subject.path}/properties/{key}", probability=probability)


def _numbers(value: object, subject: Subject, path: str, *, probability: bool) -> Iterator[Finding]:
    from gmn_llm.gmn.numbers import vector

    yield from vector(value, subject.about, path=path, node=subject.id, probability=probability)


def _policy(structure: Structure) -> Iterator[Finding]:
    habits = structure.policy.properties.get("habits")
    if not isinstance(habits, list):
        return
    from gmn_llm.gmn.numbers import table

    path = f"{structure.policy.path}/properties/habits"
    count = math.prod(control.size for control in structure.used_controls) ** structure.policy.policy_len
    if len(habits) != count:
        yield Finding("shape", path, f"{len(habits)} habits where there are {count} policies", "one number for each policy")
        return
    yield from table(habits, (count,), path=path, node="policy", axes=f"{count} policies")
