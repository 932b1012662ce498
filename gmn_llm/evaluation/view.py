"""A document as an expectation looks at it: its parts with all arrays written out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from gmn_llm.gmn.arrays import Arrays, arrays, in_node_order
from gmn_llm.gmn.completion import completed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gmn_llm.gmn import GMNSpec
    from gmn_llm.gmn.parts import Axis, Structure

__all__ = ["Moves", "View"]


@dataclass(frozen=True, slots=True)
class Moves:
    """How one factor changes.

    Attributes:
        array: (next states, states, contexts, choices): the other parents are flattened to contexts, the actions that
            drive it to choices; a single choice where none does.
        choices: For each choice the labels (or the number in digits) of the actions that it is made of.
        driven: Whether an action drives it.
    """

    array: NDArray[np.float64]
    choices: tuple[tuple[str, ...], ...]
    driven: bool


@dataclass(frozen=True)
class View:
    """A valid document with every default filled in.

    Attributes:
        structure: Its parts.
        numbers: Its arrays, parents in node order.
    """

    structure: Structure
    numbers: Arrays

    @classmethod
    def of(cls, spec: GMNSpec) -> View:
        """Return the view of a document.

        Raises:
            GMNValidationError: The document is not valid.
        """
        full = completed(spec.valid().structure)
        return cls(full, arrays(full))

    @cached_property
    def likes(self) -> tuple[NDArray[np.float64], ...]:
        """For each modality (num_obs,) log-preferences in nats, the mean over time where they change with it."""
        return tuple(c if c.ndim == 1 else c.mean(axis=0) for c in self.numbers.C)

    def parents(self, modality: int) -> tuple[int, ...]:
        """Return which factors a modality depends on, in the order of the axes of its A."""
        return tuple(axis.index for axis in in_node_order(self.structure.likelihoods[modality].parents))

    def seen(self, modality: int, factor: int) -> NDArray[np.float64] | None:
        """Return (num_obs, num_states): what is seen of a factor, the mean over all others; None where it is not."""
        parents = self.parents(modality)
        if factor not in parents:
            return None
        others = tuple(1 + k for k, parent in enumerate(parents) if parent != factor)
        mean: NDArray[np.float64] = self.numbers.A[modality].mean(axis=others)
        return mean

    def worth(self, factors: Sequence[int]) -> NDArray[np.float64]:
        """Return (num_states of each factor): the log-preference expected there, the mean over all other factors."""
        total: NDArray[np.float64] = np.zeros([self.structure.factors[k].size for k in factors])
        for modality, likes in enumerate(self.likes):
            parents = self.parents(modality)
            value = np.tensordot(likes, self.numbers.A[modality], axes=1)
            value = value.mean(axis=tuple(k for k, parent in enumerate(parents) if parent not in factors))
            kept = [parent for parent in parents if parent in factors]
            order = [kept.index(factor) for factor in factors if factor in kept]
            shape = [self.structure.factors[k].size if k in kept else 1 for k in factors]
            total = total + np.transpose(value, order).reshape(shape)
        return total

    def moves(self, factor: int) -> Moves:
        """Return how a factor changes."""
        part = self.structure.transitions[factor]
        parents, controls = in_node_order(part.parents), in_node_order(part.controls)
        own = 1 + [axis.index for axis in parents].index(factor)
        size = part.factor.size
        array = np.moveaxis(self.numbers.B[factor], own, 1)
        contexts = int(np.prod([axis.size for axis in parents if axis.index != factor], dtype=int))
        choices = tuple(product(*(_names(axis) for axis in controls)))
        return Moves(array.reshape(size, size, contexts, len(choices)), choices, bool(controls))


def _names(axis: Axis) -> tuple[str, ...]:
    return axis.labels or tuple(map(str, range(axis.size)))
