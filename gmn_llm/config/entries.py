"""What is wrong with the entries of a ``model_list``, beyond their shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gmn_llm.config.document import KeyPath, Problem, dotted
from gmn_llm.config.inside import faults
from gmn_llm.config.litellm_names import LITELLM_PROVIDERS, MODEL_INFO
from gmn_llm.config.names import LITELLM_PARAMS, MODEL_INFO_SHAPES, PRICE_SHAPE, is_litellm_param, is_price
from gmn_llm.config.near import near, nearest
from gmn_llm.config.references import variable_of
from gmn_llm.config.shape import alternatives
from gmn_llm.config.typed import param_shape, typed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gmn_llm.config.settings import ModelEntry, Settings

__all__ = ["addressed", "entry_problems", "shape_faults"]

MISSPELT: Final = 0.82
"""How near a name must be to a known one to be taken for it, where names of one's own are allowed."""


def entry_problems(settings: Settings) -> Iterator[Problem]:
    """Yield what is wrong in each entry, and between them."""
    first: dict[str, int] = {}
    for index, entry in enumerate(settings.model_list):
        base: KeyPath = ("model_list", index)
        yield from _param_problems(entry, (*base, "litellm_params"))
        yield from _info_problems(entry, (*base, "model_info"))
        given = entry.model_info.get("id")
        if given and first.setdefault(str(given), index) != index:
            path = (*base, "model_info", "id")
            others = ("model_list", first[str(given)], "model_info", "id")
            yield Problem(path, f"{dotted(path)}: {str(given)!r} is the id of {dotted(others)} already; choose another")


def addressed(key: str, value: object) -> bool:
    """Return whether the check of addresses has more to say of a value than its shape."""
    return key in ("api_base", "base_url", "redis_url") and isinstance(value, str) and bool(value)


def shape_faults(shape: Mapping[str, object], value: object, path: KeyPath) -> Iterator[Problem]:
    """Yield what is wrong with a value that may stand in a variable, unless it does."""
    single = any(part.get("type") not in ("object", "array") for part in alternatives(shape))
    if variable_of(value) is None or not single:
        yield from faults(shape, value, path)


def _param_problems(entry: ModelEntry, base: KeyPath) -> Iterator[Problem]:
    for key, value in entry.litellm_params.items():
        path = (*base, key)
        shape = param_shape(key)
        if not is_litellm_param(key):
            words = f"{dotted(path)} is not one of LiteLLM's parameters{nearest(key, LITELLM_PARAMS)}"
            yield Problem(path, f"{words} (what only the provider knows goes under extra_body)")
        elif shape is not None and not addressed(key, value):
            # YAML takes 1e-6 for a text, and LiteLLM takes such a text for the price.
            yield from shape_faults(shape, typed(shape, value) if is_price(key) else value, path)
    path = (*base, "model")
    model = entry.litellm_params.get("model")
    if not model:
        yield Problem(path, f"{dotted(path)} is missing: a text such as openai/gpt-4o is expected")
    elif isinstance(model, str) and not entry.litellm_params.get("custom_llm_provider"):
        begin, slash, _ = model.partition("/")
        hint = near(begin, LITELLM_PROVIDERS, cutoff=MISSPELT)
        if slash and hint and begin not in LITELLM_PROVIDERS:
            yield Problem(path, f"{dotted(path)}: LiteLLM knows no provider {begin!r}{hint}")


def _info_problems(entry: ModelEntry, base: KeyPath) -> Iterator[Problem]:
    for key, value in entry.model_info.items():
        path = (*base, key)
        shape = MODEL_INFO_SHAPES.get(key)
        if is_price(key):
            yield from faults(PRICE_SHAPE, typed(PRICE_SHAPE, value), path)
        elif shape is not None:
            yield from faults(shape, value, path)
        elif key not in MODEL_INFO:
            hint = near(key, MODEL_INFO, cutoff=MISSPELT)
            if hint:
                yield Problem(path, f"{dotted(path)} is not read by LiteLLM{hint}")
