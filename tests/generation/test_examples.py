"""Few-shot examples: which are shown, and what they may cost."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest

from gmn_llm import GMNSpec, InputError, create_llm_factory, generate
from gmn_llm.generation.examples import MOST_EXAMPLES, chosen, tokens_of
from gmn_llm.generation.room import room_for
from tests.routing.conftest import section
from tests.wire.client import WireServer

PROMPTS = ("a 5x5 grid", "a bandit with 4 arms", "a trader with three markets", "a robot on a line of 6 rooms")


@pytest.fixture(scope="module")
def documents() -> list[dict[str, Any]]:
    """One document for each of ``PROMPTS``."""
    return [
        generate(prompt, config={"provider": "mock"}, use_cache=False).document | {"description": prompt}
        for prompt in PROMPTS
    ]


def test_up_to_three_that_fit_are_all_shown_in_their_order(documents: list[dict[str, Any]]) -> None:
    """Nothing is left out where there is room for all."""
    assert chosen(documents[:3], "a bandit", budget=10_000) == documents[:3]


def test_of_more_the_three_nearest_to_the_description_are_shown(documents: list[dict[str, Any]]) -> None:
    """The words that a description shares with an example decide."""
    others = [documents[2] | {"name": f"other_{k}", "description": "something else entirely"} for k in range(6)]
    shown = chosen([*others, documents[0], documents[1]], "a grid of 5x5 cells with a bandit of 4 arms", budget=10_000)
    assert len(shown) == MOST_EXAMPLES
    assert documents[0] in shown
    assert documents[1] in shown


def test_one_that_does_not_fit_is_passed_over(documents: list[dict[str, Any]]) -> None:
    """A large example does not keep smaller ones out."""
    large = GMNSpec.parse(documents[0]).expand().document
    small = documents[0]
    assert tokens_of(large) > 5 * tokens_of(small)
    assert chosen([large, small, documents[1]], "a 5x5 grid", budget=2000) == [small, documents[1]]


def test_nothing_is_shown_where_there_is_no_room(documents: list[dict[str, Any]]) -> None:
    """The budget holds, whatever is given."""
    for budget in (0, 100, 500, 1000, 2000):
        assert sum(map(tokens_of, chosen(documents, "a grid", budget=budget))) <= budget


def test_tokens_are_never_counted_too_low(documents: list[dict[str, Any]]) -> None:
    """The estimate is at least what a tokenizer counts, for named matrices and for arrays written out."""
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    import litellm

    for document in (*documents, *(GMNSpec.parse(each).expand().document for each in documents)):
        counted = len(litellm.encoding.encode(json.dumps(document, separators=(",", ":"))))
        assert counted <= tokens_of(document) <= 2 * counted


async def test_what_is_shown_is_checked_and_chosen(documents: list[dict[str, Any]], wire: WireServer) -> None:
    """All examples are checked; the question holds those that fit the configured budget."""
    configuration = {
        "provider": "openai",
        "openai": section(wire, "openai"),
        "gmn": {"max_example_tokens": tokens_of(documents[0]) + 1},
    }
    async with create_llm_factory(configuration) as factory:
        with pytest.raises(InputError, match="example 1 is not valid"):
            await factory.generate_gmn("a 5x5 grid", examples=[documents[0], {"nodes": []}], use_cache=False)
        wire.script([json.dumps(documents[0])])
        await factory.generate_gmn("a 5x5 grid", examples=[*documents[1:], documents[0]], use_cache=False)
    [seen] = wire.requests()
    messages: Any = seen.json["messages"]
    assert json.loads(messages[-1]["content"])["examples"] == [documents[0]]


async def test_constraints_bound_the_room_for_an_answer(documents: list[dict[str, Any]], wire: WireServer) -> None:
    """What the provider is given as the most tokens follows from the constraints, unless the caller says a number."""
    async with create_llm_factory({"provider": "openai", "openai": section(wire, "openai")}) as factory:
        for more in ({}, {"constraints": {"max_states": 25}}, {"constraints": {"max_states": 25}, "max_tokens": 3999}):
            wire.script([json.dumps(documents[0])])
            await factory.generate_gmn("a 5x5 grid", use_cache=False, **more)
    rooms = [seen.json["max_tokens"] for seen in wire.requests()]
    assert rooms == [4000, room_for({"max_states": 25}, 4000), 3999]
