"""What one document may take, in tokens and money, over all answers and all providers, and what it took so far.

It holds before a question is asked: the question is estimated, its answer gets no more room than there is left, and
where that is too little for any answer nobody is asked. Estimates are rather too high; a schema counts until a
provider has told that it does not count it. Where no price is known beforehand (``prices``), it is learned from what
earlier answers cost, so that there the first answer may cost more than all there is.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from gmn_llm.errors import GMNValidationError
from gmn_llm.messages import Attempt, CompletionRequest, LLMResponse, Usage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gmn_llm.errors import LLMError

__all__ = ["Budget", "Ledger", "Price", "estimated"]

BYTES_PER_TOKEN = 3
"""Fewer than any usual tokenizer needs for English and JSON, so that an estimate is rather too high."""
A_PICTURE = 1600
"""Tokens of a picture: the most that OpenAI's and Anthropic's pages give for one that is not sent in high detail."""
SHORTEST = 150
"""Tokens below which no answer is a document, or a part of one worth asking for."""
OUTPUT_PRICE = 5
"""How many times as much as one that is read a token costs that is written: 3 to 5 with the models in use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What a model's tokens cost, in US dollars each.

    Attributes:
        prompt: One that is read.
        completion: One that is written.
    """

    prompt: float = 0.0
    completion: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """The most that may be spent; None is without a limit.

    Attributes:
        cost: US dollars.
        tokens: Tokens read and written.
    """

    cost: float | None = None
    tokens: int | None = None


class _Size(NamedTuple):
    """About how many tokens a question has: its messages and pictures, and the schema that not all models read."""

    words: int
    schema: int


@dataclass
class Ledger:
    """What was asked and what it took, over all providers.

    Attributes:
        budget: The most it may take.
        prices: Of those model groups of which they are known, by name.
        attempts: Each deployment's try, in order.
        usage: Tokens and money so far.
    """

    budget: Budget = field(default_factory=Budget)
    prices: Mapping[str, Price] = field(default_factory=dict)
    attempts: list[Attempt] = field(default_factory=list)
    usage: Usage = field(default_factory=Usage)
    _learned: float = 0.0
    _asked: _Size = field(default_factory=lambda: _Size(0, 0))
    _without_schema: set[str] = field(default_factory=set)

    def add(self, response: LLMResponse) -> None:
        """Note an answer to the question that was fitted last."""
        self.attempts += response.attempts
        self._take(response.usage)
        told, words = response.usage.prompt_tokens, self._asked.words
        if 0 < told <= words < 3 * self._asked.schema:
            self._without_schema.add(response.provider)

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

    def fitted(self, request: CompletionRequest, *, groups: Sequence[str]) -> CompletionRequest:
        """Return ``request`` with no more room for its answer than there is left.

        Args:
            request: The question.
            groups: Names of the model groups that may come to answer it; the dearest counts.

        Raises:
            GMNValidationError: There is too little left for any answer; nobody is to be asked.
        """
        if self.budget.tokens is None and self.budget.cost is None:
            return request
        self._asked = _size(request)
        rooms = (self._by_tokens(groups), self._by_cost(groups))
        for room, refused in rooms:
            if room is not None and room < SHORTEST:
                raise refused
        room = min((room for room, _ in rooms if room is not None), default=None)
        if room is None or (request.max_tokens is not None and room >= request.max_tokens):
            return request
        return replace(request, max_tokens=room)

    def fits(self, request: CompletionRequest, *, groups: Sequence[str]) -> bool:
        """Return whether there is enough left for an answer, whichever of the groups writes it."""
        if self.budget.tokens is None and self.budget.cost is None:
            return True
        self._asked = _size(request)
        rooms = (self._by_tokens(groups)[0], self._by_cost(groups)[0])
        return all(room is None or room >= SHORTEST for room in rooms)

    def _take(self, usage: Usage) -> None:
        self.usage += usage
        weight = usage.prompt_tokens + OUTPUT_PRICE * usage.completion_tokens
        if usage.cost and weight:
            # Of all providers the dearest: who is asked next is not known before.
            self._learned = max(self._learned, usage.cost / weight)

    def _reads(self, groups: Sequence[str]) -> int:
        """Return how many tokens the question has with whoever counts the most."""
        counted = not self._without_schema.issuperset(groups)
        return self._asked.words + (self._asked.schema if counted else 0)

    def _by_tokens(self, groups: Sequence[str]) -> tuple[int | None, GMNValidationError]:
        most, used = self.budget.tokens, self.usage.total_tokens
        asks = self._reads(groups)
        refused = GMNValidationError(
            f"the answers took {used} tokens and one more does not fit into {most}"
            if used
            else f"the question has about {asks} tokens and its answer does not fit into {most}",
            hint="raise gmn.max_total_tokens",
        )
        return (None if most is None else most - used - asks), refused

    def _by_cost(self, groups: Sequence[str]) -> tuple[int | None, GMNValidationError]:
        most, cost = self.budget.cost, self.usage.cost
        refused = GMNValidationError(
            f"the answers cost {cost or 0:.4f} US dollars, and with one more would be over the budget of {most}",
            hint="raise gmn.max_cost, or use a cheaper model",
        )
        if most is None or cost is None:
            return None, refused
        price = self._dearest(groups)
        if most <= cost and (cost > 0 or price.completion > 0):
            return 0, refused
        if not price.completion:
            return None, refused
        return int((most - cost - price.prompt * self._reads(groups)) / price.completion), refused

    def _dearest(self, groups: Sequence[str]) -> Price:
        """Return the highest prices among the groups; where one is not known, those that were learned count as well."""
        known = [self.prices[group] for group in groups if group in self.prices]
        if len(known) < len(groups):
            known.append(Price(prompt=self._learned, completion=OUTPUT_PRICE * self._learned))
        return Price(
            prompt=max((price.prompt for price in known), default=0.0),
            completion=max((price.completion for price in known), default=0.0),
        )


def _size(request: CompletionRequest) -> _Size:
    words = sum(len(message.content.encode("utf-8", "replace")) for message in request.messages)
    schema = 0 if request.schema is None else len(json.dumps(request.schema, default=str))
    return _Size(words // BYTES_PER_TOKEN + A_PICTURE * len(request.pictures), schema // BYTES_PER_TOKEN)


def estimated(request: CompletionRequest) -> int:
    """Return about how many tokens a question has, rather too many, its schema and its pictures among them."""
    return sum(_size(request))
