"""Where a constraint contradicts the words it wins, and the result says what it changed, whoever wrote it."""

from __future__ import annotations

import json

import pytest

from gmn_llm import create_llm_factory
from tests.faults.bad_answers import openai
from tests.wire.client import Step, WireServer

CHANGE = {"kind": "line", "rows": 0, "cols": 0, "slip": 0, "walls": [], "rules": []}


def draft(size: int, actions: int = 3) -> str:
    """A line of rooms."""
    factor = {
        "name": "room", "size": size, "labels": [], "change": CHANGE, "actions": ["left", "right", "stay", "hop"][:actions],
        "start": "0", "accuracy": 1, "prefer": [],
    }  # fmt: skip
    return json.dumps(
        {"name": "w", "description": "w", "factors": [factor], "senses": [], "steps_ahead": 1, "unread": []}
    )


@pytest.mark.parametrize(
    ("prompt", "constraints", "said"),
    [
        ("a 5x5 grid", {"max_states": 10}, "constraint won: 3 states where the words say 5x5 (max_states = 10)"),
        ("seven rooms", {"num_states": 3}, "constraint won: 3 states where the words say seven rooms (num_states = 3)"),
        ("20 hidden states", {"max_states_per_factor": 4}, "3 states where the words say 20 hidden states"),
        ("it has 6 actions", {"max_actions": 4}, "constraint won: 3 actions where the words say 6 actions"),
        ("a 3x1 board", {"max_states": 10}, None),
        ("three rooms", {"num_states": 3}, None),
        ("a 5x5 grid", {}, None),
    ],
)
async def test_words_that_a_constraint_does_not_allow_are_told_of(
    wire: WireServer, prompt: str, constraints: dict[str, object], said: str | None
) -> None:
    """A size in the description beyond a constraint is a warning of its own with what came of it; others are none."""
    wire.script([Step(text=draft(3), times=0)])
    async with create_llm_factory(openai(wire)) as factory:
        spec = await factory.generate_gmn(prompt, constraints=constraints, use_cache=False)
    told = [each for each in spec.warnings if "constraint won" in each]
    assert len(told) == (said is not None)
    assert all(said is not None and said in each for each in told)
    assert len(wire.requests()) == 1


async def test_what_a_repair_took_away_is_told(wire: WireServer) -> None:
    """A draft that broke a constraint and was mended leaves a warning with both sizes, in the cache too."""
    wire.script([draft(5, 4), draft(3, 2), Step(text="no", times=0)])
    async with create_llm_factory(openai(wire)) as factory:
        for _ in range(2):
            spec = await factory.generate_gmn("rooms", constraints={"max_states": 3, "max_actions": 2})
            assert "constraint won: 3 states instead of 5 (max_states = 3)" in spec.warnings
            assert "constraint won: 2 actions instead of 4 (max_actions = 2)" in spec.warnings
    assert len(wire.requests()) == 2


async def test_the_designer_tells_it_once() -> None:
    """Where the writer of the document tells what a constraint won, nothing is told twice."""
    async with create_llm_factory({"provider": "mock"}) as factory:
        spec = await factory.generate_gmn("a 5x5 grid", constraints={"max_states": 10}, use_cache=False)
    assert [each for each in spec.warnings if "constraint won" in each] == [
        "constraint won: the 5x5 grid became the 3x3 grid."
    ]
