"""Every error that leaves the package, drawn once.

LLMError
 +- ConfigError                a configuration that can't be used
 +- InputError                 what the caller handed in (also a ValueError)
 +- AuthenticationError        a key is missing, wrong or not allowed
 +- RateLimitError             the provider asks to wait
 +- ProviderTimeoutError       no complete answer in time
 +- ProviderUnavailableError   not reachable, broken, or without the model
 +- ContextLengthError         prompt and answer do not fit the model's window
 +- ContentFilterError         the provider refused the content
 +- GMNValidationError         no valid document came of it
 +- AllProvidersFailedError    each deployment of the chain was tried

``retryable`` on a class says whether the same call may succeed later with nothing changed; ``hint`` on an
instance says what a person can do. The exception of the library below is kept as ``__cause__``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gmn_llm.findings import Finding
    from gmn_llm.messages import Attempt, Usage

__all__ = [
    "AllProvidersFailedError",
    "AuthenticationError",
    "ConfigError",
    "ContentFilterError",
    "ContextLengthError",
    "GMNValidationError",
    "InputError",
    "LLMError",
    "ProviderTimeoutError",
    "ProviderUnavailableError",
    "RateLimitError",
]


class LLMError(Exception):
    """Base of all errors of the package.

    Attributes:
        hint: What the reader can do about it, in one sentence; empty where nothing can be said.
        attempts: One entry for each deployment that was asked, in order.
        usage: Tokens and money spent until the failure, or None where no model was asked.
        retry_after: Seconds after which another try makes sense, or None where nobody said.
        delivered: The text a stream had handed on before it broke; empty otherwise.
    """

    retryable: ClassVar[bool] = False

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        attempts: Sequence[Attempt] = (),
        usage: Usage | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.hint = hint
        self.attempts = tuple(attempts)
        self.usage = usage
        self.retry_after = retry_after
        self.delivered = ""


class ConfigError(LLMError):
    """The configuration can't be used; the message names file, line and key."""


class InputError(LLMError, ValueError):
    """What the caller handed in can't be used: prompt, agent type, constraint, image or argument."""


class AuthenticationError(LLMError):
    """A key is missing, wrong, or not allowed to do this."""


class RateLimitError(LLMError):
    """The provider, or the configured limit, asks to wait; ``retry_after`` says how long where it is known."""

    retryable = True


class ProviderTimeoutError(LLMError):
    """No complete answer within the deadline."""

    retryable = True


class ProviderUnavailableError(LLMError):
    """The provider can't be reached, answers with rubbish, or does not have the model."""

    retryable = True


class ContextLengthError(LLMError):
    """Prompt and answer do not fit the model's context window."""


class ContentFilterError(LLMError):
    """The provider refused the prompt or its own answer."""


class GMNValidationError(LLMError):
    """A document is not valid, and could not be repaired where a model wrote it.

    Attributes:
        findings: All findings of the last stage that was reached, errors first.
        draft: The last text or value that was read, or None.
    """

    def __init__(
        self,
        message: str,
        *,
        findings: Sequence[Finding] = (),
        draft: object = None,
        hint: str = "",
        attempts: Sequence[Attempt] = (),
        usage: Usage | None = None,
    ) -> None:
        super().__init__(message, hint=hint, attempts=attempts, usage=usage)
        self.findings = tuple(findings)
        self.draft = draft


class AllProvidersFailedError(LLMError):
    """Each deployment of the chain was tried and failed; ``attempts`` has them in order."""

    retryable = True
