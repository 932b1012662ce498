"""The figures as Prometheus metrics: the same numbers, and nothing else."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from gmn_llm import create_llm_factory
from gmn_llm.errors import ProviderUnavailableError
from gmn_llm.health import HealthView
from gmn_llm.health.prometheus import metrics_text, register_collector
from gmn_llm.health.view import Standing
from gmn_llm.messages import Attempt, Outcome, Usage
from tests.health.test_view import outcome
from tests.routing.conftest import section
from tests.wire.client import Fault, Step, WireServer

MODELS = {"a": Standing(deployments={"a#1": "m"})}


def seen() -> HealthView:
    """A view with two successes, two failures and a cancelled call."""
    view = HealthView()
    view.record(outcome(seconds=0.25, usage=Usage(prompt_tokens=10, completion_tokens=5, cost=0.5)))
    view.record(outcome(seconds=0.75, usage=Usage(prompt_tokens=1, completion_tokens=1, cost=0.25)))
    for error in ("RateLimitError", "ProviderTimeoutError", "Cancelled"):
        view.record(outcome(error))
    return view


class Checked:
    """Something with a health check: a view behind the method that a factory has.

    Args:
        view: Whose report is given.
    """

    def __init__(self, view: HealthView) -> None:
        self._view = view

    async def health_check(self) -> Mapping[str, Any]:
        return self._view.report(["a"], MODELS)


def samples(text: str) -> dict[tuple[str, ...], float]:
    """Each sample by its name and the values of its labels, which are in the order of their names."""
    families = text_string_to_metric_families(text)
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def test_the_metrics_are_the_figures() -> None:
    """Each counter and gauge has the number that the report has, by provider, deployment and model."""
    got = samples(metrics_text(seen().report(["a"], MODELS)))

    place = ("a#1", "m", "a")
    assert got["gmn_llm_requests_total", *place] == 5
    assert got["gmn_llm_successes_total", *place] == 2
    assert got["gmn_llm_cancelled_total", *place] == 1
    assert got["gmn_llm_prompt_tokens_total", *place] == 11
    assert got["gmn_llm_cost_usd_total", *place] == 0.75
    assert got["gmn_llm_failures_total", "a#1", "RateLimitError", "m", "a"] == 1
    assert got["gmn_llm_consecutive_failures", *place] == 2
    assert got["gmn_llm_healthy", *place] == 0
    assert got["gmn_llm_in_use", *place] == 1


def test_the_latency_is_a_summary() -> None:
    """It has quantiles of the newest successes, and the count and the sum of all."""
    text = metrics_text(seen().report(["a"], MODELS))
    got = samples(text)

    assert "# TYPE gmn_llm_latency_seconds summary" in text
    assert got["gmn_llm_latency_seconds", "a#1", "m", "a", "0.5"] == 0.25
    assert got["gmn_llm_latency_seconds", "a#1", "m", "a", "0.95"] == 0.75
    assert got["gmn_llm_latency_seconds_count", "a#1", "m", "a"] == 2
    assert got["gmn_llm_latency_seconds_sum", "a#1", "m", "a"] == 1.0


def test_hits_of_the_cache_belong_to_the_provider() -> None:
    """No deployment answered them, so they have none."""
    view = seen()
    view.record_hit("a")

    assert samples(metrics_text(view.report(["a"], MODELS)))["gmn_llm_cache_hits_total", "a"] == 1


def test_a_cooldown_has_its_end() -> None:
    """While a deployment is left alone the time of its end is there, and it is not available."""
    view = HealthView()
    until = 4_000_000_000.0
    got = samples(metrics_text(view.report(["a"], {"a": Standing(deployments={"a#1": "m"}, cooling={"a#1": until})})))

    assert got["gmn_llm_cooldown_end_timestamp_seconds", "a#1", "m", "a"] == until
    assert got["gmn_llm_available", "a#1", "m", "a"] == 0


def test_what_is_left_of_rate_limits_is_there() -> None:
    """What the provider said last of its limits is a gauge for each kind."""
    view = HealthView()
    view.record(outcome(headroom={"remaining_requests": 99.0}))

    got = samples(metrics_text(view.report(["a"], MODELS)))
    assert got["gmn_llm_rate_limit", "a#1", "remaining_requests", "m", "a"] == 99


def test_a_provider_that_was_never_asked_is_there() -> None:
    """A configured provider has its availability before the first request, and no quantiles."""
    view = HealthView()
    got = samples(metrics_text(view.report(["b"], {"b": Standing(deployments={"b#1": "m"}, missing="no key")})))

    assert got["gmn_llm_available", "b#1", "m", "b"] == 0
    assert not [key for key in got if key[0] == "gmn_llm_latency_seconds"]


def test_a_provider_that_can_not_be_built_is_there() -> None:
    """One without deployments has a row of its own, whose deployment and model are empty."""
    got = samples(metrics_text(HealthView().report(["b"], {"b": Standing(missing="no key")})))

    assert got["gmn_llm_available", "", "", "b"] == 0


def test_names_follow_the_conventions() -> None:
    """Every metric begins with the package's name, counters end in total, and times are in seconds."""
    from prometheus_client.core import Metric

    registry = CollectorRegistry()
    register_collector(Checked(seen()), registry)
    metrics: list[Metric] = list(registry.collect())

    assert all(metric.name.startswith("gmn_llm_") for metric in metrics)
    assert all(sample.name.endswith("_total") for each in metrics if each.type == "counter" for sample in each.samples)
    assert [each.name for each in metrics if each.name.endswith(("_ms", "_milliseconds", "_minutes"))] == []
    assert {each.documentation for each in metrics} == {each.documentation for each in metrics if each.documentation}


