"""What a Router is told beside its model list: what the configuration says, and ours where it says nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from gmn_llm.config.retries import PASSING, RETRIES
from gmn_llm.config.typed import plain_router_settings
from gmn_llm.routing.quiet import litellm
from gmn_llm.routing.windows import longer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gmn_llm.config.chain import Group
    from gmn_llm.config.settings import Settings

__all__ = ["ALLOWED_FAILS", "COOLDOWN_SECONDS", "retry_count", "router_options"]

ALLOWED_FAILS: Final = 1
COOLDOWN_SECONDS: Final = 30.0

TAKEN_IN: Final = frozenset({"fallbacks", "default_fallbacks", "num_retries", "retry_policy"})
"""Settings that do not go to the Router as they are: the chain has the first two, its last group the others."""


def router_options(groups: Sequence[Group], *, chain: Sequence[str], settings: Settings) -> dict[str, object]:
    """Return the keyword arguments of a Router, without its ``model_list``.

    Retries happen in the chain's last group only, because before it a fallback is nearer than a pause: ``num_retries``
    and ``retry_policy`` of the configuration are that group's (and those of groups outside the chain), and what a
    group's own ``model_group_retry_policy`` says is left as it is. A prompt that is too long goes on to groups with a
    longer window, and to no others. One failure a minute is allowed to a deployment, the second cools it down for 30 s.

    LiteLLM's check of ``rpm`` and ``tpm`` counts where several processes share the counts by Redis; within one they are
    counted more exactly here.

    Args:
        groups: All groups that may be asked.
        chain: The names of those that follow each other, first asked first.
        settings: The configuration.

    Raises:
        ConfigError: A setting stands in a variable that is not set.
    """
    said = plain_router_settings(settings)
    members = [group for name in chain for group in groups if group.name == name]
    shared = any(said.get(key) for key in ("redis_url", "redis_host"))
    options: dict[str, object] = {
        "allowed_fails": ALLOWED_FAILS,
        "cooldown_time": COOLDOWN_SECONDS,
        "routing_strategy": "simple-shuffle",
        "enable_pre_call_checks": True,
        "optional_pre_call_checks": ["enforce_model_rate_limits"] if shared else [],
        "max_fallbacks": max(len(chain), 5),
        "fallbacks": [{name: list(chain[place + 1 :])} for place, name in enumerate(chain[:-1])],
        "context_window_fallbacks": [
            {group.name: longer(group, members[place + 1 :])} for place, group in enumerate(members)
        ],
        **{key: value for key, value in said.items() if key not in TAKEN_IN},
        "num_retries": 0,
        "model_group_retry_policy": _retries(groups, chain, settings),
    }
    if isinstance(options.get("provider_budget_config"), Mapping):
        options["provider_budget_config"] = _budgets(said["provider_budget_config"])
    alerting = options.get("alerting_config")
    if isinstance(alerting, Mapping):
        options["alerting_config"] = litellm.types.router.AlertingConfig(**alerting)
    return options


def retry_count(group: Group) -> int:
    """Return how often a failed request at ``group`` is asked again at most where no fallback is left."""
    return RETRIES if group.max_retries is None else group.max_retries


def _retries(groups: Sequence[Group], chain: Sequence[str], settings: Settings) -> dict[str, object]:
    """Return the retries of each group by the kind of failure, as ``model_group_retry_policy`` takes them."""
    given = settings.router_settings.get("model_group_retry_policy")
    named = {settings.group_of(str(name)) for name in given} if isinstance(given, Mapping) else set()
    found: dict[str, object] = {}
    for group in groups:
        if group.name in chain[:-1] and group.name not in named:
            continue
        count = retry_count(group)
        if group.retry_policy is not None:
            found[group.name] = dict(group.retry_policy)
        elif group.name == chain[-1] and count:
            found[group.name] = dict.fromkeys(PASSING, count)
    return found


def _budgets(said: object) -> dict[str, object]:
    """Return the budgets of providers under the two names by which the Router reads them; it takes others in vain."""
    names = {"max_budget": "budget_limit", "budget_duration": "time_period"}
    budgets = said.items() if isinstance(said, Mapping) else ()
    return {provider: {names.get(name, name): value for name, value in part.items()} for provider, part in budgets}
