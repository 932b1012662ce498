"""How much room an answer gets."""

from __future__ import annotations

import json
import os

import pytest

from gmn_llm.generation.draft import compiled
from gmn_llm.generation.room import room_for


def test_without_a_bound_on_states_the_room_is_as_configured() -> None:
    """Other constraints say nothing about how long an answer may be."""
    assert room_for({}, 4000) == 4000
    assert room_for({"max_actions": 3}, 4000) == 4000
    assert room_for({"max_actions": 3}, None) is None


def test_a_bound_on_states_bounds_the_room() -> None:
    """Fewer states and actions leave less to say, and never more than is configured."""
    small, large = room_for({"max_states": 4, "max_actions": 2}, 4000), room_for({"max_states": 40}, 4000)
    assert small is not None
    assert large is not None
    assert small < large <= 4000
    assert room_for({"num_states": 4, "max_actions": 2}, 100) == 100
    assert room_for({"max_states": 4}, None) == room_for({"max_states": 4}, 10**6)


@pytest.mark.parametrize("states", [2, 4, 9, 16, 25, 100])
def test_a_draft_of_that_many_states_fits(states: int) -> None:
    """A draft that names every state, rules each and cares for each takes less, by a tokenizer's count."""
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    import litellm

    labels = [f"room_{k}" for k in range(states)]
    rule = {"when": [{"name": "action", "values": ["left"]}], "then": [{"value": "room_0", "probability": 1}]}
    factor = {
        "name": "room",
        "size": states,
        "labels": labels,
        "change": {"kind": "rules", "rows": 0, "cols": 0, "slip": 0, "walls": [], "rules": [rule] * (states // 2)},
        "actions": ["left", "right"],
        "start": "room_0",
        "accuracy": 1,
        "prefer": [{"value": label, "strength": 1} for label in labels],
    }
    draft = {"name": "n", "description": "d" * 80, "factors": [factor], "senses": [], "steps_ahead": 3, "unread": []}
    room = room_for({"max_states": states}, None)
    assert compiled(draft)["nodes"]
    assert room is not None
    assert len(litellm.encoding.encode(json.dumps(draft))) < room
