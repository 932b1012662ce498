"""What is known of the model a provider asks first: whether it is there, what it takes, what it costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gmn_llm.listing import is_served, served_models

if TYPE_CHECKING:
    from gmn_llm.config import Group

__all__ = ["AboutModel"]


class AboutModel:
    """Answers for the first deployment of a model group.

    Args:
        group: The group.
    """

    def __init__(self, group: Group) -> None:
        self._group = group
        self._deployment = group.deployments[0]

    @property
    def name(self) -> str:
        """The model group that is asked first, e.g. ``openai``."""
        return self._group.name

    @property
    def model(self) -> str:
        """The first group's model, e.g. ``gpt-4o``."""
        return self._group.model

    async def list_models(self) -> list[str]:
        """Return the names of the models that the first group's provider has, sorted; for Ollama what is pulled.

        A provider without a list of its own that can be asked (anything but OpenAI's, Anthropic's and Ollama's
        protocols) is answered for by LiteLLM's model map.

        Raises:
            LLMError: The provider can't be reached or refuses; one of its subclasses.
        """
        served = await served_models(self._deployment)
        if served is None:
            from gmn_llm.routing.models import known_models  # LiteLLM takes its time

            return known_models(self._deployment.provider)
        return served

    async def validate_model(self, model: str | None = None) -> bool:
        """Return whether the provider has ``model``, by default the configured one.

        Raises:
            LLMError: The provider can't be reached or refuses; one of its subclasses.
        """
        wanted = self.model if model is None else model
        return is_served(wanted, await self.list_models())

    def get_token_limit(self, model: str | None = None) -> int | None:
        """Return how many tokens of prompt a model takes, by default the configured one; None where nobody knows.

        The configuration is asked first (``context_window``, ``num_ctx``, ``model_info.max_input_tokens``), then
        LiteLLM's bundled model map; nobody is called.
        """
        if self._deployment.provider == "gmn_mock":
            return None
        from gmn_llm.routing.models import prompt_window  # LiteLLM takes its time

        other = model is not None and model != self.model
        return prompt_window(self._deployment, model=model if other else None)

    def get_price(self) -> dict[str, float] | None:
        """Return US dollars a token of ``prompt`` and of ``completion``, or None where no price is known.

        By LiteLLM's bundled map, or by the configuration's own ``input_cost_per_token`` and its like; nobody is called.
        """
        if self._deployment.provider == "gmn_mock":
            return {"prompt": 0.0, "completion": 0.0}
        from gmn_llm.routing.models import price  # LiteLLM takes its time

        return price(self._deployment)
