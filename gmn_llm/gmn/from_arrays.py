"""A document made of pymdp's arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias, TypedDict, Unpack, cast

import numpy as np

from gmn_llm.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["Given", "More", "document"]

Given: TypeAlias = "Sequence[ArrayLike] | ArrayLike"
Dependencies: TypeAlias = Sequence[Sequence[int]]
POLICY = ("policy_len", "gamma", "alpha", "inference_algo", "use_states_info_gain")


class More(TypedDict, total=False):
    """The further arguments, named as pymdp's ``Agent`` has them."""

    E: ArrayLike
    A_dependencies: Dependencies
    B_dependencies: Dependencies
    B_action_dependencies: Dependencies
    num_controls: Sequence[int]
    policy_len: int
    gamma: float
    alpha: float
    inference_algo: str
    use_states_info_gain: bool


def document(
    A: Given,  # noqa: N803  # the field's name, as below
    B: Given,  # noqa: N803
    C: Given | None = None,  # noqa: N803
    D: Given | None = None,  # noqa: N803
    *,
    name: str = "model",
    **more: Unpack[More],
) -> dict[str, object]:
    """Return the canonical document of arrays in pymdp 1.x's convention.

    Args:
        A: Per modality (num_obs, num_states of each factor it depends on); one bare array for one modality.
        B: Per factor (num_states, num_states of each parent, num_actions); one bare array for one factor.
        C: Per modality (num_obs,) or (policy_len, num_obs), in nats.
        D: Per factor (num_states,).
        name: The document's name.
        **more: ``E``, (number of policies,), the habits; ``A_dependencies``, the factors of each A (all of them where
            nothing is said); ``B_dependencies``, the parents of each B (the factor alone); ``B_action_dependencies``,
            the actions of each B, with ``num_controls``, their sizes (B of a factor without any has no axis for it);
            ``policy_len``, ``gamma``, ``alpha``, ``inference_algo``, ``use_states_info_gain``.

    Raises:
        InputError: The shapes do not fit one another, or an argument is unknown.
    """
    unknown = sorted(set(more) - More.__annotations__.keys())
    if unknown:
        raise InputError(
            f"from_arrays knows no argument '{unknown[0]}'", hint="known: " + ", ".join(More.__annotations__)
        )
    actions = more.get("B_action_dependencies")
    likelihoods, transitions = _arrays(A, "A", least=2), _arrays(B, "B", least=3 if actions is None else 2)
    build = _Build()
    factors = range(len(transitions))
    parents = _each(more.get("B_dependencies", [[f] for f in factors]), len(transitions), "B_dependencies")
    driven = build.controls(transitions, parents, actions, more.get("num_controls"))
    for f, b in enumerate(transitions):
        build.node(f"state_{f}", "state", num_states=b.shape[0])
    for m, a in enumerate(likelihoods):
        build.node(f"observation_{m}", "observation", num_observations=a.shape[0])
    shows = _each(more.get("A_dependencies", [factors] * len(likelihoods)), len(likelihoods), "A_dependencies")
    for m, a in enumerate(likelihoods):
        build.likelihood(m, a, _within(shows[m], len(transitions), f"A_dependencies[{m}]"))
    for f, b in enumerate(transitions):
        build.transition(f, b, _within(parents[f], len(transitions), f"B_dependencies[{f}]"), driven[f])
    build.subjects("preference", "observation", C, len(likelihoods))
    build.subjects("belief", "state", D, len(transitions))
    policy: dict[str, object] = {key: value for key, value in more.items() if key in POLICY}
    if "E" in more:
        policy["habits"] = np.asarray(more["E"], dtype=np.float64)
    if policy:
        build.node("policy", "policy", **policy)
    return {"name": name, "nodes": build.nodes, "edges": build.edges}


