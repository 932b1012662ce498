"""Which dialect of JSON Schema a deployment takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gmn_llm.gmn.provider_schema import Dialect
from gmn_llm.routing.quiet import litellm

if TYPE_CHECKING:
    from gmn_llm.config.chain import Deployment

__all__ = ["dialect_of"]

BY_PROVIDER = {
    "gemini": Dialect.GEMINI,
    "llamafile": Dialect.LLAMA_CPP,
    "ollama": Dialect.OLLAMA,
    "ollama_chat": Dialect.OLLAMA,
}


def dialect_of(deployment: Deployment) -> Dialect:
    """Return the dialect in which ``deployment`` is held to a schema.

    A model that LiteLLM's map knows as OpenAI's has OpenAI's dialect wherever it is reached, and one of Anthropic's
    has Anthropic's; a server with a model of its own gets all that is standard.
    """
    provider, bare = deployment.provider, deployment.model.rsplit("/", 1)[-1]
    if provider in BY_PROVIDER:
        return BY_PROVIDER[provider]
    if provider == "anthropic" or "claude" in bare:
        return Dialect.ANTHROPIC if _has_structured_outputs(deployment, bare) else Dialect.ANTHROPIC_TOOL
    if provider == "vertex_ai" and "gemini" in bare:
        return Dialect.GEMINI
    known = litellm.model_cost.get(bare) or {}
    return Dialect.OPENAI if known.get("litellm_provider") == "openai" else Dialect.PLAIN


def _has_structured_outputs(deployment: Deployment, bare: str) -> bool:
    """Return whether LiteLLM asks Anthropic's model for structured output; where not, it forces a tool."""
    asks = litellm.utils.supports_native_structured_output
    return bool(asks(deployment.model, deployment.provider) or asks(bare, "anthropic"))
