"""What the feedback does not speak of stays as it was, whatever a model makes of the document."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gmn_llm.generation.spoken import Spoken
from gmn_llm.gmn import GMNSpec, validate_gmn
from gmn_llm.mock import refine
from tests.generation.refining import ARRAYS, DOCUMENTS, GRID, ROOMS, node, refined, texts
from tests.gmn.builders import Graph

FEW = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


def noisy(value: Any) -> Any:
    """The same in another dress: keys in another order, whole numbers with a point."""
    if isinstance(value, dict):
        return {key: noisy(part) for key, part in reversed(value.items())}
    if isinstance(value, list):
        return [noisy(part) for part in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def improved(each: dict[str, Any]) -> dict[str, Any]:
    """A node as an eager model improves it: a description, other numbers, labels of its own."""
    properties = {**each["properties"], "description": "improved"}
    matrix = properties.get("matrix")
    if each["type"] == "likelihood":
        properties["matrix"] = {"kind": "uniform"}
    elif each["type"] == "transition" and isinstance(matrix, dict) and matrix["kind"] in ("grid", "line", "cycle"):
        properties["matrix"] = {**matrix, "slip": 0.25}
    elif each["type"] == "preference" and "vector" in properties:
        properties["vector"] = [value + 1 for value in properties["vector"]]
    elif each["type"] == "policy":
        properties["gamma"] = 3
    return {**each, "properties": properties}


def rewritten(document: Any, *, better: set[str], order: list[int]) -> dict[str, Any]:
    """A document as a model writes it anew: reordered, reformatted, and some of its nodes improved."""
    nodes = [improved(each) if each["id"] in better else each for each in document["nodes"]]
    nodes = [nodes[k] for k in order]
    whole: dict[str, Any] = noisy({**document, "nodes": nodes, "edges": document["edges"][::-1], "metadata": {}})
    return whole


@FEW
@given(st.data())
def test_a_document_written_anew_changes_nothing_that_was_not_spoken_of(data: st.DataObject) -> None:
    """Of all that a model reordered, reformatted and improved only the named node is another; the rest is its text."""
    document = data.draw(st.sampled_from([GRID, ROOMS, ARRAYS]))
    names = [each["id"] for each in document["nodes"]]
    arrays = [each["id"] for each in document["nodes"] if each["type"] in ("likelihood", "transition", "preference")]
    asked = data.draw(st.sampled_from(arrays))
    better = {asked, *data.draw(st.lists(st.sampled_from(names), max_size=5))}
    order = data.draw(st.permutations(range(len(names))))
    feedback = f"say more of {asked}"
    result = refined(document, feedback, rewritten(document, better=better, order=order))
    spoken = Spoken.of(feedback).nodes(document["nodes"])
    now, was = texts(result.document), texts(document)
    assert list(now) == list(was)
    assert {name for name in names if now[name] != was[name]} == better & spoken
    assert result.document["edges"] == document["edges"]
    put_back = sorted(better - spoken)
    said = [warning for warning in result.warnings if warning.startswith("put back")]
    assert bool(said) == bool(put_back)
    assert all(name in said[0] for name in put_back)


@FEW
@given(st.data())
def test_what_only_looks_otherwise_is_no_change(data: st.DataObject) -> None:
    """A document that was only written in another dress is the old one, byte for byte, and that is told."""
    document = data.draw(st.sampled_from(list(DOCUMENTS.values())))
    order = data.draw(st.permutations(range(len(document["nodes"]))))
    result = refined(document, "rename nothing at all in the world", rewritten(document, better=set(), order=order))
    assert result.to_json() == GMNSpec.parse(document).to_json()
    assert any(warning.startswith("nothing was changed") for warning in result.warnings)


@pytest.mark.parametrize("feedback", ["make the grid 7x7", "the board should be 7 by 7", "a 7x7 grid, please"])
def test_what_rests_on_a_change_goes_with_it(feedback: str) -> None:
    """A larger grid takes along its state, observation and goal, though no word is about them; a policy stays."""
    after = refine(GRID, "make the grid 7x7")
    nodes = [improved(each) if each["type"] == "policy" else each for each in after["nodes"]]  # type: ignore[attr-defined]
    result = refined(GRID, feedback, {**after, "nodes": nodes})
    changed = {name for name, text in texts(result.document).items() if texts(GRID)[name] != text}
    assert {"position", "seen_position", "position_transition", "seen_position_preference"} <= changed
    assert not any(node(GRID, name)["type"] == "policy" for name in changed)
    assert any("policy" in warning for warning in result.warnings if warning.startswith("put back"))
    assert validate_gmn(result).ok


def test_what_can_not_be_put_back_is_kept_and_told() -> None:
    """A change that nobody asked for stays where the document would not be valid without it, with a warning."""
    after: Any = copy.deepcopy(GRID)
    node(after, "position_transition")["properties"]["matrix"] |= {"rows": 6, "cols": 6}
    node(after, "position")["properties"]["num_states"] = 36
    node(after, "seen_position")["properties"]["num_observations"] = 36
    node(after, "seen_position_preference")["properties"] = {"preferred_observation": 35}
    result = refined(GRID, "change the matrix of position_transition to six by six", after)
    assert validate_gmn(result).ok
    assert node(result.document, "position")["properties"]["num_states"] == 36
    said = " ".join(warning for warning in result.warnings if warning.startswith("changed with it"))
    assert "position (num_states)" in said
    assert "seen_position (num_observations)" in said


def test_a_node_that_was_left_out_comes_back() -> None:
    """A node that the answer forgot is there again with its edges, unless the feedback speaks of it."""
    without: Any = copy.deepcopy(GRID)
    without["nodes"] = [each for each in without["nodes"] if each["type"] not in ("policy", "belief")]
    left = {each["id"] for each in without["nodes"]}
    without["edges"] = [each for each in without["edges"] if {each["source"], each["target"]} <= left]
    result = refined(GRID, "the policy may go", without)
    types = [each["type"] for each in result.document["nodes"]]  # type: ignore[attr-defined]
    assert "policy" not in types
    assert types.count("belief") == 2
    assert result.document["edges"] == [each for each in GRID["edges"] if each["source"] != "policy"]


def test_only_the_parts_that_changed_may_be_written() -> None:
    """An answer with the one node that changed is read as a change of that."""
    wall = {**node(GRID, "position_transition")["properties"]["matrix"], "walls": [[2, 2]]}
    part = {"nodes": [{"id": "position_transition", "type": "transition", "properties": {"matrix": wall}}], "edges": []}
    result = refined(GRID, "the wall is in the centre", part)
    changed = {name for name, text in texts(result.document).items() if texts(GRID)[name] != text}
    assert changed == {"position_transition"}
    assert len(result.nodes) == len(GRID["nodes"])


def test_broken_nodes_nobody_spoke_of_cost_no_repair() -> None:
    """Where a node that was not spoken of makes the document unreadable, it is put back and nobody is asked again."""
    broken: Any = copy.deepcopy(GRID)
    node(broken, "battery")["properties"] = {"num_states": "many"}
    node(broken, "move")["properties"]["description"] = "steps"
    result = refined(GRID, "describe the actions", broken)
    assert texts(result.document)["battery"] == texts(GRID)["battery"]
    assert node(result.document, "move")["properties"]["description"] == "steps"


@pytest.mark.parametrize("feedback", ["looks good, thanks", "Perfect!", "ok", "leave it as it is"])
def test_praise_changes_nothing(feedback: str) -> None:
    """Feedback that only approves gives the document as it was, though the model rewrote it."""
    every = {each["id"] for each in GRID["nodes"]}
    result = refined(GRID, feedback, rewritten(GRID, better=every, order=list(range(len(every)))))
    assert result.to_json() == GMNSpec.parse(GRID).to_json()
    assert any(warning.startswith("nothing was changed") for warning in result.warnings)
    assert any(warning.startswith("put back") for warning in result.warnings)


def test_feedback_in_unknown_words_keeps_the_answer_and_says_so() -> None:
    """Where the words name nothing of the document no change can be judged: all are kept, with a warning."""
    after = refine(GRID, "make the grid 7x7")
    result = refined(GRID, "Mach das Gitter bitte 7x7", after)
    assert node(result.document, "position")["properties"]["num_states"] == 49
    assert any("names nothing of the document" in warning for warning in result.warnings)


def test_metadata_is_not_the_models_to_change() -> None:
    """The document's metadata stays though the answer has other; the model's remarks are added to it."""
    before = {**GRID, "metadata": {"author": "me", "unread": ["an old remark"]}}
    after: Any = copy.deepcopy(GRID)
    node(after, "move")["properties"]["description"] = "steps"
    after["metadata"] = {"author": "model", "new": 1, "unread": ["the colour"]}
    result = refined(before, "describe the actions", after)
    assert {key: part for key, part in result.metadata.items() if key != "history"} == {
        "author": "me",
        "unread": ["the colour"],
    }
    assert "not used of the prompt: the colour" in result.warnings
    assert not any("old remark" in warning for warning in result.warnings)


def test_name_and_description_change_where_they_are_spoken_of() -> None:
    """Another name for the model is taken when it is asked for, and not otherwise."""
    after = {**GRID, "name": "walker", "description": "Walks."}
    assert refined(GRID, "call the model walker", after).name == "walker"
    assert refined(GRID, "call the model walker", after).description == GRID["description"]
    node_changed = json.loads(json.dumps(after))
    node(node_changed, "move")["properties"]["description"] = "steps"
    assert refined(GRID, "describe the actions", node_changed).name == GRID["name"]


@pytest.mark.parametrize(
    ("feedback", "expected"),
    [
        ("the batteries last longer", {"battery"}),
        ("reach the top-left corner instead of the goal", {"seen_position_preference"}),
        ("noisier, please", {"seen_position_likelihood", "seen_battery_likelihood"}),
        ("it starts in the centre", {"position_start", "battery_start"}),
        ("plan three steps ahead", {"policy"}),
        ("rename position", {"position"}),
        ("looks good", set()),
    ],
)
def test_feedback_speaks_of_nodes(feedback: str, expected: set[str]) -> None:
    """Ids, and words for what a type is about, in other forms too; a whole id does not speak of longer ones."""
    known = {each["id"] for each in GRID["nodes"]}
    assert expected & known <= Spoken.of(feedback).nodes(GRID["nodes"])
    assert not Spoken.of("rename position").nodes(GRID["nodes"]) - {"position"}


def test_an_array_written_out_anew_has_its_axes_in_the_order_it_was_written_in() -> None:
    """A new parent that the answer puts first is the first axis of the array that it wrote for it."""
    graph = (
        Graph()
        .axes("state", place=["a", "b"], mood=["x", "y"])
        .axes("observation", seen=["a", "b"])
        .axes("action", go=2)
    )
    graph.likelihood("sight", "seen", ["place"], [[1.0, 0.0], [0.0, 1.0]])
    graph.transition("moves", ["place", "go"], {"kind": "set"}).transition("moods", ["mood"], {"kind": "identity"})
    before = GMNSpec.parse(graph.document).document
    after: Any = copy.deepcopy(before)
    node(after, "sight")["properties"]["matrix"] = [[[1.0, 0.0], [0.7, 0.3]], [[0.0, 1.0], [0.3, 0.7]]]
    after["edges"].insert(0, {"source": "mood", "target": "sight", "type": "depends_on"})
    result = refined(before, "in mood y the sight is worse", after)
    parents = [edge["source"] for edge in result.document["edges"] if edge["target"] == "sight"]  # type: ignore[attr-defined]
    assert parents == ["mood", "place"]
    assert texts(result.document)["moves"] == texts(before)["moves"]


def test_metadata_that_is_asked_for_is_set() -> None:
    """The feedback may speak of the metadata, and then it is a change like any other."""
    result = refined(GRID, "set the author in the metadata to Ann", {**GRID, "metadata": {"author": "Ann"}})
    assert result.metadata["author"] == "Ann"
    assert len(result.metadata["history"]) == 1
