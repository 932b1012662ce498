"""A budget in tokens and money holds over all answers and all providers, before each question is asked."""

from __future__ import annotations

import json

import pytest

from gmn_llm import GMNValidationError, ProviderUnavailableError, create_llm_factory
from gmn_llm.generation.budget import Budget, Ledger, estimated
from gmn_llm.messages import CompletionRequest, LLMMessage, LLMResponse, LLMRole, Picture, Usage
from tests.faults.bad_answers import openai
from tests.faults.test_cut_short import DRAFT, TEXT, cut
from tests.wire.client import Step, WireServer

BAD = json.dumps({**DRAFT, "factors": [{**DRAFT["factors"][0], "start": "cellar"}]})  # type: ignore[index]  # JSON


async def test_no_question_is_asked_that_does_not_fit(wire: WireServer) -> None:
    """Where the first question alone takes more than there is, nobody is asked."""
    async with create_llm_factory(openai(wire, max_total_tokens=500)) as factory:
        with pytest.raises(GMNValidationError, match="does not fit into 500") as raised:
            await factory.generate_gmn("five rooms", use_cache=False)
    assert not wire.requests()
    assert raised.value.attempts == ()
    assert "max_total_tokens" in raised.value.hint


async def test_answers_get_no_more_room_than_is_left(wire: WireServer) -> None:
    """The room of each answer shrinks with the budget, and all together stay within it."""
    wire.script([BAD, "no", "no", Step(text="no", times=0)])
    async with create_llm_factory(openai(wire, max_total_tokens=5000, max_repairs=9)) as factory:
        spec = await factory.generate_gmn("five rooms", use_cache=False)
    first, *rooms = [request.json["max_tokens"] for request in wire.requests()]
    assert first < 1300  # type: ignore[operator]  # whether the schema counts is not known yet
    assert rooms == sorted(rooms, reverse=True)  # type: ignore[type-var]  # numbers on the wire
    assert 1 < len(rooms) < 10
    assert spec.provenance is not None
    assert spec.provenance.usage.total_tokens <= 5000
    assert any("start" in warning for warning in spec.warnings)  # what was left out as a last resort


async def test_the_budget_spans_the_chain(wire: WireServer) -> None:
    """What the first provider used up the next one does not get; the error has draft, findings, attempts and usage."""
    wire.script([Step(text="no", times=0)], model="gpt-4o")
    settings = {
        **openai(wire, max_total_tokens=5000, max_repairs=30),
        "ollama": {"model": "llama3.2", "base_url": wire.ollama_base},
        "fallbacks": ["ollama"],
    }
    async with create_llm_factory(settings) as factory:
        with pytest.raises(GMNValidationError) as raised:
            await factory.generate_gmn("five rooms", use_cache=False)
    error = raised.value
    assert not wire.requests(path="/api/chat")
    assert [finding.code for finding in error.findings] == ["json-syntax"]
    assert error.draft == "no"
    assert len(error.attempts) == len(wire.requests())
    assert error.usage is not None
    assert 0 < error.usage.total_tokens <= 5000


async def test_more_room_is_within_the_budget(wire: WireServer) -> None:
    """An answer that was cut short is not asked for with more than there is left."""
    wire.script([cut(TEXT[:100]), TEXT])
    async with create_llm_factory(openai(wire, max_total_tokens=6500)) as factory:
        await factory.generate_gmn("five rooms", use_cache=False, max_tokens=2500)
    first, second = (request.json["max_tokens"] for request in wire.requests())
    assert first == 2500
    assert 2500 < second < 5000  # type: ignore[operator]  # numbers on the wire


async def test_money_is_reckoned_before_the_first_answer(wire: WireServer) -> None:
    """Nobody is asked where the question with its schema and a short answer costs more than there is."""
    wire.script([Step(text=TEXT, times=0)])
    async with create_llm_factory(openai(wire, max_cost=0.005)) as factory:
        with pytest.raises(GMNValidationError, match="over the budget") as raised:
            await factory.generate_gmn("five rooms", use_cache=False)
    assert not wire.requests()
    assert "max_cost" in raised.value.hint


async def test_an_answer_has_no_more_room_than_there_is_money_for(wire: WireServer) -> None:
    """The first answer's room is what the price leaves, and everything together stays within the budget."""
    wire.script([Step(text="no", times=0)])
    async with create_llm_factory(openai(wire, max_cost=0.02, max_repairs=30)) as factory:
        with pytest.raises(GMNValidationError) as raised:
            await factory.generate_gmn("five rooms", use_cache=False)
    rooms = [request.json["max_tokens"] for request in wire.requests()]
    assert rooms[0] < 1200  # type: ignore[operator]  # numbers on the wire
    assert 2 < len(rooms) < 31
    assert raised.value.usage is not None
    assert raised.value.usage.cost is not None
    assert 0 < raised.value.usage.cost <= 0.02


def test_a_price_that_nobody_knows_is_learned() -> None:
    """Where no price is known beforehand the first answer's cost is what the next ones are reckoned by."""
    response = LLMResponse(content="no", provider="a", usage=Usage(prompt_tokens=500, completion_tokens=100, cost=0.01))
    ledger = Ledger(Budget(cost=0.02))
    request = CompletionRequest(messages=(LLMMessage(LLMRole.USER, "x" * 600),), max_tokens=4000)
    assert ledger.fitted(request, groups=["a"]) is request
    ledger.add(response)
    assert 150 <= (ledger.fitted(request, groups=["a"]).max_tokens or 0) < 200
    ledger.add(response)
    with pytest.raises(GMNValidationError, match="over the budget"):
        ledger.fitted(request, groups=["a"])


