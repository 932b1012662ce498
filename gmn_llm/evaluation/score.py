"""What a run comes to: shares by kind, repairs, tokens, money, time, and what was missed."""

from __future__ import annotations

import statistics
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gmn_llm.messages import Usage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gmn_llm.evaluation.running import Case
    from gmn_llm.evaluation.suite import Suite

__all__ = ["Score", "Share"]


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    met: int
    of: int

    @property
    def share(self) -> float | None:
        """From 0 to 1, or None of nothing."""
        return round(self.met / self.of, 4) if self.of else None

    def as_dict(self) -> dict[str, object]:
        """Return it for JSON."""
        return {"met": self.met, "of": self.of, "share": self.share}


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A run over a suite, or over the first part of one.

    Attributes:
        suite: The prompts.
        provider: Who was asked first.
        model: That provider's model.
        cases: What came of the prompts that were asked.
        interrupted: Whether somebody stopped it.
    """

    suite: Suite
    provider: str
    model: str
    cases: Sequence[Case]
    interrupted: bool = False

    @property
    def failed(self) -> bool:
        """Whether nobody answered a single prompt."""
        return bool(self.cases) and not any(case.answered for case in self.cases)

    @property
    def valid(self) -> Share:
        """Prompts that ended with a valid document."""
        return Share(sum(case.spec is not None for case in self.cases), len(self.cases))

    @property
    def expectations(self) -> Share:
        """Expectations that are met; where there is no document, none of its prompt's is."""
        return _met(self.cases)

    @property
    def prompts(self) -> Share:
        """Prompts of which all expectations are met."""
        return Share(sum(case.met == len(case.verdicts) for case in self.cases), len(self.cases))

    @property
    def kinds(self) -> dict[str, tuple[Share, Share, Share]]:
        """For each kind, in the order of the suite, valid documents, expectations and whole prompts met."""
        result = {}
        for kind in dict.fromkeys(prompt.kind for prompt in self.suite.prompts):
            part = Score(
                suite=self.suite,
                provider=self.provider,
                model=self.model,
                cases=[case for case in self.cases if case.prompt.kind == kind],
            )
            result[kind] = (part.valid, part.expectations, part.prompts)
        return result

    @property
    def repairs(self) -> int:
        """How often a model was asked to mend its answer, in the documents there are."""
        return sum(case.spec.provenance.repairs for case in self.cases if case.spec and case.spec.provenance)

    @property
    def usage(self) -> Usage:
        """Tokens and money over all attempts, those that came to nothing included."""
        total = Usage()
        for case in self.cases:
            if case.spec is not None and case.spec.provenance is not None:
                total += case.spec.provenance.usage
            elif case.error is not None and case.error.usage is not None:
                total += case.error.usage
        return total

    @property
    def answered_by(self) -> dict[str, int]:
        """How many documents each provider and model wrote; a fallback shows here."""
        wrote = (case.spec.provenance for case in self.cases if case.spec is not None)
        return dict(Counter(f"{p.provider} ({p.model})" if p.model else p.provider for p in wrote if p is not None))

    @property
    def latency(self) -> dict[str, float] | None:
        """Seconds from the call to its end: mean, median, 95th percentile and most; None where nothing was asked."""
        times = sorted(case.seconds for case in self.cases)
        if not times:
            return None
        return {
            "mean": round(statistics.fmean(times), 3),
            "median": round(statistics.median(times), 3),
            "p95": round(times[min(len(times) - 1, round(0.95 * len(times)))], 3),
            "max": round(times[-1], 3),
        }

    def as_dict(self) -> dict[str, object]:
        """Return the score for JSON; see the documentation of ``gmn-llm evaluate`` for its shape."""
        usage = self.usage
        return {
            "suite": {"name": self.suite.name, "version": self.suite.version, "prompts": len(self.suite.prompts)},
            "provider": self.provider,
            "model": self.model,
            "answered_by": self.answered_by,
            "interrupted": self.interrupted,
            "asked": len(self.cases),
            "valid": self.valid.as_dict(),
            "expectations": self.expectations.as_dict(),
            "prompts": self.prompts.as_dict(),
            "kinds": {
                kind: {"valid": valid.as_dict(), "expectations": met.as_dict(), "prompts": whole.as_dict()}
                for kind, (valid, met, whole) in self.kinds.items()
            },
            "repairs": self.repairs,
            "tokens": {"prompt": usage.prompt_tokens, "completion": usage.completion_tokens},
            "cost": usage.cost,
            "latency": self.latency,
            "failures": [_failure(case) for case in self._in_order() if case.met < len(case.verdicts)],
        }

    def _in_order(self) -> list[Case]:
        places = {prompt.id: place for place, prompt in enumerate(self.suite.prompts)}
        return sorted(self.cases, key=lambda case: places[case.prompt.id])


def _met(cases: Sequence[Case]) -> Share:
    return Share(sum(case.met for case in cases), sum(len(case.verdicts) for case in cases))


def _failure(case: Case) -> dict[str, object]:
    error = None if case.error is None else {"kind": type(case.error).__name__, "message": str(case.error)}
    return {
        "id": case.prompt.id,
        "kind": case.prompt.kind,
        "prompt": case.prompt.prompt,
        "error": error,
        "missed": [
            {"expected": str(expectation), "found": verdict.found}
            for expectation, verdict in case.verdicts
            if not verdict.met
        ],
    }
