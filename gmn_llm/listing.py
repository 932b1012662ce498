"""Which models a provider has: its own list, asked for with one GET and no model behind it.

Sources: OpenAI's API reference ("List models"), Anthropic's ("List Models", with its pages) and Ollama's
    docs/api.md ("List Local Models").
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gmn_llm.config.masking import mask_text, secrets_of
from gmn_llm.errors import (
    AuthenticationError,
    LLMError,
    ProviderTimeoutError,
    ProviderUnavailableError,
    RateLimitError,
)
from gmn_llm.findings import quote

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx

    from gmn_llm.config.chain import Deployment

__all__ = ["is_served", "served_models"]

SECONDS: Final = 5.0
"""The most a list may take: a health view that waits longer helps nobody."""
ANTHROPIC_VERSION: Final = "2023-06-01"
MOST_PAGES: Final = 20
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


def is_served(model: str, served: list[str]) -> bool:
    """Return whether ``model`` is among ``served``; for Ollama a name without a tag is the one tagged latest."""
    return model in served or model + LATEST in served


async def served_models(deployment: Deployment, *, seconds: float = SECONDS) -> list[str] | None:
    """Return the names of the models behind ``deployment``, sorted, or None where its protocol has no list we know.

    Args:
        deployment: Its address, key and headers are used; its model is not asked.
        seconds: The most it may take.

    Raises:
        AuthenticationError: The key is refused.
        RateLimitError: The provider asks to wait.
        ProviderTimeoutError: No list within ``seconds``.
        ProviderUnavailableError: It can't be reached, or what it answers is no list.
    """
    if deployment.provider == "gmn_mock":
        return [deployment.model.rpartition("/")[2]]
    protocol = PROTOCOLS.get(deployment.provider)
    if protocol is None:
        return None
    import httpx  # a tenth of a second that only this needs

    secrets = frozenset(secret for secret in secrets_of(deployment.params) if secret)
    try:
        async with asyncio.timeout(seconds), httpx.AsyncClient(headers=_headers(deployment), timeout=seconds) as client:
            return sorted(await _listed(client, protocol, _address(deployment, protocol)))
    except (TimeoutError, httpx.TimeoutException) as error:
        raise ProviderTimeoutError(f"{deployment.provider} sent no list of models within {seconds:g} s") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        said = mask_text(str(error), secrets)
        raise ProviderUnavailableError(
            f"{deployment.provider} can't be reached: {quote(said)}", hint=_advice(deployment)
        ) from error


async def _listed(client: httpx.AsyncClient, protocol: _Protocol, address: str) -> set[str]:
    names: set[str] = set()
    query: dict[str, str] = {}
    for _ in range(MOST_PAGES):
        page = _page(await client.get(address, params=query), protocol)
        entries = page.get(protocol.entries)
        if not isinstance(entries, list):
            raise ProviderUnavailableError(f"{protocol.path} was answered with something that is no list of models")
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
            f"{answer.url.host} answered {protocol.path} with something that is no JSON"
        ) from error
    if not isinstance(page, dict):
        raise ProviderUnavailableError(f"{answer.url.host} answered {protocol.path} with something that is no list")
    return page


def _refused(answer: httpx.Response) -> LLMError:
    said = f"{answer.url.host} answered {answer.status_code} when asked for its models"
    if answer.status_code in (401, 403):
        return AuthenticationError(said, hint="check the key of this provider and what it is allowed to do")
    if answer.status_code == 429:
        return RateLimitError(said, hint="wait, or configure a fallback")
    return ProviderUnavailableError(said, hint="check the address (base_url) of this provider")


def _address(deployment: Deployment, protocol: _Protocol) -> str:
    base = str(deployment.params.get("api_base") or deployment.params.get("base_url") or protocol.home).rstrip("/")
    if deployment.provider == "anthropic":
        base = base.removesuffix("/v1/messages").removesuffix("/v1")
    return base + protocol.path


def _headers(deployment: Deployment) -> dict[str, str]:
    params = deployment.params
    key = params.get("api_key")
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
