"""A patch changes what it names and nothing else; what it names and is not there is a finding."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from gmn_llm.generation.answers import answers
from gmn_llm.generation.refining import refined
from gmn_llm.generation.task import Task
from gmn_llm.gmn.difference import Difference, difference
from gmn_llm.gmn.patch import is_patch, patch_between, patched
from gmn_llm.gmn.provider_schema import Dialect, compile_schema
from gmn_llm.gmn.reading import read
from gmn_llm.gmn.schema import LIKELIHOOD_KINDS, NODE_TYPES, TRANSITION_KINDS, load
from tests.generation.refining import DOCUMENTS, GRID, node
from tests.gmn.builders import cases
from tests.gmn.provider_schema.rules import RULES
from tests.gmn.provider_schema.values import drawn, unfolded

SCHEMA = jsonschema_rs.validator_for(load("patch"))
MANY = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def valid() -> list[dict[str, Any]]:
    """Documents of many kinds: the valid cases and the designer's."""
    found = [read(case.get("document", case.get("text"))).document for _, case in cases("valid")]
    return [*DOCUMENTS.values(), *(document for document in found if document is not None)]


VALID = valid()
WORDS = st.sampled_from(["memory", "size", "a", "labels", "num_states", "matrix", "vector", "description"])
VALUES = st.one_of(
    st.none(), st.integers(0, 9), st.floats(0, 1), st.text(max_size=5), st.lists(st.integers(0, 3), max_size=3),
    st.fixed_dictionaries({"kind": st.sampled_from([*LIKELIHOOD_KINDS, *TRANSITION_KINDS])}),
)  # fmt: skip
PROPERTIES = st.dictionaries(WORDS, VALUES, max_size=3)


