"""Which providers answer, in which order: what is configured, what the environment names, what is there."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from gmn_llm.config.chain import Chain, Group
from gmn_llm.config.environment import environment_of
from gmn_llm.config.names import KEY_VARIABLES, PROVIDERS
from gmn_llm.config.near import nearest
from gmn_llm.config.probe import ollama_answers
from gmn_llm.config.references import variable_of
from gmn_llm.config.sections import MOCK_GROUP, GroupBuilder, ollama_url
from gmn_llm.errors import AuthenticationError, ConfigError, InputError, LLMError
from gmn_llm.findings import quote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from gmn_llm.config.settings import Settings

__all__ = ["lacking", "named_groups", "ollama_answers", "resolve_chain", "spare_groups"]

VARIABLE = "LLM_PROVIDER"


def resolve_chain(
    settings: Settings,
    *,
    provider_type: str | None = None,
    environ: Mapping[str, str] | None = None,
    ollama_answers: Callable[[str], bool] = ollama_answers,
) -> Chain:
    """Return the model groups that answer, first asked first.

    The first is the ``provider`` of the configuration, else what ``LLM_PROVIDER`` names (``auto`` names
    none), else the first group of a ``model_list`` unless ``auto`` is written out, else every provider that
    is there:
    OpenAI and Anthropic with a key, Ollama if it answers. The ``fallbacks`` follow, those of
    ``router_settings`` for a group that has some. A fallback without a key is left out with a note. Where
    nothing at all is there the mock answers, and ``unasked_mock`` says so.

    Args:
        settings: The configuration.
        provider_type: A provider or ``model_name`` that is to answer alone; None and ``auto`` force nothing.
        environ: The environment, ``os.environ`` unless given.
        ollama_answers: Asked with Ollama's address, only where detection has a say; may block half a second.

    Raises:
        InputError: ``provider_type`` is not configured; the message lists what is.
        AuthenticationError: A provider that was named has no key; the message names the variable.
        ConfigError: A reference to an unset variable, or ``LLM_PROVIDER`` names nothing known.
    """
    environ = environment_of(settings, environ)
    builder = GroupBuilder(settings, environ)
    if provider_type is not None and str(provider_type) != "auto":
        return _forced(builder, str(provider_type))
    first = _first_named(settings, environ)
    if first is not None:
        return _named(builder, first)
    return _detected(builder, ollama_answers)


def spare_groups(settings: Settings, *, environ: Mapping[str, str] | None = None) -> tuple[Group, ...]:
    """Return every group that could be asked by name but the mock's: those that have what they need.

    Args:
        settings: The configuration.
        environ: The environment, ``os.environ`` unless given.
    """
    builder = GroupBuilder(settings, environment_of(settings, environ))
    groups: list[Group] = []
    for name in (*PROVIDERS, *settings.group_names):
        if name != "mock":
            # One that can't be built says why when it is asked for.
            with suppress(AuthenticationError, ConfigError):
                groups.append(builder.group(name))
    return tuple(groups)


def named_groups(settings: Settings, *, environ: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """Return the groups that are to answer, first asked first, whether they can be used or not.

    Empty where nobody is named and it is found out who is there.

    Raises:
        ConfigError: ``LLM_PROVIDER`` names nothing known.
    """
    first = _first_named(settings, environment_of(settings, environ))
    if first is None:
        return ()
    return tuple(dict.fromkeys((first, *_fallbacks_of(settings, first), *map(settings.group_of, settings.fallbacks))))


def lacking(settings: Settings, *, environ: Mapping[str, str] | None = None) -> dict[str, LLMError]:
    """Return what each provider lacks that is configured or named and can't be used; the error says what to do.

    Args:
        settings: The configuration.
        environ: The environment, ``os.environ`` unless given.

    Raises:
        ConfigError: ``LLM_PROVIDER`` names nothing known.
    """
    seen = environment_of(settings, environ)
    builder = GroupBuilder(settings, seen)
    configured = [name for name in PROVIDERS if name in settings.model_fields_set]
    names = (
        *named_groups(settings, environ=environ),
        *configured,
        *map(settings.group_of, settings.fallbacks),
        *settings.group_names,
    )
    found: dict[str, LLMError] = {}
    for name in dict.fromkeys(names):
        try:
            group = builder.group(name)
            if name in settings.group_names:
                builder.refuse_keyless(group)
        except (AuthenticationError, ConfigError) as error:
            found[name] = error
    return found


def _forced(builder: GroupBuilder, name: str) -> Chain:
    known = (*PROVIDERS, *builder.settings.group_names, *builder.settings.aliases)
    if name not in known:
        raise InputError(
            f"no provider {quote(name)}; configured are: auto, {', '.join(known)}",
            hint="choose one of them, or add a model_list entry with this model_name",
        )
    group = builder.settings.group_of(name)
    return Chain(groups=(builder.group(group),), notes=tuple(builder.notes(group)))


def _first_named(settings: Settings, environ: Mapping[str, str]) -> str | None:
    if settings.provider is not None and settings.provider != "auto":
        return settings.group_of(settings.provider)
    named = environ.get(VARIABLE, "").strip()
    if named and named.lower() != "auto":
        known = (*PROVIDERS, *settings.group_names, *settings.aliases)
        name = named if named in known else named.lower()
        if name not in known:
            raise ConfigError(
                f"the environment variable {VARIABLE} names {quote(named)}, which is not configured"
                + nearest(named, ("auto", *known))
            )
        return settings.group_of(name)
    if settings.provider is None and settings.model_list:
        return settings.model_list[0].model_name
    return None


def _named(builder: GroupBuilder, first: str) -> Chain:
    rest = _Followers(builder, after=first)
    return Chain(groups=(builder.group(first), *rest.groups), notes=(*builder.notes(first), *rest.notes))


def _detected(builder: GroupBuilder, answers: Callable[[str], bool]) -> Chain:
    there = [name for name in ("openai", "anthropic") if builder.has_key(name)]
    # An address in a variable that is not set is nobody's.
    if builder.has_address("ollama") and answers(ollama_url(builder.settings, builder.environ)):
        there.append("ollama")
    there += builder.settings.group_names
    left = tuple(_left_out(builder))
    if not there:
        named = "mock" in builder.settings.fallbacks
        return Chain(groups=(MOCK_GROUP,), unasked_mock=not named, notes=left)
    rest = _Followers(builder, after=there[0], also=there[1:])
    return Chain(groups=(builder.group(there[0]), *rest.groups), notes=(*left, *builder.notes(there[0]), *rest.notes))


def _left_out(builder: GroupBuilder) -> Iterator[str]:
    """Yield, in words, which sections have their key in a variable of one's own that is not set."""
    for name, usual in KEY_VARIABLES.items():
        section = getattr(builder.settings, name)
        variable = variable_of(section.api_key) if section is not None else None
        if variable not in (None, usual) and not builder.environ.get(str(variable)):
            yield f"{name} is left out: {name}.api_key refers to the environment variable {variable}, which is not set"


