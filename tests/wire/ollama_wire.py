"""Ollama's native API, as its docs/api.md has it.

Sources: docs/api.md and docs/modelfile.md of ollama/ollama, and the error texts of its server. Unknown fields
    are
ignored there, as here; they are recorded as breaches that nobody refused. There is no key and no content
filter.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence

from tests.wire.faults import Fault
from tests.wire.ollama_check import check
from tests.wire.parts import Answer, Ask, Listing, Problem, Refusal, Wire, text_of

CREATED = "2026-01-01T00:00:00.000000Z"
DEFAULT_CONTEXT = 4096
MODELS = ("llama3.2:latest", "qwen2.5:7b")


def error(status: int, message: str) -> Refusal:
    """Ollama's error body."""
    return Refusal(status=status, body={"error": message})


def authorise(_ask: Ask, _key: str | None) -> Refusal | None:
    """A local Ollama asks for no key."""
    return None


def bad_request(problem: Problem) -> Refusal:
    return error(400, problem.message)


def prompt(ask: Ask) -> str:
    messages = ask.body.get("messages")
    return "\n".join(
        text_of(message.get("content"))
        for message in (messages if isinstance(messages, list) else ())
        if isinstance(message, dict)
    )


def _option(ask: Ask, name: str) -> object:
    options = ask.body.get("options")
    return options.get(name) if isinstance(options, dict) else None


def limit(ask: Ask) -> int | None:
    value = _option(ask, "num_predict")
    return int(value) if isinstance(value, int | float) and value > 0 else None


def stops(ask: Ask) -> Sequence[str]:
    value = _option(ask, "stop")
    return [str(each) for each in value] if isinstance(value, list) else []


def constrained(ask: Ask) -> str | None:
    value = ask.body.get("format")
    if isinstance(value, dict):
        return "json_schema"
    return "json_object" if value == "json" else None


def streams(ask: Ask) -> bool:
    return ask.body.get("stream") is not False


def _statistics(ask: Ask, answer: Answer) -> dict[str, object]:
    """The count of the prompt shows what was silently cut off: never more than ``num_ctx``."""
    wanted = _option(ask, "num_ctx")
    window = int(wanted) if isinstance(wanted, int | float) else DEFAULT_CONTEXT
    return {
        "done_reason": "length" if answer.finish == "length" else "stop",
        "total_duration": 4883583458,
        "load_duration": 1334875,
        "prompt_eval_count": min(answer.prompt_tokens, window),
        "prompt_eval_duration": 342546000,
        "eval_count": answer.completion_tokens,
        "eval_duration": 4535599000,
    }


def whole(ask: Ask, answer: Answer) -> object:
    frame = {"model": ask.model, "created_at": CREATED}
    if not ask.body.get("messages"):
        unload = ask.body.get("keep_alive") == 0
        empty = {"role": "assistant", "content": ""}
        return {**frame, "message": empty, "done_reason": "unload" if unload else "load", "done": True}
    message = {"role": "assistant", "content": answer.text}
    return {**frame, "message": message, "done": True, **_statistics(ask, answer)}


def events(ask: Ask, answer: Answer) -> list[bytes]:
    if not ask.body.get("messages"):
        return [_line(whole(ask, answer))]
    frame = {"model": ask.model, "created_at": CREATED}
    sent = [
        _line({**frame, "message": {"role": "assistant", "content": piece}, "done": False}) for piece in answer.pieces()
    ]
    ending = {"message": {"role": "assistant", "content": ""}, "done": True, **_statistics(ask, answer)}
    return [*sent, _line({**frame, **ending})]


def _line(data: object) -> bytes:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def stream_error() -> bytes:
    return _line({"error": "an error was encountered while running the model: unexpected EOF"})


def refuse(fault: Fault, ask: Ask) -> Refusal | None:
    make = _REFUSALS.get(fault)
    return None if make is None else make(ask)


_REFUSALS: Mapping[Fault, Callable[[Ask], Refusal]] = {
    Fault.RATE_LIMIT: lambda _: error(429, "too many requests, please try again later"),
    Fault.SERVER_ERROR: lambda _: error(500, "llama runner process has terminated: exit status 2"),
    Fault.UNAVAILABLE: lambda _: error(503, "server busy, please try again.  maximum pending requests exceeded"),
    Fault.OVERLOADED: lambda _: error(503, "server busy, please try again.  maximum pending requests exceeded"),
    Fault.UNAUTHORIZED: lambda _: error(401, "unauthorized"),
    Fault.FORBIDDEN: lambda _: error(403, "forbidden"),
    Fault.NO_MODEL: lambda ask: error(404, f"model '{ask.model}' not found"),
    Fault.CONTEXT: lambda _: error(400, "the input length exceeds the context length"),
    Fault.NO_JSON_SCHEMA: lambda _: error(500, "failed to load model vocabulary required for format"),
    Fault.NO_RESPONSE_FORMAT: lambda _: error(500, "failed to load model vocabulary required for format"),
    Fault.GRAMMAR: lambda _: error(400, "invalid JSON schema in format"),
}


DETAILS = {
    "parent_model": "",
    "format": "gguf",
    "family": "llama",
    "families": ["llama"],
    "parameter_size": "3.2B",
    "quantization_level": "Q4_K_M",
}


SIGHTED = frozenset({"llama3.2-vision", "llava", "gemma3"})
"""Models that can look at pictures."""


def tags(_ask: Ask, served: Sequence[str] | None) -> Listing:
    models = [
        {
            "name": name,
            "model": name,
            "modified_at": CREATED,
            "size": 2019393189,
            "digest": f"{at:064x}",
            "details": DETAILS,
        }
        for at, name in enumerate(served if served is not None else MODELS)
    ]
    return Listing(body={"models": models})


def show(ask: Ask, served: Sequence[str] | None) -> Listing | Refusal:
    name = ask.body.get("model") or ask.body.get("name")
    if not isinstance(name, str):
        return error(400, "model is required")
    if served is not None and not is_served(name, served):
        return error(404, f"model '{name}' not found")
    info = {
        "general.architecture": "llama",
        "general.parameter_count": 3212749888,
        "llama.context_length": 131072,
    }
    return Listing(
        body={
            "modelfile": f"FROM {name}",
            "parameters": 'stop "<|eot_id|>"',
            "template": "{{ .System }} {{ .Prompt }}",
            "details": DETAILS,
            "model_info": info,
            "capabilities": ["completion", "vision" if name.partition(":")[0] in SIGHTED else "tools"],
            "modified_at": CREATED,
        }
    )


def is_served(name: str, served: Sequence[str]) -> bool:
    """Whether a model is there; the tag ``latest`` goes without saying."""
    full = name if ":" in name else f"{name}:latest"
    return any(full == (each if ":" in each else f"{each}:latest") for each in served)


OLLAMA = Wire(
    name="ollama",
    chat="/api/chat",
    listings={
        ("GET", "/"): lambda _ask, _served: Listing(body="Ollama is running"),
        ("HEAD", "/"): lambda _ask, _served: Listing(body="Ollama is running"),
        ("GET", "/api/version"): lambda _ask, _served: Listing(body={"version": "0.12.6"}),
        ("GET", "/api/tags"): tags,
        ("POST", "/api/show"): show,
    },
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
    stream_type="application/x-ndjson",
    reply_headers=lambda _: {},
    limit_headers=lambda _most, _left: {},
)
