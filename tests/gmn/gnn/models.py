"""Documents of every structure for property tests: several factors, modalities and actions, in any dependence."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from tests.gmn.builders import Graph

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """A valid document whose arrays are explicit."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    graph = Graph(draw(TEXT))
    sizes: dict[str, int] = {}
    names: dict[str, list[str]] = {}
    for letter, node_type, most in (("s", "state", 3), ("o", "observation", 2), ("a", "action", 2)):
        names[letter] = [f"{letter}{k}" for k in range(draw(st.integers(1, most)))]
        for name in names[letter]:
            sizes[name] = draw(st.integers(1, 3))
            graph.axes(node_type, **{name: sizes[name]})
            properties = graph.document["nodes"][-1]["properties"]
            if draw(st.booleans()):
                properties["labels"] = draw(st.lists(TEXT, min_size=sizes[name], max_size=sizes[name], unique=True))
            if draw(st.booleans()):
                properties["description"] = draw(TEXT)

    def columns(*axes: str) -> list[Any]:
        array = rng.random([sizes[axis] for axis in axes] or [1])
        return (array / array.sum(axis=0)).tolist()

    def some(letter: str, least: int) -> list[str]:
        return draw(st.permutations(names[letter]))[: draw(st.integers(least, len(names[letter])))]

    for name in names["o"]:
        parents = some("s", 1)
        graph.likelihood(f"A_{name}", name, parents, columns(name, *parents))
    for name in names["s"]:
        parents = draw(st.permutations(sorted({name, *some("s", 0)})))
        controls = some("a", 0)
        array = np.array(columns(name, *parents, *controls))
        array = array if controls else array[..., None]
        graph.transition(f"B_{name}", [*parents, *controls], array.tolist(), factor=name)
    steps = draw(st.integers(1, 2))
    for name in names["o"]:
        shape = (steps, sizes[name]) if steps > 1 and draw(st.booleans()) else (sizes[name],)
        graph.subject(f"C_{name}", "preference", name, vector=rng.normal(size=shape).tolist())
    for name in names["s"]:
        if draw(st.booleans()):
            graph.subject(f"D_{name}", "belief", name, vector=columns(name))
    if steps > 1 or draw(st.booleans()):
        policy = {"policy_len": steps, "gamma": draw(st.floats(0.5, 20)), "alpha": draw(st.floats(0.5, 20))}
        graph.node("plan", "policy", **policy)
    if draw(st.booleans()):
        graph.document["description"] = draw(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
    return graph.document
