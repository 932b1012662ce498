"""Find the configuration, read it, check it: the first place that has one wins."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from gmn_llm.config.checks import problems_of, raise_problems, shape_problems, unset_references
from gmn_llm.config.document import Document, read_document
from gmn_llm.config.settings import Settings
from gmn_llm.errors import ConfigError

__all__ = ["VARIABLE", "find_source", "load_settings"]

VARIABLE = "GMN_LLM_CONFIG"
FILE_NAME = "gmn-llm.yaml"
SCHEMA_KEY = "$schema"
"""By this key a JSON file tells an editor its schema; it says nothing to us."""


def load_settings(
    source: Mapping[str, object] | str | Path | Settings | None = None,
    *,
    environ: Mapping[str, str] | None = None,
) -> Settings:
    """Return the checked configuration.

    Args:
        source: A mapping, the path of a YAML, JSON or TOML file, settings made before (returned as they are),
        or
            None: then ``GMN_LLM_CONFIG`` names the file, else ``./gmn-llm.yaml`` is taken, else
            ``gmn-llm.yaml`` in the user's configuration folder, else nothing but the environment counts.
        environ: The environment, ``os.environ`` unless given.

    Raises:
        ConfigError: Something is wrong with it; the message names file, line, key and the nearest right key.
    """
    if isinstance(source, Settings):
        return source
    environ = os.environ if environ is None else environ
    document = _document(source, environ)
    try:
        settings = Settings.model_validate({k: v for k, v in document.value.items() if k != SCHEMA_KEY})
    except ValidationError as error:
        raise_problems(document, shape_problems(error), error)
        raise
    raise_problems(document, [*problems_of(settings), *unset_references(settings, environ)])
    return settings


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


def _document(source: Mapping[str, object] | str | Path | None, environ: Mapping[str, str]) -> Document:
    if isinstance(source, Mapping):
        return Document(value=source, source="the configuration given")
    if isinstance(source, str | Path):
        return read_document(Path(source).expanduser())
    if source is not None:
        raise ConfigError(f"a configuration is a mapping, a path, Settings or None, not {type(source).__name__}")
    found = find_source(environ)
    return Document(value={}, source="the environment") if found is None else read_document(found)
