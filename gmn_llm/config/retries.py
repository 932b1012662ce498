"""How often a failed request is asked again: what each part of a configuration says of it, brought together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gmn_llm.config.names import LITELLM_PARAM_SHAPES, ROUTER_SETTING_SHAPES
from gmn_llm.config.references import resolved
from gmn_llm.config.typed import typed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gmn_llm.config.settings import Settings

__all__ = ["ENTRY_KEYS", "PASSING", "RETRIES", "Retries", "retries_of"]

RETRIES: Final = 2
"""Retries where the configuration says nothing; the OpenAI library's own default."""
ENTRY_KEYS: Final = ("max_retries", "num_retries", "retry_policy")
"""Of the parameters of a deployment: with them LiteLLM asks it again at once, before a fallback that is there."""
PASSING: Final = (
    "RateLimitErrorRetries", "TimeoutErrorRetries", "InternalServerErrorRetries", "ServiceUnavailableErrorRetries",
)  # fmt: skip
"""The failures that may pass; the others would be the same again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retries:
    """The retries of one group where no fallback is left.

    Attributes:
        most: The most of any kind of failure; None where nothing is said.
        policy: By LiteLLM's names of the kinds; None where none is said by kind.
    """

    most: int | None = None
    policy: Mapping[str, int] | None = None


def retries_of(
    name: str,
    settings: Settings,
    environ: Mapping[str, str],
    *,
    count: int | None = None,
    entries: Sequence[Mapping[str, object]] = (),
) -> Retries:
    """Return the retries of a group.

    What is said of the group itself counts before what is said of all: first its ``model_group_retry_policy``, then
    the count of its section or of its entries, then ``retry_policy``, then ``num_retries``. Kinds of failures that a
    policy does not name have the count.

    Args:
        name: The group.
        settings: The configuration.
        environ: The variables there are.
        count: What the group's section says.
        entries: The parameters of its deployments, where it is one of a ``model_list``.

    Raises:
        KeyError: A variable is not set.
    """
    own = _policy_of(name, settings)
    for entry in entries:
        policy = entry.get("retry_policy")
        own = dict(policy) if own is None and isinstance(policy, Mapping) else own
        counts = (typed(LITELLM_PARAM_SHAPES[key], resolved(entry.get(key), environ)) for key in ENTRY_KEYS[:2])
        count = next((each for each in counts if count is None and isinstance(each, int)), count)
    general = settings.router_settings.get("retry_policy")
    if own is None and count is None and isinstance(general, Mapping):
        own = dict(general)
    if count is None:
        key = "num_retries"
        said = typed(ROUTER_SETTING_SHAPES[key], resolved(settings.router_settings.get(key), environ))
        count = said if isinstance(said, int) else None
    if own is None:
        return Retries(most=count)
    if "DefaultRetries" not in own:
        own = {**dict.fromkeys(PASSING, RETRIES if count is None else count), **own}
    return Retries(most=max(own.values()), policy=own)


def _policy_of(name: str, settings: Settings) -> dict[str, int] | None:
    said = settings.router_settings.get("model_group_retry_policy")
    for group, policy in said.items() if isinstance(said, Mapping) else ():
        if settings.group_of(str(group)) == name and isinstance(policy, Mapping):
            return dict(policy)
    return None
