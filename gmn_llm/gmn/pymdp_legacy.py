"""A document as the arguments of ``pymdp.agent.Agent`` in inferactively-pymdp 0.0.7.1, which FreeAgentics pins."""

from __future__ import annotations

import math
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from gmn_llm.errors import GMNValidationError
from gmn_llm.findings import Finding, quote
from gmn_llm.gmn.arrays import arrays, in_node_order
from gmn_llm.gmn.completion import completed
from gmn_llm.gmn.limits import DEFAULT_LIMITS, Limits
from gmn_llm.gmn.pymdp import pairs_off, planning

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from gmn_llm.gmn.arrays import Arrays
    from gmn_llm.gmn.parts import Axis, Structure, Transition

__all__ = ["to_pymdp"]

VERSION = "pymdp 0.0.7.1"
ELSEWHERE = "pymdp 1.0 can do it: to_pymdp() without a version"
VANILLA = frozenset({"fpi", "ovf", "exact"})
"""Without learning, what 1.x calls ``ovf`` filters as ``fpi`` does, and with one factor ``fpi`` is exact."""


def to_pymdp(structure: Structure, *, limits: Limits = DEFAULT_LIMITS) -> dict[str, object]:
    """Return the keyword arguments of 0.0.7.1's ``Agent``.

    ``A``, ``B``, ``C``, ``D`` are NumPy object arrays of float64 arrays: ``A[m]`` of shape (num_obs, num_states of
    every factor), ``B[f]`` (num_states, num_states, number of choices), ``C[m]`` (num_obs,) or (num_obs, policy_len),
    ``D[f]`` (num_states,). An action of the agent is a number for each factor. Where several actions drive a factor it
    counts their combinations, the last action in node order running fastest (``numpy.unravel_index`` tells them
    apart); where factors and actions do not pair off, ``policies`` holds the combinations that there are, in the order
    of pymdp 1.x's. ``sampling_mode`` is ``full``, 1.x's default: the agent follows the best policy, so that factors
    that share an action never part.

    Two things are the library's own and can't be told by arrays: it takes log-preferences as ln(softmax(C) + 1e-16),
    so that what lies 37 nats and more below the best outcome is all the same to it, and it counts what is learnt from
    several modalities jointly, where 1.x adds up what each would tell alone.

    Raises:
        GMNValidationError: The document says what 0.0.7.1 can't do.
    """
    full = completed(structure)
    found = [*_sizes(full, limits.numbers), *_inference(full)]
    numbers = arrays(full)
    transitions: list[NDArray[np.float64]] = []
    for b, part in zip(numbers.B, full.transitions.values(), strict=True):
        alone, others = _alone(b, part)
        transitions.append(alone.reshape(*alone.shape[:2], -1))
        found += _tied(part, others)
    if found:
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        raise GMNValidationError(f"not an agent of {VERSION}: {found[0]}{more}", findings=found, hint=ELSEWHERE)
    return _arguments(full, numbers, transitions)


def _arguments(full: Structure, numbers: Arrays, transitions: list[NDArray[np.float64]]) -> dict[str, object]:
    num_controls = [b.shape[2] for b in transitions]
    likelihoods = zip(numbers.A, full.likelihoods.values(), strict=True)
    arguments: dict[str, object] = {
        "A": _objects(_spread(a, part.parents, full.factors) for a, part in likelihoods),
        "B": _objects(transitions),
        "C": _objects(np.ascontiguousarray(c.T) for c in numbers.C),
        "D": _objects(numbers.D),
        "num_controls": num_controls,
        **planning(full, numbers),
        "sampling_mode": "full",
    }
    controlled = [f for f, count in enumerate(num_controls) if count > 1]
    if controlled:  # an empty list is an error there, and the default finds as much
        arguments["control_fac_idx"] = controlled
    if not pairs_off(full):
        arguments["policies"] = _policies(full)
    if "inference_algo" in full.policy.properties:
        arguments["inference_algo"] = "VANILLA"
    return arguments


def _objects(given: Iterable[NDArray[np.float64]]) -> NDArray[np.object_]:
    items = list(given)
    result = np.empty(len(items), dtype=object)
    for place, item in enumerate(items):  # NumPy would make one array of arrays that are of one shape
        result[place] = item
    return result


