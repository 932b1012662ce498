"""The mock as a gateway of its own: no LiteLLM, no network."""

from __future__ import annotations

import asyncio
import re
from time import perf_counter
from typing import TYPE_CHECKING, Final

from gmn_llm.errors import LLMError, ProviderTimeoutError, ProviderUnavailableError
from gmn_llm.messages import Attempt, Delta, LLMResponse, Usage

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from gmn_llm.messages import CompletionRequest
    from gmn_llm.mock.service import MockReply, MockService

__all__ = ["MODEL", "PROVIDER", "MockGateway"]

PROVIDER: Final = "mock"
MODEL: Final = "designer"
_PIECE: Final = re.compile(r"\s*\S{1,24}\s*|\s+")


class MockGateway:
    """Answers requests from a ``MockService``; ``group`` and ``fall_over`` change nothing, there is only one.

    Args:
        service: What answers.
    """

    def __init__(self, service: MockService) -> None:
        self.service = service

    async def complete(self, request: CompletionRequest, *, group: str, fall_over: bool) -> LLMResponse:
        """Return one whole answer.

        Raises:
            ProviderTimeoutError: The service takes longer than ``request.timeout`` seconds.
            ProviderUnavailableError: A failure due by the service's error rate, or an empty answer.
            LLMError: Whatever the service's script has next.
        """
        del group, fall_over
        begun = perf_counter()
        try:
            return _response(await self._reply(request), seconds=perf_counter() - begun)
        except LLMError as error:
            error.attempts = (_failed(error, seconds=perf_counter() - begun),)
            raise

    async def stream(self, request: CompletionRequest, *, group: str, fall_over: bool) -> AsyncGenerator[Delta, None]:
        """Yield the answer a few words at a time; the last piece carries the whole response.

        Raises:
            LLMError: As ``complete`` does, before the first piece.
        """
        response = await self.complete(request, group=group, fall_over=fall_over)
        for piece in _PIECE.findall(response.content):
            if piece:
                yield Delta(text=piece)
                await asyncio.sleep(0)
        yield Delta(response=response)

    async def aclose(self) -> None:
        """Let go of nothing: there are no connections."""

    async def _reply(self, request: CompletionRequest) -> MockReply:
        try:
            async with asyncio.timeout(request.timeout):
                reply = self.service.reply(request.messages, stop=request.stop, max_tokens=request.max_tokens)
                await asyncio.sleep(self.service.delay)
        except TimeoutError as error:
            raise ProviderTimeoutError(f"the mock did not answer within {request.timeout:g} s") from error
        if not reply.text:
            raise ProviderUnavailableError("the mock answered with nothing")
        return reply


def _response(reply: MockReply, *, seconds: float) -> LLMResponse:
    return LLMResponse(
        content=reply.text,
        provider=PROVIDER,
        deployment=PROVIDER,
        model=MODEL,
        finish_reason=reply.finish_reason,
        usage=Usage(prompt_tokens=reply.prompt_tokens, completion_tokens=reply.completion_tokens, cost=0.0),
        latency=seconds,
        attempts=(Attempt(provider=PROVIDER, deployment=PROVIDER, model=MODEL, seconds=seconds),),
    )


def _failed(error: LLMError, *, seconds: float) -> Attempt:
    return Attempt(
        provider=PROVIDER,
        deployment=PROVIDER,
        model=MODEL,
        error=type(error).__name__,
        seconds=seconds,
        message=str(error)[:200],
    )
