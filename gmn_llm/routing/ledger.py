"""The book of attempts: each is entered once, as it ends, whoever ends it, and told to the listeners.

One request to a provider is one attempt. A question that is put again in simpler words is a further one, which only the
listeners hear of, and so is one that LiteLLM's HTTP client sends once more by itself because the connection broke; what
ends before the provider was asked is told as ``rejected`` and is no request.

One thing nobody can tell: whether the server had seen a request when a connection that had been idle broke before any
answer. Where LiteLLM's client sends it once more, the two are one.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from gmn_llm.errors import ConfigError, InputError, ProviderTimeoutError
from gmn_llm.listening import Listeners
from gmn_llm.messages import Attempt, Outcome
from gmn_llm.routing.codes import class_by_status
from gmn_llm.routing.headroom import headroom_of
from gmn_llm.routing.reading import words
from gmn_llm.routing.replies import bare_model, said_in_stream, stream_usage
from gmn_llm.routing.scrubbing import scrubbed
from gmn_llm.routing.translate import error_class, http_status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gmn_llm.config.chain import Deployment, Group
    from gmn_llm.errors import LLMError
    from gmn_llm.listening import Listener
    from gmn_llm.messages import Usage
    from gmn_llm.routing.exchange import Exchange, Try
    from gmn_llm.routing.limits import Limits
    from gmn_llm.routing.replies import Said

__all__ = ["Ledger"]

TELLS = frozenset({"anthropic", "azure", "ollama_chat", "openai"})
"""Providers for which LiteLLM says when it hands a request over to HTTP; of all others it is taken for granted."""
BEFORE_SENDING = frozenset({InputError.__name__, ConfigError.__name__, ProviderTimeoutError.__name__})
"""How an attempt can end that LiteLLM does not take, or has not sent when its time is over."""


class Ledger:
    """Enters attempts: into the exchange they belong to, and out to those who listen.

    Args:
        places: The deployments by their id inside the Router, each with its group.
        limits: Where the place that a request holds is given back.
        secrets: What must not stand in a message, in all its forms.
        listeners: Told of each attempt as it ends.
    """

    def __init__(
        self,
        places: Mapping[str, tuple[Group, Deployment]],
        *,
        limits: Limits,
        secrets: frozenset[str],
        listeners: Sequence[Listener],
    ) -> None:
        self._places = places
        self._limits = limits
        self._secrets = secrets
        self._hear = Listeners(listeners)
        self._last: dict[str, Attempt] = {}

    def scrub(self, error: BaseException) -> BaseException | None:
        """Return the exception without a secret in its words, or None where that can't be."""
        return scrubbed(error, self._secrets)

    def over(self, exchange: Exchange) -> None:
        """Give back the place that the exchange's last request held, if it held one."""
        if exchange.holds is not None:
            self._limits.give_back(exchange.holds)
            exchange.holds = None

    def answered(self, exchange: Exchange, router_id: str, said: Said) -> None:
        """Enter the attempt that answered."""
        self._enter(exchange, router_id, None, None, status=200, text="", said=said)

    def failed(
        self,
        exchange: Exchange,
        router_id: str,
        kind: type[LLMError],
        error: BaseException | None,
        *,
        status: int | None,
        text: str = "",
        said: Said | None = None,
    ) -> None:
        """Enter an attempt that failed; without one under way the deployment was not asked.

        Args:
            exchange: The request.
            router_id: The deployment.
            kind: Our class.
            error: What LiteLLM raised, or None where it took the answer for good.
            status: What the server answered, or None.
            text: What went wrong; by default what ``error`` says.
            said: What came with an answer that can't be used.
        """
        message = text or (words(error, self._secrets) if error is not None else "")
        self._enter(exchange, router_id, kind, error, status=status, text=message, said=said)

    def asks_again(self, exchange: Exchange, under_way: Try, error: BaseException) -> None:
        """Tell of a refusal after which the question is put in simpler words; for the caller it is one attempt."""
        kind, text = error_class(error).__name__, words(error, self._secrets)
        refused = self._attempt(exchange, under_way.router_id, error=kind, status=http_status(error), text=text)
        exchange.set_aside()
        if self._went_out(under_way):
            self._tell(under_way, Outcome(attempt=refused, headroom=headroom_of(error), retried_simpler=True))

    def sent_again(self, exchange: Exchange, under_way: Try) -> None:
        """Tell of a request that was lost on its way back, and goes out once more; for the caller it is one attempt."""
        kind, text = class_by_status(under_way.status or 0).__name__, "the connection broke, and it was sent again"
        attempt = self._attempt(exchange, under_way.router_id, error=kind, status=under_way.status, text=text)
        self._tell(under_way, Outcome(attempt=attempt))

    def left(self, exchange: Exchange, raised: BaseException | None) -> None:
        """Enter the attempt that is under way where the call was ended from outside; the exchange is over."""
        self.over(exchange)
        under_way = exchange.current
        if under_way is None or raised is None:
            return
        exchange.scope = None
        if not isinstance(raised, asyncio.CancelledError | GeneratorExit):
            self.failed(exchange, under_way.router_id, error_class(raised), raised, status=http_status(raised))
            return
        abandoned = isinstance(raised, GeneratorExit)
        name = "Abandoned" if abandoned else "Cancelled"
        text = "its reader left the stream" if abandoned else "the caller gave up"
        attempt = self._attempt(exchange, under_way.router_id, error=name, status=None, text=text)
        exchange.set_aside()
        usage = self._heard(under_way)
        outcome = Outcome(
            attempt=attempt, usage=usage, first_text=under_way.first_seconds, rejected=not self._went_out(under_way)
        )
        self._tell(under_way, outcome)

    def turned_away(self, exchange: Exchange, cooling: Mapping[str, float], error: LLMError) -> None:
        """Tell of a call that ended without anybody having been asked, for the deployment that was to be asked first.

        Args:
            exchange: The request.
            cooling: Seconds each deployment is still left alone.
            error: What the caller gets.
        """
        first = exchange.route[0]
        members = [router_id for router_id, (group, _) in self._places.items() if group is first]
        router_id = next((each for each in members if each in cooling), members[0])
        attempt = self._attempt(exchange, router_id, error=type(error).__name__, status=None, text=str(error)[:200])
        self._hear(Outcome(attempt=attempt, rejected=True))

    def left_alone(self, exchange: Exchange, cooling: Mapping[str, float]) -> Attempt | None:
        """Return the failure for which a deployment of the route cools down, where nobody at all was asked.

        When a deployment that was passed over can be asked again counts among the exchange's waits, also beside
        others that were asked.

        Args:
            exchange: The request.
            cooling: Seconds each deployment is still left alone.
        """
        asked = {attempt.deployment for attempt in exchange.attempts}
        passed = [seconds for name, seconds in cooling.items() if self._places[name][1].id not in asked]
        if passed:
            exchange.waits.append(min(passed))
        if exchange.attempts or not cooling:
            return None
        return next((self._last[router_id] for router_id in cooling if router_id in self._last), None)

    def _enter(
        self,
        exchange: Exchange,
        router_id: str,
        kind: type[LLMError] | None,
        error: BaseException | None,
        *,
        status: int | None,
        text: str,
        said: Said | None,
    ) -> None:
        self.over(exchange)
        under_way = exchange.current
        name = kind.__name__ if kind is not None else None
        usage = said.usage if said is not None else self._heard(under_way)
        attempt = self._attempt(exchange, router_id, error=name, status=status, text=text, usage=usage)
        if kind is not None:
            self._last[router_id] = attempt
            exchange.failed.add(router_id)
        exchange.record(attempt, self.scrub(error) if error is not None else None, kind)
        outcome = Outcome(
            attempt=attempt,
            usage=usage,
            first_text=under_way.first_seconds if under_way is not None else None,
            headroom=headroom_of(said.source if said is not None else error)
            or headroom_of(under_way.stream if under_way is not None else None),
            rejected=kind is not None
            and (under_way is None or (name in BEFORE_SENDING and not self._handed_over(under_way))),
            served=said.model if said is not None else None,
            finish_reason=said.finish_reason if said is not None else None,
        )
        self._tell(under_way, outcome)

    def _tell(self, under_way: Try | None, outcome: Outcome) -> None:
        """Tell the listeners, with where it went."""
        if under_way is not None:
            system = self._places[under_way.router_id][1].provider
            outcome = replace(outcome, system=system, address=under_way.address)
        self._hear(outcome)

    def _heard(self, under_way: Try | None) -> Usage | None:
        """Return what the provider had said of tokens by the time a stream of it ended early."""
        if under_way is None or under_way.stream is None or said_in_stream(under_way.stream) is None:
            return None
        return stream_usage(under_way.stream, None, self._places[under_way.router_id][1])

    def _went_out(self, under_way: Try) -> bool:
        """Return whether the provider was asked; by LiteLLM's word where the request was not watched."""
        return under_way.sent if under_way.watched else self._handed_over(under_way)

    def _handed_over(self, under_way: Try) -> bool:
        return under_way.handed_over or self._places[under_way.router_id][1].provider not in TELLS

    def _attempt(
        self,
        exchange: Exchange,
        router_id: str,
        *,
        error: str | None,
        status: int | None,
        text: str,
        usage: Usage | None = None,
    ) -> Attempt:
        group, deployment = self._places[router_id]
        now = asyncio.get_running_loop().time()
        began = exchange.current.started if exchange.current is not None else now
        return Attempt(
            provider=group.name,
            deployment=deployment.id,
            model=bare_model(deployment, group),
            error=error,
            status=status,
            seconds=now - began,
            message=text,
            usage=usage,
        )
