"""The agent: pymdp's own, compiled, with what it has to remember between two steps.

Only this module imports JAX and pymdp, so it is imported where a run begins.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jax import vmap
from pymdp.agent import Agent
from pymdp.control import compute_expected_state
from pymdp.inference import SEQUENCE_METHODS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = ["Mind", "Thought"]

WINDOW = 32
"""Steps that inference over sequences (mmp, vmp) looks back at most, as pymdp's own ``rollout`` has it."""


@dataclass(frozen=True, slots=True)
class Thought:
    """What the agent makes of what it sees: see ``Step``; ``action`` has a number for each factor or action."""

    beliefs: tuple[NDArray[np.float64], ...]
    action: tuple[int, ...]
    efe: float
    vfe: float
    confidence: float

    @property
    def is_finite(self) -> bool:
        """Whether its numbers are numbers: they are of single precision, and overflow beyond 3e38."""
        return bool(np.isfinite([self.efe, self.vfe, self.confidence, *(b.sum() for b in self.beliefs)]).all())


class Mind:
    """An agent in the course of one run.

    Args:
        arguments: What ``Agent`` takes.
        steps: How many steps the run has.
    """

    def __init__(self, arguments: Mapping[str, Any], steps: int) -> None:
        with np.errstate(over="ignore"):  # what is too large for single precision shows in the first thought
            self._agent = Agent(**arguments)
        self._prior = self._agent.D
        self._past: _Past | None = None
        if self._agent.inference_algo in SEQUENCE_METHODS:
            self._past = _Past(len(self._agent.num_obs), len(self._agent.num_states), min(steps, WINDOW))

    def think(self, observations: tuple[int, ...]) -> Thought:
        """Return what the agent believes and does when it sees ``observations``, an index for each modality."""
        seen: list[Any] = [np.array([index]) for index in observations]
        if self._past is None:
            found = _think(self._agent, seen, self._prior, None, None)
            self._prior = found.prior
        else:
            self._past.see(observations)
            found = _think(self._agent, *self._past.read(self._prior))
            if self._past.is_full:
                self._prior = found.prior
            self._past.do(np.asarray(found.move)[0])
        return Thought(
            beliefs=tuple(_whole(np.asarray(belief, dtype=np.float64)[0]) for belief in found.beliefs),
            action=tuple(int(number) for number in np.asarray(found.action)[0]),
            efe=float(found.efe),
            vfe=float(found.vfe),
            confidence=float(found.confidence),
        )


class _Past:
    """What was seen and done in the last steps, in a window of one length so that the agent is compiled once.

    What lies before the first step is -1, which pymdp takes for nothing.
    """

    def __init__(self, modalities: int, factors: int, length: int) -> None:
        self.seen = np.full((modalities, length), -1)
        self.done = np.full((max(length - 1, 0), factors), -1)
        self.valid = 0

    @property
    def is_full(self) -> bool:
        return self.valid == self.seen.shape[1] and self.valid > 1

    def see(self, observations: tuple[int, ...]) -> None:
        self.seen = np.concatenate([self.seen[:, 1:], np.array(observations)[:, None]], axis=1)
        self.valid = min(self.valid + 1, self.seen.shape[1])

    def do(self, move: NDArray[np.int64]) -> None:
        if self.done.size:
            self.done = np.concatenate([self.done[1:], move[None]])

    def read(self, prior: Any) -> tuple[Any, Any, Any, Any]:
        return [row[None] for row in self.seen], prior, self.done[None], np.array([self.valid])


class _Found(NamedTuple):
    """One step of the agent as arrays; ``move`` is the action as the agent's transitions count it."""

    beliefs: Any
    move: Any
    action: Any
    prior: Any
    efe: Any
    vfe: Any
    confidence: Any


@eqx.filter_jit
def _think(agent: Any, observations: Any, prior: Any, past_actions: Any, valid_steps: Any) -> _Found:
    """Infer states and policies, act, and expect what comes of it."""
    beliefs, info = agent.infer_states(
        observations, empirical_prior=prior, past_actions=past_actions, valid_steps=valid_steps, return_info=True
    )
    policies, neg_efe = agent.infer_policies(beliefs)
    move = agent.sample_action(policies)
    best = jnp.argmax(policies[0])
    # Over sequences, what leaves the window at its front is remembered as what is expected to follow it.
    if past_actions is None:
        following = agent.update_empirical_prior(move, beliefs)
    elif past_actions.shape[1]:
        expected = vmap(partial(compute_expected_state, B_dependencies=agent.B_dependencies))
        following = expected([belief[:, 0] for belief in beliefs], agent.B, past_actions[:, 0])
    else:
        following = prior
    return _Found(
        beliefs=[belief[:, -1] for belief in beliefs],
        move=move,
        action=agent.decode_multi_actions(move),
        prior=following,
        efe=-neg_efe[0, best],
        vfe=jnp.ravel(info["vfe_t"])[-1],
        confidence=policies[0, best],
    )


def _whole(belief: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a belief of single precision so that it sums to 1 in double."""
    whole: NDArray[np.float64] = belief / belief.sum()
    return whole
