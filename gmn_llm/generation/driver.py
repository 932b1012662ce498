"""Drives the making of a document over a chain of model groups, against one deadline and one budget."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from gmn_llm.errors import GMNValidationError, LLMError, ProviderTimeoutError
from gmn_llm.generation.making import Made, making
from gmn_llm.messages import Attempt, CompletionRequest, Gateway, LLMResponse, Usage
from gmn_llm.provenance import Provenance

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gmn_llm.generation.task import Task
    from gmn_llm.gmn import GMNSpec

__all__ = ["drive"]


@dataclass
class _Ledger:
    """What was asked and what it cost, over all groups."""

    attempts: list[Attempt] = field(default_factory=list)
    usage: Usage = field(default_factory=Usage)

    def add(self, response: LLMResponse) -> None:
        self.attempts += response.attempts
        self.usage += response.usage


async def drive(
    task: Task,
    gateway: Gateway,
    *,
    groups: Sequence[str],
    fall_over: bool,
    timeout: float,  # noqa: ASYNC109  # one deadline over many requests
    max_cost: float | None = None,
) -> GMNSpec:
    """Return a valid document, from the first group that can make one.

    A group whose model can't write a valid document is a reason to fall over, as a failure of its provider is.

    Args:
        task: What is to be made.
        gateway: Who answers.
        groups: The chain, first asked first.
        fall_over: Whether the groups after the first may be asked.
        timeout: Seconds for everything together.
        max_cost: US dollars for everything together; past it no further question is asked.

    Raises:
        GMNValidationError: A model answered, and none wrote a valid document.
        LLMError: No model answered; one of its subclasses.
    """
    clock = asyncio.get_running_loop().time
    started = clock()
    ledger = _Ledger()
    left = list(groups if fall_over else groups[:1])
    invalid: GMNValidationError | None = None
    while left:
        run = _Run(task, gateway, ledger, deadline=started + timeout, max_cost=max_cost)
        try:
            made, response = await run.through(left[0], fall_over=fall_over and len(left) > 1)
        except GMNValidationError as error:
            if invalid is not None and not error.findings:  # the budget was spent before this group was asked
                break
            invalid = error
            left = left[left.index(run.group) + 1 :] if run.group in left else []
        except LLMError as error:
            ledger.attempts += error.attempts
            error.attempts, error.usage = tuple(ledger.attempts), ledger.usage
            if invalid is None:
                raise
            break
        else:
            return made.spec.told(provenance=_provenance(task, made, response, ledger, clock() - started))
    if invalid is None:
        raise AssertionError("a chain has at least one group")
    invalid.attempts, invalid.usage = tuple(ledger.attempts), ledger.usage
    raise invalid


class _Run:
    """One making, with whichever group answers first."""

    def __init__(
        self, task: Task, gateway: Gateway, ledger: _Ledger, *, deadline: float, max_cost: float | None
    ) -> None:
        self.task = task
        self.gateway = gateway
        self.ledger = ledger
        self.deadline = deadline
        self.max_cost = max_cost
        self.group = ""

    async def through(self, group: str, *, fall_over: bool) -> tuple[Made, LLMResponse]:
        """Return what was made and the last answer; repairs go to the group that answered."""
        steps = making(self.task)
        request, self.group = next(steps), group
        answer: LLMResponse | None = None
        try:
            while True:
                try:
                    answer = await self._asked(request, fall_over=fall_over)
                except LLMError as error:
                    if answer is None:
                        raise
                    self.ledger.attempts += error.attempts
                    error.attempts = ()
                    request = steps.throw(error)
                    continue
                self.group, fall_over = answer.provider, False
                request = steps.send(answer)
        except StopIteration as done:
            if answer is None:
                raise AssertionError("nothing is made without an answer") from done
            return done.value, answer

    async def _asked(self, request: CompletionRequest, *, fall_over: bool) -> LLMResponse:
        left = self.deadline - asyncio.get_running_loop().time()
        if left <= 0:
            raise ProviderTimeoutError(
                "the deadline passed before the document was valid", hint="give it more time (timeout)"
            )
        self._in_budget()
        answer = await self.gateway.complete(replace(request, timeout=left), group=self.group, fall_over=fall_over)
        self.ledger.add(answer)
        return answer

    def _in_budget(self) -> None:
        cost = self.ledger.usage.cost
        if self.max_cost is not None and cost is not None and cost > self.max_cost:
            raise GMNValidationError(
                f"the answers cost {cost:.4f} US dollars, over the budget of {self.max_cost:.4f}",
                hint="raise gmn.max_cost, or use a cheaper model",
            )


def _provenance(task: Task, made: Made, response: LLMResponse, ledger: _Ledger, seconds: float) -> Provenance:
    return Provenance(
        provider=response.provider,
        deployment=response.deployment,
        model=response.model,
        attempts=tuple(ledger.attempts),
        repairs=made.repairs,
        usage=ledger.usage,
        cost=ledger.usage.cost,
        latency=seconds,
        templates=task.templates,
    )
