"""Which dialect a deployment is held to, and that it is what the wire gets."""

from __future__ import annotations

from typing import Any

import pytest

from gmn_llm.config.chain import Deployment
from gmn_llm.gmn.provider_schema import Dialect, compile_schema
from gmn_llm.gmn.schema import load
from tests.routing.conftest import Build, request, section
from tests.wire.client import WireServer


@pytest.mark.parametrize(
    ("provider", "model", "dialect"),
    [
        ("openai", "openai/gpt-4o", Dialect.OPENAI),
        ("openai", "gpt-4o", Dialect.OPENAI),
        ("azure", "azure/gpt-4o", Dialect.OPENAI),
        ("azure", "azure/our-own-name", Dialect.PLAIN),
        ("openai", "openai/smollm2-135m-instruct", Dialect.PLAIN),
        ("openrouter", "openrouter/openai/gpt-4o", Dialect.OPENAI),
        ("anthropic", "anthropic/claude-haiku-4-5", Dialect.ANTHROPIC),
        ("anthropic", "anthropic/claude-3-opus-20240229", Dialect.ANTHROPIC_TOOL),
        ("openai", "openai/claude-haiku-4-5", Dialect.ANTHROPIC),
        ("gemini", "gemini/gemini-2.5-flash", Dialect.GEMINI),
        ("vertex_ai", "vertex_ai/gemini-2.5-pro", Dialect.GEMINI),
        ("vertex_ai", "vertex_ai/mistral-large", Dialect.PLAIN),
        ("ollama_chat", "ollama_chat/llama3.2", Dialect.OLLAMA),
        ("llamafile", "llamafile/any", Dialect.LLAMA_CPP),
    ],
)
def test_a_deployment_has_the_dialect_of_its_maker(provider: str, model: str, dialect: Dialect) -> None:
    """The provider decides, or the model's name where LiteLLM's map knows who made it."""
    from gmn_llm.routing.dialects import dialect_of

    assert dialect_of(Deployment(id="x", provider=provider, model=model)) is dialect


@pytest.mark.parametrize("schema", ["draft", "gmn"])
@pytest.mark.parametrize("name", ["openai", "anthropic", "ollama"])
async def test_both_schemas_are_taken_on_every_wire(wire: WireServer, build: Build, name: str, schema: str) -> None:
    """Both are taken at the first attempt, in the wire's strictest mode, and LiteLLM changes nothing in them."""
    gateway = build({"provider": name, name: section(wire, name)})

    await gateway.complete(request("some json", schema=load(schema)), group=name, fall_over=True)

    [sent] = wire.requests()
    body: Any = sent.json
    got = {
        "openai": lambda: body["response_format"]["json_schema"]["schema"],
        "anthropic": lambda: body["output_format"]["schema"],
        "ollama": lambda: body["format"],
    }[name]()
    assert got == compile_schema(load(schema), Dialect(name)).schema
