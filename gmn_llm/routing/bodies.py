"""What a server sent, below LiteLLM's exceptions: the status, and the error object in its body.

LiteLLM keeps the object in three ways: as OpenAI's client has read it, as the text of the body, and as Python prints a
dictionary.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Mapping

import httpx
import openai

from gmn_llm.routing.quiet import litellm

__all__ = ["amid_answer", "bare", "causes", "codes_of", "error_object", "plain", "said", "status_sent", "text_of"]

HANDLE = ". Handle with `litellm."
UNEXPECTED = "Got unexpected response from Ollama: "
"""Where LiteLLM's own words begin, which are cut off or left out."""
LONGEST = 65_536
"""Characters of a body beyond which no error object is looked for."""
NO_STATUS = 422
"""What LiteLLM calls the status where an error object in a good answer of OpenAI's protocol has no code."""
NO_WORDS = "Error in response object"
"""And what it says where the object has no words."""
NOT_LITERAL = (ValueError, SyntaxError, RecursionError, MemoryError)
"""What reading a text that is no JSON, or no literal of Python's, ends in."""

_base = litellm.llms.base_llm.chat.transformation.BaseLLMException
_openai = litellm.llms.openai.common_utils.OpenAIError
_anthropic = litellm.llms.anthropic.common_utils.AnthropicError


def causes(error: BaseException) -> Iterator[BaseException]:
    """Yield the exception and what led to it, the outermost first."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or current.__context__


def status_sent(error: BaseException) -> int | None:
    """Return the status of the refusal that the server sent, or None where there was none: LiteLLM makes some up."""
    for below in causes(error):
        if isinstance(below, httpx.HTTPStatusError):
            return below.response.status_code
        if isinstance(below, openai.APIStatusError) and _is_openais(below):
            return below.status_code
    return None


def amid_answer(error: BaseException) -> bool:
    """Return whether an error object came where an answer was to be, under a good status."""
    below = tuple(causes(error))
    if any(isinstance(e, httpx.HTTPError | OSError | openai.APIStatusError) and _is_not_litellms(e) for e in below):
        return False
    if any(map(_is_claudes, below)):
        return True
    if any(type(e) is openai.APIError for e in below) or _nameless(below) is not None:
        return True
    streamed = any(isinstance(e, litellm.exceptions.MidStreamFallbackError) for e in below)
    return streamed and any(isinstance(e, _base) for e in below)


def error_object(error: BaseException) -> object:
    """Return what stands under ``error`` in the body of an answer, or None."""
    below = tuple(causes(error))
    for each in below:
        body = getattr(each, "body", None)
        if _is_openais(each) and body is not None:
            return body.get("error", body) if isinstance(body, Mapping) else body
        if _is_claudes(each):
            return _read(text_of(each)) or text_of(each)
    nameless = _nameless(below)
    if nameless is not None:
        code, words = vars(nameless).get("status_code"), vars(nameless).get("message")
        return {"code": None if code == NO_STATUS else code, "message": None if words == NO_WORDS else words}
    text = plain(bare(text_of(error)))
    _, printed, after = text.partition(UNEXPECTED)
    value = _read(after if printed else text)
    return value.get("error") if isinstance(value, Mapping) else None


def codes_of(error: BaseException) -> tuple[str, ...]:
    """Return the machine-readable names in an error object: its code first, then its type; empty for neither."""
    found = error_object(error)
    if not isinstance(found, Mapping):
        return ()
    return tuple(str(found[name]) for name in ("code", "type") if isinstance(found.get(name), str | int))


def said(error: BaseException) -> str:
    """Return the words of the error object: Ollama's text, Anthropic's or OpenAI's ``message``; else nothing."""
    found = error_object(error)
    words = found.get("message") if isinstance(found, Mapping) else found
    return words if isinstance(words, str) else ""


def text_of(error: BaseException) -> str:
    """Return the exception's message, LiteLLM's wrapping with it."""
    text = getattr(error, "message", None)
    return text if isinstance(text, str) and text else str(error)


def bare(text: str) -> str:
    """Leave out what LiteLLM puts before a provider's words (``litellm.X: X: YException - ``)."""
    text = text.partition(HANDLE)[0]
    before, dash, after = f"{text} ".partition(" - ")
    return after.removesuffix(" ") if dash and after and before.startswith("litellm.") else text


def plain(text: str) -> str:
    """Return the text of octets that were printed as Python writes them; what is none of these, as it is."""
    if not text.startswith(("b'", 'b"')):
        return text
    try:
        value = ast.literal_eval(text)
    except NOT_LITERAL:
        return text[2:]
    return value.decode(errors="replace") if isinstance(value, bytes) else text


def _read(text: str) -> object:
    """Return the JSON object that a text ends in, also as Python prints it, or None."""
    _, brace, rest = text[:LONGEST].partition("{")
    if not brace:
        return None
    for read in (json.loads, ast.literal_eval):
        try:
            return read(brace + rest)
        except NOT_LITERAL:
            continue
    return None


def _nameless(below: tuple[BaseException, ...]) -> BaseException | None:
    """Return the exception without a class that LiteLLM makes of an error object in a good answer of OpenAI's."""
    if not any(type(each) is _openai for each in below):
        return None
    return next((each for each in below if type(each) is Exception and "status_code" in vars(each)), None)


def _is_claudes(error: BaseException) -> bool:
    """Return whether LiteLLM raised it over an error object in a good answer of Anthropic's, and over nothing else."""
    return isinstance(error, _anthropic) and error.status_code == httpx.codes.OK and error.__context__ is None


def _is_openais(error: BaseException) -> bool:
    """Return whether OpenAI's client raised it: LiteLLM's classes are derived from the client's."""
    return isinstance(error, openai.OpenAIError) and type(error).__module__.partition(".")[0] == "openai"


def _is_not_litellms(error: BaseException) -> bool:
    return not isinstance(error, openai.OpenAIError) or _is_openais(error)
