"""A run: world and agent by turns."""

from __future__ import annotations

import math
import secrets
from typing import TYPE_CHECKING

import numpy as np

from gmn_llm.errors import GMNValidationError, InputError
from gmn_llm.findings import Finding
from gmn_llm.gmn.arrays import in_node_order
from gmn_llm.gmn.completion import completed
from gmn_llm.gmn.pymdp import pairs_off
from gmn_llm.simulation.account import summary
from gmn_llm.simulation.result import Simulation, Step
from gmn_llm.simulation.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gmn_llm.gmn import GMNSpec
    from gmn_llm.gmn.parts import Axis, Structure
    from gmn_llm.simulation.mind import Mind, Thought

__all__ = ["MOST_STEPS", "simulate"]

MOST_STEPS = 10_000
MOST_BELIEFS = 10_000_000
"""Probabilities that a run keeps, one for each state and step: some 300 MB."""
MOST_PLANNED = 500_000_000
"""Numbers of single precision (2 GB) that pymdp lays out at once to try a step of all policies."""
SEEDS = 2**32


def simulate(spec: GMNSpec, steps: int, *, seed: int | None = None) -> Simulation:
    """Run pymdp's agent in the world that its document describes.

    The world begins in a state drawn from D. At each step what is seen is drawn from A, the agent infers states and
    policies and acts, and the next state is drawn from B. The agent leaves nothing to chance: all of it is the world's.

    Args:
        spec: The document.
        steps: How many steps, from 1 to ``MOST_STEPS``.
        seed: Whole number from 0; the same one gives the same run. Without it one is drawn, and the run tells it.

    Raises:
        GMNValidationError: The document is not valid, or not one that an agent of pymdp can run.
        InputError: ``steps`` or ``seed`` is out of range, or pymdp is not installed.
    """
    _check_numbers(steps, seed)
    structure = completed(spec.valid().structure)
    _check_room(spec, structure, steps)
    mind, world = _mind(spec, steps), World.of(structure)
    seed = secrets.randbelow(SEEDS) if seed is None else seed
    rng = np.random.default_rng(seed)
    acting, state = _acting(structure), world.begin(rng)
    done: list[Step] = []
    everything: list[tuple[int, ...]] = []
    for t in range(steps):
        seen = world.observe(state, rng)
        thought = mind.think(seen)
        if not thought.is_finite:
            said = f"the agent's numbers overflow single precision at step {t}"
            _refuse(spec, [Finding("not-finite", "", said, "use smaller preferences, or a smaller gamma")])
        taken = {axis: number for axis, number in zip(acting, thought.action, strict=True) if axis is not None}
        done.append(_step(t, structure=structure, state=state, seen=seen, thought=thought, taken=taken))
        everything.append(seen)
        state = world.move(state, {axis.index: number for axis, number in taken.items()}, rng)
    return Simulation(seed, tuple(done), summary(world, everything, done))


def _check_numbers(steps: int, seed: int | None) -> None:
    if not isinstance(steps, int) or isinstance(steps, bool) or not 1 <= steps <= MOST_STEPS:
        raise InputError(f"steps is {steps!r}", hint=f"a whole number from 1 to {MOST_STEPS}")
    if seed is not None and (not isinstance(seed, int) or isinstance(seed, bool) or seed < 0):
        raise InputError(f"seed is {seed!r}", hint="a whole number from 0")


def _check_room(spec: GMNSpec, structure: Structure, steps: int) -> None:
    """Refuse what pymdp refuses or would take more than a machine has for, before anything is loaded."""
    found = list(_unsupported(structure))
    if found:
        _refuse(spec, found)
    states = sum(factor.size for factor in structure.factors)
    if states * steps > MOST_BELIEFS:
        said = f"{steps} steps of beliefs about {states} states are {states * steps} numbers"
        raise InputError(said, hint=f"{MOST_BELIEFS // states} steps are the most for this document")


def _unsupported(structure: Structure) -> Iterator[Finding]:
    policy = structure.policy
    if policy.properties.get("inference_algo") == "exact" and len(structure.factors) > 1:
        said = f"exact inference takes one state, and the document has {len(structure.factors)}"
        path = f"{policy.path}/properties/inference_algo"
        yield Finding("unsupported", path, said, "leave inference_algo out, or write fpi")
    policies = structure.num_choices**policy.policy_len
    largest = max(math.prod(part.shape[: 1 + len(part.parents)]) for part in structure.transitions.values())
    if policies * largest > MOST_PLANNED:
        said = f"to plan, pymdp lays out {policies} policies by {largest} numbers, where {MOST_PLANNED} are the most"
        yield Finding("size-limit", policy.path, said, "use a smaller policy_len, fewer actions or fewer states")


def _refuse(spec: GMNSpec, found: Sequence[Finding]) -> None:
    said = f"no agent of pymdp runs this document: {found[0].message}"
    raise GMNValidationError(said, findings=found, draft=spec.document, hint=found[0].hint)


def _mind(spec: GMNSpec, steps: int) -> Mind:
    try:
        from gmn_llm.simulation.mind import Mind  # the extra
    except ImportError as error:
        raise InputError("a simulation needs the extra: pip install 'gmn-llm[pymdp]'") from error
    return Mind(spec.to_pymdp(), steps)


def _acting(structure: Structure) -> tuple[Axis | None, ...]:
    """Return what the numbers of an action of the agent are about, as ``gmn_llm.gmn.pymdp.to_pymdp`` arranges them."""
    if not pairs_off(structure):
        return structure.used_controls
    driven = [in_node_order(part.controls) for part in structure.transitions.values()]
    return tuple(controls[0] if controls else None for controls in driven)


def _step(
    t: int,
    *,
    structure: Structure,
    state: tuple[int, ...],
    seen: tuple[int, ...],
    thought: Thought,
    taken: dict[Axis, int],
) -> Step:
    beliefs = zip(structure.factors, thought.beliefs, strict=True)
    return Step(
        t=t,
        state=_named(structure.factors, state),
        observations=_named(structure.modalities, seen),
        beliefs={factor.id: tuple(belief.tolist()) for factor, belief in beliefs},
        action=_named(tuple(taken), tuple(taken.values())),
        efe=thought.efe,
        vfe=thought.vfe,
        confidence=thought.confidence,
    )


def _named(axes: tuple[Axis, ...], indices: tuple[int, ...]) -> dict[str, str | int]:
    return {axis.id: axis.labels[k] if axis.labels else k for axis, k in zip(axes, indices, strict=True)}