@st.composite
def changes(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    """A valid document and a patch that names some of its nodes, new ones, and some that are nowhere."""
    document = draw(st.sampled_from(VALID))
    names = st.sampled_from([*(each["id"] for each in document["nodes"]), "nowhere", "new_one"])
    end = {"source": names, "target": names, "type": st.sampled_from(["depends_on", "generates", "influences"])}
    patch = draw(
        st.fixed_dictionaries({
            "change_nodes": st.lists(st.fixed_dictionaries({"id": names, "properties": PROPERTIES}), max_size=3),
            "add_nodes": st.lists(
                st.fixed_dictionaries({"id": st.sampled_from(["new_one", "new_two"]), "type": st.sampled_from(NODE_TYPES), "properties": PROPERTIES}),
                max_size=2,
            ),
            "remove_nodes": st.lists(names, max_size=2),
            "add_edges": st.lists(st.fixed_dictionaries(end), max_size=3),
            "remove_edges": st.lists(st.fixed_dictionaries(end), max_size=2),
        })
    )  # fmt: skip
    return document, patch


@MANY
@given(changes())
def test_nodes_that_a_patch_does_not_name_are_the_same_byte_for_byte(given: tuple[Any, Any]) -> None:
    """Whatever a patch says, nodes it does not name have the text they had, and the given document is as it was."""
    document, patch = given
    before = json.dumps(document)
    result = patched(document, patch).document
    named = {entry["id"] for entry in patch["change_nodes"]} | {*patch["remove_nodes"], "new_one", "new_two"}
    now = {each["id"]: json.dumps(each) for each in result["nodes"]}  # type: ignore[attr-defined]  # JSON
    for each in document["nodes"]:
        if each["id"] not in named:
            assert now[each["id"]] == json.dumps(each)
    assert json.dumps(document) == before
    assert [each for each in document["edges"] if each in result["edges"]] == [  # type: ignore[operator]
        each
        for each in result["edges"]
        if each in document["edges"]  # type: ignore[attr-defined]
    ]


@MANY
@given(changes())
def test_what_is_read_of_a_patch_leaves_the_rest_alone(given: tuple[Any, Any]) -> None:
    """Nodes that a patch does not name keep their text through all that is mended and restored in an answer."""
    document, patch = given
    text = json.dumps(patch)
    task = Task(description="change it", document=document)
    answer = next(refined(text, answers(text, name="x"), task))
    result: Any = answer.reading.document
    named = {entry["id"] for entry in patch["change_nodes"]} | {*patch["remove_nodes"], "new_one", "new_two"}
    now = {each["id"]: json.dumps(each) for each in (result or {"nodes": []})["nodes"]}
    for each in document["nodes"] if result is not None else ():
        if each["id"] not in named:
            assert now[each["id"]] == json.dumps(each)


@MANY
@given(changes())
def test_the_difference_tells_what_a_patch_did(given: tuple[Any, Any]) -> None:
    """The patch between a document and what a patch made of it makes the same again; there is no third difference."""
    document, patch = given
    after = patched(document, patch).document
    again = patched(document, patch_between(document, after))
    assert again.findings == ()
    assert difference(after, again.document) == Difference()
    assert bool(difference(document, after)) == (json.dumps(sorted_parts(document)) != json.dumps(sorted_parts(after)))


def sorted_parts(document: Mapping[str, Any]) -> Any:
    """The nodes and edges of a document, in an order and a form of their own."""
    nodes = [{key: part for key, part in each.items() if part != {}} for each in document["nodes"]]
    edges = [{key: part for key, part in each.items() if part != {}} for each in document["edges"]]
    return [sorted(json.dumps(whole(part), sort_keys=True) for part in parts) for parts in (nodes, edges)]


def whole(value: Any) -> Any:
    """A value with its whole numbers as integers."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [whole(part) for part in value]
    return {key: whole(part) for key, part in value.items()} if isinstance(value, dict) else value


def test_properties_are_set_taken_away_and_left() -> None:
    """A property is set in its place, null takes one away, the others stay; a node keeps its place among the nodes."""
    patch = {"change_nodes": [{"id": "move", "properties": {"labels": None, "num_actions": 4, "description": "steps"}}]}
    result = patched(GRID, patch).document
    was, now = node(GRID, "move"), node(result, "move")
    assert now["properties"] == {"num_actions": 4, "description": "steps"}
    assert list(now["properties"]) == ["num_actions", "description"]
    assert [each["id"] for each in result["nodes"]] == [each["id"] for each in GRID["nodes"]]  # type: ignore[attr-defined]
    assert "labels" in was["properties"]


def test_another_way_to_say_a_preference_takes_the_place_of_the_first() -> None:
    """A preferred observation replaces a vector, which would say something else beside it."""
    name = next(each["id"] for each in GRID["nodes"] if each["type"] == "preference" and "vector" in each["properties"])
    patch = {"change_nodes": [{"id": name, "properties": {"preferred_observation": 3}}]}
    assert node(patched(GRID, patch).document, name)["properties"] == {"preferred_observation": 3}


@pytest.mark.parametrize(
    ("patch", "code", "said"),
    [
        ({"change_nodes": [{"id": "positon", "properties": {"num_states": 9}}]}, "bad-reference", "did you mean 'position'"),
        ({"remove_nodes": ["batery"]}, "bad-reference", "did you mean 'battery'"),
        ({"add_edges": [{"source": "position", "target": "mind", "type": "depends_on"}]}, "dangling-edge", "'mind', which is no node"),
        ({"remove_edges": [{"source": "move", "target": "position", "type": "depends_on"}]}, "bad-reference", "no edge move -> position"),
        ({"add_nodes": [{"id": "move", "type": "state", "properties": {"num_states": 2}}]}, "duplicate-id", "an id of its own"),
    ],
    ids=["change", "remove", "edge to nowhere", "no such edge", "id taken"],
)  # fmt: skip
def test_what_is_not_there_is_a_finding(patch: dict[str, Any], code: str, said: str) -> None:
    """A name that means nothing is told with the nearest that does, and the rest of the document is as it was."""
    done = patched(GRID, patch)
    assert [finding.code for finding in done.findings] == [code]
    assert said in str(done.findings[0])
    assert not difference(GRID, done.document)


@pytest.mark.parametrize(
    "patch",
    [
        {"change_nodes": [{"id": "battery", "num_states": 4}]},
        {"change_nodes": {"battery": {"properties": {"num_states": 4}}}},
        {"change_nodes": {"battery": {"num_states": 4}}},
        {"change_nodes": [{"name": "battery", "properties": {"num_states": 4.0}}]},
        {"add_nodes": [{**node(GRID, "battery"), "properties": {**node(GRID, "battery")["properties"], "num_states": 4}}]},
    ],
    ids=["beside the id", "by id", "by id, flat", "name for id", "as a new one"],
)  # fmt: skip
def test_a_patch_in_other_words_is_read(patch: dict[str, Any]) -> None:
    """Entries by id, properties beside the id and a node written out in whole mean the same change."""
    done = patched(GRID, patch)
    assert done.findings == ()
    assert node(done.document, "battery")["properties"]["num_states"] == 4


def test_edges_of_a_removed_node_go_with_it() -> None:
    """No edge is left at a node that is gone, and an edge without a type gets the one that there is."""
    name = next(each["id"] for each in GRID["nodes"] if each["type"] == "preference")
    seen = next(each["target"] for each in GRID["edges"] if each["source"] == name)
    done = patched(GRID, {"remove_nodes": [name], "remove_edges": [{"source": name, "target": seen}]})
    assert done.findings == ()
    assert not [each for each in done.document["edges"] if name in each.values()]  # type: ignore[attr-defined]
    back = patched(done.document, {"add_nodes": [node(GRID, name)], "add_edges": [{"from": name, "to": seen}]})
    assert not difference(GRID, back.document)


def test_a_document_and_a_draft_are_no_patch() -> None:
    """Only what has one of a patch's lists, and neither nodes nor factors, is one."""
    assert is_patch({"change_nodes": []})
    assert not is_patch({"nodes": [], "add_edges": []})
    assert not is_patch({"factors": [], "change_nodes": []})
    assert not is_patch({"say": "nothing"})
    assert not is_patch([])


def test_the_schema_knows_the_kinds_of_the_notation() -> None:
    """Node types and kinds of matrices are those of the document's schema, but for a long form that has a short one."""
    text = json.dumps(load("patch"))
    definitions: Any = load("patch")["$defs"]
    kinds = [
        each["properties"]["kind"]["enum"]
        for each in definitions["value"]["anyOf"]
        if "kind" in each.get("properties", {})
    ]
    assert {kind for group in kinds for kind in group} == {*LIKELIHOOD_KINDS, *TRANSITION_KINDS} - {"of"}
    assert all(f'"{name}"' in text for name in NODE_TYPES)


@pytest.mark.parametrize("dialect", list(Dialect))
def test_the_schema_keeps_to_the_rules_of_every_dialect(dialect: Dialect) -> None:
    """Nothing in it is refused by a provider, or skipped without a word."""
    assert list(RULES[dialect](compile_schema(load("patch"), dialect).schema)) == []


@pytest.mark.parametrize("dialect", list(Dialect))
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_patch_can_be_said_in_every_dialect(dialect: Dialect, data: st.DataObject) -> None:
    """What meets the schema has a form in the dialect that comes back as it was."""
    patch: Any = data.draw(drawn(compile_schema(load("patch"), Dialect.PLAIN).schema))
    assume(SCHEMA.is_valid(patch))
    compiled = compile_schema(load("patch"), dialect)
    form = unfolded(copy.deepcopy(patch), compiled.schema)
    assert jsonschema_rs.validator_for(compiled.text).is_valid(form)
    assert compiled.fold(form) == patch
