"""What someone sees of a generation while it goes on: who is asked, which step it is, and for how long."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from gmn_llm.findings import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gmn_llm.generation.events import GMNEvent

__all__ = ["Watch", "spinning"]


class Watch:
    """Turns the events of a generation into words for the step it is at.

    Args:
        repairs: How often a model may mend its answer.
    """

    def __init__(self, repairs: int) -> None:
        self._repairs = repairs
        self._who = "finding out who can answer"
        self._step = ""
        self._written = 0

    @property
    def words(self) -> str:
        """Who is asked, and the step."""
        return visible(f"{self._who}: {self._step}" if self._step else self._who)

    def asks(self, provider: str, model: str = "") -> None:
        """Somebody is asked from now on."""
        self._who = f"{provider} ({model})" if model else provider
        self._step, self._written = "asking", 0

    def hear(self, event: GMNEvent) -> None:
        """Take an event."""
        if event.type == "delta":
            self._written += len(event.text)
            if not self._step.startswith("repairing"):
                self._step = f"asking, {self._written} characters so far"
        elif event.type == "partial" and event.document is not None:
            self._step = f"checking, {len(event.document.nodes)} nodes so far"
        elif event.type == "repair":
            count = len(event.findings)
            said = f" ({count} finding{'s' * (count != 1)})" if count else ""
            self._step, self._written = f"repairing {event.round} of {max(self._repairs, event.round)}{said}", 0
        elif event.type == "reset":
            self.asks(event.provider or self._who)


@contextmanager
def spinning(watch: Watch) -> Iterator[Callable[[], None]]:
    """Show on standard error what ``watch`` has to say and the time since; the line is gone afterwards.

    Yields:
        To be called when ``watch`` may have something else to say.
    """
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    console = Console(stderr=True, highlight=False, markup=False, emoji=False)
    # Where braille can't be written, a line turns.
    spinner = SpinnerColumn("dots" if console.encoding.startswith("utf") else "line")
    text = TextColumn("{task.description}", markup=False)
    with Progress(spinner, TimeElapsedColumn(), text, console=console, transient=True) as progress:
        task = progress.add_task(watch.words, total=None)
        yield lambda: progress.update(task, description=watch.words)
        sys.stderr.flush()
