"""What one document may take, in tokens and money, over all answers and all providers, and what it took so far.

It holds before a question is asked: the question is estimated, its answer gets no more room than there is left, and
where that is too little for any answer nobody is asked. Prices are known only by what earlier answers cost, so that
the very first answer may cost more than all there is.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from gmn_llm.errors import GMNValidationError
from gmn_llm.messages import Attempt, CompletionRequest, LLMResponse, Usage

if TYPE_CHECKING:
    from gmn_llm.errors import LLMError

__all__ = ["Budget", "Ledger"]

BYTES_PER_TOKEN = 3
"""Fewer than any usual tokenizer needs for English and JSON, so that an estimate is rather too high."""
SHORTEST = 150
"""Tokens below which no answer is a document, or a part of one worth asking for."""
OUTPUT_PRICE = 5
"""How many times as much as one that is read a token costs that is written: 3 to 5 with the models in use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """The most that may be spent; None is without a limit.

    Attributes:
        cost: US dollars.
        tokens: Tokens read and written.
    """

    cost: float | None = None
    tokens: int | None = None


@dataclass
class Ledger:
    """What was asked and what it took, over all providers.

    Attributes:
        budget: The most it may take.
        attempts: Each deployment's try, in order.
        usage: Tokens and money so far.
        is_spent: Whether a question was refused because there is too little left.
    """

    budget: Budget = field(default_factory=Budget)
    attempts: list[Attempt] = field(default_factory=list)
    usage: Usage = field(default_factory=Usage)
    is_spent: bool = False
    _price: float = 0.0

    def add(self, response: LLMResponse) -> None:
        """Note an answer."""
        self.attempts += response.attempts
        self._take(response.usage)

    def add_failure(self, error: LLMError) -> None:
        """Note a failure with what it took, and take it from the error, which is not to be noted twice."""
        self.attempts += error.attempts
        if error.usage is not None:
            self._take(error.usage)
        error.attempts, error.usage = (), None

    def close(self, error: LLMError) -> LLMError:
        """Return ``error`` with all attempts and all that was used."""
        error.attempts, error.usage = tuple(self.attempts), self.usage
        return error

    def fitted(self, request: CompletionRequest) -> CompletionRequest:
        """Return ``request`` with no more room for its answer than there is left.

        Raises:
            GMNValidationError: There is too little left for any answer; nobody is to be asked.
        """
        room = min(
            (room for room in (self._by_tokens(request), self._by_cost(request)) if room is not None), default=None
        )
        if room is None or (request.max_tokens is not None and room >= request.max_tokens):
            return request
        return replace(request, max_tokens=room)

    def _take(self, usage: Usage) -> None:
        self.usage += usage
        weight = usage.prompt_tokens + OUTPUT_PRICE * usage.completion_tokens
        if usage.cost and weight:
            # Of all providers the dearest: who is asked next is not known before.
            self._price = max(self._price, usage.cost / weight)

    def _by_tokens(self, request: CompletionRequest) -> int | None:
        most = self.budget.tokens
        if most is None:
            return None
        room = most - self.usage.total_tokens - _estimated(request)
        if room < SHORTEST:
            raise self._refused(
                f"the answers took {self.usage.total_tokens} tokens and one more does not fit into {most}",
                hint="raise gmn.max_total_tokens",
            )
        return room

    def _by_cost(self, request: CompletionRequest) -> int | None:
        most, cost = self.budget.cost, self.usage.cost
        if most is None or cost is None:
            return None
        left = most - cost
        if left <= 0 and cost > 0:
            raise self._refused(
                f"the answers cost {cost:.4f} US dollars, over the budget of {most:.4f}",
                hint="raise gmn.max_cost, or use a cheaper model",
            )
        if not self._price:
            return None
        room = int((left / self._price - _estimated(request)) / OUTPUT_PRICE)
        if room < SHORTEST:
            raise self._refused(
                f"the answers cost {cost:.4f} US dollars, and with one more would be over the budget of {most:.4f}",
                hint="raise gmn.max_cost, or use a cheaper model",
            )
        return room

    def _refused(self, message: str, *, hint: str) -> GMNValidationError:
        self.is_spent = True
        return GMNValidationError(message, hint=hint)


def _estimated(request: CompletionRequest) -> int:
    """Return about how many tokens a question has; a schema does not travel to each model, and is not among them."""
    return sum(len(message.content.encode("utf-8", "replace")) for message in request.messages) // BYTES_PER_TOKEN
