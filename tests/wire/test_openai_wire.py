"""OpenAI's protocol, as OpenAI's own client and plain HTTP see it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import httpx
import openai
import pytest
from openai import AsyncOpenAI

from tests.wire.client import Fault, Step, WireServer
from tests.wire.conftest import Ask

TALK = [{"role": "system", "content": "You answer in JSON."}, {"role": "user", "content": "A grid, please."}]
POINT = {
    "type": "object",
    "properties": {"x": {"type": "integer"}},
    "required": ["x"],
    "additionalProperties": False,
}


@pytest.fixture
async def client(wire: WireServer) -> AsyncIterator[AsyncOpenAI]:
    async with AsyncOpenAI(api_key=wire.openai_key, base_url=wire.openai_base, max_retries=0, timeout=5) as client:
        yield client


def _post(ask: Ask, wire: WireServer, **body: object) -> tuple[int, dict[str, object]]:
    headers = {"authorization": f"Bearer {wire.openai_key}"}
    reply = ask(f"{wire.openai_base}/chat/completions", {"model": "gpt-4o", "messages": TALK, **body}, headers)
    error = reply.json.get("error")
    return reply.status, error if isinstance(error, dict) else reply.json


def _schema(schema: object, *, strict: bool = True) -> dict[str, object]:
    return {"type": "json_schema", "json_schema": {"name": "gmn", "strict": strict, "schema": schema}}


async def test_client_reads_an_answer(client: AsyncOpenAI, wire: WireServer) -> None:
    """The official client takes a whole answer, with the scripted text, a reason to stop and usage."""
    wire.script(["hello there"])
    answer = await client.chat.completions.create(model="gpt-4o", messages=TALK)
    assert answer.choices[0].message.content == "hello there"
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage is not None
    assert answer.usage.completion_tokens == 3
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + 3


async def test_client_reads_a_stream_with_usage(client: AsyncOpenAI, wire: WireServer) -> None:
    """A stream yields the text in pieces; its last chunk has usage and no choices when asked for."""
    stream = await client.chat.completions.create(
        model="gpt-4o", messages=TALK, stream=True, stream_options={"include_usage": True}
    )
    chunks = [chunk async for chunk in stream]
    assert "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices) == wire.default_text
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop"
    assert chunks[-1].choices == []
    assert chunks[-1].usage is not None
    assert all(chunk.usage is None for chunk in chunks[:-1])


async def test_client_reads_a_stream_without_usage(client: AsyncOpenAI, wire: WireServer) -> None:
    """Without ``include_usage`` every chunk has a choice."""
    stream = await client.chat.completions.create(model="gpt-4o", messages=TALK, stream=True)
    assert all([chunk.choices async for chunk in stream])


async def test_client_lists_models(client: AsyncOpenAI, wire: WireServer) -> None:
    """The list of models is the one that was set."""
    wire.settings(models={"openai": ["gpt-a", "gpt-b"]})
    assert [model.id async for model in client.models.list()] == ["gpt-a", "gpt-b"]


@pytest.mark.parametrize(
    ("fault", "error", "code"),
    [
        (Fault.RATE_LIMIT, openai.RateLimitError, "rate_limit_exceeded"),
        (Fault.QUOTA, openai.RateLimitError, "insufficient_quota"),
        (Fault.SERVER_ERROR, openai.InternalServerError, None),
        (Fault.UNAVAILABLE, openai.InternalServerError, None),
        (Fault.UNAUTHORIZED, openai.AuthenticationError, "invalid_api_key"),
        (Fault.FORBIDDEN, openai.PermissionDeniedError, "unsupported_country"),
        (Fault.NO_MODEL, openai.NotFoundError, "model_not_found"),
        (Fault.CONTEXT, openai.BadRequestError, "context_length_exceeded"),
        (Fault.CONTENT_POLICY, openai.BadRequestError, "content_policy_violation"),
    ],
)
async def test_client_raises_its_own_errors(
    client: AsyncOpenAI, wire: WireServer, fault: Fault, error: type[openai.APIStatusError], code: str | None
) -> None:
    """Each refusal becomes the official client's error of that kind, with OpenAI's code."""
    wire.script([Step(fault=fault, retry_after=7)])
    with pytest.raises(error) as caught:
        await client.chat.completions.create(model="gpt-4o", messages=TALK)
    assert caught.value.code == code
    assert caught.value.response.headers["retry-after"] == "7"
    assert caught.value.request_id is not None


async def test_wrong_key_is_refused(wire: WireServer) -> None:
    """A key other than the one set is refused with 401, and the words do not repeat it."""
    wire.settings(keys={"openai": "sk-the-right-one"})
    wrong = "sk-a-long-and-very-wrong-key"
    async with AsyncOpenAI(api_key=wrong, base_url=wire.openai_base, max_retries=0) as client:
        with pytest.raises(openai.AuthenticationError) as caught:
            await client.chat.completions.create(model="gpt-4o", messages=TALK)
    assert caught.value.code == "invalid_api_key"
    assert wrong not in caught.value.message


def test_missing_key_is_refused(ask: Ask, wire: WireServer) -> None:
    """A request without a key gets 401 with ``code`` null."""
    reply = ask(f"{wire.openai_base}/chat/completions", {"model": "gpt-4o", "messages": TALK})
    assert reply.status == 401
    assert json.loads(reply.text)["error"]["code"] is None


@pytest.mark.parametrize(
    ("body", "param", "code"),
    [
        ({"messages": []}, "messages", "empty_array"),
        ({"messages": None}, "messages", "missing_required_parameter"),
        ({"temprature": 1}, "temprature", "unknown_parameter"),
        ({"temperature": "hot"}, "temperature", "invalid_type"),
        ({"temperature": 3}, "temperature", "decimal_above_max_value"),
        ({"max_tokens": 0}, "max_tokens", "integer_below_min_value"),
        ({"messages": [{"role": "narrator", "content": "x"}]}, "messages[0].role", "invalid_value"),
        ({"stream_options": {"include_usage": True}}, "stream_options", None),
        ({"model": "gpt-5", "temperature": 0.3}, "temperature", "unsupported_value"),
        ({"model": "gpt-5", "max_tokens": 9}, "max_tokens", "unsupported_parameter"),
        ({"response_format": {"type": "xml"}}, "response_format.type", "invalid_value"),
    ],
)
def test_wrong_requests_are_refused(
    ask: Ask, wire: WireServer, body: dict[str, object], param: str, code: str | None
) -> None:
    """A request against the reference gets 400 with OpenAI's body, and is kept as a violation."""
    status, error = _post(ask, wire, **body)
    assert (status, error["type"], error["param"], error["code"]) == (
        400,
        "invalid_request_error",
        param,
        code,
    )
    assert [each["param"] for each in wire.violations()] == [param]
    wire.forgive()


