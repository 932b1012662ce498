"""LiteLLM's exceptions and ours: the one table, and the errors that callers get.

The table is read from the class of the exception upwards, so a subclass that is not in it counts as its
parent.
A test fails when LiteLLM grows a class of its own that the table lacks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import httpx
import openai

from gmn_llm.errors import (
    AllProvidersFailedError,
    AuthenticationError,
    ConfigError,
    ContentFilterError,
    ContextLengthError,
    InputError,
    LLMError,
    ProviderTimeoutError,
    ProviderUnavailableError,
    RateLimitError,
)
from gmn_llm.findings import quote
from gmn_llm.routing.quiet import litellm
from gmn_llm.routing.reading import CREDIT_WORDS, causes, said, unreadable

if TYPE_CHECKING:
    from gmn_llm.messages import Attempt

__all__ = [
    "CAUGHT",
    "TABLE",
    "cooling_down",
    "error_class",
    "failure",
    "http_status",
    "refused_parameter",
    "retry_after",
]

_x = litellm.exceptions
TABLE: Mapping[type[BaseException], type[LLMError]] = {
    _x.AuthenticationError: AuthenticationError,
    _x.PermissionDeniedError: AuthenticationError,
    _x.PaymentRequiredError: AuthenticationError,
    _x.RateLimitError: RateLimitError,
    _x.BudgetExceededError: RateLimitError,
    _x.Timeout: ProviderTimeoutError,
    _x.ContextWindowExceededError: ContextLengthError,
    _x.ContentPolicyViolationError: ContentFilterError,
    _x.RejectedRequestError: ContentFilterError,
    _x.GuardrailRaisedException: ContentFilterError,
    _x.BlockedPiiEntityError: ContentFilterError,
    _x.ModifyResponseException: ContentFilterError,
    _x.SensitiveDataRouteException: ContentFilterError,
    _x.NotFoundError: ProviderUnavailableError,
    _x.InternalServerError: ProviderUnavailableError,
    _x.ServiceUnavailableError: ProviderUnavailableError,
    _x.BadGatewayError: ProviderUnavailableError,
    _x.APIConnectionError: ProviderUnavailableError,
    _x.APIError: ProviderUnavailableError,
    _x.APIResponseValidationError: ProviderUnavailableError,
    _x.JSONSchemaValidationError: ProviderUnavailableError,
    _x.MidStreamFallbackError: ProviderUnavailableError,
    _x.MockException: ProviderUnavailableError,
    _x.OpenAIError: ProviderUnavailableError,
    _x.BadRequestError: InputError,
    _x.InvalidRequestError: InputError,
    _x.UnprocessableEntityError: InputError,
    _x.UnsupportedParamsError: InputError,
    _x.ImageFetchError: InputError,
    _x.VectorStoreSearchError: InputError,
    _x.ModelNotMappedError: ConfigError,
    _x.LiteLLMUnknownProvider: ConfigError,
    litellm.types.router.RouterRateLimitError: RateLimitError,
    litellm.types.router.RouterRateLimitErrorBasic: RateLimitError,
    # The client library's own, where LiteLLM lets them through.
    openai.APITimeoutError: ProviderTimeoutError,
    openai.AuthenticationError: AuthenticationError,
    openai.PermissionDeniedError: AuthenticationError,
    openai.RateLimitError: RateLimitError,
    openai.BadRequestError: InputError,
    openai.OpenAIError: ProviderUnavailableError,
    httpx.TimeoutException: ProviderTimeoutError,
    httpx.HTTPError: ProviderUnavailableError,
    TimeoutError: ProviderTimeoutError,
    OSError: ProviderUnavailableError,
}
CAUGHT: tuple[type[Exception], ...] = (*(kind for kind in TABLE if issubclass(kind, Exception)), ValueError)
"""What LiteLLM's Router raises: the classes of the table, and ValueError where a group has nobody left."""

GENERIC = (_x.APIError, openai.APIStatusError)
"""Classes that say nothing by themselves; their status does."""

BY_STATUS: Mapping[int, type[LLMError]] = {
    400: InputError, 401: AuthenticationError, 402: AuthenticationError, 403: AuthenticationError,
    408: ProviderTimeoutError, 413: ContextLengthError, 422: InputError, 429: RateLimitError,
    504: ProviderTimeoutError,
}  # fmt: skip

OVERFLOW_CODES = frozenset({"context_length_exceeded", "exceed_context_size_error"})
"""OpenAI's and llama.cpp's machine-readable names for a prompt that is too long."""

OVERFLOW_WORDS = frozenset({"the input length exceeds the context length"})
"""Ollama's whole ``error`` for the same; it has no code for it (its runners' ``errorInputTooLong``)."""

UNSUPPORTED_CODES = frozenset({"unsupported_parameter", "unsupported_value"})
"""OpenAI's names for a parameter, or a value of it, that a model does not take."""

LONGEST_WAIT = 3600.0
"""Seconds beyond which a ``Retry-After`` is taken for a mistake: a date in the wrong century is one digit away."""

HINTS: Mapping[type[LLMError], str] = {
    AuthenticationError: "check the key of this provider and what it is allowed to do",
    RateLimitError: "wait, or configure a fallback",
    ProviderTimeoutError: "raise the timeout, or choose a faster model",
    ProviderUnavailableError: "check the address and that the service runs, or configure a fallback",
    ContextLengthError: "shorten the prompt, lower max_tokens, or choose a model with a longer window",
    ContentFilterError: "change the wording, or choose another provider",
    InputError: "the provider refused the request; check model and parameters",
}


