"""What the health view makes of outcomes: sums, a window that slides, percentiles, and who can be used."""

from __future__ import annotations

import sys
import threading
from collections import deque
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gmn_llm.health import HealthView
from gmn_llm.health.tally import LATENCIES
from gmn_llm.health.view import MOST, Standing
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
    assert figures(view)["cost_at_least"] == 0.75


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


def test_of_a_provider_the_deployment_that_answered_last_is_in_use() -> None:
    """Of all deployments exactly one is marked as the one being used: the one that answered last."""
    view = HealthView()
    for deployment in ("a#1", "a#2"):
        view.record(outcome(deployment=deployment))
    view.record(outcome("RateLimitError", deployment="a#1"))

    used = {name: own["in_use"] for name, own in figures(view)["deployments"].items()}

    assert used == {"a#1": False, "a#2": True}


def test_what_the_provider_was_not_asked_is_no_request() -> None:
    """A call that was turned away here is ``rejected``: no request, no failure, and it does not end a row of them."""
    view = HealthView()
    view.record(outcome("RateLimitError"))
    view.record(outcome("RateLimitError", rejected=True))
    view.record(outcome("Cancelled", rejected=True))

    told = figures(view)

    assert (told["requests"], told["failures"], told["rejected"]) == (1, {"RateLimitError": 1}, 1)
    assert (told["cancelled"], told["consecutive_failures"], told["success_rate"]) == (0, 1, 0.0)
    assert told["window"]["rejected"] == 1


def test_a_question_that_is_put_in_simpler_words_is_a_request_and_no_failure() -> None:
    """The provider counts the refusal, so it is a request; the success rate and the row of failures leave it out."""
    view = HealthView()
    view.record(outcome("InputError", retried_simpler=True))
    view.record(outcome())

    told = figures(view)

    assert (told["requests"], told["successes"], told["retried_simpler"]) == (2, 1, 1)
    assert (told["failures"], told["success_rate"], told["last_failure"]) == ({}, 100.0, None)


def test_an_answer_out_of_the_cache_is_no_request() -> None:
    """A hit is counted for its provider, who was not asked: nothing else changes."""
    view = HealthView()
    view.record_hit("a")

    told = figures(view)

    assert (told["cached"], told["window"]["cached"]) == (1, 1)
    assert (told["requests"], told["successes"], told["in_use"], told["last_success"]) == (0, 0, False, None)


def test_tokens_of_an_answer_that_cannot_be_used_count() -> None:
    """What a provider wrote is paid for, whether it can be used or not."""
    view = HealthView()
    view.record(outcome("ContentFilterError", usage=Usage(prompt_tokens=10, completion_tokens=2, cost=0.5)))

    told = figures(view)

    assert (told["prompt_tokens"], told["completion_tokens"], told["cost"]) == (10, 2, 0.5)


def test_the_newest_word_on_rate_limits_stands() -> None:
    """What a provider says of its limits stays until it says something else."""
    view = HealthView()
    for headroom in ({"remaining_requests": 9.0}, {"remaining_requests": 8.0}, {}):
        view.record(outcome(headroom=headroom))

    assert figures(view)["rate_limit"] == {"remaining_requests": 8.0}


def test_only_the_newest_latencies_make_percentiles() -> None:
    """Of more successes than are kept one by one, the oldest no longer count for percentiles; they do for the mean."""
    view = HealthView()
    for seconds in (*(100.0 for _ in range(1000)), *(1.0 for _ in range(LATENCIES))):
        view.record(outcome(seconds=seconds))

    assert figures(view)["latency"]["p95"] == 1.0
    assert figures(view)["average_latency"] > 40


def test_names_without_end_are_not_kept() -> None:
    """Of thousands of deployments that came and went with reloads the newest are kept; the provider's sums stay."""
    clock = Clock()
    view = HealthView(now=clock)
    for number in range(3 * MOST):
        clock.forward(1)
        view.record(outcome(deployment=f"a#{number}"))

    told = figures(view)

    assert told["requests"] == 3 * MOST
    assert len(told["deployments"]) == MOST - 1
    assert f"a#{3 * MOST - 1}" in told["deployments"]


def test_providers_without_end_are_not_kept() -> None:
    """Of thousands of providers the newest are kept, each with its figures."""
    clock = Clock()
    view = HealthView(now=clock)
    for number in range(3 * MOST):
        clock.forward(1)
        view.record(outcome(provider=f"p{number}", deployment=f"p{number}#1"))

    report: Any = view.report(["a"], {})

    assert len(report["providers"]) <= MOST
    assert report["providers"][f"p{3 * MOST - 1}"]["requests"] == 1


CLASSES = (
    None, "AuthenticationError", "RateLimitError", "ProviderTimeoutError", "ProviderUnavailableError",
    "ContextLengthError", "ContentFilterError", "InputError", "Cancelled", "Abandoned", None, None,
)  # fmt: skip


def size(holder: object, seen: set[int]) -> int:
    """The bytes of everything that is reached from ``holder`` and belongs to the view."""
    if id(holder) in seen or isinstance(holder, type):
        return 0
    seen.add(id(holder))
    parts: list[object] = []
    if isinstance(holder, dict):
        parts = [*holder.keys(), *holder.values()]
    elif isinstance(holder, list | tuple | deque):
        parts = list(holder)
    elif type(holder).__module__.startswith("gmn_llm.health"):
        slots = [name for kind in type(holder).__mro__ for name in getattr(kind, "__slots__", ())]
        parts = [getattr(holder, name) for name in slots if hasattr(holder, name)]
        parts += [part for name, part in getattr(holder, "__dict__", {}).items() if name != "_now"]
    return sys.getsizeof(holder) + sum(size(part, seen) for part in parts)


def test_memory_does_not_grow() -> None:
    """A million attempts of every kind take no more room than the first hundred thousand of them."""
    clock = Clock()
    view = HealthView(now=clock)
    attempts = [
        outcome(
            error,
            provider=provider,
            deployment=f"{provider}#{number}",
            usage=Usage(prompt_tokens=1, cost=0.001),
            first_text=0.1,
            headroom={"remaining_requests": 5.0},
            rejected=error == "RateLimitError" and number == 1,
        )
        for provider in ("a", "b")
        for number in range(2)
        for error in CLASSES
    ]

    def calls(count: int) -> None:
        for _ in range(count // 1000):
            clock.forward(10.0)
            for k in range(1000):
                view.record(attempts[k % len(attempts)])

    calls(100_000)
    before = size(view, set())
    calls(900_000)
    after = size(view, set())

    told = figures(view, "a"), figures(view, "b")
    assert sum(each["requests"] + each["rejected"] for each in told) == 1_000_000
    assert after - before < 20_000
    assert after < 500_000


def test_threads_lose_no_count() -> None:
    """Eight threads that record at once are all counted."""
    view = HealthView()
    attempt = outcome(usage=Usage(prompt_tokens=2))
    threads = [threading.Thread(target=lambda: [view.record(attempt) for _ in range(2000)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    told = figures(view)
    assert (told["requests"], told["prompt_tokens"]) == (16_000, 32_000)
