"""Refinement: the change that was asked for, nothing beside it, and always a valid document."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gmn_llm.gmn import GMNSpec, validate_gmn
from gmn_llm.gmn.difference import difference
from gmn_llm.gmn.patch import patched
from gmn_llm.mock import design, refine
from gmn_llm.mock.refiner import refinement

DOCUMENTS: dict[str, dict[str, Any]] = {
    "grid": design("A 5x5 grid with a wall at (1,1); reach the bottom-right corner", agent_type="explorer"),
    "plain": design("Create an agent that explores a 5x5 grid world", agent_type="explorer"),
    "rooms": design("In one of four rooms, with a battery of three levels; keep the battery full"),
    "corridor": design("A corridor of 9 cells; it hears a bell near the right end"),
    "trader": design("A market trader", agent_type="trader"),
    "bandit": design("A bandit with four arms"),
    "tmaze": design("A T-maze with a cue"),
    "team": design("A team coordinator with three workers", agent_type="coordinator"),
    "planner": design("Create a planner", agent_type="planner"),
    "cautious": design("A cautious explorer", agent_type="explorer"),
    "memory": design("A curious robot that remembers where it has been on a 3x3 grid, with a noisy camera"),
}
DOCUMENTS["arrays"] = json.loads(GMNSpec.parse(design("A 3x3 grid; reach the centre")).expand().to_json())
DOCUMENTS["room_arrays"] = json.loads(GMNSpec.parse(DOCUMENTS["rooms"]).expand().to_json())
FEEDBACK = [
    "Add memory capabilities",
    "make the grid 7x7",
    "make the grid 3x3",
    "a larger grid",
    "add a stay action",
    "add an action called jump",
    "let it also move diagonally",
    "remove the stay action",
    "remove up and down actions",
    "rename left to west",
    "the goal is now the top-right corner",
    "avoid the centre",
    "make it more cautious",
    "make it more curious",
    "bolder please",
    "more accurate sensors",
    "a noisier camera",
    "it sees the right cell 70% of the time",
    "it slips 20% of the time",
    "add a battery of 5 levels",
    "keep the battery full",
    "start in the centre",
    "plan three steps ahead",
    "plan 12 steps ahead",
    "the weather changes by itself",
    "add a wall at (2,2)",
    "six rooms",
    "two rooms",
    "it hears a bell near the goal",
    "make it a torus",
    "blorp the frobnicator",
    "",
]


def nodes(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the nodes of a document by id."""
    return {node["id"]: node for node in document["nodes"]}


