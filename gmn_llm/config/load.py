"""Find the configuration, read it, check it: the first place that has one wins."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from gmn_llm.config.checks import problems_of, unset_references
from gmn_llm.config.document import Document, KeyPath, Problem
from gmn_llm.config.environment import ENV_FILE_VARIABLE, environment_of, read_env_file
from gmn_llm.config.files import read_document
from gmn_llm.config.settings import Settings
from gmn_llm.config.values import value_problems
from gmn_llm.errors import ConfigError

__all__ = ["VARIABLE", "Examined", "examine", "find_source", "load_settings", "settings_of"]

VARIABLE = "GMN_LLM_CONFIG"
FILE_NAME = "gmn-llm.yaml"
SCHEMA_KEY = "$schema"
"""By this key a JSON file tells an editor its schema; it says nothing to us."""
ASIDE_PREFIX = "x-"
"""A key that begins so holds anchors, to be used elsewhere in the file."""
SHOWN = 10
"""As many problems are told in an error's message; ``gmn-llm config check`` tells all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """A configuration that was read, with all that is wrong with it.

    Attributes:
        document: What was read.
        settings: The settings; where there are problems, those of the parts that are right.
        problems: What is wrong, in the order of the lines.
        file: The file it came from, or None.
        env_file: The env file that was asked for, or None.
    """

    document: Document
    settings: Settings = field(repr=False)
    problems: tuple[Problem, ...] = ()
    file: Path | None = None
    env_file: Path | None = None


def load_settings(
    source: Mapping[str, object] | str | Path | Settings | None = None,
    *,
    environ: Mapping[str, str] | None = None,
) -> Settings:
    """Return the checked configuration.

    Args:
        source: A mapping, the path of a YAML, JSON or TOML file, settings made before (returned as they are), or
            None: then ``GMN_LLM_CONFIG`` names the file, else ``./gmn-llm.yaml`` is taken, else
            ``gmn-llm.yaml`` in the user's configuration folder, else nothing but the environment counts.
        environ: The environment, ``os.environ`` unless given.

    Raises:
        ConfigError: Something is wrong with it; the message names file, line, key and the nearest right key.
    """
    return settings_of(examine(source, environ=environ))


def settings_of(examined: Examined) -> Settings:
    """Return the settings where nothing is wrong with them.

    Raises:
        ConfigError: Something is.
    """
    if examined.problems:
        told = [examined.document.told(problem) for problem in examined.problems[:SHOWN]]
        if len(examined.problems) > SHOWN:
            told.append(f"and {len(examined.problems) - SHOWN} more")
        raise ConfigError("\n".join(told))
    return examined.settings


def examine(
    source: Mapping[str, object] | str | Path | Settings | None = None,
    *,
    environ: Mapping[str, str] | None = None,
) -> Examined:
    """Read a configuration and return all that is wrong with it; arguments as ``load_settings`` has them.

    Raises:
        ConfigError: It can't be read at all.
    """
    environ = os.environ if environ is None else environ
    if isinstance(source, Settings):
        document, file, settings = Document(value={}, source="the settings given"), None, source
        env_file = _env_file(settings, environ, beside=Path())
        settings, problems = _with_variables(settings, env_file)
        return Examined(document=document, settings=settings, problems=tuple(problems), env_file=env_file)
    document, file = _document(source, environ)
    value = {key: part for key, part in document.value.items() if not _is_aside(key)}
    problems = list(document.repeated)
    try:
        settings = Settings.model_validate(value)
    except ValidationError as error:
        from gmn_llm.config.shape import shape_problems  # only a mistake pays for it

        found = list(shape_problems(document, error))
        problems += found
        settings = _right_parts(value, [problem.path for problem in found])
    env_file = _env_file(settings, environ, beside=Path() if file is None else file.parent)
    settings, unread = _with_variables(settings, env_file)
    problems += [*unread, *problems_of(settings)]
    seen = environment_of(settings, environ)
    problems += [*unset_references(settings, seen), *value_problems(settings, seen)]
    return Examined(
        document=document,
        settings=settings,
        problems=_in_order(document, problems),
        file=file,
        env_file=env_file,
    )


def _is_aside(key: object) -> bool:
    return key == SCHEMA_KEY or (isinstance(key, str) and key.startswith(ASIDE_PREFIX))


def find_source(environ: Mapping[str, str] | None = None) -> Path | None:
    """Return the file ``load_settings(None)`` reads, or None where the environment alone counts.

    The file ``GMN_LLM_CONFIG`` names is returned whether it exists or not.
    """
    named = (os.environ if environ is None else environ).get(VARIABLE)
    if named:
        return Path(named).expanduser()
    here = Path(FILE_NAME)
    if here.is_file():
        return here
    from platformdirs import user_config_path  # not needed where a file is named

    users = user_config_path("gmn-llm", appauthor=False) / FILE_NAME
    return users if users.is_file() else None


def _document(
    source: Mapping[str, object] | str | Path | None, environ: Mapping[str, str]
) -> tuple[Document, Path | None]:
    if isinstance(source, Mapping):
        return Document(value=_with_text_keys(source), source="the configuration given"), None
    if isinstance(source, str | Path):
        file: Path | None = Path(source).expanduser()
    elif source is None:
        file = find_source(environ)
    else:
        raise ConfigError(f"a configuration is a mapping, a path, Settings or None, not {type(source).__name__}")
    if file is None:
        return Document(value={}, source="the environment"), None
    return read_document(file), file


def _with_text_keys(value: Mapping[str, object]) -> dict[str, object]:
    """Return a mapping whose keys are texts at every level, as those of a file are: ``{50256: -1}`` is common."""
    return {str(key): _with_text_keys(part) if isinstance(part, Mapping) else part for key, part in value.items()}


def _env_file(settings: Settings, environ: Mapping[str, str], *, beside: Path) -> Path | None:
    """Return the env file that was asked for, or None; nothing is looked for."""
    if settings.env_file is not None:
        return beside / Path(settings.env_file).expanduser()
    return Path(environ[ENV_FILE_VARIABLE]).expanduser() if environ.get(ENV_FILE_VARIABLE) else None


def _with_variables(settings: Settings, env_file: Path | None) -> tuple[Settings, list[Problem]]:
    if env_file is None:
        return settings, []
    try:
        return settings.with_variables(read_env_file(env_file)), []
    except ConfigError as error:
        return settings, [Problem(("env_file",), str(error))]


def _right_parts(value: Mapping[str, object], wrong: Iterable[KeyPath]) -> Settings:
    """Return settings without the parts that are wrong, so that mistakes elsewhere are found in the same pass."""
    kept = dict(value)
    for path in wrong:
        _drop(kept, path)
    try:
        return Settings.model_validate(kept)
    except ValidationError:
        # What is left does not stand by itself; the mistakes that are known have to do.
        return Settings()


def _drop(kept: dict[str, object], path: KeyPath) -> None:
    """Take the value at ``path`` out of a copy; from a list its whole list, but a ``model_list`` keeps its places."""
    if not path:
        kept.clear()
        return
    first, rest = str(path[0]), path[1:]
    part = kept.get(first)
    if isinstance(part, Mapping) and rest and isinstance(rest[0], str):
        inner = dict(part)
        _drop(inner, rest)
        kept[first] = inner
    elif first == "model_list" and rest and isinstance(part, list | tuple) and isinstance(rest[0], int):
        entries = list(part)
        entries[rest[0]] = _placeholder(entries[rest[0]])
        kept[first] = entries
    else:
        kept.pop(first, None)


def _placeholder(entry: object) -> dict[str, object]:
    """Return an entry that stands in the place of a wrong one, under its name."""
    given = entry if isinstance(entry, Mapping) else {}
    name, params = given.get("model_name"), given.get("litellm_params")
    return {
        "model_name": name if isinstance(name, str) and name else "?",
        "litellm_params": params if isinstance(params, Mapping) else {"model": "?"},
    }


def _in_order(document: Document, problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return the problems by line, those without one last; found only where there are any."""
    found = list(dict.fromkeys(problems))
    return tuple(sorted(found, key=lambda problem: document.line(problem) or 10**9)) if found else ()
