"""``Provider``: a chain of model groups, or one group alone, and all that can be asked of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypedDict

from gmn_llm.arguments import count_of, messages_of, seconds_of, stops_of, temperature_of
from gmn_llm.errors import GMNValidationError, InputError, LLMError, ProviderTimeoutError
from gmn_llm.findings import Severity, quote
from gmn_llm.generation import Task, drive
from gmn_llm.generation.kept import entry_of, key_of, spec_of
from gmn_llm.gmn import GMNSpec, Limits, validate_gmn
from gmn_llm.gmn.constraints import checked_constraints, refuse_contradictions
from gmn_llm.messages import CompletionRequest, LLMMessage, LLMResponse, LLMRole

if TYPE_CHECKING:
    from gmn_llm.cache import PromptCache
    from gmn_llm.config import Chain, Settings
    from gmn_llm.messages import Gateway

__all__ = ["Parts", "Provider"]


class Sampling(TypedDict):
    """The fields of a task that say how a model is sampled and checked."""

    temperature: float | None
    max_tokens: int | None
    max_repairs: int
    limits: Limits


TIMEOUT = 60.0
"""Seconds for one call where the caller says nothing: the seed of the interface has it."""
PROBE = LLMMessage(LLMRole.USER, "Answer with the one word: ready")
PROBE_SECONDS = 5.0
GRACE = 1.0


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What a provider works with; made by the factory.

    Attributes:
        settings: The configuration.
        chain: The groups that answer, first asked first.
        gateway: Gives the gateway, made when it is first needed.
        close: Closes the gateway, if there is one.
        agent_types: Name to what a model is told about that kind of agent.
        cache: Gives the cache, opened when it is first needed.
        announce: Tells, once, what there is to tell of the chain.
        limits: What is too large.
    """

    settings: Settings
    chain: Chain
    gateway: Callable[[], Awaitable[Gateway]]
    close: Callable[[], Awaitable[None]]
    agent_types: Mapping[str, str]
    cache: Callable[[], PromptCache]
    announce: Callable[[], None]
    limits: Limits = field(default_factory=Limits)


