"""The life of gateways: opened when first needed, shared by all who can share, closed after the last call.

A configuration has one Router, whoever is asked: the chain, or a provider by name; so they share cooldowns and
limits. Where the mock alone answers there is no Router and no LiteLLM.
"""

from __future__ import annotations

import asyncio
import threading
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol
from weakref import ReferenceType, ref

from gmn_llm.config.refusal import worth_trying
from gmn_llm.deadline import Deadline
from gmn_llm.listening import Listeners
from gmn_llm.messages import Gateway
from gmn_llm.mock import MockGateway, MockService
from gmn_llm.workshop import Workshop

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping, Sequence

    from gmn_llm.config import Chain, Group, Settings
    from gmn_llm.listening import Listener
    from gmn_llm.messages import CompletionRequest, Delta, LLMResponse
    from gmn_llm.running import Running

__all__ = ["Gateways", "Lent", "try_out"]


class _Open(Gateway, Protocol):
    """A gateway that also knows which of its deployments are left alone."""

    async def cooling(self) -> Mapping[str, float]:
        """Return their ids, each with the end in seconds since the epoch."""
        ...


@dataclass(eq=False)
class _Opened:
    """An open gateway and how many calls it has.

    Attributes:
        gateway: The gateway.
        running: The configuration it was made for; gone when nobody can call under it any more.
        chain: The groups that fall over to each other; a mock's has no Router.
        names: All groups that may be asked by name.
        calls: Calls in flight.
        retired: Nobody is to begin a call; whoever ends the last one closes it.
    """

    gateway: _Open
    running: ReferenceType[Running]
    chain: Chain
    names: frozenset[str]
    calls: int = 0
    retired: bool = False

    @property
    def over(self) -> bool:
        """Whether nobody uses it and nobody is to use it any more."""
        return not self.calls and (self.retired or self.running() is None)

    def serves(self, running: Running, chain: Chain) -> bool:
        """Return whether a call under this configuration and chain may be made here."""
        if self.retired or self.running() is not running or self.chain.mock_only != chain.mock_only:
            return False
        return chain.names == self.chain.names or (len(chain.names) == 1 and chain.names[0] in self.names)


