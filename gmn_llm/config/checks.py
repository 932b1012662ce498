"""What is wrong with a configuration beyond its shape: small generators of problems."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from gmn_llm.config.document import KeyPath, Problem, dotted
from gmn_llm.config.names import (
    LIMITS,
    LITELLM_PARAM_SHAPES,
    LITELLM_PARAMS,
    PROVIDERS,
    ROUTER_SETTING_SHAPES,
    ROUTER_SETTINGS,
    is_litellm_param,
)
from gmn_llm.config.near import near, nearest
from gmn_llm.config.references import references, variable_of
from gmn_llm.config.shape import fits, mismatch
from gmn_llm.findings import quote

if TYPE_CHECKING:
    from gmn_llm.config.settings import Settings

__all__ = ["problems_of", "unset_references"]

STEPS = ("fallbacks", "context_window_fallbacks", "content_policy_fallbacks")


def problems_of(settings: Settings) -> Iterator[Problem]:
    """Yield what the types alone can't see: names that belong to nothing, in either shape."""
    yield from _group_problems(settings)
    yield from _entry_problems(settings)
    yield from _router_problems(settings)
    yield from _router_fallback_problems(settings)
    for name in settings.limits:
        if name not in LIMITS:
            yield Problem(("limits", name), f"limits.{name} is not a limit{nearest(name, LIMITS)}")


def unset_references(settings: Settings, environ: Mapping[str, str], *, named: bool = True) -> Iterator[Problem]:
    """Yield the references to unset variables.

    Args:
        settings: The configuration.
        environ: The variables there are.
        named: Whether the parts are looked at that are asked for by name, which need them; otherwise those that are
            left out without them.
    """
    asked = {settings.provider, *settings.fallbacks}
    sections = [name for name in PROVIDERS if (name in asked) is named]
    parts: list[tuple[str, object]] = [(name, getattr(settings, name)) for name in sections]
    if named:
        parts += [(name, getattr(settings, name)) for name in ("model_list", "router_settings", "cache")]
    for name, part in parts:
        for path, variable in references(part, (name,)):
            if not environ.get(variable):
                words = f"{dotted(path)} refers to the environment variable {variable}, which is not set"
                yield Problem(path, words + near(variable, (name for name in environ if environ[name])))


def _group_problems(settings: Settings) -> Iterator[Problem]:
    groups = settings.group_names
    known = (*PROVIDERS, *groups)
    if settings.provider is not None and settings.provider not in ("auto", *known):
        words = f"provider {quote(settings.provider)} is not configured"
        yield Problem(("provider",), words + nearest(settings.provider, ("auto", *known)))
    for index, name in enumerate(settings.fallbacks):
        path: KeyPath = ("fallbacks", index)
        if name not in known:
            words = f"{dotted(path)} names {quote(name)}, which is not configured"
            yield Problem(path, words + nearest(name, known))
    for index, entry in enumerate(settings.model_list):
        if entry.model_name in PROVIDERS or entry.model_name == "auto":
            path = ("model_list", index, "model_name")
            words = f"{dotted(path)}: {entry.model_name!r} is the name of a provider"
            yield Problem(path, f"{words}; a model group needs another")


def _entry_problems(settings: Settings) -> Iterator[Problem]:
    for index, entry in enumerate(settings.model_list):
        base: KeyPath = ("model_list", index, "litellm_params")
        for key, value in entry.litellm_params.items():
            path = (*base, key)
            shape = LITELLM_PARAM_SHAPES.get(key)
            if not is_litellm_param(key):
                words = f"{dotted(path)} is not one of LiteLLM's parameters{nearest(key, LITELLM_PARAMS)}"
                yield Problem(path, f"{words} (what only the provider knows goes under extra_body)")
            elif shape is not None and variable_of(value) is None and not fits(shape, value):
                yield Problem(path, f"{dotted(path)}: {mismatch(shape, value, path)}")
        if not entry.litellm_params.get("model"):
            path = (*base, "model")
            yield Problem(path, f"{dotted(path)} is missing: a text such as openai/gpt-4o is expected")


def _router_problems(settings: Settings) -> Iterator[Problem]:
    for key, value in settings.router_settings.items():
        path: KeyPath = ("router_settings", key)
        shape = ROUTER_SETTING_SHAPES.get(key)
        if key not in ROUTER_SETTINGS:
            words = f"{dotted(path)} is not one of LiteLLM's Router settings"
            yield Problem(path, words + nearest(key, ROUTER_SETTINGS))
        elif shape is not None and variable_of(value) is None and not fits(shape, value):
            yield Problem(path, f"{dotted(path)}: {mismatch(shape, value, path)}")


def _router_fallback_problems(settings: Settings) -> Iterator[Problem]:
    known = (*PROVIDERS, *settings.group_names)
    aliases = settings.router_settings.get("model_group_alias")
    if isinstance(aliases, Mapping):
        known = (*known, *map(str, aliases))
    named: list[tuple[KeyPath, object]] = []
    for key in STEPS:
        named += _fallback_names(settings.router_settings.get(key) or (), ("router_settings", key))
    default = settings.router_settings.get("default_fallbacks")
    if isinstance(default, list | tuple):
        named += [(("router_settings", "default_fallbacks", index), name) for index, name in enumerate(default)]
    for path, name in named:
        if name is None:
            yield Problem(path, f"{dotted(path)}: a list of mappings is expected, such as [{{gmn: [ollama]}}]")
        elif name not in known and name != "*":
            words = f"{dotted(path)} names {quote(name)}, which is not configured"
            yield Problem(path, words + nearest(str(name), known))


def _fallback_names(value: object, path: KeyPath) -> Iterator[tuple[KeyPath, str | None]]:
    """Yield path and name of every group in a list such as ``[{gmn: [ollama]}]``; None where the shape is wrong."""
    if not isinstance(value, list | tuple):
        yield path, None
        return
    for index, step in enumerate(value):
        if not isinstance(step, Mapping):
            yield (*path, index), None
            continue
        for group, targets in step.items():
            yield (*path, index, str(group)), str(group)
            if not isinstance(targets, list | tuple):
                yield (*path, index, str(group)), None
                continue
            for place, target in enumerate(targets):
                yield (*path, index, str(group), place), target if isinstance(target, str) else None
