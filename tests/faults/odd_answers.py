"""Answers with a good status that are not what the protocol says: a table of bodies, by wire and way."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["ROWS", "Odd"]

WIRES = ("openai", "anthropic", "ollama")
ODD: tuple[object, ...] = (None, 3, 1.5, True, [], [None], [3], [[]], {}, {"a": 1})
"""Values where the protocol has a text or an object."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Odd:
    """One body.

    Attributes:
        name: What is odd.
        wire: Whose protocol it is near to.
        body: What the server sends.
        stream: Whether it is sent to a request for a stream.
        harmless: Whether there is a text, so that the answer may be taken for good.
    """

    name: str
    wire: str
    body: str = field(repr=False)
    stream: bool = False
    harmless: bool = False

    def __str__(self) -> str:
        """Return the name of a test."""
        return f"{self.wire}-{'stream' if self.stream else 'complete'}-{self.name}"


# What no wire takes for an answer, whole.
PLAIN = {
    "null": "null",
    "array": "[]",
    "text": '""',
    "words": '"hello"',
    "number": "3",
    "true": "true",
    "object": "{}",
    "nested": "[[{}]]",
    "nothing": "",
    "blank": "  \n",
    "half": '{"choices": [{"message": {"content": "he',
    "prose": "I am sorry",
    "nul": "\x00\x00",
    "unquoted": "{a: 1}",
    "trailing": "{} {}",
    "nan": '{"choices": NaN}',
    "deep": "[" * 3000 + "]" * 3000,
    "error-code": '{"error": {"code": "x"}}',
    "error-null": '{"error": null}',
    "error-text": '{"error": "no"}',
    "error-empty": '{"error": {}}',
    "error-number": '{"error": 7}',
    "error-list": '{"error": [1]}',
    "error-code-list": '{"error": {"code": [1], "message": ["a"]}}',
    "error-code-large": '{"error": {"code": 99999, "message": {"a": 1}}}',
    "detail": '{"detail": "Not authenticated"}',
}

ANSWER: Mapping[str, object] = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1,
    "model": "gpt-4o",
    "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": ""}}],
    "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
}


def _choice(**more: object) -> dict[str, object]:
    return {**ANSWER, "choices": [{"index": 0, "finish_reason": "stop", **more}]}


def _message(**more: object) -> dict[str, object]:
    return _choice(message={"role": "assistant", "content": "", **more})


def _openai() -> dict[str, object]:
    rows: dict[str, object] = {f"choices-{json.dumps(value)}": {**ANSWER, "choices": value} for value in (*ODD, "a")}
    rows |= {f"message-{json.dumps(value)}": _choice(message=value) for value in (*ODD, "a")}
    rows |= {f"content-{json.dumps(value)}": _message(content=value) for value in ODD}
    rows["content-parts"] = _message(content=[{"type": "text", "text": "hi"}])
    calls = (*ODD, "a", [{"function": None}], [{"id": 1, "type": 3, "function": {"name": None, "arguments": {}}}])
    rows |= {f"tool_calls-{json.dumps(value)}": _message(tool_calls=value) for value in calls}
    rows |= {f"function_call-{json.dumps(value)}": _message(function_call=value) for value in (3, [], "a")}
    rows |= {f"finish-{json.dumps(value)}": {**_choice(message={"content": ""}, finish_reason=value)} for value in ODD}
    rows |= {f"role-{json.dumps(value)}": _message(role=value) for value in (3, [], None)}
    rows |= {
        f"logprobs-{json.dumps(value)}": _choice(message={"content": ""}, logprobs=value) for value in (3, "a", [1])
    }
    return rows


def _claude(**more: object) -> dict[str, object]:
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-haiku-4-5",
        "content": [{"type": "text", "text": ""}],
        "stop_reason": "end_turn",
        "usage": {"input_tokens": 3, "output_tokens": 4},
        **more,
    }


