"""What LiteLLM's bundled model map says of a configured model: known, retired, or never heard of."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from gmn_llm.routing.quiet import litellm
from gmn_llm.routing.replies import FREE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gmn_llm.config.chain import Deployment

__all__ = ["doubts", "known_models", "price", "prompt_window", "retired_on"]

MAPPED = frozenset({"openai", "anthropic"})
"""Providers whose models are all in the map; elsewhere a model that is not there says nothing."""


CHAT = frozenset({"chat", "completion", "responses"})
"""The modes of the map in which a model writes text."""


def retired_on(model: str) -> date | None:
    """Return the date after which ``model`` is not served any more, or None where the map has none."""
    said = (litellm.model_cost.get(model) or {}).get("deprecation_date")
    try:
        return date.fromisoformat(said) if isinstance(said, str) else None
    except ValueError:
        return None


def doubts(deployment: Deployment, *, today: date) -> Iterator[str]:
    """Yield a sentence for a model that is past its date, or of a known provider and not in the map.

    A deployment with an address of its own is left alone: its server may call its models as it likes.
    """
    bare = deployment.model.removeprefix(f"{deployment.provider}/")
    if deployment.provider not in MAPPED or deployment.params.get("api_base"):
        return
    if bare not in litellm.model_cost and deployment.model not in litellm.model_cost:
        yield f"{deployment.provider} may not have the model {bare} any more: it is not in LiteLLM's model map"
        return
    end = retired_on(bare) or retired_on(deployment.model)
    if end is not None and end < today:
        yield f"the model {bare} of {deployment.provider} was retired on {end.isoformat()}"


def known_models(provider: str) -> list[str]:
    """Return the names of all chat models that the map has of ``provider``, without its prefix, sorted."""
    said = litellm.models_by_provider.get(provider) or ()
    chat = (name for name in said if (litellm.model_cost.get(name) or {}).get("mode", "chat") in CHAT)
    return sorted(name.removeprefix(f"{provider}/") for name in chat)


def prompt_window(deployment: Deployment, *, model: str | None = None) -> int | None:
    """Return how many tokens of prompt a deployment takes, or None where nobody knows.

    Args:
        deployment: Its configuration is asked first, then the map.
        model: Another model of the same provider, which only the map can know.
    """
    if model is None:
        said = (
            deployment.context_window,
            deployment.info.get("max_input_tokens"),
            deployment.params.get("num_ctx"),
            deployment.info.get("max_tokens"),
        )
        configured = next((size for size in said if isinstance(size, int)), None)
        if configured is not None:
            return configured
    name = deployment.model if model is None else model
    bare = name.removeprefix(f"{deployment.provider}/")
    for known in (name, bare, f"{deployment.provider}/{bare}"):
        size = (litellm.model_cost.get(known) or {}).get("max_input_tokens")
        if isinstance(size, int):
            return size
    return None


def price(deployment: Deployment) -> dict[str, float] | None:
    """Return US dollars a token of ``prompt`` and of ``completion``; None where no price is known."""
    if deployment.provider in FREE:
        return {"prompt": 0.0, "completion": 0.0}
    bare = deployment.model.removeprefix(f"{deployment.provider}/")
    mapped = litellm.model_cost.get(deployment.model) or litellm.model_cost.get(bare) or {}
    own = {**deployment.info, **deployment.params}
    said = {
        key: own.get(f"{word}_cost_per_token", mapped.get(f"{word}_cost_per_token"))
        for key, word in (("prompt", "input"), ("completion", "output"))
    }
    known = {key: float(value) for key, value in said.items() if isinstance(value, int | float)}
    return known if len(known) == len(said) else None
