"""From LiteLLM's answer to ours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gmn_llm.messages import Usage
from gmn_llm.routing.quiet import litellm

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gmn_llm.config.chain import Deployment, Group

__all__ = [
    "FREE",
    "Said",
    "bare_model",
    "content_of",
    "cost_of",
    "deployment_id_of",
    "finish_reason_of",
    "own_prices",
    "said_in_stream",
    "stream_usage",
    "usage_of",
]

PER_TOKEN = ("input_cost_per_token", "output_cost_per_token")
"""The prices that a deployment can have of its own, where the others are the model's."""
FREE = frozenset({"ollama_chat", "ollama", "gmn_mock"})
"""Providers whom nobody pays."""
TIERS = "tiered_pricing"
"""Where LiteLLM's map has prices that go by the length of the prompt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What came with an answer, for those who count.

    Attributes:
        usage: Tokens and money.
        source: The reply or the stream, which has the headers.
        reason: Why the model stopped, where the source does not say it.
    """

    usage: Usage
    source: object
    reason: str = ""

    @property
    def finish_reason(self) -> str:
        """Why the model stopped."""
        return self.reason or finish_reason_of(self.source)

    @property
    def model(self) -> str | None:
        """The model that the answer says it is of."""
        pieces = getattr(self.source, "chunks", None)  # a stream's own attribute is the model that was asked for
        model = getattr(pieces[0] if pieces else self.source, "model", None)
        return model if isinstance(model, str) and model else None


def content_of(reply: Any) -> str:
    """Return the text of the first choice; empty where there is none."""
    choices = getattr(reply, "choices", None) or ()
    content = getattr(choices[0].message, "content", None) if choices else None
    return content if isinstance(content, str) else ""


def finish_reason_of(reply: Any) -> str:
    """Return why the model stopped, ``stop`` where nothing is said."""
    choices = getattr(reply, "choices", None) or ()
    return str(getattr(choices[0], "finish_reason", None) or "stop") if choices else "stop"


def deployment_id_of(reply: Any) -> str:
    """Return the Router's id of the deployment that answered."""
    return str((getattr(reply, "_hidden_params", None) or {}).get("model_id"))


def usage_of(reply: Any, deployment: Deployment) -> Usage:
    """Return tokens and money of one reply."""
    prompt, completion = _tokens(getattr(reply, "usage", None))
    return Usage(prompt_tokens=prompt, completion_tokens=completion, cost=cost_of(reply, deployment))


def cost_of(reply: Any, deployment: Deployment) -> float | None:
    """Return US dollars by LiteLLM's price map; 0.0 where nobody is paid, None where no price is known."""
    if deployment.provider in FREE:
        return 0.0
    if not _priced(deployment):
        return None
    cost = (getattr(reply, "_hidden_params", None) or {}).get("response_cost")
    return float(cost) if isinstance(cost, int | float) else None


def bare_model(deployment: Deployment, group: Group) -> str:
    """Return the provider's own name of the model, e.g. ``gpt-4o``."""
    if deployment.provider == "gmn_mock":
        return group.model
    prefix = f"{deployment.provider}/"
    return deployment.model.removeprefix(prefix) if deployment.provider else deployment.model


def said_in_stream(stream: Any) -> tuple[int, int] | None:
    """Return the tokens of prompt and answer as the provider said them last, or None where it did not.

    LiteLLM makes up a count where a stream ends without one, and takes a first guess of the provider's for the last
    word where that is nothing; what came is in the pieces it keeps.
    """
    said = [usage for piece in stream.chunks if (usage := getattr(piece, "usage", None)) is not None]
    counts = [_tokens(usage) for usage in said]
    prompts = [prompt for prompt, _ in counts if prompt]
    return (prompts[-1] if prompts else 0, counts[-1][1]) if counts else None


def stream_usage(stream: Any, last: Any, deployment: Deployment) -> Usage:
    """Return tokens and money of a stream.

    Args:
        stream: LiteLLM's stream, at its end.
        last: LiteLLM's own sum, where it said one and the provider did not.
        deployment: Who answered.
    """
    prompt, completion = said_in_stream(stream) or _tokens(last)
    if deployment.provider in FREE:
        return Usage(prompt_tokens=prompt, completion_tokens=completion, cost=0.0)
    if not _priced(deployment):
        return Usage(prompt_tokens=prompt, completion_tokens=completion, cost=None)
    parts = litellm.cost_per_token(
        model=deployment.model,
        prompt_tokens=prompt,
        completion_tokens=completion,
        custom_cost_per_token=own_prices(deployment) or None,
    )
    return Usage(prompt_tokens=prompt, completion_tokens=completion, cost=float(sum(parts)))


def own_prices(deployment: Deployment) -> dict[str, float]:
    """Return US dollars a token, read and written, where the configuration says one of them; the other is the map's."""
    own = {**deployment.info, **deployment.params}
    if not any(name in own for name in PER_TOKEN):
        return {}
    names = (deployment.model, deployment.model.split("/", 1)[-1])
    mapped: Mapping[str, Any] = next((litellm.model_cost[name] for name in names if litellm.model_cost.get(name)), {})
    said = {name: own.get(name, mapped.get(name)) for name in PER_TOKEN}
    return {name: float(value) if isinstance(value, int | float) else 0.0 for name, value in said.items()}


def _priced(deployment: Deployment) -> bool:
    """Return whether there is a price; the Router enters each model that it is given into the map, without one."""
    names = (deployment.model, deployment.model.split("/", 1)[-1])
    places = (deployment.params, deployment.info, *(litellm.model_cost.get(name) or {} for name in names))
    prices = (price for place in places for key, price in place.items() if "_cost_per_" in key or key == TIERS)
    return any(price is not None for price in prices)


def _tokens(usage: Any) -> tuple[int, int]:
    """Return the tokens of prompt and answer, 0 for what is no count: servers say odd things here."""
    counts = (getattr(usage, name, None) for name in ("prompt_tokens", "completion_tokens"))
    prompt, completion = (max(count, 0) if isinstance(count, int) else 0 for count in counts)
    return prompt, completion
