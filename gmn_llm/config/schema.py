"""The JSON Schema of a configuration file, for editors: made from ``Settings``, kept in ``schemas/``."""

from __future__ import annotations

import json
from typing import Final

from gmn_llm.config.names import LITELLM_PARAMS, PRICE_PREFIXES, PROVIDERS, ROUTER_SETTINGS
from gmn_llm.config.settings import Settings

__all__ = ["VERSION", "config_schema", "schema_text"]

VERSION: Final = "1.0.0"
"""Raised in its last place for what only adds, in its first for what old files would not pass."""


def config_schema() -> dict[str, object]:
    """Return the schema (2020-12) of what ``load_settings`` takes from a file.

    Names of groups are free text to it; that a fallback names a group is found on loading.
    """
    schema = Settings.model_json_schema()
    properties = schema["properties"]
    properties["$schema"] = {"type": "string"}
    properties["provider"]["examples"] = ["auto", *PROVIDERS]
    properties["router_settings"]["propertyNames"] = {"enum": sorted(ROUTER_SETTINGS)}
    parameters = schema["$defs"]["ModelEntry"]["properties"]["litellm_params"]
    parameters["required"] = ["model"]
    parameters["properties"] = {"model": {"type": "string", "minLength": 1}}
    parameters["propertyNames"] = {
        "anyOf": [{"enum": sorted(LITELLM_PARAMS)}, {"pattern": f"^({'|'.join(PRICE_PREFIXES)})"}]
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:gmn-llm:schema:config:{VERSION}",
        "version": VERSION,
        **schema,
        "title": "Configuration of gmn-llm",
    }


def schema_text() -> str:
    """Return the schema as it stands in ``schemas/config.schema.json``."""
    return json.dumps(config_schema(), indent=2, ensure_ascii=False) + "\n"
