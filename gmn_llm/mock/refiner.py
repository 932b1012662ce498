"""From feedback in words to a changed document; what the feedback does not speak of stays as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gmn_llm.mock.changes import CHANGES
from gmn_llm.mock.draft import Draft
from gmn_llm.mock.feedback import Feedback, read_feedback
from gmn_llm.mock.retelling import Size, retold

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["refine", "refinement"]


REMARKS = ("unread", "assumptions", "constraint_won")


def refinement(
    document: Mapping[str, object], feedback: str, *, constraints: Mapping[str, object] | None = None
) -> dict[str, object]:
    """Return what is different in ``document`` changed as ``feedback`` asks, as a patch (``gmn_llm.gmn.patch``).

    Args:
        document: As for ``refine``.
        feedback: As for ``refine``.
        constraints: As for ``refine``.

    Returns:
        The patch; its ``metadata`` has what could not be used, what was assumed and which constraint won.
    """
    from gmn_llm.gmn.patch import patch_between  # the designer alone needs the standard library only

    changed = refine(document, feedback, constraints=constraints)
    metadata = changed["metadata"]
    remarks = {key: metadata[key] for key in REMARKS if key in metadata} if isinstance(metadata, dict) else {}
    return {**patch_between(document, changed), "metadata": remarks}


def refine(
    document: Mapping[str, object], feedback: str, *, constraints: Mapping[str, object] | None = None
) -> dict[str, object]:
    """Return ``document`` changed as ``feedback`` asks.

    Nodes the feedback does not speak of are the same, in the same order; new ones come last. Feedback that can't
    be used changes nothing and stands in ``metadata["unread"]``.

    Args:
        document: A valid canonical document; it is not changed itself.
        feedback: What is to be different, in natural language.
        constraints: The notation's constraints; a change that would break one of the sums is left out.

    Returns:
        The changed document.
    """
    wanted = read_feedback(feedback)
    draft = Draft(document)
    notes = list(wanted.request.doubts)
    won: list[str] = []
    done = False
    for change in CHANGES:
        trial = Draft(draft.finished({}))
        said = change(trial, wanted)
        if said is None:
            continue
        broken = _broken(draft, trial, constraints or {})
        if broken:
            won.append(f"constraint won: {broken}")
            continue
        draft, done = trial, True
        notes.extend(said)
    if done and draft.nodes == Draft(document).nodes and not notes:
        notes.append("The document is as the feedback asks already: nothing was changed.")
    if not feedback.strip():
        notes.append("There was no feedback: nothing was changed.")
    changed = draft.finished(_metadata(document, wanted, done=done or bool(won), notes=notes, won=won))
    told = document.get("description")
    if isinstance(told, str):
        before = Draft(document)
        counts = (_count(before, "action"), _count(draft, "action"))
        changed["description"] = retold(told, _sizes(before), _sizes(draft), actions=counts, own=False)
    return changed


def _count(draft: Draft, kind: str) -> int:
    return sum(draft.size(node) for node in draft.ids(kind))


def _sizes(draft: Draft) -> list[Size]:
    """Return the factors of a document as descriptions speak of them."""
    found = []
    for name in draft.ids("state"):
        matrix = draft.properties(draft.transition_of(name)).get("matrix") if draft.transition_of(name) else None
        sides = matrix if isinstance(matrix, dict) and matrix.get("kind") == "grid" else {}
        rows, cols = sides.get("rows"), sides.get("cols")
        if isinstance(rows, int) and isinstance(cols, int):
            found.append(Size(name=name, states=draft.size(name), rows=rows, cols=cols))
        else:
            found.append(Size(name=name, states=draft.size(name)))
    return found


def _metadata(
    document: Mapping[str, object], wanted: Feedback, *, done: bool, notes: list[str], won: list[str]
) -> dict[str, object]:
    """Return the document's metadata with what is to be said of this refinement, and not of an earlier one."""
    earlier = document.get("metadata")
    said: dict[str, object] = {
        "unread": list(wanted.request.unread) if done else [wanted.shown] if wanted.shown else [],
        "assumptions": list(dict.fromkeys(notes)),
        "constraint_won": won,
    }
    kept = {key: value for key, value in earlier.items() if key not in said} if isinstance(earlier, dict) else {}
    return {**kept, **{key: value for key, value in said.items() if value}}


def _broken(before: Draft, after: Draft, constraints: Mapping[str, object]) -> str:
    """Return a sentence on the constraint that a change would break and that held before it; "" for none."""
    for kind, name in (("state", "states"), ("observation", "observations"), ("action", "actions")):
        was, now = _count(before, kind), _count(after, kind)
        for limit in (f"max_{name}", f"num_{name}"):
            most = constraints.get(limit)
            if isinstance(most, int) and not isinstance(most, bool) and now > most and now > was:
                return f"{now} {name} would be more than {limit} {most}: left as it was."
    most = constraints.get("max_nodes")
    if isinstance(most, int) and not isinstance(most, bool) and len(after.nodes) > max(most, len(before.nodes)):
        return f"{len(after.nodes)} nodes would be more than max_nodes {most}: left as it was."
    return ""
