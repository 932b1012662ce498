"""Asking a model for all documents of a suite, and judging each."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from gmn_llm.batch import AT_ONCE, TIMEOUT, Done, Job, Maker, generated
from gmn_llm.errors import AuthenticationError, GMNValidationError, LLMError
from gmn_llm.evaluation.expectation import Expectation, Verdict
from gmn_llm.evaluation.view import View

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from gmn_llm.evaluation.suite import Prompt, Suite
    from gmn_llm.gmn import GMNSpec

__all__ = ["GIVE_UP", "Case", "evaluated", "judged"]

Verdicts: TypeAlias = tuple[tuple[Expectation, Verdict], ...]
GIVE_UP = 10
"""So many prompts that nobody answered, and not one that somebody did, and the rest is not asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What came of one prompt.

    Attributes:
        prompt: The prompt.
        spec: The document, or None.
        error: Why there is none, or None.
        seconds: Wall time of the call.
        verdicts: For each expectation what is there; without a document none is met.
    """

    prompt: Prompt
    spec: GMNSpec | None = None
    error: LLMError | None = None
    seconds: float = 0.0
    verdicts: Verdicts = ()

    @property
    def answered(self) -> bool:
        """Whether a model wrote anything, be it valid or not."""
        return self.spec is not None or isinstance(self.error, GMNValidationError)

    @property
    def met(self) -> int:
        """How many expectations are met."""
        return sum(verdict.met for _, verdict in self.verdicts)


def judged(prompt: Prompt, spec: GMNSpec) -> Verdicts:
    """Return for each expectation of a prompt whether a valid document meets it, and what is there."""
    view = View.of(spec)
    return tuple((expectation, expectation.verdict(view)) for expectation in prompt.expect)


async def evaluated(
    maker: Maker,
    suite: Suite,
    *,
    concurrency: int = AT_ONCE,
    timeout: float = TIMEOUT,  # noqa: ASYNC109  # the deadline of each prompt
    use_cache: bool = False,
) -> AsyncGenerator[Case, None]:
    """Yield what comes of each prompt, as it comes; the cache is left alone, so that the model is what is scored.

    Where nobody answers the first ``GIVE_UP`` prompts the rest is not asked.

    Args:
        maker: A provider.
        suite: The prompts.
        concurrency: How many are asked at once at most.
        timeout: Seconds for each.
        use_cache: Whether the cache is read and written.

    Raises:
        AuthenticationError: The provider refuses the key; no prompt would be answered.
    """
    jobs = [Job(prompt=p.prompt, agent_type=p.agent_type, constraints=p.constraints) for p in suite.prompts]
    refused = 0
    running = generated(maker, jobs, concurrency=concurrency, timeout=timeout, use_cache=use_cache)
    async with aclosing(running) as results:
        async for done in results:
            if isinstance(done.error, AuthenticationError):
                raise done.error
            case = _case(suite.prompts[done.place], done)
            yield case
            refused = -len(jobs) if case.answered else refused + 1
            if refused >= GIVE_UP:
                return


def _case(prompt: Prompt, done: Done) -> Case:
    if done.spec is None:
        missing = Verdict(met=False, found=f"no document: {type(done.error).__name__}")
        verdicts: Verdicts = tuple((expectation, missing) for expectation in prompt.expect)
    else:
        verdicts = judged(prompt, done.spec)
    return Case(prompt=prompt, spec=done.spec, error=done.error, seconds=done.seconds, verdicts=verdicts)
