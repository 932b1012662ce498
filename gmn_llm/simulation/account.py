"""What the steps of a run come to."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from gmn_llm.simulation.result import Step, Summary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gmn_llm.gmn.parts import Structure
    from gmn_llm.simulation.world import World

__all__ = ["summary"]


def summary(world: World, seen: Sequence[tuple[int, ...]], steps: Sequence[Step]) -> Summary:
    """Return what ``steps`` come to; ``seen`` has the index of each modality's outcome at each of them."""
    wishes = [np.atleast_2d(c)[0] for c in world.numbers.C]
    obtained = [wish[[outcomes[m] for outcomes in seen]] for m, wish in enumerate(wishes)]
    modalities = world.structure.modalities
    return Summary(
        steps=len(steps),
        actions=_taken(world.structure, steps),
        preferred={
            modality.id: int((got == wish.max()).sum())
            for modality, wish, got in zip(modalities, wishes, obtained, strict=True)
            if wish.max() > wish.min()
        },
        mean_preference=float(sum(got.mean() for got in obtained)),
        mean_efe=float(np.mean([step.efe for step in steps])),
        entropy={factor: _entropy(np.array(belief)) for factor, belief in steps[-1].beliefs.items()},
    )


def _taken(structure: Structure, steps: Sequence[Step]) -> dict[str, dict[str, int]]:
    """Return how often each value of each action was taken, those that never were included."""
    taken: dict[str, dict[str, int]] = {}
    for control in structure.used_controls:
        counts = Counter(str(step.action[control.id]) for step in steps)
        names = control.labels or tuple(str(index) for index in range(control.size))
        taken[control.id] = {name: counts[name] for name in names}
    return taken


def _entropy(belief: NDArray[np.float64]) -> float:
    likely = belief[belief > 0]
    return float(abs((likely * np.log(likely)).sum()))  # of certainty it is 0, and not -0