def _anthropic() -> dict[str, object]:
    rows: dict[str, object] = {f"content-{json.dumps(value)}": _claude(content=value) for value in (*ODD, "a")}
    rows |= {f"text-{json.dumps(value)}": _claude(content=[{"type": "text", "text": value}]) for value in ODD}
    blocks = ({"type": None}, {"type": "text"}, {"type": "odd"}, {"type": "tool_use"}, {"type": "thinking"})
    rows |= {f"block-{json.dumps(value)}": _claude(content=[value]) for value in blocks}
    rows["tool-input"] = _claude(content=[{"type": "tool_use", "id": 3, "name": None, "input": "a"}])
    rows |= {f"stop_reason-{json.dumps(value)}": _claude(stop_reason=value) for value in (3, [], {}, "odd")}
    rows["error-type"] = {"type": "error", "error": {"type": "odd_error"}}
    rows["error-no-error"] = {"type": "error"}
    return rows


def _llama(**more: object) -> dict[str, object]:
    return {
        "model": "llama3.2",
        "created_at": "2025-01-01T00:00:00Z",
        "message": {"role": "assistant", "content": ""},
        "done": True,
        "done_reason": "stop",
        "prompt_eval_count": 3,
        "eval_count": 4,
        **more,
    }


def _ollama() -> dict[str, object]:
    rows: dict[str, object] = {f"message-{json.dumps(value)}": _llama(message=value) for value in (*ODD, "a")}
    rows |= {f"content-{json.dumps(v)}": _llama(message={"role": "assistant", "content": v}) for v in ODD}
    calls = (3, "a", [None], [{}], [{"function": None}], [{"function": {"name": 3, "arguments": "a"}}])
    rows |= {f"tool_calls-{json.dumps(v)}": _llama(message={"content": "", "tool_calls": v}) for v in calls}
    rows |= {f"thinking-{json.dumps(v)}": _llama(message={"content": "", "thinking": v}) for v in (3, [], {})}
    rows |= {f"role-{json.dumps(v)}": _llama(message={"content": "", "role": v}) for v in (3, [], {})}
    rows |= {f"done_reason-{json.dumps(v)}": _llama(done_reason=v) for v in (3, [], {})}
    return rows


# Pieces of a stream that are near to the protocol's.
def _delta(**more: object) -> dict[str, object]:
    frame = {**ANSWER, "object": "chat.completion.chunk", "usage": None}
    return {**frame, "choices": [{"index": 0, "finish_reason": None, **more}]}


def _openai_chunks() -> dict[str, object]:
    rows: dict[str, object] = {f"choices-{json.dumps(v)}": {**_delta(), "choices": v} for v in (*ODD, "a")}
    rows |= {f"delta-{json.dumps(v)}": _delta(delta=v) for v in (*ODD, "a")}
    rows |= {f"content-{json.dumps(v)}": _delta(delta={"content": v}) for v in ODD}
    rows |= {f"tool_calls-{json.dumps(v)}": _delta(delta={"tool_calls": v}) for v in (3, "a", [None], [{}], [[]])}
    rows |= {f"finish-{json.dumps(v)}": _delta(delta={}, finish_reason=v) for v in (3, [], {}, "odd")}
    rows |= {f"usage-{json.dumps(v)}": {**_delta(delta={"content": ""}), "usage": v} for v in (3, "a", [], {"a": 1})}
    return rows


def _claude_events() -> dict[str, object]:
    start = {"type": "message_start"}
    rows: dict[str, object] = {f"start-{json.dumps(v)}": {**start, "message": v} for v in ODD}
    rows |= {f"block-{json.dumps(v)}": {"type": "content_block_start", "index": 0, "content_block": v} for v in ODD}
    rows |= {f"delta-{json.dumps(v)}": {"type": "content_block_delta", "index": 0, "delta": v} for v in ODD}
    text = {"type": "content_block_delta", "index": 0}
    rows |= {f"text-{json.dumps(v)}": {**text, "delta": {"type": "text_delta", "text": v}} for v in ODD}
    rows |= {f"message_delta-{json.dumps(v)}": {"type": "message_delta", "delta": v, "usage": v} for v in ODD}
    rows |= {f"event-error-{json.dumps(v)}": {"type": "error", "error": v} for v in ODD}
    rows["no-type"] = {"a": 1}
    return rows


