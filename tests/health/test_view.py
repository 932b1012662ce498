"""What the health view makes of outcomes: sums, a window that slides, percentiles, and who can be used."""

from __future__ import annotations

import tracemalloc
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gmn_llm.health import HealthView
from gmn_llm.health.view import Standing
from gmn_llm.messages import Attempt, Outcome, Usage


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def outcome(error: str | None = None, *, provider: str = "a", deployment: str = "a#1", **more: Any) -> Outcome:
    """An attempt that ended; ``seconds`` goes to the attempt, the rest beside it."""
    seconds = more.pop("seconds", 0.5)
    attempt = Attempt(provider=provider, deployment=deployment, error=error, seconds=seconds)
    return Outcome(attempt=attempt, **more)


def figures(view: HealthView, provider: str = "a", **standings: Standing) -> dict[str, Any]:
    """What the report says of one provider."""
    report: Any = view.report([provider], standings)
    return dict(report["providers"][provider])


def test_before_the_first_request_nothing_is_wrong() -> None:
    """A provider that was never asked is healthy, at 100 percent, without latencies and times."""
    told = figures(HealthView())

    assert told["success_rate"] == 100.0
    assert told["average_latency"] is None
    assert told["last_success"] is None
    assert told["last_failure"] is None
    assert told["healthy"] is True
    assert told["requests"] == 0


def test_every_kind_of_ending_is_counted_where_it_belongs() -> None:
    """Failures are told by class; what the caller ended counts as a request and as nobody's failure."""
    view = HealthView()
    for error in (None, "RateLimitError", "RateLimitError", "ProviderTimeoutError", "Cancelled", "Abandoned", None):
        view.record(outcome(error))

    told = figures(view)

    assert told["requests"] == 7
    assert told["successes"] == 2
    assert told["failures"] == {"ProviderTimeoutError": 1, "RateLimitError": 2}
    assert told["cancelled"] == 2
    assert told["success_rate"] == pytest.approx(40.0)
    assert told["consecutive_failures"] == 0
    assert told["last_error"] == "ProviderTimeoutError"


def test_a_cancelled_call_does_not_end_a_row_of_failures() -> None:
    """A call that the caller gave up says nothing of the provider, for better or worse."""
    view = HealthView()
    for error in ("RateLimitError", "Cancelled", "RateLimitError"):
        view.record(outcome(error))

    assert figures(view)["consecutive_failures"] == 2


def test_the_window_slides_and_the_sums_stay() -> None:
    """After the window has passed its figures are those of an empty one, and the totals are what they were."""
    clock = Clock()
    view = HealthView(window=60.0, now=clock)
    view.record(outcome())
    clock.forward(30)
    view.record(outcome("RateLimitError"))

    assert figures(view)["window"]["requests"] == 2
    clock.forward(31)
    assert figures(view)["window"]["requests"] == 1
    assert figures(view)["window"]["successes"] == 0
    clock.forward(600)
    told = figures(view)

    assert told["window"]["requests"] == 0
    assert told["window"]["success_rate"] == 100.0
    assert told["requests"] == 2


def test_percentiles_are_those_of_real_calls() -> None:
    """Of the latencies 1 to 100 the median is 50 and the 95th percentile 95, by nearest rank."""
    view = HealthView()
    for seconds in range(100, 0, -1):
        view.record(outcome(seconds=float(seconds), first_text=seconds / 10))

    latency = figures(view)["latency"]

    assert latency == {"p50": 50.0, "p95": 95.0, "first_text_p50": 5.0, "first_text_p95": 9.5}
    assert figures(view)["average_latency"] == pytest.approx(50.5)


def test_tokens_and_money_add_up() -> None:
    """Tokens and cost are sums over the answers; where one price is unknown the sum is."""
    view = HealthView()
    view.record(outcome(usage=Usage(prompt_tokens=10, completion_tokens=5, cost=0.25)))
    view.record(outcome(usage=Usage(prompt_tokens=1, completion_tokens=2, cost=0.5)))

    told = figures(view)
    assert (told["prompt_tokens"], told["completion_tokens"], told["cost"]) == (11, 7, 0.75)
    view.record(outcome(usage=Usage(prompt_tokens=1, completion_tokens=1, cost=None)))
    assert figures(view)["cost"] is None


def test_a_group_is_the_sum_of_its_deployments() -> None:
    """The deployments stand below their provider, each with figures of its own, in the configured order."""
    view = HealthView()
    view.record(outcome(deployment="a#2"))
    view.record(outcome("RateLimitError", deployment="a#1"))

    told = figures(view, a=Standing(deployments={"a#1": "m", "a#2": "n"}))

    assert list(told["deployments"]) == ["a#1", "a#2"]
    assert told["requests"] == 2
    assert told["deployments"]["a#1"]["failures"] == {"RateLimitError": 1}
    assert told["deployments"]["a#2"]["successes"] == 1
    assert told["deployments"]["a#2"]["model"] == "n"


def test_a_group_can_be_used_while_one_deployment_can() -> None:
    """One deployment that cools down leaves its group available; all of them do not."""
    clock = Clock()
    view = HealthView(now=clock)
    soon, late = clock.now.timestamp() + 10, clock.now.timestamp() + 20
    both = {"a#1": "m", "a#2": "n"}

    one = figures(view, a=Standing(deployments=both, cooling={"a#1": soon}))
    all_of_them = figures(view, a=Standing(deployments=both, cooling={"a#1": late, "a#2": soon}))

    assert one["available"] is True
    assert one["deployments"]["a#1"]["available"] is False
    assert all_of_them["available"] is False
    assert all_of_them["cooling_until"] == datetime.fromtimestamp(soon, UTC).isoformat()
    clock.forward(15)
    assert figures(view, a=Standing(deployments=both, cooling={"a#1": late, "a#2": soon}))["available"] is True


def test_what_is_missing_is_said() -> None:
    """A provider without its key is not available, and the reason names the variable."""
    told = figures(HealthView(), a=Standing(missing="OPENAI_API_KEY is not set"))

    assert told["available"] is False
    assert told["reason"] == "OPENAI_API_KEY is not set"


def test_the_one_that_answered_last_is_in_use() -> None:
    """Exactly one provider is marked as the one being used: the one that answered last."""
    view = HealthView()
    view.record(outcome(provider="a"))
    view.record(outcome("RateLimitError", provider="a"))
    view.record(outcome(provider="b", deployment="b#1"))

    assert figures(view, "a")["in_use"] is False
    assert figures(view, "b")["in_use"] is True


def test_memory_does_not_grow() -> None:
    """Forty thousand calls more take no more memory than those before."""
    clock = Clock()
    view = HealthView(now=clock)

    def calls(count: int) -> None:
        for k in range(count):
            clock.forward(0.01)
            view.record(outcome(None if k % 3 else "RateLimitError", usage=Usage(prompt_tokens=1, cost=0.001)))

    tracemalloc.start()
    try:
        calls(40_000)
        before, _ = tracemalloc.get_traced_memory()
        calls(40_000)
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert figures(view)["requests"] == 80_000
    assert after - before < 20_000
