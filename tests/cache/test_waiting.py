"""Equal calls at once whose first provider fails, is slow, or is cut short."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from gmn_llm import LLMError, create_llm_factory
from gmn_llm.errors import AuthenticationError, ProviderTimeoutError
from tests.cache.test_documents import PROMPT, QUESTION, openai
from tests.wire.client import Fault, Step, WireServer, closed_port

MANY = 25


async def test_a_fallbacks_answer_is_one_call_for_all_that_wait(wire: WireServer, folder: Path) -> None:
    """It is not kept, but those who wait for it have it."""
    wire.script([Step(delay=0.3)])
    config = openai(wire, folder) | {
        "provider": "away",
        "model_list": [
            {
                "model_name": "away",
                "litellm_params": {
                    "model": "openai/gpt-4o", "api_base": f"http://127.0.0.1:{closed_port()}/v1", "api_key": "sk-none"
                },
            }
        ],
        "fallbacks": ["openai"],
    }  # fmt: skip
    async with create_llm_factory(config) as factory:
        specs = await asyncio.gather(*(factory.generate_gmn(PROMPT) for _ in range(MANY)))
        assert len({str(spec) for spec in specs}) == 1
        assert len(wire.requests(path="/v1/chat/completions")) == 1
        assert not (await factory.generate_gmn(PROMPT)).provenance.cached  # type: ignore[union-attr]


async def test_an_answer_cut_short_is_one_call_for_all_that_wait(wire: WireServer, folder: Path) -> None:
    """Nobody later has it, but who waits for it does."""
    wire.script([Step(text="one two three", fault=Fault.LENGTH, delay=0.3), "whole"])
    async with create_llm_factory(openai(wire, folder)) as factory:
        answers = await asyncio.gather(*(factory.generate(QUESTION, use_cache=True) for _ in range(MANY)))
        later = await factory.generate(QUESTION, use_cache=True)
    assert {answer.finish_reason for answer in answers} == {"length"}
    assert (later.content, later.cached) == ("whole", False)
    assert len(wire.requests(path="/v1/chat/completions")) == 2


async def test_a_sole_caller_has_the_precise_error(wire: WireServer, folder: Path) -> None:
    """It waits for nobody, so nobody else is blamed."""
    wire.script([Step(delay=30)])
    async with create_llm_factory(openai(wire, folder, max_retries=0)) as factory:
        with pytest.raises(LLMError) as raised:
            await factory.generate_gmn(PROMPT, timeout=1)
    assert "another call" not in str(raised.value)


async def test_a_waiter_keeps_to_its_own_deadline(wire: WireServer, folder: Path) -> None:
    """It gives up when its time is over, and says what it waited for; the other call goes on."""
    wire.script([Step(delay=2)])
    async with create_llm_factory(openai(wire, folder)) as factory:
        leader = asyncio.create_task(factory.generate_gmn(PROMPT, timeout=30))
        while not wire.requests():  # noqa: ASYNC110 - the server is another process
            await asyncio.sleep(0.05)
        begun = time.monotonic()
        with pytest.raises(ProviderTimeoutError, match="another call"):
            await factory.generate_gmn(PROMPT, timeout=0.3)
        waited = time.monotonic() - begun
        await leader
    assert waited < 2
    assert len(wire.requests(path="/v1/chat/completions")) == 1


async def test_those_that_waited_for_a_failure_try_at_once(wire: WireServer, folder: Path) -> None:
    """Each has the real error of its own try, none a time-out for the sake of those before it."""
    wire.script([Step(status=401, delay=0.5, times=0)])
    async with create_llm_factory(openai(wire, folder, max_retries=0)) as factory:
        errors = await asyncio.gather(
            *(factory.generate_gmn(PROMPT, timeout=20) for _ in range(8)), return_exceptions=True
        )
    assert {type(error) for error in errors} == {AuthenticationError}
    assert len(wire.requests(path="/v1/chat/completions")) == 8
