"""The mock as a provider of LiteLLM's: a deployment in the Router like any other.

The provider is called ``gmn_mock`` and the model's name says which service answers, so that several gateways
in one process each reach their own.
"""

from __future__ import annotations

import asyncio
import itertools
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol
from weakref import WeakValueDictionary

import httpx

from gmn_llm.config.offline import loading
from gmn_llm.errors import (
    AuthenticationError,
    ContentFilterError,
    ContextLengthError,
    InputError,
    LLMError,
    ProviderTimeoutError,
    RateLimitError,
)
from gmn_llm.messages import LLMMessage, LLMRole

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

__all__ = ["PROVIDER", "MockProvider", "Reply", "Service", "mock_provider"]

PROVIDER = "gmn_mock"
PIECE = 64
"""Characters in one chunk of a stream."""

with loading():
    # Untyped on purpose: what LiteLLM calls its types changes with each release; what it does is held by tests.
    litellm: Any = import_module("litellm")

FAILURES = {
    AuthenticationError: litellm.AuthenticationError,
    RateLimitError: litellm.RateLimitError,
    ProviderTimeoutError: litellm.Timeout,
    ContextLengthError: litellm.ContextWindowExceededError,
    ContentFilterError: litellm.ContentPolicyViolationError,
    InputError: litellm.BadRequestError,
}


class Reply(Protocol):
    """What a service answers."""

    @property
    def text(self) -> str:
        """The whole text."""
        ...

    @property
    def finish_reason(self) -> str:
        """``stop`` or ``length``."""
        ...

    @property
    def prompt_tokens(self) -> int:
        """Tokens read."""
        ...

    @property
    def completion_tokens(self) -> int:
        """Tokens written."""
        ...


class Service(Protocol):
    """What answers behind the provider: the mock's service."""

    @property
    def delay(self) -> float:
        """Seconds an answer takes; slept here."""
        ...

    def reply(
        self, messages: Sequence[LLMMessage], *, stop: Sequence[str] = (), max_tokens: int | None = None
    ) -> Reply:
        """Return one whole answer, or raise one of the package's errors."""
        ...


class MockProvider(litellm.CustomLLM):  # type: ignore[misc] # LiteLLM is untyped here
    """Answers for every service that is attached; made by ``mock_provider``."""

    def __init__(self) -> None:
        super().__init__()
        self._services: WeakValueDictionary[str, Service] = WeakValueDictionary()
        self._numbers = itertools.count(1)

    def attach(self, service: Service) -> str:
        """Return the model name, such as ``gmn_mock/3``, by which ``service`` is reached while it lives."""
        name = str(next(self._numbers))
        self._services[name] = service
        return f"{PROVIDER}/{name}"

    def detach(self, model: str) -> None:
        """Let the service behind ``model`` go; a second call does nothing."""
        self._services.pop(model.removeprefix(f"{PROVIDER}/"), None)

    async def acompletion(self, **call: Any) -> Any:
        """Answer LiteLLM's call, in its own response object."""
        reply = await self._reply(call)
        response = call["model_response"]
        choice = response.choices[0]
        choice.message.content = reply.text
        choice.finish_reason = reply.finish_reason
        response.model = call["model"]
        response.usage = litellm.Usage(**_usage(reply))
        return response

    async def astreaming(self, **call: Any) -> AsyncIterator[dict[str, object]]:
        """Answer LiteLLM's call in chunks of its ``GenericStreamingChunk``."""
        reply = await self._reply(call)
        for place in range(0, len(reply.text), PIECE):
            yield _chunk(reply.text[place : place + PIECE])
        yield _chunk("", finish_reason=reply.finish_reason, usage=_usage(reply))

    async def _reply(self, call: Mapping[str, Any]) -> Reply:
        model, params, patience = call["model"], call["optional_params"], call.get("timeout")
        service = self._services.get(model)
        if service is None:
            raise litellm.NotFoundError(f"no mock is attached as {model}", model=model, llm_provider=PROVIDER)
        try:
            async with asyncio.timeout(patience if isinstance(patience, int | float) else None):
                await asyncio.sleep(service.delay)
            return service.reply(
                [LLMMessage(LLMRole(m["role"]), str(m.get("content") or "")) for m in call["messages"]],
                stop=_stops(params.get("stop")),
                max_tokens=params.get("max_tokens"),
            )
        except TimeoutError as error:
            text = f"no answer within {patience} s"
            raise litellm.Timeout(text, model=model, llm_provider=PROVIDER) from error
        except LLMError as error:
            raise _as_litellm(error, model) from error


def mock_provider() -> MockProvider:
    """Return the provider, registered with LiteLLM; entries that are there already stay as they are."""
    for entry in litellm.custom_provider_map:
        handler = entry["custom_handler"]
        if entry["provider"] == PROVIDER and isinstance(handler, MockProvider):
            return handler
    provider = MockProvider()
    litellm.custom_provider_map.append({"provider": PROVIDER, "custom_handler": provider})
    litellm.utils.custom_llm_setup()
    return provider


def _stops(stop: object) -> tuple[str, ...]:
    if isinstance(stop, str):
        return (stop,)
    return tuple(map(str, stop)) if isinstance(stop, list | tuple) else ()


def _usage(reply: Reply) -> dict[str, int]:
    return {
        "prompt_tokens": reply.prompt_tokens,
        "completion_tokens": reply.completion_tokens,
        "total_tokens": reply.prompt_tokens + reply.completion_tokens,
    }


def _chunk(text: str, *, finish_reason: str = "", usage: dict[str, int] | None = None) -> dict[str, object]:
    return {
        "text": text,
        "is_finished": bool(finish_reason),
        "finish_reason": finish_reason,
        "index": 0,
        "tool_use": None,
        "usage": usage,
    }


def _as_litellm(error: LLMError, model: str) -> Any:
    """Return LiteLLM's exception for a failure the mock was told to have, so that the Router reacts to it."""
    kind = next((theirs for ours, theirs in FAILURES.items() if isinstance(error, ours)), litellm.InternalServerError)
    raised = kind(str(error), model=model, llm_provider=PROVIDER)
    if error.retry_after is not None:
        raised.litellm_response_headers = httpx.Headers({"retry-after": f"{error.retry_after:g}"})
    return raised
