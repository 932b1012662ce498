"""What is wrong with a configuration beyond its shape: small generators of problems."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from gmn_llm.config.document import KeyPath, Problem, dotted
from gmn_llm.config.entries import addressed, entry_problems, shape_faults
from gmn_llm.config.inside import faults
from gmn_llm.config.names import (
    KEY_VARIABLES,
    LIMITS,
    PROVIDERS,
    ROUTER_SETTING_SHAPES,
    ROUTER_SETTINGS,
    STRATEGIES,
    STRATEGY_ARGUMENTS,
)
from gmn_llm.config.near import near, nearest
from gmn_llm.config.references import references, variable_of
from gmn_llm.config.shape import fits
from gmn_llm.findings import quote

if TYPE_CHECKING:
    from gmn_llm.config.settings import Settings

__all__ = ["problems_of", "unset_references"]

STEPS = ("fallbacks", "context_window_fallbacks", "content_policy_fallbacks")


def problems_of(settings: Settings) -> Iterator[Problem]:
    """Yield what the types alone can't see: names that belong to nothing, in either shape."""
    yield from _group_problems(settings)
    yield from entry_problems(settings)
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
    asked = {settings.group_of(name) for name in (settings.provider or "", *settings.fallbacks)}
    sections = [name for name in PROVIDERS if (name in asked) is named]
    parts: list[tuple[str, object]] = [(name, getattr(settings, name)) for name in sections]
    if named:
        parts += [(name, getattr(settings, name)) for name in ("model_list", "router_settings", "cache")]
    for name, part in parts:
        for path, variable in references(part, (name,)):
            if not environ.get(variable):
                yield _unset(path, variable, environ)
    if named and settings.provider in (None, "auto") and not environ.get("LLM_PROVIDER"):
        yield from _unset_of_the_found(settings, environ)


def _unset_of_the_found(settings: Settings, environ: Mapping[str, str]) -> Iterator[Problem]:
    """Yield the references to unset variables of the sections that have a key, so that they would be found by it."""
    if settings.provider is None and settings.model_list:
        return
    for name, usual in KEY_VARIABLES.items():
        section = getattr(settings, name)
        said = section.api_key if section is not None else None
        variable = variable_of(said) if said is not None else usual
        if section is None or (variable is not None and not environ.get(variable)):
            continue
        for path, unset in references(section, (name,)):
            if not environ.get(unset):
                yield _unset(path, unset, environ)


def _unset(path: KeyPath, variable: str, environ: Mapping[str, str]) -> Problem:
    words = f"{dotted(path)} refers to the environment variable {variable}, which is not set"
    return Problem(path, words + near(variable, (name for name in environ if environ[name])))


def _group_problems(settings: Settings) -> Iterator[Problem]:
    groups = settings.group_names
    known = (*PROVIDERS, *groups, *settings.aliases)
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


def _router_problems(settings: Settings) -> Iterator[Problem]:
    for key, value in settings.router_settings.items():
        path: KeyPath = ("router_settings", key)
        shape = ROUTER_SETTING_SHAPES.get(key)
        if key not in ROUTER_SETTINGS:
            words = f"{dotted(path)} is not one of LiteLLM's Router settings"
            yield Problem(path, words + nearest(key, ROUTER_SETTINGS))
        elif shape is not None and not addressed(key, value):
            yield from shape_faults(shape, value, path)
    yield from _argument_problems(settings)
    yield from _alias_problems(settings)
    retried = settings.router_settings.get("model_group_retry_policy")
    for name in retried if isinstance(retried, Mapping) else ():
        if settings.group_of(str(name)) not in (*PROVIDERS, *settings.group_names):
            yield _not_configured(("router_settings", "model_group_retry_policy", str(name)), str(name), settings)


def _argument_problems(settings: Settings) -> Iterator[Problem]:
    """Yield the arguments that another strategy reads, and not the configured one."""
    given = settings.router_settings.get("routing_strategy_args")
    strategy = settings.router_settings.get("routing_strategy", STRATEGIES[0])
    read = STRATEGY_ARGUMENTS.get(str(strategy), {})
    every = STRATEGY_ARGUMENTS["latency-based-routing"]
    for name, value in given.items() if isinstance(given, Mapping) else ():
        path: KeyPath = ("router_settings", "routing_strategy_args", str(name))
        if name in read and fits(every[name], value):
            yield from faults(read[name], value, path)
        elif name in every and name not in read and variable_of(strategy) is None and strategy in STRATEGIES:
            readers = [each for each, names in STRATEGY_ARGUMENTS.items() if name in names]
            words = f"{dotted(path)}: the routing_strategy {strategy} does not read it; {' or '.join(readers)} does"
            yield Problem(path, words)


def _alias_problems(settings: Settings) -> Iterator[Problem]:
    groups = (*PROVIDERS, *settings.group_names)
    for alias, target in settings.aliases.items():
        path: KeyPath = ("router_settings", "model_group_alias", alias)
        if alias in (*groups, "auto"):
            words = f"{dotted(path)}: {alias!r} is the name of a group or a provider already; choose another"
            yield Problem(path, words)
        if target not in groups:
            yield Problem(
                path, f"{dotted(path)} names {quote(target)}, which is not configured{nearest(target, groups)}"
            )


def _not_configured(path: KeyPath, name: str, settings: Settings) -> Problem:
    known = (*PROVIDERS, *settings.group_names, *settings.aliases)
    return Problem(path, f"{dotted(path)} names {quote(name)}, which is not configured{nearest(name, known)}")


def _router_fallback_problems(settings: Settings) -> Iterator[Problem]:
    known = (*PROVIDERS, *settings.group_names, *settings.aliases)
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
