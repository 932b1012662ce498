"""``create_llm_factory``: from a configuration to providers that generate documents."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncGenerator, Coroutine, Mapping, Sequence
from contextlib import aclosing
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING, Any, Self

from gmn_llm.config import Chain, Settings, load_settings, resolve_chain
from gmn_llm.errors import InputError
from gmn_llm.gmn.limits import Limits
from gmn_llm.health import HealthView, Watched
from gmn_llm.mock import MockGateway, MockService
from gmn_llm.prompts import AGENT_TYPES
from gmn_llm.provider import Parts, Provider

if TYPE_CHECKING:
    from gmn_llm.cache import PromptCache
    from gmn_llm.gmn import GMNSpec
    from gmn_llm.messages import Chunk, Gateway, LLMMessage, LLMResponse, ProviderType

__all__ = ["LLMProviderFactory", "create_llm_factory", "generate"]

log = logging.getLogger("gmn_llm")

UNASKED = (
    "no language model is configured: the offline designer (mock) answers; set OPENAI_API_KEY or "
    "ANTHROPIC_API_KEY, start Ollama, or name a provider"
)
Source = None | Mapping[str, object] | str | Path | Settings


def create_llm_factory(config: Source = None) -> LLMProviderFactory:
    """Return a factory for a configuration.

    Args:
        config: A mapping, the path of a YAML, JSON or TOML file, ``Settings``, or None: then ``GMN_LLM_CONFIG``,
            ``./gmn-llm.yaml``, the user's configuration folder and the environment are asked, in this order.

    Raises:
        ConfigError: Something is wrong with the configuration; the message names file, line and key.
    """
    return LLMProviderFactory(config)


class LLMProviderFactory:
    """Wires configuration, providers and cache; use it as an async context manager, or call ``aclose``.

    Which providers there are is found out at the first call, not when the factory is made.
    """

    def __init__(self, config: Source = None) -> None:
        self._settings = load_settings(config)
        self._limits = Limits.of(dict(self._settings.limits))
        self._agent_types = dict(AGENT_TYPES)
        self._mock = MockService(
            delay=self._settings.mock.delay,
            error_rate=self._settings.mock.error_rate,
            replies=self._settings.mock.replies,
        )
        self._health = HealthView()
        self._chains: dict[str, Chain] = {}
        self._told: list[Chain] = []
        self._gateways: dict[str, Gateway] = {}
        self._cache: PromptCache | None = None
        self._lock = threading.Lock()

    @property
    def settings(self) -> Settings:
        """The configuration."""
        return self._settings

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
        if provider_type is not None and not str(provider_type).strip():
            raise InputError("the provider has no name", hint="auto, or one of the configured ones")
        forced = "" if provider_type in (None, "auto") else str(provider_type)
        chain = await self._chain(forced)
        parts = Parts(
            settings=self._settings,
            chain=chain,
            gateway=lambda: self._gateway(forced, chain),
            close=lambda: self._release(forced),
            agent_types=self._agent_types,
            cache=self._opened_cache,
            announce=lambda: self._announce(chain),
            limits=self._limits,
        )
        return Provider(parts, fall_over=not forced)

    async def generate_gmn(
        self,
        prompt: str,
        agent_type: str = "general",
        constraints: Mapping[str, object] | None = None,
        *,
        provider_type: ProviderType | str | None = None,
        **more: Any,
    ) -> GMNSpec:
        """Return a valid document for a description in words; arguments as ``Provider.generate_gmn`` has them."""
        provider = await self.get_provider(provider_type)
        return await provider.generate_gmn(prompt, agent_type=agent_type, constraints=constraints, **more)

    async def generate(
        self,
        messages: Sequence[LLMMessage | Mapping[str, str]],
        *,
        provider_type: ProviderType | str | None = None,
        **more: Any,
    ) -> LLMResponse:
        """Return a plain answer to a conversation; arguments as ``Provider.generate`` has them."""
        return await (await self.get_provider(provider_type)).generate(messages, **more)

    async def stream(
        self,
        messages: Sequence[LLMMessage | Mapping[str, str]],
        *,
        provider_type: ProviderType | str | None = None,
        **more: Any,
    ) -> AsyncGenerator[Chunk, None]:
        """Yield a plain answer piece by piece; arguments and chunks as ``Provider.stream`` has them."""
        provider = await self.get_provider(provider_type)
        async with aclosing(provider.stream(messages, **more)) as chunks:
            async for chunk in chunks:
                yield chunk

    async def health_check(self, *, probe: bool = False) -> dict[str, Any]:
        """Return how each provider did so far.

        Args:
            probe: Whether each provider of the chain is asked for one word first, all at once, at most 5 seconds;
                otherwise nobody is asked.

        ``providers`` has, by name: ``available``, ``healthy``, ``requests``, ``success_rate`` (percent),
        ``average_latency`` (seconds), ``consecutive_failures``, ``last_success``, ``last_failure`` (ISO 8601,
        UTC); beside it are ``primary_provider`` and ``fallback_chain``.
        """
        if probe:
            await (await self.get_provider()).probe()
        return self._health.report((await self._chain("")).names, {})

    async def _chain(self, forced: str) -> Chain:
        """Return the chain, found out once; asking whether Ollama is there blocks, so it is done on a thread."""
        if forced not in self._chains:
            chain = await asyncio.to_thread(resolve_chain, self._settings, provider_type=forced or None)
            with self._lock:
                self._chains.setdefault(forced, chain)
        return self._chains[forced]

    def _announce(self, chain: Chain) -> None:
        """Tell once what the chain has to tell, when it is first asked for something."""
        with self._lock:
            told, self._told = chain in self._told, [*self._told, chain]
        if not told:
            _tell(chain)

    async def _gateway(self, forced: str, chain: Chain) -> Gateway:
        """Return the gateway of a chain, made when it is first needed; the mock alone needs no LiteLLM."""
        if forced not in self._gateways:
            gateway = await asyncio.to_thread(self._made_gateway, chain)
            with self._lock:
                self._gateways.setdefault(forced, gateway)
            if self._gateways[forced] is not gateway:
                await gateway.aclose()
        return self._gateways[forced]

    async def _release(self, forced: str) -> None:
        gateway = self._gateways.pop(forced, None)
        if gateway is not None:
            await gateway.aclose()

    def _made_gateway(self, chain: Chain) -> Gateway:
        if chain.mock_only:
            return Watched(MockGateway(self._mock), self._health)
        from gmn_llm.routing import RouterGateway

        return Watched(RouterGateway(chain, self._settings, mock=self._mock), self._health)

    def _opened_cache(self) -> PromptCache:
        if self._cache is None:
            from gmn_llm.cache import PromptCache, open_store

            said = self._settings.cache
            store = open_store(
                folder=_cache_folder(said.dir),
                size_limit=said.size_limit,
                redis_url=said.redis_url.get_secret_value() if said.redis_url else None,
            )
            self._cache = PromptCache(store, ttl=said.ttl)
        return self._cache

    async def aclose(self) -> None:
        """Let go of connections, callbacks and the cache; the factory can be used again afterwards."""
        cache, self._cache = self._cache, None
        for forced in list(self._gateways):
            await self._release(forced)
        if cache is not None:
            await cache.aclose()

    async def __aenter__(self) -> Self:
        """Return the factory."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        await self.aclose()


def _cache_folder(configured: str | None) -> Path:
    if configured is not None:
        return Path(configured).expanduser()
    from platformdirs import user_cache_path

    return user_cache_path("gmn-llm", appauthor=False) / "prompts"


def _tell(chain: Chain) -> None:
    for note in chain.notes:
        log.warning("%s", note)
    if chain.unasked_mock:
        log.warning("%s", UNASKED)


def generate(prompt: str, *, config: Source = None, **more: Any) -> GMNSpec:
    """Return a valid document for a description in words, without asyncio.

    It works inside a running event loop too (a notebook): the call then runs on a thread of its own.

    Args:
        prompt: What the agent is, in any words.
        config: As ``create_llm_factory`` takes it.
        **more: As ``LLMProviderFactory.generate_gmn`` takes them.

    Raises:
        LLMError: One of its subclasses.
    """

    async def once() -> GMNSpec:
        async with create_llm_factory(config) as factory:
            return await factory.generate_gmn(prompt, **more)

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(once())
    return _on_a_thread(once())


def _on_a_thread(coroutine: Coroutine[object, object, GMNSpec]) -> GMNSpec:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1, "gmn-llm") as pool:
        return pool.submit(asyncio.run, coroutine).result()
