"""Anthropic's protocol, as LiteLLM and plain HTTP see it."""

from __future__ import annotations

import json
from types import ModuleType

import pytest

from tests.wire.client import Fault, Step, WireServer
from tests.wire.conftest import Ask, Reply

# pydantic builds LiteLLM's classes at their first use, and warns of a qualifier it finds in one of them.
pytestmark = pytest.mark.filterwarnings("ignore:.*ReadOnly.*:UserWarning")

TALK = [{"role": "user", "content": "A grid, please."}]
POINT = {
    "type": "object",
    "properties": {"x": {"type": "integer"}},
    "required": ["x"],
    "additionalProperties": False,
}
NATIVE = "anthropic/claude-sonnet-4-5"
OLDER = "anthropic/claude-3-haiku-20240307"


def _post(ask: Ask, wire: WireServer, headers: dict[str, str] | None = None, **body: object) -> Reply:
    sent = {"x-api-key": wire.anthropic_key, "anthropic-version": "2023-06-01"} if headers is None else headers
    whole = {"model": "claude-sonnet-4-5", "max_tokens": 100, "messages": TALK, **body}
    return ask(
        f"{wire.anthropic_base}/v1/messages",
        {key: value for key, value in whole.items() if value is not None},
        sent,
    )


def _call(wire: WireServer, model: str = NATIVE, **more: object) -> dict[str, object]:
    talk = [{"role": "system", "content": "You answer in JSON."}, *TALK]
    where = {"api_base": wire.anthropic_base, "api_key": wire.anthropic_key}
    return {"model": model, "messages": talk, "timeout": 5, "max_retries": 0, **where, **more}


def _format(schema: object = POINT) -> dict[str, object]:
    return {"type": "json_schema", "json_schema": {"name": "gmn", "schema": schema}}


async def test_litellm_reads_an_answer(litellm: ModuleType, wire: WireServer) -> None:
    """LiteLLM takes a whole answer, and its request keeps to the protocol: system on top, version, key."""
    wire.script(["hello there"])
    answer = await litellm.acompletion(**_call(wire))
    assert answer.choices[0].message.content == "hello there"
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage.completion_tokens == 3
    seen = wire.requests()[0]
    assert [part["text"] for part in seen.json["system"]] == ["You answer in JSON."]  # type: ignore[attr-defined]  # JSON
    assert seen.header("anthropic-version") == "2023-06-01"
    assert seen.header("x-api-key") == wire.anthropic_key


async def test_litellm_reads_a_stream(litellm: ModuleType, wire: WireServer) -> None:
    """LiteLLM puts a stream's text together."""
    stream = await litellm.acompletion(**_call(wire, stream=True))
    chunks = [chunk async for chunk in stream]
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == wire.default_text
    assert chunks[-1].choices[0].finish_reason == "stop"


async def test_litellm_asks_for_structured_output(litellm: ModuleType, wire: WireServer) -> None:
    """A model with structured outputs is asked for them natively, and answers in text."""
    wire.script(['{"x": 1}'])
    answer = await litellm.acompletion(**_call(wire, response_format=_format()))
    body = wire.requests()[0].json
    assert "output_format" in body or "output_config" in body
    assert json.loads(answer.choices[0].message.content) == {"x": 1}


@pytest.mark.parametrize("stream", [False, True])
async def test_litellm_forces_a_tool(litellm: ModuleType, wire: WireServer, *, stream: bool) -> None:
    """An older model is asked through a forced tool, and its input comes back as the text."""
    wire.script(['{"x": 1}'])
    answer = await litellm.acompletion(**_call(wire, OLDER, response_format=_format(), stream=stream))
    if stream:
        text = "".join([chunk.choices[0].delta.content or "" async for chunk in answer])
    else:
        text = answer.choices[0].message.content
    assert wire.requests()[0].json["tool_choice"] == {"name": "json_tool_call", "type": "tool"}
    assert json.loads(text) == {"x": 1}


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.RATE_LIMIT, "RateLimitError"),
        (Fault.SERVER_ERROR, "InternalServerError"),
        (Fault.UNAVAILABLE, "ServiceUnavailableError"),
        (Fault.OVERLOADED, "InternalServerError"),
        (Fault.UNAUTHORIZED, "AuthenticationError"),
        (Fault.NO_MODEL, "NotFoundError"),
        (Fault.CONTEXT, "ContextWindowExceededError"),
        (Fault.CONTENT_POLICY, "ContentPolicyViolationError"),
    ],
)
async def test_litellm_understands_the_errors(litellm: ModuleType, wire: WireServer, fault: Fault, error: str) -> None:
    """Each refusal is what LiteLLM takes for an error of that kind from Anthropic."""
    wire.script([Step(fault=fault)])
    with pytest.raises(getattr(litellm, error)):
        await litellm.acompletion(**_call(wire))


