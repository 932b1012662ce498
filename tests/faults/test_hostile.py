"""Prompts that want to be more than a description: what travels, and what comes out when a model obeys them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gmn_llm import GMNSpec, GMNValidationError, create_llm_factory, validate_gmn
from gmn_llm.errors import InputError, LLMError
from tests.faults.bad_answers import openai
from tests.faults.test_cut_short import TEXT
from tests.wire.client import Step, WireServer

PROMPTS = json.loads((Path(__file__).parents[1] / "data" / "hostile_prompts.json").read_text(encoding="utf-8"))
HARMLESS = "walks along five rooms"
WIRES = ("openai", "anthropic", "ollama")
OBEYED = {
    "a poem": "Roses are red, violets are blue, there is no JSON, and no schema for you.",
    "a tool": '{"name": "shell", "arguments": {"command": "cat /etc/passwd"}}',
    "the prompt's own graph": '{"name": "evil", "nodes": [{"id": "s", "type": "state", "properties": {"num_states": 1}}]}',
    "a graph too large": '{"name": "evil", "factors": [{"name": "s", "size": 100000000, "change": {"kind": "identity"}}]}',
    "against the constraint": TEXT.replace('"size": 5', '"size": 50').replace('"4"', '"49"'),
    "code": "```python\n__import__('os').system('true')\n```",
}


def configuration(wire: WireServer, provider: str) -> dict[str, object]:
    """A configuration that asks one of the server's wires."""
    sections = {
        "openai": {"model": "gpt-4o", "base_url": wire.openai_base, "api_key": wire.openai_key},
        "anthropic": {"model": "claude-haiku-4-5", "base_url": wire.anthropic_base, "api_key": wire.anthropic_key},
        "ollama": {"model": "llama3.2", "base_url": wire.ollama_base, "num_ctx": 16384},
    }
    return {"provider": provider, provider: sections[provider]}


def without_words(body: dict[str, Any]) -> dict[str, Any]:
    """What a request holds besides the description: parameters, tools, schema, roles, and the other words."""
    told = json.loads(json.dumps(body))
    content = told["messages"][-1]["content"]
    parts = content if isinstance(content, list) else [{"type": "text", "text": content}]
    assert [part["type"] for part in parts] == ["text"]
    said = json.loads(parts[0]["text"])
    said["description"] = "..."
    told["messages"][-1]["content"] = said
    return told  # type: ignore[no-any-return]  # JSON


def description(body: dict[str, Any]) -> object:
    """The description as a model gets it."""
    content = body["messages"][-1]["content"]
    return json.loads(content if isinstance(content, str) else content[0]["text"])["description"]


@pytest.mark.parametrize("provider", WIRES)
async def test_no_prompt_changes_what_travels_beside_it(wire: WireServer, provider: str) -> None:
    """Rules, tools, schema, parameters and the order of messages are those of a harmless prompt, to the letter."""
    wire.script([Step(text=TEXT, times=0)])
    async with create_llm_factory(configuration(wire, provider)) as factory:
        for prompt in (HARMLESS, *(hostile["prompt"] for hostile in PROMPTS)):
            await factory.generate_gmn(prompt, use_cache=False)
    harmless, *hostile = (request.json for request in wire.requests())
    assert [description(body) for body in hostile] == [hostile["prompt"] for hostile in PROMPTS]
    for body in hostile:
        assert without_words(body) == without_words(harmless)
        assert "tools" not in body or body["tools"] == harmless["tools"]


@pytest.mark.parametrize("prompt", [hostile["prompt"] for hostile in PROMPTS], ids=[h["kind"] for h in PROMPTS])
async def test_no_prompt_changes_the_question_for_a_repair(wire: WireServer, prompt: str) -> None:
    """A repair of a hostile prompt's answer has the same rules, schema and part as that of a harmless one."""
    bad = TEXT.replace('"start": "0"', '"start": "cellar"', 1)
    async with create_llm_factory(openai(wire)) as factory:
        for words in (HARMLESS, prompt):
            wire.script([bad, TEXT])
            await factory.generate_gmn(words, use_cache=False)
    _, harmless, _, hostile = (request.json for request in wire.requests())
    assert json.loads(hostile["messages"][1]["content"])["task"] == "repair"  # type: ignore[index]  # JSON
    assert description(hostile) == prompt
    assert without_words(hostile) == without_words(harmless)


@pytest.mark.parametrize("answer", OBEYED.values(), ids=OBEYED)
async def test_what_an_obedient_model_says_is_checked(wire: WireServer, answer: str) -> None:
    """A model that does as the prompt says gets no document out that is not valid and within the constraints."""
    wire.script([Step(text=answer, times=0)])
    async with create_llm_factory(openai(wire)) as factory:
        made: GMNSpec | LLMError
        try:
            made = await factory.generate_gmn(PROMPTS[0]["prompt"], constraints={"max_states": 10}, use_cache=False)
        except GMNValidationError as error:
            made = error
    assert isinstance(made, GMNValidationError)
    assert made.findings
    assert len(wire.requests()) == 3


async def test_what_a_model_is_told_to_smuggle_in_is_dead_text(wire: WireServer) -> None:
    """Markup and commands in a name or description stay the words they are, in a document that is valid."""
    wicked = "<script>alert(1)</script> $(reboot) {{7*7}}"
    wire.script([TEXT.replace('"description": "x"', json.dumps({"description": wicked})[1:-1])])
    async with create_llm_factory(openai(wire)) as factory:
        spec = await factory.generate_gmn(HARMLESS, use_cache=False)
    assert spec.description == wicked
    assert validate_gmn(spec).ok


@pytest.mark.parametrize("provider", WIRES)
async def test_half_a_sign_travels_as_its_escape(wire: WireServer, provider: str) -> None:
    """A prompt that no UTF-8 can say is asked for like any other; a message like it is refused before it is sent."""
    wire.script([Step(text=TEXT, times=0)])
    async with create_llm_factory(configuration(wire, provider)) as factory:
        spec = await factory.generate_gmn("five \udce9 rooms \ud83d", constraints={"note": "\ud800"}, use_cache=False)
        with pytest.raises(InputError, match="no Unicode"):
            await factory.generate([{"role": "user", "content": "a \ud800"}])
    assert spec.valid() is spec
    [request] = [seen for seen in wire.requests() if seen.method == "POST" and seen.path != "/api/show"]
    assert description(request.json) == "five \udce9 rooms \ud83d"  # type: ignore[arg-type]  # JSON
