"""Draft, check, repair: a generator that yields questions and takes answers, and ends with a valid document.

It knows no provider, no clock and no loop: whoever drives it sends each question to a model as it likes.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

from gmn_llm.errors import GMNValidationError, LLMError
from gmn_llm.findings import Finding, Validation, quote
from gmn_llm.generation.answers import Answer, answers
from gmn_llm.generation.more_room import Room, is_cut
from gmn_llm.generation.overruled import overruled
from gmn_llm.generation.refining import refined
from gmn_llm.generation.repairing import Repair, repair_of
from gmn_llm.gmn import GMNSpec
from gmn_llm.gmn.validation import validate_reading

if TYPE_CHECKING:
    from collections.abc import Callable

    from gmn_llm.generation.task import Task
    from gmn_llm.gmn.reading import Reading
    from gmn_llm.messages import CompletionRequest, LLMResponse

__all__ = ["Made", "Making", "making"]

MOST_READINGS = 12
"""Readings of one answer that are looked at."""


@dataclass(frozen=True, slots=True)
class Made:
    """A valid document, and how often a model had to mend it."""

    spec: GMNSpec
    repairs: int


@dataclass(frozen=True, slots=True)
class _Written:
    """An answer with what it answers to, so that it can be read again with more leniency."""

    text: str
    repair: Repair | None
    cut: bool

    def readings(self, task: Task, *, lenient: bool) -> Iterator[Answer]:
        if self.repair is not None:
            found = self.repair.answers(self.text, task, lenient=lenient)
        else:
            found = answers(self.text, name=task.name, limits=task.limits, lenient=lenient)
        part = self.repair.part if self.repair is not None else None
        return found if task.document is None else refined(self.text, found, task, part=part, lenient=lenient)


Making = Generator["CompletionRequest", "LLMResponse", Made]


def making(task: Task, *, told: Callable[[Sequence[Finding]], None] | None = None) -> Making:
    """Yield requests, take responses, return a valid document that meets the constraints.

    An ``LLMError`` thrown in (nobody answered) ends it, with a document where what was written allows one.

    Args:
        task: What is to be made.
        told: Called before each repair with what is to be repaired.

    Raises:
        GMNValidationError: It is still not valid after ``task.max_repairs`` repairs; has the last draft and all
            findings.
    """
    request, repair, room, length = task.ask(), None, Room(), 0
    written: list[_Written] = []
    last: tuple[Answer, Validation] | None = None
    broke: Mapping[str, object] | None = None
    while True:
        try:
            response = yield from room.asked(request)
        except LLMError as error:
            # Nobody is there to mend it any more: what was written may do without what means nothing.
            if (spec := _last_resort(task, written, broke)) is None:
                if isinstance(error, GMNValidationError) and last is not None:
                    error.findings, error.draft = last[1].findings, last[0].value
                raise
            return Made(spec, len(written) - 1)
        written.append(_Written(response.content, repair, is_cut(response)))
        before, last = last, _judged(task, written[-1])
        answer, verdict = last
        if verdict.ok:
            return Made(_spec(task, answer.reading, verdict, broke), len(written) - 1)
        if len(written) > task.max_repairs:
            if (spec := _last_resort(task, written, broke)) is None:
                raise _given_up(answer, verdict.findings, len(written) - 1)
            return Made(spec, len(written) - 1)
        if broke is None and any(finding.code == "constraint" for finding in verdict.errors):
            broke = answer.reading.document
        in_vain = before is not None and _same(before[1], verdict)
        length = length or len(response.content)
        repair = repair_of(task, answer, verdict.errors, length=length, anew=in_vain)
        request = repair.request
        if told is not None:
            told(verdict.errors)


def _judged(task: Task, written: _Written, *, lenient: bool = False) -> tuple[Answer, Validation]:
    """Return the first valid reading of an answer with its verdict, or of those that are not the nearest to it."""
    best: tuple[Answer, Validation] | None = None
    for answer in islice(written.readings(task, lenient=lenient), MOST_READINGS):
        verdict = validate_reading(answer.reading, task.constraints, limits=task.limits)
        if written.cut and not answer.complete and not lenient:
            verdict = Validation.of((_cut_short(written.text), *verdict.findings))
        if verdict.ok:
            return answer, verdict
        if best is None or _distance(answer, verdict) < _distance(*best):
            best = answer, verdict
    if best is None:
        raise AssertionError("there is a reading of every answer")
    return best


def _distance(answer: Answer, verdict: Validation) -> tuple[bool, int]:
    """Return how far a reading is from a valid one: those that got as far as a document are the nearest."""
    return answer.reading.document is None, len(verdict.errors)


def _cut_short(text: str) -> Finding:
    message = f"the answer was cut short after {len(text)} characters"
    return Finding("json-syntax", "", message, "answer in short: a draft, with no array written out")


def _same(before: Validation, now: Validation) -> bool:
    """Whether a repair changed nothing, or there is nothing in it that can be mended in parts."""
    return [(f.code, f.message) for f in before.errors] == [(f.code, f.message) for f in now.errors]


def _spec(task: Task, reading: Reading, verdict: Validation, broke: Mapping[str, object] | None) -> GMNSpec:
    """Return the document, with what only its maker can tell: what is unread, overruled, or demanded and unchecked."""
    unchecked = [finding for finding in verdict.warnings if finding.code == "unchecked-constraint"]
    won = overruled(task, reading.document or {}, before=broke) if task.constraints else ()
    told = replace(reading, findings=(*reading.findings, *unchecked, *_told(task, reading), *won))
    return GMNSpec.of_reading(told, limits=task.limits)


def _last_resort(task: Task, written: Sequence[_Written], broke: Mapping[str, object] | None) -> GMNSpec | None:
    """Return the newest answer that is valid without what means nothing in it, or is missing at its end; it is told."""
    for answer in reversed(written):
        mended, judged = _judged(task, answer, lenient=True)
        if judged.ok:
            return _spec(task, mended.reading, judged, broke)
    return None


def _given_up(answer: Answer, findings: Sequence[Finding], repairs: int) -> GMNValidationError:
    first = findings[0] if findings else ""
    times = f"after {repairs} repair{'s' * (repairs != 1)}"
    return GMNValidationError(
        f"the model wrote no valid document, {times}: {quote(str(first))}",
        findings=findings,
        draft=answer.value,
        hint="say it in other words, loosen the constraints, or use a stronger model",
    )


def _told(task: Task, reading: Reading) -> Iterable[Finding]:
    """Yield as findings what the writer of a document says of it in its metadata, but for what it said before."""
    document = reading.document or {}
    if task.document is not None and task.document.get("metadata") == document.get("metadata"):
        return
    metadata = document.get("metadata")
    if not isinstance(metadata, dict):
        return
    for key, code, said in (
        ("unread", "unread-prompt", "not used of the prompt: "),
        ("constraint_won", "constraint-won", ""),
        ("assumptions", "unread-prompt", "assumed: "),
    ):
        parts = metadata.get(key)
        for k, part in enumerate(parts if isinstance(parts, list) else ()):
            yield Finding(
                code,
                f"/metadata/{key}/{k}",
                f"{said}{quote(part)}",
                "say it in other words, or refine the document",
            )
