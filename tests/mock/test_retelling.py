"""A description speaks of the model that there is, also where a constraint or feedback changed its sizes."""

from __future__ import annotations

import pytest

from gmn_llm.mock import design
from gmn_llm.mock.refiner import refine
from gmn_llm.mock.repairer import repair


@pytest.mark.parametrize(
    ("prompt", "constraints", "says"),
    [
        ("a 5x5 grid", {"max_states": 10}, "3 columns and 3 rows"),
        ("a 5x5 grid", {"max_actions": 1}, "it has 1 action."),
        ("an agent with 20 rooms", {"max_states": 4}, "one of 4 places; it has 4 actions"),
        ("a bandit with 7 arms", {"max_states": 8}, "bandit of 4 arms"),
        ("a 1000x1000 grid", {}, "50 columns and 50 rows"),
        ("a 5x5 grid with a battery of three levels", {"max_states": 25, "max_states_per_factor": 25}, "rows"),
        ("a 5x5 grid", {}, "5 columns and 5 rows"),
    ],
)
def test_a_constraint_is_in_the_description(prompt: str, constraints: dict[str, object], says: str) -> None:
    """Sizes that the constraints took away are not told of as if they were there."""
    document = design(prompt, constraints=constraints)
    assert says in str(document["description"])
    for node in document["nodes"]:  # type: ignore[attr-defined]  # JSON
        matrix = node["properties"].get("matrix")
        if node["type"] == "transition" and isinstance(matrix, dict) and matrix["kind"] == "grid":
            assert f"{matrix['cols']} columns and {matrix['rows']} rows" in str(document["description"])


def test_feedback_is_in_the_description() -> None:
    """A grid of another size is told of as that, and words of somebody else are left alone."""
    document = design("a 4x4 grid")
    assert "6 columns and 6 rows" in str(refine(document, "make it 6x6")["description"])
    theirs = {**document, "description": "A robot with 16 legs."}
    assert refine(theirs, "make it 6x6")["description"] == "A robot with 16 legs."


def test_a_repair_is_of_what_was_asked_for() -> None:
    """A part that is at fault is designed from the description of the whole, within its constraints."""
    part = {"factors": [{"name": "position", "size": 9}]}
    document = repair(part, description="a 3x3 grid", agent_type="explorer", constraints={"max_actions": 4})
    sizes = {node["id"]: node["properties"] for node in document["nodes"]}  # type: ignore[attr-defined]  # JSON
    assert sizes["position"]["num_states"] == 9
    assert sizes["move"]["num_actions"] == 4
