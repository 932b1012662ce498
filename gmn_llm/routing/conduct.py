"""How an attempt is made and what follows from its failure: shape, account, cool down, cut short."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from gmn_llm.config.chain import Deployment, Group
from gmn_llm.errors import (
    ContentFilterError,
    InputError,
    LLMError,
    ProviderTimeoutError,
    ProviderUnavailableError,
)
from gmn_llm.messages import Attempt
from gmn_llm.routing.exchange import Cut, Exchange, Try
from gmn_llm.routing.quiet import litellm
from gmn_llm.routing.replies import bare_model
from gmn_llm.routing.shaping import shaped
from gmn_llm.routing.structured import Ladder
from gmn_llm.routing.translate import error_class, http_status, refused_parameter, retry_after, words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["Conduct", "Place"]

LOG = logging.getLogger("gmn_llm.routing")
Place = tuple[Group, Deployment]
KEPT = frozenset({"model", "messages", "stream"})
LONGEST_PAUSE = 60.0
"""LiteLLM ignores a Retry-After beyond this many seconds when it pauses before a retry."""


class Conduct:
    """What one gateway does around each attempt.

    Args:
        places: The deployments by their id inside the Router, each with its group.
        cool: Called with an id, the exception, a status and seconds: takes the deployment out for that long.
        cooldown: Seconds of a cooldown nobody else gave a length.
        secrets: Texts that must not stand in a message.
        listeners: Called with each attempt as it ends.
    """

    def __init__(
        self,
        places: Mapping[str, Place],
        *,
        cool: Callable[[str, BaseException, int, float], None],
        cooldown: float,
        secrets: frozenset[str],
        listeners: Sequence[Callable[[Attempt], None]],
    ) -> None:
        self._places = places
        self._cool = cool
        self._cooldown = cooldown
        self._secrets = secrets
        self._listeners = listeners
        self._ladder = Ladder()
        self._not_taken: dict[str, set[str]] = {}
        self.last: dict[str, Attempt] = {}

    def before(self, exchange: Exchange, router_id: str, kwargs: dict[str, Any]) -> dict[str, Any] | None:
        """Return the arguments of the attempt that is about to be made."""
        place = self._places.get(router_id)
        if place is None:
            return None
        group, deployment = place
        now = asyncio.get_running_loop().time()
        given = deployment.params.get("timeout")
        own = float(given) if isinstance(given, int | float) else None
        allowance = exchange.allowance(group.name, own, now)
        schema = exchange.request.schema
        rung = exchange.rungs.get(router_id, self._ladder.rung(deployment)) if schema is not None else None
        exchange.begin(
            Try(
                group=group.name,
                router_id=router_id,
                call_id=str(kwargs.get("litellm_call_id")),
                started=now,
                allowance=allowance,
                own_timeout=allowance == own,
                rung=rung,
            )
        )
        sent = shaped(kwargs, deployment=deployment, rung=rung, schema=schema)
        for name in self._not_taken.get(router_id, ()):
            sent.pop(name, None)
        return sent

    def failed(self, exchange: Exchange, router_id: str, error: BaseException) -> None:
        """Account for an attempt that raised, and decide whether the Router is to go on."""
        place = self._places.get(router_id)
        if place is None:
            return
        group, _ = place
        under_way = exchange.current
        kind = error_class(error)
        if kind is InputError and under_way is not None and self._can_ask_less(exchange, router_id, under_way, error):
            # A question put in simpler words is still the same attempt, so nothing is noted.
            exchange.cut_now(Cut.ASK_LESS, resume=group.name)
            return
        self._note(exchange, router_id, kind, error, status=http_status(error))
        if isinstance(error, litellm.APIConnectionError):
            self._cool(router_id, error, 503, self._cooldown)
        self._mind_retry_after(exchange, group, router_id, error)

    def broken(self, exchange: Exchange, router_id: str, error: BaseException) -> None:
        """Account for a stream that broke or stalled once open; LiteLLM cools nothing down for that."""
        kind = error_class(error)
        # The request was taken and answered, so it was not at fault, whatever status LiteLLM makes up.
        made_up = kind is InputError
        self._note(
            exchange,
            router_id,
            ProviderUnavailableError if made_up else kind,
            error,
            status=None if made_up else http_status(error),
        )
        self._cool(router_id, error, 503, self._cooldown)

    def hung(self, exchange: Exchange, error: BaseException) -> None:
        """Account for the attempt under way, which outlived its time and was cut off."""
        under_way = exchange.current
        if under_way is None:
            return
        text = f"no complete answer within {under_way.allowance:.1f} s"
        self._note(exchange, under_way.router_id, ProviderTimeoutError, error, status=None, text=text)
        self._cool(under_way.router_id, error, 408, self._cooldown)

    def unusable(self, exchange: Exchange, router_id: str, finish_reason: str) -> None:
        """Account for an answer the Router took for good and that can't be used: no text, or filtered."""
        filtered = finish_reason == "content_filter"
        kind = ContentFilterError if filtered else ProviderUnavailableError
        text = "the content was filtered" if filtered else f"an empty answer (finish reason {finish_reason})"
        self._note(exchange, router_id, kind, None, status=200, text=text)

    def answered(self, exchange: Exchange, router_id: str) -> None:
        """Account for the attempt that answered, and remember how it could be held to a schema."""
        if router_id in exchange.rungs:
            self._ladder.settle(self._places[router_id][1], exchange.rungs[router_id])
        self._end(exchange, router_id, None, None, status=200, text="")

    def unlisted(self, exchange: Exchange, error: BaseException) -> None:
        """Account for a failure that never came by as an attempt's: a limit that was full before the call."""
        router_id = str(getattr(error, "failed_deployment_id", None))
        if router_id in self._places and exchange.current is None and not exchange.attempts:
            self._note(exchange, router_id, error_class(error), error, status=http_status(error))

    def left_alone(self, exchange: Exchange, cooling: Mapping[str, float]) -> Attempt | None:
        """Return the failure for which a deployment of the route cools down, where nobody at all was asked.

        Args:
            exchange: The request.
            cooling: Seconds each deployment is still left alone.
        """
        if exchange.attempts or not cooling:
            return None
        exchange.waits.append(min(cooling.values()))
        return next((self.last[router_id] for router_id in cooling if router_id in self.last), None)

    def _note(
        self,
        exchange: Exchange,
        router_id: str,
        kind: type[LLMError],
        error: BaseException | None,
        *,
        status: int | None,
        text: str = "",
    ) -> None:
        message = text or (words(error, self._secrets) if error is not None else "")
        self._end(exchange, router_id, kind, error, status=status, text=message)

    def _end(
        self,
        exchange: Exchange,
        router_id: str,
        kind: type[LLMError] | None,
        error: BaseException | None,
        *,
        status: int | None,
        text: str,
    ) -> None:
        group, deployment = self._places[router_id]
        now = asyncio.get_running_loop().time()
        began = exchange.current.started if exchange.current is not None else now
        attempt = Attempt(
            provider=group.name,
            deployment=deployment.id,
            model=bare_model(deployment, group),
            error=kind.__name__ if kind is not None else None,
            status=status,
            seconds=now - began,
            message=text,
        )
        if kind is not None:
            self.last[router_id] = attempt
        exchange.record(attempt, error, kind)
        for listener in self._listeners:
            listener(attempt)

    def _can_ask_less(self, exchange: Exchange, router_id: str, under_way: Try, error: BaseException) -> bool:
        """Leave out what the deployment seems to have refused; False where nothing is left to leave out."""
        _, deployment = self._places[router_id]
        refused = refused_parameter(error)
        if refused is not None and not refused.startswith("response_format"):
            if refused in KEPT or refused in self._not_taken.get(router_id, ()):
                return False
            self._not_taken.setdefault(router_id, set()).add(refused)
            LOG.warning("%s does not take %s; it is left out from now on", deployment.id, refused)
            return True
        if under_way.rung is None:
            return False
        below = self._ladder.below(deployment, under_way.rung)
        if below is None:
            return False
        exchange.rungs[router_id] = below
        return True

    def _mind_retry_after(self, exchange: Exchange, group: Group, router_id: str, error: BaseException) -> None:
        """Move on where the provider asks for more patience than there is; LiteLLM would go on knocking."""
        wait = retry_after(error)
        if wait is None:
            return
        exchange.waits.append(wait)
        remaining = exchange.deadline - asyncio.get_running_loop().time()
        followed = exchange.left_after(group.name) > 0
        if followed or wait > min(LONGEST_PAUSE, remaining):
            self._cool(router_id, error, http_status(error) or 429, wait)
        if not followed and wait > min(LONGEST_PAUSE, remaining):
            exchange.cut_now(Cut.WAIT)
