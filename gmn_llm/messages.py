"""What is said to a model and what comes back: frozen values, no behaviour.

A ``CompletionRequest`` is one question to a chain of deployments; an ``LLMResponse`` is one whole answer.
An ``Attempt`` is one deployment's try at it. None of them holds a key.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Literal, Protocol, Self

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

__all__ = [
    "Attempt",
    "Chunk",
    "CompletionRequest",
    "Delta",
    "Gateway",
    "LLMMessage",
    "LLMResponse",
    "LLMRole",
    "Outcome",
    "Picture",
    "ProviderType",
    "Usage",
]


class LLMRole(StrEnum):
    """Who speaks."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"


class ProviderType(StrEnum):
    """The providers with a configuration section of their own; a ``model_name`` may stand wherever one does."""

    AUTO = "auto"
    OPENAI = "openai"
    ANTHROPIC = "anthropic"
    OLLAMA = "ollama"
    MOCK = "mock"


@dataclass(frozen=True, slots=True)
class LLMMessage:
    """One message of a conversation.

    Attributes:
        role: Who speaks; the plain words ``system``, ``user`` and ``assistant`` are taken too.
        content: The text.
    """

    role: LLMRole
    content: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "role", LLMRole(self.role))


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that goes to a model beside the words.

    Attributes:
        media_type: What the bytes are, e.g. ``image/png``.
        data: The file's bytes; not shown.
    """

    media_type: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens and money, summed over whatever they belong to.

    Attributes:
        prompt_tokens: Tokens read by the model.
        completion_tokens: Tokens written by the model.
        cost: US dollars by LiteLLM's price map, or None where a model has no known price.
    """

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float | None = 0.0

    @property
    def total_tokens(self) -> int:
        """Tokens read and written."""
        return self.prompt_tokens + self.completion_tokens

    def __add__(self, other: Usage) -> Usage:
        """Return the sum; the cost is unknown as soon as one part of it is."""
        known = self.cost is not None and other.cost is not None
        return Usage(
            prompt_tokens=self.prompt_tokens + other.prompt_tokens,
            completion_tokens=self.completion_tokens + other.completion_tokens,
            cost=(self.cost or 0.0) + (other.cost or 0.0) if known else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One deployment's try at a request.

    Attributes:
        provider: The provider or model group asked, e.g. ``openai``.
        deployment: The deployment's id in the router.
        model: The provider's name of the model, e.g. ``gpt-4o``.
        error: Name of our error class, ``Cancelled`` where the caller gave up, ``Abandoned`` where the reader of a
            stream did, or None where it answered.
        status: HTTP status, or None where there was none.
        seconds: Wall time of the try.
        message: What went wrong, without keys, 200 characters at most.
        usage: Tokens and money of its answer, also of one that could not be used; None where nothing was said of them.
    """

    provider: str
    deployment: str = ""
    model: str = ""
    error: str | None = None
    status: int | None = None
    seconds: float = 0.0
    message: str = ""
    usage: Usage | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How an attempt ended, with what those who count want to know of it beyond the attempt itself.

    Attributes:
        attempt: The attempt.
        usage: Tokens and money of the answer, also of one that could not be used; None where nothing was said of them.
        first_text: Seconds to the first text of a stream, or None where there was none or it came in one piece.
        headroom: What the provider says is left of its rate limits, e.g. ``{"remaining_requests": 99}``; ``reset_*``
            are times in seconds since the epoch.
        rejected: The provider was not asked, so it is no request: a limit of ours was full or all cooled down, and
            nobody else was left; or LiteLLM refused the request, or it ended before it was sent.
        retried_simpler: The provider refused a parameter or an output format, and is asked again at once without it;
            ``attempt`` has the refusal, which the call's own ``attempts`` leave out.
        system: LiteLLM's name of the provider, e.g. ``ollama_chat``, whatever the group is called; empty for the mock.
        served: The model that the answer says it is of, or None.
        finish_reason: Why the model stopped, or None where there was no answer.
        address: Host and port of the server, or None where nobody knows.
    """

    attempt: Attempt
    usage: Usage | None = None
    first_text: float | None = None
    headroom: Mapping[str, float] = field(default_factory=dict)
    rejected: bool = False
    retried_simpler: bool = False
    system: str = ""
    served: str | None = None
    finish_reason: str | None = None
    address: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletionRequest:
    """One question to a model.

    Attributes:
        messages: The conversation, oldest first.
        pictures: Shown with the last message of the user; only deployments with vision are asked then.
        temperature: Sampling temperature, or None for the deployment's own.
        max_tokens: The most tokens of the answer, or None for the deployment's own.
        stop: Sequences at which the model stops.
        schema: JSON Schema that the answer is to follow; how (or whether) a deployment is held to it is the
            gateway's choice. None asks for plain text.
        params: Further parameters, passed on to the provider as they are.
        timeout: Seconds for the whole request, retries and fallbacks included.
        restart: Whether a stream that breaks after its first text may start over at the next deployment.
    """

    messages: tuple[LLMMessage, ...]
    pictures: tuple[Picture, ...] = ()
    temperature: float | None = None
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()
    schema: Mapping[str, object] | None = None
    params: Mapping[str, object] = field(default_factory=dict)
    timeout: float = 60.0
    restart: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class LLMResponse:
    """One whole answer.

    Attributes:
        content: The text; never empty.
        provider: The provider or model group that answered.
        deployment: The deployment's id in the router.
        model: The provider's name of the model.
        finish_reason: ``stop``, ``length`` (cut short), ``content_filter``, ...
        usage: Tokens and money of this answer.
        latency: Seconds from asking to the whole answer, failed tries before it included.
        attempts: All tries at the request, the one that answered last.
        cached: Whether it comes from the prompt cache.
    """

    content: str
    provider: str
    deployment: str = ""
    model: str = ""
    finish_reason: str = "stop"
    usage: Usage = field(default_factory=Usage)
    latency: float = 0.0
    attempts: tuple[Attempt, ...] = ()
    cached: bool = False

    def __str__(self) -> str:
        """Return the text."""
        return self.content


@dataclass(frozen=True, slots=True, kw_only=True)
class Delta:
    """One piece of a streamed answer.

    Attributes:
        text: The text that came; empty for a reset and for the end.
        reset: True when what came so far is void, because the next deployment starts over.
        response: The whole answer, on the last piece only.
    """

    text: str = ""
    reset: bool = False
    response: LLMResponse | None = None


class Chunk(str):
    """One piece of a streamed answer as a caller gets it: its text, and what kind of piece it is.

    Attributes:
        type: ``delta`` for text, ``reset`` when all text so far is void because the next deployment starts over,
            ``done`` for the end. The last two are empty strings.
        response: The whole answer, with the one of type ``done`` only.
    """

    __slots__ = ("response", "type")

    type: Literal["delta", "reset", "done"]
    response: LLMResponse | None

    @classmethod
    def of(cls, delta: Delta) -> Self:
        """Return the piece a gateway yielded as a chunk."""
        chunk = cls(delta.text)
        chunk.type = "reset" if delta.reset else "done" if delta.response is not None else "delta"
        chunk.response = delta.response
        return chunk

    @property
    def reset(self) -> bool:
        """Whether all text so far is void."""
        return self.type == "reset"


class Gateway(Protocol):
    """What answers a request: the mock alone, or LiteLLM's Router behind the same two methods.

    ``group`` is the model group to ask. With ``fall_over`` the groups after it in the configured chain follow
    when it fails; without, its failure is the answer. Both methods raise errors of ``gmn_llm.errors`` only.
    """

    async def complete(self, request: CompletionRequest, *, group: str, fall_over: bool) -> LLMResponse:
        """Return one whole answer."""
        ...

    def stream(self, request: CompletionRequest, *, group: str, fall_over: bool) -> AsyncGenerator[Delta, None]:
        """Yield an answer piece by piece; the last piece carries the whole ``response``."""
        ...

    async def aclose(self) -> None:
        """Let go of connections and callbacks; a second call does nothing."""
        ...
