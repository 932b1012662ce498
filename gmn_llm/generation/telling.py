"""Tells a listener, step by step, how the making of a document goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gmn_llm.generation.events import GMNEvent
from gmn_llm.generation.partial import PartialAnswer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gmn_llm.findings import Finding
    from gmn_llm.generation.events import Tell
    from gmn_llm.generation.task import Task
    from gmn_llm.messages import Delta

__all__ = ["Telling"]


class Telling:
    """Turns what happens in the making of one document into events.

    Args:
        task: What is made.
        tell: Hears the events.
    """

    def __init__(self, task: Task, tell: Tell) -> None:
        self._task = task
        self._tell = tell
        self._said = False
        self._repair: GMNEvent | None = None
        self._partial: PartialAnswer | None = None

    def starts_over(self) -> None:
        """Take the next question for the first of a making: what was repaired so far is of no more use."""
        self._repair = None

    def repairs(self, findings: Sequence[Finding]) -> None:
        """Take the questions from here on for those of a repair."""
        before = self._repair.round if self._repair is not None else 0
        self._repair = GMNEvent(type="repair", round=before + 1, findings=tuple(findings))

    def asks(self, group: str) -> None:
        """A question is put: what came of one before it is void, unless it is mended now."""
        if self._repair is not None:
            # The answer to it may be a part, which is no document of its own.
            self._partial = None
            self._tell(self._repair)
            return
        if self._said:
            self._tell(GMNEvent(type="reset", provider=group))
        self._begin()

    def hears(self, delta: Delta) -> None:
        """Take a piece of the answer."""
        if delta.reset:
            self._tell(self._repair or GMNEvent(type="reset"))
            if self._repair is None:
                self._begin()
        elif delta.text:
            self._said = True
            self._tell(GMNEvent(type="delta", text=delta.text))
            document = self._partial.feed(delta.text) if self._partial is not None else None
            if document is not None:
                self._tell(GMNEvent(type="partial", document=document))

    def _begin(self) -> None:
        self._said = False
        # What a refinement answers is a patch, and what it changes is known only with its end.
        whole = self._task.document is None
        self._partial = PartialAnswer(name=self._task.name, limits=self._task.limits) if whole else None
