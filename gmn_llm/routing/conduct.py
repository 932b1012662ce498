"""How an attempt is made and what follows from its failure: shape, account, cool down, cut short."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING, Any

from gmn_llm.config.chain import Deployment, Group
from gmn_llm.errors import (
    AuthenticationError,
    ContentFilterError,
    ContextLengthError,
    InputError,
    ProviderTimeoutError,
    ProviderUnavailableError,
    RateLimitError,
)
from gmn_llm.routing.exchange import Cut, Exchange, Try
from gmn_llm.routing.knocks import Knocks
from gmn_llm.routing.ledger import Ledger
from gmn_llm.routing.limits import Limits, rate_of
from gmn_llm.routing.manners import Manners
from gmn_llm.routing.pools import Pools
from gmn_llm.routing.quiet import litellm
from gmn_llm.routing.reading import counted_by_litellm, disconnected, mend_status
from gmn_llm.routing.router import retry_count
from gmn_llm.routing.translate import error_class, http_status, retry_after
from gmn_llm.routing.windows import longer

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from gmn_llm.errors import LLMError
    from gmn_llm.listening import Listener
    from gmn_llm.routing.replies import Said

__all__ = ["Conduct", "Place"]

Place = tuple[Group, Deployment]
COUNTED_AS: Mapping[type[LLMError], Any] = {
    AuthenticationError: litellm.AuthenticationError,
    RateLimitError: litellm.RateLimitError,
    ProviderTimeoutError: litellm.Timeout,
    ProviderUnavailableError: litellm.ServiceUnavailableError,
}
"""What LiteLLM calls the failures that are the deployment's own, for how many of them are allowed."""
LONGEST_PAUSE = 60.0
"""LiteLLM ignores a Retry-After beyond this many seconds when it pauses before a retry."""


