"""Which models a provider has: its own list, asked for with one GET and no model behind it.

Sources: OpenAI's API reference ("List models"), Anthropic's ("List Models", with its pages) and Ollama's
    docs/api.md ("List Local Models").
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from gmn_llm.config.masking import mask_text, secrets_of
from gmn_llm.config.names import BASE_URL_VARIABLES, KEY_VARIABLES
from gmn_llm.errors import (
    AuthenticationError,
    LLMError,
    ProviderTimeoutError,
    ProviderUnavailableError,
    RateLimitError,
)
from gmn_llm.findings import quote
from gmn_llm.messages import Attempt

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx

    from gmn_llm.config.chain import Deployment

__all__ = ["is_served", "served_models"]

WRONG_ADDRESS: Final = "check the address (base_url)"
SECONDS: Final = 5.0
"""The most a list may take: a health view that waits longer helps nobody."""
ANTHROPIC_VERSION: Final = "2023-06-01"
OLLAMA_HOST: Final = "OLLAMA_HOST"
"""Read by Ollama's own programs and not by LiteLLM; a section's address has it already."""
MOST_PAGES: Final = 20
DATE_DIGITS: Final = 8
LATEST: Final = ":latest"
"""Ollama's tag for a model named without one."""


@dataclass(frozen=True, slots=True)
class _Protocol:
    """How one protocol lists its models.

    Attributes:
        home: The address where the configuration has none.
        path: Below the address.
        entries: Key of the list in the answer.
        name: Key of a model's name in an entry.
    """

    home: str
    path: str
    entries: str
    name: str


PROTOCOLS: Final[Mapping[str, _Protocol]] = {
    "openai": _Protocol("https://api.openai.com/v1", "/models", "data", "id"),
    "anthropic": _Protocol("https://api.anthropic.com", "/v1/models", "data", "id"),
    "ollama_chat": _Protocol("http://localhost:11434", "/api/tags", "models", "name"),
}


KEY_HINT: Final = "check the key of this provider and what it is allowed to do"
REFUSALS: Final[Mapping[int, tuple[type[LLMError], str]]] = {
    401: (AuthenticationError, KEY_HINT),
    403: (AuthenticationError, KEY_HINT),
    429: (RateLimitError, "wait, or configure a fallback"),
}


def is_served(model: str, served: list[str]) -> bool:
    """Return whether ``model`` is among ``served``.

    For Ollama a name without a tag is the one tagged latest; Anthropic lists ``claude-haiku-4-5`` and
    ``claude-3-5-haiku-latest`` under names that end with a date of eight digits, and answers to both.
    """
    if model in served or model + LATEST in served:
        return True
    stem = model.removesuffix("-latest") + "-"
    ends = (name.removeprefix(stem) for name in served if name.startswith(stem))
    return any(len(end) == DATE_DIGITS and end.isdecimal() for end in ends)


async def served_models(deployment: Deployment, *, seconds: float = SECONDS) -> list[str] | None:
    """Return the names of the models behind ``deployment``, sorted, or None where its protocol has no list we know.

    Args:
        deployment: Its address, key and headers are used; its model is not asked.
        seconds: The most it may take.

    Raises:
        AuthenticationError: The key is refused.
        RateLimitError: The provider asks to wait. Where it was a status that refused, ``attempts`` has it.
        ProviderTimeoutError: No list within ``seconds``.
        ProviderUnavailableError: It can't be reached, or what it answers is no list.
    """
    if deployment.provider == "gmn_mock":
        return [deployment.model.rpartition("/")[2]]
    protocol = PROTOCOLS.get(deployment.provider)
    if protocol is None:
        return None
    end = asyncio.get_running_loop().time() + seconds
    import httpx  # a tenth of a second that only this needs, and that counts too

    headers, address = _headers(deployment), _address(deployment, protocol)
    secrets = frozenset(secret for part in (deployment.params, headers) for secret in secrets_of(part) if secret)
    try:
        async with asyncio.timeout_at(end), httpx.AsyncClient(headers=headers, timeout=seconds) as client:
            return sorted(await _listed(client, protocol, address))
    except (TimeoutError, httpx.TimeoutException) as error:
        raise ProviderTimeoutError(f"{deployment.provider} sent no list of models within {seconds:g} s") from error
    except (UnicodeEncodeError, httpx.LocalProtocolError):
        # Without the cause, which quotes the key.
        raise AuthenticationError("the key has a sign in it that no header can carry", hint=KEY_HINT) from None
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ImportError, ValueError) as error:
        # The last three come of proxies and certificates in the environment that can't be used.
        said, name = mask_text(str(error), secrets), deployment.provider.removesuffix("_chat")
        raise ProviderUnavailableError(
            f"{name} can't be reached{_at(address)}: {quote(said)}", hint=_advice(deployment)
        ) from error


