"""What Anthropic's API reference asks of a messages request."""

from __future__ import annotations

from collections.abc import Mapping

from tests.wire.parts import Ask, Problem, is_picture
from tests.wire.schema_dialects import anthropic_output, resolve, walk, well_formed

VERSIONS = frozenset({"2023-01-01", "2023-06-01"})

OUTPUT_BETA = "structured-outputs-2025-11-13"

BLOCKS = frozenset({"text", "image", "document", "tool_use", "tool_result", "thinking", "redacted_thinking"})

MEDIA_TYPES = ("image/jpeg", "image/png", "image/gif", "image/webp")

_number = (int, float)

TYPES: Mapping[str, tuple[type | tuple[type, ...], str]] = {
    "model": (str, "string"),
    "messages": (list, "list"),
    "max_tokens": (int, "integer"),
    "system": ((str, list), "string or list"),
    "temperature": (_number, "number"),
    "top_p": (_number, "number"),
    "top_k": (int, "integer"),
    "stop_sequences": (list, "list"),
    "stream": (bool, "boolean"),
    "metadata": (dict, "dictionary"),
    "tools": (list, "list"),
    "tool_choice": (dict, "dictionary"),
    "thinking": (dict, "dictionary"),
    "service_tier": (str, "string"),
    "output_config": (dict, "dictionary"),
    "output_format": (dict, "dictionary"),
    "inference_geo": (str, "string"),
}


def check(ask: Ask) -> list[Problem]:
    body = ask.body
    version = ask.headers.get("anthropic-version")
    found = []
    if version is None:
        found.append(Problem(message="anthropic-version: header is required"))
    elif version not in VERSIONS:
        found.append(Problem(message=f'anthropic-version: "{version}" is not a valid version'))
    found += [
        Problem(message=f"{name}: Field required", param=name)
        for name in ("model", "max_tokens", "messages")
        if body.get(name) is None
    ]
    found += [
        Problem(message=f"{name}: Extra inputs are not permitted", param=name) for name in body if name not in TYPES
    ]
    found += _types(body)
    if not found:
        found += [*_numbers(body), *_messages(body), *_tools(body), *_output(ask)]
    return found


def _types(body: Mapping[str, object]) -> list[Problem]:
    found = []
    for name, value in body.items():
        kinds, words = TYPES.get(name, (object, ""))
        if value is None or kinds is object:
            continue
        if not isinstance(value, kinds) or (isinstance(value, bool) and words != "boolean"):
            found.append(Problem(message=f"{name}: Input should be a valid {words}", param=name))
    return found


def _numbers(body: Mapping[str, object]) -> list[Problem]:
    found = []
    for name in ("temperature", "top_p"):
        value = body.get(name)
        if isinstance(value, int | float) and not 0 <= value <= 1:
            found.append(Problem(message=f"{name}: range: 0..1", param=name))
    most = body["max_tokens"]
    if isinstance(most, int) and most < 1:
        found.append(Problem(message="max_tokens: must be greater than or equal to 1", param="max_tokens"))
    stops_given = body.get("stop_sequences")
    blank = [each for each in (stops_given if isinstance(stops_given, list) else ()) if not str(each).strip()]
    if blank:
        words = "stop_sequences: each stop sequence must contain non-whitespace"
        found.append(Problem(message=words, param="stop_sequences"))
    return found


def _messages(body: Mapping[str, object]) -> list[Problem]:
    """Turns of the same role in a row are joined by the service, so they are no breach."""
    messages = body["messages"]
    if not isinstance(messages, list) or not messages:
        return [Problem(message="messages: at least one message is required", param="messages")]
    found = []
    for at, message in enumerate(messages):
        role = message.get("role") if isinstance(message, dict) else None
        if role == "system":
            words = (
                f'messages.{at}.role: Unexpected role "system". The Messages API accepts a top-level '
                f"`system` "
                'parameter, not "system" as an input message role.'
            )
            found.append(Problem(message=words, param="messages"))
        elif role not in {"user", "assistant"}:
            found.append(Problem(message=f"messages.{at}.role: Input should be 'user' or 'assistant'"))
        else:
            found += _content(message.get("content"), at, last=at == len(messages) - 1 and role == "assistant")
    first = messages[0]
    if isinstance(first, dict) and first.get("role") == "assistant":
        found.append(Problem(message='messages: first message must use the "user" role'))
    return found


