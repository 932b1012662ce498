"""Explicit numbers: lists and {label: number} objects, checked and made into arrays.

Tolerances on a sum that should be 1: within 1e-6 it holds, within 0.0101 it is rescaled with a warning (models round:
0.33 three times), beyond it is an error. What is written is normalised to 1e-12.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

import numpy as np

from gmn_llm.findings import Finding
from gmn_llm.gmn.words import listed, named

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from gmn_llm.gmn.parts import Axis, Subject

__all__ = ["HOLDS", "RESCALED", "columns", "normalised", "rows_of", "subject_vector", "table", "vector"]

EXACT = 1e-12
# A hair more than the notation says, so that 0.9899 is on the same side whichever way it is summed.
HOLDS = 1e-6 + EXACT
RESCALED = 0.0101 + EXACT


def _as_array(value: object) -> NDArray[np.float64] | None:
    """Return a nested list of numbers as an array, or None where its parts differ in length or depth."""
    try:
        return np.array(value, dtype=np.float64)
    except ValueError:
        return None


def table(value: object, shapes: Sequence[tuple[int, ...]], *, path: str, node: str, axes: str) -> Iterator[Finding]:
    """Check an explicit A, B or E: its shape, that it is finite and not negative, and that its columns sum to 1.

    Args:
        value: The nested list.
        shapes: The shape it should have, the usual one first.
        path: JSON pointer to the list.
        node: What to call it in a message.
        axes: What the axes are, in words.
    """
    array = _as_array(value)
    if array is not None and array.shape in shapes:
        yield from columns(array, path=path, node=node)
        return
    got = "lists of unequal length" if array is None else f"shape {_shape(array.shape)}"
    hint = axes
    if array is not None and array.ndim == 2 and array.shape[::-1] in shapes:
        hint = f"it looks transposed; {axes}"
    expected = " or ".join(_shape(shape) for shape in shapes)
    yield Finding("shape", path, f"{node} has {got} where {expected} is expected", hint)


def columns(array: NDArray[np.float64], *, path: str, node: str) -> Iterator[Finding]:
    """Check that ``array`` is finite, not negative, and that its columns over axis 0 sum to 1."""
    finite = np.isfinite(array)
    if not finite.all():
        yield Finding("not-finite", path, f"{node} holds {_places(array, ~finite)}", "write finite numbers")
        return
    if array.size and array.min() < 0:
        hint = "probabilities are 0 or more"
        yield Finding("negative-probability", path, f"{node} holds {_places(array, array < 0)}", hint)
    yield from _sums(array, path=path, node=node)


def _sums(array: NDArray[np.float64], *, path: str, node: str) -> Iterator[Finding]:
    """Check the sums of ``array`` over axis 0 (shape (n, ...)) against the tolerances."""
    total = np.asarray(array.sum(axis=0))
    off = np.abs(total - 1.0)
    worst = float(off.max()) if off.size else 0.0
    if worst <= HOLDS:
        return
    place = np.unravel_index(int(off.argmax()), off.shape)
    said = f"{node} sums to {_plain(float(total[place]))}"
    if total.ndim:
        others = int((off > (HOLDS if worst <= RESCALED else RESCALED)).sum()) - 1
        more = f", and {others} more columns are off" if others else ""
        said = f"column {_place(place)} of {said}{more}"
    if worst <= RESCALED:
        yield Finding("rescaled", path, f"{said}; rescaled to 1", "write numbers that sum to 1")
        return
    hint = "each column over axis 0 has to sum to 1" if total.ndim else "it has to sum to 1"
    turned = _turned_axis(array)
    if turned is not None:
        which = "last" if turned == array.ndim - 1 else "second"
        hint = (
            f"it looks transposed: it sums to 1 over the {which} axis, and has to over the first (one row an outcome)"
        )
    yield Finding("not-normalised", path, said, hint)


def _turned_axis(array: NDArray[np.float64]) -> int | None:
    """Return the axis but the first over which all sums are 1, as where there is one row a state, or None."""
    axes = dict.fromkeys((array.ndim - 1, 1)) if array.ndim > 1 else ()
    return next((k for k in axes if bool(np.all(np.abs(array.sum(axis=k) - 1.0) <= RESCALED))), None)


def normalised(array: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ``array`` with columns over axis 0 that sum to 1 within 1e-12; one that does is left as it is."""
    total = array.sum(axis=0)
    if np.all(np.abs(total - 1.0) <= EXACT):
        return array
    return cast("NDArray[np.float64]", array / total)


