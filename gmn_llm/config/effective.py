"""The configuration as it takes effect: defaults filled in, the environment looked up, keys masked."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from gmn_llm.config.document import stands_in
from gmn_llm.config.environment import environment_of
from gmn_llm.config.masking import masked
from gmn_llm.config.names import BASE_URL_VARIABLES, DEFAULT_MODELS, KEY_VARIABLES, PROVIDERS
from gmn_llm.config.references import PREFIX
from gmn_llm.config.resolve import VARIABLE

if TYPE_CHECKING:
    from gmn_llm.config.chain import Chain
    from gmn_llm.config.document import KeyPath
    from gmn_llm.config.load import Examined

__all__ = ["effective", "origins"]


def effective(examined: Examined, chain: Chain, *, environ: Mapping[str, str] | None = None) -> dict[str, object]:
    """Return what counts, as data that could stand in a file; every secret is replaced, references stay.

    Args:
        examined: The configuration.
        chain: The providers it comes to; the sections of these are there even where the file has none.
        environ: The environment, ``os.environ`` unless given.
    """
    seen = environment_of(examined.settings, environ)
    shown = masked(examined.settings)
    value: dict[str, object] = dict(shown) if isinstance(shown, Mapping) else {}
    for name in PROVIDERS:
        if name in chain.names and name != "mock":
            section = value.get(name)
            value[name] = _found(name, seen) | (dict(section) if isinstance(section, Mapping) else {})
    value = {key: _without_empty(part) for key, part in value.items()}
    provider = {"provider": value.get("provider") or seen.get(VARIABLE) or "auto"}
    return {**provider, **{key: part for key, part in value.items() if key != "provider" and part not in ({}, [])}}


def origins(
    examined: Examined, value: Mapping[str, object], *, environ: Mapping[str, str] | None = None
) -> dict[KeyPath, str]:
    """Return where each value of ``effective`` comes from: a line of the file, a variable, or a default."""
    seen = environment_of(examined.settings, environ)
    known = examined.document.lines()
    found: dict[KeyPath, str] = {}
    for path in _leaves(value, ()):
        variable = _variable(path, seen)
        if path in known:
            found[path] = f"line {known[path]}"
        elif stands_in(examined.document.value, path):
            found[path] = "given"
        else:
            found[path] = _where(examined, variable, environ) if variable else "default"
    return found


def _without_empty(value: object) -> object:
    return {key: part for key, part in value.items() if part not in ({}, [])} if isinstance(value, Mapping) else value


def _found(name: str, seen: Mapping[str, str]) -> dict[str, object]:
    """Return what a section has where the file says nothing of it."""
    found: dict[str, object] = {"model": DEFAULT_MODELS[name]}
    key = KEY_VARIABLES.get(name)
    if key is not None and seen.get(key):
        found["api_key"] = PREFIX + key
    url = next((seen[variable] for variable in BASE_URL_VARIABLES[name] if seen.get(variable)), None)
    return found if url is None else found | {"base_url": masked(url)}


def _variable(path: KeyPath, seen: Mapping[str, str]) -> str | None:
    """Return the variable that gives the value at a path, where there is one and it is set."""
    names: tuple[str, ...] = ()
    if path == ("provider",):
        names = (VARIABLE,)
    elif path[1:] == ("api_key",):
        names = tuple(filter(None, [KEY_VARIABLES.get(str(path[0]))]))
    elif path[1:] == ("base_url",):
        names = BASE_URL_VARIABLES.get(str(path[0]), ())
    return next((name for name in names if seen.get(name)), None)


def _where(examined: Examined, variable: str, environ: Mapping[str, str] | None) -> str:
    environ = os.environ if environ is None else environ
    return f"{variable} in {'the environment' if environ.get(variable) else examined.env_file}"


def _leaves(value: object, path: KeyPath) -> Iterator[KeyPath]:
    """Yield the path of each value that is no mapping; a list of plain values is one value."""
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield from _leaves(part, (*path, str(key)))
    elif isinstance(value, list) and any(isinstance(part, Mapping) for part in value):
        for index, part in enumerate(value):
            yield from _leaves(part, (*path, index))
    else:
        yield path
