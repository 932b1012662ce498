"""The cache as the callers of models see it: asynchronous, and one make for each key however many ask."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gmn_llm.cache.flights import Call, Failure, Flights, Seat
from gmn_llm.cache.recent import Recent
from gmn_llm.cache.store import WouldBlockError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from gmn_llm.cache.store import Lease, Store

__all__ = ["Fetched", "PromptCache"]

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


class PromptCache:
    """Asynchronous reads and writes of a ``Store``, from any number of tasks, event loops and threads.

    Args:
        store: Where the texts lie; ``aclose`` closes it.
        ttl: Seconds a text is kept, or None for as long as there is room.
        share_failures: Whether the callers of this process that wait for a make that fails get its error; otherwise
            the next of them tries itself. Either way no failure is stored.

    Attributes:
        recent: What callers have made of the texts of late, by key; theirs to fill.
    """

    def __init__(self, store: Store, *, ttl: float | None, share_failures: bool = False) -> None:
        self._store = store
        self._ttl = ttl
        self._share_failures = share_failures
        self._flights = Flights()
        self.recent: Recent[object] = Recent(MOST_RECENT)

    @property
    def store(self) -> Store:
        """The store; its methods may wait, so call them on a thread."""
        return self._store

    async def get(self, key: str) -> str | None:
        """Return the text of ``key``, or None."""
        try:
            return self._store.get_now(key)
        except WouldBlockError:
            return await asyncio.to_thread(self._store.get, key)

    async def set(self, key: str, text: str) -> None:
        """Store ``text``; it is written to its end even if the caller is cancelled."""
        await asyncio.to_thread(self._store.set, key, text, ttl=self._ttl)

    async def fetch(
        self,
        key: str,
        make: Callable[[], Awaitable[str | None]],
        *,
        refresh: bool = False,
        usable: Callable[[str], bool] = _any,
        look: bool = True,
    ) -> Fetched:
        """Return the text of ``key``; where there is none, or to ``refresh`` it, make and store it.

        Of all callers that ask for a key at the same time, in this process and in those that share the store,
        one calls its ``make``. If that fails, the error is that caller's and the next one calls its own (or gets
        the same error, see ``share_failures``); if it is cancelled or its process dies, a waiter takes over within
        two seconds. If it returns None there is nothing to store, and each waiter of this process makes its own
        at once. ``make`` must not fetch the same key.

        Args:
            key: What the text is stored under.
            make: Makes the text.
            refresh: Whether it is made even if it is there.
            usable: Whether a text from the store can be used; one that can't is as good as none.
            look: Whether the store is looked into first; not where the caller has just done so.

        Raises:
            Exception: Whatever this caller's ``make`` raises.
        """
        if look and not refresh and (text := await self.get(key)) is not None and usable(text):
            return Fetched(text, hit=True, shared=False)
        seat = self._flights.join((key, refresh))
        if not seat.leads:
            told = await seat.wait()
            if isinstance(told, str):
                return Fetched(told, hit=False, shared=True)
            if isinstance(told, Failure):
                raise told.error
            if told is Call.ALONE:
                text = await make()
                await self._keep(key, text)
                return Fetched(text, hit=False, shared=False)
        return await self._lead(seat, key, make, refresh=refresh, usable=usable)

    async def aclose(self) -> None:
        """Close the store; later reads find nothing."""
        await asyncio.to_thread(self._store.close)

    async def _lead(
        self,
        seat: Seat,
        key: str,
        make: Callable[[], Awaitable[str | None]],
        *,
        refresh: bool,
        usable: Callable[[str], bool],
    ) -> Fetched:
        outcome: str | Call | Failure = Call.LEAD
        try:
            async with self._leased(seat, key):
                # Another process, or the leader before this one, may have stored it since it was looked for.
                found = None if refresh else await asyncio.to_thread(self._store.get, key, count=False)
                if found is not None and not usable(found):
                    found = None
                text = await make() if found is None else found
                outcome = Call.ALONE if text is None else text
                if found is None:
                    await self._keep(key, text)
        except Exception as error:
            if self._share_failures:
                outcome = Failure(error)
            raise
        finally:
            seat.leave(outcome)
        return Fetched(text, hit=found is not None, shared=found is not None)

    async def _keep(self, key: str, text: str | None) -> None:
        if text is not None:
            await self.set(key, text)

    @asynccontextmanager
    async def _leased(self, seat: Seat, key: str) -> AsyncIterator[None]:
        """Hold the right to make ``key``'s text against other processes."""
        pause = FIRST_PAUSE
        while (lease := await self._acquire(key)) is None:
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
        seat.lease = lease
        try:
            yield
        finally:
            lease.release()

    async def _acquire(self, key: str) -> Lease | None:
        asked = asyncio.get_running_loop().run_in_executor(None, self._store.acquire, key)
        try:
            return await asyncio.shield(asked)
        except asyncio.CancelledError:
            asked.add_done_callback(_release)  # the thread can't be cancelled, and may have got it
            raise


def _release(asked: asyncio.Future[Lease | None]) -> None:
    if not asked.cancelled() and (lease := asked.result()) is not None:
        lease.release()
