"""The whole check of a document, whatever form it comes in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gmn_llm.findings import Validation
from gmn_llm.gmn.checks import check
from gmn_llm.gmn.constraints import check_constraints, checked_constraints
from gmn_llm.gmn.limits import DEFAULT_LIMITS, Limits
from gmn_llm.gmn.reading import read
from gmn_llm.gmn.spec import GMNSpec
from gmn_llm.gmn.structure import resolve

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gmn_llm.gmn.reading import Reading

__all__ = ["validate_gmn", "validate_reading"]


def validate_gmn(
    spec: GMNSpec | str | bytes | Mapping[str, object],
    constraints: Mapping[str, object] | None = None,
    *,
    filename: str | None = None,
    limits: Limits | None = None,
) -> Validation:
    """Check a document: its notation, the schema, its meaning, its numbers and the caller's constraints.

    Args:
        spec: A document, as an object, a mapping, or text in any notation.
        constraints: What the caller demands (``max_states``, ``actions``, ``require``, ...).
        filename: Where a text comes from; its ending decides the notation.
        limits: What is too large; None for those an object was read with, else the usual ones.

    Returns:
        All findings of the first stage that has errors, or the warnings of all stages.

    Raises:
        InputError: A constraint has a value that means nothing.
    """
    demanded = checked_constraints(constraints)
    if isinstance(spec, GMNSpec):
        return validate_reading(spec.reading, demanded, limits=limits or spec.limits)
    limits = limits or DEFAULT_LIMITS
    return validate_reading(read(spec, filename=filename, limits=limits), demanded, limits=limits)


def validate_reading(
    reading: Reading, constraints: Mapping[str, object], *, limits: Limits = DEFAULT_LIMITS
) -> Validation:
    """Check what was read; ``constraints`` are as ``checked_constraints`` returns them."""
    if reading.document is None:
        return Validation.of(reading.findings)
    structure = resolve(reading.document)
    found = (
        *check(reading.document, structure, limits=limits),
        *check_constraints(structure, reading.document, constraints),
    )
    return Validation.of((*reading.findings, *reading.located(found)))