def error_class(error: BaseException) -> type[LLMError]:
    """Return our class for an exception from below; LiteLLM's own mistakes count as unavailable."""
    if isinstance(error, LLMError):
        return type(error)
    if isinstance(error, litellm.BadRequestError) and _overflows(error):
        return ContextLengthError
    if isinstance(error, litellm.BadRequestError) and said(error).startswith(CREDIT_WORDS):
        return AuthenticationError
    if type(error) in GENERIC:
        return BY_STATUS.get(http_status(error) or 0, ProviderUnavailableError)
    for kind in type(error).__mro__:
        if kind in TABLE:
            return TABLE[kind]
    return ProviderUnavailableError


def http_status(error: BaseException) -> int | None:
    """Return the status the server sent, or None where there was no answer (LiteLLM makes one up then)."""
    if unreadable(error):
        return 200
    below = set(causes(error))
    made_up = (litellm.APIConnectionError, litellm.Timeout, TimeoutError)
    if isinstance(error, made_up) or any(isinstance(e, httpx.TransportError | OSError) for e in below):
        return None
    if any(type(e) is openai.APIConnectionError for e in below):
        return None
    status = getattr(error, "status_code", None)
    return status if isinstance(status, int) else None


def retry_after(error: BaseException) -> float | None:
    """Return the seconds the provider asks to wait (RFC 9110, 10.2.3), an hour at most, or None."""
    waiting = getattr(error, "cooldown_time", None)
    if isinstance(waiting, int | float):
        return min(float(waiting), LONGEST_WAIT)
    headers = getattr(error, "litellm_response_headers", None)
    if headers is None:
        headers = getattr(getattr(error, "response", None), "headers", None)
    if not isinstance(headers, Mapping):
        return None
    value = litellm.utils._get_retry_after_from_exception_header(headers)  # noqa: SLF001 - the Router's own reading
    return min(float(value), LONGEST_WAIT) if value > 0 else None


def refused_parameter(error: BaseException) -> str | None:
    """Return the parameter a server says it does not take (``param`` of OpenAI's error object), or None."""
    for below in causes(error):
        param = getattr(below, "param", None)
        if isinstance(param, str) and param and str(getattr(below, "code", None)) in UNSUPPORTED_CODES:
            return param
    return None


def failure(
    kind: type[LLMError],
    attempts: Sequence[Attempt],
    *,
    route: Sequence[str],
    wait: float | None,
    seconds: float,
) -> LLMError:
    """Return the error a caller gets: the precise class for one provider, else ``AllProvidersFailedError``.

    Args:
        kind: The class of the last failure.
        attempts: What was tried.
        route: The groups that could have been asked.
        wait: Seconds after which another try makes sense, or None.
        seconds: How long the whole request took.
    """
    tried = list(dict.fromkeys(attempt.provider for attempt in attempts))
    if len(tried) > 1 and set(tried) >= set(route):
        parts = "; ".join(_short(attempt) for attempt in attempts)
        return AllProvidersFailedError(
            f"all {len(tried)} providers failed within {seconds:.1f} s: {parts}",
            hint="see the attempts; each has its own cause",
            attempts=attempts,
            retry_after=wait,
        )
    last = attempts[-1] if attempts else None
    hint = HINTS.get(kind, "")
    if last is not None and last.status == 404:
        hint = _missing_model_hint(last)
    text = _short(last) if last is not None else f"no deployment of {', '.join(map(quote, route))} can be asked now"
    return kind(text, hint=hint, attempts=attempts, retry_after=wait)


def cooling_down(last: Attempt, *, wait: float) -> LLMError:
    """Return the error for a deployment that is left alone, with the failure that led to it."""
    kind = RateLimitError if last.error == RateLimitError.__name__ else ProviderUnavailableError
    return kind(
        f"{last.provider} is not asked for another {wait:.0f} s, because it failed: {_short(last)}",
        hint="wait, or configure a fallback",
        retry_after=wait,
    )


def _short(attempt: Attempt) -> str:
    status = f" (status {attempt.status})" if attempt.status is not None else ""
    return f"{attempt.provider}, {attempt.model}: {attempt.message}{status}"


def _missing_model_hint(attempt: Attempt) -> str:
    if attempt.deployment.startswith("ollama/") or attempt.provider == "ollama":
        return f"run `ollama pull {attempt.model}`, or choose a model that `ollama list` shows"
    return f"check that {attempt.provider} has the model {attempt.model!r} and that your key may use it"


def _overflows(error: BaseException) -> bool:
    """Return whether a refusal means a prompt that is too long, which LiteLLM did not see."""
    return bool(_codes(error) & OVERFLOW_CODES) or said(error) in OVERFLOW_WORDS


def _codes(error: BaseException) -> frozenset[str]:
    """Return the machine-readable codes in the body of an OpenAI-style error."""
    found: set[str] = set()
    for below in causes(error):
        found.update(str(getattr(below, name, "")) for name in ("code", "type"))
        body = getattr(below, "body", None)
        inner = body.get("error", body) if isinstance(body, Mapping) else None
        if isinstance(inner, Mapping):
            found.update(str(inner.get(name)) for name in ("code", "type"))
    return frozenset(found)
