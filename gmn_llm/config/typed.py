"""What a variable holds, as what the configuration expects in its place: a variable is always a text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gmn_llm.config.environment import environment_of
from gmn_llm.config.names import LITELLM_PARAM_SHAPES, PRICE_SHAPE, ROUTER_SETTING_SHAPES, is_price
from gmn_llm.config.references import resolved, variable_of
from gmn_llm.config.shape import alternatives
from gmn_llm.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gmn_llm.config.settings import Settings
    from gmn_llm.config.shape import Node

__all__ = ["param_shape", "plain_router_settings", "typed"]


def typed(shape: Node | None, value: object) -> object:
    """Return a text as the number or the truth value that the shape expects; where it is none of these, as it is."""
    if shape is None or not isinstance(value, str):
        return value
    kinds = {part.get("type") for part in alternatives(shape)}
    if "boolean" in kinds and value.strip().lower() in ("true", "false"):
        return value.strip().lower() == "true"
    if "string" in kinds:
        return value
    for kind, read in (("integer", int), ("number", float)):
        if kind in kinds:
            try:
                return read(value)
            except ValueError:
                continue
    return value


def param_shape(name: str) -> Node | None:
    """Return what a parameter of a deployment takes, where that is written down."""
    return PRICE_SHAPE if is_price(name) else LITELLM_PARAM_SHAPES.get(name)


def plain_router_settings(settings: Settings, environ: Mapping[str, str] | None = None) -> dict[str, object]:
    """Return the Router's settings with every reference replaced by what its variable holds.

    Args:
        settings: The configuration.
        environ: The environment, ``os.environ`` unless given.

    Raises:
        ConfigError: A variable is not set.
    """
    seen = environment_of(settings, environ)
    found: dict[str, object] = {}
    for key, value in settings.router_settings.items():
        try:
            plain = resolved(value, seen)
        except KeyError as error:
            raise ConfigError(f"router_settings.{key}: the variable {error.args[0]} is not set") from None
        found[key] = typed(ROUTER_SETTING_SHAPES.get(key), plain) if variable_of(value) is not None else plain
    return found
