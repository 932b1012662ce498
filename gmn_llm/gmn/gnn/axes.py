"""The order of the axes of an array: GNN's pages say one, and files have others.

The pages order A as (outcome, states) and B as (next state, state before, action). Files are found whose A has one row
for each state, and whose B has one slice for each action, with one row for each state before or for each next state.
An array is taken in the only order in which it has the right shape and is a distribution over its first axis.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from gmn_llm.gmn.numbers import RESCALED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["DOCUMENTED", "ORDERS", "Axes", "Choice", "choose"]

DOCUMENTED = "documented"
Axes: TypeAlias = str | Mapping[str, str]
"""``detect``, ``documented``, or an order of ``ORDERS`` for variables by name (or their letter)."""

# Each order lists the groups of axes (0 outcomes or next states, 1 states, 2 choices) as they stand in the file.
ORDERS: Mapping[str, Mapping[str, tuple[int, ...]]] = {
    "A": {"outcome-state": (0, 1), "state-outcome": (1, 0)},
    "B": {
        "next-previous-action": (0, 1, 2),
        "previous-next-action": (1, 0, 2),
        "action-next-previous": (2, 0, 1),
        "action-previous-next": (2, 1, 0),
    },
}


@dataclass(frozen=True, slots=True)
class Choice:
    """What is to be made of an array.

    Attributes:
        array: It, in the order of the pages; None where no order, or more than one, fits.
        order: The order it was in.
        fits: The orders in which it has the right shape and sums to 1.
        shaped: It in the first order that has the right shape, or None where none has.
    """

    array: NDArray[np.float64] | None
    order: str
    fits: tuple[str, ...]
    shaped: NDArray[np.float64] | None


def choose(
    array: NDArray[np.float64], letter: str, groups: Sequence[tuple[int, ...]], wanted: str | None = None
) -> Choice:
    """Bring ``array`` to the order of the pages.

    Args:
        array: As the file has it.
        letter: ``A`` or ``B``.
        groups: The sizes of each group of axes: (outcomes or next states), (states of each parent), and for B (choices
            of each action).
        wanted: The order it is in, if that is known; then only the shape is looked at.

    Returns:
        The array where one order fits, or several that make no difference.
    """
    orders = ORDERS[letter]
    names = [wanted] if wanted is not None else list(orders)
    arranged = {name: found for name in names if (found := _arranged(array, orders[name], groups)) is not None}
    shaped = next(iter(arranged.values()), None)
    if wanted is not None:
        return Choice(shaped, wanted, tuple(arranged), shaped)
    fitting = {name: found for name, found in arranged.items() if _is_distribution(found)}
    different: dict[str, NDArray[np.float64]] = {}
    for name, found in fitting.items():
        if not any(np.array_equal(found, other) for other in different.values()):
            different[name] = found
    if len(different) == 1:
        name, found = next(iter(different.items()))
        return Choice(found, name, tuple(fitting), found)
    return Choice(None, "", tuple(different), shaped)


def _arranged(
    array: NDArray[np.float64], order: tuple[int, ...], groups: Sequence[tuple[int, ...]]
) -> NDArray[np.float64] | None:
    """Return the array turned from ``order``, or None where its shape is not that order's."""
    given = [(group, k) for group in order for k in range(len(groups[group]))]
    if array.shape != tuple(groups[group][k] for group, k in given):
        return None
    meant = [(group, k) for group, sizes in enumerate(groups) for k in range(len(sizes))]
    return array.transpose([given.index(axis) for axis in meant])


def _is_distribution(array: NDArray[np.float64]) -> bool:
    return bool(np.all(array >= 0) and np.all(np.abs(array.sum(axis=0) - 1.0) <= RESCALED))
