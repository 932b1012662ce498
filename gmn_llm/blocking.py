"""The one-liner for scripts and notebooks, and the factories that are kept for it."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gmn_llm.arguments import seconds_of
from gmn_llm.config import ConfigSource
from gmn_llm.factory import LLMProviderFactory
from gmn_llm.provider import TIMEOUT

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from gmn_llm.config import Given, Settings
    from gmn_llm.gmn import GMNSpec

__all__ = ["KeptFactories", "generate", "kept_factories"]

ROOM = 8
"""Factories that are kept; of more, the one that was not used for the longest time is closed."""
SET_BY_LITELLM = ("LITELLM_", "TIKTOKEN_")
"""How the names of variables begin that appear while LiteLLM is loaded, and say nothing of providers."""
SHORTEST = 0.001
"""Seconds that are left for a call whose time has gone by while its configuration was read."""


@dataclass(eq=False)
class _Kept:
    """A factory, what it was made from, and how many calls it has.

    Attributes:
        settings: The configuration.
        surroundings: What else decides: process, folder and environment, whose values are not kept.
        factory: The factory.
        calls: Calls in flight, over all threads.
        last: When a call last took it, as a number that grows.
    """

    settings: Settings
    surroundings: tuple[int, Path, int]
    factory: LLMProviderFactory
    calls: int = 0
    last: int = 0


class KeptFactories:
    """Factories of calls that bring none of their own, so that limits, cooldowns and health outlive a call.

    There is one for each configuration, by its content: a file that was edited is another one. Connections are none of
    what is kept: they end with the event loop of each call, and the cache is closed when no call needs it. A forked
    process has factories of its own.

    Args:
        room: How many are kept.
    """

    def __init__(self, room: int = ROOM) -> None:
        self._room = room
        self._lock = threading.Lock()
        self._kept: list[_Kept] = []
        self._taken = 0

    async def call(self, settings: Settings, prompt: str, **more: Any) -> GMNSpec:
        """Return a document by the factory for a configuration."""
        kept, spare = self._take(settings)
        try:
            for old in spare:
                await old.factory.aclose()
            return await kept.factory.generate_gmn(prompt, **more)
        finally:
            await self._given_back(kept)

    def _take(self, settings: Settings) -> tuple[_Kept, list[_Kept]]:
        """Return the factory for a configuration, with those that have to make room for it."""
        surroundings = (os.getpid(), Path.cwd(), _environment())
        with self._lock:
            kept = next((k for k in self._kept if k.surroundings == surroundings and k.settings == settings), None)
            if kept is None:
                kept = _Kept(settings, surroundings, LLMProviderFactory(settings))
                self._kept.append(kept)
            self._taken += 1
            kept.calls, kept.last = kept.calls + 1, self._taken
            idle = sorted((k for k in self._kept if not k.calls), key=lambda k: k.last)
            spare = idle[: max(len(self._kept) - self._room, 0)]
            self._kept = [k for k in self._kept if k not in spare]
        return kept, spare

    async def _given_back(self, kept: _Kept) -> None:
        with self._lock:
            kept.calls -= 1
            # Begun while nobody else can take it: who comes now opens anew what is closed here.
            closing = None if kept.calls else kept.factory.rest()
        if closing is not None:
            await closing


def _environment() -> int:
    """Return a number that another environment has another of."""
    return hash(frozenset(item for item in os.environ.items() if not item[0].startswith(SET_BY_LITELLM)))


@cache
def kept_factories() -> KeptFactories:
    """Return those of this process: the one thing that the package keeps between calls without being asked to."""
    return KeptFactories()


def generate(prompt: str, *, config: Given = None, timeout: float = TIMEOUT, **more: Any) -> GMNSpec:
    """Return a valid document for a description in words, without asyncio.

    It works inside a running event loop too (a notebook): the call then runs on a thread of its own. Calls with the
    same configuration share rate limits, cooldowns and what is known of the providers, as those of one factory do.

    Args:
        prompt: What the agent is, in any words.
        config: As ``create_llm_factory`` takes it; a file is read with each call.
        timeout: Seconds for the whole call, from now on.
        **more: As ``LLMProviderFactory.generate_gmn`` takes them.

    Raises:
        LLMError: One of its subclasses.
    """
    end = time.monotonic() + seconds_of(timeout)
    settings = ConfigSource(config).read()

    async def once() -> GMNSpec:
        left = max(end - time.monotonic(), SHORTEST)
        if settings.mock.replies:  # a script that begins anew with each call
            async with LLMProviderFactory(settings) as factory:
                return await factory.generate_gmn(prompt, timeout=left, **more)
        return await kept_factories().call(settings, prompt, timeout=left, **more)

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(once())
    return _on_a_thread(once())


def _on_a_thread(coroutine: Coroutine[object, object, GMNSpec]) -> GMNSpec:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1, "gmn-llm") as pool:
        return pool.submit(asyncio.run, coroutine).result()
