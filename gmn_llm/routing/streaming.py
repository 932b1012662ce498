"""One opened stream of LiteLLM's, read piece by piece under the exchange's clock."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from gmn_llm.messages import Usage
from gmn_llm.routing.quiet import litellm
from gmn_llm.routing.reading import let_through
from gmn_llm.routing.replies import Said, stream_usage
from gmn_llm.routing.translate import CAUGHT

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from gmn_llm.routing.conduct import Conduct
    from gmn_llm.routing.exchange import Exchange

__all__ = ["Pieces"]

STAY = litellm.router_utils.fallback_event_handlers.DISABLE_FALLBACKS_METADATA_KEY
"""The mark in a call's metadata by which the Router lets a failure pass."""

PATIENCE = 0.05
"""Seconds by which a timer may be off."""


class Pieces:
    """The texts of one stream, and afterwards what became of it.

    Attributes:
        failed: The stream broke, stalled or said nothing.
        delivered: Some text had been handed on.
        content: All the text.
        reason: The finish reason.
        router_id: The deployment, by its id inside the Router.
        usage: Tokens and money, as the last chunk says them.
    """

    def __init__(self, stream: Any, exchange: Exchange, conduct: Conduct) -> None:
        self._stream = stream
        self._exchange = exchange
        self._conduct = conduct
        self._usage: Any = None
        self._texts: list[str] = []
        self._paused = 0.0
        self.failed = False
        self.reason = ""
        self.router_id = ""
        self.usage = Usage()
        if exchange.current is not None:
            self.router_id = exchange.current.router_id
            # Were the Router to go on by itself from here, nobody could tell which deployment's pieces these are.
            exchange.current.metadata[STAY] = True
            exchange.current.stream = stream

    @property
    def content(self) -> str:
        """All text so far."""
        return "".join(self._texts)

    @property
    def delivered(self) -> bool:
        """Whether some text was handed on."""
        return bool(self._texts)

    async def texts(self) -> AsyncGenerator[str, None]:
        """Yield the texts; a failure ends them and is accounted for, not raised."""
        try:
            async with aclosing(self._chunks()) as chunks:
                async for chunk in chunks:
                    text = self._read(chunk)
                    if text:
                        self._exchange.text_came()
                        self._texts.append(text)
                        yield text
        except CAUGHT as error:
            let_through(error)
            self.failed = True
            if self._exchange.current is not None:
                if isinstance(error, TimeoutError) and self._is_readers_fault():
                    self._conduct.kept_waiting(self._exchange, self.router_id, error)
                else:
                    self._conduct.broken(self._exchange, self.router_id, _inner(error))
            return
        self.usage = stream_usage(self._stream, self._usage, self._conduct.deployment(self.router_id))
        said = Said(usage=self.usage, source=self._stream, reason=self.reason or "stop")
        if not self.content.strip() or self.reason == "content_filter":
            self.failed = True
            self._conduct.unusable(self._exchange, self.router_id, self.reason or "stop", said)
            return
        self._conduct.answered(self._exchange, self.router_id, said)

    async def _chunks(self) -> AsyncGenerator[Any, None]:
        """Yield chunks, until the attempt's time is over: the same as for a whole answer, the reader's pauses aside."""
        under_way, deadline = self._exchange.current, self._exchange.deadline
        clock = asyncio.get_running_loop().time
        end = deadline if under_way is None else under_way.started + under_way.allowance
        iterator = aiter(self._stream)
        try:
            while True:
                async with asyncio.timeout_at(min(end + self._paused, deadline)):
                    try:
                        chunk = await anext(iterator)
                    except StopAsyncIteration:
                        break
                read = clock()
                yield chunk
                self._paused += clock() - read
            self._require_an_end()
        finally:
            await self._stream.aclose()

    def _is_readers_fault(self) -> bool:
        """Return whether the deployment would have had more time, had the reader not paused."""
        under_way = self._exchange.current
        if under_way is None:
            return False
        taken = asyncio.get_running_loop().time() - under_way.started - self._paused
        return taken < under_way.allowance - PATIENCE

    def _require_an_end(self) -> None:
        """Refuse a stream that ended without a reason: LiteLLM says ``stop`` then, and keeps that to the caller.

        Raises:
            ConnectionError: The connection was closed in good order in the middle of the answer.
        """
        kept = (choice for chunk in self._stream.chunks for choice in getattr(chunk, "choices", None) or ())
        if not any(getattr(choice, "finish_reason", None) for choice in kept):
            raise ConnectionError("the stream ended before the answer was whole")

    def _read(self, chunk: Any) -> str:
        usage = getattr(chunk, "usage", None)
        if usage is not None:
            self._usage = usage
        choices = getattr(chunk, "choices", None) or ()
        if not choices:
            return ""
        self.reason = getattr(choices[0], "finish_reason", None) or self.reason
        return getattr(choices[0].delta, "content", None) or ""


def _inner(error: BaseException) -> BaseException:
    """Return the provider's failure inside LiteLLM's wrapping for streams, whose status it makes up."""
    original = getattr(error, "original_exception", None)
    return original if isinstance(original, BaseException) else error
