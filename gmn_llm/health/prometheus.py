"""The health report as Prometheus metrics (extra ``prometheus``).

The figures are read when they are scraped, so nothing is kept twice. Labels are the names of providers, deployments,
models and error classes only: no prompt, no answer and no key can get into a metric. Names follow Prometheus'
conventions for units and counters (https://prometheus.io/docs/practices/naming/).
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from prometheus_client import CollectorRegistry
    from prometheus_client.metrics_core import Metric

__all__ = ["Checked", "metrics_text", "register_collector"]

DEPLOYMENT: Final = ("provider", "deployment", "model")
PROVIDER: Final = ("provider",)


class Checked(Protocol):
    """What has a health check: a factory."""

    async def health_check(self) -> Mapping[str, Any]:
        """Return the report."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """One metric.

    Attributes:
        name: Without ``_total``.
        words: What it is.
        key: Where the report has it.
        counts: Whether it only grows.
        labels: Its labels.
        time: Whether the report has it as a time in ISO 8601.
    """

    name: str
    words: str
    key: str
    counts: bool = False
    labels: tuple[str, ...] = DEPLOYMENT
    time: bool = False


KINDS: Final = (
    _Kind(name="requests", words="Requests that went to the provider and ended.", key="requests", counts=True),
    _Kind(name="successes", words="Requests that were answered.", key="successes", counts=True),
    _Kind(name="cancelled", words="Requests that the caller ended.", key="cancelled", counts=True),
    _Kind(
        name="retried_simpler",
        words="Requests that were refused for a parameter and asked again without it.",
        key="retried_simpler",
        counts=True,
    ),
    _Kind(name="prompt_tokens", words="Tokens read by the models.", key="prompt_tokens", counts=True),
    _Kind(name="completion_tokens", words="Tokens written by the models.", key="completion_tokens", counts=True),
    _Kind(name="cost_usd", words="US dollars; left out where a price is not known.", key="cost", counts=True),
    _Kind(
        name="rejected",
        words="Calls that ended without a request: a limit was full, or it was left alone.",
        key="rejected",
        counts=True,
    ),
    _Kind(
        name="cache_hits",
        words="Calls that were answered out of the prompt cache.",
        key="cached",
        counts=True,
        labels=PROVIDER,
    ),
    _Kind(name="available", words="1 where it can be used: it has its key and does not cool down.", key="available"),
    _Kind(name="healthy", words="1 where the last request did not fail.", key="healthy"),
    _Kind(name="in_use", words="1 for the one that answered last.", key="in_use"),
    _Kind(name="consecutive_failures", words="Failures since the last success.", key="consecutive_failures"),
    _Kind(
        name="cooldown_end_timestamp_seconds",
        words="Until when it is left alone, since the epoch; left out where it is not.",
        key="cooling_until",
        time=True,
    ),
    _Kind(
        name="last_success_timestamp_seconds",
        words="When it last answered, since the epoch.",
        key="last_success",
        time=True,
    ),
    _Kind(
        name="last_failure_timestamp_seconds",
        words="When it last failed, since the epoch.",
        key="last_failure",
        time=True,
    ),
)
LATENCY: Final = "gmn_llm_latency_seconds"
FIRST_TEXT: Final = "gmn_llm_time_to_first_text_seconds"
QUANTILES: Final = {"0.5": "p50", "0.95": "p95"}


class _Collector:
    """What a registry asks for its metrics.

    Args:
        report: Gives the report.
    """

    def __init__(self, report: Callable[[], Mapping[str, Any]]) -> None:
        self._report = report

    def describe(self) -> Iterator[Metric]:
        """Yield every metric without samples, by which a registry knows of names that are taken."""
        return _metrics({"providers": {}})

    def collect(self) -> Iterator[Metric]:
        """Yield every metric, with a sample for each provider or deployment."""
        return _metrics(self._report())


def register_collector(factory: Checked, registry: CollectorRegistry | None = None) -> Callable[[], None]:
    """Make a factory's figures part of a registry, and return a function that takes them out again.

    Each scrape reads them anew, from whichever thread. A registry holds one factory's; for a second one make another
    registry.

    Args:
        factory: Whose ``health_check`` is read.
        registry: Where to register; the default registry of ``prometheus_client`` unless given.

    Raises:
        ImportError: ``prometheus-client`` is not installed; the message names the extra.
        ValueError: The registry has these metrics already.
    """
    client = _client()
    collector, place = _Collector(lambda: _checked(factory)), client.REGISTRY if registry is None else registry
    place.register(collector)
    return lambda: place.unregister(collector)


def metrics_text(report: Mapping[str, Any]) -> str:
    """Return the figures of one report in Prometheus' text format.

    Args:
        report: What ``health_check`` has returned.

    Raises:
        ImportError: ``prometheus-client`` is not installed; the message names the extra.
    """
    client = _client()
    registry = client.CollectorRegistry()
    registry.register(_Collector(lambda: report))
    text: bytes = client.generate_latest(registry)
    return text.decode()


def _checked(factory: Checked) -> Mapping[str, Any]:
    """Return the report from a thread with an event loop of its own, for the caller's may be running."""
    with ThreadPoolExecutor(1, "gmn-llm-metrics") as pool:
        return pool.submit(asyncio.run, factory.health_check()).result()


