"""Drives the making of a document over a chain of model groups, against one deadline and one budget."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING

from gmn_llm.deadline import Deadline
from gmn_llm.errors import GMNValidationError, LLMError, ProviderTimeoutError
from gmn_llm.generation.budget import Budget, Ledger
from gmn_llm.generation.making import Made, making
from gmn_llm.generation.telling import Telling
from gmn_llm.provenance import Provenance
from gmn_llm.tracing import span

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from gmn_llm.findings import Finding
    from gmn_llm.generation.budget import Price
    from gmn_llm.generation.events import Tell
    from gmn_llm.generation.task import Task
    from gmn_llm.gmn import GMNSpec
    from gmn_llm.messages import CompletionRequest, Gateway, LLMResponse

__all__ = ["drive"]


async def drive(
    task: Task,
    gateway: Gateway,
    *,
    groups: Sequence[str],
    fall_over: bool,
    timeout: float,  # noqa: ASYNC109  # one deadline over many requests
    max_cost: float | None = None,
    max_total_tokens: int | None = None,
    prices: Callable[[], Awaitable[Mapping[str, Price]]] | None = None,
    tell: Tell | None = None,
) -> GMNSpec:
    """Return a valid document, from the first group that can make one.

    A group whose model can't write a valid document is a reason to fall over, as a failure of its provider is, also
    one in the midst of its repairs. While there are groups left, repairs get a share of the time, so that some is
    left for these.

    Args:
        task: What is to be made.
        gateway: Who answers.
        groups: The chain, first asked first.
        fall_over: Whether the groups after the first may be asked.
        timeout: Seconds for everything together.
        max_cost: US dollars for everything together; see ``Ledger`` for when it holds.
        max_total_tokens: Tokens, read and written, for everything together.
        prices: Tells what the tokens of a group cost, as far as that is known; asked only where ``max_cost`` is set.
        tell: Hears each step as it happens; answers are then asked for piece by piece.

    Raises:
        GMNValidationError: A model answered, and none wrote a valid document, or the budget was spent.
        LLMError: No model answered; one of its subclasses.
    """
    clock = asyncio.get_running_loop().time
    started = clock()
    known: Mapping[str, Price] = {}
    if max_cost is not None and prices is not None:
        known = await Deadline(timeout).bound(prices(), doing="what an answer costs was still being looked up")
    ledger = Ledger(Budget(cost=max_cost, tokens=max_total_tokens), known)
    telling = Telling(task, tell) if tell is not None else None
    left = list(groups if fall_over else groups[:1])
    invalid: GMNValidationError | None = None
    failed: LLMError | None = None
    while left:
        run = _Run(task, gateway, ledger, deadline=started + timeout, chain=left, telling=telling)
        try:
            made, response = await run.through()
        except GMNValidationError as error:
            # One that nobody wrote a draft for (the budget was spent before) says less than the one before it.
            invalid = error if invalid is None or error.findings else invalid
            left = run.left
        except LLMError as error:
            ledger.add_failure(error)
            failed = error
            left = run.left if run.has_answered or run.is_alone else []
        else:
            return made.spec.told(provenance=_provenance(task, made, response, ledger, clock() - started))
    worst = invalid or failed
    if worst is None:
        raise AssertionError("a chain has at least one group")
    raise ledger.close(worst)


class _Run:
    """One making, with whichever group of a chain answers first."""

    def __init__(
        self,
        task: Task,
        gateway: Gateway,
        ledger: Ledger,
        *,
        deadline: float,
        chain: Sequence[str],
        telling: Telling | None,
    ) -> None:
        self.task = task
        self.gateway = gateway
        self.ledger = ledger
        self.deadline = deadline
        self.chain = chain
        self.telling = telling
        self.group = chain[0]
        self.has_answered = False
        self.is_alone = False
        self.round = 0

    @property
    def left(self) -> list[str]:
        """The groups after the one that answered."""
        return list(self.chain[self.chain.index(self.group) + 1 :]) if self.group in self.chain else []

    async def through(self) -> tuple[Made, LLMResponse]:
        """Return what was made and the last answer; repairs go to the group that answered."""
        if self.telling is not None:
            self.telling.starts_over()
        steps = making(self.task, told=self._repairs)
        request = next(steps)
        answer: LLMResponse | None = None
        try:
            while True:
                try:
                    answer = await self._asked(request)
                except LLMError as error:
                    if answer is None:
                        raise
                    self.ledger.add_failure(error)
                    request = steps.throw(error)
                    continue
                self.group, self.has_answered = answer.provider, True
                request = steps.send(answer)
        except StopIteration as done:
            if answer is None:
                raise AssertionError("nothing is made without an answer") from done
            return done.value, answer

    def _repairs(self, findings: Sequence[Finding]) -> None:
        self.round += 1
        if self.telling is not None:
            self.telling.repairs(findings)

    async def _asked(self, request: CompletionRequest) -> LLMResponse:
        left = self.deadline - asyncio.get_running_loop().time()
        if left <= 0:
            raise ProviderTimeoutError(
                "the deadline passed before the document was valid", hint="give it more time (timeout)"
            )
        if self.has_answered:
            left /= len(self.left) + 1
        fall_over = not self.has_answered and len(self.chain) > 1
        if fall_over and not self.ledger.fits(request, groups=self.chain):
            # The budget does for some of them only: each is asked by itself, as far as it goes.
            fall_over, self.is_alone = False, True
        groups = self.chain if fall_over else (self.group,)
        fitted = replace(self.ledger.fitted(request, groups=groups), timeout=left)
        with span("gmn_llm.repair" if self.round else "gmn_llm.ask", {"gmn_llm.round": self.round or None}):
            answer = await self._answered(fitted, fall_over=fall_over)
        self.ledger.add(answer)
        return answer

    async def _answered(self, request: CompletionRequest, *, fall_over: bool) -> LLMResponse:
        if self.telling is None:
            return await self.gateway.complete(request, group=self.group, fall_over=fall_over)
        self.telling.asks(self.group)
        async with aclosing(self.gateway.stream(request, group=self.group, fall_over=fall_over)) as deltas:
            async for delta in deltas:
                if delta.response is not None:
                    return delta.response
                self.telling.hears(delta)
                # Pieces that came together are read without waiting; who listens hears each in its turn all the same.
                await asyncio.sleep(0)
        raise AssertionError("a stream ends with its response, or raises")


def _provenance(task: Task, made: Made, response: LLMResponse, ledger: Ledger, seconds: float) -> Provenance:
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
