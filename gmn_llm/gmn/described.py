"""A pydantic type whose JSON Schema is the package's file, the one truth about what a document looks like.

What pydantic would make of the fields knows nothing of what stands in ``properties``, and lets null pass where the
file does not.
"""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from gmn_llm.gmn import schema

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import GetJsonSchemaHandler
    from pydantic_core import CoreSchema

__all__ = ["Described", "without_references"]

# The schema itself has a list of lists without end. No array has more axes than this.
DEEPEST = 32
OF_A_FILE = frozenset({"$schema", "$id", "$defs"})


class Described(BaseModel):
    """A base class for the type of a document."""

    @classmethod
    def model_json_schema(cls, *_: Any, **__: Any) -> dict[str, Any]:
        """Return the JSON Schema of a document as the file has it; pydantic's own arguments change nothing."""
        return deepcopy(schema.load())

    @classmethod
    def __get_pydantic_json_schema__(cls, _: CoreSchema, __: GetJsonSchemaHandler, /) -> dict[str, Any]:
        """Return it for a place within the schema of another type, where its references would lead astray."""
        return deepcopy(without_references())


@cache
def without_references() -> dict[str, Any]:
    """Return the schema of a document with every reference replaced by what it refers to.

    Lists of numbers are described down to 32 levels.
    """
    loaded = schema.load()
    definitions: Any = loaded["$defs"]
    told: dict[str, Any] = _written_out(
        {key: part for key, part in loaded.items() if key not in OF_A_FILE}, definitions, ()
    )
    return told


def _written_out(part: Any, definitions: Mapping[str, Any], within: tuple[str, ...]) -> Any:
    if isinstance(part, list):
        return [_written_out(item, definitions, within) for item in part]
    if not isinstance(part, dict):
        return part
    written = {key: _written_out(value, definitions, within) for key, value in part.items() if key != "$ref"}
    name = str(part.get("$ref", "")).rpartition("/")[2]
    if not name:
        return written
    if within.count(name) >= DEEPEST:
        return {"type": definitions[name]["type"]}
    return {**_written_out(definitions[name], definitions, (*within, name)), **written}
