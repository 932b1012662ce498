"""Which deployments are left alone, and until when: LiteLLM's own book of it, read and written."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Cooldowns"]

REDIS_SECONDS: Final = 1.0
"""The longest that Redis is waited for, to say which deployments the Routers of other processes leave alone."""


class Cooldowns:
    """The cooldowns of one Router, whoever began them.

    Args:
        router: The ``litellm.Router``.
    """

    def __init__(self, router: Any) -> None:
        self._router = router

    def begin(self, router_id: str, error: BaseException, status: int, seconds: float) -> None:
        """Leave a deployment alone for so many seconds, unless the configuration has no cooldowns."""
        if not self._router.disable_cooldowns:
            self._router.cooldown_cache.add_deployment_to_cooldown(
                model_id=router_id, original_exception=error, exception_status=status, cooldown_time=seconds
            )

    async def until(self, router_ids: Iterable[str]) -> dict[str, float]:
        """Return which of the deployments are left alone now, each with the end in seconds since the epoch.

        Memory is asked, and Redis where processes share that; while it does not answer, what this process saw counts.
        """
        names, cache = list(router_ids), self._router.cooldown_cache
        keys, store = [cache.get_cooldown_cache_key(name) for name in names], cache.cooldown_store
        kept = None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(REDIS_SECONDS):
                kept = await store.async_batch_get_cache(keys=keys)
        if kept is None:
            kept = await store.async_batch_get_cache(keys=keys, local_only=True)
        active = cache.active_cooldowns_from_results(names, kept)
        return {name: value["timestamp"] + value["cooldown_time"] for name, value in active}
