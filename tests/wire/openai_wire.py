"""OpenAI's chat completions, as its API reference has them.

Sources: the API reference (``/v1/chat/completions``, its streaming objects, ``/v1/models``), the guides
    "Structured
Outputs", "Rate limits" and "Error codes". Tools are taken and not called; audio and stored completions are
left out.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence

from tests.wire.faults import Fault
from tests.wire.openai_check import check
from tests.wire.parts import Answer, Ask, Listing, Problem, Refusal, Wire, text_of, tokens

CREATED = 1760000000
CONTEXT = 128000
MODELS = ("gpt-4o", "gpt-4o-mini", "gpt-5")


def error(
    status: int, message: str, *, kind: str, param: str | None = None, code: str | None = None, **headers: str
) -> Refusal:
    """OpenAI's error body."""
    body = {"error": {"message": message, "type": kind, "param": param, "code": code}}
    return Refusal(status=status, body=body, headers={name.replace("_", "-"): value for name, value in headers.items()})


def authorise(ask: Ask, key: str | None) -> Refusal | None:
    scheme, _, given = ask.headers.get("authorization", "").partition(" ")
    if key is None or (scheme.lower() == "bearer" and given == key):
        return None
    if not given:
        return error(
            401,
            "You didn't provide an API key. You need to provide your API key in an Authorization header "
            "using Bearer "
            "auth (i.e. Authorization: Bearer YOUR_KEY), or as the password field (with blank username) if "
            "you're "
            "accessing the API from your browser and are prompted for a username and password.",
            kind="invalid_request_error",
        )
    shown = given if len(given) < 12 else f"{given[:8]}{'*' * (len(given) - 12)}{given[-4:]}"
    return error(
        401,
        f"Incorrect API key provided: {shown}. You can find your API key at "
        "https://platform.openai.com/account/api-keys.",
        kind="invalid_request_error",
        code="invalid_api_key",
    )


def bad_request(problem: Problem) -> Refusal:
    return error(400, problem.message, kind="invalid_request_error", param=problem.param, code=problem.code)


def prompt(ask: Ask) -> str:
    messages = ask.body.get("messages")
    return "\n".join(
        text_of(message.get("content"))
        for message in (messages if isinstance(messages, list) else ())
        if isinstance(message, dict)
    )


def limit(ask: Ask) -> int | None:
    value = ask.body.get("max_completion_tokens", ask.body.get("max_tokens"))
    return value if isinstance(value, int) else None


def stops(ask: Ask) -> Sequence[str]:
    value = ask.body.get("stop")
    return [value] if isinstance(value, str) else [str(each) for each in value] if isinstance(value, list) else []


def constrained(ask: Ask) -> str | None:
    wanted = ask.body.get("response_format")
    kind = wanted.get("type") if isinstance(wanted, dict) else None
    return kind if kind in {"json_schema", "json_object"} else None


def streams(ask: Ask) -> bool:
    return ask.body.get("stream") is True


