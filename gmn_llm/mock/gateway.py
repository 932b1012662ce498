"""The mock as a gateway of its own: no LiteLLM, no network."""

from __future__ import annotations

import asyncio
import re
from time import perf_counter
from typing import TYPE_CHECKING, Final, Self

from gmn_llm.errors import InputError, LLMError, ProviderTimeoutError, ProviderUnavailableError
from gmn_llm.listening import Listeners
from gmn_llm.messages import Attempt, Delta, LLMResponse, Outcome, Usage

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from gmn_llm.listening import Listener
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
        listeners: Told of each attempt as it ends, in the task that made it.
    """

    def __init__(self, service: MockService, *, listeners: Sequence[Listener] = ()) -> None:
        self.service = service
        self._hear = Listeners(listeners)

    async def complete(self, request: CompletionRequest, *, group: str, fall_over: bool) -> LLMResponse:
        """Return one whole answer.

        Raises:
            InputError: The request has pictures, and the mock has no vision.
            ProviderTimeoutError: The service takes longer than ``request.timeout`` seconds.
            ProviderUnavailableError: A failure due by the service's error rate, or an empty answer.
            LLMError: Whatever the service's script has next.
        """
        del group, fall_over
        _refuse_pictures(request)
        with _Try(self._hear) as under_way:
            return under_way.answered(await self._reply(request))

    async def stream(self, request: CompletionRequest, *, group: str, fall_over: bool) -> AsyncGenerator[Delta, None]:
        """Yield the answer a few words at a time; the last piece carries the whole response.

        Raises:
            LLMError: As ``complete`` does, before the first piece.
        """
        del group, fall_over
        _refuse_pictures(request)
        with _Try(self._hear) as under_way:
            reply = await self._reply(request)
            for piece in _PIECE.findall(reply.text):
                if piece:
                    under_way.text_comes()
                    yield Delta(text=piece)
                    await asyncio.sleep(0)
            response = under_way.answered(reply)
        yield Delta(response=response)

    async def cooling(self) -> dict[str, float]:
        """Return nothing: the mock is never left alone."""
        return {}

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


class _Try:
    """A block that is one attempt; whichever way it ends, the listeners are told of it once."""

    def __init__(self, hear: Listeners) -> None:
        self._hear = hear
        self._begun = perf_counter()
        self._first_text: float | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, raised: BaseException | None, trace: object) -> None:
        if isinstance(raised, LLMError):
            attempt = self._attempt(error=type(raised).__name__, message=str(raised)[:200])
            raised.attempts = (attempt,)
            self._hear(Outcome(attempt=attempt))
        elif isinstance(raised, GeneratorExit):
            self._end("Abandoned", "its reader left the stream")
        elif isinstance(raised, asyncio.CancelledError):
            self._end("Cancelled", "the caller gave up")

    def text_comes(self) -> None:
        """Note when the first text of a stream comes."""
        if self._first_text is None:
            self._first_text = perf_counter() - self._begun

    def answered(self, reply: MockReply) -> LLMResponse:
        """Tell of the answer, and return it."""
        usage = Usage(prompt_tokens=reply.prompt_tokens, completion_tokens=reply.completion_tokens, cost=0.0)
        attempt = self._attempt(usage=usage)
        self._hear(Outcome(attempt=attempt, usage=usage, first_text=self._first_text))
        return LLMResponse(
            content=reply.text,
            provider=PROVIDER,
            deployment=PROVIDER,
            model=MODEL,
            finish_reason=reply.finish_reason,
            usage=usage,
            latency=attempt.seconds,
            attempts=(attempt,),
        )

    def _end(self, error: str, message: str) -> None:
        self._hear(Outcome(attempt=self._attempt(error=error, message=message), first_text=self._first_text))

    def _attempt(self, *, error: str | None = None, message: str = "", usage: Usage | None = None) -> Attempt:
        return Attempt(
            provider=PROVIDER,
            deployment=PROVIDER,
            model=MODEL,
            error=error,
            seconds=perf_counter() - self._begun,
            message=message,
            usage=usage,
        )


def _refuse_pictures(request: CompletionRequest) -> None:
    if request.pictures:
        raise InputError(
            "the mock (the offline designer) has no vision, so it can't look at a picture",
            hint="ask a model that has; a diagram as Mermaid or Graphviz text is read by every one",
        )
