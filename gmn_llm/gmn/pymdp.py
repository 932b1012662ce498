"""A document as the arguments of ``pymdp.agent.Agent`` (inferactively-pymdp 1.x)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gmn_llm.gmn.arrays import Arrays, arrays, completed, in_node_order

if TYPE_CHECKING:
    from gmn_llm.gmn.structure import Structure

__all__ = ["to_pymdp"]

PRECISION = 16.0
"""FreeAgentics' gamma and alpha; pymdp 1.x's own 1.0 lets curiosity drown every goal."""


def to_pymdp(structure: Structure) -> dict[str, object]:
    """Return the keyword arguments of ``Agent``: ``Agent(**to_pymdp(structure))``.

    ``A``, ``B``, ``C``, ``D`` are lists of NumPy arrays (float64) in the shapes of ``Arrays``. Where an action
    drives several factors, or a factor has several actions, ``B_action_dependencies`` says so and the B of a
    factor without actions has no action axis, as pymdp 1.x wants it.
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
        "policy_len": full.policy.policy_len,
        "gamma": _number(full, "gamma"),
        "alpha": _number(full, "alpha"),
    }
    if numbers.E is not None:
        arguments["E"] = numbers.E
    properties = full.policy.properties
    return arguments | {key: properties[key] for key in ("inference_algo", "use_states_info_gain") if key in properties}


def _number(structure: Structure, name: str) -> float:
    value = structure.policy.properties.get(name, PRECISION)
    return float(value) if isinstance(value, int | float) else PRECISION


def _controls(full: Structure, numbers: Arrays) -> dict[str, object]:
    """Return ``num_controls``, and ``B_action_dependencies`` where controls and factors do not pair off."""
    driven = [in_node_order(part.controls) for part in full.transitions.values()]
    uses = [control.index for controls in driven for control in controls]
    if len(uses) == len(set(uses)) and all(len(controls) <= 1 for controls in driven):
        return {"num_controls": [controls[0].size if controls else 1 for controls in driven]}
    place = {control.index: k for k, control in enumerate(full.used_controls)}
    return {
        "B": [b if controls else b[..., 0] for b, controls in zip(numbers.B, driven, strict=True)],
        "B_action_dependencies": [[place[control.index] for control in controls] for controls in driven],
        "num_controls": [control.size for control in full.used_controls],
    }
