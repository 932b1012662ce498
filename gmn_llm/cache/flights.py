"""Who makes the text of a key within this process, and who waits for it: over threads and event loops."""

from __future__ import annotations

import asyncio
import os
import threading
from collections import deque
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Hashable

    from gmn_llm.cache.store import Lease

__all__ = ["Call", "Failure", "Flights", "Outcome", "Seat", "Unkept"]

CHECK = 1.0  # seconds between two looks at whether the one that makes the text still can


class Call(Enum):
    """What a seat is told when there is no text for it to take."""

    LEAD = "make it: it is your turn"
    ALONE = "make your own, beside the others"


@dataclass(frozen=True, slots=True)
class Unkept:
    """A text for those who wait for it now, and for nobody later: it is not stored."""

    text: str


@dataclass(frozen=True, slots=True)
class Failure:
    """What a seat is told when the text could not be made and nobody else is to try."""

    error: Exception


Outcome: TypeAlias = str | Unkept | Call | Failure


class Seat:
    """One caller's place in the queue for a key.

    Attributes:
        leads: Whether this caller makes the text.
        lease: What the leader holds against other processes, so that who takes over can let go of it.
    """

    def __init__(self, flights: Flights, key: Hashable) -> None:
        self._flights = flights
        self.key = key
        self.leads = False
        self.lease: Lease | None = None
        self.loop = asyncio.get_running_loop()
        self._told: asyncio.Future[Outcome] = self.loop.create_future()

    async def wait(self) -> Outcome:
        """Return the text the leader made, its failure, or what to do instead.

        A leader whose event loop has stopped is replaced within two looks. Being cancelled here harms nobody.
        """
        try:
            while not self._told.done():
                await asyncio.wait((self._told,), timeout=CHECK)
                if not self._told.done():
                    self._flights.replace_dead(self.key)
        except asyncio.CancelledError:
            self._flights.withdraw(self)
            raise
        return self._told.result()

    def leave(self, outcome: Outcome) -> None:
        """End the leader's turn: with text or failure for all, ``LEAD`` for the next one, or ``ALONE`` for all."""
        self._flights.leave(self, outcome)

    def tell(self, outcome: Outcome) -> bool:
        """Wake the caller; False where its event loop is gone."""
        try:
            self.loop.call_soon_threadsafe(self._settle, outcome)
        except RuntimeError:  # what asyncio raises for a closed loop
            return False
        return True

    def _settle(self, outcome: Outcome) -> None:
        if not self._told.done():
            self._told.set_result(outcome)


class Flights:
    """The keys that are being made now, each with its leader and those that wait, in the order they came."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._queues: dict[Hashable, deque[Seat]] = {}
        self._pid = os.getpid()

    def join(self, key: Hashable) -> Seat:
        """Return a seat for the running task; the first one of a key leads."""
        seat = Seat(self, key)
        with self._lock:
            if self._pid != os.getpid():  # a fork: whom the parent waits for does not run here
                self._queues, self._pid = {}, os.getpid()
            queue = self._queues.setdefault(key, deque())
            queue.append(seat)
            seat.leads = queue[0] is seat
        return seat

    def leave(self, seat: Seat, outcome: Outcome) -> None:
        """See ``Seat.leave``; a leader that was replaced meanwhile still hands out its text."""
        with self._lock:
            queue = self._queues.get(seat.key, deque())
            if outcome is Call.LEAD:
                if queue and queue[0] is seat:
                    self._lead_next(queue)
                return
            if not queue or (not isinstance(outcome, str | Unkept) and queue[0] is not seat):
                return
            del self._queues[seat.key]
            for other in queue:
                if other is not seat and not other.leads:
                    other.tell(outcome)

    def withdraw(self, seat: Seat) -> None:
        """Take a cancelled caller out; if it had just been told to lead, the next one does."""
        with self._lock:
            queue = self._queues.get(seat.key)
            if queue is None or seat not in queue:
                return
            if queue[0] is seat:
                self._lead_next(queue)
            else:
                queue.remove(seat)

    def replace_dead(self, key: Hashable) -> None:
        """Let the next one lead if the leader's event loop does not run any more."""
        with self._lock:
            queue = self._queues.get(key)
            if queue is None or queue[0].loop.is_running():
                return
            if queue[0].lease is not None:
                queue[0].lease.release()
            self._lead_next(queue)

    def _lead_next(self, queue: deque[Seat]) -> None:
        key = queue.popleft().key
        while queue:
            queue[0].leads = True
            if queue[0].tell(Call.LEAD):
                return
            queue.popleft()
        del self._queues[key]
