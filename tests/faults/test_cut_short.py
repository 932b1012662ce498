"""Answers that are cut short: more room once, then a shorter answer, then what there is; never without an end."""

from __future__ import annotations

import json

import pytest

from gmn_llm import GMNValidationError, create_llm_factory
from tests.faults.bad_answers import openai
from tests.wire.client import Fault, Step, WireServer

ROOM = {
    "name": "room", "size": 5, "labels": [],
    "change": {"kind": "line", "rows": 0, "cols": 0, "slip": 0, "walls": [], "rules": []},
    "actions": ["left", "right", "stay"], "start": "0", "accuracy": 0.9, "prefer": [{"value": "4", "strength": 3}],
}  # fmt: skip
LAMP = {**ROOM, "name": "lamp", "size": 2, "actions": ["press", "leave"], "prefer": []}
DRAFT = {"name": "walker", "description": "x", "factors": [ROOM, LAMP], "senses": [], "steps_ahead": 1, "unread": []}
TEXT = json.dumps(DRAFT)
HALF = TEXT[: TEXT.index('"lamp"') + 20]


def cut(text: str, *, times: int = 1) -> Step:
    """An answer that ends for want of room."""
    return Step(text=text, fault=Fault.LENGTH, share=1.0, times=times)


def rooms(wire: WireServer) -> list[object]:
    """The room that each question gave its answer."""
    return [request.json.get("max_completion_tokens", request.json.get("max_tokens")) for request in wire.requests()]


async def test_more_room_is_no_repair(wire: WireServer) -> None:
    """The same question travels again with twice the room, and the whole answer is the result."""
    wire.script([cut(HALF), TEXT])
    async with create_llm_factory(openai(wire)) as factory:
        spec = await factory.generate_gmn("five rooms and a lamp", use_cache=False, max_tokens=600)
    first, second = wire.requests()
    assert first.json["messages"] == second.json["messages"]
    assert rooms(wire) == [600, 1200]
    assert spec.provenance is not None
    assert spec.provenance.repairs == 0
    assert len(spec.provenance.attempts) == 2


async def test_a_whole_document_in_an_answer_without_end_is_taken(wire: WireServer) -> None:
    """If more room was of no use, a document that is complete is the result, whatever was said after it."""
    wire.script([cut(f"{TEXT}\nand so on and on"), cut(f"{TEXT}\nand so on and on and on")])
    async with create_llm_factory(openai(wire)) as factory:
        spec = await factory.generate_gmn("five rooms and a lamp", use_cache=False)
    assert len(wire.requests()) == 2
    assert len(spec.expand().to_pymdp()["D"]) == 2


async def test_the_next_question_has_the_room_that_was_needed(wire: WireServer) -> None:
    """Room is doubled once in a making; what comes later has it from the beginning, and is not doubled again."""
    wire.script([cut(HALF), cut(TEXT[: len(HALF) + 60]), cut(HALF), TEXT])
    async with create_llm_factory(openai(wire)) as factory:
        await factory.generate_gmn("five rooms and a lamp", use_cache=False, max_tokens=600)
    assert rooms(wire) == [600, 1200, 1200, 1200]


async def test_a_model_that_never_ends_is_asked_no_more_than_repairs_allow(wire: WireServer) -> None:
    """With every answer cut short there are two repairs and one doubling, and then what was complete is kept."""
    wire.script([cut(HALF, times=0)])
    async with create_llm_factory(openai(wire)) as factory:
        spec = await factory.generate_gmn("five rooms and a lamp", use_cache=False)
    assert len(wire.requests()) == 4
    assert len(spec.expand().to_pymdp()["D"]) == 1
    assert any("cut short" in warning for warning in spec.warnings)


async def test_a_model_that_never_begins_is_an_error(wire: WireServer) -> None:
    """Where nothing was complete there is nothing to keep."""
    wire.script([cut('{"name": "walk', times=0)])
    async with create_llm_factory(openai(wire)) as factory:
        with pytest.raises(GMNValidationError) as raised:
            await factory.generate_gmn("five rooms", use_cache=False)
    assert len(wire.requests()) == len(raised.value.attempts) == 4
    assert raised.value.findings


async def test_an_answer_is_kept_when_no_more_room_is_to_be_had(wire: WireServer) -> None:
    """If the question with more room is refused, the answer that was cut short is what is mended."""
    wire.script([cut(HALF), Step(status=400, times=3), TEXT])
    async with create_llm_factory(openai(wire)) as factory:
        spec = await factory.generate_gmn("five rooms and a lamp", use_cache=False)
    assert spec.provenance is not None
    assert spec.provenance.repairs == 1
    assert len(spec.expand().to_pymdp()["D"]) == 2


@pytest.mark.parametrize("provider", ["anthropic", "ollama"])
async def test_each_wire_has_its_own_word_for_it(wire: WireServer, provider: str) -> None:
    """Anthropic's ``max_tokens`` and Ollama's ``length`` are both answers cut short."""
    wire.script([cut(HALF), TEXT])
    sections = {
        "anthropic": {"model": "claude-haiku-4-5", "base_url": wire.anthropic_base, "api_key": wire.anthropic_key},
        "ollama": {"model": "llama3.2", "base_url": wire.ollama_base},
    }
    async with create_llm_factory({"provider": provider, provider: sections[provider]}) as factory:
        spec = await factory.generate_gmn("five rooms and a lamp", use_cache=False)
    assert spec.provenance is not None
    assert spec.provenance.repairs == 0
    assert len(spec.expand().to_pymdp()["D"]) == 2
