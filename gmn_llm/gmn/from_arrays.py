"""A document made of pymdp's arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from gmn_llm.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["document"]

Array = "NDArray[np.float64]"
POLICY = ("policy_len", "gamma", "alpha", "inference_algo", "use_states_info_gain")


def document(
    A: Sequence[ArrayLike] | ArrayLike,  # noqa: N803  # the field's names
    B: Sequence[ArrayLike] | ArrayLike,  # noqa: N803
    C: Sequence[ArrayLike] | ArrayLike | None = None,  # noqa: N803
    D: Sequence[ArrayLike] | ArrayLike | None = None,  # noqa: N803
    *,
    name: str = "model",
    E: ArrayLike | None = None,  # noqa: N803
    A_dependencies: Sequence[Sequence[int]] | None = None,  # noqa: N803
    B_dependencies: Sequence[Sequence[int]] | None = None,  # noqa: N803
    B_action_dependencies: Sequence[Sequence[int]] | None = None,  # noqa: N803
    num_controls: Sequence[int] | None = None,
    **policy: object,
) -> dict[str, object]:
    """Return the canonical document of arrays in pymdp 1.x's convention.

    Args:
        A: Per modality (num_obs, num_states of each factor it depends on); one bare array for one modality.
        B: Per factor (num_states, num_states of each parent, num_actions); one bare array for one factor.
        C: Per modality (num_obs,) or (policy_len, num_obs), in nats.
        D: Per factor (num_states,).
        name: The document's name.
        E: (number of policies,), the habits.
        A_dependencies: The factors of each A; all of them where nothing is said, as pymdp has it.
        B_dependencies: The parents of each B; the factor alone where nothing is said.
        B_action_dependencies: The actions of each B, where actions and factors do not pair off.
        num_controls: The actions' sizes, needed with ``B_action_dependencies``.
        **policy: ``policy_len``, ``gamma``, ``alpha``, ``inference_algo``, ``use_states_info_gain``.

    Raises:
        InputError: The shapes do not fit one another, or an argument is unknown.
    """
    unknown = sorted(set(policy) - set(POLICY))
    if unknown:
        raise InputError(f"from_arrays knows no argument {unknown[0]!r}", hint="known are " + ", ".join(POLICY))
    likelihoods, transitions = _arrays(A, "A"), _arrays(B, "B")
    sizes = [b.shape[0] for b in transitions]
    factors = range(len(transitions))
    a_parents = [list(parents) for parents in A_dependencies] if A_dependencies is not None else [list(factors) for _ in likelihoods]
    b_parents = [list(parents) for parents in B_dependencies] if B_dependencies is not None else [[f] for f in factors]
    build = _Build(sizes)
    build.controls(transitions, b_parents, B_action_dependencies, num_controls)
    for f, size in enumerate(sizes):
        build.node(f"state_{f}", "state", num_states=size)
    for m, a in enumerate(likelihoods):
        build.node(f"observation_{m}", "observation", num_observations=a.shape[0])
    for m, a in enumerate(likelihoods):
        build.likelihood(m, a, a_parents)
    for f, b in enumerate(transitions):
        build.transition(f, b, b_parents)
    for key, given, node_type in (("C", C, "preference"), ("D", D, "belief")):
        for k, vector in enumerate(_arrays(given, key) if given is not None else ()):
            about = f"{'observation' if key == 'C' else 'state'}_{k}"
            build.node(f"{node_type}_{k}", node_type, vector=vector.tolist())
            build.edge(f"{node_type}_{k}", about, "depends_on")
    said = dict(policy) | ({} if E is None else {"habits": np.asarray(E, dtype=np.float64).tolist()})
    if said:
        build.node("policy", "policy", **said)
    return {"name": name, "nodes": build.nodes, "edges": build.edges}


def _arrays(given: Sequence[ArrayLike] | ArrayLike, name: str) -> list[NDArray[np.float64]]:
    """Return one array for each part; a bare array stands for a single part."""
    several = isinstance(given, list | tuple) or (isinstance(given, np.ndarray) and given.dtype == object)
    parts = list(given) if several else [given]  # type: ignore[arg-type]  # a sequence where there are several
    if several and parts and all(np.ndim(part) == 0 for part in parts):
        parts = [given]
    try:
        return [np.asarray(part, dtype=np.float64) for part in parts]
    except (TypeError, ValueError) as error:
        raise InputError(f"{name} is no list of arrays of numbers: {error}") from error


class _Build:
    def __init__(self, sizes: Sequence[int]) -> None:
        self.sizes = sizes
        self.nodes: list[dict[str, object]] = []
        self.edges: list[dict[str, object]] = []
        self.actions: Mapping[int, Sequence[int]] = {}
        self.plain: set[int] = set()

    def node(self, node_id: str, node_type: str, **properties: object) -> None:
        self.nodes.append({"id": node_id, "type": node_type, "properties": properties})

    def edge(self, source: str, target: str, kind: str) -> None:
        self.edges.append({"source": source, "target": target, "type": kind})

    def controls(
        self,
        transitions: Sequence[NDArray[np.float64]],
        parents: Sequence[Sequence[int]],
        dependencies: Sequence[Sequence[int]] | None,
        num_controls: Sequence[int] | None,
    ) -> None:
        """Say which actions there are; a last axis of size 1 is no action."""
        if dependencies is not None:
            if num_controls is None:
                raise InputError("B_action_dependencies needs num_controls", hint="the size of each action")
            self.actions = dict(enumerate(dependencies))
            self.plain = {f for f, actions in self.actions.items() if not actions}
            sizes = dict(enumerate(num_controls))
        else:
            for f, b in enumerate(transitions):
                if b.ndim != 2 + len(parents[f]):
                    raise InputError(f"B[{f}] has {b.ndim} axes where {2 + len(parents[f])} are expected", hint="next states, states of each parent, actions")
            sizes = {f: b.shape[-1] for f, b in enumerate(transitions) if b.shape[-1] > 1}
            if not sizes and transitions:
                sizes = {0: 1}
            self.actions = {f: [f] if f in sizes else [] for f in range(len(transitions))}
        for k, size in sizes.items():
            self.node(f"action_{k}", "action", num_actions=size)

    def likelihood(self, m: int, a: NDArray[np.float64], parents: Sequence[Sequence[int]]) -> None:
        if m >= len(parents) or any(not 0 <= f < len(self.sizes) for f in parents[m]):
            raise InputError(f"A[{m}] depends on factors that B does not have")
        self.node(f"likelihood_{m}", "likelihood", matrix=a.tolist())
        for f in parents[m]:
            self.edge(f"state_{f}", f"likelihood_{m}", "depends_on")
        self.edge(f"likelihood_{m}", f"observation_{m}", "generates")

    def transition(self, f: int, b: NDArray[np.float64], parents: Sequence[Sequence[int]]) -> None:
        if f in self.plain:
            b = b[..., None]
        self.node(f"transition_{f}", "transition", matrix=b.tolist(), factor=f"state_{f}")
        for g in parents[f]:
            if not 0 <= g < len(self.sizes):
                raise InputError(f"B[{f}] depends on factor {g}, which is not there")
            self.edge(f"state_{g}", f"transition_{f}", "depends_on")
        for k in self.actions[f]:
            self.edge(f"action_{k}", f"transition_{f}", "depends_on")