def _bad_source(source: object) -> str:
    given = source if isinstance(source, dict) else {}
    if given.get("type") not in {"base64", "url", "file"}:
        return "Input tag does not match any of the expected tags: 'base64', 'url', 'file'"
    if given["type"] != "base64":
        return ""
    if given.get("media_type") not in MEDIA_TYPES:
        return "media_type: Input should be " + ", ".join(map(repr, MEDIA_TYPES))
    return "" if is_picture(given.get("data")) else "data: invalid base64 data"


def _content(content: object, at: int, *, last: bool) -> list[Problem]:
    if isinstance(content, list):
        bad = [part for part in content if not isinstance(part, dict) or part.get("type") not in BLOCKS]
        empty = [part for part in content if isinstance(part, dict) and part.get("text") == ""]
        found = (
            [Problem(message=f"messages.{at}.content: Input tag does not match any of the expected tags")]
            if bad
            else []
        )
        found += [
            Problem(message=f"messages.{at}.content.{place}.image.source: {words}")
            for place, part in enumerate(content)
            if isinstance(part, dict) and part.get("type") == "image" and (words := _bad_source(part.get("source")))
        ]
        return found + ([Problem(message="messages: text content blocks must be non-empty")] if empty else [])
    if not isinstance(content, str):
        return [Problem(message=f"messages.{at}.content: Field required")]
    if not content and not last:
        words = "all messages must have non-empty content except for the optional final assistant message"
        return [Problem(message=f"messages.{at}: {words}")]
    if last and content != content.rstrip():
        return [Problem(message="messages: final assistant content cannot end with trailing whitespace")]
    return []


def _tools(body: Mapping[str, object]) -> list[Problem]:
    found = []
    tools = body.get("tools")
    names = []
    for at, tool in enumerate(tools if isinstance(tools, list) else ()):
        given = tool if isinstance(tool, dict) else {}
        if not isinstance(given.get("name"), str):
            found.append(Problem(message=f"tools.{at}.custom.name: Field required"))
            continue
        names.append(given["name"])
        found += _input_schema(given.get("input_schema"), at)
    choice = body.get("tool_choice")
    if isinstance(choice, dict):
        if not names:
            found.append(Problem(message="tool_choice: tool_choice may only be specified while providing tools."))
        elif choice.get("type") == "tool" and choice.get("name") not in names:
            found.append(Problem(message=f"tool_choice.name: Tool '{choice.get('name')}' not found in provided tools"))
    return found


def _input_schema(schema: object, at: int) -> list[Problem]:
    where = f"tools.{at}.custom.input_schema"
    if not isinstance(schema, dict):
        return [Problem(message=f"{where}: Field required")]
    if schema.get("type") != "object":
        return [Problem(message=f"{where}.type: Input should be 'object'")]
    if well_formed(schema) is not None:
        words = "JSON schema is invalid. It must match JSON Schema draft 2020-12"
        return [Problem(message=f"{where}: {words} (https://json-schema.org/draft/2020-12).")]
    refs = [str(part["$ref"]) for _, part in walk(schema) if "$ref" in part]
    return [
        Problem(message=f"{where}: {ref} points at nothing", refused=False)
        for ref in refs
        if resolve(schema, ref) is None
    ]


def wanted_output(ask: Ask) -> tuple[str, object] | None:
    """Where the output's format was asked for, and it."""
    config = ask.body.get("output_config")
    if isinstance(config, dict) and config.get("format") is not None:
        return "output_config.format", config["format"]
    if ask.body.get("output_format") is not None:
        return "output_format", ask.body["output_format"]
    return None


def _output(ask: Ask) -> list[Problem]:
    wanted = wanted_output(ask)
    if wanted is None:
        return []
    where, given = wanted
    if where == "output_format" and OUTPUT_BETA not in ask.headers.get("anthropic-beta", ""):
        return [Problem(message="output_format: Extra inputs are not permitted", param="output_format")]
    if not isinstance(given, dict) or given.get("type") != "json_schema":
        return [Problem(message=f"{where}.type: Input should be 'json_schema'")]
    if "schema" not in given:
        return [Problem(message=f"{where}.schema: Field required")]
    return [Problem(message=f"{where}.schema: {words}", param=where) for words in anthropic_output(given["schema"])]
