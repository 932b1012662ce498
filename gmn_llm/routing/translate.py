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
from gmn_llm.routing.bodies import amid_answer, causes, codes_of, said, status_sent
from gmn_llm.routing.codes import OVERFLOW_WORDS, TOO_LARGE, UNSUPPORTED_CODES, class_by_code, class_by_status
from gmn_llm.routing.quiet import litellm
from gmn_llm.routing.reading import CREDIT_WORDS, MISTAKES, unreadable

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
CAUGHT: tuple[type[Exception], ...] = (*(kind for kind in TABLE if issubclass(kind, Exception)), *MISTAKES)
"""What LiteLLM's Router raises: the classes of the table, ValueError where a group has nobody left, and what it ends in
when it stumbles over an answer. A mistake of this package's is of such a class as well; ``let_through`` tells."""

TOLD = (ContextLengthError, ContentFilterError)
"""What LiteLLM knows by the words of many providers, and says by no other class."""

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
    """Return our class for an exception from below; LiteLLM's own mistakes count as unavailable.

    What the provider's own code says goes first, then the status it sent, and LiteLLM's class last: that is often made
    up, or goes by the words of a message.
    """
    if isinstance(error, LLMError):
        return type(error)
    known = next((TABLE[kind] for kind in type(error).__mro__ if kind in TABLE), ProviderUnavailableError)
    if known in TOLD:
        return known
    amid = amid_answer(error)
    by_code = class_by_code(codes_of(error), alone=amid)
    if by_code is not None:
        return by_code
    return ProviderUnavailableError if amid or unreadable(error) else _by_status(error, known)


def _by_status(error: BaseException, known: type[LLMError]) -> type[LLMError]:
    status = status_sent(error)
    if status == httpx.codes.BAD_REQUEST and said(error) in OVERFLOW_WORDS:
        return ContextLengthError
    if status == httpx.codes.BAD_REQUEST and said(error).startswith(CREDIT_WORDS):
        return AuthenticationError
    return class_by_status(status) if status is not None else known


def http_status(error: BaseException) -> int | None:
    """Return the status the server sent, or None where there was no answer (LiteLLM makes one up then)."""
    if isinstance(error, LLMError):
        return None
    status = status_sent(error)
    if status is None and (unreadable(error) or amid_answer(error)):
        return 200
    return status


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
    elif last is not None and last.status == TOO_LARGE:
        hint = "send fewer or smaller pictures, shorten the prompt, or raise the limit of the proxy before the server"
    text = _short(last) if last is not None else f"no deployment of {', '.join(map(quote, route))} can be asked now"
    left = [name for name in route if name not in tried]
    if kind is ContextLengthError and tried and left:
        text += f"; none of {', '.join(left)} is known to hold more"
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
