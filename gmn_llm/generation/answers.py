"""What models really write, read with leniency and made into a strict document.

An answer may be the draft, the graph, or a text notation, bare or in fences, with prose around, with JSON that is
not quite JSON. What comes out of here is read again by the strict reader; nothing of it is trusted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import cast

from gmn_llm.findings import Finding, quote
from gmn_llm.generation.draft import is_draft, traced
from gmn_llm.generation.loosening import loosened
from gmn_llm.generation.mending import mended_graphs
from gmn_llm.generation.pieces import fenced, pieces, spoken, squashed, within
from gmn_llm.generation.proper import proper
from gmn_llm.gmn.limits import DEFAULT_LIMITS, Limits
from gmn_llm.gmn.provider_schema import CompiledSchema, Dialect, compile_schema
from gmn_llm.gmn.reading import Reading, read
from gmn_llm.gmn.schema import load as load_schema

__all__ = ["Answer", "answers", "as_written", "read_answer", "read_value", "values_in"]

DOCUMENT_KEYS = ("nodes", "factors", "states")
MOST_TEXT = 100_000
"""Characters of a text notation that are read, more than the longest answer that is ever asked for has."""
NOT_PROPER = "the answer was not proper JSON and was mended"
OTHER_FORM = "values in another form were read as what they stand for (numbers in quotation marks, other keys)"
NOT_WHOLE = "the answer was cut short: what came after is missing"


@dataclass(frozen=True, slots=True)
class Answer:
    """What an answer was read as.

    Attributes:
        reading: The document, or findings that say why there is none.
        value: The draft or document as the model wrote it, folded into the form of our schema, or its text where it
            could not be read.
        origins: For each node of the document the JSON pointer to what it was made from, where a draft was written.
        complete: Whether the answer has its end.
    """

    reading: Reading
    value: object
    origins: tuple[str, ...] = ()
    complete: bool = True

    @property
    def written(self) -> Mapping[str, object] | None:
        """The draft or graph as it can be mended in parts, or None where there is neither."""
        if isinstance(self.value, Mapping) and (is_draft(self.value) or isinstance(self.value.get("nodes"), list)):
            return self.value
        return self.reading.document


def read_answer(text: str, *, name: str, limits: Limits = DEFAULT_LIMITS, lenient: bool = False) -> Answer:
    """Return the likeliest reading of a model's answer; arguments as ``answers`` has them."""
    return next(answers(text, name=name, limits=limits, lenient=lenient))


def answers(text: str, *, name: str, limits: Limits = DEFAULT_LIMITS, lenient: bool = False) -> Iterator[Answer]:
    """Yield the readings of a model's answer, the likeliest first; there is always one.

    Args:
        text: The whole answer.
        name: Stands in where the document has no name.
        limits: What is too large; ``answer_bytes`` holds for the whole text.
        lenient: Whether what names what is not there is left out of a draft (``draft.compiled``).
    """
    if len(text.encode("utf-8", "surrogatepass")) > limits.answer_bytes:
        message = f"the answer is larger than {limits.answer_bytes} bytes"
        yield _nothing(text[:1000], Finding("size-limit", "", message, "answer in short"))
        return
    said = spoken(text)
    first = _proper(said, limits)
    if first is not None:
        yield first
    read_with_care = _searched(said, text, name=name, limits=limits, lenient=lenient)
    if first is not None:
        next(read_with_care)  # what it begins with is the same
    yield from read_with_care


def _proper(said: str, limits: Limits) -> Answer | None:
    """Return the reading of an answer that is a document as it should be; most of them are, and it takes no time."""
    found = proper(said, limits=limits)
    return None if found is None else Answer(Reading(found[1], ()), found[0])


def _searched(said: str, text: str, *, name: str, limits: Limits, lenient: bool) -> Iterator[Answer]:
    """Yield the readings of whatever may be a document in an answer, of which ``said`` has no thoughts any more."""
    found = False
    for value, mended, complete in values_in(said, DOCUMENT_KEYS):
        for answer in values_read(value, name=name, limits=limits, lenient=lenient, mended=mended, complete=complete):
            found = True
            yield answer
    notations = [
        notation for piece in _notations(said) if (notation := _from_notation(piece, name, limits)) is not None
    ]
    readable = [answer for answer in notations if answer.reading.document is not None]
    yield from readable
    if not found and not readable:
        message = f"the answer has no document in it: {quote(text)}"
        nothing = Finding("json-syntax", "", message, "answer with one JSON object and nothing else")
        yield notations[0] if notations else _nothing(text, nothing)


def values_in(text: str, keys: Sequence[str]) -> Iterator[tuple[Mapping[str, object], bool, bool]]:
    """Yield the objects in ``text`` that have one of ``keys``, with whether they were mended and are complete."""
    for piece in pieces(text):
        for value in within(piece.value, keys):
            yield value, piece.mended, piece.complete


def read_value(value: Mapping[str, object], *, name: str, limits: Limits, lenient: bool = False) -> Answer:
    """Return the likeliest reading of a draft or document that was parsed; arguments as ``answers`` has them."""
    return next(values_read(value, name=name, limits=limits, lenient=lenient))


