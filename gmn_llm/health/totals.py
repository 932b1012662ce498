"""Figures that can be added up: of one deployment or provider, and of all of a process, as values and as JSON text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Self

__all__ = ["Sheet", "Totals", "added", "differences", "laid_over", "read", "sheet_of", "written"]

COUNTS: Final = (
    "requests", "successes", "cancelled", "retried_simpler", "rejected", "cached", "prompt_tokens",
    "completion_tokens",
)  # fmt: skip
VERSION: Final = 1
"""Of the text; one that is written otherwise gets another."""
PERCENTILES: Final = ("p50", "p95", "first_text_p50", "first_text_p95")
WHOLE: Final = ""
"""What stands for a provider as a whole among its deployments."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Sums since the beginning.

    Attributes:
        counts: How often each of ``COUNTS`` happened.
        failures: Failures by the name of our error class.
        seconds: Wall time of the successes.
        cost: US dollars; None where a price is not known.
        cost_at_least: US dollars of the answers whose price is known.
        consecutive_failures: Failures since the last success.
        last_success: When it last answered, in ISO 8601, UTC.
        last_failure: When it last failed.
        last_error: The class of that failure.
    """

    counts: Mapping[str, int] = field(default_factory=dict)
    failures: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    cost: float | None = 0.0
    cost_at_least: float = 0.0
    consecutive_failures: int = 0
    last_success: str | None = None
    last_failure: str | None = None
    last_error: str | None = None

    @classmethod
    def of(cls, figures: Mapping[str, Any]) -> Self:
        """Return the sums in the figures of a report."""
        return cls(
            counts={name: figures[name] for name in COUNTS if figures.get(name)},
            failures=dict(figures["failures"]),
            seconds=(figures["average_latency"] or 0.0) * figures["successes"],
            cost=figures["cost"],
            cost_at_least=figures["cost_at_least"],
            consecutive_failures=figures["consecutive_failures"],
            last_success=figures["last_success"],
            last_failure=figures["last_failure"],
            last_error=figures["last_error"],
        )

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Return what ``asdict`` has made JSON of.

        Raises:
            TypeError: It is of another form.
            ValueError: It has something that is no number where one belongs.
        """
        cost = value["cost"]
        return cls(
            counts={name: int(value["counts"][name]) for name in COUNTS if name in value["counts"]},
            failures={str(name): int(count) for name, count in value["failures"].items()},
            seconds=float(value["seconds"]),
            cost=None if cost is None else float(cost),
            cost_at_least=float(value.get("cost_at_least", cost or 0.0)),  # earlier versions do not write it
            consecutive_failures=int(value["consecutive_failures"]),
            **{name: _text(value[name]) for name in ("last_success", "last_failure", "last_error")},
        )

    @property
    def any(self) -> bool:
        """Whether anything was counted."""
        return any(self.counts.values())

    def plus(self, other: Totals) -> Totals:
        """Return both together.

        Failures in a row are added up where they came after the last success of both: which came between which, two
        processes do not tell each other.
        """
        success = _later(self.last_success, other.last_success)
        running = (each for each in (self, other) if _later(each.last_failure, success) != success)
        newest = other if _later(self.last_failure, other.last_failure) == other.last_failure else self
        return Totals(
            counts=_plus(self.counts, other.counts),
            failures=_plus(self.failures, other.failures),
            seconds=self.seconds + other.seconds,
            cost=None if self.cost is None or other.cost is None else self.cost + other.cost,
            cost_at_least=self.cost_at_least + other.cost_at_least,
            consecutive_failures=sum(each.consecutive_failures for each in running),
            last_success=success,
            last_failure=newest.last_failure,
            last_error=newest.last_error,
        )

    def minus(self, earlier: Totals) -> Totals:
        """Return what came after ``earlier``, which was a part of it; all of it where it was not.

        A view that has too many deployments lets go of one, which begins anew when it is asked again.
        """
        if any(self.counts.get(name, 0) < count for name, count in earlier.counts.items()):
            return self
        unknown = self.cost is None or earlier.cost is None
        same_row = self.last_success == earlier.last_success
        return Totals(
            counts={name: count - earlier.counts.get(name, 0) for name, count in self.counts.items()},
            failures={name: count - earlier.failures.get(name, 0) for name, count in self.failures.items()},
            seconds=max(self.seconds - earlier.seconds, 0.0),
            cost=None if unknown else (self.cost or 0.0) - (earlier.cost or 0.0),
            cost_at_least=max(self.cost_at_least - earlier.cost_at_least, 0.0),
            consecutive_failures=self.consecutive_failures - (earlier.consecutive_failures if same_row else 0),
            last_success=self.last_success,
            last_failure=self.last_failure,
            last_error=self.last_error,
        )


