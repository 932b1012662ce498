"""``os.environ/NAME``: a value that stands in the environment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from pydantic import BaseModel, SecretStr

if TYPE_CHECKING:
    from gmn_llm.config.document import KeyPath

__all__ = ["PREFIX", "references", "resolved", "variable_of"]

PREFIX = "os.environ/"


def variable_of(value: object) -> str | None:
    """Return the variable's name when ``value`` is a reference, else None."""
    text = value.get_secret_value() if isinstance(value, SecretStr) else value
    if isinstance(text, str) and text.startswith(PREFIX):
        return text.removeprefix(PREFIX)
    return None


def references(value: object, path: KeyPath = ()) -> Iterator[tuple[KeyPath, str]]:
    """Yield path and variable of every reference in ``value``."""
    if isinstance(value, BaseModel):
        for key, part in value:
            yield from references(part, (*path, key))
    elif isinstance(value, Mapping):
        for key, part in value.items():
            yield from references(part, (*path, str(key)))
    elif isinstance(value, list | tuple):
        for index, part in enumerate(value):
            yield from references(part, (*path, index))
    else:
        variable = variable_of(value)
        if variable is not None:
            yield path, variable


def resolved(value: object, environ: Mapping[str, str]) -> object:
    """Return plain data with every reference replaced and every secret laid open, without blanks around them.

    Raises:
        KeyError: A variable is not set or empty; the exception's argument is its name.
    """
    if isinstance(value, Mapping):
        return {key: resolved(part, environ) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [resolved(part, environ) for part in value]
    variable = variable_of(value)
    if variable is not None:
        if not environ.get(variable):
            raise KeyError(variable)
        # A mounted secret often ends in a line break.
        return environ[variable].strip()
    return value.get_secret_value().strip() if isinstance(value, SecretStr) else value
