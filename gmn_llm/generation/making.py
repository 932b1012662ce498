"""Draft, check, repair: a generator that yields questions and takes answers, and ends with a valid document.

It knows no provider, no clock and no loop: whoever drives it sends each question to a model as it likes.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gmn_llm.errors import GMNValidationError, LLMError
from gmn_llm.findings import Finding, Validation, quote
from gmn_llm.generation.answers import Answer, read_answer
from gmn_llm.gmn import GMNSpec
from gmn_llm.gmn.validation import validate_reading

if TYPE_CHECKING:
    from gmn_llm.generation.task import Task
    from gmn_llm.gmn.reading import Reading
    from gmn_llm.messages import CompletionRequest, LLMResponse

__all__ = ["Made", "Making", "making"]

MOST_FINDINGS = 20
ROOM = 16_000
"""The most tokens that an answer which was cut short is given when it is asked for again."""


@dataclass(frozen=True, slots=True)
class Made:
    """A valid document, and how often a model had to mend it."""

    spec: GMNSpec
    repairs: int


Making = Generator["CompletionRequest", "LLMResponse", Made]


def making(task: Task) -> Making:
    """Yield requests, take responses, return a valid document that meets the constraints.

    An ``LLMError`` thrown in (nobody answered) ends it, with a document where what was written allows one.

    Raises:
        GMNValidationError: It is still not valid after ``task.max_repairs`` repairs; has the last draft and all
            findings.
    """
    request = task.ask()
    written: list[str] = []
    last: tuple[Answer, Validation] | None = None
    while True:
        try:
            response = yield request
            if response.finish_reason == "length" and (longer := _with_more_room(request, response)) is not None:
                response = yield longer
        except LLMError as error:
            # Nobody is there to mend it any more: what was written may do without the rules that mean nothing.
            if (spec := _without_bad_rules(task, written)) is None:
                if isinstance(error, GMNValidationError) and last is not None:
                    error.findings, error.draft = last[1].findings, last[0].value
                raise
            return Made(spec, len(written) - 1)
        written.append(response.content)
        answer, verdict = last = _judged(task, response.content)
        if verdict.ok:
            return Made(_spec(task, answer.reading, verdict), len(written) - 1)
        if len(written) > task.max_repairs:
            spec = _without_bad_rules(task, written)
            if spec is None:
                raise _given_up(answer, verdict.findings, len(written) - 1)
            return Made(spec, len(written) - 1)
        request = task.ask_to_repair(answer.value, verdict.errors[:MOST_FINDINGS])


def _judged(task: Task, text: str, *, lenient: bool = False) -> tuple[Answer, Validation]:
    answer = read_answer(text, name=task.name, limits=task.limits, lenient=lenient)
    return answer, validate_reading(answer.reading, task.constraints, limits=task.limits)


def _spec(task: Task, reading: Reading, verdict: Validation) -> GMNSpec:
    """Return the document, with what only its maker can tell: what was left unread, and demands nobody could check."""
    unchecked = [finding for finding in verdict.warnings if finding.code == "unchecked-constraint"]
    told = replace(reading, findings=(*reading.findings, *unchecked, *_told(reading)))
    return GMNSpec.of_reading(told, limits=task.limits)


def _without_bad_rules(task: Task, written: Sequence[str]) -> GMNSpec | None:
    """Return the newest answer that is valid once its rules without meaning are left out, which is told."""
    for text in reversed(written):
        mended, judged = _judged(task, text, lenient=True)
        if judged.ok:
            return _spec(task, mended.reading, judged)
    return None


def _with_more_room(request: CompletionRequest, response: LLMResponse) -> CompletionRequest | None:
    """Return the request with twice the room for its answer, or None where that was tried enough."""
    room = 2 * max(request.max_tokens or 0, response.usage.completion_tokens, 500)
    return replace(request, max_tokens=room) if room <= ROOM else None


def _given_up(answer: Answer, findings: Sequence[Finding], repairs: int) -> GMNValidationError:
    first = findings[0] if findings else ""
    times = f"after {repairs} repair{'s' * (repairs != 1)}"
    return GMNValidationError(
        f"the model wrote no valid document, {times}: {quote(str(first))}",
        findings=findings,
        draft=answer.value,
        hint="say it in other words, loosen the constraints, or use a stronger model",
    )


def _told(reading: Reading) -> Iterable[Finding]:
    """Yield as findings what the writer of a document says of it in its metadata."""
    document = reading.document or {}
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
