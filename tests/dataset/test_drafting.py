"""From a document back to the draft that it could have come from."""

from __future__ import annotations

import copy
import json
from typing import Any

import jsonschema
import pytest

from gmn_llm.dataset.drafting import draft_of, same
from gmn_llm.evaluation import load_suite
from gmn_llm.evaluation.view import View
from gmn_llm.generation.draft import compiled
from gmn_llm.gmn import GMNSpec
from gmn_llm.gmn.schema import load
from gmn_llm.mock import design
from tests.evaluation.documents import BOARD, BOARD_OF_TWO, MARKET, MOVES, ROOMS

SUITE = load_suite()
PROMPT = """Example. For {"description": "walks along five rooms and wants to be in the last one"}:
"""


def is_same(one: GMNSpec, other: GMNSpec, *, wishes: bool = True) -> bool:
    """Return whether two documents describe the same agent."""
    first, second = View.of(one), View.of(other)
    return same(first.structure, first.numbers, second.structure, second.numbers, wishes=wishes)


@pytest.mark.parametrize("prompt", SUITE.prompts, ids=[prompt.id for prompt in SUITE.prompts])
def test_a_draft_that_there_is_means_the_same(prompt: Any) -> None:
    """Where a document can be told as a draft, the draft meets its schema and compiles to the same agent."""
    spec = GMNSpec.parse(design(prompt.prompt, agent_type=prompt.agent_type))
    for exact in (True, False):
        draft = draft_of(spec, exact=exact)
        if draft is not None:
            jsonschema.validate(draft, load("draft"))
            assert is_same(spec, GMNSpec.parse(compiled(draft)), wishes=exact)


def test_most_documents_can_be_told() -> None:
    """Of the designer's documents for the package's prompts at least three in four are drafts, goals in short."""
    specs = [GMNSpec.parse(design(prompt.prompt, agent_type=prompt.agent_type)) for prompt in SUITE.prompts]
    assert sum(draft_of(spec, exact=False) is not None for spec in specs) >= 0.75 * len(specs)


def test_what_comes_of_a_draft_can_be_told_again() -> None:
    """A document that was compiled of a draft goes back to a draft, and that one to itself."""
    system, example = load_example()
    assert "draft" not in system
    first = draft_of(GMNSpec.parse(compiled(example)))
    assert first is not None
    assert draft_of(GMNSpec.parse(compiled(first))) == first
    for prompt in SUITE.prompts:
        draft = draft_of(GMNSpec.parse(design(prompt.prompt)), exact=False)
        if draft is not None:
            assert draft_of(GMNSpec.parse(compiled(draft))) == draft


def load_example() -> tuple[str, dict[str, Any]]:
    """Return the template that a model is sent, and the example in it."""
    from gmn_llm.prompts import load as template

    text = template("generate").text
    _, _, rest = text.partition(PROMPT)
    value, _ = json.JSONDecoder().raw_decode(rest)
    return text.partition("{")[0], value


def test_a_document_by_hand_is_told() -> None:
    """Two factors each with an action of their own; arrays in numbers become rules."""
    market = copy.deepcopy(MARKET)
    market["nodes"] = [node for node in market["nodes"] if node["id"] != "idle"]
    draft: Any = draft_of(GMNSpec.parse(market))
    regime, holding = draft["factors"]
    assert (regime["change"]["kind"], regime["actions"], regime["start"]) == ("rules", [], "bull")
    assert holding["change"] == {
        "kind": "set", "rows": 0, "cols": 0, "slip": 0.3, "walls": [], "rules": [],
    }  # fmt: skip
    assert holding["actions"] == ["sell", "buy"]
    assert draft["senses"][0]["rules"][0] == {
        "when": [{"name": "regime", "values": ["bear"]}],
        "then": [{"value": "down", "probability": 0.9}, {"value": "up", "probability": 0.1}],
    }
    assert draft_of(GMNSpec.parse(ROOMS)) is not None


def test_a_movement_that_is_not_meant_as_usual_is_spelled_out() -> None:
    """Where ``up`` leads to the state before, a line's usual steps are not it, and rules for each state are."""
    draft: Any = draft_of(GMNSpec.parse(BOARD_OF_TWO))
    assert [factor["change"]["kind"] for factor in draft["factors"]] == ["rules", "rules"]
    assert is_same(GMNSpec.parse(BOARD_OF_TWO), GMNSpec.parse(compiled(draft)))


def test_a_board_keeps_walls_slip_goal_and_start() -> None:
    """What the description of a board says is in the draft under its own names."""
    draft: Any = draft_of(
        GMNSpec.parse(design("A 4x3 grid with a wall at (1, 1), slips 10% of the time, start bottom left"))
    )
    (factor,) = draft["factors"]
    assert (factor["change"]["rows"], factor["change"]["cols"], factor["change"]["walls"]) == (3, 4, [[1, 1]])
    assert (factor["change"]["slip"], factor["start"]) == (0.1, "8")


def changed(given: dict[str, Any], part: str, **properties: Any) -> GMNSpec:
    """Return a document with other properties of one node."""
    value = copy.deepcopy(given)
    next(node for node in value["nodes"] if node["id"] == part)["properties"].update(properties)
    return GMNSpec.parse(value)


def test_what_a_draft_cannot_say_has_none() -> None:
    """Connected edges, moves that the actions' names do not mean, spread-out starts, actions that drive nothing."""
    grid = {"kind": "grid", "rows": 3, "cols": 4}
    assert draft_of(changed(BOARD, "steps", matrix={**grid, "wrap": True, "moves": MOVES})) is None
    other = {name: [0, 1] for name in ("move_up", "go_down", "turnLeft", "right", "stay")}
    assert draft_of(changed(BOARD, "steps", matrix={**grid, "moves": other})) is None
    value = copy.deepcopy(BOARD_OF_TWO)
    next(node for node in value["nodes"] if node["id"] == "d1")["properties"] = {"vector": [0.5, 0.5, 0.0]}
    assert draft_of(GMNSpec.parse(value)) is None
    assert draft_of(GMNSpec.parse(MARKET)) is None
    query = copy.deepcopy(ROOMS)
    query["nodes"].append({"id": "advice", "type": "llm_query", "properties": {"prompt_template": "?"}})
    assert draft_of(GMNSpec.parse(query)) is None


def test_many_wishes_are_told_in_short_where_that_is_allowed() -> None:
    """Of a landscape of preferences a draft has room for the greatest and the least."""
    spec = GMNSpec.parse(design("a 4x4 grid, the goal is in the bottom right corner, avoid the top right corner"))
    assert draft_of(spec) is None
    draft: Any = draft_of(spec, exact=False)
    assert draft["factors"][0]["prefer"] == [{"value": "3", "strength": -3.0}, {"value": "15", "strength": 2.0}]