class Conduct:
    """What one gateway does around each attempt.

    Args:
        places: The deployments by their id inside the Router, each with its group.
        cool: Called with an id, the exception, a status and seconds: takes the deployment out for that long.
        count: Called with an id and the exception: counts it among the failures the deployment is allowed.
        cooling: Tells which of some ids are left alone now.
        cooldown: Seconds of a cooldown nobody else gave a length.
        secrets: Texts that must not stand in a message.
        listeners: Told of each attempt as it ends.
    """

    def __init__(
        self,
        places: Mapping[str, Place],
        *,
        cool: Callable[[str, BaseException, int, float], None],
        count: Callable[[str, BaseException], None],
        cooling: Callable[[Sequence[str]], Collection[str]],
        cooldown: float,
        secrets: frozenset[str],
        listeners: Sequence[Listener],
    ) -> None:
        self._places = places
        self._cool = cool
        self._count = count
        self._cooldown = cooldown
        self._manners = Manners(places)
        self.limits = Limits({router_id: rate_of(deployment) for router_id, (_, deployment) in places.items()})
        self._cooling = cooling
        self.knocks = Knocks(places, cooling=cooling, cool=cool, cooldown=cooldown)
        self._pools = Pools(places, limits=self.limits, cooling=cooling)
        self.ledger = Ledger(places, limits=self.limits, secrets=secrets, listeners=listeners)

    def deployment(self, router_id: str) -> Deployment:
        """Return the deployment with this id inside the Router."""
        return self._places[router_id][1]

    def admit(self, exchange: Exchange, router_id: str) -> BaseException | None:
        """Hold a place for a request at the deployment that was chosen, or return why it can't be asked now."""
        self.ledger.over(exchange)
        if router_id not in self.limits:
            return None
        wait = self.limits.take(router_id)
        if not wait:
            exchange.holds = router_id
            return None
        group, _ = self._places[router_id]
        text = self._limit_in_words(router_id)
        refusal: BaseException = litellm.RateLimitError(text, llm_provider=group.provider, model=group.model)
        refusal.litellm_response_headers = {"retry-after": str(math.ceil(wait))}  # type: ignore[attr-defined]  # LiteLLM's
        exchange.waits.append(wait)
        if self._pools.left(exchange, group.name):  # taken between the choice and now
            exchange.cut_now(Cut.ELSEWHERE, resume=group.name)
        elif wait > self._patience(exchange) and not self._followed(exchange, group):
            self.ledger.failed(exchange, router_id, RateLimitError, refusal, status=None, text=text)
            exchange.cut_now(Cut.WAIT)
        return refusal

    def _limit_in_words(self, router_id: str) -> str:
        return f"the limit of {self.limits.rate(router_id)} is reached"

    def before(self, exchange: Exchange, router_id: str, kwargs: dict[str, Any]) -> dict[str, Any] | None:
        """Return the arguments of the attempt that is about to be made, or None where they can stay as they are."""
        place = self._places.get(router_id)
        if place is None:
            return None
        group, deployment = place
        if exchange.current is not None:
            held, exchange.holds = exchange.holds, None  # the place of the one that is about to be made
            passed = exchange.current.group
            self._filtered(exchange, exchange.current)
            exchange.holds = held
            if self._pools.left(exchange, passed):
                exchange.cut_now(Cut.ELSEWHERE, resume=passed)
                return None
        if router_id not in exchange.passed_over and self._cooling((router_id,)):  # since the Router chose it
            exchange.passed_over.add(router_id)
            exchange.cut_now(Cut.ELSEWHERE, resume=group.name)
            return None
        now = asyncio.get_running_loop().time()
        given = deployment.params.get("timeout")
        own = float(given) if isinstance(given, int | float) else None
        beside = self._pools.beside(exchange, group.name, router_id)
        allowance = exchange.allowance(group.name, own, now, beside=beside)
        rung = self._manners.rung(exchange, router_id)
        exchange.begin(
            Try(
                group=group.name,
                router_id=router_id,
                call_id=str(kwargs.get("litellm_call_id")),
                started=now,
                allowance=allowance,
                own_timeout=allowance == own,
                metadata=kwargs["metadata"],
                rung=rung,
            )
        )
        return self._manners.arguments(exchange, router_id, kwargs, rung=rung)

    def failed(self, exchange: Exchange, router_id: str, error: BaseException) -> None:
        """Account for an attempt that raised, and decide whether the Router is to go on."""
        place = self._places.get(router_id)
        if place is None:
            return
        group, _ = place
        under_way = exchange.current
        mend_status(error)
        kind = error_class(error)
        if (
            kind is InputError
            and under_way is not None
            and self._manners.can_ask_less(exchange, router_id, under_way.rung, error)
        ):
            self.ledger.asks_again(exchange, under_way, error)
            exchange.cut_now(Cut.ASK_LESS, resume=group.name)
            return
        self.ledger.failed(exchange, router_id, kind, error, status=http_status(error))
        spare = self._pools.left(exchange, group.name)
        if kind is ProviderTimeoutError:
            self.knocks.hung(router_id, error)
        else:
            self.knocks.met(router_id)
        if isinstance(error, litellm.APIConnectionError) and disconnected(error):
            self._cool(router_id, error, 503, self._cooldown)
            self.knocks.refused(router_id)
        elif not counted_by_litellm(error):
            self._strike(router_id, kind)
        elif len(exchange.route) == 1 and not spare and kind.retryable and len(exchange.attempts) <= retry_count(group):
            # Alone it has its retries before it is left alone; the Router cools it down for the last of them.
            self._cool(router_id, error, 503, 0.0)
        several = group.name in self._pools
        if kind is ContextLengthError and (several or not isinstance(error, litellm.ContextWindowExceededError)):
            if several and self._pools.overflowed(exchange, group.name, router_id):
                exchange.cut_now(Cut.ELSEWHERE, resume=group.name)
                return
            tried = {attempt.provider for attempt in exchange.attempts}
            left = [other for other in exchange.route if other.name not in tried]
            exchange.cut_now(Cut.OVERFLOW, resume=next(iter(longer(group, left)), None))
            return
        self._mind_retry_after(exchange, group, router_id, error)
        if several and kind is not InputError and exchange.cut is None:
            self._go_on(exchange, group, kind)

    def _go_on(self, exchange: Exchange, group: Group, kind: type[LLMError]) -> None:
        """Say where to go on from after a failure in a group of several.

        Left to itself the Router would pass over deployments that are there, or ask again who has failed. Only where
        nobody else is left does it make the retries.
        """
        place = self.after(exchange, group)
        if place < len(exchange.route):
            exchange.cut_now(Cut.ELSEWHERE, resume=exchange.names[place])
            return
        tries = sum(attempt.provider == group.name for attempt in exchange.attempts)
        if not kind.retryable or tries > retry_count(group):
            exchange.cut_now(Cut.ELSEWHERE)

    def after(self, exchange: Exchange, group: Group) -> int:
        """Return the place of the route to go on from when a deployment of ``group`` has failed; its end for nobody."""
        return self._pools.after(exchange, group.name)

    def gone_back_in_vain(self, exchange: Exchange, place: int, tried: int) -> bool:
        """Return whether a group was asked for another deployment and had none that can take this prompt.

        Args:
            exchange: The request.
            place: Where the group stands in the route.
            tried: How many attempts had been made before.
        """
        if exchange.current is not None or len(exchange.attempts) != tried or place + 1 >= len(exchange.route):
            return False
        return any(attempt.provider == exchange.route[place].name for attempt in exchange.attempts)

    def _followed(self, exchange: Exchange, group: Group) -> bool:
        return self.after(exchange, group) < len(exchange.route)

    def broken(self, exchange: Exchange, router_id: str, error: BaseException) -> None:
        """Account for a stream that broke or stalled once open; LiteLLM cools nothing down for that."""
        if isinstance(error, TimeoutError):
            self.hung(exchange, error)
            return
        kind = error_class(error)
        # The request was taken and answered, so it was not at fault; whatever status LiteLLM has, it made up.
        kind = ProviderUnavailableError if kind is InputError else kind
        under_way = exchange.current
        silent = type(error) is ConnectionError and under_way is not None and under_way.first_text is None
        self.ledger.failed(exchange, router_id, kind, error, status=http_status(error))
        if disconnected(error) and not silent:  # one that ends in good order and said nothing was no stream
            self._cool(router_id, error, 503, self._cooldown)
        elif not counted_by_litellm(error):
            self._strike(router_id, kind)

    def kept_waiting(self, exchange: Exchange, router_id: str, error: BaseException) -> None:
        """Account for a stream whose reader took the time; the deployment is asked again as before."""
        text = "the time was over while its reader paused"
        self.ledger.failed(exchange, router_id, ProviderTimeoutError, error, status=None, text=text)

    def hung(self, exchange: Exchange, error: BaseException) -> None:
        """Account for the attempt under way, which outlived its time and was cut off."""
        under_way = exchange.current
        if under_way is None:
            return
        text = f"no complete answer within {under_way.allowance:.1f} s"
        self.ledger.failed(exchange, under_way.router_id, ProviderTimeoutError, error, status=None, text=text)
        self._cool(under_way.router_id, error, 408, self._cooldown)
        if under_way.first_text is None:
            self.knocks.hung(under_way.router_id, error)

    def unusable(self, exchange: Exchange, router_id: str, finish_reason: str, said: Said | None) -> None:
        """Account for an answer the Router took for good and that can't be used: no text, or filtered."""
        filtered = finish_reason == "content_filter"
        kind = ContentFilterError if filtered else ProviderUnavailableError
        text = "the content was filtered" if filtered else f"an empty answer (finish reason {finish_reason})"
        self.ledger.failed(exchange, router_id, kind, None, status=200, text=text, said=said)
        self._strike(router_id, kind)

    def _strike(self, router_id: str, kind: type[LLMError]) -> None:
        """Count a failure that LiteLLM does not; one that depends on the request says nothing of the deployment."""
        stand_in = COUNTED_AS.get(kind)
        if stand_in is not None:
            group, _ = self._places[router_id]
            self._count(router_id, stand_in(kind.__name__, llm_provider=group.provider, model=group.model))

    def answered(self, exchange: Exchange, router_id: str, said: Said) -> None:
        """Account for the attempt that answered, and remember how it could be held to a schema."""
        self.knocks.met(router_id)
        self._manners.settle(exchange, router_id)
        self.ledger.answered(exchange, router_id, said)

    def unlisted(self, exchange: Exchange, error: BaseException) -> None:
        """Account for a failure that never came by as an attempt's: a limit that was full before the call."""
        if exchange.current is not None:
            self._filtered(exchange, exchange.current)
        if exchange.attempts:
            return
        router_id = str(getattr(error, "failed_deployment_id", None))
        if router_id in self._places:
            self.ledger.failed(exchange, router_id, error_class(error), error, status=http_status(error))
            return
        if error_class(error) is ContextLengthError:
            first = next(name for name, (group, _) in self._places.items() if group is exchange.route[0])
            text = "the prompt is longer than the context window"
            self.ledger.failed(exchange, first, ContextLengthError, error, status=None, text=text)
            return
        # The Router has checks of its own that say no more than that there is nobody to ask.
        waits = {name: self.limits.wait(name) for name, (group, _) in self._places.items() if group in exchange.route}
        full = {name: wait for name, wait in waits.items() if wait}
        if full:
            router_id = min(full, key=full.__getitem__)
            exchange.waits.append(full[router_id])
            text = self._limit_in_words(router_id)
            self.ledger.failed(exchange, router_id, RateLimitError, error, status=None, text=text)

    def _filtered(self, exchange: Exchange, under_way: Try) -> None:
        """Account for an answer that came and that the Router did not let pass: it does so with a filtered one."""
        self.unusable(exchange, under_way.router_id, "content_filter", None)

    def _mind_retry_after(self, exchange: Exchange, group: Group, router_id: str, error: BaseException) -> None:
        """Move on where the provider asks for more patience than there is; LiteLLM would go on knocking."""
        wait = retry_after(error)
        if wait is None:
            return
        exchange.waits.append(wait)
        followed = self._followed(exchange, group)
        too_long = wait > self._patience(exchange)
        if followed or too_long:
            self._cool(router_id, error, http_status(error) or 429, wait)
        if not followed and too_long:
            exchange.cut_now(Cut.WAIT)

    def _patience(self, exchange: Exchange) -> float:
        """Return the seconds for which waiting makes sense."""
        return min(LONGEST_PAUSE, exchange.deadline - asyncio.get_running_loop().time())