def values_read(
    value: Mapping[str, object],
    *,
    name: str,
    limits: Limits,
    lenient: bool = False,
    mended: bool = False,
    complete: bool = True,
) -> Iterator[Answer]:
    """Yield the readings of a draft or document that was parsed, the likeliest first; there is always one.

    Args:
        value: The draft or document.
        name: Stands in where it has no name.
        limits: What is too large.
        lenient: As for ``answers``.
        mended: Whether it was not proper JSON, which is told.
        complete: Whether its end is there; else its last part, where it is not whole, is left out.
    """
    written, changed = _loosened(value)
    notes = [Finding("alias", "", NOT_PROPER, "answer with proper JSON")] if mended else []
    if not complete:
        written = _without_stump(written)
        notes.append(Finding("unread-prompt", "", NOT_WHOLE, "give it more room (max_tokens)"))
    elif changed:
        notes.append(Finding("alias", "", OTHER_FORM, "write values as the schema has them"))
    if is_draft(written):
        document, origins = traced(written, lenient=lenient)
        yield _read(document, name, limits, notes, value=written, origins=origins, complete=complete)
        return
    if not isinstance(written.get("nodes"), list):  # the list form, or nothing that is known
        yield _read(dict(written), name, limits, notes, value=written, complete=complete)
        return
    for graph, told in mended_graphs(written):
        yield _read(graph, name, limits, (*notes, *told), value=graph, complete=complete)


def _read(
    document: dict[str, object],
    name: str,
    limits: Limits,
    notes: Iterable[Finding],
    *,
    value: Mapping[str, object],
    origins: tuple[str, ...] = (),
    complete: bool = True,
) -> Answer:
    if not isinstance(document.get("name"), str) or not str(document["name"]).strip():
        document["name"] = name
    reading = read(document, limits=limits)
    return Answer(replace(reading, findings=(*reading.findings, *notes)), dict(value), origins, complete)


def _nothing(value: object, finding: Finding) -> Answer:
    return Answer(Reading(None, (finding,)), value)


def _notations(text: str) -> Iterator[str]:
    """Yield what of ``text`` may be a text notation: all of it, what stands in fences, what has prose around."""
    yield text.strip()
    yield from fenced(text)
    lines = text.splitlines()
    starts = [k for k, line in enumerate(lines) if line.lstrip().startswith(("model ", "node ", "[nodes]", "[edges]"))]
    if starts:
        ends = [k for k, line in enumerate(lines) if "}" in line or "->" in line]
        yield "\n".join(lines[starts[0] : max(ends, default=len(lines)) + 1])


def _from_notation(piece: str, name: str, limits: Limits) -> Answer | None:
    from gmn_llm.gmn.notation import which_notation

    if len(piece) > MOST_TEXT or which_notation(piece) not in ("brace", "section"):
        return None
    return Answer(read(piece, filename=f"{name}.gmn", limits=limits), piece)


def as_written(value: Mapping[str, object]) -> Mapping[str, object]:
    """Return a draft or graph in the form of its schema; one fold serves for whatever dialect it was asked for in."""
    return _loosened(value)[0]


def _loosened(value: Mapping[str, object]) -> tuple[Mapping[str, object], bool]:
    """Return a draft or graph in the form of its schema, and whether that is another than its dialect's."""
    plain = {_document_key(key): part for key, part in value.items()}
    if isinstance(plain.get("nodes"), list | Mapping):
        plain["nodes"] = _typed(plain["nodes"])
    form = _schema("gmn" if "nodes" in plain or "factors" not in plain else "draft")
    folded = form.fold(plain)
    written = cast("Mapping[str, object]", loosened(form.shape, folded))
    usual = _schema("draft" if is_draft(value) else "gmn")
    return written, written != (folded if usual is form and plain == value else usual.fold(value))


@cache
def _schema(name: str) -> CompiledSchema:
    return compile_schema(load_schema(name), Dialect.PLAIN)


def _document_key(key: str) -> str:
    return squashed(key) if squashed(key) in DOCUMENT_KEYS else key


def _typed(nodes: object) -> object:
    """Return nodes in a list, with their types in small letters, by which their other keys are known."""
    if isinstance(nodes, Mapping) and all(isinstance(node, Mapping) for node in nodes.values()):
        nodes = [{"id": key, **node} for key, node in nodes.items()]
    if not isinstance(nodes, list):
        return nodes
    typed: list[object] = []
    for node in nodes:
        if isinstance(node, Mapping):
            plain = {key.lower() if key.lower() in ("id", "type", "name") else key: part for key, part in node.items()}
            given = str(plain.get("type", "")).strip().lower().replace("-", "_")
            typed.append({**plain, "type": "likelihood" if given == "emission" else given} if given else plain)
        else:
            typed.append(node)
    return typed


def _without_stump(value: Mapping[str, object]) -> Mapping[str, object]:
    """Return what was cut short without its last part, where that is not whole."""
    key = next((key for key in reversed(list(value)) if isinstance(value[key], list) and value[key]), "")
    needed = {"factors": ("actions", "change"), "senses": ("rules",), "nodes": ("id", "type"), "edges": ("target",)}
    parts = value.get(key)
    if key not in needed or not isinstance(parts, list) or key != list(value)[-1]:
        return value
    whole = isinstance(parts[-1], Mapping) and all(name in parts[-1] for name in needed[key])
    return value if whole else {**value, key: parts[:-1]}
