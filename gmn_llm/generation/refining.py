"""From a model's answer to feedback to the changed document: a patch done, a whole document held to what was asked.

The result says what was changed and what was put back, and keeps in its metadata what was asked for, with the ids of
what was changed by it: at most the last 20 refinements. The history goes to no model.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, cast

from gmn_llm.findings import Finding, Severity, quote
from gmn_llm.generation.answers import Answer, values_in, values_read
from gmn_llm.generation.compact import HISTORY, NOTES, restored
from gmn_llm.generation.graph_parts import GraphPart
from gmn_llm.generation.pieces import spoken as without_thoughts
from gmn_llm.generation.pieces import squashed
from gmn_llm.generation.preserving import Preserved, preserved
from gmn_llm.generation.spoken import Spoken
from gmn_llm.gmn.difference import Difference, difference, nodes_of
from gmn_llm.gmn.patch import KEYS, is_patch, patched
from gmn_llm.gmn.provider_schema import Dialect, compile_schema
from gmn_llm.gmn.reading import Reading
from gmn_llm.gmn.schema import load as load_schema
from gmn_llm.gmn.validation import validate_reading

if TYPE_CHECKING:
    from gmn_llm.generation.draft_parts import DraftPart
    from gmn_llm.generation.task import Task

__all__ = ["CHANGED", "MOST_KEPT", "refined"]

Object = Mapping[str, object]
MOST_KEPT: Final = 20
"""Refinements in a document's history; the oldest go first."""
LONGEST: Final = 500
"""Characters of feedback in the history."""
MOST_IDS: Final = 100
CHANGED: Final = "changed as asked: "
"""How the finding begins that says what was changed."""
HINT: Final = "say it in other words where something else was meant"
SQUASHED: Final = tuple(squashed(key) for key in KEYS)


@dataclass(frozen=True, slots=True)
class _Asked:
    """One refinement: the task, the document before it without earlier remarks, and what is changed already.

    Attributes:
        task: The task.
        before: The document that is to be changed.
        shown: The document that a patch changes: the same, or what an earlier answer made of it.
        accepted: Ids of nodes that may change whatever the feedback's words say, or None where its words decide.
        lenient: As for ``answers``.
    """

    task: Task
    before: Object
    shown: Object
    accepted: frozenset[str] | None
    lenient: bool


def refined(
    text: str,
    found: Iterator[Answer],
    task: Task,
    *,
    part: DraftPart | GraphPart | None = None,
    lenient: bool = False,
) -> Iterator[Answer]:
    """Yield the readings of an answer to feedback, each with the whole changed document; there is always one.

    Args:
        text: The answer.
        found: Its readings as a document or draft.
        task: The refinement; its ``document`` is what is to be changed.
        part: What was asked for of an earlier answer, which had changed then what it had to change.
        lenient: As for ``answers``.
    """
    before = _without_remarks(task.document or {})
    shown, accepted = before, None
    if isinstance(part, GraphPart):
        shown = _without_remarks(part.document)
        nodes = _nodes(part.document)
        at_fault = (nodes[k] for k in part.nodes)
        accepted = frozenset(node.id for node in difference(before, shown).nodes)
        accepted |= {str(node.get("id")) for node in at_fault if isinstance(node, Mapping)}
    asked = _Asked(task, before, shown, accepted, lenient)
    for value, mended, complete in values_in(without_thoughts(text), SQUASHED):
        patch = _folded(value)
        if is_patch(patch):
            yield from _of_patch(asked, patch, mended=mended, complete=complete)
    for answer in found:
        yield _of_document(asked, answer)


def _folded(value: Object) -> Object:
    """Return a patch in the form of its schema, whatever dialect it was asked for in."""
    known = {squashed(key): key for key in KEYS}
    value = {known.get(squashed(key), key): part for key, part in value.items()}
    return cast("Object", compile_schema(load_schema("patch"), Dialect.PLAIN).fold(value))


def _of_patch(asked: _Asked, patch: Object, *, mended: bool, complete: bool) -> Iterator[Answer]:
    """Yield the readings of the document that a patch makes."""
    task, done = asked.task, patched(asked.shown, patch)
    changed = {node.id for node in difference(asked.shown, done.document).nodes}
    named = None if asked.accepted is None else changed | asked.accepted
    value = restored(done.document, asked.before)
    said = patch.get("say")
    for answer in values_read(
        value, name=task.name, limits=task.limits, lenient=asked.lenient, mended=mended, complete=complete
    ):
        told = said if isinstance(said, str) else ""
        yield _finished(asked, answer, named=named, more=done.findings, said=told, patched=True)


def _of_document(asked: _Asked, answer: Answer) -> Answer:
    """Return the reading of a whole document with what nobody asked for put back."""
    value = answer.value
    if isinstance(value, Mapping) and (whole := restored(value, asked.before)) is not value:
        task = asked.task
        answer = next(values_read(whole, name=task.name, limits=task.limits, lenient=asked.lenient))
    if answer.reading.document is None:
        answer = _of_misshapen(asked, answer)
    return _finished(asked, answer, named=asked.accepted)


def _of_misshapen(asked: _Asked, answer: Answer) -> Answer:
    """Return the reading of a document that can't be read, if it can without what the feedback does not speak of."""
    task, value = asked.task, answer.value
    if not isinstance(value, Mapping) or len(nodes_of(value)) != len(_nodes(value)):
        return answer
    if not all(isinstance(node, Mapping) and isinstance(node.get("id"), str) for node in _nodes(value)):
        return answer
    known = preserved(
        asked.before, value, Spoken.of(task.description), errors=lambda _: 0, named=asked.accepted
    ).document
    again = next(values_read(known, name=task.name, limits=task.limits, lenient=asked.lenient))
    return answer if again.reading.document is None else again


