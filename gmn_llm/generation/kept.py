"""What the cache keeps of a document and of a plain answer: the entry, and the way back.

Whoever can write the cache can write an entry, so one is checked like any document, once: what this process has
checked, or written itself, it knows again.
"""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import asdict, dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from pydantic import BaseModel, TypeAdapter, ValidationError

from gmn_llm.findings import Finding
from gmn_llm.generation.deciding import decisive
from gmn_llm.generation.keys import said
from gmn_llm.gmn import GMNSpec
from gmn_llm.gmn.reading import Reading, read
from gmn_llm.gmn.spec import Edge, Node
from gmn_llm.gmn.validation import validate_reading
from gmn_llm.messages import CompletionRequest, LLMResponse
from gmn_llm.provenance import Provenance

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gmn_llm.cache import Recent
    from gmn_llm.generation.task import Task

__all__ = ["KeptDocument", "answer_of", "entry_of_answer"]

log = logging.getLogger("gmn_llm")

SHORT = 8192
BEGINNING = '{"document": '
DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class _Vouched:
    """An entry that was checked.

    Attributes:
        mark: How it is known again.
        shell: An empty document with its findings and its provenance.
        read_as: Its document as it was understood, where that is not how it is written.
        end: Where its document ends, if pydantic's own reader of JSON makes the same of it as Python's, else 0.
    """

    mark: str | bytes
    shell: GMNSpec
    read_as: str | None
    end: int


@dataclass(frozen=True, slots=True)
class KeptDocument:
    """The entry of one task.

    Attributes:
        key: What it is kept under.
        task: What was asked for.
        recent: What this process has checked lately, by key.
    """

    key: str
    task: Task
    recent: Recent[object]

    def write(self, spec: GMNSpec) -> str:
        """Return the entry of ``spec``: the prompt, the arguments, the document and where it comes from."""
        task, provenance, findings = self.task, spec.provenance, spec.reading.findings
        text = json.dumps({
            "document": spec.document,
            "kind": task.kind,
            "prompt": task.description,
            "arguments": self._arguments(),
            "findings": [asdict(finding) for finding in findings],
            "provenance": provenance.model_dump(mode="json") if provenance else None,
        }, ensure_ascii=False, default=said)  # fmt: skip
        if provenance is not None:
            self._vouch(text, findings, provenance)
        return text

    def read(self, text: str) -> GMNSpec | None:
        """Return the document of an entry, equal to the fresh one but for ``provenance.cached``.

        None where it is no entry of this task, or its document is not valid or does not meet the constraints.
        """
        known = self.recent.get(self.key)
        if isinstance(known, _Vouched) and known.mark == _mark(text):
            told = text if known.read_as is None else known.read_as
            if known.end:
                return known.shell.model_copy(update=_read_at_once(told, known.end))
            return _filled(known.shell, _document(told))
        try:
            return self._checked(text)
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            _tell(error)
            return None

    def _arguments(self) -> dict[str, object]:
        task = self.task
        return {
            "agent_type": task.agent_type,
            "constraints": dict(task.constraints),
            "examples": list(task.examples),
            **({"pictures": list(task.pictures)} if task.pictures else {}),  # their digests, by ``said``
            **({"diagrams": list(task.diagrams)} if task.diagrams else {}),
            "document": task.document,
            "temperature": task.temperature,
            "max_tokens": task.max_tokens,
            "params": decisive(task.params),
        }

    def _checked(self, text: str) -> GMNSpec:
        entry = json.loads(text)
        if (entry["kind"], entry["prompt"]) != (self.task.kind, self.task.description):
            raise ValueError("it belongs to another prompt")
        if entry["arguments"] != _plain(self._arguments()):
            raise ValueError("it belongs to other arguments")
        findings = _findings().validate_python(entry["findings"])
        provenance = Provenance.model_validate(entry["provenance"])
        # Read as every later hit reads it: of two parts of one name no other may be taken then.
        found = read(_document(text), limits=self.task.limits)
        if found.document is None:
            raise ValueError("it holds no document")
        verdict = validate_reading(Reading(found.document, findings), self.task.constraints, limits=self.task.limits)
        if not verdict.ok:
            raise ValueError("its document is not valid")
        # Every hit gets the same document, the one that was checked: written otherwise (9.0 for 9), it is kept beside.
        whole = json.dumps({"document": found.document}, ensure_ascii=False)
        same = whole == json.dumps({"document": _document(text)}, ensure_ascii=False)
        shell = self._vouch(text, findings, provenance, read_as=None if same else whole)
        return _filled(shell, _document(whole))

    def _vouch(
        self, text: str, findings: tuple[Finding, ...], provenance: Provenance, *, read_as: str | None = None
    ) -> GMNSpec:
        from gmn_llm.cache.store import storable  # as the text comes back

        empty = GMNSpec.of_reading(Reading({"name": "empty", "nodes": []}, findings), limits=self.task.limits)
        shell = empty.told(provenance=provenance.model_copy(update={"cached": True}))
        kept = storable(text)
        end = _quick_end(kept if read_as is None else read_as)
        self.recent.put(self.key, _Vouched(_mark(kept), shell, read_as, end))
        return shell


