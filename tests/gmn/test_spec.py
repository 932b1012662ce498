"""``GMNSpec`` as an object: what it keeps, what it compares, and what can be made of it."""

from __future__ import annotations

import copy
import json
import pickle
import subprocess
import sys

import pytest
from pydantic import ValidationError

from gmn_llm import GMNSpec, GMNValidationError, InputError, Provenance, validate_gmn
from gmn_llm.gmn import Edge, Node
from gmn_llm.gmn.constraints import KNOWN, checked_constraints
from tests.gmn.builders import cases, example

WARNED = dict(cases("valid"))["default-likelihood"]["document"]


def test_the_example_has_nothing_to_tell() -> None:
    """The example of the notation has no warnings."""
    assert GMNSpec.parse(example()).warnings == ()


def test_a_document_is_what_was_given() -> None:
    """``document`` has the keys that were given, as dictionaries and lists of its own."""
    spec = GMNSpec.parse(example())
    assert spec.document == example()
    spec.document["nodes"][0]["properties"]["num_states"] = 7
    assert spec.document == example()
    assert GMNSpec.parse({"name": "x", "nodes": []}).document == {"name": "x", "nodes": [], "edges": []}


def test_it_is_made_by_hand_too() -> None:
    """Nodes and edges as objects make the same document."""
    given = example()
    by_hand = GMNSpec(
        **{key: value for key, value in given.items() if key not in ("nodes", "edges")},
        nodes=[Node(**node) for node in given["nodes"]],
        edges=[Edge(**edge) for edge in given["edges"]],
    )
    assert by_hand == GMNSpec.parse(given)
    assert GMNSpec.model_validate_json(json.dumps(given)) == by_hand


def test_made_by_hand_it_meets_the_schema() -> None:
    """The constructor asks the schema, and raises pydantic's error."""
    with pytest.raises(ValidationError, match="number of states"):
        GMNSpec(name="x", nodes=[Node(id="s", type="state")])
    with pytest.raises(ValidationError):
        GMNSpec(name="x", nodes=[], metadata={"x": object()})
    with pytest.raises(ValidationError):
        GMNSpec(name="x", nodes=[], metadata={"x": float("nan")})


def test_it_is_frozen() -> None:
    """A document is not changed; another one is made."""
    with pytest.raises(ValidationError):
        GMNSpec.parse(example()).name = "other"  # type: ignore[misc]  # that is the point


def test_documents_are_equal_when_their_content_is() -> None:
    """Whoever wrote them, and whatever was said in the reading."""
    one, other = GMNSpec.parse(example()), GMNSpec.parse(json.dumps(example(), indent=2))
    assert one == other.told(said=["a word"], provenance=Provenance(provider="mock"))
    assert hash(one) == hash(other)
    assert one != GMNSpec.parse({**example(), "name": "other"})
    assert one != example()


def test_copies_and_pickles_keep_everything() -> None:
    """A copy, deep or not, and one from a pickle are the same document with the same words and places."""
    spec = GMNSpec.parse(json.dumps(WARNED)).told(said=["a word"], provenance=Provenance(provider="mock"))
    for again in (copy.copy(spec), copy.deepcopy(spec), pickle.loads(pickle.dumps(spec)), spec.model_copy()):  # noqa: S301  # our own
        assert again == spec
        assert again.warnings == spec.warnings
        assert again.findings() == spec.findings()
        assert again.provenance == spec.provenance


def test_warnings_are_what_was_read_assumed_and_told() -> None:
    """Words of the reading, of the checks and of whoever made it, in this order."""
    dialect = dict(cases("valid"))["alias-flat"]["document"]
    spec = GMNSpec.parse(dialect).told(said=["one"]).told(said=["two"])
    assert spec.warnings[-2:] == ("one", "two")
    assert "beside the id" in spec.warnings[0]
    assert GMNSpec.parse(spec.to_json()).warnings == ()


def test_provenance_is_none_until_it_is_told() -> None:
    """A document that nobody generated has no provenance; expansion keeps what there is."""
    spec = GMNSpec.parse(example())
    assert spec.provenance is None
    told = spec.told(provenance=Provenance(provider="mock"))
    assert told.expand().provenance == told.provenance
    assert told.told(said=["x"]).provenance == told.provenance


