"""A ``litellm.Router`` from a chain and the configuration: the only place that builds one."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from gmn_llm.config.document import dotted
from gmn_llm.config.masking import mask_forms
from gmn_llm.config.refusal import RefusedError
from gmn_llm.config.typed import plain_router_settings
from gmn_llm.errors import ConfigError
from gmn_llm.findings import quote
from gmn_llm.routing.background import Background
from gmn_llm.routing.fences import fence_in, take_down
from gmn_llm.routing.model_map import PRICES, map_kept, withdraw
from gmn_llm.routing.options import ALLOWED_FAILS, COOLDOWN_SECONDS, retry_count, router_options
from gmn_llm.routing.quiet import litellm
from gmn_llm.routing.replies import own_prices
from gmn_llm.routing.scrubbing import known_secrets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from gmn_llm.config.chain import Deployment, Group
    from gmn_llm.config.document import KeyPath
    from gmn_llm.config.settings import Settings

__all__ = ["ALLOWED_FAILS", "COOLDOWN_SECONDS", "build_router", "discard", "entries", "retry_count"]

POLICY_FIELDS = (
    "AuthenticationErrorAllowedFails", "TimeoutErrorAllowedFails", "RateLimitErrorAllowedFails",
    "InternalServerErrorAllowedFails", "ServiceUnavailableErrorAllowedFails", "BadGatewayErrorAllowedFails",
    "NotFoundErrorAllowedFails",
)  # fmt: skip
REFUSALS: Final = (
    ValueError, TypeError, AttributeError, LookupError, ImportError, RuntimeError, litellm.exceptions.OpenAIError,
    litellm.BadRequestError,
)  # fmt: skip
"""What the Router raises for a setting it can't work with; it has no error of its own for that."""
BUDGETS: Final = ("max_budget", "budget_duration")
SHOWN: Final = 300
"""Characters that are shown of what the Router said."""

Entry = dict[str, Any]


def build_router(
    groups: Sequence[Group],
    *,
    chain: Sequence[str],
    settings: Settings,
    router_id: Callable[[Deployment], str],
    model_name: Callable[[Deployment], str],
) -> Any:
    """Return a Router for ``groups``, in which those of ``chain`` fall over to the ones after them.

    What it is told beside its deployments says ``router_options``. It keeps to itself: what it says of a model, and
    whatever it hangs into LiteLLM, is about its own deployments alone. ``discard`` takes all of it back.

    Args:
        groups: All groups that may be asked.
        chain: The names of those that follow each other, first asked first.
        settings: The configuration, for ``router_settings``.
        router_id: The id a deployment has inside this Router.
        model_name: LiteLLM's model name for a deployment.

    Raises:
        ConfigError: The Router refuses a setting or a deployment; the message names it.
    """
    said = plain_router_settings(settings)
    models = [
        entry
        for group in groups
        for entry in entries(
            group, router_id=router_id, model_name=model_name, last=group.name not in chain[:-1], said=said
        )
    ]
    try:
        return _made(models, router_options(groups, chain=chain, settings=settings))
    except REFUSALS as error:
        options = partial(router_options, groups, chain=chain)
        path, what = next(_refused(models, options, settings), ((), "the configuration"))
        secrets = known_secrets(settings, (deployment.params for group in groups for deployment in group.deployments))
        words = mask_forms(" ".join(str(error).split()), secrets)[:SHOWN]
        message = f"{what}: LiteLLM's Router refuses it: {type(error).__name__}: {words}"
        raise RefusedError(path, message) from error


def discard(router: Any) -> None:
    """Let go of what a Router has left in LiteLLM for the whole process: callbacks, and its deployments' entries."""
    background = getattr(router, "gmn_background", None)
    if background is not None:
        background.end()
    take_down(router)
    router.discard()
    withdraw(router.model_list)


