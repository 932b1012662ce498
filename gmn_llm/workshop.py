"""Work that takes its time and goes on though nobody waits for it any more."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

__all__ = ["Workshop"]


class Workshop:
    """Threads for pieces of work, each of which is done once for all who wait for it, on any event loop.

    The threads are none of an event loop's own, for whose work `asyncio.run` waits before it returns: there a call
    whose time is over would keep the program waiting after all. The end of the program does wait for them.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._under_way: dict[Hashable, Future[None]] = {}

    async def done(self, key: Hashable, work: Callable[[], None]) -> None:
        """Wait until ``work`` is done, here or for somebody else who says the same ``key``; raises what it raises."""
        with self._lock:
            doing = self._under_way.get(key)
            if doing is None:
                doing = self._under_way[key] = Future()
                doing.set_running_or_notify_cancel()  # so that nobody who gives up takes it from the others
                threading.Thread(target=self._do, args=(key, doing, work), name="gmn-llm-opening").start()
        await asyncio.wrap_future(doing)

    def _do(self, key: Hashable, doing: Future[None], work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001  # handed on to those who wait, whatever it is
            self._forget(key)
            doing.set_exception(error)
        else:
            self._forget(key)
            doing.set_result(None)

    def _forget(self, key: Hashable) -> None:
        with self._lock:
            del self._under_way[key]
