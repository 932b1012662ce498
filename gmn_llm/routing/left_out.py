"""Parameters a model does not take: LiteLLM leaves them out without a word, so a word is said here, once."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from gmn_llm.routing.quiet import litellm

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gmn_llm.config.chain import Deployment

__all__ = ["LeftOut"]

LOG = logging.getLogger("gmn_llm.routing")
MOST = 1000
"""As many values are remembered at once: a caller may come with another seed in each call."""
WATCHED = ("temperature", "top_p", "stop", "seed", "frequency_penalty", "presence_penalty", "logit_bias")


class LeftOut:
    """Notes which parameters do not reach a deployment, as LiteLLM's own translation of them tells."""

    def __init__(self) -> None:
        self._known: set[tuple[str, str, object]] = set()
        self._told: set[tuple[str, str]] = set()

    def tell(self, deployment: Deployment, sent: Mapping[str, object]) -> None:
        """Warn of parameters of an attempt that its model does not take; of each once for a deployment.

        Args:
            deployment: Who is asked.
            sent: The arguments of LiteLLM's call.
        """
        for name in WATCHED:
            value = sent.get(name)
            if value is None:
                continue
            # Some models take one temperature and not another.
            key = (deployment.id, name, value if isinstance(value, int | float) else None)
            if key not in self._known:
                if len(self._known) >= MOST:
                    self._known.clear()
                self._known.add(key)
                if (deployment.id, name) not in self._told and _is_left_out(deployment, name, value):
                    self._told.add((deployment.id, name))
                    LOG.warning("%s does not take %s; it is left out", deployment.id, name)


def _is_left_out(deployment: Deployment, name: str, value: object) -> bool:
    if deployment.provider == "gmn_mock" or deployment.params.get("drop_params") is False:
        return False

    def translated(**params: object) -> object:
        model = deployment.model.removeprefix(f"{deployment.provider}/")
        return litellm.utils.get_optional_params(
            model=model, custom_llm_provider=deployment.provider, drop_params=True, **params
        )

    return bool(translated(**{name: value}) == translated())
