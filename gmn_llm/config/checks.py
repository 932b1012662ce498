"""What is wrong with a configuration: small generators of problems, each with its key path and words."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, get_args

from pydantic import BaseModel

from gmn_llm.config.document import Document, KeyPath, dotted
from gmn_llm.config.names import LITELLM_PARAMS, PROVIDERS, ROUTER_SETTINGS, is_litellm_param
from gmn_llm.config.references import references
from gmn_llm.config.settings import Settings
from gmn_llm.errors import ConfigError
from gmn_llm.findings import quote

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

__all__ = ["Problem", "nearest", "problems_of", "raise_problems", "shape_problems", "unset_references"]

Problem = tuple[KeyPath, str]
SHOWN = 10


def nearest(name: str, known: Iterable[str]) -> str:
    """Return words on the nearest known name, or on all of them where none is near and they are few."""
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; known here: {', '.join(names)}" if len(names) <= 40 else ""


def raise_problems(document: Document, problems: Iterable[Problem], cause: BaseException | None = None) -> None:
    """Raise one ConfigError that names every problem with file, line and key; return where there is none."""
    found = list(problems)
    if not found:
        return
    lines = [f"{document.place(path)}: {words}" for path, words in found[:SHOWN]]
    if len(found) > SHOWN:
        lines.append(f"and {len(found) - SHOWN} more")
    raise ConfigError("\n".join(lines)) from cause


def shape_problems(error: ValidationError) -> Iterator[Problem]:
    """Translate pydantic's findings; the input itself, which may be a key, is never part of the words."""
    for detail in error.errors(include_url=False, include_input=False):
        path = _key_path(detail["loc"])
        name = dotted(path)
        if detail["type"] == "extra_forbidden":
            known = _fields_at(path[:-1])
            yield path, f"{name} is not a setting{nearest(str(path[-1]), known)}"
        elif detail["type"] == "missing":
            yield path, f"{name} is missing"
        else:
            yield path, f"{name}: {_words(detail)}"


def problems_of(settings: Settings) -> Iterator[Problem]:
    """Yield what the types alone can't see: names that belong to nothing, in either shape."""
    yield from _group_problems(settings)
    yield from _entry_problems(settings)
    for key in settings.router_settings:
        if key not in ROUTER_SETTINGS:
            path: KeyPath = ("router_settings", key)
            yield (
                path,
                f"{dotted(path)} is not one of LiteLLM's Router settings{nearest(key, ROUTER_SETTINGS)}",
            )
    yield from _router_fallback_problems(settings)


def unset_references(settings: Settings, environ: Mapping[str, str]) -> Iterator[Problem]:
    """Yield the references to unset variables in the parts that are asked for by name."""
    named = {settings.provider, *settings.fallbacks}
    parts: list[tuple[str, object]] = [(name, getattr(settings, name)) for name in PROVIDERS if name in named]
    parts += [("model_list", settings.model_list), ("router_settings", settings.router_settings)]
    parts += [("cache", settings.cache)]
    for name, part in parts:
        for path, variable in references(part, (name,)):
            if not environ.get(variable):
                yield path, f"{dotted(path)} refers to the environment variable {variable}, which is not set"


def _group_problems(settings: Settings) -> Iterator[Problem]:
    groups = settings.group_names
    known = (*PROVIDERS, *groups)
    if settings.provider is not None and settings.provider not in ("auto", *known):
        words = f"provider {quote(settings.provider)} is not configured"
        yield ("provider",), words + nearest(settings.provider, ("auto", *known))
    for index, name in enumerate(settings.fallbacks):
        path: KeyPath = ("fallbacks", index)
        if name not in known:
            yield path, f"{dotted(path)} names {quote(name)}, which is not configured{nearest(name, known)}"
    for index, entry in enumerate(settings.model_list):
        if entry.model_name in PROVIDERS or entry.model_name == "auto":
            path = ("model_list", index, "model_name")
            words = f"{dotted(path)}: {entry.model_name!r} is the name of a provider"
            yield path, f"{words}; a model group needs another"


def _entry_problems(settings: Settings) -> Iterator[Problem]:
    for index, entry in enumerate(settings.model_list):
        base: KeyPath = ("model_list", index, "litellm_params")
        for key in entry.litellm_params:
            if not is_litellm_param(key):
                path = (*base, key)
                words = f"{dotted(path)} is not one of LiteLLM's parameters{nearest(key, LITELLM_PARAMS)}"
                yield path, f"{words} (what only the provider knows goes under extra_body)"
        model = entry.litellm_params.get("model")
        if not isinstance(model, str) or not model:
            yield (*base, "model"), f"{dotted((*base, 'model'))} is to be a text such as openai/gpt-4o"


def _router_fallback_problems(settings: Settings) -> Iterator[Problem]:
    known = (*PROVIDERS, *settings.group_names)
    aliases = settings.router_settings.get("model_group_alias")
    if isinstance(aliases, Mapping):
        known = (*known, *map(str, aliases))
    for key in ("fallbacks", "context_window_fallbacks", "content_policy_fallbacks"):
        for path, name in _fallback_names(settings.router_settings.get(key, ()), ("router_settings", key)):
            if name is None:
                yield path, f"{dotted(path)} is to be a list of mappings, such as [{{gmn: [ollama]}}]"
            elif name not in known and name != "*":
                yield (
                    path,
                    f"{dotted(path)} names {quote(name)}, which is not configured{nearest(name, known)}",
                )
    default = settings.router_settings.get("default_fallbacks") or ()
    if isinstance(default, list | tuple):
        for index, name in enumerate(default):
            place: KeyPath = ("router_settings", "default_fallbacks", index)
            if name not in known:
                words = f"{dotted(place)} names {quote(name)}, which is not configured"
                yield place, words + nearest(str(name), known)


def _fallback_names(value: object, path: KeyPath) -> Iterator[tuple[KeyPath, str | None]]:
    if not isinstance(value, list | tuple):
        yield path, None
        return
    for index, step in enumerate(value):
        if not isinstance(step, Mapping):
            yield (*path, index), None
            continue
        for group, targets in step.items():
            yield (*path, index, group), str(group)
            if not isinstance(targets, list | tuple):
                yield (*path, index, group), None
                continue
            for place, target in enumerate(targets):
                yield (*path, index, group, place), target if isinstance(target, str) else None


def _key_path(location: tuple[str | int, ...]) -> KeyPath:
    """Drop the names pydantic puts in for the members of a union: only keys that a file can have stay."""
    model: object = Settings
    kept: list[str | int] = []
    for part in location:
        if isinstance(part, str) and isinstance(model, type) and issubclass(model, BaseModel):
            kept.append(part)
            model = _model_in(model.model_fields[part].annotation) if part in model.model_fields else None
        elif isinstance(part, int) or model is None:
            kept.append(part)
        if len(kept) > 1 and model is None and len(location) > len(kept):
            break
    return tuple(kept)


def _fields_at(path: KeyPath) -> tuple[str, ...]:
    model: type[BaseModel] | None = Settings
    for part in path:
        if isinstance(part, str) and model is not None:
            model = _model_in(model.model_fields[part].annotation) if part in model.model_fields else None
    return tuple(model.model_fields) if model is not None else ()


def _model_in(annotation: object) -> type[BaseModel] | None:
    """Return the model inside ``Section | None`` or ``tuple[Entry, ...]``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for part in get_args(annotation):
        found = _model_in(part)
        if found is not None:
            return found
    return None


def _words(detail: ErrorDetails) -> str:
    message = detail["msg"].removeprefix("Value error, ")
    return message[:1].lower() + message[1:]