def entry_of_answer(request: CompletionRequest, response: LLMResponse) -> str:
    """Return what is kept of a plain answer; only one that is complete (``stop``) should be."""
    entry = _question(request) | {"response": asdict(response)}
    return json.dumps(entry, ensure_ascii=False, default=said)


def answer_of(request: CompletionRequest, text: str) -> LLMResponse | None:
    """Return the answer of an entry, equal to the fresh one but for ``cached``.

    None where it is no entry, or that of another question.
    """
    try:
        entry = json.loads(text)
        _check_question(entry, _plain(_question(request)))
        return _responses().validate_python(entry["response"] | {"cached": True})
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        _tell(error)
        return None


def _check_question(entry: Mapping[str, object], question: object) -> None:
    if {name: part for name, part in entry.items() if name != "response"} != question:
        raise ValueError("it belongs to another question")


def _question(request: CompletionRequest) -> dict[str, object]:
    return {
        "kind": "answer",
        "messages": [asdict(message) for message in request.messages],
        "arguments": {
            "temperature": request.temperature,
            "max_tokens": request.max_tokens,
            "stop": list(request.stop),
            "params": decisive(request.params),
        },
    }


def _plain(value: object) -> object:
    """Return ``value`` as it comes back from its JSON."""
    return json.loads(json.dumps(value, default=said))


def _tell(error: Exception) -> None:
    # The message would quote the entry, so its class has to do.
    log.warning("an entry of the cache was not usable and is made anew: %s", type(error).__name__)


def _document(text: str) -> Mapping[str, object]:
    """Return the document of an entry that was checked; it is the first part of ours, and the rest need not be read."""
    if text.startswith(BEGINNING):
        return cast("Mapping[str, object]", DECODER.raw_decode(text, len(BEGINNING))[0])
    return cast("Mapping[str, object]", json.loads(text)["document"])


def _quick_end(text: str) -> int:
    """Return where the document of an entry ends, or 0 where pydantic's own reader would make anything else of it."""
    if not text.startswith(BEGINNING):
        return 0
    document, end = DECODER.raw_decode(text, len(BEGINNING))
    try:
        found = _read_at_once(text, end)
    except ValidationError:  # a number, or half a sign, that it does not take
        return 0
    return end if _alike(found, _with_parts(document)) else 0


def _alike(one: Mapping[str, object], other: Mapping[str, object]) -> bool:
    """Whether two are equal in everything, by their texts: 1, 1.0 and True are equal otherwise."""
    return {name: repr(part) for name, part in one.items()} == {name: repr(part) for name, part in other.items()}


def _read_at_once(text: str, end: int) -> dict[str, object]:
    found = _Whole.model_validate_json(text[len(BEGINNING) : end])
    return {name: part for name, part in found.__dict__.items() if name in found.model_fields_set}


def _filled(shell: GMNSpec, document: Mapping[str, object]) -> GMNSpec:
    """Return ``shell`` with the parts of ``document``, which is known to meet the schema."""
    return shell.model_copy(update=_with_parts(document))


def _with_parts(document: Mapping[str, object]) -> dict[str, object]:
    nodes, edges = _parts()
    parts = {**document, "nodes": nodes.validate_python(document["nodes"])}
    if "edges" in document:
        parts["edges"] = edges.validate_python(document["edges"])
    return parts


def _mark(text: str) -> str | bytes:
    """Return what an entry is known again by: a short one is compared as it is, which is quicker than any digest."""
    if len(text) <= SHORT:
        return text
    return hashlib.blake2b(text.encode("utf-8", "backslashreplace"), digest_size=32).digest()


class _Whole(BaseModel):
    """A document that is known to meet the schema; what it does not say is not looked at."""

    name: str
    description: str | None = None
    version: str | None = None
    nodes: list[Node]
    edges: list[Edge] = []
    metadata: dict[str, Any] = {}


@cache
def _parts() -> tuple[TypeAdapter[list[Node]], TypeAdapter[list[Edge]]]:
    return TypeAdapter(list[Node]), TypeAdapter(list[Edge])


@cache
def _findings() -> TypeAdapter[tuple[Finding, ...]]:
    return TypeAdapter(tuple[Finding, ...])


@cache
def _responses() -> TypeAdapter[LLMResponse]:
    return TypeAdapter(LLMResponse)
