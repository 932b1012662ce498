"""Documents of every kind, drawn by hypothesis, and what counts as the same document."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

Document = dict[str, Any]

NODE_TYPES = [
    "state",
    "observation",
    "action",
    "belief",
    "preference",
    "transition",
    "likelihood",
    "policy",
    "llm_query",
]
EDGE_TYPES = ["depends_on", "generates", "updates", "influences", "queries"]
# Texts that would mean something else if they were written as they are.
TRICKY = [
    "node",
    "edge",
    "model",
    "nodes",
    "edges",
    "true",
    "null",
    "NaN",
    "Infinity",
    "5",
    "-1",
    "1e5",
    "007",
    "a b",
    "it's",
    '"q"',
    "a->b",
    "x:",
    "#",
    "[nodes]",
    "{",
    "a, b",
    "\t",
    "\n",
    "\\",
    "\x00",
    "\ufeff",
    "\u2028",
    "é",
    "",
]
KEYS = [
    "num_states",
    "num_observations",
    "num_actions",
    "matrix",
    "labels",
    "vector",
    "values",
    "state",
    "start",
    "preferred",
    "preferred_observation",
    "observation",
    "factor",
    "size",
    "from",
    "to",
    "metadata",
    "kind",
    "description",
    "type",
]

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8) | st.sampled_from(TRICKY)
keys = texts | st.sampled_from(KEYS)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)
properties = st.dictionaries(keys, values, max_size=4)
ids = st.sampled_from(["a", "b", "c", "T1", "node", "edge", "é", "a b", "x-y", "5"])
nodes = st.fixed_dictionaries(
    {"id": ids, "type": st.sampled_from([*NODE_TYPES, "banana"]), "properties": properties},
    optional={"metadata": properties.filter(bool)},
)
edges = st.fixed_dictionaries(
    {"source": ids, "target": ids, "type": st.sampled_from(EDGE_TYPES)},
    optional={"properties": properties.filter(bool), "metadata": properties.filter(bool)},
)
documents = st.fixed_dictionaries(
    {"name": texts, "nodes": st.lists(nodes, max_size=7), "edges": st.lists(edges, max_size=10)},
    optional={"description": texts, "version": texts, "metadata": properties.filter(bool), "unknown": values},
)


def without_empty(document: Document) -> Document:
    """Leave out the properties and metadata of edges that say nothing."""
    emptiable = ("properties", "metadata")
    edges = [{k: v for k, v in edge.items() if v or k not in emptiable} for edge in document["edges"]]
    return {**document, "edges": edges}
