"""Whether LiteLLM knows whom to ask for a model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gmn_llm.errors import ConfigError
from gmn_llm.routing.quiet import litellm

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gmn_llm.config.chain import Deployment, Group

__all__ = ["is_known", "refuse_unknown"]


def is_known(group: Group) -> bool:
    """Return whether LiteLLM knows the provider of every deployment of a group."""
    return all(map(_is_known, group.deployments))


def refuse_unknown(groups: Iterable[Group]) -> None:
    """Refuse groups with a deployment whose provider LiteLLM does not know.

    Raises:
        ConfigError: There is one; the message names group and model.
    """
    for group in groups:
        for deployment in group.deployments:
            if not _is_known(deployment):
                raise ConfigError(
                    f"LiteLLM knows no provider for the model {deployment.model} of {group.name}",
                    hint="begin the model with a provider, such as openai/ or azure/, or set custom_llm_provider",
                )


def _is_known(deployment: Deployment) -> bool:
    if deployment.provider == "gmn_mock":
        return True
    try:
        litellm.get_llm_provider(
            model=deployment.model,
            custom_llm_provider=deployment.params.get("custom_llm_provider"),
            api_base=deployment.params.get("api_base"),
        )
    except litellm.BadRequestError:
        return False
    return True