def _usage(answer: Answer) -> dict[str, object]:
    read, written = answer.prompt_tokens, answer.completion_tokens
    return {
        "prompt_tokens": read,
        "completion_tokens": written,
        "total_tokens": read + written,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": 0,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }


def _finish(answer: Answer) -> str:
    return "stop" if answer.finish == "stop_sequence" else answer.finish


def _choices(ask: Ask) -> range:
    value = ask.body.get("n")
    return range(value if isinstance(value, int) else 1)


def whole(ask: Ask, answer: Answer) -> object:
    message: dict[str, object] = {
        "role": "assistant",
        "content": answer.text,
        "refusal": None,
        "annotations": [],
    }
    return {
        "id": f"chatcmpl-{ask.number}",
        "object": "chat.completion",
        "created": CREATED,
        "model": ask.model,
        "choices": [
            {"index": at, "message": message, "logprobs": None, "finish_reason": _finish(answer)}
            for at in _choices(ask)
        ],
        "usage": _usage(answer),
        "service_tier": "default",
        "system_fingerprint": "fp_wire",
    }


def events(ask: Ask, answer: Answer) -> list[bytes]:
    options = ask.body.get("stream_options")
    with_usage = isinstance(options, dict) and options.get("include_usage") is True
    frame: dict[str, object] = {
        "id": f"chatcmpl-{ask.number}",
        "object": "chat.completion.chunk",
        "created": CREATED,
        "model": ask.model,
        "service_tier": "default",
        "system_fingerprint": "fp_wire",
    }
    if with_usage:
        frame["usage"] = None

    def chunk(delta: Mapping[str, object], at: int, finish: str | None = None) -> bytes:
        choice = {"index": at, "delta": delta, "logprobs": None, "finish_reason": finish}
        return _sse({**frame, "choices": [choice]})

    sent = [chunk({"role": "assistant", "content": "", "refusal": None}, at) for at in _choices(ask)]
    sent += [chunk({"content": piece}, at) for piece in answer.pieces() for at in _choices(ask)]
    sent += [chunk({}, at, _finish(answer)) for at in _choices(ask)]
    if with_usage:
        sent.append(_sse({**frame, "choices": [], "usage": _usage(answer)}))
    return [*sent, b"data: [DONE]\n\n"]


def _sse(data: object) -> bytes:
    return b"data: " + json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode() + b"\n\n"


def stream_error() -> bytes:
    return _sse({"error": {"message": SERVER_ERROR, "type": "server_error", "param": None, "code": None}})


SERVER_ERROR = "The server had an error while processing your request. Sorry about that!"


def refuse(fault: Fault, ask: Ask) -> Refusal | None:
    make = _REFUSALS.get(fault)
    return None if make is None else make(ask)


_REFUSALS: Mapping[Fault, Callable[[Ask], Refusal]] = {
    Fault.RATE_LIMIT: lambda ask: error(
        429,
        f"Rate limit reached for {ask.model} in organization org-wire on requests per min (RPM): Limit 3, "
        f"Used 3, "
        "Requested 1. Please try again in 20s. Visit https://platform.openai.com/account/rate-limits to "
        "learn more.",
        kind="requests",
        code="rate_limit_exceeded",
    ),
    Fault.QUOTA: lambda _: error(
        429,
        "You exceeded your current quota, please check your plan and billing details. For more information "
        "on this "
        "error, read the docs: https://platform.openai.com/docs/guides/error-codes/api-errors.",
        kind="insufficient_quota",
        code="insufficient_quota",
    ),
    Fault.SERVER_ERROR: lambda _: error(500, SERVER_ERROR, kind="server_error"),
    Fault.UNAVAILABLE: lambda _: error(
        503, "The engine is currently overloaded, please try again later.", kind="server_error"
    ),
    Fault.OVERLOADED: lambda _: error(
        503, "That model is currently overloaded with other requests.", kind="server_error"
    ),
    Fault.UNAUTHORIZED: lambda ask: authorise(ask, "another key") or error(401, "", kind="invalid_request_error"),
    Fault.FORBIDDEN: lambda _: error(
        403,
        "Country, region, or territory not supported",
        kind="request_forbidden",
        code="unsupported_country",
    ),
    Fault.NO_MODEL: lambda ask: error(
        404,
        f"The model `{ask.model}` does not exist or you do not have access to it.",
        kind="invalid_request_error",
        code="model_not_found",
    ),
    Fault.CONTEXT: lambda ask: error(
        400,
        f"This model's maximum context length is {CONTEXT} tokens. However, your messages resulted in "
        f"{CONTEXT + tokens(prompt(ask))} tokens. Please reduce the length of the messages.",
        kind="invalid_request_error",
        param="messages",
        code="context_length_exceeded",
    ),
    Fault.CONTENT_POLICY: lambda _: error(
        400,
        "Your request was rejected as a result of our safety system. Your prompt may contain text that is "
        "not allowed "
        "by our safety system.",
        kind="invalid_request_error",
        code="content_policy_violation",
    ),
    Fault.NO_JSON_SCHEMA: lambda _: error(
        400,
        "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model. Learn "
        "more "
        "about supported models at the Structured Outputs guide: "
        "https://platform.openai.com/docs/guides/structured-outputs",
        kind="invalid_request_error",
        param="response_format",
    ),
    Fault.NO_RESPONSE_FORMAT: lambda ask: error(
        400,
        f"Invalid parameter: 'response_format' of type '{constrained(ask)}' is not supported with this model.",
        kind="invalid_request_error",
        param="response_format",
    ),
    Fault.GRAMMAR: lambda _: error(
        400,
        "Invalid schema for response_format 'gmn': the schema is too complex.",
        kind="invalid_request_error",
        param="response_format",
    ),
}


def models(ask: Ask, served: Sequence[str] | None) -> Listing:
    return Listing(
        body={
            "object": "list",
            "data": [
                {"id": name, "object": "model", "created": CREATED, "owned_by": "openai"} for name in served or MODELS
            ],
        }
    )


def reply_headers(ask: Ask) -> Mapping[str, str]:
    return {
        "x-request-id": f"req_{ask.number:032d}",
        "openai-version": "2020-10-01",
        "openai-organization": "org-wire",
        "openai-processing-ms": "1",
    }


def limit_headers(most: int, left: int) -> Mapping[str, str]:
    return {
        "x-ratelimit-limit-requests": str(most),
        "x-ratelimit-remaining-requests": str(left),
        "x-ratelimit-reset-requests": f"{60 / most:.3f}s",
    }


OPENAI = Wire(
    name="openai",
    chat="/v1/chat/completions",
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
