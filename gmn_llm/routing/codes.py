"""What providers call their refusals, by code, by type and by status, with our class for each.

Sources: OpenAI's and Anthropic's references on errors, and llama.cpp's ``format_error_response``. Words in a message
are never searched; only Ollama, which has no codes, is known by whole messages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gmn_llm.errors import (
    AuthenticationError,
    ContentFilterError,
    ContextLengthError,
    InputError,
    LLMError,
    ProviderTimeoutError,
    ProviderUnavailableError,
    RateLimitError,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["OVERFLOW_WORDS", "TOO_LARGE", "UNSUPPORTED_CODES", "class_by_code", "class_by_status"]

UNSUPPORTED_CODES = frozenset({"unsupported_parameter", "unsupported_value"})
"""OpenAI's names for a parameter, or a value of it, that a model does not take."""

OVERFLOW_WORDS = frozenset({"the input length exceeds the context length"})
"""Ollama's whole ``error`` for a prompt that is too long (its runners' ``errorInputTooLong``)."""

TOO_LARGE = 413
"""A request of more octets than the server, or a proxy before it, takes. That is no window of a model's: another
provider may take it, one with a longer window need not."""

PRECISE: Mapping[str, type[LLMError]] = {
    "content_filter": ContentFilterError, "content_policy_violation": ContentFilterError,
    "context_length_exceeded": ContextLengthError, "exceed_context_size_error": ContextLengthError,
    "insufficient_quota": RateLimitError, "invalid_api_key": AuthenticationError,
    "rate_limit_exceeded": RateLimitError,
}  # fmt: skip
"""Codes that say more than the status they come with: Groq's 413 is one of tokens a minute."""

WIDE: Mapping[str, type[LLMError]] = {
    "api_error": ProviderUnavailableError, "authentication_error": AuthenticationError,
    "billing_error": AuthenticationError, "internal_server_error": ProviderUnavailableError,
    "invalid_request_error": InputError, "model_not_found": ProviderUnavailableError,
    "not_found_error": ProviderUnavailableError, "overloaded_error": ProviderUnavailableError,
    "permission_error": AuthenticationError, "rate_limit_error": RateLimitError, "request_too_large": InputError,
    "server_error": ProviderUnavailableError, "timeout_error": ProviderTimeoutError,
    "unavailable_error": ProviderUnavailableError, "unsupported_parameter": InputError, "unsupported_value": InputError,
}  # fmt: skip
"""Codes that say no more than a status does, or less; they count where none came."""

BY_STATUS: Mapping[int, type[LLMError]] = {
    400: InputError, 401: AuthenticationError, 402: AuthenticationError, 403: AuthenticationError,
    408: ProviderTimeoutError, TOO_LARGE: InputError, 422: InputError, 429: RateLimitError,
    504: ProviderTimeoutError,
}  # fmt: skip


def class_by_code(codes: Iterable[str], *, alone: bool) -> type[LLMError] | None:
    """Return the class for the codes of an error object, or None where none of them is known.

    Args:
        codes: Code and type, the more precise first.
        alone: Whether nothing else tells, for the object came under a good status; a code that is a number is a
            status then, as OpenRouter has it.
    """
    names = {**PRECISE, **WIDE} if alone else PRECISE
    for code in codes:
        if code in names:
            return names[code]
        if alone and code.isascii() and code.isdecimal() and len(code) == 3 and code >= "400":
            return class_by_status(int(code))
    return None


def class_by_status(status: int) -> type[LLMError]:
    """Return the class for a status that is no success."""
    return BY_STATUS.get(status, ProviderUnavailableError)
