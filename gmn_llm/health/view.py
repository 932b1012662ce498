"""``HealthView``: the tallies of all deployments, and the report made of them."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import ceil
from typing import TYPE_CHECKING, Final

from gmn_llm.health.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from gmn_llm.health.tally import Counts
    from gmn_llm.messages import Outcome

__all__ = ["MOST", "WINDOW", "HealthView", "Standing"]

WINDOW: Final = 300.0
"""Seconds of the sliding window where nobody says."""
MOST: Final = 256
"""Providers and deployments that are kept; beyond them the one that was silent longest is let go of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is known of a provider besides what was counted.

    Attributes:
        deployments: Its deployments' ids, with the model of each.
        missing: What it lacks to be used, e.g. which variable is not set; empty where it lacks nothing.
        cooling: Deployment to the time, in seconds since the epoch, until which it is left alone.
    """

    deployments: Mapping[str, str] = field(default_factory=dict)
    missing: str = ""
    cooling: Mapping[str, float] = field(default_factory=dict)


class HealthView:
    """Counts attempts by provider and deployment, from any thread; a listener of gateways (``record``).

    Its size is bounded: ``MOST`` providers and deployments, each of constant size. Where reloads have brought more
    names than that, deployments go before providers, whose sums keep what their deployments did.

    Args:
        window: Seconds of the sliding window.
        now: The clock, in UTC; injected by tests.
    """

    def __init__(self, *, window: float = WINDOW, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._window = window
        self._now = now
        self._tallies: dict[tuple[str, str | None], Tally] = {}
        self._used = ("", "")
        self._lock = threading.Lock()

    def record(self, outcome: Outcome) -> None:
        """Count one attempt, for its deployment and for its provider.

        What the provider was not asked (``outcome.rejected``) is counted as ``rejected`` and not as a request, and
        what is asked again in simpler words (``outcome.retried_simpler``) as a request and not as a failure.
        """
        attempt, now = outcome.attempt, self._now().timestamp()
        with self._lock:
            self._tally(attempt.provider, None).add(outcome, now)
            self._tally(attempt.provider, attempt.deployment).add(outcome, now)
            if attempt.error is None:
                self._used = (attempt.provider, attempt.deployment)

    def record_hit(self, provider: str) -> None:
        """Count an answer of ``provider`` that came from the cache; the provider was not asked."""
        now = self._now().timestamp()
        with self._lock:
            self._tally(provider, None).add_hit(now)

    def _tally(self, provider: str, deployment: str | None) -> Tally:
        key = (provider, deployment)
        tally = self._tallies.get(key)
        if tally is None:
            if len(self._tallies) >= MOST:
                self._let_go()
            tally = self._tallies[key] = Tally(self._window)
        return tally

    def _let_go(self) -> None:
        """Forget the deployment that was silent longest; where there are but providers, one of them."""
        keys = [key for key in self._tallies if key[1] is not None] or list(self._tallies)
        del self._tallies[min(keys, key=lambda key: self._tallies[key].touched)]

    @property
    def names(self) -> tuple[str, ...]:
        """The providers of which something was counted."""
        with self._lock:
            return tuple(dict.fromkeys(provider for provider, _ in self._tallies))

    def report(self, chain: Sequence[str], standings: Mapping[str, Standing]) -> dict[str, object]:
        """Return the providers of ``chain`` and all others that are known, with what was counted.

        ``requests`` are those that went to the provider; ``Counts`` says what each figure counts. ``success_rate`` is
        the share of successes among successes and failures, in percent (100.0 before the first request), latencies
        are in seconds over the successes (None before the first), times in ISO 8601, UTC. ``cost`` is in US dollars,
        and None as soon as the price of one answer is not known; ``cost_at_least`` is what those come to whose price
        is. ``window`` has the same figures over the sliding window. ``in_use`` marks the provider, and the deployment
        of it, that answered last;
        ``rate_limit`` is what the provider said last (``Outcome.headroom``).
        """
        now = self._now().timestamp()
        with self._lock:
            names = dict.fromkeys((*chain, *standings, *(provider for provider, _ in self._tallies)))
            providers = {name: self._provider(name, standings.get(name, Standing()), now) for name in names}
        return {"providers": providers, "primary_provider": chain[0], "fallback_chain": list(chain[1:])}

    def _provider(self, name: str, standing: Standing, now: float) -> dict[str, object]:
        known = [deployment for provider, deployment in self._tallies if provider == name and deployment is not None]
        ids = list(dict.fromkeys((*standing.deployments, *known)))
        cooling = {key: until for key, until in standing.cooling.items() if until > now}
        deployments = {
            key: self._figures(name, key, now)
            | {"model": standing.deployments.get(key, ""), "in_use": self._used == (name, key)}
            | _availability(missing=standing.missing, until=cooling.get(key))
            for key in ids
        }
        # A group can be used while one of its deployments can.
        until = min(cooling.values()) if cooling and len(cooling) >= len(standing.deployments) else None
        return (
            self._figures(name, None, now)
            | _availability(missing=standing.missing, until=until)
            | {"in_use": name == self._used[0], "deployments": deployments}
        )

    def _figures(self, provider: str, deployment: str | None, now: float) -> dict[str, object]:
        tally = self._tallies.get((provider, deployment)) or Tally(self._window)
        return {
            "healthy": tally.consecutive_failures == 0,
            **_sums(tally.total),
            "latency": _percentiles(tally.latencies(0.0)),
            "consecutive_failures": tally.consecutive_failures,
            "last_success": _iso(tally.last_success),
            "last_failure": _iso(tally.last_failure),
            "last_error": tally.last_error,
            "rate_limit": dict(tally.headroom),
            "window": {
                "seconds": self._window,
                **_sums(tally.lately(now)),
                "latency": _percentiles(tally.latencies(now - self._window)),
            },
        }


def _sums(counts: Counts) -> dict[str, object]:
    judged = counts.successes + sum(counts.failures.values())
    return {
        "requests": counts.requests,
        "successes": counts.successes,
        "failures": dict(sorted(counts.failures.items())),
        "cancelled": counts.cancelled,
        "retried_simpler": counts.retried_simpler,
        "rejected": counts.rejected,
        "cached": counts.cached,
        "success_rate": 100.0 * counts.successes / judged if judged else 100.0,
        "average_latency": counts.seconds / counts.successes if counts.successes else None,
        "prompt_tokens": counts.prompt_tokens,
        "completion_tokens": counts.completion_tokens,
        "cost": counts.cost if not counts.unpriced else None,
        "cost_at_least": counts.cost,
    }


def _percentiles(pairs: Iterable[tuple[float, float | None]]) -> dict[str, float | None]:
    """Return nearest-rank percentiles of latencies, and of the time to the first text of streams."""
    latencies, firsts = [], []
    for seconds, first in pairs:
        latencies.append(seconds)
        if first is not None:
            firsts.append(first)
    latencies.sort()
    firsts.sort()
    return {
        "p50": _rank(latencies, 0.5),
        "p95": _rank(latencies, 0.95),
        "first_text_p50": _rank(firsts, 0.5),
        "first_text_p95": _rank(firsts, 0.95),
    }


def _rank(ordered: Sequence[float], share: float) -> float | None:
    return ordered[max(ceil(share * len(ordered)) - 1, 0)] if ordered else None


def _availability(*, missing: str, until: float | None) -> dict[str, object]:
    reason = missing or (f"left alone until {_iso(until)} after failures" if until else "")
    return {"available": not reason, "cooling_until": _iso(until), "reason": reason}


def _iso(seconds: float | None) -> str | None:
    return datetime.fromtimestamp(seconds, UTC).isoformat() if seconds else None