def _arrays(given: Given, name: str, *, least: int) -> list[NDArray[np.float64]]:
    """Return one array for each part; a bare array, whose parts have fewer axes than one should, is a single part."""
    several = isinstance(given, list | tuple) or (isinstance(given, np.ndarray) and given.dtype == object)
    parts = list(cast("Sequence[ArrayLike]", given)) if several else [cast("ArrayLike", given)]
    try:
        arrays = [np.asarray(part, dtype=np.float64) for part in parts]
        if several and arrays and all(array.ndim < least for array in arrays):
            arrays = [np.asarray(given, dtype=np.float64)]
    except (TypeError, ValueError) as error:
        raise InputError(f"{name} is no list of arrays of numbers: {error}") from error
    for k, array in enumerate(arrays):
        if array.ndim < least:
            raise InputError(f"{name}[{k}] has {array.ndim} axes where {least} are the least")
    return arrays


def _each(given: Sequence[Sequence[int]], count: int, name: str) -> Sequence[Sequence[int]]:
    if len(given) != count:
        raise InputError(f"{name} has {len(given)} lists where there are {count} arrays")
    return given


def _within(indices: Sequence[int], count: int, name: str) -> Sequence[int]:
    for index in indices:
        if not 0 <= index < count:
            raise InputError(f"{name} names {index} where there are {count}", hint="they count from 0")
    return indices


class _Build:
    """Nodes and edges in the making."""

    def __init__(self) -> None:
        self.nodes: list[dict[str, object]] = []
        self.edges: list[dict[str, object]] = []

    def node(self, node_id: str, node_type: str, **properties: object) -> None:
        self.nodes.append({"id": node_id, "type": node_type, "properties": properties})

    def edge(self, source: str, target: str, edge_type: str = "depends_on") -> None:
        self.edges.append({"source": source, "target": target, "type": edge_type})

    def controls(
        self,
        transitions: Sequence[NDArray[np.float64]],
        parents: Dependencies,
        dependencies: Dependencies | None,
        num_controls: Sequence[int] | None,
    ) -> Dependencies:
        """Add the actions, and return those that drive each factor; a last axis of size 1 is no action."""
        if dependencies is not None:
            if num_controls is None:
                raise InputError("B_action_dependencies needs num_controls", hint="the size of each action")
            for k, size in enumerate(num_controls):
                self.node(f"action_{k}", "action", num_actions=size)
            for f, actions in enumerate(_each(dependencies, len(transitions), "B_action_dependencies")):
                _within(actions, len(num_controls), f"B_action_dependencies[{f}]")
            return dependencies
        sizes = {}
        for f, b in enumerate(transitions):
            if b.ndim != 2 + len(parents[f]):
                hint = "next states, states of each parent, actions (1 where there are none)"
                raise InputError(f"B[{f}] has {b.ndim} axes where {2 + len(parents[f])} are expected", hint=hint)
            if b.shape[-1] > 1:
                sizes[f] = b.shape[-1]
        sizes = sizes or dict.fromkeys(range(min(1, len(transitions))), 1)
        for f, size in sizes.items():
            self.node(f"action_{f}", "action", num_actions=size)
        return [[f] if f in sizes else [] for f in range(len(transitions))]

    def likelihood(self, m: int, a: NDArray[np.float64], parents: Sequence[int]) -> None:
        self.node(f"likelihood_{m}", "likelihood", matrix=a)
        for f in parents:
            self.edge(f"state_{f}", f"likelihood_{m}")
        self.edge(f"likelihood_{m}", f"observation_{m}", "generates")

    def transition(self, f: int, b: NDArray[np.float64], parents: Sequence[int], actions: Sequence[int]) -> None:
        if b.ndim == 1 + len(parents) and not actions:
            b = b[..., None]
        self.node(f"transition_{f}", "transition", matrix=b, factor=f"state_{f}")
        for g in parents:
            self.edge(f"state_{g}", f"transition_{f}")
        for k in actions:
            self.edge(f"action_{k}", f"transition_{f}")

    def subjects(self, node_type: str, about: str, given: Given | None, count: int) -> None:
        """Add preferences or beliefs, one for each modality or factor."""
        if given is None:
            return
        vectors = _arrays(given, node_type, least=1)
        if len(vectors) != count:
            raise InputError(f"there are {len(vectors)} vectors of type {node_type} for {count} of type {about}")
        for k, vector in enumerate(vectors):
            self.node(f"{node_type}_{k}", node_type, vector=vector)
            self.edge(f"{node_type}_{k}", f"{about}_{k}")
