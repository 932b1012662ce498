"""What is counted of one deployment: constant in size, however many calls there are.

All that ever happened is kept as sums; what happened lately as sums in a ring of short slots, and the newest latencies
one by one, so that percentiles are those of real calls and not of a model of them.
"""

from __future__ import annotations

import math
from array import array
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gmn_llm.messages import Outcome

__all__ = ["LATENCIES", "SLOTS", "Counts", "Tally"]

SLOTS: Final = 60
"""Slots of the sliding window; a window of 300 seconds moves in steps of five."""
LATENCIES: Final = 1024
"""The newest successes whose latencies are kept one by one, for percentiles."""
ENDED_BY_CALLER: Final = frozenset({"Cancelled", "Abandoned"})


@dataclass(slots=True)
class Counts:
    """Sums over a span of time.

    Whatever went to the provider is a request, so ``requests`` is what its server counts, and the sum of
    ``successes``, ``failures``, ``cancelled`` and ``retried_simpler``. A request that LiteLLM's HTTP client sends once
    more by itself, because the connection broke, is two. A server that can't be connected to counts nothing, and is a
    failure here all the same.

    Attributes:
        requests: Requests to the provider that ended, in whichever way.
        successes: Those that answered.
        failures: Those that failed, by the name of our error class.
        cancelled: Those that the caller, or the reader of a stream, ended; they say nothing of the provider.
        retried_simpler: Those that were refused for a parameter or an output format, and asked again at once without
            it; they are part of finding out what a deployment can do, and nobody's failure.
        rejected: What ended here without the provider being asked (a limit of ours was full or all cooled down, and
            nobody else was left); no requests. What a caller ended before that is not counted at all.
        cached: Answers that came from the cache; no requests.
        seconds: Wall time of the successes.
        prompt_tokens: Tokens read, as far as the provider told; also for answers that could not be used.
        completion_tokens: Tokens written, likewise.
        cost: US dollars, as far as prices are known.
        unpriced: Answers whose price nobody knows.
    """

    requests: int = 0
    successes: int = 0
    failures: dict[str, int] = field(default_factory=dict)
    cancelled: int = 0
    retried_simpler: int = 0
    rejected: int = 0
    cached: int = 0
    seconds: float = 0.0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float = 0.0
    unpriced: int = 0

    def add(self, outcome: Outcome) -> None:
        """Count one attempt."""
        attempt = outcome.attempt
        if outcome.rejected:
            self.rejected += attempt.error not in ENDED_BY_CALLER
            return
        self.requests += 1
        if outcome.retried_simpler:
            self.retried_simpler += 1
        elif attempt.error is None:
            self.successes += 1
            self.seconds += attempt.seconds
        elif attempt.error in ENDED_BY_CALLER:
            self.cancelled += 1
        else:
            self.failures[attempt.error] = self.failures.get(attempt.error, 0) + 1
        usage = outcome.usage
        if usage is None:
            return
        self.prompt_tokens += usage.prompt_tokens
        self.completion_tokens += usage.completion_tokens
        if usage.cost is None:
            self.unpriced += 1
        else:
            self.cost += usage.cost

    def merge(self, other: Counts) -> None:
        """Add the sums of ``other``."""
        self.requests += other.requests
        self.successes += other.successes
        for name, count in other.failures.items():
            self.failures[name] = self.failures.get(name, 0) + count
        self.cancelled += other.cancelled
        self.retried_simpler += other.retried_simpler
        self.rejected += other.rejected
        self.cached += other.cached
        self.seconds += other.seconds
        self.prompt_tokens += other.prompt_tokens
        self.completion_tokens += other.completion_tokens
        self.cost += other.cost
        self.unpriced += other.unpriced


@dataclass(slots=True)
class _Slot:
    number: int
    counts: Counts = field(default_factory=Counts)


class _Recent:
    """The newest successes: when each ended, how long it took, and when its first text came (NaN for none)."""

    __slots__ = ("_at", "_values")

    def __init__(self) -> None:
        self._values = array("d")
        self._at = 0

    def add(self, ended: float, seconds: float, first_text: float | None) -> None:
        """Take one in, and let go of the oldest where there are ``LATENCIES``."""
        entry = (ended, seconds, math.nan if first_text is None else first_text)
        if len(self._values) < 3 * LATENCIES:
            self._values.extend(entry)
            return
        at = self._at
        self._values[at], self._values[at + 1], self._values[at + 2] = entry
        self._at = (at + 3) % (3 * LATENCIES)

    def since(self, moment: float) -> Iterator[tuple[float, float | None]]:
        """Yield latency and seconds to the first text of those that ended after ``moment``."""
        values = self._values
        for at in range(0, len(values), 3):
            if values[at] > moment:
                first = values[at + 2]
                yield values[at + 1], None if math.isnan(first) else first


class Tally:
    """What is counted of one deployment.

    Args:
        window: Seconds of the sliding window.
    """

    __slots__ = (
        "_recent",
        "_slots",
        "_width",
        "consecutive_failures",
        "headroom",
        "last_error",
        "last_failure",
        "last_success",
        "total",
        "touched",
    )  # fmt: skip

    def __init__(self, window: float) -> None:
        self._width = window / SLOTS
        self._slots: deque[_Slot] = deque(maxlen=SLOTS)
        self._recent = _Recent()
        self.total = Counts()
        self.consecutive_failures = 0
        self.last_success: float | None = None
        self.last_failure: float | None = None
        self.last_error: str | None = None
        self.headroom: dict[str, float] = {}
        self.touched = 0.0

    def add(self, outcome: Outcome, now: float) -> None:
        """Count an attempt that ended at ``now``, in seconds since the epoch."""
        attempt = outcome.attempt
        self._lately(now).add(outcome)
        self.total.add(outcome)
        if outcome.headroom:
            self.headroom = dict(outcome.headroom)
        if outcome.rejected or outcome.retried_simpler:
            return
        if attempt.error is None:
            self.consecutive_failures = 0
            self.last_success = now
            self._recent.add(now, attempt.seconds, outcome.first_text)
        elif attempt.error not in ENDED_BY_CALLER:
            self.consecutive_failures += 1
            self.last_failure = now
            self.last_error = attempt.error

    def add_hit(self, now: float) -> None:
        """Count an answer that came from the cache at ``now``."""
        self._lately(now).cached += 1
        self.total.cached += 1

    def _lately(self, now: float) -> Counts:
        """Return the sums of the slot that ``now`` falls into."""
        self.touched = now
        number = int(now / self._width)
        if not self._slots or self._slots[-1].number != number:
            self._slots.append(_Slot(number))
        return self._slots[-1].counts

    def lately(self, now: float) -> Counts:
        """Return the sums over the sliding window that ends at ``now``."""
        oldest = int(now / self._width) - SLOTS
        counts = Counts()
        for slot in self._slots:
            if slot.number > oldest:
                counts.merge(slot.counts)
        return counts

    def latencies(self, since: float) -> Iterator[tuple[float, float | None]]:
        """Yield latency and seconds to the first text of the newest successes that ended after ``since``."""
        return self._recent.since(since)