class Gateways:
    """All open gateways of one factory.

    One is closed when its configuration is out of use: nobody holds it, neither the factory nor a provider, and no
    call is in flight. Since closing takes waiting, the end of the next call does it, or ``aclose``.

    Args:
        mock: What answers for the mock.
        listeners: Told of each attempt of all calls as it ends, in the task that made it. One that raises is named
            once on the log, and the call goes on.
    """

    def __init__(self, *, mock: MockService, listeners: Sequence[Listener]) -> None:
        self._mock = mock
        self._hear = Listeners(listeners)
        self._opened: list[_Opened] = []
        self._lock = threading.Lock()
        # Held while a gateway is made, which takes its time; never by the thread of an event loop.
        self._making = threading.Lock()
        self._workshop = Workshop()
        self._closings = 0

    def lent(self, running: Running, chain: Chain) -> Lent:
        """Return a gateway for the chain; nothing is opened before its first call."""
        return Lent(self, running, chain)

    async def aclose(self) -> None:
        """Close all gateways without a call; those with calls are closed by the last of these.

        A later call opens a new one.
        """
        with self._lock:
            self._closings += 1
            for opened in self._opened:
                opened.retired = True
        await self._sweep()

    async def cooling(self, running: Running) -> Mapping[str, float]:
        """Return the deployments that are left alone now under a configuration, each with the end of that.

        Nothing is opened for it, and nobody is asked but a Redis that the Routers of several processes share, and
        that for a second at most: afterwards only what this process knows is told.

        Args:
            running: The configuration.

        Returns:
            Ids of deployments (``Deployment.id``) to seconds since the epoch; empty where no gateway is open.
        """
        with self._lock:
            gateways = [opened.gateway for opened in self._opened if opened.running() is running and not opened.retired]
        found: dict[str, float] = {}
        for gateway in gateways:
            for name, until in (await gateway.cooling()).items():
                found[name] = max(until, found.get(name, until))
        return found

    @asynccontextmanager
    async def call(self, running: Running, chain: Chain, deadline: Deadline) -> AsyncGenerator[Gateway, None]:
        """Give a gateway for one call, which stays open until the call is over.

        Raises:
            ProviderTimeoutError: The call's time is over before the gateway is open, which goes on for later calls.
        """
        # The call is counted here and not by the thread, whose result a cancelled call would never see.
        while (opened := self._begun(running, chain)) is None:
            await deadline.bound(self._made(running, chain), doing="the gateway to them was still being opened")
        try:
            yield opened.gateway
        finally:
            with self._lock:
                opened.calls -= 1
                over = any(opened.over for opened in self._opened)
            if over:
                await self._sweep()

    async def _made(self, running: Running, chain: Chain) -> None:
        """Wait until there is a gateway that serves the chain."""
        chain_of_all, others = await running.plan(chain)
        await self._workshop.done((id(running), chain.names), partial(self._make, running, chain, chain_of_all, others))

    def _begun(self, running: Running, chain: Chain) -> _Opened | None:
        """Count a call at the gateway that serves the chain; None where there is none."""
        with self._lock:
            opened = self._serving(running, chain)
            if opened is not None:
                opened.calls += 1
            return opened

    def _serving(self, running: Running, chain: Chain) -> _Opened | None:
        return next((opened for opened in self._opened if opened.serves(running, chain)), None)

    def _make(self, running: Running, wanted: Chain, chain: Chain, others: tuple[Group, ...]) -> None:
        """Open a gateway, unless another thread has just done so."""
        with self._making:
            with self._lock:
                if self._serving(running, wanted) is not None:
                    return
                closings = self._closings
            opened = self._open(running, wanted, chain, others)
            with self._lock:
                # Those that it was opened for may have given up, and then nobody would close it any more.
                late = self._closings != closings
                if not late:
                    for other in self._opened:
                        # The new one has all that the other has, and more.
                        other.retired |= other.running() is running and other.chain.mock_only == opened.chain.mock_only
                    self._opened.append(opened)
            if late:
                asyncio.run(opened.gateway.aclose())  # this thread is its own and runs no loop

    def _open(self, running: Running, wanted: Chain, chain: Chain, others: tuple[Group, ...]) -> _Opened:
        if wanted.mock_only:
            mock = MockGateway(self._mock, listeners=(self._hear,))
            return _Opened(mock, ref(running), wanted, frozenset(wanted.names))
        from gmn_llm.routing import RouterGateway  # LiteLLM takes its time
        from gmn_llm.routing.known import is_known, refuse_unknown

        refuse_unknown(wanted.groups)
        if not all(map(is_known, chain.groups)):
            chain, others = wanted, (*chain.groups, *others)
        router = RouterGateway(chain, running.settings, mock=self._mock, others=others, listeners=(self._hear,))
        return _Opened(router, ref(running), chain, frozenset(router.names))

    async def _sweep(self) -> None:
        """Close what nobody is to use any more and nobody uses."""
        with self._lock:
            done = [opened for opened in self._opened if opened.over]
            self._opened = [opened for opened in self._opened if opened not in done]
        for opened in done:
            await opened.gateway.aclose()


def try_out(settings: Settings, *, instead_of: Settings) -> None:
    """Refuse a configuration that LiteLLM could not work with, before it takes the place of another.

    LiteLLM is loaded, which takes seconds, only where the two differ in what is nowhere checked but by its Router.

    Args:
        settings: The configuration.
        instead_of: The one before.

    Raises:
        RefusedError: The Router refuses something in it.
        ConfigError: A model is of no provider that LiteLLM knows.
    """
    if worth_trying(settings, instead_of=instead_of):
        from gmn_llm.routing.trial import try_out as tried  # LiteLLM takes its time

        tried(settings)


class Lent:
    """A gateway as a provider has it: each call is made at whichever is open for it then. Implements ``Gateway``.

    Args:
        gateways: Where it is lent from.
        running: The configuration of its calls.
        chain: The groups it is for.
    """

    def __init__(self, gateways: Gateways, running: Running, chain: Chain) -> None:
        self._gateways = gateways
        self._running = running
        self._chain = chain

    async def complete(self, request: CompletionRequest, *, group: str, fall_over: bool) -> LLMResponse:
        """Return one whole answer."""
        deadline = Deadline(request.timeout)
        async with self._gateways.call(self._running, self._chain, deadline) as gateway:
            return await gateway.complete(deadline.of(request), group=group, fall_over=fall_over)

    async def stream(self, request: CompletionRequest, *, group: str, fall_over: bool) -> AsyncGenerator[Delta, None]:
        """Yield an answer piece by piece."""
        deadline = Deadline(request.timeout)
        async with (
            self._gateways.call(self._running, self._chain, deadline) as gateway,
            aclosing(gateway.stream(deadline.of(request), group=group, fall_over=fall_over)) as deltas,
        ):
            async for delta in deltas:
                yield delta

    async def aclose(self) -> None:
        """Let go of connections as soon as no call needs them; a later call opens them again."""
        await self._gateways.aclose()