def _finished(
    asked: _Asked,
    answer: Answer,
    *,
    named: Collection[str] | None,
    more: tuple[Finding, ...] = (),
    said: str = "",
    patched: bool = False,
) -> Answer:
    """Return an answer with the document that comes of it, its history, and what there is to tell."""
    task, after = asked.task, answer.reading.document
    if after is None or len(nodes_of(after)) != len(_nodes(after)):
        return answer  # nothing that could be compared: what is wrong with it comes first
    spoken = Spoken.of(task.description)
    result = preserved(asked.before, after, spoken, errors=_counter(task), named=named, patched=patched)
    metadata, remarks = _kept_metadata(asked, after), _remarks(after)
    changes = difference(asked.before, {**result.document, "metadata": metadata})
    if changes:
        metadata |= {key: value for key, value in remarks.items() if value}
        document = {**result.document, "metadata": _with_history(metadata, task.description, changes)}
        told = _told(result, changes)
    else:
        document, told = dict(task.document or {}), _nothing_changed(result, remarks, said)
    if asked.lenient:
        more = tuple(Finding("unread-prompt", "", f"left out: {finding.message}", finding.hint) for finding in more)
    findings = (*more, *_about_the_whole(answer.reading.findings), *told)
    return replace(answer, reading=Reading(document, findings), value=document, origins=())


def _counter(task: Task) -> Callable[[Object], int]:
    def errors(document: Object) -> int:
        reading = Reading(dict(document), ())
        return len(validate_reading(reading, task.constraints, limits=task.limits).errors)

    return errors


def _nodes(document: Object) -> list[object]:
    nodes = document.get("nodes")
    return nodes if isinstance(nodes, list) else []


def _about_the_whole(findings: Collection[Finding]) -> Iterator[Finding]:
    """Yield findings whose places are those of the answer; nodes and edges may have others in the result."""
    for finding in findings:
        yield replace(finding, path="") if finding.severity is Severity.WARNING else finding


def _told(result: Preserved, changes: Difference) -> Iterator[Finding]:
    yield Finding("unread-prompt", "", f"{CHANGED}{changes}", HINT)
    if not result.judged:
        said = "the feedback names nothing of the document, so every change in the answer was kept"
        yield Finding("unread-prompt", "", said, "name the nodes that are to change")
    yield from _put_back(result)
    if result.forced:
        said = f"changed with it, for it would not be valid without: {', '.join(map(str, result.forced))}"
        yield Finding("constraint-won", "", said, HINT)


def _put_back(result: Preserved) -> Iterator[Finding]:
    parts = [*map(str, result.put_back), *([f"edges ({result.edges})"] if result.edges else [])]
    if parts:
        said = f"put back as it was, for the feedback does not speak of it: {', '.join(parts)}"
        yield Finding("constraint-won", "", said, "name it in the feedback where it is to change")


def _nothing_changed(result: Preserved, remarks: Object, said: str) -> Iterator[Finding]:
    reasons = [str(part) for parts in remarks.values() if isinstance(parts, list) for part in parts]
    reason = said or "; ".join(reasons) or "the feedback asks for nothing that is not so already"
    yield Finding("unread-prompt", "", f"nothing was changed: {quote(reason)}", HINT)
    yield from _put_back(result)


def _without_remarks(document: Object) -> dict[str, object]:
    """Return a document without the remarks of whoever wrote it last, which the next one does not answer for."""
    metadata = document.get("metadata")
    if not isinstance(metadata, Mapping) or not any(key in metadata for key in NOTES):
        return dict(document)
    return {**document, "metadata": {key: value for key, value in metadata.items() if key not in NOTES}}


def _remarks(after: Object) -> dict[str, object]:
    metadata = after.get("metadata")
    return {key: metadata[key] for key in NOTES if key in metadata} if isinstance(metadata, Mapping) else {}


def _kept_metadata(asked: _Asked, after: Object) -> dict[str, object]:
    """Return the metadata of the old document, with what else the feedback speaks of."""
    old, new = asked.before.get("metadata"), after.get("metadata")
    spoken = Spoken.of(asked.task.description)
    kept = {
        key: value
        for key, value in (new.items() if isinstance(new, Mapping) else ())
        if key not in (*NOTES, *HISTORY) and spoken.says("metadata", *key.casefold().split("_"))
    }
    return {**(old if isinstance(old, Mapping) else {}), **kept}


def _with_history(metadata: dict[str, object], feedback: str, changes: Difference) -> dict[str, object]:
    place = next((key for key in HISTORY if _is_history(metadata.get(key, []))), None)
    if place is None:  # both names are taken by something else
        return metadata
    earlier = cast("list[object]", metadata.get(place, []))
    return {**metadata, place: [*earlier, _entry(feedback, changes)][-MOST_KEPT:]}


def _is_history(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, Mapping) and "feedback" in each for each in value)


def _entry(feedback: str, changes: Difference) -> dict[str, object]:
    words = " ".join(feedback.encode("utf-8", "replace").decode("utf-8").split())
    ids = {"changed": changes.changed, "added": changes.added, "removed": changes.removed}
    entry: dict[str, object] = {"feedback": words if len(words) <= LONGEST else words[: LONGEST - 1] + "…"}
    entry |= {key: list(names[:MOST_IDS]) for key, names in ids.items() if names}
    edges = len(changes.added_edges) + len(changes.removed_edges)
    return entry | ({"edges": edges} if edges else {})
