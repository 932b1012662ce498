"""Anthropic's Messages API, as its reference has it.

Sources: the API reference (``/v1/messages``, "Streaming messages", "Errors", "Rate limits", ``/v1/models``)
    and the
guides "Structured outputs" and "Tool use". A tool is called where ``tool_choice`` forces it or allows nothing
else.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence

from tests.wire.anthropic_check import check, wanted_output
from tests.wire.faults import Fault
from tests.wire.parts import Answer, Ask, Listing, Problem, Refusal, Wire, text_of, tokens

CONTEXT = 200000
MODELS = ("claude-sonnet-4-5", "claude-haiku-4-5", "claude-3-haiku-20240307")


def error(status: int, kind: str, message: str, *, number: int = 0) -> Refusal:
    """Anthropic's error body."""
    body = {"type": "error", "error": {"type": kind, "message": message}, "request_id": _request_id(number)}
    return Refusal(status=status, body=body)


def _request_id(number: int) -> str:
    return f"req_{number:024d}"


def authorise(ask: Ask, key: str | None) -> Refusal | None:
    given = ask.headers.get("x-api-key")
    if key is None or given == key:
        return None
    words = "x-api-key header is required" if given is None else "invalid x-api-key"
    return error(401, "authentication_error", words, number=ask.number)


def bad_request(problem: Problem) -> Refusal:
    return error(400, "invalid_request_error", problem.message)


def prompt(ask: Ask) -> str:
    messages = ask.body.get("messages")
    said = [
        text_of(message.get("content"))
        for message in (messages if isinstance(messages, list) else ())
        if isinstance(message, dict)
    ]
    return "\n".join([text_of(ask.body.get("system")), *said])


def limit(ask: Ask) -> int | None:
    value = ask.body.get("max_tokens")
    return value if isinstance(value, int) else None


def stops(ask: Ask) -> Sequence[str]:
    value = ask.body.get("stop_sequences")
    return [str(each) for each in value] if isinstance(value, list) else []


def constrained(ask: Ask) -> str | None:
    """A forced tool is how a schema is asked of models without structured outputs."""
    return "json_schema" if wanted_output(ask) is not None or forced_tool(ask) is not None else None


def forced_tool(ask: Ask) -> str | None:
    """The tool that must be called, or None."""
    choice, tools = ask.body.get("tool_choice"), ask.body.get("tools")
    if not isinstance(choice, dict) or not isinstance(tools, list) or not tools:
        return None
    if choice.get("type") == "tool":
        return str(choice.get("name"))
    return str(tools[0].get("name")) if choice.get("type") == "any" else None


def streams(ask: Ask) -> bool:
    return ask.body.get("stream") is True


def _stop_reason(ask: Ask, answer: Answer) -> str:
    if answer.finish == "stop" and forced_tool(ask) is not None:
        return "tool_use"
    names = {
        "stop": "end_turn",
        "length": "max_tokens",
        "content_filter": "refusal",
        "stop_sequence": "stop_sequence",
    }
    return names[answer.finish]


def _usage(answer: Answer, *, written: int) -> dict[str, object]:
    return {
        "input_tokens": answer.prompt_tokens,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "output_tokens": written,
        "service_tier": "standard",
    }


def _frame(ask: Ask) -> dict[str, object]:
    return {"id": f"msg_{ask.number:024d}", "type": "message", "role": "assistant", "model": ask.model}


def _input(text: str) -> object:
    """What a tool is called with; the service hands over an object whatever the model wrote."""
    try:
        value = json.loads(text)
    except ValueError:
        return {"text": text} if text else {}
    return value if isinstance(value, dict) else {"value": value}


def whole(ask: Ask, answer: Answer) -> object:
    tool = forced_tool(ask)
    content: list[object] = []
    if tool is not None and answer.finish != "content_filter":
        content = [{"type": "tool_use", "id": f"toolu_{ask.number:022d}", "name": tool, "input": _input(answer.text)}]
    elif answer.text:
        content = [{"type": "text", "text": answer.text}]
    return {
        **_frame(ask),
        "content": content,
        "stop_reason": _stop_reason(ask, answer),
        "stop_sequence": answer.stop,
        "usage": _usage(answer, written=answer.completion_tokens),
    }


