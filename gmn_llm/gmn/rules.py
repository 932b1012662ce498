"""The kind ``rules``: read from the top, the first rule that fits wins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from gmn_llm.findings import Finding, quote
from gmn_llm.gmn.numbers import HOLDS, RESCALED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from gmn_llm.gmn.kinds import Slot
    from gmn_llm.gmn.structure import Axis

__all__ = ["check_rules", "expand_rules"]


def check_rules(slot: Slot, matrix: Mapping[str, object]) -> Iterator[Finding]:
    """Every name is one of its parents or actions, every label there, every sum at most 1."""
    axes = {axis.id: axis for axis in (*slot.parents, *slot.controls)}
    for k, rule in enumerate(_rules(matrix)):
        yield from _check_when(slot, rule, k, axes)
        yield from _check_then(slot, rule, k)
    otherwise = matrix.get("otherwise")
    if otherwise is not None and not _is_word(slot, otherwise) and slot.target.find(otherwise) is None:
        yield slot.finding("bad-reference", f"'otherwise' is {quote(otherwise)}, which {slot.target.id!r} does not have", slot.target.known, at="/otherwise")


def _rules(matrix: Mapping[str, object]) -> list[Mapping[str, Mapping[str, object]]]:
    rules = matrix.get("rules")
    return rules if isinstance(rules, list) else []


def _is_word(slot: Slot, otherwise: object) -> bool:
    """Whether ``otherwise`` is one of the two words; a label of that name comes first."""
    if isinstance(otherwise, str) and slot.target.find(otherwise) is not None:
        return False
    return otherwise == "uniform" or (otherwise == "stay" and slot.own is not None)


def _check_when(slot: Slot, rule: Mapping[str, Mapping[str, object]], k: int, axes: Mapping[str, Axis]) -> Iterator[Finding]:
    for name, wanted in rule["when"].items():
        axis = axes.get(name)
        if axis is None:
            yield slot.finding("bad-reference", f"rule {k} looks at {quote(name)}, which is not among {', '.join(axes)}", "name a state or action that it depends on", at=f"/rules/{k}/when")
            continue
        for value in wanted if isinstance(wanted, list) else [wanted]:
            if axis.find(value) is None:
                yield slot.finding("bad-reference", f"rule {k} looks for {quote(value)}, which {name!r} does not have", axis.known, at=f"/rules/{k}/when")


def _check_then(slot: Slot, rule: Mapping[str, Mapping[str, object]], k: int) -> Iterator[Finding]:
    at = f"/rules/{k}/then"
    total = 0.0
    for label, probability in rule["then"].items():
        if slot.target.find_key(label) is None:
            yield slot.finding("bad-reference", f"rule {k} leads to {quote(label)}, which {slot.target.id!r} does not have", slot.target.known, at=at)
        number = _number(probability)
        if number is None:
            yield slot.finding("not-finite", f"rule {k} gives {quote(label)} a number too large for a float", "a probability is from 0 to 1", at=at)
            continue
        if number < 0:
            yield slot.finding("negative-probability", f"rule {k} gives {quote(label)} the probability {probability}", "probabilities are 0 or more", at=at)
        total += number
    if total > 1 + RESCALED:
        yield slot.finding("not-normalised", f"rule {k} sums to {total:.7g}", "the probabilities of a rule sum to 1 at most", at=at)
    elif total > 1 + HOLDS:
        yield slot.finding("rescaled", f"rule {k} sums to {total:.7g}; it was rescaled to 1", "write numbers that sum to 1", at=at)


def _number(value: object) -> float | None:
    try:
        return float(value) if isinstance(value, int | float) else None
    except OverflowError:
        return None


def expand_rules(slot: Slot, matrix: Mapping[str, object]) -> NDArray[np.float64]:
    """Return the array of shape ``slot.shape`` that the rules stand for."""
    array = np.zeros(slot.shape)
    free = np.ones(slot.shape[1:], dtype=bool)
    axes = {axis.id: k for k, axis in enumerate((*slot.parents, *slot.controls))}
    for rule in _rules(matrix):
        fits = free & _mask(slot, rule["when"], axes)
        free &= ~fits
        column = np.zeros(slot.target.size)
        for label, probability in rule["then"].items():
            place, number = slot.target.find_key(label), _number(probability)
            if place is not None and number is not None:
                column[place] += number
        total = column.sum()
        if total > 1.0 - HOLDS:
            column /= total
        array[:, fits] = column[:, None]
        if total <= 1.0 - HOLDS:
            _leave(slot, matrix, array, fits, 1.0 - total)
    _leave(slot, matrix, array, free, 1.0)
    return array


def _mask(slot: Slot, when: Mapping[str, object], axes: Mapping[str, int]) -> NDArray[np.bool_]:
    """Return where a rule fits, over the axes after the first."""
    mask = np.ones((1,) * len(slot.shape[1:]), dtype=bool)
    for name, wanted in when.items():
        place = axes[name]
        axis = (*slot.parents, *slot.controls)[place]
        fits = np.zeros(axis.size, dtype=bool)
        for value in wanted if isinstance(wanted, list) else [wanted]:
            index = axis.find(value)
            if index is not None:
                fits[index] = True
        thin = [1] * len(slot.shape[1:])
        thin[place] = axis.size
        mask = mask & fits.reshape(thin)
    return np.broadcast_to(mask, slot.shape[1:])


def _leave(slot: Slot, matrix: Mapping[str, object], array: NDArray[np.float64], where: NDArray[np.bool_], rest: float) -> None:
    """Give ``rest`` to what ``otherwise`` names, in the columns ``where``."""
    otherwise = matrix.get("otherwise", "uniform" if slot.own is None else "stay")
    if not _is_word(slot, otherwise):
        place = slot.target.find(otherwise)
        if place is not None:
            array[place, where] += rest
    elif otherwise == "uniform" or slot.own is None:
        array[:, where] += rest / slot.target.size
    else:
        columns = np.nonzero(where)
        array[(columns[slot.own], *columns)] += rest
