"""``create_llm_factory``: from a configuration to providers that generate documents."""

from __future__ import annotations

import asyncio
import logging
import threading
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING, Any, Self

from gmn_llm.answering import Parts
from gmn_llm.arguments import forced_of, seconds_of
from gmn_llm.checkup import checkup, with_shared
from gmn_llm.config import ConfigSource, Given, Settings, shared_redis
from gmn_llm.config.refusal import RefusedError
from gmn_llm.deadline import Deadline
from gmn_llm.errors import ConfigError, InputError
from gmn_llm.findings import quote
from gmn_llm.gateways import Gateways, try_out
from gmn_llm.health import HealthView
from gmn_llm.health.shared import Shared
from gmn_llm.health.totals import sheet_of
from gmn_llm.mock import MockService
from gmn_llm.prompts import AGENT_TYPES
from gmn_llm.provider import TIMEOUT, Provider
from gmn_llm.relay import Relay, Stream
from gmn_llm.running import CacheKey, Running, Told
from gmn_llm.tracing import trace_attempt

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping, Sequence

    from gmn_llm.cache import PromptCache
    from gmn_llm.config import Chain
    from gmn_llm.generation.events import GMNEvent
    from gmn_llm.gmn import GMNSpec
    from gmn_llm.messages import Chunk, LLMMessage, LLMResponse, ProviderType

__all__ = ["LLMProviderFactory", "create_llm_factory"]

log = logging.getLogger("gmn_llm")

SCOPES = ("own", "shared")


def create_llm_factory(config: Given = None, *, watch: bool = False) -> LLMProviderFactory:
    """Return a factory for a configuration.

    Args:
        config: A mapping, the path of a YAML, JSON or TOML file, ``Settings``, or None: then ``GMN_LLM_CONFIG``,
            ``./gmn-llm.yaml``, the user's configuration folder and the environment are asked, in this order.
        watch: Whether a change of the file, or of its env file, is taken up with the next call, as ``reload`` does;
            a file that can't be used is one warning, and the configuration before it goes on.

    Raises:
        ConfigError: Something is wrong with the configuration; the message names file, line and key.
    """
    return LLMProviderFactory(config, watch=watch)


