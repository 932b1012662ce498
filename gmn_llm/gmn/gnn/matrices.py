"""The numbers of the arrays of a GNN file, in the shape and the order of the axes that a document has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gmn_llm.findings import Finding, quote
from gmn_llm.gmn.gnn.axes import DOCUMENTED, ORDERS, Choice, choose
from gmn_llm.gmn.numbers import columns

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from gmn_llm.gmn.gnn.axes import Axes
    from gmn_llm.gmn.gnn.statements import Assignment
    from gmn_llm.gmn.gnn.variables import Variable

__all__ = ["Numbers", "matrix", "vector"]

FLAT = ("uniform", "zeros", "ones")


class Numbers:
    """The value of one array, or None where nothing is said, and what is wrong with it."""

    def __init__(self) -> None:
        self.value: object = None
        self.findings: list[Finding] = []

    def tell(self, code: str, message: str, hint: str, place: tuple[int, int]) -> None:
        """Add a finding."""
        self.findings.append(Finding(code, "", message, hint, *place))


def matrix(variable: Variable, groups: Sequence[tuple[int, ...]], axes: Axes) -> Numbers:
    """Return the numbers of an A or B in the order of GNN's pages, which is a document's.

    Args:
        variable: The array.
        groups: The sizes of its groups of axes, as ``choose`` has them.
        axes: ``detect``, ``documented``, or an order for a variable's name or letter.
    """
    result = Numbers()
    if variable.given is None:
        _matrix_default(variable, result)
        return result
    array = _array(variable, variable.given, result)
    if array is None:
        return result
    letter, place = variable.role.letter, variable.given.place
    if letter == "B" and groups[2] == (1,) and array.ndim == sum(map(len, groups)) - 1:
        array = array[..., None]
    choice = choose(array, letter, groups, _wanted(variable, axes))
    if choice.array is None:
        result.findings += _misfit(variable, variable.given, array.shape, groups, choice)
        return result
    documented = next(iter(ORDERS[letter]))
    if choice.order != documented:
        message = f"{quote(variable.name)} is ordered {choice.order} and was turned"
        result.tell("transposed", message, f"GNN's pages have {documented}", place)
    result.value = choice.array.tolist()
    return result


def _wanted(variable: Variable, axes: Axes) -> str | None:
    """Return the order that the caller, or the file, says the axes are in."""
    documented = next(iter(ORDERS[variable.role.letter]))
    if isinstance(axes, str):
        return documented if axes == DOCUMENTED else None
    wanted = axes.get(variable.name, axes.get(variable.role.letter))
    return documented if wanted == DOCUMENTED else wanted


def _misfit(
    variable: Variable, given: Assignment, shape: tuple[int, ...], groups: Sequence[tuple[int, ...]], choice: Choice
) -> Iterator[Finding]:
    """Say why no order of the axes can be taken."""
    name, documented = variable.name, next(iter(ORDERS[variable.role.letter]))
    if choice.fits:
        message = (
            f"{quote(name)} is a distribution in the orders {' and '.join(choice.fits)}, which are different models"
        )
        hint = f"say which it is, with axes={{'{name}': '{choice.fits[0]}'}} or --axes {name}={choice.fits[0]}"
        yield Finding("unsupported", "", message, hint, *given.place)
    elif choice.shaped is None:
        meant = tuple(size for group in groups for size in group)
        message = f"{quote(name)} has the shape {shape} where {meant} is expected, in the order {documented}"
        hint = "the sizes of what it is about and of what it is connected with"
        yield Finding("shape", "", message, hint, *given.place)
    else:
        for found in columns(choice.shaped, path="", node=quote(name)):
            yield Finding(found.code, "", found.message, "no order of its axes fits", *given.place)


def vector(variable: Variable, size: int) -> Numbers:
    """Return the numbers of a C or D as a list of ``size`` numbers, or of one list for each step; E as a list."""
    result = Numbers()
    if variable.given is None:
        wanted = variable.declared.options.get("default", FLAT[0])
        if wanted not in FLAT:
            message = f"{quote(variable.name)} has the default {quote(wanted)}"
            result.tell("unsupported", message, "write its numbers", variable.declared.place)
        return result
    array = _array(variable, variable.given, result)
    if array is not None:
        result.value = (array.reshape(-1) if array.size == size else array).tolist()
    return result


def _array(variable: Variable, given: Assignment, result: Numbers) -> NDArray[np.float64] | None:
    """Return the numbers as an array whose sizes are those declared, in any order; axes of size 1 may be left out."""
    name, dims = quote(variable.name), variable.dims
    try:
        array = np.array(given.value, dtype=np.float64)
    except ValueError:
        message = f"the rows of {name} differ in length or depth"
        result.tell("shape", message, f"it is declared with the sizes {dims}", given.place)
        return None
    if variable.role.letter in "CDE" or array.ndim != len(dims):
        longer = tuple(size for size in dims if size > 1)
        if tuple(size for size in array.shape if size > 1) == longer:
            array = array.reshape(dims)
    if sorted(array.shape) != sorted(dims):
        message = f"{name} has the shape {array.shape} and is declared with the sizes {dims}"
        result.tell("shape", message, "make the two agree", given.place)
        return None
    return array


def _matrix_default(variable: Variable, result: Numbers) -> None:
    """Take a default that is a distribution; without one the document's own stands in, with a warning."""
    wanted = variable.declared.options.get("default")
    if wanted == "uniform":
        result.value = {"kind": "uniform"}
    elif wanted == "eye":
        result.value = {"kind": "identity"}
    elif wanted is not None:
        message = f"{quote(variable.name)} has the default {quote(wanted)}, which is no distribution"
        result.tell("unsupported", message, "write its numbers", variable.declared.place)
