"""The cache as the callers of models see it: asynchronous, and one make for each key however many ask."""

from __future__ import annotations

import asyncio
import math
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from gmn_llm.cache.flights import Call, Failure, Flights, Outcome, Seat, Unkept
from gmn_llm.cache.patience import Patience
from gmn_llm.cache.recent import Recent
from gmn_llm.cache.store import NoLease, WouldBlockError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Hashable

    from gmn_llm.cache.store import Lease, Store

__all__ = ["Fetched", "PromptCache", "Unkept", "WaitedError"]

FIRST_PAUSE = 0.02  # seconds until the second try for a lease that another process holds
LONGEST_PAUSE = 0.25
MOST_RECENT = 1024


def _any(_: str) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Fetched:
    """What ``PromptCache.fetch`` came back with.

    Attributes:
        text: The text, or None where ``make`` returned None.
        hit: It was read from the store.
        shared: It was made by another caller while this one waited.
    """

    text: str | None
    hit: bool
    shared: bool


class WaitedError(TimeoutError):
    """Another caller was making the text, and was not done in time."""


class PromptCache:
    """Asynchronous reads and writes of a ``Store``, from any number of tasks, event loops and threads.

    Args:
        store: Where the texts lie; ``aclose`` closes it.
        ttl: Seconds a text is kept, or None for as long as there is room.
        share_failures: Whether the callers of this process that wait for a make that fails get its error; otherwise
            each of them tries itself, at once. Either way no failure is stored.
        patience: Seconds that a caller waits for the store; then it goes on as if that held nothing, and so do all
            for some seconds.

    Attributes:
        recent: What callers have made of the texts of late, by key; theirs to fill.
    """

    def __init__(self, store: Store, *, ttl: float | None, share_failures: bool = False, patience: float = 2.0) -> None:
        self._store = store
        self._ttl = ttl
        self._share_failures = share_failures
        self._flights = Flights()
        self._patience = Patience(patience)
        self.recent: Recent[object] = Recent(MOST_RECENT)

    @property
    def store(self) -> Store:
        """The store; its methods may wait, so call them on a thread."""
        return self._store

    async def get(self, key: str, *, until: float = math.inf) -> str | None:
        """Return the text of ``key``, or None, also where that is not known ``until`` a time of ``monotonic``."""
        try:
            return self._store.get_now(key)
        except WouldBlockError:
            return await self._patience.run(partial(self._store.get, key), None, until=until)

    async def set(self, key: str, text: str, *, until: float = math.inf) -> None:
        """Store ``text``; it is written to its end even if the caller is cancelled or out of time."""
        await self._patience.run(partial(self._store.set, key, text, ttl=self._ttl), None, until=until)

    async def fetch(
        self,
        key: str,
        make: Callable[[], Awaitable[str | Unkept | None]],
        *,
        refresh: bool = False,
        usable: Callable[[str], bool] = _any,
        look: bool = True,
        until: float = math.inf,
        among: Hashable = None,
    ) -> Fetched:
        """Return the text of ``key``; where there is none, or to ``refresh`` it, make and store it.

        Of all callers that ask for a key at the same time, in this process and in those that share the store,
        one calls its ``make``. If that fails, the error is that caller's and those of this process that waited call
        their own at once (or get the same error, see ``share_failures``); if it is cancelled or its process dies, a
        waiter takes over within two seconds. What it returns as ``Unkept`` those that wait get, and nothing is
        stored; if it returns None, each of them makes its own. ``make`` must not fetch the same key.

        Args:
            key: What the text is stored under.
            make: Makes the text; is let run to its end.
            refresh: Whether it is made even if it is there.
            usable: Whether a text from the store can be used; one that can't is as good as none.
            look: Whether the store is looked into first; not where the caller has just done so.
            until: Time of ``monotonic`` at which to give up the waiting for store and other callers.
            among: Only callers that say the same wait for each other within this process.

        Raises:
            WaitedError: Another caller was making it until then.
            Exception: Whatever this caller's ``make`` raises.
        """
        if look and not refresh and (text := await self.get(key, until=until)) is not None and usable(text):
            return Fetched(text, hit=True, shared=False)
        seat = self._flights.join((key, refresh, among))
        if not seat.leads:
            try:
                async with asyncio.timeout(_left(until)):
                    told = await seat.wait()
            except TimeoutError as error:
                raise WaitedError from error
            if isinstance(told, str | Unkept):
                return Fetched(_text(told), hit=False, shared=True)
            if isinstance(told, Failure):
                raise told.error
            if told is Call.ALONE:
                made = await make()
                await self._keep(key, made, until)
                return Fetched(_text(made), hit=False, shared=False)
        return await self._lead(seat, key, make, refresh=refresh, usable=usable, until=until)

    async def aclose(self) -> None:
        """Close the store; later reads find nothing."""
        await asyncio.to_thread(self._store.close)

    async def _lead(
        self,
        seat: Seat,
        key: str,
        make: Callable[[], Awaitable[str | Unkept | None]],
        *,
        refresh: bool,
        usable: Callable[[str], bool],
        until: float,
    ) -> Fetched:
        outcome: Outcome = Call.LEAD
        try:
            async with self._leased(seat, key, until):
                # Another process, or the leader before this one, may have stored it since it was looked for.
                found = None if refresh else await self._found(key, usable, until)
                if found is None:
                    outcome = Call.ALONE  # if it fails; cancelled, it leaves the turn to the next
                    made = await make()
                    outcome = Call.ALONE if made is None else made
                    await self._keep(key, made, until)
                else:
                    made = outcome = found
        except WaitedError:
            raise
        except asyncio.CancelledError:
            outcome = Call.LEAD if outcome is Call.ALONE else outcome
            raise
        except Exception as error:
            if self._share_failures:
                outcome = Failure(error)
            raise
        finally:
            seat.leave(outcome)
        return Fetched(_text(made), hit=found is not None, shared=found is not None)

    async def _found(self, key: str, usable: Callable[[str], bool], until: float) -> str | None:
        found = await self._patience.run(partial(self._store.get, key, count=False), None, until=until)
        return found if found is not None and usable(found) else None

    async def _keep(self, key: str, made: str | Unkept | None, until: float) -> None:
        if isinstance(made, str):
            await self.set(key, made, until=until)

    @asynccontextmanager
    async def _leased(self, seat: Seat, key: str, until: float) -> AsyncIterator[None]:
        """Hold the right to make ``key``'s text against other processes."""
        pause = FIRST_PAUSE
        while (lease := await self._acquire(key, until)) is None:
            if time.monotonic() + pause > until:
                raise WaitedError
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
        seat.lease = lease
        try:
            yield
        finally:
            lease.release()

    async def _acquire(self, key: str, until: float) -> Lease | None:
        return await self._patience.run(
            partial(self._store.acquire, key), NoLease(), until=until, forgo=_release
        )  # fmt: skip


def _release(lease: Lease | None) -> None:
    if lease is not None:
        lease.release()


def _left(until: float) -> float | None:
    return None if until == math.inf else max(0.0, until - time.monotonic())


def _text(made: str | Unkept | None) -> str | None:
    return made.text if isinstance(made, Unkept) else made
