"""What it costs to record an attempt in the health view, beside the smallest thing that can be done with one.

``python benchmarks/health_record.py [--records N] [--repeats N]`` records attempts of a few providers, most of which
answered, and prints the median of the microseconds that one takes, and how many times as long that is as appending the
same attempt to a list in the same run. The goal is at most 20 microseconds.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from gmn_llm.health import HealthView  # noqa: E402  # the checkout comes first
from gmn_llm.messages import Attempt, Outcome, Usage  # noqa: E402  # as above

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def outcomes() -> list[Outcome]:
    """Return forty attempts: three providers of two deployments, one failure in ten, with usage and headroom."""
    made = []
    for number in range(40):
        provider = ("openai", "anthropic", "ollama")[number % 3]
        failed = number % 10 == 9
        attempt = Attempt(
            provider=provider,
            deployment=f"{provider}/{number % 2}",
            error="RateLimitError" if failed else None,
            status=429 if failed else 200,
            seconds=0.5,
        )
        usage = None if failed else Usage(prompt_tokens=100, completion_tokens=50, cost=0.001)
        headroom = {"remaining_requests": 99.0, "limit_requests": 100.0}
        made.append(Outcome(attempt=attempt, usage=usage, first_text=0.1, headroom=headroom))
    return made


def seconds(record: Callable[[Outcome], object], attempts: Sequence[Outcome], rounds: int) -> float:
    """Return the processor seconds of one record."""
    begun = time.process_time()
    for _ in range(rounds):
        for outcome in attempts:
            record(outcome)
    return (time.process_time() - begun) / (rounds * len(attempts))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="CPU of recording an attempt in the health view")
    parser.add_argument("--records", type=int, default=40_000, help="records in a repeat")
    parser.add_argument("--repeats", type=int, default=15)
    given = parser.parse_args()
    attempts, view = outcomes(), HealthView()
    rounds = max(given.records // len(attempts), 1)
    taken, smallest = [], []
    for _ in range(given.repeats):
        taken.append(seconds(view.record, attempts, rounds))
        kept: list[Outcome] = []
        smallest.append(seconds(kept.append, attempts, rounds))
    record, append = statistics.median(taken), statistics.median(smallest)
    print(json.dumps({"record_us": round(1e6 * record, 3), "append_us": round(1e6 * append, 3),
                      "ratio": round(record / append, 1), "repeats": given.repeats}))  # fmt: skip


if __name__ == "__main__":
    main()