async def _listed(client: httpx.AsyncClient, protocol: _Protocol, address: str) -> set[str]:
    names: set[str] = set()
    query: dict[str, str] = {}
    for _ in range(MOST_PAGES):
        page = _page(await client.get(address, params=query), protocol)
        entries = page.get(protocol.entries)
        if not isinstance(entries, list):
            raise ProviderUnavailableError(
                f"{protocol.path} was answered with something that is no list of models", hint=WRONG_ADDRESS
            )
        named = [entry.get(protocol.name) for entry in entries if isinstance(entry, dict)]
        names.update(name for name in named if isinstance(name, str))
        last = page.get("last_id")
        if not page.get("has_more") or not isinstance(last, str):
            break
        query = {"after_id": last}
    return names


def _page(answer: httpx.Response, protocol: _Protocol) -> dict[str, object]:
    if answer.status_code != 200:
        raise _refused(answer)
    try:
        page = answer.json()
    except ValueError as error:
        raise ProviderUnavailableError(
            f"{answer.url.host} answered {protocol.path} with something that is no JSON", hint=WRONG_ADDRESS
        ) from error
    if not isinstance(page, dict):
        raise ProviderUnavailableError(
            f"{answer.url.host} answered {protocol.path} with something that is no list", hint=WRONG_ADDRESS
        )
    return page


def _refused(answer: httpx.Response) -> LLMError:
    said = f"{answer.url.host} answered {answer.status_code} when asked for its models"
    kind, hint = REFUSALS.get(answer.status_code, (ProviderUnavailableError, WRONG_ADDRESS))
    attempt = Attempt(provider=answer.url.host, error=kind.__name__, status=answer.status_code, message=said)
    return kind(said, hint=hint, attempts=(attempt,))


def _address(deployment: Deployment, protocol: _Protocol) -> str:
    # An entry of a model_list may leave its address and its key to LiteLLM, which looks into the environment.
    variables = BASE_URL_VARIABLES.get(deployment.provider.removesuffix("_chat"), ())
    there = next((os.environ[name] for name in variables if name != OLLAMA_HOST and os.environ.get(name)), None)
    said = deployment.params.get("api_base") or deployment.params.get("base_url") or there
    base = str(said or protocol.home).rstrip("/")
    if deployment.provider == "anthropic":
        base = base.removesuffix("/v1/messages").removesuffix("/v1")
    return base + protocol.path


def _at(address: str) -> str:
    """Return where a server is in words, without a password; nothing where the address can't be read."""
    try:
        return f" at {urlsplit(address).netloc.rpartition('@')[2]}"
    except ValueError:
        return ""


def _headers(deployment: Deployment) -> dict[str, str]:
    params = deployment.params
    key = params.get("api_key") or os.environ.get(KEY_VARIABLES.get(deployment.provider, ""))
    headers: dict[str, str] = {}
    if deployment.provider == "anthropic":
        headers["anthropic-version"] = ANTHROPIC_VERSION
        if key:
            headers["x-api-key"] = str(key)
    elif key:
        headers["Authorization"] = f"Bearer {key}"
    if params.get("organization"):
        headers["OpenAI-Organization"] = str(params["organization"])
    own = params.get("extra_headers")
    return headers | {str(name): str(value) for name, value in (own.items() if isinstance(own, dict) else ())}


def _advice(deployment: Deployment) -> str:
    if deployment.provider == "ollama_chat":
        return "start it with `ollama serve`, or set its address (OLLAMA_HOST, or ollama.base_url)"
    return "check the address (base_url) and the network"
