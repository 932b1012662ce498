"""How long an event loop waits for a store: not for ever, and not again and again for one that hangs."""

from __future__ import annotations

import asyncio
import math
import time
from typing import TYPE_CHECKING, TypeVar

from gmn_llm.cache.store import Complaints

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Patience"]

T = TypeVar("T")
U = TypeVar("U")
REST = 5.0  # seconds a store that was too slow is left alone
STEP = 0.25  # seconds between two looks at whether a busy pool of threads has begun


class Patience:
    """Runs the work of a store on threads, and goes on without what takes too long.

    Args:
        longest: Seconds for one piece of work, from when a thread has begun it.
    """

    def __init__(self, longest: float) -> None:
        self._longest = longest
        self._idle_until = 0.0
        self._complaints = Complaints("store")

    async def run(
        self,
        work: Callable[[], T],
        absent: U,
        *,
        until: float = math.inf,
        forgo: Callable[[T], object] | None = None,
    ) -> T | U:
        """Return what ``work`` returns, or ``absent`` where that takes too long; the thread ends it all the same.

        Args:
            work: What may wait.
            absent: What stands for its result.
            until: Time of ``monotonic`` at which nobody waits any more.
            forgo: Gets a result that came too late for anybody.
        """
        if time.monotonic() < self._idle_until:
            return absent
        begun: list[str] = []
        asked = asyncio.get_running_loop().run_in_executor(None, self._begin, begun, work, absent)

        def hand_over(done: asyncio.Future[T | U]) -> None:
            if forgo is not None and not done.cancelled() and done.exception() is None:
                forgo(done.result())  # type: ignore[arg-type]  # a stand-in can be let go of as well

        spent = 0.0
        try:
            # In small steps, each counted once: where the whole process stood still, the store was not slow.
            while not asked.done() and spent < self._longest and (left := until - time.monotonic()) > 0:
                step = min(STEP, self._longest, left)
                await asyncio.wait((asked,), timeout=step)
                spent += step if begun else 0.0
            if len(begun) == 2:  # done, and the event loop is about to hear of it
                return await asked
        except asyncio.CancelledError:
            asked.add_done_callback(hand_over)
            raise
        if asked.done():
            return asked.result()
        asked.add_done_callback(hand_over)
        if spent >= self._longest:
            self._idle_until = time.monotonic() + REST
            self._complaints.tell("slow", f"it took more than {self._longest:g} s, and calls go on without the cache")
        return absent

    def _begin(self, begun: list[str], work: Callable[[], T], absent: U) -> T | U:
        if time.monotonic() < self._idle_until:  # what hung kept this one from a thread
            return absent
        begun.append("begun")
        try:
            return work()
        finally:
            begun.append("ended")
