"""One opened stream of LiteLLM's, read piece by piece under the exchange's clock."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from gmn_llm.routing.replies import stream_usage
from gmn_llm.routing.translate import CAUGHT

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from gmn_llm.config.chain import Deployment
    from gmn_llm.messages import Usage
    from gmn_llm.routing.conduct import Conduct
    from gmn_llm.routing.exchange import Exchange

__all__ = ["Pieces"]


class Pieces:
    """The texts of one stream, and afterwards what became of it.

    Attributes:
        failed: The stream broke, stalled or said nothing.
        delivered: Some text had been handed on.
        content: All the text.
        reason: The finish reason.
        router_id: The deployment, by its id inside the Router.
    """

    def __init__(self, stream: Any, exchange: Exchange, conduct: Conduct) -> None:
        self._stream = stream
        self._exchange = exchange
        self._conduct = conduct
        self._usage: Any = None
        self._texts: list[str] = []
        self.failed = False
        self.reason = ""
        self.router_id = exchange.current.router_id if exchange.current is not None else ""

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
            async for chunk in self._chunks():
                text = self._read(chunk)
                if text:
                    self._exchange.leave_to_reader()
                    self._texts.append(text)
                    yield text
        except CAUGHT as error:
            self.failed = True
            if self._exchange.current is not None:
                self._conduct.broken(self._exchange, self.router_id, error)
            return
        if not self.content.strip() or self.reason == "content_filter":
            self.failed = True
            self._conduct.unusable(self._exchange, self.router_id, self.reason or "stop")
            return
        self._conduct.answered(self._exchange, self.router_id)

    def usage(self, deployment: Deployment) -> Usage:
        """Return tokens and money, as the last chunk says them."""
        return stream_usage(self._usage, deployment)

    async def _chunks(self) -> AsyncGenerator[Any, None]:
        """Yield chunks; between two of them no more time may pass than the attempt had for the first."""
        under_way = self._exchange.current
        pause = under_way.allowance if under_way is not None else self._exchange.request.timeout
        iterator = aiter(self._stream)
        try:
            while True:
                loop = asyncio.get_running_loop()
                async with asyncio.timeout_at(min(loop.time() + pause, self._exchange.deadline)):
                    try:
                        chunk = await anext(iterator)
                    except StopAsyncIteration:
                        return
                yield chunk
        finally:
            await self._stream.aclose()

    def _read(self, chunk: Any) -> str:
        if self._exchange.current is not None:
            # Before the first text the Router may have gone on to the next deployment by itself.
            self.router_id = self._exchange.current.router_id
        usage = getattr(chunk, "usage", None)
        if usage is not None:
            self._usage = usage
        choices = getattr(chunk, "choices", None) or ()
        if not choices:
            return ""
        self.reason = getattr(choices[0], "finish_reason", None) or self.reason
        return getattr(choices[0].delta, "content", None) or ""