def vector(value: object, axis: Axis, *, path: str, node: str, probability: bool) -> Iterator[Finding]:
    """Check a list or {label: number} object over the values of ``axis``."""
    if isinstance(value, Mapping):
        unfit = list(_labels(value, axis, path=path, node=node))
        yield from unfit
        if unfit:
            return
    elif not isinstance(value, Sequence) or len(value) != axis.size:
        got = len(value) if isinstance(value, Sequence) else 0
        message = f"{node} has {got} numbers where {named(axis.id)} has {axis.size} values"
        yield Finding("shape", path, message, f"write {axis.size} numbers")
        return
    array = _spread_out(value, axis)
    if probability:
        yield from columns(array, path=path, node=node)
    elif not (finite := np.isfinite(array)).all():
        yield Finding("not-finite", path, f"{node} holds {_places(array, ~finite)}", "write finite numbers")


def _labels(value: Mapping[str, object], axis: Axis, *, path: str, node: str) -> Iterator[Finding]:
    seen: dict[int, str] = {}
    for label in value:
        place = axis.find_key(label)
        if place is None:
            message = f"{node} names {named(label)}, which {named(axis.id)} does not have"
            yield Finding("bad-reference", path, message, axis.known)
        elif seen.setdefault(place, label) != label:
            message = f"{node} names the same value of {named(axis.id)} twice, {listed((seen[place], label))}"
            yield Finding("duplicate-key", path, message, "keep one of them")


def _spread_out(value: object, axis: Axis) -> NDArray[np.float64]:
    """Return a list or {label: number} object as an array of shape (axis.size,)."""
    if isinstance(value, Mapping):
        array = np.zeros(axis.size)
        for label, number in value.items():
            place = axis.find_key(label)
            if place is not None:
                array[place] = number
        return array
    return np.asarray(value, dtype=np.float64)


def rows_of(value: object) -> list[object] | None:
    """Return the items of a list that holds lists, or None where it is anything else."""
    return value if isinstance(value, list) and any(isinstance(item, list) for item in value) else None


def subject_vector(subject: Subject, shortcut: str) -> NDArray[np.float64] | None:
    """Return the array that a preference or belief says, or None where it says nothing.

    Args:
        subject: A preference or belief that was checked.
        shortcut: The property that names one value: ``preferred_observation`` or ``state``.

    Returns:
        Shape (size,), or (policy_len, size) where a list for each step is given.
    """
    properties = subject.properties
    if shortcut in properties:
        array = np.zeros(subject.about.size)
        place = subject.about.find(properties[shortcut])
        if place is not None:
            array[place] = 1.0
        return array
    for key in ("vector", "values"):
        if key in properties:
            return _spread_out(properties[key], subject.about)
    return None


def _places(array: NDArray[np.float64], where: NDArray[np.bool_]) -> str:
    """Say what the first number of those in ``where`` is, where it stands, and how many more there are."""
    places = np.argwhere(where)
    first = tuple(int(k) for k in places[0])
    more = f", and {len(places) - 1} more" if len(places) > 1 else ""
    return f"{_plain(float(array[first]))} at {_place(first)}{more}"


def _place(place: Sequence[object]) -> str:
    return "[" + "][".join(str(k) for k in place) + "]"


def _plain(number: float) -> str:
    """Write ``number`` in plain digits where these are few."""
    if math.isfinite(number) and 1e-6 <= abs(number) < 1e15:
        return f"{number:.7f}".rstrip("0").rstrip(".")
    return f"{number:.7g}"


def _shape(shape: tuple[int, ...]) -> str:
    return "(" + ", ".join(str(n) for n in shape) + ")"
