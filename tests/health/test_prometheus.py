"""The figures as Prometheus metrics: the same numbers, and nothing else."""

from __future__ import annotations

import subprocess
import sys

from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from gmn_llm.health import HealthView
from gmn_llm.health.prometheus import metrics_text, register_collector
from gmn_llm.health.view import Standing
from gmn_llm.messages import Attempt, Outcome, Usage
from tests.health.test_view import outcome


def seen() -> HealthView:
    """A view with two successes, two failures and a cancelled call."""
    view = HealthView()
    view.record(outcome(seconds=0.25, usage=Usage(prompt_tokens=10, completion_tokens=5, cost=0.5)))
    view.record(outcome(seconds=0.75, usage=Usage(prompt_tokens=1, completion_tokens=1, cost=0.25)))
    for error in ("RateLimitError", "ProviderTimeoutError", "Cancelled"):
        view.record(outcome(error))
    return view


def samples(text: str) -> dict[tuple[str, ...], float]:
    """Each sample by its name and the values of its labels."""
    families = text_string_to_metric_families(text)
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def test_the_metrics_are_the_figures() -> None:
    """Each counter and gauge has the number that the report has."""
    got = samples(metrics_text(seen().report(["a"], {})))

    assert got["gmn_llm_attempts_total", "a#1", "a"] == 5
    assert got["gmn_llm_successes_total", "a#1", "a"] == 2
    assert got["gmn_llm_cancelled_total", "a#1", "a"] == 1
    assert got["gmn_llm_prompt_tokens_total", "a#1", "a"] == 11
    assert got["gmn_llm_cost_usd_total", "a#1", "a"] == 0.75
    assert got["gmn_llm_failures_total", "a#1", "RateLimitError", "a"] == 1
    assert got["gmn_llm_latency_seconds", "a#1", "a", "0.5"] == 0.25
    assert got["gmn_llm_latency_seconds", "a#1", "a", "0.95"] == 0.75
    assert got["gmn_llm_consecutive_failures", "a#1", "a"] == 2
    assert got["gmn_llm_healthy", "a#1", "a"] == 0


def test_a_provider_that_was_never_asked_is_there() -> None:
    """A configured provider has its availability before the first request, and no latency."""
    view = HealthView()
    got = samples(metrics_text(view.report(["b"], {"b": Standing(deployments={"b#1": "m"}, missing="no key")})))

    assert got["gmn_llm_available", "b#1", "b"] == 0
    assert not [key for key in got if key[0] == "gmn_llm_latency_seconds"]


def test_a_registry_reads_the_figures_when_it_is_scraped() -> None:
    """A registered view needs no updating, and is gone when it is taken out."""
    from prometheus_client import generate_latest

    view, registry = seen(), CollectorRegistry()
    remove = register_collector(lambda: view.report(["a"], {}), registry)

    assert samples(generate_latest(registry).decode())["gmn_llm_attempts_total", "a#1", "a"] == 5
    view.record(outcome())
    assert samples(generate_latest(registry).decode())["gmn_llm_attempts_total", "a#1", "a"] == 6
    remove()
    assert generate_latest(registry) == b""


def test_messages_get_into_no_metric() -> None:
    """What a failed attempt says, which may quote an answer, is in no sample."""
    view = HealthView()
    attempt = Attempt(provider="a", deployment="a#1", error="RateLimitError", message="the secret answer")
    view.record(Outcome(attempt=attempt))

    assert "secret" not in metrics_text(view.report(["a"], {}))


def test_without_the_package_the_error_names_the_extra() -> None:
    """Where prometheus-client is not installed the hint says what to install."""
    script = (
        "import sys; sys.modules['prometheus_client'] = None\n"
        "from gmn_llm.health.prometheus import metrics_text\n"
        "try:\n    metrics_text({'providers': {}})\n"
        "except ValueError as error:\n    print(error.hint)"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert run.stdout.strip() == "pip install 'gmn-llm[prometheus]'"