def test_events_of_a_stream(ask: Ask, wire: WireServer) -> None:
    """A stream has the reference's events in the reference's order, each with its type in its data."""
    wire.script([Step(text="abcdef", chunk=3)])
    reply = _post(ask, wire, stream=True)
    assert reply.headers["content-type"].startswith("text/event-stream")
    pairs = [event.split("\ndata: ") for event in reply.text.strip().split("\n\n")]
    assert [name.removeprefix("event: ") for name, _ in pairs] == [
        "message_start",
        "content_block_start",
        "ping",
        "content_block_delta",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ]
    assert all(json.loads(data)["type"] == name.removeprefix("event: ") for name, data in pairs)
    assert json.loads(pairs[-2][1])["delta"]["stop_reason"] == "end_turn"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"max_tokens": None}, "max_tokens: Field required"),
        ({"temperature": 1.5}, "temperature: range: 0..1"),
        ({"seed": 1}, "seed: Extra inputs are not permitted"),
        ({"messages": []}, "messages: at least one message is required"),
        (
            {"messages": [{"role": "assistant", "content": "x"}]},
            'messages: first message must use the "user" role',
        ),
        (
            {"tool_choice": {"type": "any"}},
            "tool_choice: tool_choice may only be specified while providing tools.",
        ),
        (
            {"output_format": {"type": "json_schema", "schema": POINT}},
            "output_format: Extra inputs are not permitted",
        ),
    ],
)
def test_wrong_requests_are_refused(ask: Ask, wire: WireServer, body: dict[str, object], message: str) -> None:
    """A request against the reference gets 400 with Anthropic's body, and is kept as a violation."""
    reply = _post(ask, wire, **body)
    assert reply.status == 400
    assert reply.json["type"] == "error"
    assert reply.json["error"] == {"type": "invalid_request_error", "message": message}
    assert [each["message"] for each in wire.violations()] == [message]
    wire.forgive()


def test_system_role_is_refused(ask: Ask, wire: WireServer) -> None:
    """A system message among the messages is refused: it belongs on top."""
    assert _post(ask, wire, messages=[{"role": "system", "content": "x"}, *TALK]).status == 400
    wire.forgive()


def test_turns_of_one_role_are_joined(ask: Ask, wire: WireServer) -> None:
    """Two user turns in a row are no breach."""
    assert _post(ask, wire, messages=[*TALK, *TALK]).status == 200


def test_version_is_required(ask: Ask, wire: WireServer) -> None:
    """A request without ``anthropic-version`` gets 400."""
    assert _post(ask, wire, headers={"x-api-key": wire.anthropic_key}).status == 400
    wire.forgive()


def test_key_is_required(ask: Ask, wire: WireServer) -> None:
    """A request without a key, or with a wrong one, gets 401 with ``authentication_error``."""
    for key in ({}, {"x-api-key": "wrong"}):
        reply = _post(ask, wire, headers={"anthropic-version": "2023-06-01", **key})
        assert reply.status == 401
        assert '"authentication_error"' in reply.text


def test_structured_output_is_checked(ask: Ask, wire: WireServer) -> None:
    """A bound that structured outputs do not take is refused in Anthropic's words."""
    schema = {**POINT, "properties": {"x": {"type": "integer", "minimum": 1}}}
    reply = _post(ask, wire, output_config={"format": {"type": "json_schema", "schema": schema}})
    assert reply.status == 400
    assert "output_config.format.schema: For 'integer' type, property 'minimum' is not supported" in reply.text
    wire.forgive()


def test_dangling_reference_in_a_tool_is_noted(ask: Ask, wire: WireServer) -> None:
    """A tool whose schema points at nothing is answered, and is a violation all the same."""
    schema = {"type": "object", "properties": {"x": {"$ref": "/$defs/N"}}}
    assert _post(ask, wire, tools=[{"name": "t", "input_schema": schema}]).status == 200
    assert [each["refused"] for each in wire.violations()] == [False]
    wire.forgive()


def test_refusal_stop_reason(ask: Ask, wire: WireServer) -> None:
    """A filtered answer is 200 with no content and the stop reason ``refusal``."""
    wire.script([Step(fault=Fault.CONTENT_FILTER)])
    reply = _post(ask, wire)
    assert (reply.status, reply.json["stop_reason"], reply.json["content"]) == (200, "refusal", [])


def test_models(ask: Ask, wire: WireServer) -> None:
    """The list of models at the path OpenAI has too is Anthropic's where Anthropic's headers are."""
    reply = ask(f"{wire.url}/v1/models", None, {"x-api-key": wire.anthropic_key, "anthropic-version": "2023-06-01"})
    assert reply.json["has_more"] is False
    assert '"type":"model"' in reply.text
