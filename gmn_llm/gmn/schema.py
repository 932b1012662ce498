"""The JSON Schema of the canonical document, and whether a document meets it."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Mapping

    import jsonschema_rs

    from gmn_llm.findings import Finding

__all__ = [
    "LIKELIHOOD_KINDS",
    "NODE_TYPES",
    "TRANSITION_KINDS",
    "is_valid",
    "known_properties",
    "load",
    "schema_findings",
]

LIKELIHOOD_KINDS = ("identity", "noisy_identity", "of", "uniform", "rules")
TRANSITION_KINDS = ("identity", "uniform", "grid", "line", "cycle", "set", "random_walk", "rules")
NODE_TYPES = (
    "state", "observation", "action", "likelihood", "transition", "preference", "belief", "policy", "llm_query",
)  # fmt: skip


@cache
def load(name: str = "gmn") -> dict[str, object]:
    """Return the JSON Schema ``name`` of the package; it is one object for all, and not to be changed.

    Raises:
        FileNotFoundError: The installation has no such schema.
    """
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "schemas", package.parent / "schemas"):
        file = folder / f"{name}.schema.json"
        if file.is_file():
            return cast("dict[str, object]", json.loads(file.read_text(encoding="utf-8")))
    raise FileNotFoundError(f"{name}.schema.json is not part of this installation of gmn-llm")


@cache
def _validator() -> jsonschema_rs.Validator:
    import jsonschema_rs

    return jsonschema_rs.validator_for(load())


@cache
def known_properties(node_type: str) -> frozenset[str]:
    """Return the names of the properties that a node of this type knows."""
    definitions = cast("Mapping[str, Mapping[str, Mapping[str, object]]]", load()["$defs"])
    return frozenset(definitions[node_type]["properties"])


@cache
def _needed_keys() -> frozenset[str]:
    """Return every key that the schema demands anywhere."""
    found: set[str] = set()
    parts: list[object] = [load()]
    while parts:
        part = parts.pop()
        if isinstance(part, dict):
            required = part.get("required")
            found.update(required if isinstance(required, list) else ())
            parts.extend(part.values())
        elif isinstance(part, list):
            parts.extend(part)
    return frozenset(found)


def is_valid(document: object) -> bool:
    """Return whether ``document``, a plain JSON value, meets the schema."""
    return _validator().is_valid(document)


def schema_findings(document: object) -> list[Finding]:
    """Return what the schema has against ``document``, a plain JSON value; at most 100 findings.

    Of a document that holds very much the first error is told, and all others in the first part of it.
    """
    if is_valid(document):
        return []
    from gmn_llm.gmn.schema_words import in_words
    from gmn_llm.gmn.shortening import shortened

    problems = [(document, _first(document))]
    brief = shortened(document, needed=_needed_keys())
    problems += [(brief, problem) for problem in _validator().iter_errors(brief)]
    return in_words(problems, load())


def _first(document: object) -> jsonschema_rs.ValidationError:
    """Return the first error of a document that has one; it is found without looking for the others."""
    import jsonschema_rs

    try:
        _validator().validate(document)
    except jsonschema_rs.ValidationError as error:
        return error
    raise AssertionError("a document that does not meet the schema has an error")