def entries(
    group: Group,
    *,
    router_id: Callable[[Deployment], str],
    model_name: Callable[[Deployment], str],
    last: bool,
    said: Mapping[str, object],
) -> Iterable[Entry]:
    """Yield the ``model_list`` entries of one group.

    Args:
        group: The group.
        router_id: The id a deployment has inside the Router.
        model_name: LiteLLM's model name for a deployment.
        last: Whether it is retried.
        said: What the configuration says to the Router.
    """
    for deployment in group.deployments:
        # Prices among the parameters of a call are entered under the model's name with each call.
        prices = {name: value for name, value in deployment.params.items() if name in PRICES}
        params = {name: value for name, value in deployment.params.items() if name not in PRICES}
        info: dict[str, object] = {**deployment.info, **prices, **own_prices(deployment), "id": router_id(deployment)}
        if deployment.context_window is not None:
            info.setdefault("max_input_tokens", deployment.context_window)
        allowed = _allowed_fails(info, said, retry_count(group) if last else 0)
        if allowed:
            info["allowed_fails_policy"] = allowed
        yield {
            "model_name": group.name,
            "litellm_params": {"drop_params": True, **params, "model": model_name(deployment)},
            "model_info": info,
        }


def _allowed_fails(info: Mapping[str, object], said: Mapping[str, object], retries: int) -> dict[str, object]:
    """Return how many failures of each kind are allowed to a deployment; empty where that is left to the Router.

    What is said of the deployment counts before what is said of all. Where nobody says anything, one that is retried
    may fail as often as it has retries, or cooling would end them. The Router is told for each deployment and each
    kind: it has other rules for the only deployment of a group, and takes ``allowed_fails: 3`` for nothing said.
    """
    own, general = info.get("allowed_fails_policy"), said.get("allowed_fails_policy")
    count = info.get("allowed_fails", said.get("allowed_fails", max(ALLOWED_FAILS, retries) if retries else None))
    layers = [own] if "allowed_fails" in info else [general, own]
    kinds = {kind: fails for layer in layers if isinstance(layer, Mapping) for kind, fails in layer.items()}
    if count is None:
        count = ALLOWED_FAILS if kinds else None
    return kinds if count is None else {**dict.fromkeys(POLICY_FIELDS, count), **kinds}


def _made(models: Sequence[Entry], options: Mapping[str, object]) -> Any:
    """Return a Router, with what it needs beside it; where it is refused, nothing of it is left."""
    ids = [str(entry["model_info"]["id"]) for entry in models]
    budgets = bool(options.get("provider_budget_config")) or any(
        entry["litellm_params"].get(name) for entry in models for name in BUDGETS
    )
    background = Background() if budgets else None
    make = partial(litellm.Router, model_list=list(models), **options)
    try:
        with map_kept(models), fence_in(ids) as fence:
            router = fence(make() if background is None else background.make(make))
    except REFUSALS:
        if background is not None:
            background.end()
        raise
    router.gmn_background = background
    return router


def _refused(
    models: Sequence[Entry], options: Callable[..., Mapping[str, object]], settings: Settings
) -> Iterator[tuple[KeyPath, str]]:
    """Yield the settings and the deployments without which the Router is content: their place in the file, in words."""
    for key in settings.router_settings:
        without = {name: value for name, value in settings.router_settings.items() if name != key}
        if _is_content(models, options, settings.model_copy(update={"router_settings": without})):
            path = ("router_settings", key)
            yield path, dotted(path)
    for entry in models:
        others = [other for other in models if other is not entry]
        if _is_content(others, options, settings):
            group, model = str(entry["model_name"]), str(entry["litellm_params"]["model"])
            yield _place(entry, settings), f"the deployment {quote(model)} of {group}"


def _place(entry: Entry, settings: Settings) -> KeyPath:
    """Return where a deployment stands in the file; the group's first place where two are alike."""
    group = str(entry["model_name"])
    bare = str(entry["litellm_params"]["model"]).split("/", 1)[-1]
    places = [at for at, each in enumerate(settings.model_list) if each.model_name == group]
    alike = (at for at in places if str(settings.model_list[at].litellm_params["model"]).endswith(bare))
    return ("model_list", next(alike, places[0])) if places else (group,)


def _is_content(models: Sequence[Entry], options: Callable[..., Mapping[str, object]], settings: Settings) -> bool:
    try:
        discard(_made(models, options(settings=settings)))
    except (*REFUSALS, ConfigError):
        return False
    return True