async def test_who_is_too_dear_is_left_out(wire: WireServer) -> None:
    """With money for one provider of the chain alone, that one is asked and no other, first or not."""
    dear = {"input_cost_per_token": 1.0, "output_cost_per_token": 1.0}
    settings = openai(wire, max_cost=0.05)
    section = {"model": "claude-haiku-4-5", "base_url": wire.anthropic_base, "api_key": wire.anthropic_key}
    wire.script([Step(text=TEXT, times=0)])
    for costly, asked in (("anthropic", "/v1/chat/completions"), ("openai", "/v1/messages")):
        both = {**settings, "anthropic": section, "fallbacks": ["anthropic"]}
        both[costly] = {**both[costly], "params": dear}  # type: ignore[dict-item]  # a section
        async with create_llm_factory(both) as factory:
            await factory.generate_gmn("five rooms", use_cache=False)
        assert [request.path for request in wire.requests()] == [asked]
        wire.reset()
        wire.script([Step(text=TEXT, times=0)])


def test_schema_and_pictures_count() -> None:
    """What goes with the messages is estimated too, so that a total in tokens holds with it."""
    words = (LLMMessage(LLMRole.USER, "x" * 300),)
    bare = CompletionRequest(messages=words)
    held = CompletionRequest(messages=words, schema={"description": "x" * 3000})
    seen = CompletionRequest(messages=words, pictures=(Picture("image/png", b""),) * 2)
    assert estimated(bare) == 100
    assert estimated(held) > 1100
    assert estimated(seen) > 3000


async def test_a_provider_that_fails_while_it_mends_is_followed_by_the_next(wire: WireServer) -> None:
    """An outage in the midst of repairs is a reason to fall over too, and both providers are told of."""
    wire.script(["no", Step(status=500), Step(status=500), Step(status=500)], path="/v1/chat/completions")
    wire.script([TEXT], path="/api/chat")
    settings = {
        **openai(wire), "ollama": {"model": "llama3.2", "base_url": wire.ollama_base}, "fallbacks": ["ollama"],
    }  # fmt: skip
    async with create_llm_factory(settings) as factory:
        spec = await factory.generate_gmn("five rooms", use_cache=False)
    assert spec.provenance is not None
    assert spec.provenance.provider == "ollama"
    assert [attempt.error for attempt in spec.provenance.attempts][:2] == [None, "ProviderUnavailableError"]


async def test_a_forced_provider_is_followed_by_nobody(wire: WireServer) -> None:
    """Forced by a call, a provider's failure in the midst of repairs is the answer, with its attempts and usage."""
    wire.script(["no", Step(status=500, times=0)], path="/v1/chat/completions")
    settings = {
        **openai(wire), "ollama": {"model": "llama3.2", "base_url": wire.ollama_base}, "fallbacks": ["ollama"],
    }  # fmt: skip
    async with create_llm_factory(settings) as factory:
        with pytest.raises(ProviderUnavailableError) as raised:
            await factory.generate_gmn("five rooms", use_cache=False, provider_type="openai")
    assert not wire.requests(path="/api/chat")
    assert len(raised.value.attempts) >= 2
    assert raised.value.usage is not None
    assert raised.value.usage.completion_tokens > 0


async def test_three_providers_are_asked_in_their_order(wire: WireServer) -> None:
    """Each group has its own repairs; the first that writes a valid document ends it."""
    wire.script([Step(text="no", times=0)], path="/v1/chat/completions")
    wire.script([Step(text="nein", times=0)], path="/v1/messages")
    wire.script([BAD, TEXT], path="/api/chat")
    settings = {
        **openai(wire, max_repairs=1),
        "anthropic": {"model": "claude-haiku-4-5", "base_url": wire.anthropic_base, "api_key": wire.anthropic_key},
        "ollama": {"model": "llama3.2", "base_url": wire.ollama_base},
        "fallbacks": ["anthropic", "ollama"],
    }
    async with create_llm_factory(settings) as factory:
        spec = await factory.generate_gmn("five rooms", use_cache=False)
    assert spec.provenance is not None
    assert [attempt.provider for attempt in spec.provenance.attempts] == ["openai"] * 2 + ["anthropic"] * 2 + [
        "ollama"
    ] * 2
    assert spec.provenance.repairs == 1


async def test_each_attempt_of_a_failure_has_its_usage(wire: WireServer) -> None:
    """What was paid for in vain is told attempt by attempt, and adds up."""
    wire.script(["no document at all"] * 9)
    async with create_llm_factory(openai(wire)) as factory:
        with pytest.raises(GMNValidationError) as caught:
            await factory.generate_gmn("a 3x3 grid", use_cache=False)
    usages = [attempt.usage for attempt in caught.value.attempts]
    assert len(usages) == len(wire.requests())
    assert all(usage is not None and usage.prompt_tokens > 0 for usage in usages)
    assert sum(usage.total_tokens for usage in usages if usage is not None) == caught.value.usage.total_tokens
