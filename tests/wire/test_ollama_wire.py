"""Ollama's protocol, as LiteLLM and plain HTTP see it."""

from __future__ import annotations

import json
from types import ModuleType

import openai
import pytest

from tests.wire.client import Fault, Step, WireServer
from tests.wire.conftest import Ask, Reply

# pydantic builds LiteLLM's classes at their first use, and warns of a qualifier it finds in one of them.
pytestmark = pytest.mark.filterwarnings("ignore:.*ReadOnly.*:UserWarning")

TALK = [{"role": "user", "content": "A grid, please."}]
POINT = {"type": "object", "properties": {"x": {"type": "integer"}}, "required": ["x"]}


def _post(ask: Ask, wire: WireServer, **body: object) -> Reply:
    return ask(f"{wire.ollama_base}/api/chat", {"model": "llama3.2", "messages": TALK, "stream": False, **body})


def _call(wire: WireServer, **more: object) -> dict[str, object]:
    where = {"api_base": wire.ollama_base, "timeout": 5, "max_retries": 0}
    return {"model": "ollama_chat/llama3.2", "messages": TALK, **where, **more}


async def test_litellm_reads_an_answer(litellm: ModuleType, wire: WireServer) -> None:
    """LiteLLM takes a whole answer; its options and keep_alive are where Ollama reads them."""
    wire.script(["hello there"])
    answer = await litellm.acompletion(**_call(wire, num_ctx=8192, keep_alive="5m", temperature=0.3, max_tokens=50))
    assert answer.choices[0].message.content == "hello there"
    assert answer.usage.completion_tokens == 3
    body = wire.requests(path="/api/chat")[0].json
    assert body["options"] == {"num_ctx": 8192, "temperature": 0.3, "num_predict": 50}
    assert body["keep_alive"] == "5m"


async def test_litellm_reads_a_stream(litellm: ModuleType, wire: WireServer) -> None:
    """LiteLLM puts a stream's text together."""
    stream = await litellm.acompletion(**_call(wire, stream=True))
    chunks = [chunk async for chunk in stream]
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == wire.default_text


async def test_litellm_sends_the_schema_as_format(litellm: ModuleType, wire: WireServer) -> None:
    """A JSON schema travels as ``format``, untouched."""
    wire.script(['{"x": 1}'])
    wanted = {"type": "json_schema", "json_schema": {"name": "gmn", "schema": POINT}}
    answer = await litellm.acompletion(**_call(wire, response_format=wanted))
    assert wire.requests(path="/api/chat")[0].json["format"] == POINT
    assert json.loads(answer.choices[0].message.content) == {"x": 1}


@pytest.mark.parametrize("fault", [Fault.SERVER_ERROR, Fault.UNAVAILABLE, Fault.NO_MODEL, Fault.RATE_LIMIT])
async def test_litellm_raises_for_refusals(litellm: ModuleType, wire: WireServer, fault: Fault) -> None:
    """A refusal reaches LiteLLM's caller as an error, never as a text."""
    wire.script([Step(fault=fault)])
    with pytest.raises(openai.APIError):
        await litellm.acompletion(**_call(wire))


def test_lines_of_a_stream(ask: Ask, wire: WireServer) -> None:
    """A stream is a JSON object a line, the default without ``stream``, and its last line has the counts."""
    wire.script([Step(text="abcdef", chunk=3)])
    reply = ask(f"{wire.ollama_base}/api/chat", {"model": "llama3.2", "messages": TALK})
    assert reply.headers["content-type"] == "application/x-ndjson"
    lines = [json.loads(line) for line in reply.text.splitlines()]
    assert [line["message"]["content"] for line in lines] == ["abc", "def", ""]
    assert [line["done"] for line in lines] == [False, False, True]
    assert {"done_reason", "total_duration", "load_duration", "prompt_eval_count", "eval_count"} <= set(lines[-1])


def test_prompt_count_shows_what_was_cut(ask: Ask, wire: WireServer) -> None:
    """A prompt beyond ``num_ctx`` is cut without a word, and the count of the prompt is ``num_ctx``."""
    long = [{"role": "user", "content": "word " * 1000}]
    assert _post(ask, wire, messages=long, options={"num_ctx": 512}).json["prompt_eval_count"] == 512
    assert _post(ask, wire, messages=long, options={"num_ctx": 8192}).json["prompt_eval_count"] == 1250


def test_no_messages_load_the_model(ask: Ask, wire: WireServer) -> None:
    """An empty list of messages loads the model, and unloads it with ``keep_alive`` 0."""
    assert _post(ask, wire, messages=[]).json["done_reason"] == "load"
    assert _post(ask, wire, messages=[], keep_alive=0).json["done_reason"] == "unload"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"model": ""}, "model is required"),
        ({"options": {"num_ctx": "large"}}, 'option "num_ctx" must be of type integer'),
        ({"options": {"temperature": "hot"}}, 'option "temperature" must be of type float32'),
        ({"keep_alive": "long"}, 'time: invalid duration "long"'),
        ({"format": "yaml"}, 'invalid format: "yaml"; expected "json" or a valid JSON Schema object'),
        ({"format": {"type": 7}}, "invalid JSON schema in format"),
    ],
)
def test_wrong_requests_are_refused(ask: Ask, wire: WireServer, body: dict[str, object], message: str) -> None:
    """A request against the reference gets 400 with Ollama's body, and is kept as a violation."""
    reply = _post(ask, wire, **body)
    assert (reply.status, reply.json) == (400, {"error": message})
    assert [each["message"] for each in wire.violations()] == [message]
    wire.forgive()


def test_unknown_options_are_noted(ask: Ask, wire: WireServer) -> None:
    """What Ollama ignores, as ``keep_alive`` among the options, is answered and is a violation."""
    assert _post(ask, wire, options={"keep_alive": "5m"}, response_format={}).status == 200
    assert {each["param"] for each in wire.violations()} == {"keep_alive", "response_format"}
    wire.forgive()


def test_missing_model(ask: Ask, wire: WireServer) -> None:
    """A model that was not pulled gets 404; a tag of ``latest`` goes without saying."""
    wire.settings(models={"ollama": ["llama3.2"]})
    assert _post(ask, wire, model="llama3.2:latest").status == 200
    reply = _post(ask, wire, model="qwen3")
    assert (reply.status, reply.json) == (404, {"error": "model 'qwen3' not found"})


def test_listings(ask: Ask, wire: WireServer) -> None:
    """The root says that it runs; version, tags and show have the reference's fields."""
    wire.settings(models={"ollama": ["llama3.2:latest"]})
    base = wire.ollama_base
    assert ask(f"{base}/").text == "Ollama is running"
    assert set(ask(f"{base}/api/version").json) == {"version"}
    tags = json.loads(ask(f"{base}/api/tags").text)
    assert [each["name"] for each in tags["models"]] == ["llama3.2:latest"]
    assert set(tags["models"][0]) == {"name", "model", "modified_at", "size", "digest", "details"}
    shown = ask(f"{base}/api/show", {"model": "llama3.2"})
    assert {"details", "model_info", "capabilities", "template", "parameters"} <= set(shown.json)
    assert ask(f"{base}/api/show", {"model": "qwen3"}).status == 404
    assert [seen.path for seen in wire.requests()][:2] == ["/", "/api/version"]
