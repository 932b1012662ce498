"""Entries that stand under another key, or say a number otherwise, and how often a bad one is told of."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gmn_llm import create_llm_factory
from tests.cache.test_documents import PROMPT, QUESTION, cached, change, mock, openai
from tests.wire.client import WireServer

OTHERS: dict[str, Callable[[dict[str, Any]], object]] = {
    "agent type": lambda entry: entry["arguments"].update(agent_type="trader"),
    "constraints": lambda entry: entry["arguments"].update(constraints={"max_states": 90}),
    "examples": lambda entry: entry["arguments"].update(examples=[{"name": "other"}]),
    "none": lambda entry: entry.pop("arguments"),
}


@pytest.mark.parametrize("other", OTHERS)
async def test_a_document_of_other_arguments_is_a_miss(
    folder: Path, caplog: pytest.LogCaptureFixture, other: str
) -> None:
    """An entry that was put under the key of another task is made anew, and told of once."""
    async with create_llm_factory(mock(folder)) as factory:
        fresh = await factory.generate_gmn(PROMPT)
    change(folder, OTHERS[other])
    async with create_llm_factory(mock(folder)) as factory:
        again = await factory.generate_gmn(PROMPT)
    assert again == fresh
    assert not cached(again)
    assert len([record for record in caplog.records if "not usable" in record.message]) == 1


@pytest.mark.parametrize(
    "edit",
    [
        lambda entry: entry["messages"][0].update(content="another"),
        lambda entry: entry["arguments"].update(max_tokens=3),
        lambda entry: entry.update(kind="generate"),
    ],
)
async def test_an_answer_to_another_question_is_a_miss(
    wire: WireServer, folder: Path, caplog: pytest.LogCaptureFixture, edit: Callable[[dict[str, Any]], object]
) -> None:
    """The words and the arguments of an entry are those of the question, or it is asked again."""
    wire.script(["one", "two"])
    async with create_llm_factory(openai(wire, folder)) as factory:
        await factory.generate(QUESTION, use_cache=True)
        change(folder, edit)
        again = await factory.generate(QUESTION, use_cache=True)
        hit = await factory.generate(QUESTION, use_cache=True)
    assert [(each.content, each.cached) for each in (again, hit)] == [("two", False), ("two", True)]
    assert len([record for record in caplog.records if "not usable" in record.message]) == 1


def with_a_point(entry: dict[str, Any]) -> None:
    """Writes a number of states as 9.0."""
    node = next(node for node in entry["document"]["nodes"] if node["type"] == "state")
    node["properties"]["num_states"] = float(node["properties"]["num_states"])


async def test_every_hit_of_one_entry_is_the_same_text(folder: Path) -> None:
    """A number that somebody wrote with a point reads alike at the first and at later hits."""
    async with create_llm_factory(mock(folder)) as factory:
        fresh = await factory.generate_gmn(PROMPT)
    change(folder, with_a_point)
    async with create_llm_factory(mock(folder)) as factory:
        hits = [await factory.generate_gmn(PROMPT) for _ in range(3)]
    assert [cached(hit) for hit in hits] == [True] * 3
    assert len({str(hit) for hit in hits}) == 1
    assert hits == [fresh] * 3
