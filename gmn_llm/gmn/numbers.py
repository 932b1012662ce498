"""Explicit numbers: lists and {label: number} objects, checked and made into arrays.

Tolerances on a sum that should be 1: within 1e-6 it holds, within 0.0101 it is rescaled with a warning (models
round: 0.33 three times), beyond it is an error. What is written is normalised to 1e-12.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

import numpy as np

from gmn_llm.findings import Finding, quote

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from gmn_llm.gmn.structure import Axis, Subject

__all__ = ["HOLDS", "RESCALED", "as_array", "columns", "normalised", "subject_vector", "sums", "table", "vector"]

HOLDS = 1e-6
RESCALED = 0.0101
EXACT = 1e-12


def shape_of(value: object) -> tuple[int, ...] | None:
    """Return the shape of a nested list, or None where its parts differ in length."""
    if not isinstance(value, list):
        return ()
    shapes = {shape_of(item) for item in value}
    if len(shapes) > 1 or None in shapes:
        return None
    return (len(value), *(cast("tuple[int, ...]", shapes.pop()) if shapes else ()))


def as_array(value: object) -> NDArray[np.float64] | None:
    """Return a nested list of numbers as an array, or None where its parts differ in length."""
    try:
        return np.array(value, dtype=np.float64)
    except (ValueError, OverflowError):
        return None


def table(value: object, shape: tuple[int, ...], *, path: str, node: str, axes: str) -> Iterator[Finding]:
    """Check an explicit A or B: shape, finiteness, signs, and that each column over axis 0 sums to 1."""
    if _huge(value):
        yield Finding("not-finite", path, f"node {node!r} holds a number too large for a float", "write a finite number")
        return
    array = as_array(value)
    if array is None or array.shape != shape:
        got = "lists of unequal length" if array is None else f"shape {_words(array.shape)}"
        turned = array is not None and array.ndim == 2 and array.shape == shape[:2][::-1] and len(shape) == 2
        hint = "it looks transposed: one row for each outcome, one column for each state" if turned else axes
        yield Finding("shape", path, f"node {node!r} has {got} where {_words(shape)} is expected", hint)
        return
    yield from columns(array, path=path, node=node)


def columns(array: NDArray[np.float64], *, path: str, node: str) -> Iterator[Finding]:
    """Check that ``array`` is finite, not negative, and that its columns over axis 0 sum to 1."""
    if not np.isfinite(array).all():
        yield Finding("not-finite", path, f"node {node!r} holds {_first(array, ~np.isfinite(array))}", "write finite numbers")
        return
    if array.size and array.min() < 0:
        yield Finding("negative-probability", path, f"node {node!r} holds {_first(array, array < 0)}", "probabilities are 0 or more")
        return
    yield from sums(array, path=path, node=node)


def sums(array: NDArray[np.float64], *, path: str, node: str) -> Iterator[Finding]:
    """Check the sums of ``array`` over axis 0 (shape (n, ...)) against the tolerances."""
    total = np.asarray(array.sum(axis=0))
    off = np.abs(total - 1.0)
    worst = float(off.max()) if off.size else 0.0
    if worst <= HOLDS:
        return
    place = np.unravel_index(int(off.argmax()), off.shape)
    column = f"column {tuple(int(k) for k in place)}" if total.ndim else "the vector"
    said = f"{column} of node {node!r} sums to {_plain(float(total[place]))}"
    if worst <= RESCALED:
        yield Finding("rescaled", path, f"{said}; it was rescaled to 1", "write numbers that sum to 1")
        return
    hint = "each column over axis 0 has to sum to 1" if total.ndim else "it has to sum to 1"
    if array.ndim == 2 and bool(np.all(np.abs(array.sum(axis=1) - 1.0) <= RESCALED)):
        hint = "it looks transposed: the rows sum to 1, but each column over axis 0 has to"
    yield Finding("not-normalised", path, said, hint)


def normalised(array: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ``array`` with columns over axis 0 that sum to 1 within 1e-12; one that does is left as it is."""
    total = array.sum(axis=0)
    if np.all(np.abs(total - 1.0) <= EXACT):
        return array
    return cast("NDArray[np.float64]", array / total)


def vector(value: object, axis: Axis, *, path: str, node: str, probability: bool) -> Iterator[Finding]:
    """Check a list or {label: number} object over the values of ``axis``."""
    if _huge(value):
        yield Finding("not-finite", path, f"node {node!r} holds a number too large for a float", "write a finite number")
        return
    if isinstance(value, Mapping):
        unknown = [label for label in value if axis.find_key(str(label)) is None]
        for label in unknown:
            yield Finding("bad-reference", path, f"node {node!r} names {quote(label)}, which {axis.id!r} does not have", axis.known)
        if unknown:
            return
    elif not isinstance(value, Sequence) or len(value) != axis.size:
        got = len(value) if isinstance(value, Sequence) else 0
        yield Finding("shape", path, f"node {node!r} has {got} numbers where {axis.id!r} has {axis.size} values", f"write {axis.size} numbers")
        return
    array = spread_out(value, axis)
    if probability:
        yield from columns(array, path=path, node=node)
    elif not np.isfinite(array).all():
        yield Finding("not-finite", path, f"node {node!r} holds {_first(array, ~np.isfinite(array))}", "write finite numbers")


def spread_out(value: object, axis: Axis) -> NDArray[np.float64]:
    """Return a list or {label: number} object as an array of shape (axis.size,)."""
    if isinstance(value, Mapping):
        array = np.zeros(axis.size)
        for label, number in value.items():
            place = axis.find_key(str(label))
            if place is not None:
                array[place] = number
        return array
    return np.asarray(value, dtype=np.float64)


def subject_vector(subject: Subject, shortcut: str) -> NDArray[np.float64] | None:
    """Return the vector that a preference or belief says, or None where it says nothing.

    Args:
        subject: A preference or belief that was checked.
        shortcut: The property that names one value: ``preferred_observation`` or ``state``.
    """
    properties = subject.properties
    if shortcut in properties:
        place = subject.about.find(properties[shortcut])
        array = np.zeros(subject.about.size)
        if place is not None:
            array[place] = 1.0
        return array
    for key in ("vector", "values"):
        if key in properties:
            return spread_out(properties[key], subject.about)
    return None


def _huge(value: object) -> bool:
    """Whether a whole number anywhere in ``value`` is beyond what a float holds."""
    if isinstance(value, list):
        return any(_huge(item) for item in value)
    if isinstance(value, Mapping):
        return any(_huge(item) for item in value.values())
    return isinstance(value, int) and abs(value) > 10**300 and math.log10(abs(value)) > 308.25


def _first(array: NDArray[np.float64], where: NDArray[np.bool_]) -> str:
    place = tuple(int(k) for k in np.argwhere(where)[0])
    return f"{_plain(float(array[place]))} at {place}"


def _plain(number: float) -> str:
    """Write ``number`` in plain digits, seven of them at most."""
    text = f"{number:.7g}"
    return f"{number:f}".rstrip("0").rstrip(".") if "e" in text and math.isfinite(number) and abs(number) < 1e15 and abs(number) >= 1e-6 else text


def _words(shape: tuple[int, ...]) -> str:
    return "(" + ", ".join(str(n) for n in shape) + ")"