def test_a_registry_reads_the_figures_when_it_is_scraped() -> None:
    """A registered factory needs no updating, and is gone when it is taken out."""
    view, registry = seen(), CollectorRegistry()
    remove = register_collector(Checked(view), registry)

    assert samples(generate_latest(registry).decode())["gmn_llm_requests_total", "a#1", "m", "a"] == 5
    view.record(outcome())
    assert samples(generate_latest(registry).decode())["gmn_llm_requests_total", "a#1", "m", "a"] == 6
    remove()
    assert generate_latest(registry) == b""


async def test_a_factory_is_scraped_within_its_own_event_loop() -> None:
    """Where the loop runs, as in a web server, a scrape in it works all the same."""
    registry = CollectorRegistry()
    async with create_llm_factory({"provider": "mock"}) as factory:
        remove = register_collector(factory, registry)
        await factory.generate_gmn("a 3x3 grid", use_cache=False)
        got = samples(generate_latest(registry).decode())
        remove()

    assert [value for key, value in got.items() if key[0] == "gmn_llm_successes_total"] == [1]


async def test_a_router_is_scraped_from_another_thread(wire: WireServer) -> None:
    """With an open Router too, its cooldowns included, the figures are those of the server."""
    wire.script([Step(fault=Fault.SERVER_ERROR, times=2)], deployment="openai")
    registry = CollectorRegistry()
    config = {"provider": "openai", "openai": section(wire, "openai", max_retries=0)}
    async with create_llm_factory(config) as factory:
        for _ in range(2):
            with pytest.raises(ProviderUnavailableError):
                await factory.generate([{"role": "user", "content": "the secret question"}])
        remove = register_collector(factory, registry)
        text = (await asyncio.to_thread(generate_latest, registry)).decode()
        remove()

    got = samples(text)
    place = ("openai/gpt-4o#1", "gpt-4o", "openai")
    assert got["gmn_llm_requests_total", *place] == len(wire.requests()) == 2
    assert got["gmn_llm_failures_total", "openai/gpt-4o#1", "ProviderUnavailableError", "gpt-4o", "openai"] == 2
    assert got["gmn_llm_available", *place] == 0
    assert got["gmn_llm_cooldown_end_timestamp_seconds", *place] > 1.7e9
    assert "secret" not in text
    assert wire.openai_key not in text


def test_two_factories_do_not_share_a_registry() -> None:
    """A second one would give every name twice, so the registry refuses it."""
    registry = CollectorRegistry()
    register_collector(Checked(seen()), registry)

    with pytest.raises(ValueError, match="Duplicated"):
        register_collector(Checked(seen()), registry)


def test_messages_get_into_no_metric() -> None:
    """What a failed attempt says, which may quote an answer, is in no sample."""
    view = HealthView()
    attempt = Attempt(provider="a", deployment="a#1", error="RateLimitError", message="the secret answer")
    view.record(Outcome(attempt=attempt))

    assert "secret" not in metrics_text(view.report(["a"], {}))


def test_without_the_package_the_error_names_the_extra() -> None:
    """Where prometheus-client is not installed the ImportError says what to install."""
    script = (
        "import sys; sys.modules['prometheus_client'] = None\n"
        "from gmn_llm.health.prometheus import metrics_text\n"
        "try:\n    metrics_text({'providers': {}})\n"
        "except ImportError as error:\n    print(error)"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert "pip install 'gmn-llm[prometheus]'" in run.stdout
