"""From LiteLLM's answer to ours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gmn_llm.messages import Usage
from gmn_llm.routing.quiet import litellm

if TYPE_CHECKING:
    from gmn_llm.config.chain import Deployment, Group

__all__ = [
    "FREE",
    "Said",
    "bare_model",
    "content_of",
    "cost_of",
    "deployment_id_of",
    "finish_reason_of",
    "stream_usage",
    "usage_of",
]

FREE = frozenset({"ollama_chat", "ollama", "gmn_mock"})
"""Providers whom nobody pays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What came with an answer, for those who count.

    Attributes:
        usage: Tokens and money.
        source: The reply or the stream, which has the headers.
    """

    usage: Usage
    source: object


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
    usage = getattr(reply, "usage", None)
    prompt = int(getattr(usage, "prompt_tokens", 0) or 0)
    completion = int(getattr(usage, "completion_tokens", 0) or 0)
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


def _priced(deployment: Deployment) -> bool:
    if any(name.startswith(("input_cost_per", "output_cost_per")) for name in deployment.params):
        return True
    names = (deployment.model, deployment.model.split("/", 1)[-1])
    return any(name in litellm.model_cost for name in names)


def stream_usage(usage: Any, deployment: Deployment) -> Usage:
    """Return tokens and money of a stream from the usage of its last chunk, which may be None."""
    prompt = int(getattr(usage, "prompt_tokens", 0) or 0)
    completion = int(getattr(usage, "completion_tokens", 0) or 0)
    if deployment.provider in FREE:
        return Usage(prompt_tokens=prompt, completion_tokens=completion, cost=0.0)
    if not _priced(deployment):
        return Usage(prompt_tokens=prompt, completion_tokens=completion, cost=None)
    parts = litellm.cost_per_token(model=deployment.model, prompt_tokens=prompt, completion_tokens=completion)
    return Usage(prompt_tokens=prompt, completion_tokens=completion, cost=float(sum(parts)))
