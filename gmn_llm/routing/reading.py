"""What an exception of LiteLLM's says: who was reached, whether the answer made sense, the provider's own words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import TracebackType

import httpx
import openai

from gmn_llm.config.masking import mask_forms
from gmn_llm.errors import LLMError
from gmn_llm.routing.bodies import amid_answer, bare, causes, codes_of, error_object, plain, said, status_sent, text_of
from gmn_llm.routing.quiet import litellm

__all__ = [
    "CREDIT_WORDS",
    "MISTAKES",
    "counted_by_litellm",
    "disconnected",
    "let_through",
    "mend_status",
    "unreadable",
    "words",
]

CREDIT_WORDS = "Your credit balance is too low"
"""How Anthropic's ``message`` begins when nothing is left to spend: a 400 of the same type as any faulty request."""

MISTAKES = (TypeError, AttributeError, LookupError, ValueError, ArithmeticError, RecursionError)
"""What reading an answer ends in that is not what the protocol says; JSON's and pydantic's are ValueErrors."""

ROUTERS = (litellm.types.router.RouterRateLimitError, litellm.types.router.RouterRateLimitErrorBasic)
"""ValueErrors that are none of these: the Router's word for nobody being left to ask."""

HOUSE = "gmn_llm"

STUMBLES = (
    *MISTAKES,
    litellm.exceptions.APIConnectionError,
    litellm.exceptions.APIResponseValidationError,
    litellm.exceptions.BadRequestError,
    litellm.llms.base_llm.chat.transformation.BaseLLMException,
)
"""What LiteLLM makes of such a mistake."""

TRACEBACK = "Traceback (most recent call last)"
"""Where LiteLLM's own words begin, which are left out."""


def disconnected(error: BaseException) -> bool:
    """Return whether the connection failed, and not what came over it; running out of time is no such failure."""
    below = tuple(causes(error))
    if any(isinstance(e, httpx.TimeoutException | TimeoutError | openai.APITimeoutError) for e in below):
        return False
    return any(isinstance(e, httpx.TransportError | OSError) or type(e) is openai.APIConnectionError for e in below)


def unreadable(error: BaseException) -> bool:
    """Return whether a good status came with a body that is not the protocol's, whatever LiteLLM made of it.

    LiteLLM wraps its own stumbling over such a body like a connection that failed, or like a server's 500.
    """
    below = tuple(causes(error))
    if isinstance(error, ROUTERS) or any(isinstance(e, httpx.HTTPError | OSError | LLMError) for e in below):
        return False
    if isinstance(error, litellm.InternalServerError):
        # The OpenAI library's own errors have httpx's below them; this is LiteLLM's alone.
        return any(type(e) is litellm.llms.openai.common_utils.OpenAIError for e in below)
    return isinstance(error, STUMBLES) and any(
        isinstance(e, MISTAKES) and not isinstance(e, openai.OpenAIError) for e in below
    )


def counted_by_litellm(error: BaseException) -> bool:
    """Return whether LiteLLM's Router counts this failure among those that it allows a deployment.

    It passes over what it takes for the request's fault, and over everything it calls a failed connection.
    """
    status = getattr(error, "status_code", None)
    if not isinstance(status, int) or "APIConnectionError" in str(error):
        return False
    return status in {401, 402, 404, 408, 429} or not 400 <= status < 500


def mend_status(error: BaseException) -> None:
    """Give an exception a status that LiteLLM can count with, where it has taken a body's ``code`` for one.

    LiteLLM compares it with numbers next, and would stumble over a text.
    """
    status = getattr(error, "status_code", None)
    if status is not None and not (isinstance(status, int) and 100 <= status < 600):
        error.status_code = httpx.codes.BAD_GATEWAY.value  # type: ignore[attr-defined]  # it has one, as was seen


def let_through(error: BaseException) -> None:
    """Raise a mistake of this package's again; one that LiteLLM made over an answer is a provider's failure.

    Both may be of the same class. Where the traceback was last in either tells whose it is.
    """
    if isinstance(error, MISTAKES) and not isinstance(error, (LLMError, *ROUTERS)) and _whose(error) == HOUSE:
        raise error


def _whose(error: BaseException) -> str:
    """Return which of the two packages the traceback was last in."""
    whose, trace = "", error.__traceback__
    while isinstance(trace, TracebackType):
        package = str(trace.tb_frame.f_globals.get("__name__")).partition(".")[0]
        whose = package if package in {HOUSE, litellm.__name__} else whose
        trace = trace.tb_next
    return whose


def words(error: BaseException, secrets: frozenset[str]) -> str:
    """Return what went wrong on one line of 200 characters at most, without any of the forms in ``secrets``."""
    text = mask_forms(_told(error), secrets)
    text = " ".join(text[:2000].split())
    return text if len(text) <= 200 else text[:199] + "…"


def _told(error: BaseException) -> str:
    """Return what the provider said, without LiteLLM's wrapping; for people alone."""
    theirs = said(error)
    if theirs:
        return theirs
    if unreadable(error):
        return f"an answer that could not be read ({_stumbled(error)})"
    if amid_answer(error) and isinstance(error_object(error), Mapping):
        return f"an error in place of an answer ({', '.join(codes_of(error)) or 'it does not say which'})"
    text = plain(bare(text_of(error)).partition(TRACEBACK)[0]).strip()
    return text or ("no words" if status_sent(error) is not None else type(error).__name__)


def _stumbled(error: BaseException) -> str:
    mistake = next((e for e in causes(error) if isinstance(e, MISTAKES)), None)
    if isinstance(mistake, json.JSONDecodeError):
        return "not JSON"
    if isinstance(mistake, KeyError):
        return f"it has no {mistake}"
    return "not of the protocol's shape"
