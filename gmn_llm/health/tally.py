"""What is counted of one deployment: constant in size, however many calls there are.

All that ever happened is kept as sums; what happened lately as sums in a ring of short slots, and the newest latencies
one by one, so that percentiles are those of real calls and not of a model of them.
"""

from __future__ import annotations

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

    Attributes:
        requests: Attempts that ended, in whichever way.
        successes: Those that answered.
        failures: Those that failed, by the name of our error class.
        cancelled: Those that the caller, or the reader of a stream, ended; they say nothing of the provider.
        seconds: Wall time of the successes.
        prompt_tokens: Tokens read.
        completion_tokens: Tokens written.
        cost: US dollars, as far as prices are known.
        unpriced: Successes whose price nobody knows.
    """

    requests: int = 0
    successes: int = 0
    failures: dict[str, int] = field(default_factory=dict)
    cancelled: int = 0
    seconds: float = 0.0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float = 0.0
    unpriced: int = 0

    def add(self, outcome: Outcome) -> None:
        """Count one attempt."""
        attempt = outcome.attempt
        self.requests += 1
        if attempt.error in ENDED_BY_CALLER:
            self.cancelled += 1
            return
        if attempt.error is not None:
            self.failures[attempt.error] = self.failures.get(attempt.error, 0) + 1
            return
        self.successes += 1
        self.seconds += attempt.seconds
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
        self.seconds += other.seconds
        self.prompt_tokens += other.prompt_tokens
        self.completion_tokens += other.completion_tokens
        self.cost += other.cost
        self.unpriced += other.unpriced


@dataclass(slots=True)
class _Slot:
    number: int
    counts: Counts = field(default_factory=Counts)


class Tally:
    """What is counted of one deployment.

    Args:
        window: Seconds of the sliding window.
    """

    __slots__ = (
        "_slots",
        "_width",
        "consecutive_failures",
        "headroom",
        "last_error",
        "last_failure",
        "last_success",
        "recent",
        "total",
    )  # fmt: skip

    def __init__(self, window: float) -> None:
        self._width = window / SLOTS
        self._slots: deque[_Slot] = deque(maxlen=SLOTS)
        self.total = Counts()
        self.recent: deque[tuple[float, float, float | None]] = deque(maxlen=LATENCIES)
        """Time of the end, latency, and seconds to the first text (None where it came in one piece)."""
        self.consecutive_failures = 0
        self.last_success: float | None = None
        self.last_failure: float | None = None
        self.last_error: str | None = None
        self.headroom: dict[str, float] = {}

    def add(self, outcome: Outcome, now: float) -> None:
        """Count an attempt that ended at ``now``, in seconds since the epoch."""
        attempt = outcome.attempt
        number = int(now / self._width)
        if not self._slots or self._slots[-1].number != number:
            self._slots.append(_Slot(number))
        self._slots[-1].counts.add(outcome)
        self.total.add(outcome)
        if outcome.headroom:
            self.headroom = dict(outcome.headroom)
        if attempt.error is None:
            self.consecutive_failures = 0
            self.last_success = now
            self.recent.append((now, attempt.seconds, outcome.first_text))
        elif attempt.error not in ENDED_BY_CALLER:
            self.consecutive_failures += 1
            self.last_failure = now
            self.last_error = attempt.error

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
        return ((seconds, first) for ended, seconds, first in self.recent if ended > since)