class _Followers:
    """The groups after the first, and what was left out or changed among them."""

    def __init__(self, builder: GroupBuilder, *, after: str, also: list[str] | None = None) -> None:
        settings = builder.settings
        names = [*(also or ()), *_fallbacks_of(settings, after), *map(settings.group_of, settings.fallbacks)]
        self.groups: list[Group] = []
        self.notes: list[str] = []
        for name in dict.fromkeys(names):
            if name == after:
                continue
            try:
                self.groups.append(builder.group(name))
                self.notes += builder.notes(name)
            except AuthenticationError as error:
                self.notes.append(f"the fallback {name} is left out: {error}")


def _fallbacks_of(settings: Settings, first: str) -> Iterator[str]:
    """Yield ``router_settings``' fallbacks of ``first``, those of these, then the default ones."""
    steps = settings.router_settings.get("fallbacks")
    queue, seen = [first], {first}
    while queue:
        group = queue.pop(0)
        for step in steps if isinstance(steps, list | tuple) else ():
            for name in _targets(settings, step, group):
                if name not in seen:
                    seen.add(name)
                    queue.append(name)
                    yield name
    default = settings.router_settings.get("default_fallbacks")
    yield from map(settings.group_of, default if isinstance(default, list | tuple) else ())


def _targets(settings: Settings, step: Mapping[str, Sequence[str]], group: str) -> Iterator[str]:
    """Yield whom one mapping of ``fallbacks`` names for a group, by whichever of its names."""
    for name, targets in step.items():
        if name == "*" or settings.group_of(name) == group:
            yield from map(settings.group_of, targets)