# Answers with a text, odd beside it.
def _harmless(wire: str) -> dict[str, object]:
    counts = (None, "many", -5, 1.5, [], True, {}, 1e400)
    if wire == "openai":
        good = _message(content="hi")
        rows: dict[str, object] = {f"usage-{v}": {**good, "usage": v} for v in (None, 3, "a", [], [1], {"a": 1})}
        rows |= {f"tokens-{v}": {**good, "usage": {"prompt_tokens": v, "completion_tokens": v}} for v in counts}
        names = ("id", "model", "created", "object", "system_fingerprint", "service_tier")
        rows |= {f"{name}-{v}": {**good, name: v} for name in names for v in (None, 3, [], {}, "a", 1e400)}
        return rows | {f"no-{name}": {key: v for key, v in good.items() if key != name} for name in good}
    if wire == "anthropic":
        good = _claude(content=[{"type": "text", "text": "hi"}])
        rows = {f"usage-{v}": {**good, "usage": v} for v in (None, 3, "a", [], {"a": 1})}
        rows |= {f"tokens-{v}": {**good, "usage": {"input_tokens": v, "output_tokens": v}} for v in counts}
        rows |= {f"{name}-{v}": {**good, name: v} for name in ("id", "model", "role", "type") for v in (None, 3, [])}
        return rows | {f"no-{name}": {key: v for key, v in good.items() if key != name} for name in good}
    good = _llama(message={"role": "assistant", "content": "hi"})
    rows = {f"tokens-{v}": {**good, "prompt_eval_count": v, "eval_count": v} for v in counts}
    names = ("model", "created_at", "done", "total_duration")
    rows |= {f"{name}-{v}": {**good, name: v} for name in names for v in (None, 3, [])}
    return rows | {f"no-{name}": {key: v for key, v in good.items() if key != name} for name in good}


def _chunked(wire: str, bodies: Mapping[str, object]) -> dict[str, str]:
    if wire == "ollama":
        return {name: json.dumps(value) + "\n" for name, value in bodies.items()}
    named = {name: (value.get("type") if isinstance(value, dict) else None) for name, value in bodies.items()}
    return {
        name: (f"event: {named[name]}\n" if wire == "anthropic" else "") + f"data: {json.dumps(value)}\n\n"
        for name, value in bodies.items()
    }


def _rows() -> tuple[Odd, ...]:
    whole = {"openai": _openai(), "anthropic": _anthropic(), "ollama": _ollama()}
    pieces = {"openai": _openai_chunks(), "anthropic": _claude_events(), "ollama": _ollama()}
    rows: list[Odd] = []
    for wire in WIRES:
        rows += [Odd(name=name, wire=wire, body=body) for name, body in PLAIN.items()]
        rows += [Odd(name=name, wire=wire, body=json.dumps(body)) for name, body in whole[wire].items()]
        beside = _harmless(wire)
        rows += [Odd(name=f"text-{name}", wire=wire, body=json.dumps(v), harmless=True) for name, v in beside.items()]
        rows += [Odd(name=name, wire=wire, body=body, stream=True) for name, body in PLAIN.items()]
        if wire != "ollama":
            events = {f"data-{name}": f"data: {body}\n\n" for name, body in PLAIN.items() if "\n" not in body}
            rows += [Odd(name=name, wire=wire, body=body, stream=True) for name, body in events.items()]
        chunked = _chunked(wire, pieces[wire])
        rows += [Odd(name=name, wire=wire, body=body, stream=True) for name, body in chunked.items()]
    return tuple(rows)


ROWS = _rows()
