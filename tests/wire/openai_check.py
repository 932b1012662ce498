"""What OpenAI's API reference asks of a chat completion request."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from tests.wire.parts import Ask, Problem, is_picture, text_of
from tests.wire.schema_dialects import openai_strict, well_formed

ROLES = frozenset({"developer", "system", "user", "assistant", "tool", "function"})

PARTS = frozenset({"text", "image_url", "input_audio", "file", "refusal"})

DATA_URL = re.compile(r"data:image/(png|jpeg|gif|webp);base64,")

REASONING = ("gpt-5", "o1", "o3", "o4")

_number = (int, float)

TYPES: Mapping[str, tuple[type | tuple[type, ...], str]] = {
    "model": (str, "a string"),
    "messages": (list, "an array of objects"),
    "temperature": (_number, "a decimal"),
    "top_p": (_number, "a decimal"),
    "presence_penalty": (_number, "a decimal"),
    "frequency_penalty": (_number, "a decimal"),
    "max_tokens": (int, "an integer"),
    "max_completion_tokens": (int, "an integer"),
    "n": (int, "an integer"),
    "seed": (int, "an integer"),
    "top_logprobs": (int, "an integer"),
    "stream": (bool, "a boolean"),
    "logprobs": (bool, "a boolean"),
    "store": (bool, "a boolean"),
    "parallel_tool_calls": (bool, "a boolean"),
    "stop": ((str, list), "a string or an array of strings"),
    "stream_options": (dict, "an object"),
    "response_format": (dict, "an object"),
    "logit_bias": (dict, "an object"),
    "metadata": (dict, "an object"),
    "prediction": (dict, "an object"),
    "web_search_options": (dict, "an object"),
    "audio": (dict, "an object"),
    "tools": (list, "an array of objects"),
    "functions": (list, "an array of objects"),
    "modalities": (list, "an array of strings"),
    "tool_choice": ((str, dict), "a string or an object"),
    "function_call": ((str, dict), "a string or an object"),
    "user": (str, "a string"),
    "safety_identifier": (str, "a string"),
    "prompt_cache_key": (str, "a string"),
    "prompt_cache_retention": (str, "a string"),
    "service_tier": (str, "a string"),
    "reasoning_effort": (str, "a string"),
    "verbosity": (str, "a string"),
}

RANGES = {"temperature": (0, 2), "top_p": (0, 1), "presence_penalty": (-2, 2), "frequency_penalty": (-2, 2)}

AT_LEAST_ONE = ("max_tokens", "max_completion_tokens", "n")


def check(ask: Ask) -> list[Problem]:
    body = ask.body
    found = [
        Problem(message=f"Unknown parameter: '{name}'.", param=name, code="unknown_parameter")
        for name in body
        if name not in TYPES
    ]
    if not ask.model:
        found.append(Problem(message="you must provide a model parameter"))
    found += [
        Problem(message=f"Missing required parameter: '{name}'.", param=name, code="missing_required_parameter")
        for name in ("messages",)
        if body.get(name) is None
    ]
    found += _types(body)
    if not found:
        found += [*_ranges(body), *_messages(body), *_model_rules(ask), *_response_format(body)]
    if "stream_options" in body and not body.get("stream"):
        words = "The 'stream_options' parameter is only allowed when 'stream' is enabled."
        found.append(Problem(message=words, param="stream_options"))
    return found


def _types(body: Mapping[str, object]) -> list[Problem]:
    found = []
    for name, value in body.items():
        if name not in TYPES or value is None:
            continue
        kinds, words = TYPES[name]
        if not isinstance(value, kinds) or (isinstance(value, bool) and kinds is not bool):
            got = {str: "a string", bool: "a boolean", dict: "an object", list: "an array", int: "an integer"}
            given = got.get(type(value), "a decimal")
            message = f"Invalid type for '{name}': expected {words}, but got {given} instead."
            found.append(Problem(message=message, param=name, code="invalid_type"))
    return found


def _ranges(body: Mapping[str, object]) -> list[Problem]:
    found = []
    for name, (low, high) in RANGES.items():
        value = body.get(name)
        if isinstance(value, int | float) and not low <= value <= high:
            side, sign, bound = ("above maximum", "<=", high) if value > high else ("below minimum", ">=", low)
            wanted = f"Expected a value {sign} {bound}, but got {value} instead."
            words = f"Invalid '{name}': decimal {side} value. {wanted}"
            code = f"decimal_{side.split()[0]}_{'max' if value > high else 'min'}_value"
            found.append(Problem(message=words, param=name, code=code))
    for name in AT_LEAST_ONE:
        value = body.get(name)
        if isinstance(value, int) and value < 1:
            wanted = f"Expected a value >= 1, but got {value} instead."
            words = f"Invalid '{name}': integer below minimum value. {wanted}"
            found.append(Problem(message=words, param=name, code="integer_below_min_value"))
    return found


def _messages(body: Mapping[str, object]) -> list[Problem]:
    messages = body["messages"]
    if not isinstance(messages, list) or not messages:
        wanted = "Expected an array with minimum length 1, but got an empty array instead."
        words = f"Invalid 'messages': empty array. {wanted}"
        return [Problem(message=words, param="messages", code="empty_array")]
    found = []
    for at, message in enumerate(messages):
        where = f"messages[{at}]"
        if not isinstance(message, dict):
            words = f"Invalid type for '{where}': expected an object, but got a string instead."
            found.append(Problem(message=words, param=where, code="invalid_type"))
            continue
        if message.get("role") not in ROLES:
            choices = ", ".join(f"'{role}'" for role in sorted(ROLES))
            words = f"Invalid value: '{message.get('role')}'. Supported values are: {choices}."
            found.append(Problem(message=words, param=f"{where}.role", code="invalid_value"))
        found += _content(message, where)
    return found


def _is_image_url(given: object) -> bool:
    """An object with an address, or with the picture itself as base64 in a data: address."""
    url = given.get("url") if isinstance(given, dict) else None
    if not isinstance(url, str):
        return False
    return url.startswith(("http://", "https://")) or (bool(DATA_URL.match(url)) and is_picture(DATA_URL.sub("", url)))


def _content(message: Mapping[str, object], where: str) -> list[Problem]:
    content = message.get("content")
    if content is None and message.get("role") == "assistant":
        return []
    if isinstance(content, list):
        kinds = [part.get("type") if isinstance(part, dict) else None for part in content]
        return [
            Problem(message=f"Invalid value: '{kind}'.", param=f"{where}.content[{at}].type", code="invalid_value")
            for at, kind in enumerate(kinds)
            if kind not in PARTS
        ] + [
            Problem(message="Invalid image URL.", param=f"{where}.content[{at}].image_url", code="invalid_image_url")
            for at, part in enumerate(content)
            if kinds[at] == "image_url" and not _is_image_url(part.get("image_url"))
        ]
    if not isinstance(content, str):
        words = f"Invalid value for 'content': expected a string, got {json.dumps(content)}."
        return [Problem(message=words, param=f"{where}.content")]
    return []


def _model_rules(ask: Ask) -> list[Problem]:
    if not ask.model.startswith(REASONING):
        return []
    found = []
    if ask.body.get("max_tokens") is not None:
        words = (
            "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
        )
        found.append(Problem(message=words, param="max_tokens", code="unsupported_parameter"))
    temperature = ask.body.get("temperature")
    if temperature not in {None, 1}:
        words = (
            f"Unsupported value: 'temperature' does not support {temperature} with this model. "
            "Only the default (1) value is supported."
        )
        found.append(Problem(message=words, param="temperature", code="unsupported_value"))
    return found


def _response_format(body: Mapping[str, object]) -> list[Problem]:
    wanted = body.get("response_format")
    if not isinstance(wanted, dict):
        return []
    kind = wanted.get("type")
    if kind == "json_object":
        return _json_object(body)
    if kind == "json_schema":
        return _json_schema(wanted.get("json_schema"))
    if kind == "text":
        return []
    words = f"Invalid value: '{kind}'. Supported values are: 'json_object', 'json_schema', and 'text'."
    return [Problem(message=words, param="response_format.type", code="invalid_value")]


def _json_object(body: Mapping[str, object]) -> list[Problem]:
    messages = body["messages"]
    said = " ".join(text_of(message.get("content")) for message in (messages if isinstance(messages, list) else ()))
    if "json" in said.lower():
        return []
    use = "to use 'response_format' of type 'json_object'."
    words = f"'messages' must contain the word 'json' in some form, {use}"
    return [Problem(message=words, param="messages")]


def _json_schema(given: object) -> list[Problem]:
    if not isinstance(given, dict):
        where = "response_format.json_schema"
        words = f"Missing required parameter: '{where}'."
        return [Problem(message=words, param=where, code="missing_required_parameter")]
    name = given.get("name")
    if not isinstance(name, str) or not re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", name):
        where = "response_format.json_schema.name"
        words = f"Invalid '{where}': string does not match pattern. Expected a string that matches the pattern "
        return [Problem(message=words + "'^[a-zA-Z0-9_-]+$'.", param=where, code="invalid_value")]
    schema = given.get("schema")
    if given.get("strict"):
        troubles = list(openai_strict(schema))
    else:
        trouble = well_formed(schema)
        troubles = [] if trouble is None else [trouble]
    return [
        Problem(message=f"Invalid schema for response_format '{name}': {words}", param="response_format")
        for words in troubles
    ]
