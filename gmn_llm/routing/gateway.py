"""The Router behind the two methods of ``Gateway``: one deadline, our errors, every attempt accounted for."""

from __future__ import annotations

import asyncio
import itertools
import logging
import secrets
import time
from contextlib import aclosing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from gmn_llm.errors import InputError, LLMError, ProviderTimeoutError, ProviderUnavailableError
from gmn_llm.findings import quote
from gmn_llm.messages import CompletionRequest, Delta, LLMResponse
from gmn_llm.mock.litellm_provider import Service, mock_provider
from gmn_llm.routing.asking import router_arguments
from gmn_llm.routing.conduct import Conduct
from gmn_llm.routing.cooldowns import Cooldowns
from gmn_llm.routing.exchange import Exchange
from gmn_llm.routing.known import is_known, refuse_unknown
from gmn_llm.routing.loops import enter_loop, leave_loop, share_by_loop, unhook
from gmn_llm.routing.models import doubts
from gmn_llm.routing.observer import ChoosingObserver, Observer
from gmn_llm.routing.quiet import litellm
from gmn_llm.routing.reading import let_through
from gmn_llm.routing.replies import Said, bare_model, content_of, deployment_id_of, finish_reason_of, usage_of
from gmn_llm.routing.reserved import refuse_reserved
from gmn_llm.routing.router import build_router, discard
from gmn_llm.routing.scrubbing import known_secrets
from gmn_llm.routing.streaming import Pieces
from gmn_llm.routing.translate import CAUGHT, cooling_down, failure
from gmn_llm.routing.vision import Sight

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from gmn_llm.config.chain import Chain, Deployment, Group
    from gmn_llm.config.settings import Settings
    from gmn_llm.listening import Listener

__all__ = ["RouterGateway"]

LOG = logging.getLogger("gmn_llm.routing")


