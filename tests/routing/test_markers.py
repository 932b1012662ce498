"""The markers that tell a provider's own prompt cache what stays the same."""

from __future__ import annotations

from typing import Any

import pytest

from gmn_llm.messages import CompletionRequest, LLMMessage, LLMRole
from tests.routing.conftest import SCHEMA, Build, section
from tests.wire.client import WireServer

TALK = (LLMMessage(LLMRole.SYSTEM, "You answer in JSON."), LLMMessage(LLMRole.USER, "hello"))


async def _sent(build: Build, wire: WireServer, name: str, *, schema: dict[str, object] | None) -> Any:
    gateway = build({"provider": name, name: section(wire, name)})
    await gateway.complete(CompletionRequest(messages=TALK, schema=schema, timeout=10), group=name, fall_over=True)
    [seen] = wire.requests()
    return seen.json


async def test_what_documents_have_in_common_is_marked_for_claude(wire: WireServer, build: Build) -> None:
    """The system message of a question for a document ends with a marker; the user's message has none."""
    body = await _sent(build, wire, "anthropic", schema=SCHEMA)
    assert body["system"] == [{"type": "text", "text": "You answer in JSON.", "cache_control": {"type": "ephemeral"}}]
    assert "cache_control" not in str(body["messages"])


async def test_a_conversation_of_the_callers_own_is_not_marked(wire: WireServer, build: Build) -> None:
    """Nobody pays for keeping what may never be asked again."""
    assert "cache_control" not in str(await _sent(build, wire, "anthropic", schema=None))


@pytest.mark.parametrize("name", ["openai", "ollama"])
async def test_others_get_no_markers(wire: WireServer, build: Build, name: str) -> None:
    """Providers that find equal beginnings by themselves get the plain text."""
    assert "cache_control" not in str(await _sent(build, wire, name, schema=SCHEMA))
