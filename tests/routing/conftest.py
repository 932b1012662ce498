"""Gateways on the test server: one section for each wire, and requests to ask them."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import AsyncIterator, Callable, Mapping

import pytest

from gmn_llm.config import load_settings, resolve_chain
from gmn_llm.messages import Attempt, CompletionRequest, LLMMessage, LLMRole
from tests.wire.client import WireServer

with warnings.catch_warnings():
    # LiteLLM's import warns of its dependencies' deprecations; nothing of ours is below.
    warnings.simplefilter("ignore")
    from gmn_llm.routing import RouterGateway

WIRES = ("openai", "anthropic", "ollama")
SCHEMA = {
    "type": "object",
    "properties": {"a": {"type": "integer"}},
    "required": ["a"],
    "additionalProperties": False,
}


def request(
    text: str = "hello", *, timeout: float = 10.0, schema: Mapping[str, object] | None = None, **more: object
) -> CompletionRequest:
    """A question of one user message."""
    messages = (LLMMessage(LLMRole.USER, text),)
    return CompletionRequest(messages=messages, timeout=timeout, schema=schema, **more)  # type: ignore[arg-type]  # the tests name its fields


def section(wire: WireServer, name: str, **more: object) -> dict[str, object]:
    """The section of a provider that is reached at the test server under its own name."""
    sections: dict[str, dict[str, object]] = {
        "openai": {"model": "gpt-4o", "base_url": f"{wire.at('openai')}/v1", "api_key": wire.openai_key},
        "anthropic": {
            "model": "claude-haiku-4-5",
            "base_url": wire.at("anthropic"),
            "api_key": wire.anthropic_key,
        },
        "ollama": {"model": "llama3.2", "base_url": wire.at("ollama")},
    }
    return {**sections[name], **more}


Build = Callable[..., RouterGateway]


def made(configuration: Mapping[str, object], **more: object) -> RouterGateway:
    """A gateway that nobody closes but the test."""
    settings = load_settings(configuration, environ={})
    chain = resolve_chain(settings, environ={}, ollama_answers=lambda _: False)
    return RouterGateway(chain, settings, **more)  # type: ignore[arg-type]  # passed on


@pytest.fixture(scope="session")
def warm(wire_process: WireServer) -> None:
    """LiteLLM loads parts of itself with the first call to a provider, which would take from a test's deadline."""
    wire_process.reset()

    async def ask(name: str) -> None:
        gateway = made({"provider": name, name: section(wire_process, name)})
        await gateway.complete(request(timeout=60), group=name, fall_over=True)
        async for delta in gateway.stream(request(timeout=60), group=name, fall_over=True):
            assert not delta.reset
        await gateway.aclose()

    for name in WIRES:
        asyncio.run(ask(name))


@pytest.fixture
async def build() -> AsyncIterator[Build]:
    """Makes gateways from a configuration; all are closed at the end."""
    opened: list[RouterGateway] = []

    def make(
        configuration: Mapping[str, object], *, heard: list[Attempt] | None = None, **more: object
    ) -> RouterGateway:
        listeners = (lambda outcome: heard.append(outcome.attempt),) if heard is not None else ()
        gateway = made(configuration, listeners=listeners, **more)
        opened.append(gateway)
        return gateway

    yield make
    for gateway in opened:
        await gateway.aclose()
