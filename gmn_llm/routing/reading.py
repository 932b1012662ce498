"""What an exception of LiteLLM's says: who was reached, whether the answer made sense, the provider's own words."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Mapping

import httpx
import openai

from gmn_llm.config.masking import mask_text
from gmn_llm.errors import LLMError
from gmn_llm.routing.quiet import litellm

__all__ = ["CREDIT_WORDS", "causes", "counted_by_litellm", "disconnected", "said", "unreadable", "words"]

CREDIT_WORDS = "Your credit balance is too low"
"""How Anthropic's ``message`` begins when nothing is left to spend: a 400 of the same type as any faulty request."""

MISTAKES = (TypeError, AttributeError, LookupError, ValueError)
"""What reading an answer ends in that is not what the protocol says."""

STUMBLES = (
    *MISTAKES,
    litellm.exceptions.APIConnectionError,
    litellm.exceptions.APIResponseValidationError,
    litellm.exceptions.BadRequestError,
    litellm.llms.base_llm.chat.transformation.BaseLLMException,
)
"""What LiteLLM makes of such a mistake."""

HANDLE = ". Handle with `litellm."
UNEXPECTED = "Got unexpected response from Ollama: "
TRACEBACK = "Traceback (most recent call last)"
"""Where LiteLLM's own words begin, which are cut off or left out."""


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
    if isinstance(error, LLMError) or any(isinstance(e, httpx.HTTPError | OSError | LLMError) for e in below):
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


def words(error: BaseException, secrets: frozenset[str]) -> str:
    """Return what went wrong on one line of 200 characters at most, without a key."""
    text = mask_text(_told(error), secrets)
    text = " ".join(text[:2000].split())
    return text if len(text) <= 200 else text[:199] + "…"


def _told(error: BaseException) -> str:
    """Return what the provider said, without LiteLLM's wrapping; for people alone."""
    theirs = said(error)
    if theirs:
        return theirs
    if unreadable(error):
        return f"an answer that could not be read ({_stumbled(error)})"
    text = _bare(_message(error)).partition(TRACEBACK)[0]
    return _plain(text).strip() or type(error).__name__


def _stumbled(error: BaseException) -> str:
    mistake = next((e for e in causes(error) if isinstance(e, MISTAKES)), None)
    if isinstance(mistake, json.JSONDecodeError):
        return "not JSON"
    if isinstance(mistake, KeyError):
        return f"it has no {mistake}"
    return "not of the protocol's shape"


def _bare(text: str) -> str:
    """Leave out what LiteLLM puts before a provider's words (``litellm.X: X: YException - ``); for people alone."""
    text = text.partition(HANDLE)[0]
    before, dash, after = text.partition(" - ")
    return after if dash and after and before.startswith("litellm.") else text


def _plain(text: str) -> str:
    """Return the text of octets that were printed as Python writes them; what is none of these, as it is."""
    if not text.startswith(("b'", 'b"')):
        return text
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text[2:]
    return value.decode(errors="replace") if isinstance(value, bytes) else text


def _message(error: BaseException) -> str:
    text = getattr(error, "message", None)
    return text if isinstance(text, str) and text else str(error)


def causes(error: BaseException) -> Iterator[BaseException]:
    """Yield the exception and what led to it, the outermost first."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or current.__context__


def said(error: BaseException) -> str:
    """Return the error's words in a body that is a JSON object of Ollama's, Anthropic's or OpenAI's; else nothing."""
    text = _plain(_bare(_message(error)))
    _, printed, after = text.partition(UNEXPECTED)
    try:
        value = ast.literal_eval(after) if printed else _object(text)
    except (ValueError, SyntaxError):
        value = None
    theirs = value.get("error") if isinstance(value, Mapping) else None
    theirs = theirs.get("message") if isinstance(theirs, Mapping) else theirs
    if isinstance(theirs, str):
        return theirs
    # OpenAI's client has taken the words out of the body already.
    return text if text.startswith(CREDIT_WORDS) else ""


def _object(text: str) -> object:
    """Return the JSON object that a text ends in, or None."""
    _, brace, rest = text.partition("{")
    return json.loads(brace + rest) if brace else None
