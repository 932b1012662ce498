"""What one attempt sends beyond what was asked: the mode for a schema, cache markers, and Ollama's window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gmn_llm.routing.dialects import dialect_of
from gmn_llm.routing.markers import marked, takes_markers
from gmn_llm.routing.structured import Rung, response_format

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gmn_llm.config.chain import Deployment

__all__ = ["context_size", "prompt_bytes", "shaped"]

# Two bytes a token is more than any tokenizer of the models in use needs on average, CJK text included; too
# large a window costs memory, too small a one cuts the prompt without a word (ollama/ollama#3839).
BYTES_PER_TOKEN = 2
MARGIN = 256
PICTURE_TOKENS = 3200
"""What a picture comes to at most: Qwen2.5-VL takes a token for 28 x 28 pixels, and 1,568 a side are 3,136 of them."""
SMALLEST_CONTEXT = 4096
# What a model may write when nobody says; the same as the default of `gmn.max_tokens`.
USUAL_REPLY = 4000


def prompt_bytes(messages: Iterable[Mapping[str, object]]) -> int:
    """Return the length of all texts in ``messages`` in UTF-8 bytes; a picture counts as what it comes to in tokens."""
    return sum(_content_bytes(message.get("content")) for message in messages)


def _content_bytes(content: object) -> int:
    if not isinstance(content, list):
        return len(str(content or "").encode())
    return sum(
        _content_bytes(part["text"]) if part.get("type") == "text" else PICTURE_TOKENS * BYTES_PER_TOKEN
        for part in content
    )


def context_size(prompt: int, reply: int, configured: int | None, limit: int | None) -> int:
    """Return the ``num_ctx`` that holds a prompt of ``prompt`` bytes and ``reply`` tokens.

    Ollama loads a model anew for another size, so sizes go in powers of two and never below the configured
    one.

    Args:
        prompt: UTF-8 bytes of the prompt.
        reply: Tokens of the answer.
        configured: ``num_ctx`` of the configuration, or None.
        limit: Tokens the model can hold at most, or None where nobody said.
    """
    needed = prompt // BYTES_PER_TOKEN + reply + MARGIN
    size = configured or SMALLEST_CONTEXT
    while size < needed:
        size *= 2
    return min(size, limit) if limit is not None else size


def shaped(
    kwargs: Mapping[str, object],
    *,
    deployment: Deployment,
    rung: Rung | None,
    schema: Mapping[str, object] | None,
) -> dict[str, object]:
    """Return ``kwargs`` of LiteLLM's call as this deployment is to get them.

    The time an attempt has left is not among them: LiteLLM keeps a client for each timeout it has seen, so one that
    differs with each call would cost a connection each. The exchange's own clock ends an attempt instead.
    """
    sent = dict(kwargs)
    if rung is not None and schema is not None:
        wanted = response_format(rung, schema, dialect_of(deployment))
        if wanted is not None and (rung is Rung.SCHEMA or _mentions_json(kwargs.get("messages"))):
            sent["response_format"] = wanted
        # Ours alone: a caller's own conversation may never be asked again.
        if takes_markers(deployment):
            sent["messages"] = marked(sent.get("messages"))
    if deployment.provider == "ollama_chat":
        _size_ollama(sent, deployment)
    return sent


def _mentions_json(messages: object) -> bool:
    """Return whether the word is there: OpenAI refuses ``json_object`` for a conversation without it."""
    texts = messages if isinstance(messages, list) else []
    return any("json" in str(message.get("content")).lower() for message in texts)


def _size_ollama(sent: dict[str, object], deployment: Deployment) -> None:
    reply = sent.get("max_tokens")
    if isinstance(reply, int):
        sent.pop("num_predict", None)
    else:
        reply = sent.get("num_predict")
    configured = sent.get("num_ctx")
    messages = sent.get("messages")
    sent["num_ctx"] = context_size(
        prompt_bytes(messages) if isinstance(messages, list) else 0,
        reply if isinstance(reply, int) and reply > 0 else USUAL_REPLY,
        configured if isinstance(configured, int) else None,
        deployment.context_window,
    )
