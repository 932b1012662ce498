"""The expanded document, read by what FreeAgentics' parser is, and by the core itself."""

from __future__ import annotations

import copy
import json

import numpy as np
import pytest

from gmn_llm.gmn import GMNSpec
from tests.gmn import freeagentics
from tests.gmn.builders import Document, Graph, cases, example

MODELS = [pytest.param(case["document"], id=name) for name, case in cases("valid")]
ORDER = ["likelihood", "transition", "preference", "belief"]


@pytest.mark.parametrize("document", MODELS)
def test_freeagentics_reads_the_arrays_that_pymdp_gets(document: Document) -> None:
    """What its parser makes of the expanded JSON are the arrays that pymdp is handed, one for each node, in order."""
    spec = GMNSpec.parse(document)
    expanded = json.loads(spec.expand().to_json())
    theirs, ours = freeagentics.parse(expanded), spec.to_pymdp()
    counts = {"A": "num_obs", "B": "num_states", "C": "num_obs", "D": "num_states"}
    for name, count in counts.items():
        assert len(theirs[name]) == len(theirs[count]) == len(ours[name])
        for read, made in zip(theirs[name], ours[name], strict=True):
            assert np.array_equal(read, made.reshape(read.shape))


@pytest.mark.parametrize("document", MODELS)
def test_shapes_and_sums_of_what_freeagentics_reads(document: Document) -> None:
    """Its arrays have the sizes of the nodes that order pairs them with, and sums that its strictest check takes."""
    expanded = json.loads(GMNSpec.parse(document).expand().to_json())
    theirs = freeagentics.parse(expanded)
    sizes = {node["id"]: node["properties"].get("num_states") for node in expanded["nodes"]}
    for node_type, name, count in (("likelihood", "A", "num_obs"), ("transition", "B", "num_states")):
        for array, size, parents in zip(
            theirs[name], theirs[count], freeagentics.parents(expanded, node_type), strict=True
        ):
            assert array.shape[: 1 + len(parents)] == (size, *(sizes[parent] for parent in parents))
            assert np.all(np.abs(array.sum(axis=0) - 1.0) <= 1e-12)
            assert np.all(array >= 0)
    assert all(
        abs(d.sum() - 1.0) <= 1e-10 and d.shape == (n,) for d, n in zip(theirs["D"], theirs["num_states"], strict=True)
    )
    assert all(c.shape[-1] == n for c, n in zip(theirs["C"], theirs["num_obs"], strict=True))


@pytest.mark.parametrize("document", MODELS)
def test_expanding_twice_changes_nothing(document: Document) -> None:
    """Expansion is idempotent and the same every time, to the last digit."""
    once = GMNSpec.parse(document).expand()
    assert once.expand() == once
    assert GMNSpec.parse(document).expand().to_json() == once.to_json()
    assert GMNSpec.parse(once.to_json()) == once


@pytest.mark.parametrize("document", MODELS)
def test_the_expanded_document_is_plain(document: Document) -> None:
    """It has explicit lists only, and its parts stand in the order of the observations and states."""
    expanded = GMNSpec.parse(document).expand()
    kept = {"likelihood": "matrix", "transition": "matrix", "preference": "vector", "belief": "vector"}
    types = [node.type for node in expanded.nodes]
    places = [ORDER.index(node_type) for node_type in types if node_type in ORDER]
    assert places == sorted(places)
    for node in expanded.nodes:
        if node.type in kept:
            assert isinstance(node.properties[kept[node.type]], list)
            assert not {"values", "preferred_observation", "kind"} & node.properties.keys()
    order = {node.id: k for k, node in enumerate(expanded.nodes)}
    for node_type in ORDER:
        targets = [
            order[edge.target if node_type != "transition" else part.factor.id]
            for part in _parts(expanded, node_type)
            for edge in expanded.edges
            if edge.source == part.id or (node_type == "transition" and edge.target == part.id)
        ]
        assert targets == sorted(targets)


def _parts(spec: GMNSpec, node_type: str) -> list:
    structure = spec.structure
    parts = {"likelihood": structure.likelihoods, "transition": structure.transitions}
    return list({**parts, "preference": structure.preferences, "belief": structure.beliefs}[node_type].values())


def test_the_source_is_left_as_it_was() -> None:
    """Expanding a document does not change it, nor what it was read from."""
    document = example()
    before = copy.deepcopy(document)
    spec = GMNSpec.parse(document)
    spec.expand().document["nodes"][3]["properties"]["matrix"][0][0] = 7
    assert document == before
    assert spec.document == before


