"""The table from LiteLLM's exceptions to ours, and what a message may hold."""

from __future__ import annotations

import inspect
import json
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web

from gmn_llm.errors import LLMError, ProviderUnavailableError
from gmn_llm.messages import Attempt
from gmn_llm.routing.quiet import litellm
from gmn_llm.routing.reading import words
from gmn_llm.routing.translate import TABLE, error_class, failure
from tests.routing.conftest import Build, request
from tests.routing.test_faults import answer

NO_ERRORS = {"RateLimitErrorCategory", "RateLimitType"}


def test_the_table_has_every_exception_of_litellm() -> None:
    """An exception class LiteLLM defines and the table lacks would be a new way to fail nobody thought of."""
    theirs = [
        kind
        for name, kind in vars(litellm.exceptions).items()
        if inspect.isclass(kind) and kind.__module__ == litellm.exceptions.__name__ and name not in NO_ERRORS
    ]
    routers = [
        kind
        for kind in vars(litellm.types.router).values()
        if inspect.isclass(kind) and issubclass(kind, Exception) and kind.__module__ == "litellm.types.router"
    ]

    assert [kind.__name__ for kind in (*theirs, *routers) if kind not in TABLE] == []


def test_every_class_of_the_table_is_ours() -> None:
    """The right side of the table is below LLMError, whatever stands on the left."""
    assert all(issubclass(kind, LLMError) for kind in TABLE.values())


def test_an_unknown_exception_is_a_broken_provider() -> None:
    """A mistake inside LiteLLM counts as a provider that does not work."""
    assert error_class(KeyError("choices")) is ProviderUnavailableError


def test_one_provider_of_two_tried_is_told_precisely() -> None:
    """AllProvidersFailedError is raised only when every group of the route was tried."""
    tried = (Attempt(provider="openai", error="ProviderUnavailableError", message="down"),)

    error = failure(ProviderUnavailableError, tried, route=("openai", "anthropic"), wait=None, seconds=1.0)

    assert type(error) is ProviderUnavailableError


def test_no_key_is_in_a_message() -> None:
    """A server that repeats the key in its error does not get it into our words."""
    key = "sk-very-secret-0123456789"
    theirs = litellm.AuthenticationError(f"Incorrect key: {key}", llm_provider="openai", model="gpt-4o")

    said = words(theirs, frozenset({key}))

    assert "Incorrect key" in said
    assert key not in said


KEY = "sk-wire-0123456789"
CLAUDE = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude-haiku-4-5",
    "content": [{"type": "text", "text": "cut sh"}],
    "stop_reason": "end_turn",
    "usage": {"input_tokens": 3, "output_tokens": 4},
}
LLAMA = {"model": "llama3.2", "created_at": "2025-01-01T00:00:00Z", "done": True, "done_reason": "stop"}
Serve = Callable[..., Awaitable[str]]
THEIRS = ("litellm", "Traceback", "File ", "b'", "NoneType")


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Starts a server that answers every request with the same body, however wrong; the address comes back."""
    runners: list[web.AppRunner] = []

    async def start(body: str, *, status: int = 200, kind: str = "application/json") -> str:
        async def always(_: web.Request) -> web.Response:
            return web.Response(status=status, text=body, content_type=kind)

        app = web.Application()
        app.router.add_route("*", "/{path:.*}", always)
        runner = web.AppRunner(app)
        await runner.setup()
        runners.append(runner)
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        return f"http://127.0.0.1:{runner.addresses[0][1]}"

    yield start
    for runner in runners:
        await runner.cleanup()


def at(origin: str, name: str) -> dict[str, object]:
    """The configuration of one provider at that address, which is asked once a call."""
    sections: dict[str, dict[str, object]] = {
        "openai": {"model": "gpt-4o", "base_url": f"{origin}/v1", "api_key": KEY},
        "anthropic": {"model": "claude-haiku-4-5", "base_url": origin, "api_key": KEY},
        "ollama": {"model": "llama3.2", "base_url": origin},
    }
    return {"provider": name, name: {**sections[name], "max_retries": 0}}


def without(body: dict[str, object], name: str) -> str:
    """The body as JSON, one field short."""
    return json.dumps({key: value for key, value in body.items() if key != name})


BODIES = [
    *(
        pytest.param(name, body, id=f"{name}-{body}")
        for name in ("openai", "anthropic", "ollama")
        for body in ("null", "[]", "{}", "3", "never {")
    ),
    pytest.param("anthropic", without(CLAUDE, "usage"), id="anthropic-no-usage"),
    pytest.param("anthropic", without(CLAUDE, "content"), id="anthropic-no-content"),
    pytest.param("ollama", json.dumps(LLAMA), id="ollama-no-message"),
    pytest.param("openai", '{"choices": [{"message": {"content": "cut', id="openai-cut"),
]


@pytest.mark.parametrize(("name", "body"), BODIES)
async def test_an_answer_that_makes_no_sense_is_told_in_words(build: Build, serve: Serve, name: str, body: str) -> None:
    """Nothing of LiteLLM's is in the message, and one such answer cools nothing; the second does."""
    gateway = build(at(await serve(body), name))

    with pytest.raises(ProviderUnavailableError, match="an answer that could not be read") as caught:
        await gateway.complete(request(timeout=60), group=name, fall_over=True)
    once = await gateway.cooling()
    with pytest.raises(ProviderUnavailableError):
        await gateway.complete(request(timeout=60), group=name, fall_over=True)

    (attempt,) = caught.value.attempts
    assert attempt.status == 200
    assert not any(word in str(caught.value) for word in THEIRS)
    assert once == {}
    assert len(await gateway.cooling()) == 1


@pytest.mark.parametrize("way", ["complete", "stream"])
@pytest.mark.parametrize("status", [400, 403, 500])
@pytest.mark.parametrize("name", ["openai", "anthropic", "ollama"])
async def test_a_refusal_is_told_in_the_provider_s_words(
    build: Build, serve: Serve, name: str, status: int, way: str
) -> None:
    """Of a JSON error only its message is told, without what LiteLLM puts around it."""
    body = {"type": "error", "error": {"type": "some_error", "message": 'it\'s "no" today'}}
    gateway = build(at(await serve(json.dumps(body), status=status), name))

    with pytest.raises(LLMError) as caught:
        await answer(gateway, request(timeout=60), group=name, way=way)

    assert [attempt.message for attempt in caught.value.attempts] == ['it\'s "no" today']
    assert not any(word in str(caught.value) for word in THEIRS)
