"""A schema in the words that a provider's structured output takes; bounds it does not take stay with the checks.

OpenAI's strict mode refuses bounds on the length of strings; Anthropic's structured outputs refuse bounds of every
kind. Ollama, llama.cpp and the other servers that make a grammar of the schema take them, and need them: a small
model fills a string or a list without a bound to the end of its room.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gmn_llm.routing.quiet import litellm

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gmn_llm.config.chain import Deployment

__all__ = ["in_dialect"]

LENGTHS = frozenset({"minLength", "maxLength"})
BOUNDS = LENGTHS | {
    "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minItems", "maxItems", "pattern",
}  # fmt: skip


def in_dialect(schema: Mapping[str, object], deployment: Deployment) -> dict[str, object]:
    """Return ``schema`` without the keywords that ``deployment`` would refuse it for.

    A model that LiteLLM's map knows as OpenAI's is held to OpenAI's dialect wherever it is reached; a server with a
    model of its own gets all bounds.
    """
    if deployment.provider == "anthropic":
        return _without(schema, BOUNDS)
    if deployment.provider in ("openai", "azure") and deployment.model.split("/", 1)[-1] in litellm.model_cost:
        return _without(schema, LENGTHS)
    return dict(schema)


def _without(schema: Mapping[str, object], keywords: frozenset[str]) -> dict[str, object]:
    return {key: _copied(key, value, keywords) for key, value in schema.items() if key not in keywords}


def _copied(key: str, value: object, keywords: frozenset[str]) -> object:
    if isinstance(value, list):
        return [_copied("", part, keywords) for part in value]
    if not isinstance(value, dict):
        return value
    if key in ("properties", "$defs"):  # names of the schema's own, whatever they are
        return {name: _without(part, keywords) for name, part in value.items()}
    return _without(value, keywords)
