"""Which model groups answer, in which order, and with which deployments: values without behaviour."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Chain", "Deployment", "Group"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """One way to reach a model.

    Attributes:
        id: Readable and the same for the same configuration, e.g. ``openai/gpt-4o#1``; never has a key in it.
        provider: LiteLLM's name of the provider, e.g. ``openai``, ``ollama_chat`` or ``azure``.
        model: LiteLLM's name of the model, e.g. ``ollama_chat/llama3.2``.
        params: ``litellm_params`` besides ``model``, references resolved; may hold a key, so it is not shown.
        info: ``model_info`` as configured.
        structured_output: What the configuration says the deployment can do, or None.
        context_window: Tokens of prompt and answer, where the configuration says it.
        vision: Whether the model can look at pictures, where the configuration says it.
    """

    id: str
    provider: str
    model: str
    params: Mapping[str, object] = field(default_factory=dict, repr=False)
    info: Mapping[str, object] = field(default_factory=dict, repr=False)
    structured_output: str | None = None
    context_window: int | None = None
    vision: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One model group: deployments that may stand in for each other.

    Attributes:
        name: What ``provider_type`` and ``fallbacks`` call it: the section's or the group's name.
        provider: ``openai``, ``anthropic``, ``ollama``, ``mock``, or the name again for a ``model_list``
        group.
        model: The first deployment's model without LiteLLM's prefix, e.g. ``gpt-4o``.
        deployments: At least one.
        max_retries: How often a failed request is asked again at most where no fallback is left; None where nobody
            said.
        retry_policy: The same by LiteLLM's names of the kinds of failures, where the configuration says it so.
    """

    name: str
    provider: str
    model: str
    deployments: tuple[Deployment, ...]
    max_retries: int | None = None
    retry_policy: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """The groups that answer a request, first asked first.

    Attributes:
        groups: At least one.
        unasked_mock: The mock answers and nobody named it; whoever prints says so in one line.
        notes: What was changed or left out on the way, in words, without keys.
    """

    groups: tuple[Group, ...]
    unasked_mock: bool = False
    notes: tuple[str, ...] = ()

    @property
    def mock_only(self) -> bool:
        """True when nothing but the mock is in the chain, so that LiteLLM is not needed."""
        return all(group.provider == "mock" for group in self.groups)

    @property
    def names(self) -> tuple[str, ...]:
        """The groups' names, in order."""
        return tuple(group.name for group in self.groups)

    def group(self, name: str) -> Group | None:
        """Return the group of that name, or None."""
        return next((group for group in self.groups if group.name == name), None)
