"""A worked model's agent, pymdp's own, in the world that the model describes."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from gmn_llm.gmn import GMNSpec


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a run.

    Attributes:
        states: The true state of each factor.
        observations: What was seen of it in each modality.
        beliefs: For each factor the probabilities of its states, after the observation.
        policies: The probability of each policy.
        worth: What each policy is worth in nats, its negative expected free energy.
        action: The choice for each factor.
    """

    states: tuple[int, ...]
    observations: tuple[int, ...]
    beliefs: tuple[np.ndarray, ...]
    policies: np.ndarray
    worth: np.ndarray
    action: tuple[int, ...]


@cache
def _one_step() -> Any:
    """An agent's step, compiled once for all agents of the same shapes: without that each costs a tenth of a second."""
    import equinox as eqx
    import jax.random as jr

    def step(agent: Any, observations: Any, prior: Any, key: Any) -> Any:
        beliefs = agent.infer_states(observations, empirical_prior=prior)
        policies, worth = agent.infer_policies(beliefs)
        action = agent.sample_action(policies, rng_key=jr.split(key, 1))
        return beliefs, policies, worth, action, agent.update_empirical_prior(action, beliefs)

    return eqx.filter_jit(step)


def play(
    spec: GMNSpec, states: tuple[int, ...], *, steps: int = 10, seed: int = 0, held: tuple[int, ...] = ()
) -> list[Step]:
    """Run the agent of a document.

    Args:
        spec: The document.
        states: What the world begins in.
        steps: How many observations the agent gets.
        seed: Of the world's chances; the agent takes what is best.
        held: Factors that the world leaves as they are, whatever B says.
    """
    import jax.numpy as jnp
    import jax.random as jr
    from pymdp.agent import Agent

    given, chance, run = spec.to_pymdp(), np.random.default_rng(seed), []

    def drawn(array: np.ndarray, *indices: int) -> int:
        return int(chance.choice(array.shape[0], p=array[(slice(None), *indices)]))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        agent = Agent(**given)
        prior = agent.D
        for t in range(steps):
            parents = [[states[f] for f in each] for each in given["A_dependencies"]]
            seen = tuple(drawn(array, *each) for array, each in zip(given["A"], parents, strict=True))
            observed = [jnp.array([each]) for each in seen]
            beliefs, policies, worth, chosen, prior = _one_step()(agent, observed, prior, jr.PRNGKey(t))
            action = tuple(int(choice) for choice in np.asarray(chosen)[0])
            believed = tuple(np.asarray(belief)[0, -1] for belief in beliefs)
            run.append(Step(states, seen, believed, np.asarray(policies)[0], np.asarray(worth)[0], action))
            parents = [[states[f] for f in each] for each in given["B_dependencies"]]
            states = tuple(
                states[f] if f in held else drawn(array, *each, choice)
                for f, (array, each, choice) in enumerate(zip(given["B"], parents, action, strict=True))
            )
    return run
