"""What LiteLLM's bundled model map says of a configured model: known, retired, or never heard of."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from gmn_llm.routing.quiet import litellm

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gmn_llm.config.chain import Deployment

__all__ = ["doubts", "retired_on"]

MAPPED = frozenset({"openai", "anthropic"})
"""Providers whose models are all in the map; elsewhere a model that is not there says nothing."""


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
