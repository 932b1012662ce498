"""Connections belong to an event loop; LiteLLM does not always mind that, so it is minded here.

LiteLLM keeps its clients by the address of the loop, which a later loop may have again, and has one client for the
streams of several providers that all loops share.
"""

from __future__ import annotations

import asyncio
from typing import Any

from gmn_llm.routing.observer import Observer
from gmn_llm.routing.quiet import litellm

__all__ = ["close_clients", "enter_loop", "hand_over", "share_streams_by_loop", "unhook"]

STREAMS = "gmn_llm_streams"


class ClientOfTheLoop:
    """Stands for the client that belongs to the running loop, made by LiteLLM when it is first needed."""

    def __getattr__(self, name: str) -> Any:
        """Return the attribute of the running loop's client."""
        handlers = litellm.llms.custom_httpx.http_handler
        return getattr(handlers.get_async_httpx_client(llm_provider=STREAMS), name)


def share_streams_by_loop() -> None:
    """Give the client LiteLLM streams through a loop of its own; a second call does nothing."""
    if not isinstance(vars(litellm).get("module_level_aclient"), ClientOfTheLoop):
        litellm.module_level_aclient = ClientOfTheLoop()


def enter_loop(observer: Observer) -> None:
    """Note that a gateway is used in the running loop, and drop clients of an older loop at the same address."""
    loop = asyncio.get_running_loop()
    if loop in observer.loops:
        return
    others = [callback for callback in litellm.callbacks if isinstance(callback, Observer)]
    if not any(loop in other.loops for other in others):
        for key in _keys_of(loop):
            # LiteLLM closes what it takes out, after a while, should somebody else in this loop be using it.
            litellm.in_memory_llm_clients_cache.delete_cache(key)
    observer.loops.add(loop)


async def close_clients(observer: Observer) -> None:
    """Close the connections LiteLLM keeps for this event loop, unless another gateway is still open in it.

    LiteLLM's own way to close them closes those of every loop and leaves them in its cache, where the next call would
    find them shut.
    """
    loop = asyncio.get_running_loop()
    await litellm.litellm_core_utils.logging_worker.GLOBAL_LOGGING_WORKER.flush()
    others = (callback for callback in litellm.callbacks if isinstance(callback, Observer))
    if loop not in observer.loops or any(loop in other.loops for other in others):
        return
    # All are taken out before the first is closed: a gateway that is new in this loop must find none of them.
    for client in [_take(key) for key in _keys_of(loop)]:
        close = getattr(client, "close", None) or getattr(client, "aclose", None)
        if asyncio.iscoroutinefunction(close):
            await close()
    # A transport is gone only after the loop has come round to it.
    await asyncio.sleep(0)
    await asyncio.sleep(0)


def unhook(*ours: object) -> None:
    """Take the callbacks out of every list LiteLLM has copied them to; its own way forgets some."""
    lists = (
        litellm.callbacks,
        litellm.input_callback,
        litellm.success_callback,
        litellm.failure_callback,
        litellm.service_callback,
        litellm._async_success_callback,  # noqa: SLF001 - LiteLLM copies into it
        litellm._async_failure_callback,  # noqa: SLF001 - as above
    )
    for callbacks in lists:
        callbacks[:] = [callback for callback in callbacks if not any(callback is each for each in ours)]


def hand_over() -> None:
    """Let the checks of an open gateway take the place of those that went with a closed one.

    LiteLLM takes the checks of two Routers for one and keeps the first, which then counts for both.
    """
    for observer in [callback for callback in litellm.callbacks if isinstance(callback, Observer)]:
        for check in observer.checks:
            if not any(type(callback) is type(check) for callback in litellm.callbacks):
                litellm.callbacks.append(check)


def _keys_of(loop: asyncio.AbstractEventLoop) -> list[str]:
    suffix = f"-{id(loop)}"
    return [key for key in litellm.in_memory_llm_clients_cache.cache_dict if str(key).endswith(suffix)]


def _take(key: str) -> Any:
    cache = litellm.in_memory_llm_clients_cache
    cache.ttl_dict.pop(key, None)
    return cache.cache_dict.pop(key, None)