def changed(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    """Return the ids of the nodes that are new, gone or different."""
    old, new = nodes(before), nodes(after)
    return {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}


def refined(name: str, feedback: str, **constraints: object) -> dict[str, Any]:
    """Return a document refined; the one it came from is left alone."""
    before = copy.deepcopy(DOCUMENTS[name])
    after = refine(DOCUMENTS[name], feedback, constraints=constraints)
    assert before == DOCUMENTS[name]
    return after


@pytest.mark.parametrize("feedback", FEEDBACK)
@pytest.mark.parametrize("name", DOCUMENTS)
def test_refined_document_is_valid(name: str, feedback: str) -> None:
    """Any feedback on any document gives a valid document without warnings, and so does a second one on that."""
    once = refined(name, feedback)
    twice = refine(once, "Add memory capabilities")
    for document in (once, twice):
        remarks = {"unread-prompt", "constraint-won"}
        assert [str(found) for found in validate_gmn(document).findings if found.code not in remarks] == []


@pytest.mark.parametrize("feedback", FEEDBACK)
def test_order_of_the_nodes_stays(feedback: str) -> None:
    """Old nodes keep their order and new ones come after them."""
    after = refined("grid", feedback)
    old = list(nodes(DOCUMENTS["grid"]))
    assert list(nodes(after))[: len(old)] == old


@pytest.mark.parametrize(
    ("name", "feedback", "expected"),
    [
        ("grid", "add an action called jump", {"move", "position_transition"}),
        ("grid", "let it also move diagonally", {"move"}),
        ("grid", "remove the stay action", {"move"}),
        ("grid", "rename left to west", {"move", "position_transition"}),
        ("grid", "the goal is now the top-right corner", {"seen_position_preference"}),
        ("grid", "it sees the right cell 70% of the time", {"seen_position_likelihood"}),
        ("grid", "it slips 20% of the time", {"position_transition"}),
        ("grid", "start in the centre", {"position_start"}),
        ("grid", "plan three steps ahead", {"policy"}),
        ("grid", "add a wall at (2,2)", {"position_transition"}),
        ("plain", "make the grid 7x7", {"position", "seen_position", "position_transition"}),
        ("grid", "blorp the frobnicator", set()),
        ("grid", "add a stay action", set()),
    ],
)
def test_only_what_is_spoken_of_changes(name: str, feedback: str, expected: set[str]) -> None:
    """A change touches the nodes it is about and no other."""
    assert changed(DOCUMENTS[name], refined(name, feedback)) == expected


def test_memory_is_driven_by_the_place() -> None:
    """Memory is a state factor that follows where the agent was, with a sense that recalls it."""
    after = refined("plain", "Add memory capabilities")
    new = changed(DOCUMENTS["plain"], after)
    assert {nodes(after)[name]["type"] for name in new} == {
        "state",
        "observation",
        "likelihood",
        "transition",
        "belief",
    }
    assert nodes(after)["memory_transition"]["properties"]["factor"] == "memory"
    assert "unread" not in after["metadata"]


def test_memory_is_not_added_twice() -> None:
    """A second request for memory changes nothing and says so."""
    once = refined("plain", "Add memory capabilities")
    twice = refine(once, "Add memory capabilities")
    assert changed(once, twice) == set()
    assert twice["metadata"]["assumptions"]  # type: ignore[index]  # a plain dictionary


def test_grid_grows_with_all_that_rests_on_it() -> None:
    """A larger grid takes its observation with it, and a goal in the corner stays in the corner."""
    after = nodes(refined("grid", "make the grid 7x7"))
    assert after["position"]["properties"]["num_states"] == 49
    assert after["seen_position"]["properties"]["num_observations"] == 49
    assert after["position_transition"]["properties"]["matrix"] == {
        "kind": "grid",
        "rows": 7,
        "cols": 7,
        "walls": [[1, 1]],
    }
    vector = after["seen_position_preference"]["properties"]["vector"]
    assert vector.index(max(vector)) == 48


def test_goal_moves() -> None:
    """A new goal takes the place of the old one."""
    vector = nodes(refined("grid", "the goal is now the top-right corner"))["seen_position_preference"]["properties"][
        "vector"
    ]
    assert vector.index(max(vector)) == 4


def test_pit_does_not_take_the_goal_away() -> None:
    """A place to avoid is added to the goal there is."""
    vector = nodes(refined("grid", "avoid the centre"))["seen_position_preference"]["properties"]["vector"]
    assert (vector.index(max(vector)), vector.index(min(vector))) == (24, 12)


def test_unusable_feedback_is_said() -> None:
    """Feedback that can't be used changes nothing but stands in the metadata."""
    after = refined("grid", "blorp the frobnicator")
    assert after["nodes"] == DOCUMENTS["grid"]["nodes"]
    assert after["metadata"]["unread"] == ["blorp the frobnicator"]


def test_remarks_are_of_this_refinement() -> None:
    """What an earlier refinement could not use is not said again; other metadata stays."""
    earlier = {**DOCUMENTS["grid"], "metadata": {"unread": ["zork"], "author": "me"}}
    assert refine(earlier, "plan three steps ahead")["metadata"] == {"author": "me"}


def test_constraint_wins_over_feedback() -> None:
    """A change that would break a constraint is left out, and the document says so."""
    after = refined("plain", "make the grid 7x7", max_states=30)
    assert changed(DOCUMENTS["plain"], after) == set()
    assert after["metadata"]["constraint_won"][0].startswith("constraint won: 49 states")


@settings(deadline=None, max_examples=150)
@given(
    st.sampled_from(sorted(DOCUMENTS)),
    st.lists(
        st.one_of(st.sampled_from(sorted({word for text in FEEDBACK for word in text.split()})), st.text(max_size=4)),
        max_size=14,
    ),
)
def test_words_in_any_order_keep_the_document_valid(name: str, words: list[str]) -> None:
    """Whatever the feedback says, what comes out passes the checker."""
    assert validate_gmn(refined(name, " ".join(words))).errors == ()


@pytest.mark.parametrize(
    ("feedback", "accuracy"),
    [
        ("make the sensor noisier: 60% right", 0.6),
        ("the sensor is wrong 20% of the time", 0.8),
        ("reduce the noise to 5%", 0.95),
        ("make the sensor noisier", 0.75),
    ],
)
def test_share_that_is_given_wins_over_the_direction(feedback: str, accuracy: float) -> None:
    """A figure is taken as it stands; without one a sense becomes a little better or worse."""
    document: dict[str, Any] = refine(DOCUMENTS["plain"], feedback)
    matrix = next(node for node in document["nodes"] if node["type"] == "likelihood")["properties"]["matrix"]
    assert matrix == {"kind": "noisy_identity", "accuracy": accuracy}


def test_forbidden_direction_is_taken_away() -> None:
    """What it must not do is no longer among its actions, and nothing else changes there."""
    document: dict[str, Any] = refine(DOCUMENTS["plain"], "it must not move up or down")
    action = next(node for node in document["nodes"] if node["type"] == "action")
    assert action["properties"]["labels"] == ["left", "right", "stay"]


@pytest.mark.parametrize("feedback", FEEDBACK)
@pytest.mark.parametrize("name", DOCUMENTS)
def test_patch_is_the_change_and_nothing_else(name: str, feedback: str) -> None:
    """What the designer answers with, done to the document, is the refined document; it names what changed alone."""
    document = DOCUMENTS[name]
    patch: Any = refinement(document, feedback)
    done, whole = patched(document, patch), refine(document, feedback)
    assert done.findings == ()
    assert not difference(whole, {**done.document, "metadata": whole["metadata"]})
    named = {entry["id"] for entry in [*patch["change_nodes"], *patch["add_nodes"]]} | set(patch["remove_nodes"])
    assert named == changed(document, whole)