def _client() -> Any:
    try:
        import prometheus_client
    except ImportError as error:
        raise ImportError("Prometheus metrics need the extra: pip install 'gmn-llm[prometheus]'") from error
    return prometheus_client


def _metrics(report: Mapping[str, Any]) -> Iterator[Metric]:
    for kind in KINDS:
        yield _metric(kind, report)
    yield _failures(report)
    yield from _rate_limits(report)
    yield _latency(report)
    yield _first_text(report)


def _metric(kind: _Kind, report: Mapping[str, Any]) -> Metric:
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

    family = CounterMetricFamily if kind.counts else GaugeMetricFamily
    metric = family(f"gmn_llm_{kind.name}", kind.words, labels=kind.labels)
    for labels, figures in _rows(report, kind.labels):
        value = figures.get(kind.key)
        if value is not None:
            number = datetime.fromisoformat(value).timestamp() if kind.time else float(value)
            metric.add_metric(labels, number)
    return metric


def _failures(report: Mapping[str, Any]) -> Metric:
    from prometheus_client.core import CounterMetricFamily

    labels = (*DEPLOYMENT, "error")
    metric = CounterMetricFamily("gmn_llm_failures", "Requests that failed, by class.", labels=labels)
    for values, figures in _rows(report, DEPLOYMENT):
        for error, count in figures["failures"].items():
            metric.add_metric((*values, error), float(count))
    return metric


def _rate_limits(report: Mapping[str, Any]) -> Iterator[Metric]:
    from prometheus_client.core import GaugeMetricFamily

    metric = GaugeMetricFamily(
        "gmn_llm_rate_limit", "What the provider said of its rate limits.", labels=(*DEPLOYMENT, "kind")
    )
    for values, figures in _rows(report, DEPLOYMENT):
        for kind, value in figures["rate_limit"].items():
            metric.add_metric((*values, kind), float(value))
    yield metric


def _latency(report: Mapping[str, Any]) -> Metric:
    """Return the latencies as a summary; its quantiles are those of the newest successes."""
    from prometheus_client.core import Metric

    metric = Metric(LATENCY, "Seconds that successes took.", "summary")
    for values, figures in _rows(report, DEPLOYMENT):
        labels = dict(zip(DEPLOYMENT, values, strict=True))
        for quantile, key in QUANTILES.items():
            if figures["latency"][key] is not None:
                metric.add_sample(LATENCY, {**labels, "quantile": quantile}, figures["latency"][key])
        metric.add_sample(f"{LATENCY}_count", labels, float(figures["successes"]))
        metric.add_sample(f"{LATENCY}_sum", labels, (figures["average_latency"] or 0.0) * figures["successes"])
    return metric


def _first_text(report: Mapping[str, Any]) -> Metric:
    from prometheus_client.core import GaugeMetricFamily

    words = "Seconds to the first text of the newest streams."
    metric = GaugeMetricFamily(FIRST_TEXT, words, labels=(*DEPLOYMENT, "quantile"))
    for values, figures in _rows(report, DEPLOYMENT):
        for quantile, key in QUANTILES.items():
            if figures["latency"][f"first_text_{key}"] is not None:
                metric.add_metric((*values, quantile), figures["latency"][f"first_text_{key}"])
    return metric


def _rows(report: Mapping[str, Any], labels: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
    """Yield labels and figures: of each provider, or of each deployment.

    A provider without deployments, which can't be used, has one row whose deployment and model are empty.
    """
    for provider, figures in report["providers"].items():
        if labels == PROVIDER:
            yield (provider,), figures
            continue
        for deployment, own in figures["deployments"].items():
            yield (provider, deployment, own["model"]), own
        if not figures["deployments"]:
            yield (provider, "", ""), figures
