"""What models really write, read with leniency and made into a strict document.

An answer may be the draft, the graph, or a text notation, bare or in fences, with prose around, with JSON that is
not quite JSON. What comes out of here is read again by the strict reader; nothing of it is trusted.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import cast

from gmn_llm.findings import Finding, quote
from gmn_llm.generation.draft import compiled, is_draft
from gmn_llm.gmn.limits import DEFAULT_LIMITS, Limits
from gmn_llm.gmn.provider_schema import Dialect, compile_schema
from gmn_llm.gmn.reading import Reading, read
from gmn_llm.gmn.schema import load as load_schema

__all__ = ["Answer", "read_answer"]

DOCUMENT_KEYS = ("nodes", "factors", "states")
FENCE = "```"
CUT_SHORT = "the answer was not proper JSON and was mended"


@dataclass(frozen=True, slots=True)
class Answer:
    """What an answer was read as.

    Attributes:
        reading: The document, or findings that say why there is none.
        value: The draft or document as the model wrote it, folded into the form of our schema, or its text where it
            could not be read.
    """

    reading: Reading
    value: object


def read_answer(text: str, *, name: str, limits: Limits = DEFAULT_LIMITS, lenient: bool = False) -> Answer:
    """Read a model's answer.

    Args:
        text: The whole answer.
        name: Stands in where the document has no name.
        limits: What is too large; ``answer_bytes`` holds for the whole text.
        lenient: Whether a draft's rules that name what is not there are left out (``draft.compiled``).
    """
    if len(text.encode("utf-8", "surrogatepass")) > limits.answer_bytes:
        return _nothing(
            text[:1000],
            Finding("size-limit", "", f"the answer is larger than {limits.answer_bytes} bytes", "answer in short"),
        )
    for piece in _pieces(text):
        value = _strict(piece)
        if value is not None:
            return _from_value(value, name, limits, mended=False, lenient=lenient)
    notations = [answer for piece in _pieces(text) if (answer := _from_notation(piece, name, limits)) is not None]
    readable = [answer for answer in notations if answer.reading.document is not None]
    if readable or notations:
        return (readable or notations)[0]
    value = _mended(text)
    if value is not None:
        return _from_value(value, name, limits, mended=True, lenient=lenient)
    return _nothing(
        text,
        Finding(
            "json-syntax",
            "",
            f"the answer has no document in it: {quote(text)}",
            "answer with one JSON object and nothing else",
        ),
    )


def _nothing(value: object, finding: Finding) -> Answer:
    return Answer(Reading(None, (finding,)), value)


def _pieces(text: str) -> Iterator[str]:
    """Yield what of ``text`` may be the document: all of it, what stands in fences, what begins with a brace."""
    yield text.strip()
    for k, block in enumerate(text.split(FENCE)):
        if k % 2:
            language, newline, body = block.partition("\n")
            yield (body if newline and " " not in language.strip() and "{" not in language else block).strip()
    start, end = text.find("{"), text.rfind("}")
    if 0 <= start < end:
        yield text[start : end + 1]


def _strict(piece: str) -> Mapping[str, object] | None:
    if piece[:1] not in ("{", "["):
        return None
    try:
        return _document_in(json.loads(piece))
    except (ValueError, RecursionError):
        return None


def _document_in(value: object, depth: int = 0) -> Mapping[str, object] | None:
    """Return the document in ``value``, which models wrap in envelopes such as {"parameters": ...} or a list."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if not isinstance(value, Mapping) or depth > 3:
        return None
    if any(isinstance(value.get(key), list) for key in DOCUMENT_KEYS):
        return value
    inner = [part for part in value.values() if isinstance(part, Mapping | list)]
    return _document_in(inner[0], depth + 1) if len(inner) == 1 else None


def _mended(text: str) -> Mapping[str, object] | None:
    """Return the document that a well-kept mender of JSON finds, or None."""
    start = text.find("{")
    if start < 0:
        return None
    from json_repair import repair_json

    return _document_in(repair_json(text[start:], return_objects=True, skip_json_loads=True))


def _from_notation(piece: str, name: str, limits: Limits) -> Answer | None:
    from gmn_llm.gmn.notation import which_notation

    if which_notation(piece) not in ("brace", "section"):
        return None
    reading = read(piece, filename=f"{name}.gmn", limits=limits)
    return Answer(reading, piece)


def _from_value(value: Mapping[str, object], name: str, limits: Limits, *, mended: bool, lenient: bool) -> Answer:
    value = _folded(value)
    document = dict(compiled(value, lenient=lenient) if is_draft(value) else value)
    if not isinstance(document.get("name"), str) or not str(document["name"]).strip():
        document["name"] = name
    reading = read(document, limits=limits)
    notes = [Finding("alias", "", CUT_SHORT, "answer with proper JSON")] if mended else []
    return Answer(replace(reading, findings=(*reading.findings, *notes)), dict(value))


def _folded(value: Mapping[str, object]) -> Mapping[str, object]:
    """Return an answer in the form of our schema; one fold serves for whatever dialect the schema was asked for in."""
    schema = load_schema("draft" if is_draft(value) else "gmn")
    return cast("Mapping[str, object]", compile_schema(schema, Dialect.PLAIN).fold(value))
