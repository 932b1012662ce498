"""LiteLLM and plain HTTP for the tests of the server itself."""

from __future__ import annotations

import asyncio
import http.client
import inspect
import json
import warnings
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import cast
from urllib.parse import urlsplit

import pytest


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A plain HTTP reply; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> dict[str, object]:
        """The body as a JSON object."""
        return cast("dict[str, object]", json.loads(self.text))


Ask = Callable[..., Reply]


@pytest.fixture
def ask() -> Ask:
    """Sends one plain request: ``ask(url, body, headers)``; without a body it is a GET."""

    def send(url: str, body: object = None, headers: Mapping[str, str] | None = None) -> Reply:
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=5)
        try:
            data = body if isinstance(body, str) else None if body is None else json.dumps(body)
            sent = {"content-type": "application/json", **(headers or {})}
            connection.request("GET" if data is None else "POST", parts.path or "/", data, sent)
            response = connection.getresponse()
            text = response.read().decode()
        finally:
            connection.close()
        return Reply(
            status=response.status,
            headers={name.lower(): value for name, value in response.getheaders()},
            text=text,
        )

    return send


@pytest.fixture
async def litellm(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ModuleType]:
    """LiteLLM, imported and set so that it asks nothing of other machines; its connections are closed."""
    monkeypatch.setenv("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    monkeypatch.setenv("LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS", "True")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import litellm as module  # seconds, and only for these tests

    monkeypatch.setattr(module, "suppress_debug_info", True)
    # Sessions of aiohttp outlive the loop they were made in and complain of it in some later test.
    monkeypatch.setattr(module, "disable_aiohttp_transport", True)
    clients = module.in_memory_llm_clients_cache.cache_dict
    before = set(clients)
    yield module
    for key in set(clients) - before:  # those that this test's loop made
        client = clients.pop(key)
        close = getattr(client, "close", None) or getattr(client, "aclose", None)
        if inspect.iscoroutinefunction(close):
            await close()
    for _ in range(3):  # a transport is gone only after the loop has come round to it
        await asyncio.sleep(0)
