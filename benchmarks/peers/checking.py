"""What is done with an answer where a library does nothing: parsed, and held to the frozen schema."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TypeAlias

from benchmarks.job import schema

__all__ = ["Check", "by_jsonschema", "by_jsonschema_rs"]

Check: TypeAlias = Callable[[str | bytes], object]


def by_jsonschema() -> Check:
    """Return a function that parses a document and raises where jsonschema finds something."""
    import jsonschema

    validator = jsonschema.Draft202012Validator(schema())

    def check(text: str | bytes) -> object:
        document = json.loads(text)
        validator.validate(document)
        return document

    return check


def by_jsonschema_rs() -> Check:
    """Return a function that parses a document and raises where jsonschema-rs finds something."""
    import jsonschema_rs

    validator = jsonschema_rs.validator_for(dict(schema()))

    def check(text: str | bytes) -> object:
        document = json.loads(text)
        validator.validate(document)
        return document

    return check
