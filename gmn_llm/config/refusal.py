"""A configuration that only those below can refuse: what is wrong, and where in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gmn_llm.config.checks import STEPS
from gmn_llm.config.document import Problem
from gmn_llm.config.names import ROUTER_SETTING_SHAPES
from gmn_llm.errors import ConfigError

if TYPE_CHECKING:
    from gmn_llm.config.document import KeyPath
    from gmn_llm.config.settings import Settings

__all__ = ["RefusedError", "worth_trying"]


CHECKED: Final = ({*STEPS} | ROUTER_SETTING_SHAPES.keys()) - {"provider_budget_config", "plugins"}
"""Settings of the Router in which it finds nothing that was not found on loading."""


class RefusedError(ConfigError):
    """LiteLLM can't work with a part of the configuration.

    Attributes:
        problem: What is wrong, and the keys that lead to it.
    """

    def __init__(self, path: KeyPath, message: str, *, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.problem = Problem(path, message)


def worth_trying(settings: Settings, *, instead_of: Settings | None = None) -> bool:
    """Return whether LiteLLM could refuse something in the configuration: what is checked nowhere before.

    Args:
        settings: The configuration.
        instead_of: One that is known to be all right.
    """

    def unchecked(each: Settings | None) -> tuple[object, ...]:
        if each is None:
            return ()
        sections = (each.openai, each.anthropic, each.ollama)
        router = {key: value for key, value in each.router_settings.items() if key not in CHECKED}
        return each.model_list, router, *(section and section.params for section in sections)

    return unchecked(settings) != unchecked(instead_of) and any(unchecked(settings))