def events(ask: Ask, answer: Answer) -> list[bytes]:
    tool = forced_tool(ask)
    frame = {**_frame(ask), "content": [], "stop_reason": None, "stop_sequence": None}
    sent = [_sse("message_start", message={**frame, "usage": _usage(answer, written=1)})]
    if tool is None:
        block: dict[str, object] = {"type": "text", "text": ""}
        deltas = [{"type": "text_delta", "text": piece} for piece in answer.pieces()]
    else:
        block = {"type": "tool_use", "id": f"toolu_{ask.number:022d}", "name": tool, "input": {}}
        deltas = [{"type": "input_json_delta", "partial_json": piece} for piece in ["", *answer.pieces()]]
    if deltas:
        sent.append(_sse("content_block_start", index=0, content_block=block))
        sent.append(_sse("ping"))
        sent += [_sse("content_block_delta", index=0, delta=delta) for delta in deltas]
        sent.append(_sse("content_block_stop", index=0))
    ending = {"stop_reason": _stop_reason(ask, answer), "stop_sequence": answer.stop}
    sent.append(_sse("message_delta", delta=ending, usage={"output_tokens": answer.completion_tokens}))
    sent.append(_sse("message_stop"))
    return sent


def _sse(kind: str, **data: object) -> bytes:
    text = json.dumps({"type": kind, **data}, ensure_ascii=False, separators=(",", ":"))
    return f"event: {kind}\ndata: {text}\n\n".encode()


def stream_error() -> bytes:
    return _sse("error", error={"type": "overloaded_error", "message": "Overloaded"})


def refuse(fault: Fault, ask: Ask) -> Refusal | None:
    make = _REFUSALS.get(fault)
    return None if make is None else make(ask)


def _invalid(words: str) -> Callable[[Ask], Refusal]:
    return lambda ask: error(400, "invalid_request_error", words, number=ask.number)


_REFUSALS: Mapping[Fault, Callable[[Ask], Refusal]] = {
    Fault.RATE_LIMIT: lambda ask: error(
        429,
        "rate_limit_error",
        "This request would exceed your organization's rate limit of 5 requests per minute. For details, "
        "refer to: "
        "https://docs.claude.com/en/api/rate-limits.",
        number=ask.number,
    ),
    Fault.QUOTA: _invalid("Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing."),
    Fault.SERVER_ERROR: lambda ask: error(500, "api_error", "Internal server error", number=ask.number),
    Fault.UNAVAILABLE: lambda ask: error(503, "api_error", "Service temporarily unavailable", number=ask.number),
    Fault.OVERLOADED: lambda ask: error(529, "overloaded_error", "Overloaded", number=ask.number),
    Fault.UNAUTHORIZED: lambda ask: error(401, "authentication_error", "invalid x-api-key", number=ask.number),
    Fault.FORBIDDEN: lambda ask: error(403, "permission_error", "Request not allowed", number=ask.number),
    Fault.NO_MODEL: lambda ask: error(404, "not_found_error", f"model: {ask.model}", number=ask.number),
    Fault.CONTEXT: lambda ask: error(
        400,
        "invalid_request_error",
        f"prompt is too long: {CONTEXT + tokens(prompt(ask))} tokens > {CONTEXT} maximum",
        number=ask.number,
    ),
    Fault.CONTENT_POLICY: _invalid("Output blocked by content filtering policy"),
    Fault.NO_JSON_SCHEMA: _invalid("output_config.format: structured outputs are not supported for this model"),
    Fault.NO_RESPONSE_FORMAT: _invalid("output_config.format: structured outputs are not supported for this model"),
    Fault.GRAMMAR: _invalid(
        "The compiled grammar is too large, which would cause performance issues. Simplify your tool "
        "schemas or "
        "reduce the number of strict tools."
    ),
}


def models(ask: Ask, served: Sequence[str] | None) -> Listing:
    names = list(served or MODELS)
    data = [{"type": "model", "id": name, "display_name": name, "created_at": "2025-09-29T00:00:00Z"} for name in names]
    return Listing(body={"data": data, "has_more": False, "first_id": names[0], "last_id": names[-1]})


def reply_headers(ask: Ask) -> Mapping[str, str]:
    return {"request-id": _request_id(ask.number), "anthropic-organization-id": "org-wire"}


def limit_headers(most: int, left: int) -> Mapping[str, str]:
    return {
        "anthropic-ratelimit-requests-limit": str(most),
        "anthropic-ratelimit-requests-remaining": str(left),
        "anthropic-ratelimit-requests-reset": "2026-01-01T00:01:00Z",
    }


ANTHROPIC = Wire(
    name="anthropic",
    chat="/v1/messages",
    listings={("GET", "/v1/models"): models},
    authorise=authorise,
    check=check,
    bad_request=bad_request,
    refuse=refuse,
    prompt=prompt,
    limit=limit,
    stops=stops,
    constrained=constrained,
    streams=streams,
    whole=whole,
    events=events,
    stream_error=stream_error,
    stream_type="text/event-stream; charset=utf-8",
    reply_headers=reply_headers,
    limit_headers=limit_headers,
)