class Provider:
    """Generates, checks and refines documents with one chain of model groups.

    Args:
        parts: What it works with.
        fall_over: Whether the groups after the first may be asked when it fails.
    """

    def __init__(self, parts: Parts, *, fall_over: bool = True) -> None:
        self._parts = parts
        self._fall_over = fall_over

    @property
    def name(self) -> str:
        """The model group that is asked first, e.g. ``openai``."""
        return self._parts.chain.groups[0].name

    @property
    def model(self) -> str:
        """The first group's model, e.g. ``gpt-4o``."""
        return self._parts.chain.groups[0].model

    def __repr__(self) -> str:
        """Return the chain."""
        return f"<Provider {' -> '.join(self._parts.chain.names)}>"

    async def generate(
        self,
        messages: Sequence[LLMMessage | Mapping[str, str]],
        *,
        temperature: float | None = None,
        max_tokens: int | None = None,
        stop_sequences: Sequence[str] = (),
        timeout: float = TIMEOUT,  # noqa: ASYNC109  # the deadline of the whole call, retries included
        **model_params: object,
    ) -> LLMResponse:
        """Ask the model for a plain answer.

        Args:
            messages: The conversation, oldest first.
            temperature: Sampling temperature, from 0 to 2; the deployment's own where nothing is said.
            max_tokens: The most tokens of the answer.
            stop_sequences: Where the model stops.
            timeout: Seconds for the whole call, retries and fallbacks included.
            **model_params: Passed on to the provider.

        Raises:
            InputError: There is no message, or an argument is out of range.
            LLMError: The providers failed; one of its subclasses.
        """
        request = CompletionRequest(
            messages=messages_of(messages),
            temperature=temperature_of(temperature),
            max_tokens=count_of("max_tokens", max_tokens),
            stop=stops_of(stop_sequences),
            params=dict(model_params),
            timeout=seconds_of(timeout),
        )
        self._parts.announce()
        gateway = await self._parts.gateway()
        return await gateway.complete(request, group=self.name, fall_over=self._fall_over)

    async def generate_gmn(
        self,
        prompt: str,
        *,
        agent_type: str = "general",
        constraints: Mapping[str, object] | None = None,
        examples: Sequence[GMNSpec | str | Mapping[str, object]] = (),
        use_cache: bool = True,
        refresh: bool = False,
        timeout: float = TIMEOUT,  # noqa: ASYNC109  # the deadline of the whole call, repairs included
        temperature: float | None = None,
        max_tokens: int | None = None,
        model_params: Mapping[str, object] | None = None,
    ) -> GMNSpec:
        """Return a valid document for a description in words.

        Args:
            prompt: What the agent is, in any words.
            agent_type: One of the known kinds of agent.
            constraints: What the document has to meet (``max_states``, ``actions``, ...).
            examples: Documents, in any notation, that show what is wanted.
            use_cache: Whether the cache is read and written.
            refresh: Whether a document in the cache is made anew.
            timeout: Seconds for the whole call: retries, fallbacks and repairs included.
            temperature: Sampling temperature, from 0 to 2.
            max_tokens: The most tokens of one answer.
            model_params: Further parameters, passed on to the provider as they are.

        Raises:
            InputError: The prompt is empty or too long, the agent type unknown, a constraint or example invalid.
            GMNValidationError: Models answered, and none wrote a valid document that meets the constraints.
            LLMError: The providers failed; one of its subclasses.
        """
        task = Task(
            description=self._words("prompt", prompt),
            agent_type=self._agent_type(agent_type),
            guidance=self._parts.agent_types[agent_type],
            constraints=_demanded(constraints),
            examples=self._examples(examples),
            params=dict(model_params or {}),
            **self._sampling(temperature, max_tokens),
        )
        return await self._made(task, use_cache=use_cache, refresh=refresh, timeout=seconds_of(timeout))

    async def refine_gmn(
        self,
        gmn_spec: GMNSpec | str | Mapping[str, object],
        feedback: str,
        *,
        agent_type: str = "general",
        constraints: Mapping[str, object] | None = None,
        use_cache: bool = True,
        timeout: float = TIMEOUT,  # noqa: ASYNC109  # the deadline of the whole call, repairs included
        model_params: Mapping[str, object] | None = None,
    ) -> GMNSpec:
        """Return the document changed as ``feedback`` asks.

        Args:
            gmn_spec: The document, in any notation; it has to be valid.
            feedback: What is to change, in words.
            agent_type: One of the known kinds of agent.
            constraints: What the new document has to meet.
            use_cache: Whether the cache is read and written.
            timeout: Seconds for the whole call.
            model_params: Further parameters, passed on to the provider as they are.

        Raises:
            InputError: The feedback is empty or too long, or a constraint invalid.
            GMNValidationError: The document handed in, or the one written, is not valid.
            LLMError: The providers failed; one of its subclasses.
        """
        spec = gmn_spec if isinstance(gmn_spec, GMNSpec) else GMNSpec.parse(gmn_spec, limits=self._parts.limits)
        task = Task(
            description=self._words("feedback", feedback),
            agent_type=self._agent_type(agent_type),
            constraints=_demanded(constraints),
            document=spec.valid().document,
            params=dict(model_params or {}),
            **self._sampling(None, None),
        )
        return await self._made(task, use_cache=use_cache, refresh=False, timeout=seconds_of(timeout))

    async def validate_gmn(
        self,
        gmn_spec: GMNSpec | str | Mapping[str, object],
        *,
        constraints: Mapping[str, object] | None = None,
    ) -> tuple[bool, list[str]]:
        """Return whether the document is valid, and its errors in words. No model is asked."""
        verdict = validate_gmn(gmn_spec, constraints, limits=self._parts.limits)
        return verdict.ok, [str(finding) for finding in verdict.errors]

    async def probe(self) -> None:
        """Ask each group of the chain for one word, all at once, at most 5 seconds; what comes of it is counted.

        Failures are counted and not raised. It costs a few tokens at each provider.
        """
        gateway = await self._parts.gateway()
        request = CompletionRequest(messages=(PROBE,), max_tokens=8, timeout=PROBE_SECONDS)
        asked = [gateway.complete(request, group=name, fall_over=False) for name in self._parts.chain.names]
        for answer in await asyncio.gather(*asked, return_exceptions=True):
            if isinstance(answer, BaseException) and not isinstance(answer, LLMError):
                raise answer

    async def close(self) -> None:
        """Let go of connections, which a later call opens again; the factory's ``aclose`` does so for all providers."""
        await self._parts.close()

    async def _made(self, task: Task, *, use_cache: bool, refresh: bool, timeout: float) -> GMNSpec:  # noqa: ASYNC109
        self._parts.announce()
        if not use_cache:
            return await self._driven(task, timeout)
        made: list[GMNSpec] = []
        group = self._parts.chain.groups[0]

        async def make() -> str | None:
            made.append(await self._driven(task, timeout))
            return entry_of(task, made[0]) if self._is_of(made[0], group.name) else None

        cache, key = self._parts.cache(), key_of(task, group)
        try:
            # Its own making has the deadline inside; the moment more is for what that has to say at its end.
            async with asyncio.timeout(timeout + GRACE):
                fetched = await cache.fetch(key, make, refresh=refresh)
        except TimeoutError as error:
            raise ProviderTimeoutError(
                f"no document within {timeout:g} s, while another call was making the same one",
                hint="give it more time (timeout), or do without the cache",
            ) from error
        if made:
            return made[0]
        kept = None if fetched.text is None else spec_of(fetched.text)
        if kept is not None:
            return kept
        spec = await self._driven(task, timeout)
        if fetched.text is not None and self._is_of(spec, group.name):
            await cache.set(key, entry_of(task, spec))
        return spec

    @staticmethod
    def _is_of(spec: GMNSpec, group: str) -> bool:
        """Whether ``group`` wrote it; what a fallback wrote is not kept, for it would hide the return of the first."""
        return spec.provenance is not None and spec.provenance.provider == group

    async def _driven(self, task: Task, timeout: float) -> GMNSpec:  # noqa: ASYNC109  # passed through
        return await drive(
            task,
            await self._parts.gateway(),
            groups=self._parts.chain.names,
            fall_over=self._fall_over,
            timeout=timeout,
            max_cost=self._parts.settings.gmn.max_cost,
        )

    def _sampling(self, temperature: float | None, max_tokens: int | None) -> Sampling:
        """Return sampling parameters: the call's, else those of ``gmn:`` unless the provider's section has its own."""
        said = self._parts.settings.gmn
        section = getattr(self._parts.settings, self.name, None)
        own_temperature = (
            getattr(section, "temperature", None) is not None and "temperature" not in said.model_fields_set
        )
        own_tokens = getattr(section, "max_tokens", None) is not None and "max_tokens" not in said.model_fields_set
        return {
            "temperature": temperature_of(temperature)
            if temperature is not None
            else (None if own_temperature else said.temperature),
            "max_tokens": count_of("max_tokens", max_tokens) or (None if own_tokens else said.max_tokens),
            "max_repairs": said.max_repairs,
            "limits": self._parts.limits,
        }

    def _agent_type(self, name: str) -> str:
        if not isinstance(name, str) or name not in self._parts.agent_types:
            raise InputError(
                f"there is no agent type {quote(name)}",
                hint="known are " + ", ".join(self._parts.agent_types),
            )
        return name

    def _words(self, what: str, text: object) -> str:
        if not isinstance(text, str):
            raise InputError(f"the {what} is a text, not {type(text).__name__}")
        if not text.strip():
            raise InputError(f"the {what} is empty", hint="say in a sentence what is wanted")
        size = len(text.encode("utf-8", "surrogatepass"))
        if size > self._parts.limits.string_bytes:
            raise InputError(
                f"the {what} has {size} bytes where {self._parts.limits.string_bytes} are the most",
                hint="say it shorter, or raise limits.string_bytes",
            )
        return text

    def _examples(self, examples: Sequence[GMNSpec | str | Mapping[str, object]]) -> list[dict[str, object]]:
        if not isinstance(examples, Sequence) or isinstance(examples, str | bytes):
            raise InputError("examples is a list of documents", hint="[document]")
        read: list[dict[str, object]] = []
        for k, example in enumerate(examples):
            try:
                spec = example if isinstance(example, GMNSpec) else GMNSpec.parse(example, limits=self._parts.limits)
                read.append(spec.valid().document)
            except GMNValidationError as error:
                said = [f for f in error.findings if f.severity is Severity.ERROR][:1]
                raise InputError(f"example {k} is not valid: {said[0] if said else error}") from error
        return read


def _demanded(constraints: Mapping[str, object] | None) -> dict[str, object]:
    checked = checked_constraints(constraints)
    refuse_contradictions(checked)
    return checked
