"""From a task to a document and from a request to an answer: out of the cache, or else by the models."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING

from gmn_llm.generation import Task, drive
from gmn_llm.generation.kept import KeptDocument, answer_of, entry_of_answer
from gmn_llm.generation.keys import Keys
from gmn_llm.generation.prices import prices_of
from gmn_llm.generation.recall import recalled
from gmn_llm.generation.showing import first_sighted
from gmn_llm.gmn import Limits
from gmn_llm.messages import Chunk
from gmn_llm.tracing import span

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from gmn_llm.cache import PromptCache
    from gmn_llm.config import Chain, Settings
    from gmn_llm.generation.events import Tell
    from gmn_llm.gmn import GMNSpec
    from gmn_llm.messages import CompletionRequest, Gateway, LLMResponse
    from gmn_llm.relay import Relay

__all__ = ["Answering", "Parts"]


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What a provider works with; made by the factory.

    Attributes:
        settings: The configuration.
        chain: The groups that answer, first asked first.
        gateway: Who answers; opens what it needs with its first call.
        close: Closes the gateway, if there is one.
        agent_types: Name to what a model is told about that kind of agent.
        cache: Gives the cache, opened when it is first needed.
        announce: Tells, once, what there is to tell of the chain.
        limits: What is too large.
        hit: Called with the provider whose answer came from the cache.
    """

    settings: Settings
    chain: Chain
    gateway: Gateway
    close: Callable[[], Awaitable[None]]
    agent_types: Mapping[str, str]
    cache: Callable[[], PromptCache]
    announce: Callable[[], None]
    limits: Limits = field(default_factory=Limits)
    hit: Callable[[str], None]


class Answering:
    """Answers by one chain of model groups, whose first keeps what it wrote in the cache.

    Args:
        parts: What it works with.
        fall_over: Whether the groups after the first may be asked when it fails.
    """

    def __init__(self, parts: Parts, *, fall_over: bool) -> None:
        self._parts = parts
        self._fall_over = fall_over
        self._first = parts.chain.groups[0]

    async def response(self, request: CompletionRequest, *, use_cache: bool, refresh: bool) -> LLMResponse:
        """Return a plain answer.

        Raises:
            LLMError: The providers failed; one of its subclasses.
        """
        self._parts.announce()
        with span("gmn_llm.answer", {"gmn_llm.group": self._first.name}):
            return await self._answer(request, use_cache=use_cache, refresh=refresh)

    async def pour(self, request: CompletionRequest, relay: Relay[Chunk]) -> None:
        """Put a plain answer down at a relay, piece by piece; the next piece is asked for when the reader wants it.

        Raises:
            LLMError: The providers failed; one of its subclasses.
        """
        self._parts.announce()
        pouring = self._parts.gateway.stream(request, group=self._first.name, fall_over=self._fall_over)
        with span("gmn_llm.answer", {"gmn_llm.group": self._first.name}):
            async with aclosing(pouring) as deltas:
                async for delta in deltas:
                    await relay.hand(Chunk.of(delta))

    async def _answer(self, request: CompletionRequest, *, use_cache: bool, refresh: bool) -> LLMResponse:
        key = self._keys.of_answer(request) if use_cache else None
        if key is None:
            return await self._asked(request)
        own = {self._first.name}  # as for documents

        async def make(left: float) -> LLMResponse:
            answer = await self._asked(replace(request, timeout=left))
            if request.pictures and answer.provider not in own:
                own.add(await first_sighted(self._parts.chain))
            return answer

        with span("gmn_llm.cache") as looking:
            answer = await recalled(
                self._parts.cache(),
                key,
                make,
                write=lambda answer: entry_of_answer(request, answer),
                keep=lambda answer: answer.finish_reason == "stop" and answer.provider in own,
                read=lambda text: answer_of(request, text),
                refresh=refresh,
                timeout=request.timeout,
                among=(self._parts.chain.names, self._fall_over),
            )
            looking.set({"gmn_llm.cache.hit": answer.cached})
        if answer.cached:
            self._parts.hit(answer.provider)
        return answer

    async def document(
        self,
        task: Task,
        *,
        use_cache: bool,
        refresh: bool,
        timeout: float,  # noqa: ASYNC109  # the deadline of the whole call
        tell: Tell | None = None,
    ) -> GMNSpec:
        """Return a valid document that meets the task's constraints.

        Args:
            task: What is to be made.
            use_cache: Whether the cache is read and written.
            refresh: Whether a document in the cache is made anew.
            timeout: Seconds for everything together.
            tell: Hears each step, where it is not the cache or another caller that has the document.

        Raises:
            GMNValidationError: Models answered, and none wrote a valid document.
            LLMError: The providers failed; one of its subclasses.
        """
        self._parts.announce()
        with span(f"gmn_llm.{task.kind}", {"gmn_llm.group": self._first.name, "gmn_llm.agent_type": task.agent_type}):
            return await self._document(task, use_cache=use_cache, refresh=refresh, timeout=timeout, tell=tell)

    async def _document(
        self,
        task: Task,
        *,
        use_cache: bool,
        refresh: bool,
        timeout: float,  # noqa: ASYNC109  # passed through
        tell: Tell | None,
    ) -> GMNSpec:
        key = self._keys.of_task(task) if use_cache else None
        if key is None:
            return await self._driven(task, timeout, tell)
        cache = self._parts.cache()
        kept = KeptDocument(key, task, cache.recent)
        # What a fallback wrote is not kept, or it would hide the first's return.
        own = {self._first.name}

        async def make(left: float) -> GMNSpec:
            spec = await self._driven(task, left, tell)
            if task.pictures and spec.provenance is not None and spec.provenance.provider not in own:
                own.add(await first_sighted(self._parts.chain))
            return spec

        with span("gmn_llm.cache") as looking:
            spec = await recalled(
                cache,
                key,
                make,
                write=kept.write,
                keep=lambda spec: spec.provenance is not None and spec.provenance.provider in own,
                read=kept.read,
                refresh=refresh,
                timeout=timeout,
                among=(self._parts.chain.names, self._fall_over),
            )
            provenance = spec.provenance
            looking.set({"gmn_llm.cache.hit": provenance is not None and provenance.cached})
        if provenance is not None and provenance.cached:
            self._parts.hit(provenance.provider)
        return spec

    @cached_property
    def _keys(self) -> Keys:
        """The keys of the first group; settings stay as they are."""
        settings = self._parts.settings
        defaults = settings.router_settings.get("default_litellm_params")
        return Keys(self._first, settings.mock.replies, defaults if isinstance(defaults, Mapping) else None)

    async def _asked(self, request: CompletionRequest) -> LLMResponse:
        return await self._parts.gateway.complete(request, group=self._first.name, fall_over=self._fall_over)

    async def _driven(self, task: Task, timeout: float, tell: Tell | None) -> GMNSpec:  # noqa: ASYNC109  # passed through
        return await drive(
            task,
            self._parts.gateway,
            groups=self._parts.chain.names,
            fall_over=self._fall_over,
            timeout=timeout,
            max_cost=self._parts.settings.gmn.max_cost,
            max_total_tokens=self._parts.settings.gmn.max_total_tokens,
            prices=partial(prices_of, self._parts.chain.groups),
            tell=tell,
        )