class LLMProviderFactory:
    """Wires configuration, providers and cache; use it as an async context manager, or call ``aclose``.

    Which providers there are is found out at the first call, not when the factory is made.
    """

    def __init__(self, config: Given = None, *, watch: bool = False) -> None:
        self._source = ConfigSource(config)
        self._watch = watch
        settings = self._source.read()
        self._told = Told()
        self._running = Running(settings, told=self._told)
        self._agent_types = dict(AGENT_TYPES)
        said = settings.mock
        self._mock = MockService(delay=said.delay, error_rate=said.error_rate, replies=said.replies)
        self._health = HealthView()
        self._gateways = Gateways(mock=self._mock, listeners=(self._health.record, trace_attempt))
        self._providers: dict[tuple[Running, str], Provider] = {}
        self._caches: dict[CacheKey, PromptCache] = {}
        self._shares: dict[str, Shared] = {}
        self._reloading = threading.Lock()

    @property
    def settings(self) -> Settings:
        """The configuration."""
        return self._running.settings

    def reload(self, config: Given = None) -> Settings:
        """Read the configuration again and let it hold for every call that begins from now on.

        Calls in flight end as they began; the connections of the configuration before are let go of after them.
        A provider that was handed out keeps the configuration it was made from; ``get_provider`` gives one of the
        new. Agent types, the health view and what the mock was asked stay as they are; the cache is opened anew only
        where its own settings changed. A changed ``model_list``, ``router_settings`` or ``params`` is tried out with
        LiteLLM's Router first, which is loaded for it where it is not yet.

        Args:
            config: Another source from now on; None for the one the factory was made with, read again.

        Raises:
            ConfigError: Something is wrong with it; the running configuration stays in place.
        """
        with self._reloading:
            source = self._source if config is None else ConfigSource(config)
            settings = source.read()
            running = Running(settings, told=self._told)
            try:
                try_out(settings, instead_of=self._running.settings)
            except RefusedError as error:
                raise ConfigError(source.told(error.problem), hint=error.hint) from error
            said = settings.mock
            self._mock.configure(delay=said.delay, error_rate=said.error_rate, replies=said.replies)
            self._source, self._running, self._providers = source, running, {}
        return settings

    @property
    def agent_types(self) -> Mapping[str, str]:
        """The known kinds of agent, with what a model is told about each."""
        return MappingProxyType(self._agent_types)

    def register_agent_type(self, name: str, guidance: str) -> None:
        """Add a kind of agent, or say something else about a known one.

        Args:
            name: What ``agent_type`` calls it.
            guidance: What a model is told about it, in a sentence or two.

        Raises:
            InputError: One of them is empty.
        """
        if not name.strip() or not guidance.strip():
            raise InputError("an agent type has a name and a sentence on what it is")
        self._agent_types[name] = guidance

    async def get_provider(self, provider_type: ProviderType | str | None = None) -> Provider:
        """Return the configured chain, or one provider that answers alone.

        Args:
            provider_type: A provider or ``model_name``; None and ``auto`` for the chain.

        Raises:
            InputError: There is no such provider; the message lists what there is.
            AuthenticationError: The provider has no key.
            ConfigError: The configuration can't be used.
        """
        running, forced = self._current(), forced_of(provider_type)
        return self._providers.get((running, forced)) or await self._new_provider(running, forced)

    async def _new_provider(self, running: Running, forced: str) -> Provider:
        providers = self._providers
        provider = self._made_provider(running, await running.chain(forced), alone=bool(forced))
        providers[running, forced] = provider
        return provider

    def _made_provider(self, running: Running, chain: Chain, *, alone: bool) -> Provider:
        shared = self._shared(running)
        parts = Parts(
            settings=running.settings,
            chain=chain,
            gateway=self._gateways.lent(running, chain),
            close=self._gateways.aclose,
            agent_types=self._agent_types,
            cache=lambda: self._opened_cache(running),
            announce=lambda: self._begun(running, chain, shared),
            limits=running.limits,
            hit=self._health.record_hit,
        )
        return Provider(parts, fall_over=not alone)

    async def generate_gmn(
        self,
        prompt: str,
        agent_type: str = "general",
        constraints: Mapping[str, object] | None = None,
        *,
        provider_type: ProviderType | str | None = None,
        timeout: float = TIMEOUT,  # noqa: ASYNC109  # the deadline of the whole call
        **more: Any,
    ) -> GMNSpec:
        """Return a valid document for a description in words; arguments as ``Provider.generate_gmn`` has them."""
        deadline = Deadline(seconds_of(timeout))
        provider = await self._found(provider_type, deadline)
        return await provider.generate_gmn(
            prompt, agent_type=agent_type, constraints=constraints, timeout=deadline.left, **more
        )

    def stream_gmn(
        self,
        prompt: str,
        agent_type: str = "general",
        constraints: Mapping[str, object] | None = None,
        *,
        provider_type: ProviderType | str | None = None,
        timeout: float = TIMEOUT,
        **more: Any,
    ) -> Stream[GMNEvent]:
        """Yield what happens while a document is made; arguments and events as ``Provider.stream_gmn`` has them."""

        async def make(relay: Relay[GMNEvent]) -> None:
            deadline = Deadline(seconds_of(timeout))
            provider = await self._found(provider_type, deadline)
            asked = {"agent_type": agent_type, "constraints": constraints, "timeout": deadline.left, **more}
            await provider.stream_gmn(prompt, **asked).into(relay)

        return Stream(make)

    async def generate(
        self,
        messages: Sequence[LLMMessage | Mapping[str, str]],
        *,
        provider_type: ProviderType | str | None = None,
        timeout: float = TIMEOUT,  # noqa: ASYNC109  # the deadline of the whole call
        **more: Any,
    ) -> LLMResponse:
        """Return a plain answer to a conversation; arguments as ``Provider.generate`` has them."""
        deadline = Deadline(seconds_of(timeout))
        provider = await self._found(provider_type, deadline)
        return await provider.generate(messages, timeout=deadline.left, **more)

    def stream(
        self,
        messages: Sequence[LLMMessage | Mapping[str, str]],
        *,
        provider_type: ProviderType | str | None = None,
        timeout: float = TIMEOUT,
        **more: Any,
    ) -> Stream[Chunk]:
        """Yield a plain answer piece by piece; arguments and chunks as ``Provider.stream`` has them."""

        async def make(relay: Relay[Chunk]) -> None:
            deadline = Deadline(seconds_of(timeout))
            provider = await self._found(provider_type, deadline)
            await provider.stream(messages, timeout=deadline.left, **more).into(relay)

        return Stream(make)

    async def _found(self, provider_type: ProviderType | str | None, deadline: Deadline) -> Provider:
        """Return the provider that answers a call, within the call's time."""
        running, forced = self._current(), forced_of(provider_type)
        known = self._providers.get((running, forced))
        if known is not None:
            return known
        return await deadline.bound(
            self._new_provider(running, forced), doing="which providers there are was still being found out"
        )

    async def health_check(self, *, probe: bool = False, scope: str = "own") -> dict[str, Any]:
        """Return how each provider did so far, and whether it can be used.

        Listed are the providers of the chain, those that are configured or named and can't be used, and those that
        were asked by name.

        Args:
            probe: Whether each provider of the chain is asked first, all at once, at most 5 seconds in all, by the
                cheapest call that proves it: a list of models, which counts as no request, or one token where there
                is no list. ``probe`` of a provider then has ``ok``, ``message``, ``hint`` and ``seconds``.
            scope: ``own`` for what this factory counted, ``shared`` for the sums of all that share its Redis
                (``cache.redis_url``, or the ``redis_`` settings of ``router_settings``). Where it can't be asked the
                figures are this factory's own, and ``shared`` says so.

        Returns:
            ``providers`` has, by name: ``available`` (and, where it is not, ``reason``), ``healthy``, ``requests``,
            ``success_rate`` (percent), ``average_latency`` (seconds), ``consecutive_failures``, ``last_success``,
            ``last_failure`` (ISO 8601, UTC), ``deployments`` with the same for each, and more; beside it are
            ``primary_provider``, ``fallback_chain``, ``can_answer``, ``notes``, ``scope`` and, where it was asked
            for, ``shared``.

        Raises:
            InputError: There is no such scope.
            ConfigError: No Redis is configured to share figures, or ``LLM_PROVIDER`` names nothing known.
        """
        running = self._current()
        if scope not in SCOPES:
            raise InputError(f"there is no scope {quote(scope)}", hint=f"one of {', '.join(SCOPES)}")
        shared = self._shared(running) if scope == "shared" else None
        if scope == "shared" and shared is None:
            raise ConfigError(
                "no Redis is configured that factories could share their figures by",
                hint="set cache.redis_url, or redis_url in router_settings",
            )
        asked = checkup(running, health=self._health, gateways=self._gateways, probe=probe)
        if shared is None:
            return await asked
        report, gathered = await asyncio.gather(asked, shared.gathered())
        return with_shared(report, gathered)

    def _shared(self, running: Running) -> Shared | None:
        """Return what shares the figures by way of the Redis of a configuration; None where it has none."""
        url = shared_redis(running.settings)
        if url is not None and url not in self._shares:
            health = self._health
            self._shares.setdefault(url, Shared(url, lambda: sheet_of(health.report(("",), {}))))
        return self._shares.get(url or "")

    def _begun(self, running: Running, chain: Chain, shared: Shared | None) -> None:
        """Do what is due when a call begins."""
        running.announce(chain)
        if shared is not None:
            shared.touch()

    def _current(self) -> Running:
        """Return the configuration that holds; where it is watched, after a look at its file."""
        # Whoever comes while another thread reads the file goes on with what there is.
        if self._watch and not self._reloading.locked() and self._source.changed():
            try:
                self.reload()
            except ConfigError as error:
                log.warning("the configuration was changed and can't be used, so the one before goes on: %s", error)
        return self._running

    def _opened_cache(self, running: Running) -> PromptCache:
        key = running.cache_key
        if key not in self._caches:
            from gmn_llm.cache import PromptCache, folder_of, open_store

            store = open_store(folder=folder_of(key.folder), size_limit=key.size_limit, redis_url=key.redis_url)
            self._caches[key] = PromptCache(store, ttl=key.ttl, share_failures=key.share_failures)
        return self._caches[key]

    async def aclose(self) -> None:
        """Let go of connections, callbacks and the cache; the factory can be used again afterwards."""
        await self._gateways.aclose()
        # After the last calls are counted.
        await self.rest()

    def rest(self) -> Awaitable[None]:
        """Let go of the cache and of what shares the figures, which a later call opens again; await the result.

        Limits, cooldowns, the health view and open connections stay. The calls of other threads are not disturbed, if
        they begin after this returns.
        """
        caches, self._caches = self._caches, {}
        return self._put_away(tuple(caches.values()))

    async def _put_away(self, caches: Sequence[PromptCache]) -> None:
        await asyncio.gather(*(shared.aclose() for shared in self._shares.values()))
        for cache in caches:
            await cache.aclose()

    async def __aenter__(self) -> Self:
        """Return the factory."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        await self.aclose()
