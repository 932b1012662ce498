"""From an answer with findings to the question that mends it, and from what comes back to the whole again.

A question costs less than the first one did: it carries the part at fault and not the whole, under rules of its own.
Where the part would be as large as all that (arrays written out, say), or where nothing could be read, or where a
repair changed nothing, the model writes anew, as a draft and under short rules, which costs less as well. Only a
refinement has no shorter form: there the question itself is put again.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gmn_llm.findings import Severity
from gmn_llm.generation.answers import Answer, answers, values_read
from gmn_llm.generation.draft import is_draft
from gmn_llm.generation.draft_parts import DraftPart
from gmn_llm.generation.graph_parts import GraphPart
from gmn_llm.generation.pieces import pieces, spoken, squashed, within
from gmn_llm.gmn.constraints import check_constraints
from gmn_llm.gmn.schema import load as load_schema
from gmn_llm.gmn.structure import resolve

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gmn_llm.findings import Finding
    from gmn_llm.generation.task import Task
    from gmn_llm.messages import CompletionRequest

__all__ = ["Repair", "repair_of"]

MOST_FINDINGS = 20
MOST_WORDS = 1500
"""Characters of all findings together that a model is told; the first is told in any case."""


@dataclass(frozen=True, slots=True)
class Repair:
    """One question that mends an answer.

    Attributes:
        request: The question.
        part: What is mended, or None where the whole is written anew.
    """

    request: CompletionRequest
    part: DraftPart | GraphPart | None

    def answers(self, text: str, task: Task, *, lenient: bool = False) -> Iterator[Answer]:
        """Yield the readings of what was answered, each the whole with the part put back; there is always one."""
        put_back = [] if self.part is None or _is_whole(text) else list(self._put_back(self.part, text, task, lenient))
        yield from put_back or answers(text, name=task.name, limits=task.limits, lenient=lenient)

    @staticmethod
    def _put_back(part: DraftPart | GraphPart, text: str, task: Task, lenient: bool) -> Iterator[Answer]:  # noqa: FBT001
        for piece in pieces(spoken(text)):
            for value in part.put_back(piece.value):
                yield from values_read(
                    value,
                    name=task.name,
                    limits=task.limits,
                    lenient=lenient,
                    mended=piece.mended,
                    complete=piece.complete,
                )


def _is_whole(text: str) -> bool:
    """Whether a model answered with the whole thing though a part was asked for."""
    for piece in pieces(spoken(text)):
        for value in within(piece.value, ("factors", "nodes")):
            keys = {squashed(key) for key in value}
            return "name" in keys and ("nodes" in keys or len(keys & {"senses", "stepsahead", "description"}) > 0)
    return False


def repair_of(task: Task, answer: Answer, findings: Sequence[Finding], *, length: int, anew: bool = False) -> Repair:
    """Return the question that mends ``answer``.

    Args:
        task: What is to be made.
        answer: The last answer.
        findings: What is wrong with it.
        length: Characters of what a model writes when it writes all of it.
        anew: Whether the part was asked for in vain.
    """
    part = None if anew else _part(task, answer, findings)
    if part is not None:
        told = _worth_telling(part.placed(findings, answer.origins))
        said = {"part": part.sent, "outline": part.outline}
        request = task.ask_to_repair(said, told, template=part.template, schema=part.schema)
        if _size(request) + len(_text(part.sent)) < _size(task.ask()) + length:
            return Repair(request, part)
    if task.kind == "refine":
        return Repair(task.ask(_worth_telling(findings)), None)
    request = task.ask_to_repair({}, _worth_telling(findings), template="rewrite", schema=load_schema("draft"))
    return Repair(request, None)


def _part(task: Task, answer: Answer, findings: Sequence[Finding]) -> DraftPart | GraphPart | None:
    written = answer.written
    if written is None or any(f.code in ("json-syntax", "text-syntax") for f in findings):
        return None
    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    broken = _broken(task, answer) if any(finding.code == "constraint" for finding in errors) else []
    if is_draft(written):
        return DraftPart.at(written, errors, answer.origins, broken)
    return GraphPart.at(written, errors, broken) if isinstance(written.get("nodes"), list) else None


def _broken(task: Task, answer: Answer) -> list[str]:
    """Return the names of the constraints that a document breaks."""
    document = answer.reading.document
    if document is None:
        return []
    structure = resolve(document)
    return [
        name
        for name, value in task.constraints.items()
        if any(found.code == "constraint" for found in check_constraints(structure, document, {name: value}))
    ]


def _worth_telling(findings: Sequence[Finding]) -> list[Finding]:
    """Return the first errors, as many as fit; what is wrong in one place is told often enough by then."""
    told: list[Finding] = []
    size = 0
    for finding in findings:
        size += len(finding.message) + len(finding.hint)
        if told and (size > MOST_WORDS or len(told) >= MOST_FINDINGS):
            break
        if finding.severity is Severity.ERROR:
            told.append(finding)
    return told


def _text(value: Mapping[str, object]) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _size(request: CompletionRequest) -> int:
    return sum(len(message.content) for message in request.messages)
