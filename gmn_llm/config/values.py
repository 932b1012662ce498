"""Keys and addresses that can't work, found on loading: blamed on their line and not, much later, on the network."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING

from pydantic import SecretStr

from gmn_llm.config.addresses import REDIS, address_fault
from gmn_llm.config.document import KeyPath, Problem, dotted
from gmn_llm.config.keys import key_fault
from gmn_llm.config.masking import is_secret
from gmn_llm.config.names import ROUTER_SETTING_SHAPES, STRATEGIES
from gmn_llm.config.near import near
from gmn_llm.config.quantities import keep_alive_fault
from gmn_llm.config.references import variable_of
from gmn_llm.config.shape import alternatives, expected, fits
from gmn_llm.config.typed import param_shape, typed

if TYPE_CHECKING:
    from gmn_llm.config.settings import Settings
    from gmn_llm.config.shape import Node

__all__ = ["CHECKS", "value_problems"]

Check = Callable[[str], str | None]
CHECKS: Mapping[str, Check] = {
    "api_base": address_fault,
    "base_url": address_fault,
    "api_key": key_fault,
    "keep_alive": keep_alive_fault,
    "extra_headers": key_fault,
    "redis_url": partial(address_fault, schemes=REDIS),
}
"""What each text must be that reaches a server; of a mapping each of its values."""
SHOWN = 24
"""Characters of a wrong value that are shown; a key that slipped into the wrong place is longer."""
SHAPED = frozenset({"keep_alive"})
"""What the settings' own types look at where it is written out."""


def value_problems(settings: Settings, environ: Mapping[str, str]) -> Iterator[Problem]:
    """Yield the keys and addresses that can't work.

    Of a section that nobody names only what is written out is looked at: what stands in a variable does not matter
    before somebody asks it.

    Args:
        settings: The configuration.
        environ: The variables there are.
    """
    asked = {settings.group_of(name) for name in (settings.provider or "", *settings.fallbacks)}
    for name in ("openai", "anthropic", "ollama"):
        yield from _faults(dict(getattr(settings, name) or ()), (name,), environ if name in asked else {})
    for index, entry in enumerate(settings.model_list):
        yield from _faults(entry.litellm_params, ("model_list", index, "litellm_params"), environ)
    router = settings.router_settings
    yield from _faults(router, ("router_settings",), environ)
    variable, path = variable_of(router.get("routing_strategy")), ("router_settings", "routing_strategy")
    named = environ.get(variable, "").strip() if variable is not None else ""
    if named and named not in STRATEGIES:
        words = f"{dotted(path)}: the environment variable {variable} names no strategy; expected one of "
        yield Problem(path, words + ", ".join(STRATEGIES) + near(named, STRATEGIES))
    yield from _faults(dict(settings.cache), ("cache",), environ)
    shapes = {key: shape for key, shape in ROUTER_SETTING_SHAPES.items() if key not in CHECKS}
    yield from _misfits({key: (shapes.get(key), value) for key, value in router.items()}, ("router_settings",), environ)
    for index, entry in enumerate(settings.model_list):
        params = {key: (param_shape(key), value) for key, value in entry.litellm_params.items() if key not in CHECKS}
        yield from _misfits(params, ("model_list", index, "litellm_params"), environ)


def _misfits(
    parts: Mapping[str, tuple[Node | None, object]], path: KeyPath, environ: Mapping[str, str]
) -> Iterator[Problem]:
    """Yield the variables that hold no such number, or truth value, as their place takes."""
    for key, (shape, value) in parts.items():
        variable = variable_of(value)
        text = environ.get(variable, "").strip() if variable is not None else ""
        if shape is None or any(part.get("type") in ("object", "array") for part in alternatives(shape)):
            continue  # which no variable can hold, as is told elsewhere
        if text and key != "routing_strategy" and not fits(shape, typed(shape, text)):
            place = (*path, key)
            shown = len(text) <= SHOWN and text.isprintable() and not is_secret(str(variable))
            found = f"the text {text!r}" if shown else "a text"
            words = f"the environment variable {variable}: expected {expected(shape)}, found {found}"
            yield Problem(place, f"{dotted(place)}: {words}")


def _faults(part: Mapping[str, object], path: KeyPath, environ: Mapping[str, str]) -> Iterator[Problem]:
    for name in [name for name in CHECKS if name in part]:
        value = part[name]
        inside = value.items() if isinstance(value, Mapping) else [(None, value)]
        for key, each in inside:
            place = (*path, name) if key is None else (*path, name, str(key))
            if name not in SHAPED or variable_of(each) is not None:
                yield from _fault(CHECKS[name], each, place, environ)


def _fault(check: Check, value: object, path: KeyPath, environ: Mapping[str, str]) -> Iterator[Problem]:
    text, variable = value.get_secret_value() if isinstance(value, SecretStr) else value, variable_of(value)
    whence = "" if variable is None else f"the environment variable {variable}: "
    text = text if variable is None else environ.get(variable)
    named = _shell_name(text)
    if named is not None:
        words = f"{whence}a variable is named as in a shell, and not looked up; write os.environ/{named}"
        yield Problem(path, f"{dotted(path)}: {words}")
        return
    # What is empty, not set or no text at all is told of elsewhere.
    fault = check(text) if isinstance(text, str) and text else None
    if fault is not None:
        yield Problem(path, f"{dotted(path)}: {whence}{fault}")


def _shell_name(text: object) -> str | None:
    """Return the name in ``$NAME`` or ``${NAME}``, in capitals as variables are written; a key has other characters."""
    found = re.fullmatch(r"\s*\$(\{[A-Z_][A-Z0-9_]*\}|[A-Z_][A-Z0-9_]*)\s*", text) if isinstance(text, str) else None
    return found[1].strip("{}") if found is not None else None
