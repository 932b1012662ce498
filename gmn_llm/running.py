"""One configuration in use: which providers it comes to, and what there is to tell of them."""

from __future__ import annotations

import asyncio
import logging
import threading
from functools import cached_property
from typing import NamedTuple

from gmn_llm.config import Chain, Group, Settings, environment_of, resolve_chain, spare_groups
from gmn_llm.config.references import resolved
from gmn_llm.errors import LLMError
from gmn_llm.gmn.limits import Limits

__all__ = ["CacheKey", "Running", "Told"]

log = logging.getLogger("gmn_llm")

UNASKED = (
    "no language model is configured: the offline designer (mock) answers; set OPENAI_API_KEY or "
    "ANTHROPIC_API_KEY, start Ollama, or name a provider"
)


class CacheKey(NamedTuple):
    """What decides which cache is used."""

    folder: str | None
    size_limit: int
    redis_url: str | None
    ttl: float
    share_failures: bool


class Told:
    """Remembers which chains have been told of."""

    def __init__(self) -> None:
        self._chains: list[Chain] = []
        self._lock = threading.Lock()

    def is_first(self, chain: Chain) -> bool:
        """Return whether nobody asked about this chain before."""
        with self._lock:
            known = chain in self._chains
            if not known:
                self._chains.append(chain)
            return not known


class Running:
    """A configuration from its loading to the end of the last call that began under it.

    Which providers there are is found out when it is first asked for, and once.

    Args:
        settings: The configuration.
        told: What has been told already, by the configurations before it too.

    Raises:
        ConfigError: ``limits`` has a name or a value that means nothing.
    """

    def __init__(self, settings: Settings, *, told: Told) -> None:
        self.settings = settings
        self.limits = Limits.of(dict(settings.limits))
        self._chains: dict[str, Chain] = {}
        self._told = told
        self._lock = threading.Lock()

    @cached_property
    def cache_key(self) -> CacheKey:
        """Where the cache is and how it is kept: two configurations with the same key share it."""
        said = self.settings.cache
        url = resolved(said.redis_url, environment_of(self.settings))
        return CacheKey(said.dir, said.size_limit, url if isinstance(url, str) else None, said.ttl, said.share_failures)

    async def chain(self, forced: str = "") -> Chain:
        """Return the configured chain, or that of one provider alone.

        Args:
            forced: The provider; empty for the configured chain.

        Raises:
            InputError: There is no such provider.
            AuthenticationError: The provider has no key.
            ConfigError: The configuration can't be used.
        """
        if forced not in self._chains:
            # Asking whether Ollama is there blocks for up to half a second.
            chain = await asyncio.to_thread(resolve_chain, self.settings, provider_type=forced or None)
            with self._lock:
                self._chains.setdefault(forced, chain)
        return self._chains[forced]

    async def plan(self, wanted: Chain) -> tuple[Chain, tuple[Group, ...]]:
        """Return the chain and the further groups that one gateway is to have, so that it can serve ``wanted``.

        It is the configured chain with every other group that can be built, so that whoever is asked by name shares
        cooldowns and limits with the chain. Where the configured chain can't be had (its first provider lacks a
        key) or is the mock's alone, ``wanted`` stands in its place.
        """
        try:
            chain = await self.chain()
        except LLMError:
            chain = wanted
        if chain.mock_only:
            chain = wanted
        spare = (*wanted.groups, *spare_groups(self.settings))
        others = {group.name: group for group in reversed(spare) if group.name not in chain.names}
        return chain, tuple(others.values())

    def announce(self, chain: Chain) -> None:
        """Tell once what a chain has to tell, when it is first asked for something."""
        if not self._told.is_first(chain):
            return
        for note in chain.notes:
            log.warning("%s", note)
        if chain.unasked_mock:
            log.warning("%s", UNASKED)
