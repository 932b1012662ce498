"""The mock as a gateway: whole answers, streams, deadlines and the record of attempts."""

from __future__ import annotations

import subprocess
import sys

import pytest

from gmn_llm.errors import ProviderTimeoutError, ProviderUnavailableError, RateLimitError
from gmn_llm.messages import CompletionRequest, Delta, Gateway, LLMMessage, LLMRole
from gmn_llm.mock import MockGateway, MockService

REQUEST = CompletionRequest(messages=(LLMMessage(LLMRole.USER, "Design a walker"),))


async def streamed(gateway: Gateway, request: CompletionRequest = REQUEST) -> list[Delta]:
    """Return all pieces of a stream."""
    return [delta async for delta in gateway.stream(request, group="mock", fall_over=True)]


async def test_complete_answers_with_its_record() -> None:
    """A whole answer names provider and model, counts tokens, costs nothing and has one attempt."""
    response = await MockGateway(MockService(replies=["hello there"])).complete(REQUEST, group="mock", fall_over=False)
    assert (response.content, response.provider, response.model) == ("hello there", "mock", "designer")
    assert response.usage.completion_tokens == 3
    assert response.usage.cost == 0.0
    assert [attempt.error for attempt in response.attempts] == [None]


@pytest.mark.parametrize("text", ["one two  three\n\n four", "x" * 100, " leading", "trailing ", "\n \n", "a"])
async def test_stream_adds_up_to_the_answer(text: str) -> None:
    """The pieces joined are the whole answer; only the last carries the response."""
    deltas = await streamed(MockGateway(MockService(replies=[text])))
    assert "".join(delta.text for delta in deltas) == text
    assert [delta.response is not None for delta in deltas] == [False] * (len(deltas) - 1) + [True]
    assert deltas[-1].response is not None
    assert deltas[-1].response.content == text


async def test_deadline_is_kept() -> None:
    """An answer slower than the request's timeout is a timeout, with the failed attempt on record."""
    gateway = MockGateway(MockService(delay=30))
    hurried = CompletionRequest(messages=REQUEST.messages, timeout=0.01)
    with pytest.raises(ProviderTimeoutError) as caught:
        await gateway.complete(hurried, group="mock", fall_over=False)
    assert [attempt.error for attempt in caught.value.attempts] == ["ProviderTimeoutError"]
    with pytest.raises(ProviderTimeoutError):
        await streamed(gateway, hurried)


async def test_scripted_error_carries_its_attempt() -> None:
    """A scripted error leaves the gateway as it is, with one attempt that names it."""
    gateway = MockGateway(MockService(replies=[{"error": "RateLimitError", "retry_after": 1.5}]))
    with pytest.raises(RateLimitError) as caught:
        await gateway.complete(REQUEST, group="mock", fall_over=True)
    assert caught.value.retry_after == 1.5
    assert [attempt.error for attempt in caught.value.attempts] == ["RateLimitError"]


async def test_empty_answer_is_an_error() -> None:
    """A response is never empty: an empty script is a provider that is not available."""
    with pytest.raises(ProviderUnavailableError):
        await MockGateway(MockService(replies=[""])).complete(REQUEST, group="mock", fall_over=False)


async def test_stop_and_max_tokens_reach_the_service() -> None:
    """The request's stop texts and token limit cut the answer."""
    gateway = MockGateway(MockService(replies=["alpha beta", "alpha beta"]))
    stopped = CompletionRequest(messages=REQUEST.messages, stop=("beta",))
    assert (await gateway.complete(stopped, group="mock", fall_over=False)).content == "alpha "
    short = CompletionRequest(messages=REQUEST.messages, max_tokens=1)
    assert (await gateway.complete(short, group="mock", fall_over=False)).finish_reason == "length"


async def test_closing_twice_is_nothing() -> None:
    """There is nothing to let go of, once or twice: it answers as before."""
    gateway = MockGateway(MockService(replies=["still here"]))
    await gateway.aclose()
    await gateway.aclose()
    assert (await gateway.complete(REQUEST, group="mock", fall_over=False)).content == "still here"


def test_import_needs_the_standard_library_only() -> None:
    """Importing the package loads neither numpy, pydantic, jsonschema nor LiteLLM."""
    script = (
        "import sys; before = set(sys.modules); import gmn_llm.mock; "
        "print(sorted({name.partition('.')[0] for name in set(sys.modules) - before} - set(sys.stdlib_module_names)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['gmn_llm']"