def test_what_carries_no_array_is_kept() -> None:
    """Policy, queries, metadata, unknown properties and free edges come through as they were."""
    graph = Graph().axes("state", s=2).axes("observation", o=2).axes("action", a=2)
    graph.likelihood("A", "o", ["s"], {"kind": "identity"}).transition("B", ["s", "a"], {"kind": "set"}, state="odd")
    graph.node("plan", "policy", policy_len=2, gamma=8).node("ask", "llm_query", prompt_template="?")
    graph.edge("plan", "a", "influences").edge("plan", "a", "influences").edge("o", "ask", "queries").edge(
        "ask", "s", "updates"
    )
    graph.document["nodes"][3]["metadata"] = {"source": "measured"}
    graph.document["edges"][0]["metadata"] = {"since": 2024}
    expanded = GMNSpec.parse(graph.document).expand()
    by_id = {node.id: node for node in expanded.nodes}
    assert by_id["plan"].properties == {"policy_len": 2, "gamma": 8}
    assert by_id["A"].metadata == {"source": "measured"}
    assert by_id["B"].properties["state"] == "odd"
    assert [edge.type for edge in expanded.edges[-4:]] == ["influences", "influences", "queries", "updates"]
    assert expanded.edges[0].metadata == {"since": 2024}


def test_added_nodes_have_ids_of_their_own() -> None:
    """An id that a default would get and that is taken gets a number."""
    graph = Graph().axes("state", s=2).axes("observation", o=2, s_belief=2, s_belief_2=2).axes("action", a=2)
    ids = [node.id for node in graph.spec.expand().nodes]
    assert len(ids) == len(set(ids))
    assert "s_belief_3" in ids


def test_defaults_are_written_out() -> None:
    """Nothing said of A is uniform, of B is staying, of C is zeros, of D is uniform."""
    expanded = Graph().axes("state", s=3).axes("observation", o=2).axes("action", a=4).spec.expand()
    a, b, c, d = (np.array(node.properties.get("matrix", node.properties.get("vector"))) for node in expanded.nodes[3:])
    assert np.array_equal(a, np.full((2, 3), 0.5))
    assert np.array_equal(b, np.eye(3)[:, :, None])
    assert np.array_equal(c, np.zeros(2))
    assert np.array_equal(d, np.full(3, 1 / 3))


def test_numbers_are_written_with_all_their_digits() -> None:
    """What sums to 1 within 1e-12 is left alone; what is rescaled then does, with all its digits."""
    exact = [0.1, 0.2, 0.7]
    graph = Graph().axes("state", s=3, t=3).axes("observation", o=1).axes("action", a=1)
    spec = graph.subject("D", "belief", "s", vector=exact).subject("E", "belief", "t", vector=[0.33, 0.33, 0.33]).spec
    d, e = spec.to_pymdp()["D"]
    assert d.tolist() == exact
    assert abs(e.sum() - 1.0) <= 1e-12
    assert json.loads(spec.expand().to_json())["nodes"][-1]["properties"]["vector"] == e.tolist()


def test_warnings_of_the_source_stay_with_the_expanded_document() -> None:
    """What was assumed is still told, once."""
    spec = Graph().axes("state", s=3).axes("observation", o=2).axes("action", a=4).spec
    assert spec.warnings
    assert set(spec.warnings) <= set(spec.expand().warnings)
    assert len(set(spec.expand().expand().warnings)) == len(spec.expand().expand().warnings)


def test_a_large_board_is_written_out_exactly() -> None:
    """Lists of a large array, in which rows of zeros are shared, hold what the array does, and copies share nothing."""
    graph = Graph().axes("state", s=144).axes("observation", o=144).axes("action", a=["up", "left", "stay"])
    graph.likelihood("A", "o", ["s"], {"kind": "noisy_identity", "accuracy": 0.9})
    spec = graph.transition("B", ["s", "a"], {"kind": "grid", "rows": 12, "cols": 12, "slip": 0.1}).spec
    expanded = spec.expand()
    assert np.array_equal(expanded.nodes[4].properties["matrix"], spec.to_pymdp()["B"][0])
    assert expanded.expand() == expanded
    document = expanded.document
    document["nodes"][4]["properties"]["matrix"][0][5][0] = 7.0
    assert expanded.document != document
    assert np.sum(np.array(document["nodes"][4]["properties"]["matrix"]) == 7.0) == 1
