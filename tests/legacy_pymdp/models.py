"""Models that both versions of pymdp can run. Most have random numbers, so that no two policies are worth the same."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from gmn_llm.gmn import GMNSpec
from tests.gmn.builders import Graph
from tests.simulation.models import maze

__all__ = ["MODELS", "copies"]


def table(seed: int, *shape: int) -> list[object]:
    """Random columns over the first axis."""
    numbers: NDArray[np.float64] = np.random.default_rng(seed).random(shape) ** 2 + 0.02
    columns: list[object] = (numbers / numbers.sum(0)).tolist()
    return columns


def one_factor(policy_len: int = 1, **policy: object) -> GMNSpec:
    """One factor that is seen through a veil and driven by one action."""
    graph = Graph().axes("state", s=4).axes("observation", o=5).axes("action", a=3)
    graph.likelihood("A", "o", ["s"], table(1, 5, 4)).transition("B", ["s", "a"], table(2, 4, 4, 3))
    graph.subject("C", "preference", "o", vector=[0.5, -1, 2, 0, 0.2]).subject("D", "belief", "s", vector=table(3, 4))
    return graph.node("plan", "policy", policy_len=policy_len, gamma=4, **policy).spec


def habits() -> GMNSpec:
    """Habits over policies of two steps, and preferences that change with the step."""
    graph = Graph().axes("state", s=3).axes("observation", o=3).axes("action", a=2)
    graph.likelihood("A", "o", ["s"], table(4, 3, 3)).transition("B", ["s", "a"], table(5, 3, 3, 2))
    graph.subject("C", "preference", "o", vector=[[0, 1, 2], [3, 0, -1]])
    return graph.node("plan", "policy", policy_len=2, gamma=2, habits=[0.1, 0.2, 0.3, 0.4]).spec


def two_factors() -> GMNSpec:
    """A factor that an action drives and one that nothing drives, seen together."""
    graph = Graph().axes("state", s=3, w=2).axes("observation", o=4).axes("action", a=3)
    graph.likelihood("A", "o", ["w", "s"], table(6, 4, 2, 3)).transition("B1", ["s", "a"], table(7, 3, 3, 3))
    graph.transition("B2", ["w"], table(8, 2, 2, 1)).subject("C", "preference", "o", vector=[0, 1, 2, -1])
    return graph.node("plan", "policy", policy_len=2, gamma=4).spec


def two_modalities() -> GMNSpec:
    """Two modalities, one of them blind to a factor, with nothing to be gained by looking."""
    graph = Graph().axes("state", s=3, w=2).axes("observation", o=3, p=2).axes("action", a=3)
    graph.likelihood("A1", "o", ["s"], table(9, 3, 3)).likelihood("A2", "p", ["s", "w"], table(10, 2, 3, 2))
    graph.transition("B1", ["s", "a"], table(11, 3, 3, 3)).transition("B2", ["w"], table(12, 2, 2, 1))
    graph.subject("C1", "preference", "o", vector=[0, 1, 3]).subject("C2", "preference", "p", vector=[1, 0])
    return graph.node("plan", "policy", gamma=4, use_states_info_gain=False).spec


def tied() -> GMNSpec:
    """An action that drives two factors, of which one is driven by a second action as well."""
    graph = Graph().axes("state", x=3, y=2).axes("observation", o=3).axes("action", a=2, b=3)
    graph.likelihood("A", "o", ["x", "y"], table(13, 3, 3, 2))
    graph.transition("B1", ["x", "b", "a"], table(14, 3, 3, 3, 2)).transition("B2", ["y", "a"], table(15, 2, 2, 2))
    graph.subject("C", "preference", "o", vector=[0, 1, -1])
    return graph.node("plan", "policy", policy_len=2, gamma=8, habits=table(16, 36)).spec


def crossed() -> GMNSpec:
    """Two factors, each driven by the other's action, so to say: the order of nodes is not that of the factors."""
    graph = Graph().axes("state", x=3, y=2).axes("observation", o=3).axes("action", a=2, b=3)
    graph.likelihood("A", "o", ["x", "y"], table(17, 3, 3, 2))
    graph.transition("B1", ["x", "b"], table(18, 3, 3, 3)).transition("B2", ["y", "a"], table(19, 2, 2, 2))
    return graph.subject("C", "preference", "o", vector=[0, 2, 1]).node("plan", "policy", habits=table(20, 6)).spec


def copies(count: int) -> GMNSpec:
    """Something unknown that an action shows, in ``count`` modalities that all say the same."""
    graph = Graph().axes("state", s=2, here=2).axes("observation", **dict.fromkeys([f"o{k}" for k in range(count)], 3))
    graph.axes("action", a=2).transition("B1", ["s"], {"kind": "identity"})
    graph.transition("B2", ["here", "a"], {"kind": "set"}).subject("D", "belief", "here", state=0)
    rules = [{"when": {"here": 1, "s": k}, "then": {str(k): 1}} for k in range(2)]
    for k in range(count):
        graph.likelihood(f"A{k}", f"o{k}", ["s", "here"], {"kind": "rules", "rules": rules, "otherwise": 2})
    return graph.spec


MODELS: dict[str, Callable[[], GMNSpec]] = {
    "one factor": one_factor,
    "one factor, three steps": lambda: one_factor(3),
    "exact": lambda: one_factor(inference_algo="exact"),
    "habits and preferences over time": habits,
    "two factors": two_factors,
    "two modalities": two_modalities,
    "shared and joint actions": tied,
    "crossed actions": crossed,
    "one modality that shows": lambda: copies(1),
    "two modalities that show the same": lambda: copies(2),
    "T-maze": maze,
}
