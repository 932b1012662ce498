"""What a run was: its steps, and what they come to."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Simulation", "Step", "Summary"]


@dataclass(frozen=True, slots=True)
class Step:
    """One step. A value is a label where the document has labels, else an index from 0; keys are the nodes' ids.

    Attributes:
        t: Number of the step, from 0.
        state: The true state of each factor, which the agent does not see.
        observations: What the agent sees of it, for each modality.
        beliefs: What the agent makes of it: for each factor a probability of each of its states.
        action: What the agent then does, for each action that drives a factor.
        efe: Expected free energy, in nats, of the policy that the agent follows: over the steps it plans ahead, minus
            what it expects to learn and to like (pymdp's ``-neg_efe``). Less is better.
        vfe: Variational free energy of the beliefs, in nats: how little the agent expected what it sees. Where states
            are inferred over sequences (mmp, vmp), this step's share of it.
        confidence: Probability that the agent gives the policy it follows.
    """

    t: int
    state: Mapping[str, str | int]
    observations: Mapping[str, str | int]
    beliefs: Mapping[str, tuple[float, ...]]
    action: Mapping[str, str | int]
    efe: float
    vfe: float
    confidence: float

    def as_dict(self) -> dict[str, object]:
        """Return the step as JSON has it."""
        return {
            "t": self.t,
            "state": dict(self.state),
            "observations": dict(self.observations),
            "beliefs": {factor: list(belief) for factor, belief in self.beliefs.items()},
            "action": dict(self.action),
            "efe": self.efe,
            "vfe": self.vfe,
            "confidence": self.confidence,
        }


@dataclass(frozen=True, slots=True)
class Summary:
    """What the steps come to.

    Attributes:
        steps: How many there were.
        actions: For each action that drives a factor, how often each of its values was taken.
        preferred: For each modality with preferences, at how many steps the agent saw what it likes best.
        mean_preference: Log-preference, in nats, of what was seen at a step, summed over the modalities, on average.
            Of preferences over time the first row counts: what is wanted one step ahead.
        mean_efe: Expected free energy of the policy followed, in nats, on average.
        entropy: For each factor the entropy, in nats, of the belief at the last step: 0 is certainty.
    """

    steps: int
    actions: Mapping[str, Mapping[str, int]]
    preferred: Mapping[str, int]
    mean_preference: float
    mean_efe: float
    entropy: Mapping[str, float]

    def as_dict(self) -> dict[str, object]:
        """Return the summary as JSON has it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Simulation:
    """A run.

    Attributes:
        seed: What the world's chances were drawn from; the same seed gives the same run.
        steps: The steps in order.
        summary: What they come to.
    """

    seed: int
    steps: tuple[Step, ...]
    summary: Summary

    def as_dict(self) -> dict[str, object]:
        """Return the run in the shape of ``gmn-llm simulate --json``."""
        return {
            "seed": self.seed,
            "steps": [step.as_dict() for step in self.steps],
            "summary": self.summary.as_dict(),
        }
