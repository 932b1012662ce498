"""The world that a document describes: the process behind what the agent sees, drawn from the agent's own arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gmn_llm.gmn.arrays import arrays, in_node_order

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from gmn_llm.gmn.arrays import Arrays
    from gmn_llm.gmn.parts import Axis, Structure

__all__ = ["World"]


@dataclass(frozen=True)
class World:
    """A generative process. A state is an index for each factor; who lives in it is handed observations alone.

    Attributes:
        structure: The document's parts, with all that it leaves unsaid filled in.
        numbers: Its arrays.
    """

    structure: Structure
    numbers: Arrays

    @classmethod
    def of(cls, structure: Structure) -> World:
        """Return the world of a structure that ``completed`` has filled in."""
        return cls(structure, arrays(structure))

    def begin(self, rng: np.random.Generator) -> tuple[int, ...]:
        """Return a first state, drawn from D."""
        return tuple(_drawn(rng, start) for start in self.numbers.D)

    def observe(self, state: tuple[int, ...], rng: np.random.Generator) -> tuple[int, ...]:
        """Return an outcome for each modality, drawn from A."""
        parts = self.structure.likelihoods.values()
        return tuple(_drawn(rng, a[_at(part.parents, state)]) for a, part in zip(self.numbers.A, parts, strict=True))

    def move(self, state: tuple[int, ...], choices: Mapping[int, int], rng: np.random.Generator) -> tuple[int, ...]:
        """Return the next state, drawn from B.

        Args:
            state: The state now.
            choices: For each action that drives a factor, by its index, the index of the value taken.
            rng: What is drawn from.
        """
        following: list[int] = []
        for b, part in zip(self.numbers.B, self.structure.transitions.values(), strict=True):
            taken = [choices[control.index] for control in in_node_order(part.controls)] or [0]
            following.append(_drawn(rng, b[(*_at(part.parents, state), *taken)]))
        return tuple(following)


def _at(parents: tuple[Axis, ...], state: tuple[int, ...]) -> tuple[slice | int, ...]:
    """Return where an array has the column for ``state``."""
    return (slice(None), *(state[parent.index] for parent in in_node_order(parents)))


def _drawn(rng: np.random.Generator, probabilities: NDArray[np.float64]) -> int:
    return int(rng.choice(probabilities.size, p=probabilities))