Sheet = Mapping[tuple[str, str], Totals]
"""Provider and deployment (empty for the provider as a whole) to what was counted."""


def sheet_of(report: Mapping[str, Any]) -> Sheet:
    """Return the sums in a report of ``HealthView``; who was never asked is left out."""
    found: dict[tuple[str, str], Totals] = {}
    for provider, figures in report["providers"].items():
        for deployment, own in ((WHOLE, figures), *figures["deployments"].items()):
            totals = Totals.of(own)
            if totals.any:
                found[provider, deployment] = totals
    return found


def added(*sheets: Sheet) -> Sheet:
    """Return all sheets together."""
    sums: dict[tuple[str, str], Totals] = {}
    for sheet in sheets:
        for place, totals in sheet.items():
            sums[place] = sums[place].plus(totals) if place in sums else totals
    return sums


def differences(sheet: Sheet, earlier: Sheet) -> Sheet:
    """Return what came to ``sheet`` after ``earlier``; places where nothing did are left out."""
    left = {place: totals.minus(earlier[place]) if place in earlier else totals for place, totals in sheet.items()}
    return {place: totals for place, totals in left.items() if totals.any}


def written(sheet: Sheet) -> str:
    """Return a sheet as JSON text: names of providers and deployments, numbers and times."""
    rows = [[provider, deployment, asdict(totals)] for (provider, deployment), totals in sheet.items()]
    return json.dumps({"version": VERSION, "rows": rows}, ensure_ascii=False)


def read(text: str) -> Sheet | None:
    """Return the sheet of a text, or None where it is none of ours."""
    try:
        value = json.loads(text, parse_constant=_refused)
        if value["version"] != VERSION:
            return None
        return {(str(name), str(deployment)): Totals.from_json(own) for name, deployment, own in value["rows"]}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError):
        return None


def laid_over(report: Mapping[str, Any], sheet: Sheet) -> dict[str, Any]:
    """Return a report with the figures of ``sheet`` in place of its own.

    Who can be used, and from when on, stays as this process sees it. Percentiles and the sliding window can't be
    added up: the first are None, the second is left out.
    """
    providers: dict[str, Mapping[str, Any]] = dict(report["providers"])
    for provider, _ in sheet:
        providers.setdefault(provider, {**STRANGER, "deployments": {}})
    return {**report, "providers": {name: _with_sums(name, own, sheet) for name, own in providers.items()}}


def _with_sums(name: str, own: Mapping[str, Any], sheet: Sheet) -> dict[str, Any]:
    """Return a provider's part of a report with other figures."""
    below = dict(own["deployments"])
    for provider, deployment in sheet:
        if provider == name and deployment != WHOLE:
            below.setdefault(deployment, {**STRANGER, "model": ""})
    deployments = {key: _replaced(figures, sheet.get((name, key), Totals())) for key, figures in below.items()}
    return _replaced(own, sheet.get((name, WHOLE), Totals())) | {"deployments": deployments}


def _replaced(own: Mapping[str, Any], totals: Totals) -> dict[str, Any]:
    return {key: value for key, value in own.items() if key != "window"} | _figures(own, totals)


STRANGER: Final[Mapping[str, Any]] = {
    "available": False,
    "cooling_until": None,
    "reason": "not configured here; another process uses it",
    "rate_limit": {},
    "in_use": False,
}


def _figures(own: Mapping[str, Any], totals: Totals) -> dict[str, Any]:
    probe = own.get("probe")
    successes = totals.counts.get("successes", 0)
    judged = successes + sum(totals.failures.values())
    return {
        **{name: totals.counts.get(name, 0) for name in COUNTS},
        "healthy": totals.consecutive_failures == 0 and (probe is None or probe["ok"]),
        "failures": dict(sorted(totals.failures.items())),
        "success_rate": 100.0 * successes / judged if judged else 100.0,
        "average_latency": totals.seconds / successes if successes else None,
        "cost": totals.cost,
        "cost_at_least": totals.cost_at_least,
        "latency": dict.fromkeys(PERCENTILES),
        "consecutive_failures": totals.consecutive_failures,
        "last_success": totals.last_success,
        "last_failure": totals.last_failure,
        "last_error": totals.last_error,
    }


def _plus(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    return {name: one.get(name, 0) + other.get(name, 0) for name in dict.fromkeys((*one, *other))}


def _later(one: str | None, other: str | None) -> str | None:
    """Return the later of two times; ISO 8601 in UTC sorts as it is written."""
    return max(filter(None, (one, other)), default=None)


def _refused(constant: str) -> float:
    raise ValueError(f"{constant} is no number of JSON")


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    raise TypeError(f"{type(value).__name__} where a text belongs")
