"""Documents as GNN files."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from gmn_llm import GMNSpec, GMNValidationError
from gmn_llm.gmn.gnn import write
from gmn_llm.provenance import Provenance
from tests.gmn.builders import Document, Graph, cases, example
from tests.gmn.gnn.files import code, said, sections, strictly_read
from tests.gmn.gnn.models import documents
from tests.gmn.test_from_arrays import same

MODELS = [pytest.param(case["document"], id=name) for name, case in cases("valid")]
AXES = ("state", "observation", "action")


@pytest.mark.parametrize("document", MODELS)
def test_every_document_passes_the_strict_checks(document: Document) -> None:
    """All sections that GNN demands stand in their order, and every array has the sizes it is declared with."""
    spec = GMNSpec.parse(document)
    arrays, arguments = strictly_read(spec.to_gnn()), spec.to_pymdp()
    several = len(arguments["A"]) > 1
    assert all(np.array_equal(arrays[f"A_m{m}" if several else "A"], array) for m, array in enumerate(arguments["A"]))


@pytest.mark.parametrize("document", MODELS)
def test_every_document_can_be_read_again(document: Document) -> None:
    """Reading what was written gives the same arrays and plan, ids and labels."""
    spec = GMNSpec.parse(document)
    again = GMNSpec.from_gnn(spec.to_gnn()).valid()
    same(spec.to_pymdp(), again.to_pymdp())
    assert said(spec.document, *AXES, "policy").items() <= said(again.document, *AXES, "policy").items()
    assert (again.name, again.description, again.version) == (spec.name, spec.description, spec.version)


@settings(max_examples=150, deadline=None)
@given(documents())
def test_documents_of_every_structure(document: Document) -> None:
    """Whatever depends on whatever: the strict checks pass, and reading gives the same document in its expanded form."""
    spec = GMNSpec.parse(document).valid()
    text = spec.to_gnn()
    strictly_read(text)
    again = GMNSpec.from_gnn(text).valid()
    same(spec.to_pymdp(), again.to_pymdp())
    expanded = spec.expand().document
    for types in (AXES, ("likelihood", "transition", "preference", "belief")):
        assert said(again.document, *types) == said(expanded, *types)
    assert again.name == spec.name
    assert again.description == spec.description
    assert GMNSpec.from_gnn(again.to_gnn()) == again


def test_one_factor_has_plain_names() -> None:
    """A single factor, modality and action are s, o and u; the strict minimum of connections is there."""
    found = sections(GMNSpec.parse(example()).to_gnn())
    assert [line.partition("[")[0] for line in code(found["StateSpaceBlock"])] == [
        "s", "s_prime", "o", "u", "A", "B", "C", "D", "π", "G", "t",
    ]  # fmt: skip
    assert {"D>s", "s-A", "A-o", "s-B", "u>B", "C>G", "G>π", "π>u"} <= set(code(found["Connections"]))
    assert "B[25,25,5,type=float]" in found["StateSpaceBlock"]


def test_several_factors_are_counted() -> None:
    """Endings count factors, modalities and actions; connections into an array stand in the order of its axes."""
    graph = Graph().axes("state", place=3, mood=2).axes("observation", seen=3, face=2).axes("action", go=3, say=2)
    graph.likelihood("A1", "seen", ["mood", "place"], {"kind": "identity", "factor": "place"})
    graph.likelihood("A2", "face", ["mood"], {"kind": "identity"})
    graph.transition("B1", ["place", "go"], {"kind": "set"}, factor="place")
    graph.transition("B2", ["place", "mood", "say"], {"kind": "uniform"}, factor="mood")
    found = sections(graph.spec.to_gnn())
    edges = code(found["Connections"])
    assert [edge for edge in edges if "A_m0" in edge] == ["s_f0-A_m0", "s_f1-A_m0", "A_m0-o_m0"]
    assert [edge for edge in edges if "B_f1" in edge] == ["s_f0-B_f1", "s_f1-B_f1", "u_c1>B_f1", "B_f1>s_prime_f1"]
    assert "B_f1[2,3,2,2,type=float]" in found["StateSpaceBlock"]
    assert "num_factors: 2" in found["ModelParameters"]


def test_the_plan_is_said() -> None:
    """Time has policy_len, E the habits, and ModelParameters what else the policy says."""
    graph = Graph().axes("state", s=2).axes("observation", o=2).axes("action", a=2)
    graph.likelihood("A", "o", ["s"], {"kind": "identity"}).transition("B", ["s", "a"], {"kind": "set"})
    graph.node(
        "plan", "policy", policy_len=2, gamma=4, habits=[0.1, 0.2, 0.3, 0.4], inference_algo="fpi",
        use_states_info_gain=False,
    )  # fmt: skip
    spec = graph.spec
    found = sections(spec.to_gnn())
    assert "ModelTimeHorizon=2" in found["Time"]
    assert "E={(0.1, 0.2, 0.3, 0.4)}" in found["InitialParameterization"]
    assert {"policy_len: 2", "gamma: 4.0", "alpha: 16.0", "inference_algo: fpi"} <= set(code(found["ModelParameters"]))
    again = GMNSpec.from_gnn(spec.to_gnn())
    same(spec.to_pymdp(), again.to_pymdp())
    assert {node.id for node in again.nodes if node.type == "policy"} == {"plan"}


@pytest.mark.parametrize(
    "text",
    ["## ModelName", "---", "a\n## Connections\nb", "a\x85b\u2028c", " ", "\ttab ", "#", "ends \n", "'\"\\", "π"],
)
def test_names_and_descriptions_that_look_like_the_file(text: str) -> None:
    """Nothing that a document says in words can begin a section; it comes back as it was."""
    document = {**example(), "name": text or "x", "description": text}
    document["nodes"][0]["properties"]["description"] = text
    document["nodes"][2]["properties"]["labels"][0] = text
    document["nodes"][4]["properties"]["matrix"] = {"kind": "uniform"}
    spec = GMNSpec.parse(document)
    strictly_read(spec.to_gnn())
    again = GMNSpec.from_gnn(spec.to_gnn())
    assert (again.name, again.description) == (text or "x", text)
    assert said(again.document, *AXES) == said(spec.document, *AXES)


def test_what_has_no_place_is_told() -> None:
    """A finding ``unsupported`` for each part that carries no array; the text comes out all the same and says it too."""
    document = example()
    document["metadata"] = {"author": "me"}
    document["nodes"][0]["metadata"] = {"colour": "red"}
    document["nodes"][1]["properties"]["shade"] = "dark"
    document["nodes"].append({"id": "ask", "type": "llm_query", "properties": {"prompt_template": "what now?"}})
    document["edges"] += [
        {"source": "ask", "target": "goal", "type": "updates"},
        {"source": "move", "target": "seen", "type": "influences"},
    ]
    document["edges"][0]["properties"] = {"weight": 2}
    exported = write(GMNSpec.parse(document))
    assert {(finding.code, finding.path) for finding in exported.findings} == {
        ("unsupported", "/nodes/3/properties/matrix"),
        ("unsupported", "/nodes/0/metadata"),
        ("unsupported", "/nodes/1/properties/shade"),
        ("unsupported", "/nodes/7"),
        ("unsupported", "/edges/0"),
        ("unsupported", "/edges/6"),
        ("unsupported", "/edges/7"),
        ("unsupported", "/metadata"),
    }
    footer = sections(exported.text)["Footer"]
    assert all(finding.message in footer for finding in exported.findings)
    assert GMNSpec.from_gnn(exported.text).valid()


def test_who_made_it_is_the_signature() -> None:
    """A generated document is signed with its provider and model; another one has no signature."""
    spec = GMNSpec.parse(example())
    assert "Signature" not in sections(spec.to_gnn())
    told = spec.told(provenance=Provenance(provider="mock", model="designer"))
    assert sections(told.to_gnn())["Signature"] == "mock designer"


def test_an_invalid_document_is_not_written() -> None:
    """What means nothing has no arrays."""
    spec = GMNSpec.parse(dict(cases("invalid"))["shape-grid"]["document"])
    with pytest.raises(GMNValidationError):
        spec.to_gnn()
