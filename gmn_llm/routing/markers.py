"""Where a provider's own prompt cache is told what stays the same from call to call.

Anthropic keeps a prompt only up to a marker (https://platform.claude.com/docs/en/build-with-claude/prompt-caching), for
at least five minutes; to write one costs a quarter more than to read the prompt, and to find one a tenth of it. Others
(OpenAI, llama.cpp, Ollama) find equal beginnings by themselves.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from gmn_llm.routing.quiet import litellm

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gmn_llm.config.chain import Deployment

__all__ = ["marked", "takes_markers"]


def takes_markers(deployment: Deployment) -> bool:
    """Return whether the deployment's model keeps what is marked, by its name and LiteLLM's bundled map."""
    return "claude" in deployment.model and _caches(deployment.model)


@lru_cache(maxsize=256)
def _caches(model: str) -> bool:
    return bool(litellm.utils.supports_prompt_caching(model=model))


def marked(messages: object) -> object:
    """Return ``messages`` with a marker at the end of the first, where that is a system message in plain text."""
    if not isinstance(messages, list) or not messages:
        return messages
    first: Mapping[str, object] = messages[0]
    text = first.get("content")
    if first.get("role") != "system" or not isinstance(text, str):
        return messages
    part = {"type": "text", "text": text, "cache_control": {"type": "ephemeral"}}
    return [{**first, "content": [part]}, *messages[1:]]
