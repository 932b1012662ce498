"""The JSON Schema of the canonical document: a fast yes, and the words of a no.

``jsonschema_rs`` says yes in some 10 microseconds for a document of seven nodes; the slower ``jsonschema`` is
asked only where the answer is no, for its error tree.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, cast

from gmn_llm.findings import Finding, quote
from gmn_llm.gmn.positions import escape

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import jsonschema_rs
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError

__all__ = ["LIKELIHOOD_KINDS", "NODE_TYPES", "TRANSITION_KINDS", "is_valid", "known_properties", "load", "schema_findings"]

LIKELIHOOD_KINDS = ("identity", "noisy_identity", "of", "uniform", "rules")
TRANSITION_KINDS = ("identity", "uniform", "grid", "line", "cycle", "set", "random_walk", "rules")
NODE_TYPES = (
    "state", "observation", "action", "likelihood", "transition", "preference", "belief", "policy", "llm_query",
)  # fmt: skip

MOST_WORDS = 100


@cache
def load(name: str = "gmn") -> dict[str, object]:
    """Return the JSON Schema ``name`` of the package (a new reader must not change it)."""
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "schemas", package.parent / "schemas"):
        file = folder / f"{name}.schema.json"
        if file.is_file():
            return cast("dict[str, object]", json.loads(file.read_text(encoding="utf-8")))
    raise FileNotFoundError(f"{name}.schema.json is not part of this installation of gmn-llm")


@cache
def _fast() -> jsonschema_rs.Validator:
    import jsonschema_rs

    return jsonschema_rs.validator_for(load())


@cache
def _slow() -> Draft202012Validator:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(load())


@cache
def known_properties(node_type: str) -> frozenset[str]:
    """Return the names of the properties that a node of this type knows."""
    definitions = cast("Mapping[str, Mapping[str, Mapping[str, object]]]", load()["$defs"])
    return frozenset(definitions[node_type]["properties"])


def is_valid(document: object) -> bool:
    """Return whether ``document`` meets the schema."""
    return _fast().is_valid(document)


def schema_findings(document: object) -> list[Finding]:
    """Return what the schema has against ``document``, at most 100 findings, in document order."""
    if is_valid(document):
        return []
    found: list[Finding] = []
    for error in _slow().iter_errors(document):
        found.extend(_in_words(error))
        if len(found) >= MOST_WORDS:
            break
    return found


def _in_words(error: ValidationError) -> Iterator[Finding]:
    path = "".join(f"/{escape(part)}" for part in error.absolute_path)
    words = _WORDS.get(str(error.validator))
    if error.validator == "anyOf" and path.endswith(("/matrix", "/vector", "/values")):
        yield from _deepest(error, path)
    elif _is_node_type(error):
        yield Finding("unknown-type", path, f"there is no node type {quote(error.instance)}", "one of " + ", ".join(NODE_TYPES))
    elif path.endswith("/matrix") and error.validator in ("type", "enum"):
        yield _no_matrix(error, path)
    elif path.endswith("/matrix/kind"):
        kinds = ", ".join(str(kind) for kind in error.validator_value)
        yield Finding("schema", path, f"{quote(error.instance)} is not a kind of matrix here", f"one of {kinds}")
    else:
        yield Finding("schema", path, words(error) if words else quote_message(error), _hint(error))


def _deepest(error: ValidationError, path: str) -> Iterator[Finding]:
    from jsonschema.exceptions import best_match

    best = best_match(error.context or [])
    if best is None or best is error:
        yield Finding("schema", path, quote_message(error), _hint(error))
    else:
        yield Finding("schema", "".join(f"/{escape(p)}" for p in best.absolute_path), quote_message(best), _hint(best))


def _is_node_type(error: ValidationError) -> bool:
    path = list(error.absolute_path)
    return error.validator == "enum" and len(path) == 3 and path[0] in ("nodes", "edges") and path[2] == "type" and path[0] == "nodes"


def _no_matrix(error: ValidationError, path: str) -> Finding:
    kinds = LIKELIHOOD_KINDS if "likelihood" in "".join(map(str, error.absolute_schema_path)) else TRANSITION_KINDS
    return Finding(
        "schema",
        path,
        f"a matrix is a nested list of numbers or an object with a kind, not {quote(error.instance)}",
        f'e.g. {{"kind": "{kinds[0]}"}}; the kinds are {", ".join(kinds)}',
    )


def quote_message(error: ValidationError) -> str:
    """Return what ``error`` says, with the value quoted to 80 characters."""
    words = _WORDS.get(str(error.validator))
    return words(error) if words else f"{quote(error.instance)} does not fit: {error.validator}"


def _names(names: Iterable[object]) -> str:
    return ", ".join(quote(name) for name in names)


def _extra(error: ValidationError) -> str:
    known = error.schema.get("properties", {})
    return "unknown key " + _names(key for key in error.instance if key not in known)


def _missing(error: ValidationError) -> str:
    return "missing key " + _names(key for key in error.validator_value if key not in error.instance)


_WORDS = {
    "additionalProperties": _extra,
    "required": _missing,
    "type": lambda e: f"{quote(e.instance)} is not of type {e.validator_value}",
    "enum": lambda e: f"{quote(e.instance)} is not one of {_names(e.validator_value)}",
    "const": lambda e: f"{quote(e.instance)} is not {quote(e.validator_value)}",
    "pattern": lambda e: f"{quote(e.instance)} is not an identifier",
    "minimum": lambda e: f"{e.instance} is less than {e.validator_value}",
    "maximum": lambda e: f"{e.instance} is more than {e.validator_value}",
    "exclusiveMinimum": lambda e: f"{e.instance} is not more than {e.validator_value}",
    "minLength": lambda _: "an empty string",
    "minItems": lambda e: f"only {len(e.instance)} items where {e.validator_value} are needed",
    "maxItems": lambda e: f"{len(e.instance)} items where {e.validator_value} are the most",
    "not": lambda _: "two properties that say the same thing",
    "anyOf": lambda e: f"{quote(e.instance)} is none of the forms allowed here",
}


def _hint(error: ValidationError) -> str:
    known = error.schema.get("properties")
    if error.validator == "additionalProperties" and known:
        return _nearest([key for key in error.instance if key not in known], list(known))
    if error.validator == "pattern":
        return "letters, digits and underscores, not beginning with a digit"
    if error.validator == "not":
        return "keep one of them"
    return str(error.schema.get("description", ""))


def _nearest(given: list[str], known: list[str]) -> str:
    from difflib import get_close_matches

    close = [match for key in given for match in get_close_matches(key, known, n=1)]
    return f"did you mean {', '.join(close)}?" if close else f"known here: {', '.join(known)}"