def _spread(array: NDArray[np.float64], parents: tuple[Axis, ...], factors: tuple[Axis, ...]) -> NDArray[np.float64]:
    """Return a likelihood with an axis for every factor, the same all along those that are no parents."""
    mine = {parent.index for parent in parents}
    shape = (array.shape[0], *(factor.size if factor.index in mine else 1 for factor in factors))
    whole = (array.shape[0], *(factor.size for factor in factors))
    return np.broadcast_to(array.reshape(shape), whole).copy()


def _alone(array: NDArray[np.float64], part: Transition) -> tuple[NDArray[np.float64], tuple[Axis, ...]]:
    """Return a transition without the axes of other factors that make no difference to it, and those that do."""
    others: list[Axis] = []
    parents = in_node_order(part.parents)
    for axis, parent in reversed(list(enumerate(parents, start=1))):
        first = array.take([0], axis=axis)
        if parent == part.factor:
            continue
        if (array == first).all():
            array = first.squeeze(axis)
        else:
            others.insert(0, parent)
    return array, tuple(others)


def _policies(full: Structure) -> list[NDArray[np.int64]]:
    """Return each policy as (policy_len, number of factors), the last of the used actions running fastest."""
    place = {control.index: k for k, control in enumerate(full.used_controls)}
    driven = [in_node_order(part.controls) for part in full.transitions.values()]
    moves: list[list[int]] = []
    for choice in product(*(range(control.size) for control in full.used_controls)):
        move = []
        for controls in driven:
            number = 0
            for control in controls:
                number = number * control.size + choice[place[control.index]]
            move.append(number)
        moves.append(move)
    return [np.array(policy, dtype=np.int64) for policy in product(moves, repeat=full.policy.policy_len)]


def _tied(part: Transition, others: tuple[Axis, ...]) -> Iterator[Finding]:
    """Yield a finding where a factor moves with ``others``."""
    if others:
        names = ", ".join(quote(parent.id) for parent in others)
        said = f"transition {quote(part.id)}: how {quote(part.factor.id)} changes depends on {names}"
        yield Finding("unsupported", part.path, f"{said}, where a B of {VERSION} has its own factor alone", ELSEWHERE)


def _sizes(full: Structure, limit: int) -> Iterator[Finding]:
    for factor in full.factors:
        if factor.size == 1:
            said = f"state {quote(factor.id)} has 1 state, and {VERSION} squeezes its axis away"
            yield Finding("unsupported", factor.path, said, "leave the state out, or give it a second value")
    outcomes = [modality.size for modality in full.modalities]
    count = sum(outcomes) * math.prod(factor.size for factor in full.factors)
    if count > limit:
        said = f"written along every factor, as {VERSION} needs it, A takes {count} numbers where {limit} are the most"
        yield Finding("size-limit", "", said, ELSEWHERE)
    joint = math.prod(outcomes)
    if joint > limit and full.policy.properties.get("use_states_info_gain", True):
        said = f"{VERSION} weighs the {joint} combinations of outcomes one by one, where {limit} are the most"
        yield Finding("size-limit", full.policy.path, said, "set use_states_info_gain to false, or use pymdp 1.0")


def _inference(full: Structure) -> Iterator[Finding]:
    """Yield a finding where states are to be inferred in a way that is not there.

    The MMP of 0.0.7.1 is: with its default ``inference_horizon`` of 1 it takes the first actions of the past for those
    of the policy, so that all policies look the same, and a document has no word for another horizon.
    """
    asked = full.policy.properties.get("inference_algo", "fpi")
    path = f"{full.policy.path}/properties/inference_algo"
    if asked not in VANILLA:
        said = f"the policy's inference_algo {quote(asked)} is not there in {VERSION}, or not without a horizon"
        yield Finding("unsupported", path, said, "leave inference_algo out, or write fpi")
    if asked == "exact" and len(full.factors) > 1:
        said = f"exact inference takes one state, and the document has {len(full.factors)}"
        yield Finding("unsupported", path, said, "leave inference_algo out, or write fpi")
