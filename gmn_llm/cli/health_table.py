"""A health report for people: a table on a terminal, and lines of fields elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from gmn_llm.findings import visible

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

__all__ = ["pictured", "plain", "remarks", "terminal"]

NONE: Final = "-"
STYLES: Final = {"ready": "green", "failing": "yellow", "cooling": "yellow", "unusable": "red"}
FIELDS: Final = (
    "provider", "deployment", "model", "state", "requests", "success_rate", "average_latency", "p95", "tokens",
    "cost", "cost_at_least", "last_success", "last_failure", "last_error", "reason", "probe", "probe_seconds",
)  # fmt: skip
WIDE: Final = (
    "provider", "model", "state", "requests", "success_rate", "average_latency", "p95", "tokens", "cost",
    "last_success", "last_failure",
)  # fmt: skip
NARROW: Final = ("provider", "state", "requests", "success_rate", "average_latency")
WIDE_FROM: Final = 110
"""Columns of a terminal from which on the table has all of its own."""
LEFT: Final = frozenset({"provider", "model", "state", "last_success", "last_failure"})
HEADS: Final = {
    "success_rate": "success", "average_latency": "mean", "last_success": "answered", "last_failure": "failed",
}  # fmt: skip


def plain(report: Mapping[str, Any]) -> str:
    """Return a line of fields, parted by tabs, for each provider and each deployment; the first line names them.

    A line of a provider as a whole has no deployment. What is not known is empty; numbers are in seconds, percent,
    tokens and US dollars, times in ISO 8601.
    """
    lines = ("\t".join(_field(row[name]) for name in FIELDS) for row in _rows(report))
    return "\n".join(("\t".join(FIELDS), *lines))


def pictured(report: Mapping[str, Any], *, width: int) -> RenderableType:
    """Return the report as a table, and below it what can't be used and what to do about it.

    Args:
        report: What ``health_check`` has returned.
        width: Columns of the terminal.
    """
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    columns = WIDE if width >= WIDE_FROM else NARROW
    for name in columns:
        table.add_column(HEADS.get(name, name), justify="left" if name in LEFT else "right", overflow="fold")
    now = datetime.now(UTC)
    for row in _shown_rows(report):
        cells = {name: _cell(name, row[name], now) for name in columns}
        if row["cost"] is None and row["cost_at_least"]:
            cells["cost"] = f">= ${row['cost_at_least']:.4f}"
        cells["provider"] = visible(f"  {row['deployment']}" if row["deployment"] else row["provider"])
        style = STYLES.get(row["state"].partition(" ")[0], "")
        table.add_row(*(Text(cells[name], style=style if name == "state" else "") for name in columns))
    below = [Text(words, style=style) for words, style in _verdicts(report)]
    below += [Text(words, style="dim") for words in remarks(report)]
    return Group(table, *([Text(""), *below] if below else []))


def terminal() -> Console:
    """Return standard output as a terminal; ``NO_COLOR`` and its width are minded."""
    from rich.console import Console

    return Console(file=sys.stdout, highlight=False, markup=False, emoji=False)


def _rows(report: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for provider, figures in report["providers"].items():
        below = figures["deployments"]
        models = ", ".join(dict.fromkeys(own["model"] for own in below.values() if own["model"]))
        yield _row(provider, "", models, figures)
        for deployment, own in below.items():
            yield _row(provider, deployment, own["model"], own)


def _shown_rows(report: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the rows; the only deployment of a provider would say the same again."""
    for row in _rows(report):
        if not row["deployment"] or len(report["providers"][row["provider"]]["deployments"]) > 1:
            yield row


def _row(provider: str, deployment: str, model: str, figures: Mapping[str, Any]) -> dict[str, Any]:
    asked = figures["successes"] + sum(figures["failures"].values())
    probe = figures.get("probe") or {"message": None, "seconds": None}
    return {
        "provider": provider,
        "deployment": deployment,
        "model": model,
        "state": _state(figures),
        "requests": figures["requests"],
        "success_rate": figures["success_rate"] if asked else None,
        "average_latency": figures["average_latency"],
        "p95": figures["latency"]["p95"],
        "tokens": figures["prompt_tokens"] + figures["completion_tokens"],
        "cost": figures["cost"],
        "cost_at_least": figures["cost_at_least"],
        **{name: figures[name] for name in ("last_success", "last_failure", "last_error", "reason")},
        "probe": probe["message"],
        "probe_seconds": probe["seconds"],
    }


def _state(figures: Mapping[str, Any]) -> str:
    if not figures["available"]:
        cooling = figures["cooling_until"]
        return f"cooling until {cooling[11:19]} UTC" if cooling and "probe" not in figures else "unusable"
    words = "ready" if figures["healthy"] else "failing"
    return f"{words}, in use" if figures.get("in_use") else words


def _field(value: object) -> str:
    if value is None:
        return ""
    return visible(f"{value:.6g}" if isinstance(value, float) else str(value))


def _cell(name: str, value: Any, now: datetime) -> str:
    if value is None or value == "":
        return NONE
    if name in {"average_latency", "p95"}:
        return f"{value:.3g} s"
    if name in {"last_success", "last_failure"}:
        return _ago((now - datetime.fromisoformat(value)).total_seconds())
    words = {"success_rate": "{:.1f} %", "cost": "${:.4f}"}.get(name, "{}").format(value)
    return visible(words)


def _ago(seconds: float) -> str:
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size:.0f} {unit} ago"
    return f"{max(seconds, 0):.0f} s ago"


def remarks(report: Mapping[str, Any]) -> Iterator[str]:
    """Yield what there is to know of the whole report, in sentences."""
    yield from map(visible, report["notes"])
    shared = report.get("shared")
    if shared is not None and not shared["ok"]:
        yield visible(f"the figures are this process's own: {shared['message']}; {shared['hint']}")
    elif shared is not None:
        days = shared["retention_seconds"] // 86_400
        yield (
            f"the figures are those of all processes that share the Redis: {shared['processes']} that did not close, "
            f"and those that closed in the last {days} days"
        )
        if shared["message"]:
            yield shared["message"]
    elif not any(figures["requests"] for figures in report["providers"].values()):
        yield "this process made no calls; those of others are told of where a Redis is configured that they share"


def _verdicts(report: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield a sentence on each provider that can't be used or was asked, with its style."""
    for name, figures in report["providers"].items():
        probe = figures.get("probe")
        if figures["reason"]:
            yield visible(f"{name}: {figures['reason']}"), "red"
        elif probe is not None:
            yield visible(f"{name}: {probe['message']} ({probe['seconds']:.2f} s)"), "green"
