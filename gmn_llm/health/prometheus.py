"""The health view as Prometheus metrics (extra ``prometheus``).

The figures are read when they are scraped, so nothing is kept twice. Labels are names of providers and deployments
only: no prompt, no answer and no key can get into a metric. Names follow Prometheus' conventions for units and
counters (https://prometheus.io/docs/practices/naming/).
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from gmn_llm.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from prometheus_client import CollectorRegistry
    from prometheus_client.metrics_core import Metric

__all__ = ["metrics_text", "register_collector"]

LABELS: Final = ("provider", "deployment")
COUNTERS: Final = {
    "requests": ("gmn_llm_attempts", "Attempts that ended, in whichever way."),
    "successes": ("gmn_llm_successes", "Attempts that answered."),
    "cancelled": ("gmn_llm_cancelled", "Attempts that the caller ended."),
    "prompt_tokens": ("gmn_llm_prompt_tokens", "Tokens read by the models."),
    "completion_tokens": ("gmn_llm_completion_tokens", "Tokens written by the models."),
    "cost": ("gmn_llm_cost_usd", "US dollars, as far as prices are known."),
}
GAUGES: Final = {
    "available": ("gmn_llm_available", "1 where it can be used: credentials are there and it does not cool down."),
    "healthy": ("gmn_llm_healthy", "1 where the last attempt did not fail."),
    "consecutive_failures": ("gmn_llm_consecutive_failures", "Failures since the last success."),
}
TIMES: Final = {
    "last_success": ("gmn_llm_last_success_timestamp_seconds", "When it last answered, in seconds since the epoch."),
    "last_failure": ("gmn_llm_last_failure_timestamp_seconds", "When it last failed, in seconds since the epoch."),
}
SHARES: Final = {"p50": "0.5", "p95": "0.95"}


class _Collector:
    """What a registry asks for its metrics.

    Args:
        report: Gives the report of a ``HealthView``.
    """

    def __init__(self, report: Callable[[], Mapping[str, Any]]) -> None:
        self._report = report

    def collect(self) -> Iterator[Metric]:
        """Yield every metric, with a sample for each deployment."""
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        rows = list(_rows(self._report()))
        for key, (name, words) in COUNTERS.items():
            counter = CounterMetricFamily(name, words, labels=LABELS)
            for labels, figures in rows:
                if figures[key] is not None:
                    counter.add_metric(labels, float(figures[key]))
            yield counter
        failures = CounterMetricFamily("gmn_llm_failures", "Attempts that failed, by class.", labels=(*LABELS, "error"))
        latency = GaugeMetricFamily(
            "gmn_llm_latency_seconds", "Latency of the newest successes.", labels=(*LABELS, "quantile")
        )
        for labels, figures in rows:
            for error, count in figures["failures"].items():
                failures.add_metric((*labels, error), float(count))
            for key, share in SHARES.items():
                if figures["latency"][key] is not None:
                    latency.add_metric((*labels, share), figures["latency"][key])
        yield failures
        yield latency
        for key, (name, words) in (GAUGES | TIMES).items():
            gauge = GaugeMetricFamily(name, words, labels=LABELS)
            for labels, figures in rows:
                value = figures[key]
                if value is not None:
                    gauge.add_metric(labels, _seconds(value) if key in TIMES else float(value))
            yield gauge


def register_collector(
    report: Callable[[], Mapping[str, Any]], registry: CollectorRegistry | None = None
) -> Callable[[], None]:
    """Make the figures part of a registry, and return a function that takes them out again.

    Args:
        report: Gives what ``factory.health_check()`` came to last, or ``HealthView.report``.
        registry: Where to register; the default registry of ``prometheus_client`` unless given.

    Raises:
        InputError: ``prometheus-client`` is not installed.
    """
    client = _client()
    collector, place = _Collector(report), client.REGISTRY if registry is None else registry
    place.register(collector)
    return lambda: place.unregister(collector)


def metrics_text(report: Mapping[str, Any]) -> str:
    """Return the figures of one report in Prometheus' text format.

    Raises:
        InputError: ``prometheus-client`` is not installed.
    """
    client = _client()
    registry = client.CollectorRegistry()
    registry.register(_Collector(lambda: report))
    text: bytes = client.generate_latest(registry)
    return text.decode()


def _client() -> Any:
    try:
        import prometheus_client
    except ImportError as error:
        raise InputError(
            "Prometheus metrics need the package prometheus-client", hint="pip install 'gmn-llm[prometheus]'"
        ) from error
    return prometheus_client


def _rows(report: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str], Mapping[str, Any]]]:
    """Yield labels and figures of each deployment; a provider that was never asked has a row without a deployment."""
    for provider, figures in report["providers"].items():
        deployments = figures["deployments"] or {"": figures}
        for deployment, own in deployments.items():
            yield (provider, deployment), own


def _seconds(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()
