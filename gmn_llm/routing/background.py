"""A loop of a Router's own, for what it does beside the calls: it keeps the budgets of several processes together."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Background"]

Made = TypeVar("Made")
TURNS: Final = 8
"""Turns of the loop in which a task finds out that it can't do what it is for."""


class Background:
    """An event loop on a thread, from the making of a Router to its end.

    A Router with budgets begins a task when it is made, and needs a running loop for it. That of a call would end with
    the call's ``asyncio.run``, and the task would be somebody else's to wait for.
    """

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="gmn-llm-budgets", daemon=True)
        self._thread.start()

    def make(self, work: Callable[[], Made]) -> Made:
        """Return what ``work`` returns when it is called in the loop; raises what it raises, or a task it begins."""

        async def call() -> Made:
            before = asyncio.all_tasks()
            made = work()
            begun = asyncio.all_tasks() - before
            for _ in range(TURNS):
                await asyncio.sleep(0)
            for task in begun:
                if task.done():
                    await task
            return made

        return asyncio.run_coroutine_threadsafe(call(), self._loop).result()

    def end(self) -> None:
        """End the loop and all that still runs in it; a second call does nothing."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()

    def _run(self) -> None:
        try:
            self._loop.run_forever()
            left = asyncio.all_tasks(self._loop)
            for task in left:
                task.cancel()
            self._loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        finally:
            self._loop.close()