class RouterGateway:
    """Answers requests through a ``litellm.Router`` built from a chain; implements ``Gateway``.

    Args:
        chain: The groups, in order.
        settings: The configuration.
        mock: What answers for the mock; needed where a group is the mock's.
        others: Groups outside the chain that may be asked by name; one that LiteLLM can't reach is left out.
        listeners: Told of each attempt as it ends, in the task that made it.
    """

    def __init__(
        self,
        chain: Chain,
        settings: Settings,
        *,
        mock: Service | None = None,
        others: Sequence[Group] = (),
        listeners: Sequence[Listener] = (),
    ) -> None:
        self._chain = chain.names
        refuse_unknown(chain.groups)
        self._groups = {group.name: group for group in (*chain.groups, *filter(is_known, others))}
        self._mock = mock
        self._mock_model = mock_provider().attach(mock) if mock is not None else ""
        # Two gateways of a process must not share cooldowns and limits; workers that share a Redis must.
        shared = any(settings.router_settings.get(key) for key in ("redis_url", "redis_host"))
        self._suffix = "" if shared else f"@{secrets.token_hex(4)}"
        self._places = {
            self._router_id(deployment): (group, deployment)
            for group in self._groups.values()
            for deployment in group.deployments
        }
        self._router = build_router(
            tuple(self._groups.values()),
            chain=self._chain,
            settings=settings,
            router_id=self._router_id,
            model_name=self._model_name,
        )
        self._cooldowns = Cooldowns(self._router)
        self._conduct = Conduct(
            self._places,
            cool=self._cooldowns.begin,
            count=self._cooldowns.count,
            cooling=self._cooldowns.held,
            cooldown=float(self._router.cooldown_time),
            secrets=known_secrets(settings, (deployment.params for _, deployment in self._places.values())),
            listeners=tuple(listeners),
        )
        choice = any(len(group.deployments) > 1 for group in self._groups.values())
        self._observer = (ChoosingObserver if choice or self._conduct.limits else Observer)(self._conduct)
        # Before the Router's own check of limits, which would count what is refused here.
        litellm.callbacks.insert(0, self._observer)
        share_by_loop()
        self._sight = Sight()
        self._doubted: set[str] = set()
        for group in chain.groups:
            self._doubt(group)
        self._numbers = itertools.count(1)
        self._closed = False

    @property
    def names(self) -> tuple[str, ...]:
        """The groups that may be asked, those of the chain first."""
        return tuple(self._groups)

    async def complete(self, request: CompletionRequest, *, group: str, fall_over: bool) -> LLMResponse:
        """Return one whole answer.

        Raises:
            LLMError: One of its subclasses; LiteLLM's exception is its cause, ``attempts`` says who was
            tried.
        """
        exchange = await self._sighted(request, self._exchange(request, group, fall_over=fall_over))
        if asyncio.get_running_loop() not in self._observer.loops:
            await enter_loop(self._observer)
        place = 0
        with self._observer.watching(exchange):
            while True:
                reply = await self._routed(exchange, place, stream=False)
                if isinstance(reply, int):
                    place = reply
                    continue
                router_id, content, reason = (
                    deployment_id_of(reply),
                    content_of(reply),
                    finish_reason_of(reply),
                )
                usage = usage_of(reply, self._places[router_id][1])
                said = Said(usage=usage, source=reply)
                if not content.strip() or reason == "content_filter":
                    self._conduct.unusable(exchange, router_id, reason, said)
                    place = self._conduct.after(exchange, self._places[router_id][0])
                    continue
                self._conduct.answered(exchange, router_id, said)
                return self._response(exchange, router_id, content=content, reason=reason, usage=usage)

    async def stream(self, request: CompletionRequest, *, group: str, fall_over: bool) -> AsyncGenerator[Delta, None]:
        """Yield an answer piece by piece.

        A deployment that fails before its first text is followed by the next without a trace; one that fails
        after it is followed by a ``reset`` and the next from the beginning, unless ``request.restart`` forbids
        that. The last piece has the response.

        Raises:
            LLMError: As ``complete``; ``delivered`` has the text so far where it does not start over.
        """
        exchange = await self._sighted(request, self._exchange(request, group, fall_over=fall_over))
        if asyncio.get_running_loop() not in self._observer.loops:
            await enter_loop(self._observer)
        place = 0
        with self._observer.watching(exchange):
            while True:
                opened = await self._routed(exchange, place, stream=True)
                if isinstance(opened, int):
                    place = opened
                    continue
                pieces = Pieces(opened, exchange, self._conduct)
                async with aclosing(pieces.texts()) as texts:
                    async for text in texts:
                        yield Delta(text=text)
                if pieces.failed:
                    place = self._conduct.after(exchange, self._places[pieces.router_id][0])
                    if pieces.delivered:
                        if not request.restart or place >= len(exchange.route):
                            raise self._broken(exchange, pieces) from exchange.last_error
                        yield Delta(reset=True)
                    continue
                response = self._response(
                    exchange, pieces.router_id, content=pieces.content, reason=pieces.reason, usage=pieces.usage
                )
                yield Delta(response=response)
                return

    async def cooling(self) -> dict[str, float]:
        """Return the ids of the deployments that are left alone now, each with the end in seconds since the epoch.

        The Router's own memory is asked, and Redis where its workers share that; nobody else.
        """
        found = await self._cooldowns.until(self._places)
        return {self._places[name][1].id: until for name, until in found.items()}

    async def aclose(self) -> None:
        """Let go of the callbacks, of the mock and, as the last gateway, of the connections."""
        if self._closed:
            return
        self._closed = True
        discard(self._router)
        unhook(self._observer)
        if self._mock_model:
            mock_provider().detach(self._mock_model)
        await leave_loop(self._observer)

    def _exchange(self, request: CompletionRequest, group: str, *, fall_over: bool) -> Exchange:
        if self._closed:
            raise InputError("the gateway is closed")
        if group not in self._groups:
            raise InputError(f"no model group {quote(group)}; there are: {', '.join(self._groups)}")
        refuse_reserved(request.params)
        names = [group]
        if fall_over and group in self._chain:
            names = list(self._chain[self._chain.index(group) :])
        self._doubt(self._groups[group])
        now = asyncio.get_running_loop().time()
        route = tuple(self._groups[name] for name in names)
        key = f"{self._observer.tag}-{next(self._numbers)}"
        return Exchange(key=key, request=request, route=route, started=now, deadline=now + request.timeout)

    async def _sighted(self, request: CompletionRequest, exchange: Exchange) -> Exchange:
        """Return the exchange, its route without the groups that can't look at the request's pictures."""
        if request.pictures:
            exchange.route = await self._sight.route(exchange.route, tuple(self._groups.values()))
        return exchange

    async def _routed(self, exchange: Exchange, place: int, *, stream: bool) -> Any:
        """Ask the Router from one place of the route on; return its answer, or the place to go on from."""
        if place >= len(exchange.route):
            raise self._failure(exchange) from exchange.last_error
        exchange.cut = exchange.resume = None
        tried = len(exchange.attempts)
        self._observer.asks(exchange)
        try:
            async with asyncio.timeout_at(exchange.deadline) as exchange.scope:
                reply = await self._router.acompletion(
                    **router_arguments(exchange, place, stream=stream, last=self._chain[-1])
                )
        except CAUGHT as error:
            let_through(error)
            self._conduct.ledger.scrub(error)
            ended_here = exchange.scope is not None and exchange.scope.expired()
            exchange.scope = None
            if ended_here:
                return self._after_cut(exchange, error)
            if self._conduct.gone_back_in_vain(exchange, place, tried):
                return place + 1
            self._conduct.unlisted(exchange, error)
            raise await self._all_failed(exchange) from (exchange.last_error or error)
        finally:
            self._observer.asks(None)
        exchange.scope = None
        return reply

    def _after_cut(self, exchange: Exchange, error: BaseException) -> int:
        """Return the place to go on from after the Router's call was ended from outside."""
        if exchange.cut is not None:
            if exchange.resume is not None:
                return exchange.place(exchange.resume)
            raise self._failure(exchange) from exchange.last_error
        hung = exchange.current
        self._conduct.hung(exchange, error)
        if hung is None or asyncio.get_running_loop().time() >= exchange.deadline:
            failed = self._failure(exchange, late=True)
            if not exchange.attempts:
                self._conduct.ledger.turned_away(exchange, {}, failed)
            raise failed from (exchange.last_error or error)
        return self._conduct.after(exchange, self._groups[hung.group])

    async def _all_failed(self, exchange: Exchange) -> LLMError:
        """Return the error of a request after which nobody is left, or for which nobody could be asked."""
        ids = [router_id for router_id, (group, _) in self._places.items() if group in exchange.route]
        now = time.time()
        cooling = {name: max(until - now, 0.0) for name, until in (await self._cooldowns.until(ids)).items()}
        left_alone = self._conduct.ledger.left_alone(exchange, cooling)
        failed = cooling_down(left_alone, wait=min(exchange.waits)) if left_alone else self._failure(exchange)
        if not exchange.attempts:
            self._conduct.ledger.turned_away(exchange, cooling, failed)
        return failed

    def _failure(self, exchange: Exchange, *, late: bool = False) -> LLMError:
        seconds = asyncio.get_running_loop().time() - exchange.started
        wait = min(exchange.waits, default=None)
        if late and not exchange.attempts:
            return ProviderTimeoutError(
                f"the time was over before {' or '.join(map(quote, exchange.names))} could be asked",
                hint="give it more time (timeout)",
            )
        kind = exchange.last_class or ProviderUnavailableError
        return failure(kind, exchange.attempts, route=exchange.names, wait=wait, seconds=seconds)

    def _broken(self, exchange: Exchange, pieces: Pieces) -> LLMError:
        error = self._failure(exchange)
        error.delivered = pieces.content
        return error

    def _response(self, exchange: Exchange, router_id: str, *, content: str, reason: str, usage: Any) -> LLMResponse:
        group, deployment = self._places[router_id]
        self._conduct.limits.spend(router_id, usage.total_tokens)
        return LLMResponse(
            content=content,
            provider=group.name,
            deployment=deployment.id,
            model=bare_model(deployment, group),
            finish_reason=reason,
            usage=usage,
            latency=asyncio.get_running_loop().time() - exchange.started,
            attempts=tuple(exchange.attempts),
        )

    def _doubt(self, group: Group) -> None:
        """Tell once, before a group is asked, what speaks against its models."""
        if group.name not in self._doubted:
            self._doubted.add(group.name)
            for deployment in group.deployments:
                for words in doubts(deployment, today=datetime.now(UTC).date()):
                    LOG.warning("%s", words)

    def _router_id(self, deployment: Deployment) -> str:
        return deployment.id + self._suffix

    def _model_name(self, deployment: Deployment) -> str:
        return self._mock_model if deployment.provider == "gmn_mock" else deployment.model
