"""The HTTP clients that an attempt brings along: those of its event loop, whose requests are followed.

LiteLLM takes one with a call (``client``). It is kept among LiteLLM's own, which are closed with their loop.
"""

from __future__ import annotations

import hashlib
import logging
import os
from typing import TYPE_CHECKING, Any, Final

import openai

from gmn_llm.routing.posts import HOOKS, is_ours
from gmn_llm.routing.quiet import litellm

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gmn_llm.config.chain import Deployment

__all__ = ["client_for", "is_named_ours"]

NAME: Final = "gmn_llm-client"
PLAIN: Final = frozenset({"anthropic", "ollama_chat"})
"""Providers whom LiteLLM asks through an HTTP client of its own kind, which a call may bring."""
SHARED_STREAMS: Final = frozenset({"anthropic", "gemini", "groq", "openai_like", "vertex_ai"})
"""Providers for whose streams LiteLLM has one client for all loops, unless a call brings one."""
SECONDS: Final = 3600
"""How long a client is kept, as LiteLLM keeps its own."""
TALKS: Final = ("openai._base_client", "openai._legacy_response", "openai._response")
"""Loggers of OpenAI's library that write whole requests and answers where a program logs all levels."""
OPENAI_LOG: Final = "OPENAI_LOG"
"""The variable by which somebody asks the library for that."""


class _Hush(logging.Filter):
    """Lets pass what the library says of its own users' requests, and of ours no more than warnings."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether a line may be written."""
        return record.levelno > logging.INFO or not is_ours()


_HUSH: Final = _Hush()


def client_for(deployment: Deployment, kwargs: Mapping[str, Any]) -> object | None:
    """Return the client of the running loop for an attempt, or None where LiteLLM's own has to do.

    Args:
        deployment: Who is asked.
        kwargs: LiteLLM's arguments of the attempt.
    """
    if kwargs.get("client") is not None:
        return None
    try:
        return _client(deployment, kwargs)
    except (OSError, ValueError, ImportError):
        # Certificates or proxies of the environment that can't be used: LiteLLM meets them again, as a failed attempt.
        return None


def is_named_ours(key: str) -> bool:
    """Return whether a key of LiteLLM's cache is that of a client made here."""
    return NAME in key


def _client(deployment: Deployment, kwargs: Mapping[str, Any]) -> object | None:
    if deployment.provider == "openai":
        return _openai_client(kwargs)
    if deployment.provider in PLAIN or (kwargs.get("stream") and deployment.provider in SHARED_STREAMS):
        params: dict[str, object] = {"event_hooks": HOOKS}
        if kwargs.get("ssl_verify") is not None:
            params["ssl_verify"] = kwargs["ssl_verify"]
        client: object = litellm.llms.custom_httpx.http_handler.get_async_httpx_client(llm_provider=NAME, params=params)
        return client
    return None


def _openai_client(kwargs: Mapping[str, Any]) -> object | None:
    """Return a client of OpenAI's library as LiteLLM makes them.

    None where there is no key, which leaves it to LiteLLM to get one or to say so, and where the program has given
    LiteLLM an HTTP client of its own.
    """
    if litellm.aclient_session is not None:
        return None
    common = litellm.llms.openai.common_utils
    base, key, organization = common.get_openai_credentials(
        api_base=kwargs.get("api_base") or kwargs.get("base_url"),
        api_key=kwargs.get("api_key"),
        organization=kwargs.get("organization"),
    )
    if not key:
        return None
    cache = litellm.in_memory_llm_clients_cache
    name = f"{NAME}-openai-{hashlib.sha256(repr((base, key, organization)).encode()).hexdigest()}"
    client: object = cache.get_cache(name)
    if client is None:
        _hush()
        http = common.BaseOpenAILLM.get_async_http_client()
        http.event_hooks = HOOKS
        client = openai.AsyncOpenAI(
            api_key=key, base_url=base, organization=organization, http_client=http, max_retries=0
        )
        cache.set_cache(key=name, value=client, ttl=SECONDS, litellm_owned_client=True)
    return client


def _hush() -> None:
    """Keep prompts and answers of ours out of the log; a second call does nothing."""
    if OPENAI_LOG not in os.environ:
        for name in TALKS:
            logging.getLogger(name).addFilter(_HUSH)
