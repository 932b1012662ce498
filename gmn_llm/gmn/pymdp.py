"""A document as the arguments of ``pymdp.agent.Agent`` (inferactively-pymdp 1.x)."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from gmn_llm.gmn.arrays import arrays, in_node_order
from gmn_llm.gmn.completion import completed

if TYPE_CHECKING:
    from gmn_llm.gmn.arrays import Arrays
    from gmn_llm.gmn.parts import Structure

__all__ = ["PRECISION", "pairs_off", "planning", "to_pymdp"]

PRECISION = 16.0
"""FreeAgentics' gamma and alpha; pymdp 1.x's own 1.0 lets curiosity drown every goal."""


def to_pymdp(structure: Structure) -> dict[str, object]:
    """Return the keyword arguments of ``Agent``: ``Agent(**to_pymdp(structure))``.

    ``A``, ``B``, ``C``, ``D`` are lists of NumPy arrays (float64) in the shapes of ``Arrays``. Where each factor has
    one action of its own or none, and these stand in the order of the factors, an action of the agent is a number for
    each factor (0 for one that none drives). Otherwise ``B_action_dependencies`` says which actions drive a factor, in
    node order, the B of a factor that none drives has no action axis, and ``Agent.decode_multi_actions`` turns an
    action of the agent into a number for each action of the document that drives anything. Policies, and with them
    the habits, are counted with the last of these actions running fastest.
    """
    full = completed(structure)
    numbers = arrays(full)
    arguments: dict[str, object] = {
        "A": list(numbers.A),
        "B": list(numbers.B),
        "C": list(numbers.C),
        "D": list(numbers.D),
        "A_dependencies": [[axis.index for axis in in_node_order(part.parents)] for part in full.likelihoods.values()],
        "B_dependencies": [[axis.index for axis in in_node_order(part.parents)] for part in full.transitions.values()],
        **_controls(full, numbers),
        **planning(full, numbers),
    }
    properties = full.policy.properties
    return arguments | {key: properties[key] for key in ("inference_algo",) if key in properties}


def planning(full: Structure, numbers: Arrays) -> dict[str, object]:
    """Return how the agent plans, in the words that all versions of pymdp share."""
    said: dict[str, object] = {
        "policy_len": full.policy.policy_len,
        "gamma": _number(full, "gamma"),
        "alpha": _number(full, "alpha"),
    }
    if numbers.E is not None:
        said["E"] = numbers.E
    properties = full.policy.properties
    return said | {key: properties[key] for key in ("use_states_info_gain",) if key in properties}


def pairs_off(full: Structure) -> bool:
    """Return whether each factor has one action of its own or none, and these stand in the order of the factors."""
    driven = [in_node_order(part.controls) for part in full.transitions.values()]
    uses = [control.index for controls in driven for control in controls]
    return all(len(controls) <= 1 for controls in driven) and all(a < b for a, b in pairwise(uses))


def _number(structure: Structure, name: str) -> float:
    value = structure.policy.properties.get(name, PRECISION)
    return float(value) if isinstance(value, int | float) else PRECISION


def _controls(full: Structure, numbers: Arrays) -> dict[str, object]:
    """Return ``num_controls``, and ``B_action_dependencies`` where actions and factors do not pair off."""
    driven = [in_node_order(part.controls) for part in full.transitions.values()]
    if pairs_off(full):
        return {"num_controls": [controls[0].size if controls else 1 for controls in driven]}
    place = {control.index: k for k, control in enumerate(full.used_controls)}
    return {
        "B": [b if controls else b[..., 0] for b, controls in zip(numbers.B, driven, strict=True)],
        "B_action_dependencies": [[place[control.index] for control in controls] for controls in driven],
        "num_controls": [control.size for control in full.used_controls],
    }
