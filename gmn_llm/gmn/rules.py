"""The kind ``rules``: read from the top, the first rule that fits wins."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gmn_llm.gmn.numbers import HOLDS, RESCALED
from gmn_llm.gmn.words import listed, named

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from gmn_llm.findings import Finding
    from gmn_llm.gmn.parts import Axis
    from gmn_llm.gmn.slots import Matrix, Slot

__all__ = ["check_rules", "expand_rules"]


def check_rules(slot: Slot, matrix: Matrix) -> Iterator[Finding]:
    """Every name is one of its parents or actions, every label there, every sum at most 1."""
    axes = {axis.id: axis for axis in (*slot.parents, *slot.controls)}
    for k, rule in enumerate(_rules(matrix)):
        yield from _check_when(slot, rule, k, axes)
        yield from _check_then(slot, rule, k)
    otherwise = matrix.get("otherwise")
    if otherwise is not None and not _is_word(slot, otherwise) and slot.target.find(otherwise) is None:
        message = f"'otherwise' is {named(otherwise)}, which {named(slot.target.id)} does not have"
        words = "'uniform' or" if slot.own is None else "'stay', 'uniform' or"
        yield slot.finding("bad-reference", message, f"{words} {slot.target.known}", at="/otherwise")


def _rules(matrix: Matrix) -> list[Mapping[str, Mapping[str, object]]]:
    rules = matrix.get("rules")
    return rules if isinstance(rules, list) else []


def _is_word(slot: Slot, otherwise: object) -> bool:
    """Whether ``otherwise`` is one of the two words; a label of that name comes first."""
    if isinstance(otherwise, str) and slot.target.find(otherwise) is not None:
        return False
    return otherwise == "uniform" or (otherwise == "stay" and slot.own is not None)


def _check_when(
    slot: Slot, rule: Mapping[str, Mapping[str, object]], k: int, axes: Mapping[str, Axis]
) -> Iterator[Finding]:
    at = f"/rules/{k}/when"
    for name, wanted in rule["when"].items():
        axis = axes.get(name)
        if axis is None:
            message = f"rule {k} looks at {named(name)}, which is not among {listed(axes)}"
            yield slot.finding("bad-reference", message, "name a state or action that it depends on", at=at)
            continue
        for value in wanted if isinstance(wanted, list) else [wanted]:
            if axis.find(value) is None:
                message = f"rule {k} looks for {named(value)}, which {named(name)} does not have"
                yield slot.finding("bad-reference", message, axis.known, at=at)


def _check_then(slot: Slot, rule: Mapping[str, Mapping[str, object]], k: int) -> Iterator[Finding]:
    at, total, target = f"/rules/{k}/then", 0.0, slot.target
    for label, probability in rule["then"].items():
        if target.find_key(label) is None:
            message = f"rule {k} leads to {named(label)}, which {named(target.id)} does not have"
            yield slot.finding("bad-reference", message, target.known, at=at)
        number = _number(probability)
        if number < 0:
            message = f"rule {k} gives {named(label)} the probability {number:.7g}"
            yield slot.finding("negative-probability", message, "probabilities are 0 or more", at=at)
        total += number
    if total > 1 + RESCALED:
        message = f"rule {k} sums to {total:.7g}"
        yield slot.finding("not-normalised", message, "the probabilities of a rule sum to 1 at most", at=at)
    elif total > 1 + HOLDS:
        message = f"rule {k} sums to {total:.7g}; rescaled to 1"
        yield slot.finding("rescaled", message, "write numbers that sum to 1", at=at)


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def expand_rules(slot: Slot, matrix: Matrix) -> NDArray[np.float64]:
    """Return the array of shape ``slot.shape`` that the rules stand for."""
    array = np.zeros(slot.shape)
    columns = array.reshape(slot.target.size, -1)
    free = np.ones(columns.shape[1], dtype=bool)
    for rule in _rules(matrix):
        where = _where(slot, rule["when"], free)
        if not where.size:
            continue
        free[where] = False
        column, rest = _column(slot, rule["then"])
        columns[:, where] = column[:, None]
        _leave(slot, matrix, columns, where, rest)
        if not free.any():
            break
    _leave(slot, matrix, columns, np.flatnonzero(free), 1.0)
    return array


def _column(slot: Slot, then: Mapping[str, object]) -> tuple[NDArray[np.float64], float]:
    """Return the probabilities of a rule, and what is missing to 1."""
    column = np.zeros(slot.target.size)
    for label, probability in then.items():
        place = slot.target.find_key(label)
        if place is not None:
            column[place] += _number(probability)
    total = float(column.sum())
    return (column / total, 0.0) if total > 1.0 - HOLDS else (column, 1.0 - total)


def _where(slot: Slot, when: Mapping[str, object], free: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return which of the columns, counted in C order, a rule fits and no rule before it."""
    wanted: list[NDArray[np.intp]] = [np.arange(size) for size in slot.shape[1:]]
    for place, axis in enumerate((*slot.parents, *slot.controls)):
        if axis.id in when:
            said = when[axis.id]
            found = {axis.find(value) for value in (said if isinstance(said, list) else [said])}
            wanted[place] = np.array(sorted(index for index in found if index is not None), dtype=np.intp)
    fits = np.ravel_multi_index(np.ix_(*wanted), slot.shape[1:]).ravel()
    return fits[free[fits]]


def _leave(slot: Slot, matrix: Matrix, columns: NDArray[np.float64], where: NDArray[np.intp], rest: float) -> None:
    """Give ``rest`` to what ``otherwise`` names, in the columns at ``where``."""
    if rest <= 0.0 or not where.size:
        return
    otherwise = matrix.get("otherwise", "uniform" if slot.own is None else "stay")
    if not _is_word(slot, otherwise):
        place = slot.target.find(otherwise)
        if place is not None:
            columns[place, where] += rest
    elif otherwise == "uniform" or slot.own is None:
        columns[:, where] += rest / slot.target.size
    else:
        columns[np.unravel_index(where, slot.shape[1:])[slot.own], where] += rest
