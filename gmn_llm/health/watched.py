"""A gateway whose attempts are counted, whichever way a request ends."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING

from gmn_llm.errors import LLMError
from gmn_llm.messages import Outcome

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from gmn_llm.health.view import HealthView
    from gmn_llm.messages import Attempt, CompletionRequest, Delta, Gateway, LLMResponse

__all__ = ["Watched"]


class Watched:
    """A gateway whose attempts are counted, whichever way a request ends."""

    def __init__(self, gateway: Gateway, view: HealthView) -> None:
        self._gateway = gateway
        self._view = view

    async def complete(self, request: CompletionRequest, *, group: str, fall_over: bool) -> LLMResponse:
        """Return one whole answer."""
        try:
            response = await self._gateway.complete(request, group=group, fall_over=fall_over)
        except LLMError as error:
            self._record(error.attempts)
            raise
        self._record(response.attempts, response)
        return response

    async def stream(self, request: CompletionRequest, *, group: str, fall_over: bool) -> AsyncGenerator[Delta, None]:
        """Yield an answer piece by piece."""
        try:
            async with aclosing(self._gateway.stream(request, group=group, fall_over=fall_over)) as deltas:
                async for delta in deltas:
                    if delta.response is not None:
                        self._record(delta.response.attempts, delta.response)
                    yield delta
        except LLMError as error:
            self._record(error.attempts)
            raise

    async def aclose(self) -> None:
        """Close the gateway."""
        await self._gateway.aclose()

    def _record(self, attempts: Sequence[Attempt], response: LLMResponse | None = None) -> None:
        for attempt in attempts:
            answered = response is not None and attempt.error is None
            self._view.record(Outcome(attempt=attempt, usage=response.usage if response and answered else None))
