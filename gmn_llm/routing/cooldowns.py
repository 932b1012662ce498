"""Which deployments are left alone, and until when: LiteLLM's own book of it, read and written."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, Final

from gmn_llm.routing.quiet import litellm

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

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

    def count(self, router_id: str, error: BaseException) -> None:
        """Count a failure, which cools the deployment down once there are more of them than it is allowed.

        The Router counts by itself what it takes for a failure of the deployment; this is for all others.

        Args:
            router_id: The deployment.
            error: An exception of LiteLLM's, by whose class the Router tells how many are allowed.
        """
        info = (self._router.get_model_info(id=router_id) or {}).get("model_info") or {}
        name = type(error).__name__
        policy = info.get("allowed_fails_policy") or {}
        allowed = policy.get(f"{name.removesuffix('Error')}ErrorAllowedFails", info.get("allowed_fails"))
        spent = litellm.router_utils.cooldown_handlers.should_cooldown_based_on_allowed_fails_policy(
            litellm_router_instance=self._router,
            deployment=router_id,
            original_exception=error,
            allowed_fails_override=allowed,
            cache_key_suffix=name if allowed is not None else None,
        )
        if spent:
            seconds = info.get("cooldown_time") or self._router.cooldown_time
            self.begin(router_id, error, getattr(error, "status_code", 503), float(seconds))

    def held(self, router_ids: Sequence[str]) -> set[str]:
        """Return which of the deployments this process leaves alone now; memory is asked, and nobody else."""
        cache, names = self._router.cooldown_cache, list(router_ids)
        kept = cache.in_memory_cache.batch_get_cache([cache.get_cooldown_cache_key(name) for name in names])
        return {name for name, _ in cache.active_cooldowns_from_results(names, kept)}

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
