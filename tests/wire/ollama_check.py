"""What Ollama's API reference asks of a chat request."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from tests.wire.parts import Ask, Problem, is_picture
from tests.wire.schema_dialects import well_formed

FIELDS = frozenset(
    [
        "model",
        "messages",
        "tools",
        "format",
        "options",
        "stream",
        "keep_alive",
        "think",
        "logprobs",
        "top_logprobs",
        "truncate",
        "shift",
    ]
)

WHOLE_OPTIONS = frozenset(
    [
        "num_keep",
        "seed",
        "num_predict",
        "top_k",
        "repeat_last_n",
        "mirostat",
        "num_ctx",
        "num_batch",
        "num_gpu",
        "main_gpu",
        "num_thread",
    ]
)

NUMBER_OPTIONS = frozenset(
    [
        "top_p",
        "min_p",
        "typical_p",
        "temperature",
        "repeat_penalty",
        "presence_penalty",
        "frequency_penalty",
        "mirostat_tau",
        "mirostat_eta",
        "tfs_z",
        "draft_num_predict",
    ]
)

FLAG_OPTIONS = frozenset(
    ["penalize_newline", "numa", "low_vram", "vocab_only", "use_mmap", "use_mlock", "f16_kv", "logits_all"]
)

ROLES = frozenset({"system", "user", "assistant", "tool"})

DURATION = re.compile(r"-?(\d+(\.\d*)?(ns|us|µs|ms|s|m|h))+|0|-1")


def check(ask: Ask) -> list[Problem]:
    body = ask.body
    found = [
        Problem(message=f"{name} is no field of a chat request and is ignored", param=name, refused=False)
        for name in body
        if name not in FIELDS
    ]
    if not ask.model:
        found.append(Problem(message="model is required"))
    for name, kind, wanted in (
        ("messages", list, "[]api.Message"),
        ("stream", bool, "bool"),
        ("options", dict, "map"),
    ):
        value = body.get(name)
        if value is not None and not isinstance(value, kind):
            field = f"ChatRequest.{name} of type {wanted}"
            words = f"json: cannot unmarshal {_go(value)} into Go struct field {field}"
            found.append(Problem(message=words, param=name))
    return [*found, *_messages(body), *_options(body), *_keep_alive(body), *_format(body)]


def _go(value: object) -> str:
    return {str: "string", bool: "bool", dict: "object", list: "array"}.get(type(value), "number")


def _messages(body: Mapping[str, object]) -> list[Problem]:
    messages = body.get("messages")
    found = []
    for at, message in enumerate(messages if isinstance(messages, list) else ()):
        given = message if isinstance(message, dict) else {}
        if given.get("role") not in ROLES:
            words = f"messages[{at}].role is {given.get('role')!r}, and not system, user, assistant or tool"
            found.append(Problem(message=words, refused=False))
        if not isinstance(given.get("content", ""), str):
            kind = _go(given.get("content"))
            field = "ChatRequest.messages.content of type string"
            words = f"json: cannot unmarshal {kind} into Go struct field {field}"
            found.append(Problem(message=words))
        images = given.get("images") or []
        if not isinstance(images, list) or not all(is_picture(each) for each in images):
            found.append(Problem(message="illegal base64 data at input byte 0", param="images"))
    return found


def _options(body: Mapping[str, object]) -> list[Problem]:
    found = []
    options = body.get("options")
    for name, value in options.items() if isinstance(options, dict) else ():
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if name in WHOLE_OPTIONS and not number:
            found.append(Problem(message=f'option "{name}" must be of type integer', param=name))
        elif name in NUMBER_OPTIONS and not number:
            found.append(Problem(message=f'option "{name}" must be of type float32', param=name))
        elif name in FLAG_OPTIONS and not isinstance(value, bool):
            found.append(Problem(message=f'option "{name}" must be of type boolean', param=name))
        elif name == "stop" and not isinstance(value, list):
            found.append(Problem(message='option "stop" must be of type array', param=name))
        elif name not in WHOLE_OPTIONS | NUMBER_OPTIONS | FLAG_OPTIONS | {"stop"}:
            found.append(Problem(message=f"invalid option provided: {name}; it is ignored", param=name, refused=False))
    return found


def _keep_alive(body: Mapping[str, object]) -> list[Problem]:
    value = body.get("keep_alive")
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return []
    if isinstance(value, str) and DURATION.fullmatch(value):
        return []
    return [Problem(message=f'time: invalid duration "{value}"', param="keep_alive")]


def _format(body: Mapping[str, object]) -> list[Problem]:
    value = body.get("format")
    if value in (None, "", "json"):
        return []
    if isinstance(value, dict):
        trouble = well_formed(value)
        return [] if trouble is None else [Problem(message="invalid JSON schema in format", param="format")]
    words = f'invalid format: {json.dumps(value)}; expected "json" or a valid JSON Schema object'
    return [Problem(message=words, param="format")]
