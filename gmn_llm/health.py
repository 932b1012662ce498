"""How each provider does, counted from the attempts of every call; nobody is pinged."""

from __future__ import annotations

import threading
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from gmn_llm.errors import LLMError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterable, Sequence

    from gmn_llm.messages import Attempt, CompletionRequest, Delta, Gateway, LLMResponse

__all__ = ["HealthView", "Watched"]


@dataclass
class _Count:
    """What is kept of one provider: constant in size, whatever happens."""

    requests: int = 0
    successes: int = 0
    seconds: float = 0.0
    consecutive_failures: int = 0
    last_success: datetime | None = None
    last_failure: datetime | None = None
    last_error: str | None = None

    def add(self, attempt: Attempt, now: datetime) -> None:
        self.requests += 1
        if attempt.error is None:
            self.successes += 1
            self.seconds += attempt.seconds
            self.consecutive_failures = 0
            self.last_success = now
        else:
            self.consecutive_failures += 1
            self.last_failure = now
            self.last_error = attempt.error

    def as_dict(self) -> dict[str, object]:
        return {
            "available": True,
            "healthy": self.consecutive_failures == 0,
            "requests": self.requests,
            "success_rate": 100.0 * self.successes / self.requests if self.requests else 100.0,
            "average_latency": self.seconds / self.successes if self.successes else None,
            "consecutive_failures": self.consecutive_failures,
            "last_success": self.last_success.isoformat() if self.last_success else None,
            "last_failure": self.last_failure.isoformat() if self.last_failure else None,
            "last_error": self.last_error,
        }


class HealthView:
    """Counts attempts by provider, from any thread.

    Args:
        now: The clock, in UTC; injected by tests.
    """

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._now = now
        self._counts: dict[str, _Count] = {}
        self._lock = threading.Lock()

    def record(self, attempts: Iterable[Attempt]) -> None:
        """Count each of ``attempts`` once."""
        now = self._now()
        with self._lock:
            for attempt in attempts:
                self._counts.setdefault(attempt.provider, _Count()).add(attempt, now)

    def report(self, chain: Sequence[str]) -> dict[str, object]:
        """Return the providers of ``chain`` and all others that were asked, with what was counted.

        ``success_rate`` is in percent (100.0 before the first request), ``average_latency`` in seconds over the
        successes (None before the first), times in ISO 8601, UTC.
        """
        with self._lock:
            names = list(dict.fromkeys((*chain, *self._counts)))
            providers = {name: self._counts.get(name, _Count()).as_dict() for name in names}
        return {"providers": providers, "primary_provider": chain[0], "fallback_chain": list(chain[1:])}


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
            self._view.record(error.attempts)
            raise
        self._view.record(response.attempts)
        return response

    async def stream(self, request: CompletionRequest, *, group: str, fall_over: bool) -> AsyncGenerator[Delta, None]:
        """Yield an answer piece by piece."""
        try:
            async with aclosing(self._gateway.stream(request, group=group, fall_over=fall_over)) as deltas:
                async for delta in deltas:
                    if delta.response is not None:
                        self._view.record(delta.response.attempts)
                    yield delta
        except LLMError as error:
            self._view.record(error.attempts)
            raise

    async def aclose(self) -> None:
        """Close the gateway."""
        await self._gateway.aclose()
