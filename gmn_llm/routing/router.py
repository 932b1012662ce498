"""A ``litellm.Router`` from a chain and the configuration: the only place that builds one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gmn_llm.config.environment import environment_of
from gmn_llm.config.references import resolved
from gmn_llm.routing.quiet import litellm
from gmn_llm.routing.windows import longer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from gmn_llm.config.chain import Deployment, Group
    from gmn_llm.config.settings import Settings

__all__ = ["ALLOWED_FAILS", "COOLDOWN_SECONDS", "RETRIES", "build_router", "entries", "retry_count"]

ALLOWED_FAILS = 1
COOLDOWN_SECONDS = 30.0
RETRIES = 2
"""Retries of the last group where the configuration says nothing; the OpenAI library's own default."""

TAKEN_IN = frozenset({"fallbacks", "default_fallbacks"})

POLICY_FIELDS = (
    "AuthenticationErrorAllowedFails", "TimeoutErrorAllowedFails", "RateLimitErrorAllowedFails",
    "InternalServerErrorAllowedFails", "ServiceUnavailableErrorAllowedFails", "BadGatewayErrorAllowedFails",
    "NotFoundErrorAllowedFails",
)  # fmt: skip


def build_router(
    groups: Sequence[Group],
    *,
    chain: Sequence[str],
    settings: Settings,
    router_id: Callable[[Deployment], str],
    model_name: Callable[[Deployment], str],
) -> Any:
    """Return a Router for ``groups``, in which those of ``chain`` fall over to the ones after them.

    Retries happen in the chain's last group only, because before it a fallback is nearer than a pause. A prompt
    that is too long goes on to groups with a longer window, and to no others. One failure a minute is allowed to a
    deployment, the second cools it down for 30 s; a deployment that is retried is allowed as many failures as it has
    retries, or cooling would end them. What ``router_settings`` says wins over all of this but the fallbacks, which
    the chain has taken in already.

    Args:
        groups: All groups that may be asked.
        chain: The names of those that follow each other, first asked first.
        settings: The configuration, for ``router_settings``.
        router_id: The id a deployment has inside this Router.
        model_name: LiteLLM's model name for a deployment.
    """
    last = chain[-1]
    members = [group for name in chain for group in groups if group.name == name]
    plain = resolved(settings.router_settings, environment_of(settings))
    given = {key: value for key, value in plain.items() if key not in TAKEN_IN} if isinstance(plain, dict) else {}
    options: dict[str, object] = {
        "num_retries": 0,
        "allowed_fails": ALLOWED_FAILS,
        "cooldown_time": COOLDOWN_SECONDS,
        "routing_strategy": "simple-shuffle",
        "enable_pre_call_checks": True,
        "optional_pre_call_checks": ["enforce_model_rate_limits"],
        "max_fallbacks": max(len(chain), 5),
        "fallbacks": [{name: list(chain[place + 1 :])} for place, name in enumerate(chain[:-1])],
        "context_window_fallbacks": [
            {group.name: longer(group, members[place + 1 :])} for place, group in enumerate(members)
        ],
        **_retries(next(group for group in groups if group.name == last)),
        **given,
    }
    models = [
        entry
        for group in groups
        for entry in entries(group, router_id=router_id, model_name=model_name, last=group.name not in chain[:-1])
    ]
    return litellm.Router(model_list=models, **options)


def entries(
    group: Group,
    *,
    router_id: Callable[[Deployment], str],
    model_name: Callable[[Deployment], str],
    last: bool,
) -> Iterable[dict[str, object]]:
    """Yield the ``model_list`` entries of one group."""
    for deployment in group.deployments:
        info: dict[str, object] = {**deployment.info, "id": router_id(deployment)}
        if deployment.context_window is not None:
            info.setdefault("max_input_tokens", deployment.context_window)
        if last and "allowed_fails" not in info:
            fails = max(ALLOWED_FAILS, retry_count(group))
            info.setdefault("allowed_fails_policy", dict.fromkeys(POLICY_FIELDS, fails))
        yield {
            "model_name": group.name,
            "litellm_params": {"drop_params": True, **deployment.params, "model": model_name(deployment)},
            "model_info": info,
        }


def retry_count(group: Group) -> int:
    """Return how often a failed request at ``group`` is asked again where no fallback is left."""
    return RETRIES if group.max_retries is None else group.max_retries


def _retries(last: Group) -> Mapping[str, object]:
    count = retry_count(last)
    if not count:
        return {}
    policy = litellm.RetryPolicy(
        RateLimitErrorRetries=count,
        TimeoutErrorRetries=count,
        InternalServerErrorRetries=count,
        ServiceUnavailableErrorRetries=count,
    )
    return {"model_group_retry_policy": {last.name: policy}}
