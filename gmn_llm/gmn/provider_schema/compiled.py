"""A JSON Schema as a provider takes it, with the way back for what is answered."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, cast

from gmn_llm.gmn.provider_schema.folding import folded
from gmn_llm.gmn.provider_schema.reading import shape_of
from gmn_llm.gmn.provider_schema.shapes import Record
from gmn_llm.gmn.provider_schema.writing import written

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gmn_llm.gmn.provider_schema.dialects import Dialect

__all__ = ["CompiledSchema", "compile_schema"]


@dataclass(frozen=True, slots=True)
class CompiledSchema:
    """A schema in one dialect.

    What the original demands beyond it stays with the original's validator: bounds the dialect does not take, what
    ``not`` forbids, keys of pairs that are there once only, the items of a list of one. What the original allows
    beyond it can't be said in it: keys without a name in records, values of free keys that are objects, lists
    that mix levels or stand in each other more than ``DEPTH`` times, what is marked as deprecated; and, where free
    keys are pairs, an object without keys that might as well be missing.

    Attributes:
        dialect: Whose it is.
        text: The schema as JSON.
        shape: What the original says.
    """

    dialect: Dialect
    text: str
    shape: Record

    @property
    def schema(self) -> dict[str, object]:
        """The schema, a new one each time: whoever sends it may change it."""
        return cast("dict[str, object]", json.loads(self.text))

    def fold(self, value: object) -> object:
        """Return an answer in the form of the original schema.

        A value that meets the original comes out equal, whatever the dialect; so does what has no form at all, for
        the checks to tell of.
        """
        return folded(self.shape, value)


def compile_schema(schema: Mapping[str, object], dialect: Dialect) -> CompiledSchema:
    """Return ``schema`` in the words of ``dialect``.

    Args:
        schema: JSON Schema of draft 2020-12 with references of its own only; its top is an object.
        dialect: Whose words.

    Raises:
        ValueError: A reference leads nowhere, or the top is not one kind of object, as all providers ask.
    """
    return _compiled(json.dumps(schema), dialect)


@lru_cache(maxsize=64)
def _compiled(text: str, dialect: Dialect) -> CompiledSchema:
    shape = shape_of(json.loads(text))
    if not isinstance(shape, Record):
        raise ValueError("a schema for a provider has one kind of object at its top")  # noqa: TRY004  # its value is at fault
    return CompiledSchema(dialect, json.dumps(written(shape, dialect.rules)), shape)