def test_a_document_that_means_nothing_tells_so() -> None:
    """It is parsed, has findings, and can't be expanded or run."""
    spec = GMNSpec.parse(dict(cases("invalid"))["shape-grid"]["document"])
    assert [finding.code for finding in spec.findings()] == ["shape"]
    for make in (spec.valid, spec.expand, spec.to_pymdp):
        with pytest.raises(GMNValidationError) as caught:
            make()
        assert caught.value.findings == spec.findings()
        assert caught.value.draft == spec.document
    assert spec.to_json()
    assert spec.to_mermaid()


def test_json_has_one_node_and_one_edge_to_a_line() -> None:
    """``str`` of a document is its JSON, made for people."""
    spec = GMNSpec.parse({**example(), "description": "äöü"})
    text = str(spec)
    assert text == spec.to_json()
    assert "äöü" in text
    assert json.loads(text) == spec.document
    assert sum(line.lstrip().startswith('{"id"') for line in text.split("\n")) == len(spec.nodes)
    assert sum(line.lstrip().startswith('{"source"') for line in text.split("\n")) == len(spec.edges)


def test_a_short_representation() -> None:
    """``repr`` names the document and does not write it out."""
    assert repr(GMNSpec.parse(example())) == "<GMNSpec 'grid_explorer': 7 nodes, 6 edges>"


def test_mermaid_has_every_node_and_edge() -> None:
    """Ids have a prefix, so that none of them is a word of Mermaid's."""
    lines = GMNSpec.parse(example()).to_mermaid().splitlines()
    assert lines[0] == "flowchart LR"
    assert len(lines) == 1 + 7 + 6
    assert '  n_position(["position<br/>state (25)"])' in lines
    assert '  n_movement["movement<br/>transition grid"]' in lines
    assert "  n_start --> n_position" in lines


def test_text_is_written_and_read_again() -> None:
    """The brace notation of a document is the same document."""
    spec = GMNSpec.parse({key: value for key, value in example().items() if key != "metadata"})
    assert GMNSpec.parse(spec.to_text()) == spec


def test_a_document_can_be_validated_as_an_object() -> None:
    """``validate_gmn`` takes what ``parse`` gave, and keeps the words of its reading."""
    assert validate_gmn(GMNSpec.parse(example())).findings == ()
    spec = GMNSpec.parse(dict(cases("valid"))["alias-size"]["document"])
    assert [finding.code for finding in validate_gmn(spec).findings] == ["alias"] * 3
    assert not validate_gmn(spec, {"max_states": 1}).ok


@pytest.mark.parametrize(
    "constraints",
    [
        {"max_states": "4"}, {"max_states": -1}, {"max_states": True}, {"max_states": 1.5}, {"max_states": None},
        {"actions": 5}, {"actions": [1]}, {"actions": [""]}, {"require": ["goal"]}, {"require_preferences": "yes"},
        {"": 1}, {5: 1}, ["max_states"], "max_states",
    ],
    ids=str,
)  # fmt: skip
def test_a_constraint_that_means_nothing_is_the_callers_error(constraints: object) -> None:
    """A value of the wrong type, and a name that is none, are told to the caller."""
    with pytest.raises(InputError):
        validate_gmn(example(), constraints)  # type: ignore[arg-type]  # that is the point


def test_constraints_are_brought_to_one_form() -> None:
    """Names are sorted, one name stands for a list, a whole number may be a float; unknown ones are left alone."""
    checked = checked_constraints({"style": [1], "require": "belief", "max_states": 4.0, "actions": ("up",)})
    assert list(checked.items()) == [("actions", ["up"]), ("max_states", 4), ("require", ["belief"]), ("style", [1])]
    assert checked_constraints(None) == {}
    assert len(KNOWN) == 13


def test_reading_a_document_loads_nothing_heavy() -> None:
    """Parsing JSON loads no NumPy, no parser of the text notations, no language model; checking loads NumPy alone."""
    code = (
        "import json, sys\nfrom gmn_llm import GMNSpec\n"
        f"spec = GMNSpec.parse({json.dumps(example())!r})\n"
        "heavy = {'numpy', 'lark', 'litellm', 'jax', 'jsonschema'}\n"
        "assert not heavy & sys.modules.keys(), heavy & sys.modules.keys()\n"
        "spec.valid().expand()\n"
        "assert heavy & sys.modules.keys() == {'numpy'}, heavy & sys.modules.keys()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
