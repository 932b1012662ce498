"""A document as the description that ``pymdp.distribution.compile_model`` makes named arrays from (pymdp 1.x).

The description has names, sizes and dependencies only; the arrays it makes are zeros. ``Described.arguments`` fills
them and adds what the description can't say::

    described = describe(spec)
    agent = Agent(**described.arguments(compile_model(described.description)))
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from gmn_llm.findings import Finding
from gmn_llm.gmn.arrays import arrays, in_node_order
from gmn_llm.gmn.completion import completed
from gmn_llm.gmn.gnn.losses import losses
from gmn_llm.gmn.pymdp import to_pymdp
from gmn_llm.gmn.words import listed, named

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from gmn_llm.gmn.parts import Axis, Structure
    from gmn_llm.gmn.spec import GMNSpec

__all__ = ["CompiledModel", "Described", "NamedArray", "describe"]

PLAN = ("E", "policy_len", "gamma", "alpha", "inference_algo", "use_states_info_gain")


class NamedArray(Protocol):
    """One array of a compiled model: pymdp's ``Distribution``."""

    data: NDArray[np.float64]


class CompiledModel(Protocol):
    """What ``compile_model`` returns, as far as it is used here."""

    A: Iterable[NamedArray]
    B: Iterable[NamedArray]
    C: Iterable[NamedArray]
    D: Iterable[NamedArray]
    B_action_dependencies: object
    num_controls: object


@dataclass(frozen=True, slots=True)
class Described:
    """A document for ``compile_model``.

    Attributes:
        description: ``observations``, ``controls`` and ``states``, each by id with its ``elements`` (labels, or made
            from the id where there are none), ``depends_on`` and ``controlled_by`` in the order of the axes.
        A: Per modality (num_obs, num_states of each parent).
        B: Per factor (num_states, num_states of each parent, num_actions of each action it is controlled by).
        C: Per modality (num_obs,), or (policy_len, num_obs), which the description can't say.
        D: Per factor (num_states,).
        plan: Further arguments of ``Agent``: ``policy_len``, ``gamma``, ``alpha`` and what the policy says.
        findings: What the description can't say, each ``unsupported``.
    """

    description: dict[str, Any]
    A: tuple[NDArray[np.float64], ...]
    B: tuple[NDArray[np.float64], ...]
    C: tuple[NDArray[np.float64], ...]
    D: tuple[NDArray[np.float64], ...]
    plan: Mapping[str, object]
    findings: tuple[Finding, ...]

    def arguments(self, model: CompiledModel) -> dict[str, Any]:
        """Fill ``model``, which ``compile_model(self.description)`` has made, and return the arguments of ``Agent``."""
        filled: dict[str, Any] = {}
        for name, parts, numbers in (
            ("A", model.A, self.A),
            ("B", model.B, self.B),
            ("D", model.D, self.D),
        ):
            filled[name] = [_filled(part, array) for part, array in zip(parts, numbers, strict=True)]
        over_time = any(array.ndim > 1 for array in self.C)
        filled["C"] = list(self.C) if over_time else [_filled(*pair) for pair in zip(model.C, self.C, strict=True)]
        controls = {"B_action_dependencies": model.B_action_dependencies, "num_controls": model.num_controls}
        return filled | controls | dict(self.plan)


def _filled(part: NamedArray, array: NDArray[np.float64]) -> NamedArray:
    part.data = array
    return part


def describe(spec: GMNSpec) -> Described:
    """Return ``spec`` for ``compile_model``, with its numbers.

    Actions that drive nothing are left out, for pymdp would plan over them. Where no factor is controlled the first
    one gets a control with a single choice, for pymdp's agent needs one.

    Raises:
        GMNValidationError: The document is not valid.
    """
    full = completed(spec.valid().structure)
    numbers, plan = arrays(full), to_pymdp(full)
    driven = {f: [axis.id for axis in in_node_order(part.controls)] for f, part in full.transitions.items()}
    controls: dict[str, Any] = {axis.id: {"elements": _elements(axis)} for axis in full.used_controls}
    if not controls:
        only = _free_name("no_choice", full.ids | full.by_id.keys())
        controls, driven[0] = {only: {"elements": ["none"]}}, [only]
    description: dict[str, Any] = {
        "observations": {
            part.modality.id: {"elements": _elements(part.modality), "depends_on": _names(part.parents)}
            for part in full.likelihoods.values()
        },
        "controls": controls,
        "states": {
            part.factor.id: {
                "elements": _elements(part.factor),
                "depends_on": _names(part.parents),
                "controlled_by": driven[f],
            }
            for f, part in full.transitions.items()
        },
    }
    return Described(
        description=description,
        A=numbers.A,
        B=tuple(b if driven[f] else b[..., 0] for f, b in enumerate(numbers.B)),
        C=numbers.C,
        D=numbers.D,
        plan={key: plan[key] for key in PLAN if key in plan},
        findings=(*losses(spec.document), *_unsaid(spec, full)),
    )


def _elements(axis: Axis) -> list[str]:
    return list(axis.labels) or [f"{axis.id}_{k}" for k in range(axis.size)]


def _names(axes: Sequence[Axis]) -> list[str]:
    return [axis.id for axis in in_node_order(tuple(axes))]


def _free_name(wanted: str, taken: frozenset[str]) -> str:
    name, count = wanted, 2
    while name in taken:
        name, count = f"{wanted}_{count}", count + 1
    return name


def _unsaid(spec: GMNSpec, full: Structure) -> Iterator[Finding]:
    """What the description has no word for, though the agent's arguments have."""
    steps = full.policy.policy_len
    if any(_is_over_time(wish.properties) for wish in full.preferences.values()):
        message = f"preferences over {steps} steps have no place in the description"
        yield Finding("unsupported", "", message, "they are handed to the agent as arrays")
    said = [key for key in full.policy.properties if key != "description"]
    if said:
        message = f"{listed(said)} of the policy have no place in the description"
        yield Finding("unsupported", full.policy.path, message, "they are among the arguments of the agent")
    used = {axis.index for axis in full.used_controls}
    for axis in full.controls:
        if axis.index not in used:
            message = f"action {named(axis.id)} drives nothing and is left out"
            yield Finding("unsupported", axis.path, message, "pymdp would plan over it")
    described = [str(node.id) for node in spec.nodes if "description" in node.properties]
    if described or spec.description:
        message = "descriptions have no place beside names"
        yield Finding("unsupported", "", message, "keep the GMN document as the source")


def _is_over_time(properties: Mapping[str, object]) -> bool:
    return any(
        isinstance(value, list) and any(isinstance(row, list) for row in value)
        for value in (properties.get("vector"), properties.get("values"))
    )
