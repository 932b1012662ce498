"""The variables a configuration sees: the process's own, and those of an env file that was asked for.

An env file is read only where ``env_file`` in the configuration or ``GMN_LLM_ENV_FILE`` names it. Its variables are
kept with the settings and never put into ``os.environ``, where every other part of the program would find them.
"""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING

from gmn_llm.config.files import read_text
from gmn_llm.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gmn_llm.config.settings import Settings

__all__ = ["ENV_FILE_VARIABLE", "environment_of", "read_env_file"]

ENV_FILE_VARIABLE = "GMN_LLM_ENV_FILE"


def environment_of(settings: Settings, environ: Mapping[str, str] | None = None) -> Mapping[str, str]:
    """Return the variables that count for ``settings``: those of the process, then those of its env file.

    A variable that is empty counts as not set. What the process has set wins, as python-dotenv has it.

    Args:
        settings: The configuration.
        environ: The process's environment, ``os.environ`` unless given.
    """
    environ = os.environ if environ is None else environ
    added = settings.added_variables
    if not added:
        return environ
    return {**added, **{name: value for name, value in environ.items() if value or name not in added}}


def read_env_file(path: Path) -> dict[str, str]:
    """Return the variables of a file of ``NAME=value`` lines, in the syntax of python-dotenv.

    Raises:
        ConfigError: The file can't be read, or a line in it can't; the message has the line and not its text, which
            may hold a key.
    """
    from dotenv import dotenv_values  # only who asks for an env file pays for it
    from dotenv.parser import parse_stream

    text = read_text(path, "env file")
    for binding in parse_stream(io.StringIO(text)):
        if binding.error:
            blank = len(binding.original.string) - len(binding.original.string.lstrip("\r\n"))
            line = binding.original.line + binding.original.string[:blank].count("\n")
            raise ConfigError(f"{path}, line {line}: not of the form NAME=value")
    values = dotenv_values(stream=io.StringIO(text))
    return {name: value for name, value in values.items() if value is not None}
