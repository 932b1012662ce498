"""Whether a document means something: every check is a small generator of findings.

The stages are the schema (in ``reading``), the structure (edges, names, sizes), and the numbers; a stage runs only
when the one before found no error, and each tells all it finds.
"""

from __future__ import annotations

import math
from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING

from gmn_llm.findings import Finding, Severity
from gmn_llm.gmn.limits import DEFAULT_LIMITS, Limits
from gmn_llm.gmn.properties import check_properties
from gmn_llm.gmn.words import digits, listed, named

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from gmn_llm.gmn.parts import Axis, Structure

__all__ = ["check"]

MOST_ERRORS = 1_000
MOST_AXES = 32
"""What every NumPy from 1.26 on can hold."""


def check(
    document: Mapping[str, object], structure: Structure, *, limits: Limits = DEFAULT_LIMITS
) -> tuple[Finding, ...]:
    """Return all findings of the first stage that has errors, or the warnings of all.

    Args:
        document: A canonical document that meets the schema.
        structure: What ``resolve`` made of it.
        limits: What is too large.
    """
    from gmn_llm.gmn.array_checks import check_arrays, check_carried  # NumPy takes its time

    found: list[Finding] = []
    for stage in (_parts(document, structure, limits), _whole(structure, limits)):
        found.extend(_enough(stage))
        if _has_error(found):
            return tuple(found)
    found.extend(_enough(check_arrays(structure)))
    if not _has_error(found):
        found.extend(check_carried(structure))
    return tuple(found)


def _enough(stage: Iterable[Finding]) -> Iterator[Finding]:
    """Yield all findings, but no more than 1,000 errors: nobody reads them, and a list may hold a million."""
    errors = 0
    for finding in stage:
        yield finding
        errors += finding.severity is Severity.ERROR
        if errors >= MOST_ERRORS:
            return


def _has_error(found: Iterable[Finding]) -> bool:
    return any(finding.severity is Severity.ERROR for finding in found)


def _parts(document: Mapping[str, object], structure: Structure, limits: Limits) -> Iterator[Finding]:
    """Each node and edge for itself."""
    return chain(
        limits.exceeded(document),
        check_properties(document),
        structure.findings,
        _sizes(structure, limits),
        _labels(structure),
    )


def _axes(structure: Structure) -> Iterator[Axis]:
    return chain(structure.factors, structure.modalities, structure.controls)


def _sizes(structure: Structure, limits: Limits) -> Iterator[Finding]:
    """Outcomes and actions have no limit of their own: as many as there may be numbers, for each makes at least one."""
    for axis in _axes(structure):
        of_factor = axis.path in {factor.path for factor in structure.factors} if axis.size > limits.states else False
        most = limits.states if of_factor else limits.numbers
        if axis.size > most:
            message = f"node {named(axis.id)} has {digits(axis.size)} values where {most} are the most"
            hint = "divide it into several factors" if of_factor else "have fewer values"
            yield Finding("size-limit", axis.path, message, hint)


def _labels(structure: Structure) -> Iterator[Finding]:
    for axis in _axes(structure):
        path, count = f"{axis.path}/properties/labels", len(axis.labels)
        if count and count != axis.size:
            message = f"node {named(axis.id)} has {count} labels for {digits(axis.size)} values"
            yield Finding("label-count", path, message, "as many labels as values, or none")
        if len(axis.places) != count:
            twice = listed(label for label, times in Counter(axis.labels).items() if times > 1)
            message = f"node {named(axis.id)} has the label {twice} more than once"
            yield Finding("label-count", path, message, "each label once")


def _whole(structure: Structure, limits: Limits) -> Iterator[Finding]:
    """The parts together: how much it would all be, and what is not used. Nothing is made of it yet."""
    return chain(_dimensions(structure), _numbers(structure, limits), _policies(structure, limits), _unused(structure))


def _dimensions(structure: Structure) -> Iterator[Finding]:
    for part in structure.matrices:
        if len(part.shape) > MOST_AXES:
            message = f"node {named(part.id)} has {len(part.shape)} axes where {MOST_AXES} are the most"
            yield Finding("size-limit", part.path, message, "let it depend on fewer states and actions")


def _numbers(structure: Structure, limits: Limits) -> Iterator[Finding]:
    """The numbers of all arrays once expanded, with those that stand in where the document has none."""
    first = structure.factors[0].size
    shapes = [part.shape for part in structure.matrices]
    shapes += [(axis.size, first) for axis in structure.modalities if axis.index not in structure.likelihoods]
    shapes += [(axis.size, axis.size) for axis in structure.factors if axis.index not in structure.transitions]
    shapes += [(wish.about.size, wish.about.size) for wish in structure.state_preferences]
    numbers = sum(math.prod(shape) for shape in shapes)
    if numbers > limits.numbers:
        message = f"the arrays would hold {digits(numbers)} numbers where {limits.numbers} are the most"
        yield Finding("size-limit", "", message, "use smaller factors, or fewer parents to an array")


def _policies(structure: Structure, limits: Limits) -> Iterator[Finding]:
    choices, steps = structure.num_choices, structure.policy.policy_len
    # A product of two or more passes any limit that fits into memory long before 64 steps.
    count = choices ** min(steps, 64)
    if choices > 1 and count > limits.policies:
        least = "" if steps <= 64 else "more than "
        message = (
            f"{least}{digits(count)} policies ({digits(choices)} choices, {digits(steps)} steps)"
            f" where {limits.policies} are the most"
        )
        yield Finding("size-limit", structure.policy.path, message, "plan fewer steps ahead, or have fewer actions")


def _unused(structure: Structure) -> Iterator[Finding]:
    used = {control.index for control in structure.used_controls}
    for control in structure.controls:
        if control.index not in used:
            message = f"action {named(control.id)} drives nothing"
            yield Finding("unused-action", control.path, message, "add an edge from it to a transition")
