"""What callers hand in beside the words: checked, and refused with a reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gmn_llm.errors import InputError
from gmn_llm.findings import quote
from gmn_llm.messages import CompletionRequest, LLMMessage, LLMRole

__all__ = ["count_of", "forced_of", "messages_of", "request_of", "seconds_of", "stops_of", "temperature_of"]

YEAR = 366 * 86_400


def request_of(
    messages: Sequence[LLMMessage | Mapping[str, str]],
    *,
    temperature: float | None,
    max_tokens: int | None,
    stop_sequences: Sequence[str],
    timeout: float,
    params: Mapping[str, object],
    restart: bool = True,
) -> CompletionRequest:
    """Return the question that a caller's arguments put, each of them checked.

    Raises:
        InputError: One of them can't be used.
    """
    return CompletionRequest(
        messages=messages_of(messages),
        temperature=temperature_of(temperature),
        max_tokens=count_of("max_tokens", max_tokens),
        stop=stops_of(stop_sequences),
        params=dict(params),
        timeout=seconds_of(timeout),
        restart=restart,
    )


def messages_of(messages: Sequence[LLMMessage | Mapping[str, str]]) -> tuple[LLMMessage, ...]:
    """Return a conversation as messages.

    Raises:
        InputError: There is none, or one of them has no role or no text.
    """
    if isinstance(messages, str | Mapping) or not messages:
        raise InputError(
            "messages is a list of at least one message", hint="[LLMMessage(role=LLMRole.USER, content=...)]"
        )
    result: list[LLMMessage] = []
    for k, message in enumerate(messages):
        try:
            read = (
                message if isinstance(message, LLMMessage) else LLMMessage(LLMRole(message["role"]), message["content"])
            )
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(
                f"message {k} is {quote(message)}", hint="role (system, user, assistant) and content"
            ) from error
        if not isinstance(read.content, str) or not read.content.strip():
            raise InputError(f"message {k} has no text")
        try:
            read.content.encode("utf-8")
        except UnicodeEncodeError as error:
            raise InputError(f"message {k} is no Unicode text: {quote(read.content)}", hint="decode it anew") from error
        result.append(read)
    return tuple(result)


def temperature_of(value: float | None) -> float | None:
    """Return a sampling temperature from 0 to 2, or None.

    Raises:
        InputError: It is something else.
    """
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 2):
        raise InputError(f"temperature is {quote(value)}", hint="a number from 0 to 2")
    return value


def count_of(name: str, value: int | None) -> int | None:
    """Return a whole number from 1, or None.

    Raises:
        InputError: It is something else.
    """
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
        raise InputError(f"{name} is {quote(value)}", hint="a whole number from 1")
    return value


def stops_of(sequences: Sequence[str]) -> tuple[str, ...]:
    """Return the texts at which a model stops.

    Raises:
        InputError: They are no texts.
    """
    if isinstance(sequences, str):
        sequences = [sequences]
    if not isinstance(sequences, Sequence) or not all(isinstance(stop, str) and stop for stop in sequences):
        raise InputError("stop_sequences is a list of texts")
    return tuple(sequences)


def seconds_of(value: float) -> float:
    """Return a deadline in seconds.

    Raises:
        InputError: It is no number above 0, or more than a year.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= YEAR:
        raise InputError(f"timeout is {quote(value)}", hint="a number of seconds above 0")
    return float(value)


def forced_of(provider_type: str | None) -> str:
    """Return the provider that is to answer alone; empty for the configured chain.

    Raises:
        InputError: The name is empty.
    """
    if provider_type is not None and not str(provider_type).strip():
        raise InputError("the provider has no name", hint="auto, or one of the configured ones")
    return "" if provider_type in (None, "auto") else str(provider_type)
