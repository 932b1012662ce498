"""The values that the server and its three protocols exchange."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from tests.wire.faults import Fault

CHARACTERS_PER_TOKEN = 4
"""A rule of thumb for English text; no tokenizer is run here."""


def tokens(text: str) -> int:
    """About how many tokens a text has."""
    return -(-len(text) // CHARACTERS_PER_TOKEN)


PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8", b"RIFF")


def is_picture(text: object) -> bool:
    """Whether a text is base64 of a file that begins as one of the four formats all services take."""
    try:
        data = base64.b64decode(text, validate=True) if isinstance(text, str) else b""
    except binascii.Error:
        return False
    return data.startswith(PICTURES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One request as the protocols see it.

    Attributes:
        number: Its place among all requests since the server began.
        path: The path without a deployment's prefix.
        deployment: The name in that prefix, or an empty string.
        headers: Names in lower case.
        body: The JSON object sent; empty for a GET.
    """

    number: int
    path: str
    deployment: str
    headers: Mapping[str, str]
    body: Mapping[str, object]

    @property
    def model(self) -> str:
        """The model named in the body, or an empty string."""
        value = self.body.get("model")
        return value if isinstance(value, str) else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One breach of a protocol by a request.

    Attributes:
        message: The protocol's words for it.
        param: The parameter concerned, where the protocol names one.
        code: The protocol's code for it.
        refused: Whether the real service answers 400; where not, it ignores what was sent, silently.
    """

    message: str
    param: str | None = None
    code: str | None = None
    refused: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the model says to a request.

    Attributes:
        text: Its words, after stop sequences and the limit of tokens.
        finish: ``stop``, ``length``, ``stop_sequence`` or ``content_filter``.
        stop: The stop sequence that ended it.
        prompt_tokens: Tokens read.
        chunk: Characters to one event of a stream.
    """

    text: str
    finish: str = "stop"
    stop: str | None = None
    prompt_tokens: int = 0
    chunk: int = 12

    @property
    def completion_tokens(self) -> int:
        """Tokens written."""
        return tokens(self.text)

    def pieces(self) -> list[str]:
        """The text in the pieces of a stream."""
        return [self.text[at : at + self.chunk] for at in range(0, len(self.text), self.chunk)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """An error status with the protocol's own body."""

    status: int
    body: Mapping[str, object]
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A plain answer of an endpoint that runs no model: a JSON value, or words."""

    body: object


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """One protocol, as functions of a request.

    Attributes:
        name: ``openai``, ``anthropic`` or ``ollama``.
        chat: The path where it chats.
        listings: Its other endpoints, by method and path.
        authorise: The refusal of a wrong key, or None.
        check: The breaches in a chat request.
        bad_request: The refusal that answers a breach.
        refuse: The refusal that a fault stands for; None where the protocol has no such thing.
        prompt: The whole text the model reads.
        limit: The most tokens the caller wants, or None.
        stops: The stop sequences.
        constrained: ``json_schema``, ``json_object`` or None: the output asked for.
        streams: Whether a stream is asked for.
        whole: The JSON body of an answer.
        events: The pieces of a stream.
        stream_error: The event that reports an error within a stream.
        stream_type: The content type of a stream.
        reply_headers: What the service sends with every reply.
        limit_headers: Its rate-limit headers, from the limit and what is left of it.
    """

    name: str
    chat: str
    listings: Mapping[tuple[str, str], Callable[[Ask, Sequence[str] | None], Listing | Refusal]]
    authorise: Callable[[Ask, str | None], Refusal | None]
    check: Callable[[Ask], list[Problem]]
    bad_request: Callable[[Problem], Refusal]
    refuse: Callable[[Fault, Ask], Refusal | None]
    prompt: Callable[[Ask], str]
    limit: Callable[[Ask], int | None]
    stops: Callable[[Ask], Sequence[str]]
    constrained: Callable[[Ask], str | None]
    streams: Callable[[Ask], bool]
    whole: Callable[[Ask, Answer], object]
    events: Callable[[Ask, Answer], list[bytes]]
    stream_error: Callable[[], bytes]
    stream_type: str
    reply_headers: Callable[[Ask], Mapping[str, str]]
    limit_headers: Callable[[int, int], Mapping[str, str]]


def text_of(content: object) -> str:
    """The words in a message's content, a string or a list of parts."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return ""
