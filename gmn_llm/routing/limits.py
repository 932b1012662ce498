"""Requests and tokens a minute, as the server counts them: no sixty seconds see more than ``rpm`` requests.

LiteLLM counts by the minute of the clock, and when a request is chosen, not when it arrives: two minutes' worth can
arrive within one. Here a request holds its place from before it is sent until a minute after it was answered, which
is no earlier than it arrived. Tokens are known only afterwards, so a deployment is left alone while those of the last
minute are as many as its ``tpm``; LiteLLM does the same, but for streams.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gmn_llm.config.chain import Deployment

__all__ = ["MINUTE", "Limits", "Rate", "rate_of"]

MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Rate:
    """What a deployment may be asked within a minute; None where nobody said."""

    requests: int | None = None
    tokens: int | None = None

    def __str__(self) -> str:
        """Return the limits in words."""
        parts = ((self.requests, "requests"), (self.tokens, "tokens"))
        return " or ".join(f"{count} {what}" for count, what in parts if count is not None) + " a minute"


def rate_of(deployment: Deployment) -> Rate:
    """Return a deployment's limits, where the configuration says them."""
    return Rate(_number(deployment, "rpm"), _number(deployment, "tpm"))


def _number(deployment: Deployment, name: str) -> int | None:
    said = (deployment.params.get(name), deployment.info.get(name))
    return next((int(count) for count in said if isinstance(count, int | float)), None)


@dataclass(slots=True)
class _Minute:
    """The last minute of one deployment: requests under way, and when what is over no longer counts."""

    rate: Rate
    held: int = 0
    over: deque[float] = field(default_factory=deque)
    spent: deque[tuple[float, int]] = field(default_factory=deque)
    tokens: int = 0

    def wait(self, now: float) -> float:
        """Return the seconds until there is room, 0.0 where there is."""
        while self.over and self.over[0] <= now:
            self.over.popleft()
        while self.spent and self.spent[0][0] <= now:
            self.tokens -= self.spent.popleft()[1]
        return max(self._for_requests(now), self._for_tokens(now))

    def _for_requests(self, now: float) -> float:
        if self.rate.requests is None or self.held + len(self.over) < self.rate.requests:
            return 0.0
        return self.over[0] - now if self.over else MINUTE

    def _for_tokens(self, now: float) -> float:
        if self.rate.tokens is None or self.tokens < self.rate.tokens:
            return 0.0
        left = self.tokens
        for free_at, count in self.spent:
            left -= count
            if left < self.rate.tokens:
                return free_at - now
        return MINUTE


class Limits:
    """The last minute of all deployments that have a limit; for use from any thread.

    Args:
        rates: Router ids, each with its limits.
        clock: Seconds that never go back.
    """

    def __init__(self, rates: Mapping[str, Rate], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._minutes = {router_id: _Minute(rate) for router_id, rate in rates.items() if rate != Rate()}
        self._clock = clock
        self._lock = threading.Lock()

    def __contains__(self, router_id: object) -> bool:
        """Whether the deployment has a limit."""
        return router_id in self._minutes

    def __bool__(self) -> bool:
        """Whether any deployment has one."""
        return bool(self._minutes)

    def rate(self, router_id: str) -> Rate:
        """Return the limits of a deployment that has one."""
        return self._minutes[router_id].rate

    def wait(self, router_id: str) -> float:
        """Return the seconds until the deployment may be asked, 0.0 where it may be now."""
        if router_id not in self._minutes:
            return 0.0
        with self._lock:
            return self._minutes[router_id].wait(self._clock())

    def take(self, router_id: str) -> float:
        """Hold a place for a request and return 0.0, or return the seconds until there is one."""
        with self._lock:
            minute = self._minutes[router_id]
            wait = minute.wait(self._clock())
            if not wait:
                minute.held += 1
            return wait

    def give_back(self, router_id: str) -> None:
        """Note that the request that held a place is over."""
        with self._lock:
            minute = self._minutes[router_id]
            minute.held -= 1
            minute.over.append(self._clock() + MINUTE)

    def spend(self, router_id: str, tokens: int) -> None:
        """Note what a request has used."""
        if router_id in self._minutes:
            with self._lock:
                minute = self._minutes[router_id]
                minute.tokens += tokens
                minute.spent.append((self._clock() + MINUTE, tokens))
