"""The JSON Schema of a configuration file, for editors: made from ``Settings``, kept in ``schemas/``."""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Final, cast

from gmn_llm.config.names import (
    ADDRESS,
    LIMITS,
    LITELLM_PARAM_SHAPES,
    LITELLM_PARAMS,
    MODEL_INFO_SHAPES,
    PRICE_PREFIXES,
    PROVIDERS,
    REDIS_ADDRESS,
    ROUTER_SETTING_SHAPES,
    ROUTER_SETTINGS,
)
from gmn_llm.config.references import PREFIX
from gmn_llm.config.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["VERSION", "config_schema", "schema_text"]

VERSION: Final = "1.0.0"
"""Raised in its last place for what only adds, in its first for what old files would not pass."""
ASIDE: Final = (
    "A key at the top that begins with x- is not read, as in Docker Compose: it may hold what anchors are set on, to "
    "be brought in elsewhere with << or an alias."
)


@functools.cache
def config_schema() -> Mapping[str, object]:
    """Return the schema (2020-12) of what ``load_settings`` takes from a file.

    Names of groups are free text to it; that a fallback names a group is found on loading.
    """
    schema = Settings.model_json_schema()
    for part in (schema, *schema["$defs"].values()):
        for field in part.get("properties", {}).values():
            field.pop("title", None)
        part.pop("title", None)
    properties = schema["properties"]
    properties["$schema"] = {"type": "string", "description": "Where an editor finds this schema; nothing to us."}
    properties["provider"]["examples"] = ["auto", *PROVIDERS]
    properties["router_settings"] |= {
        "propertyNames": {"enum": sorted(ROUTER_SETTINGS)},
        "properties": _or_reference(ROUTER_SETTING_SHAPES),
    }
    limits = properties["limits"]
    limits["properties"] = {
        name: {**limits["additionalProperties"], "description": words} for name, words in LIMITS.items()
    }
    limits["additionalProperties"] = False
    parameters = schema["$defs"]["ModelEntry"]["properties"]["litellm_params"]
    parameters["required"] = ["model"]
    parameters["properties"] = _or_reference(LITELLM_PARAM_SHAPES)
    schema["$defs"]["ModelEntry"]["properties"]["model_info"]["properties"] = dict(MODEL_INFO_SHAPES)
    for section in ("OpenAISection", "AnthropicSection", "OllamaSection"):
        _narrow(schema["$defs"][section]["properties"]["base_url"], ADDRESS)
    _narrow(schema["$defs"]["CacheSettings"]["properties"]["redis_url"], REDIS_ADDRESS)
    schema["description"] += f"\n\n{ASIDE}"
    schema["patternProperties"] = {"^x-": {"description": ASIDE}}
    parameters["propertyNames"] = {
        "anyOf": [{"enum": sorted(LITELLM_PARAMS)}, {"pattern": f"^({'|'.join(PRICE_PREFIXES)})"}]
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:gmn-llm:schema:config:{VERSION}",
        "version": VERSION,
        "title": "Configuration of gmn-llm",
        **schema,
    }


def _narrow(field: dict[str, object], shape: Mapping[str, object]) -> None:
    """Put the pattern of a text into a setting that is a text or null."""
    for part in cast("list[dict[str, object]]", field["anyOf"]):
        if part.get("type") == "string":
            part.update(shape)


def _or_reference(shapes: Mapping[str, Mapping[str, object]]) -> dict[str, object]:
    """Return the shapes with a reference to a variable let in beside each single value that takes no text."""
    reference = {"type": "string", "pattern": f"^{PREFIX}."}
    return {
        name: dict(shape) if shape.get("type") in ("string", "object", "array") else {"anyOf": [dict(shape), reference]}
        for name, shape in shapes.items()
    }


def schema_text() -> str:
    """Return the schema as it stands in ``schemas/config.schema.json``."""
    return json.dumps(config_schema(), indent=2, ensure_ascii=False) + "\n"
