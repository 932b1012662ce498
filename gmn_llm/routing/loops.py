"""Connections belong to an event loop; LiteLLM does not always mind that, so it is minded here.

LiteLLM keeps its clients by the address of the loop, which a later loop may have again, has one client for the
streams of several providers that all loops share (here each call brings its own loop's), and one queue of things to log
that loops on several threads take from each other.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
from typing import TYPE_CHECKING, Any

from gmn_llm.routing.clients import is_named_ours
from gmn_llm.routing.observer import Observer
from gmn_llm.routing.quiet import litellm

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable, Iterator

__all__ = ["enter_loop", "leave_loop", "share_by_loop", "unhook"]

STEPS = 3
"""Turns of the loop from taking a thing out of the queue to the beginning of its logging."""
LOG_SECONDS = 5.0
"""The longest that the end of a loop waits for LiteLLM's logging."""


class LoggerOfTheLoop:
    """Stands for LiteLLM's queue of things to log: the running loop's own where a gateway is used, else the one.

    This takes the place of ``GLOBAL_LOGGING_WORKER``, a name of LiteLLM's that it does not document, because nothing
    that it does document keeps a call from being put into that queue. LiteLLM looks the name up with each call, and
    moves the queue to whichever loop used it last: with loops on two threads, coroutines of the one are run or dropped
    by the other, which tells of each on standard error and leaves sockets open. Each loop of ours has a queue of the
    same class, made, flushed and stopped by the class's own public methods. Two things have no public name:
    ``_flush_on_exit``, which a queue registers for the end of the program when it is made, and what it has taken out
    and not begun, ``_unstarted_dequeued_tasks``.

    Args:
        original: LiteLLM's.
    """

    def __init__(self, original: Any) -> None:
        self._original = original
        self._workers: dict[asyncio.AbstractEventLoop, Any] = {}

    def __getattr__(self, name: str) -> Any:
        """Return the attribute of the running loop's queue."""
        return getattr(self._here(), name)

    def enter(self) -> None:
        """Give the running loop a queue of its own."""
        self._workers.setdefault(asyncio.get_running_loop(), type(self._original)())

    async def leave(self) -> None:
        """Log what the running loop has left, and take its queue away."""
        worker = self._workers.pop(asyncio.get_running_loop(), None)
        if worker is None:
            return
        atexit.unregister(worker._flush_on_exit)  # noqa: SLF001 - LiteLLM registers it by itself
        for _ in range(STEPS):
            await asyncio.sleep(0)
        # What `asyncio.run` has cancelled between the queue and its beginning would be waited for in vain.
        lost = worker._unstarted_dequeued_tasks()  # noqa: SLF001 - nothing public tells of them
        for task in lost:
            task["coroutine"].close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LOG_SECONDS):
                await (worker.clear_queue() if lost else worker.flush())
        await worker.stop()

    def _here(self) -> Any:
        try:
            return self._workers.get(asyncio.get_running_loop(), self._original)
        except RuntimeError:  # no loop runs: LiteLLM was asked without asyncio, or the interpreter ends
            return self._original


def share_by_loop() -> None:
    """Give each loop a queue of its own for what LiteLLM logs; a second call does nothing."""
    holder = litellm.litellm_core_utils.logging_worker
    if not isinstance(holder.GLOBAL_LOGGING_WORKER, LoggerOfTheLoop):
        holder.GLOBAL_LOGGING_WORKER = LoggerOfTheLoop(holder.GLOBAL_LOGGING_WORKER)


async def enter_loop(observer: Observer) -> None:
    """Note that a gateway is now used in the running loop, and see to it that the loop ends without a connection.

    Our clients of an older loop at the same address are dropped; the program's own are not touched.
    """
    loop = asyncio.get_running_loop()
    if not _is_used(loop):
        for key in filter(is_named_ours, _keys_of(loop)):
            # LiteLLM closes what it takes out, after a while, should somebody else in this loop be using it.
            litellm.in_memory_llm_clients_cache.delete_cache(key)
    guard = observer.loops[loop] = _guard(observer)
    await anext(guard)


async def leave_loop(observer: Observer) -> None:
    """Close the gateway's connections in this event loop, unless another gateway is still used in it."""
    guard = observer.loops.get(asyncio.get_running_loop())
    if guard is not None:
        await guard.aclose()


async def _guard(observer: Observer) -> AsyncGenerator[None, None]:
    """Wait for the end of the gateway or of its loop: `asyncio.run` closes the generators that are left."""
    logger = litellm.litellm_core_utils.logging_worker.GLOBAL_LOGGING_WORKER
    logger.enter()
    before = frozenset(_keys_of(asyncio.get_running_loop()))
    try:
        yield
    finally:
        loop = asyncio.get_running_loop()
        observer.loops.pop(loop, None)
        for other in _users_of(loop):
            other.borrows |= observer.borrows
        if not _is_used(loop):
            await logger.leave()
            await _close_clients(key for key in _keys_of(loop) if is_named_ours(key) or _is_new(key, observer, before))


def _is_new(key: str, observer: Observer, before: frozenset[str]) -> bool:
    """Return whether a client of LiteLLM's may have been made for the gateway; others are the program's own."""
    return observer.borrows and key not in before


async def _close_clients(keys: Iterable[str]) -> None:
    """Close clients.

    LiteLLM's own way to close them closes those of every loop and leaves them in its cache, where the next call would
    find them shut.
    """
    # All are taken out before the first is closed: a gateway that is new in this loop must find none of them.
    for client in [_take(key) for key in keys]:
        close = getattr(client, "close", None) or getattr(client, "aclose", None)
        if asyncio.iscoroutinefunction(close):
            await close()
    # A transport is gone only after the loop has come round to it.
    await asyncio.sleep(0)
    await asyncio.sleep(0)


def _is_used(loop: asyncio.AbstractEventLoop) -> bool:
    return any(_users_of(loop))


def _users_of(loop: asyncio.AbstractEventLoop) -> Iterator[Observer]:
    yield from (each for each in litellm.callbacks if isinstance(each, Observer) and loop in each.loops)


def callback_lists() -> tuple[list[Any], ...]:
    """Return the lists in which LiteLLM keeps callbacks."""
    return (
        litellm.callbacks,
        litellm.input_callback,
        litellm.success_callback,
        litellm.failure_callback,
        litellm.service_callback,
        litellm._async_success_callback,  # noqa: SLF001 - LiteLLM copies into it
        litellm._async_failure_callback,  # noqa: SLF001 - as above
    )


def unhook(*ours: object) -> None:
    """Take the callbacks out of every list LiteLLM has copied them to; its own way forgets some."""
    for callbacks in callback_lists():
        callbacks[:] = [callback for callback in callbacks if not any(callback is each for each in ours)]


def _keys_of(loop: asyncio.AbstractEventLoop) -> list[str]:
    suffix = f"-{id(loop)}"
    return [key for key in litellm.in_memory_llm_clients_cache.cache_dict if str(key).endswith(suffix)]


def _take(key: str) -> Any:
    cache = litellm.in_memory_llm_clients_cache
    cache.ttl_dict.pop(key, None)
    return cache.cache_dict.pop(key, None)