def test_body_that_is_no_json_is_refused(ask: Ask, wire: WireServer) -> None:
    """Half a JSON body gets 400 and is a violation."""
    url = f"{wire.openai_base}/chat/completions"
    assert ask(url, '{"model": ', {"authorization": f"Bearer {wire.openai_key}"}).status == 400
    assert wire.requests()[0].raw == '{"model": '
    wire.forgive()


def test_json_mode_wants_the_word(ask: Ask, wire: WireServer) -> None:
    """``json_object`` is refused unless a message says json."""
    assert _post(ask, wire, response_format={"type": "json_object"})[0] == 200
    plain = [{"role": "user", "content": "hello"}]
    assert _post(ask, wire, response_format={"type": "json_object"}, messages=plain)[0] == 400
    wire.forgive()


def test_strict_schema_is_taken(ask: Ask, wire: WireServer) -> None:
    """A schema within strict mode's subset is answered."""
    assert _post(ask, wire, response_format=_schema(POINT))[0] == 200


def test_strict_schema_is_checked(ask: Ask, wire: WireServer) -> None:
    """A schema with an open object is refused in strict mode, in OpenAI's words, and taken without it."""
    open_object = {"type": "object", "properties": {"x": {"type": "integer"}}, "required": ["x"]}
    status, error = _post(ask, wire, response_format=_schema(open_object))
    assert (status, error["param"]) == (400, "response_format")
    assert error["message"] == (
        "Invalid schema for response_format 'gmn': In context=(), 'additionalProperties' is required to be "
        "supplied "
        "and to be false."
    )
    wire.forgive()
    assert _post(ask, wire, response_format=_schema(open_object, strict=False))[0] == 200


def test_refusing_a_schema_lets_plain_requests_through(ask: Ask, wire: WireServer) -> None:
    """A model without structured outputs refuses ``json_schema`` alone, for as long as it is told to."""
    wire.script([Step(fault=Fault.NO_JSON_SCHEMA, times=0)])
    assert _post(ask, wire, response_format=_schema(POINT))[0] == 400
    assert _post(ask, wire, response_format={"type": "json_object"})[0] == 200
    assert _post(ask, wire)[0] == 200
    assert _post(ask, wire, response_format=_schema(POINT))[0] == 400


async def test_content_filter_and_length(client: AsyncOpenAI, wire: WireServer) -> None:
    """A filtered and a truncated answer say so in ``finish_reason``."""
    wire.script([Step(fault=Fault.CONTENT_FILTER), Step(text="0123456789", fault=Fault.LENGTH)])
    filtered = await client.chat.completions.create(model="gpt-4o", messages=TALK)
    cut = await client.chat.completions.create(model="gpt-4o", messages=TALK)
    assert filtered.choices[0].finish_reason == "content_filter"
    assert (cut.choices[0].finish_reason, cut.choices[0].message.content) == ("length", "01234")


async def test_limit_and_stop_end_the_text(client: AsyncOpenAI, wire: WireServer) -> None:
    """``max_tokens`` and ``stop`` end the text where a model's would end."""
    wire.script(["abcdefghijkl"], model="long")
    wire.script(["one END two"], model="stopped")
    long = await client.chat.completions.create(model="long", messages=TALK, max_tokens=2)
    stopped = await client.chat.completions.create(model="stopped", messages=TALK, stop=["END"])
    assert (long.choices[0].message.content, long.choices[0].finish_reason) == ("abcdefgh", "length")
    assert (stopped.choices[0].message.content, stopped.choices[0].finish_reason) == ("one ", "stop")


async def test_stream_breaks_are_seen(client: AsyncOpenAI, wire: WireServer) -> None:
    """A stream that is cut raises after the pieces that arrived; an error in the stream raises as one."""
    wire.script([Step(text="x" * 120, fault=Fault.CUT), Step(text="x" * 120, fault=Fault.STREAM_ERROR)])
    for expected in (httpx.RemoteProtocolError, openai.APIError):
        got = ""
        stream = await client.chat.completions.create(model="gpt-4o", messages=TALK, stream=True)
        with pytest.raises(expected):  # noqa: PT012  # the pieces before the break count too
            async for chunk in stream:
                got += chunk.choices[0].delta.content or ""
        assert 0 < len(got) < 120
