"""A conversation about a document: feedback in words, what it changes, and whether that is kept."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Self

import typer

from gmn_llm.cli.streams import is_coloured
from gmn_llm.cli.trouble import told_of
from gmn_llm.errors import LLMError
from gmn_llm.findings import visible
from gmn_llm.generation.compact import HISTORY, NOTES
from gmn_llm.generation.refining import CHANGED
from gmn_llm.gmn.difference import Difference, difference

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from types import TracebackType

    from gmn_llm.gmn import GMNSpec

__all__ = ["Refiner", "converse"]

COLOURS = {"+": "green", "-": "red", "~": "yellow"}
WELCOME = """\
Say in words what is to change; after each change you are asked whether it is kept.
An empty line ends and writes the document, 'undo' takes the last change back, 'quit' leaves without writing.
"""
TOLD_OTHERWISE = frozenset(f"metadata.{key}" for key in (*NOTES, *HISTORY))


class Refiner:
    """Refines documents, one after the other, with one factory; a context manager.

    Args:
        config: The configuration file that was named.
        provider: Who is asked, where that was said.
        timeout: Seconds for each change.
        constraints: What each result has to meet.
        use_cache: Whether the cache is read and written.
    """

    def __init__(
        self,
        config: Path | None,
        provider: str | None,
        *,
        timeout: float,
        constraints: Mapping[str, object],
        use_cache: bool,
    ) -> None:
        from gmn_llm.factory import create_llm_factory

        self._factory = create_llm_factory(config)
        self._provider = provider
        self._timeout = timeout
        self._constraints = constraints
        self._use_cache = use_cache
        self._runner = asyncio.Runner()

    def __enter__(self) -> Self:
        """Return the refiner."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the factory."""
        with self._runner:
            self._runner.run(self._factory.aclose())

    def refined(self, document: GMNSpec, feedback: str, *, anew: bool = False) -> GMNSpec:
        """Return ``document`` changed as ``feedback`` asks; ``anew`` where an answer in the cache was not liked.

        Raises:
            LLMError: As ``Provider.refine_gmn`` does.
        """
        return self._runner.run(self._asked(document, feedback, use_cache=self._use_cache and not anew))

    async def _asked(self, document: GMNSpec, feedback: str, *, use_cache: bool) -> GMNSpec:
        provider = await self._factory.get_provider(self._provider)
        return await provider.refine_gmn(
            document, feedback, constraints=self._constraints, timeout=self._timeout, use_cache=use_cache
        )

    @staticmethod
    def show(before: GMNSpec, after: GMNSpec) -> Difference:
        """Write what is different, and what there is to tell of it, to standard error."""
        found = difference(before.document, after.document)
        found = replace(found, about=tuple(each for each in found.about if each.name not in TOLD_OTHERWISE))
        for line in found.lines():
            sys.stderr.write(f"{_coloured(line)}\n")
        for warning in after.warnings:
            if not warning.startswith(CHANGED):
                sys.stderr.write(f"gmn-llm: {warning}\n")
        return found


def converse(document: GMNSpec, refiner: Refiner, *, quiet: bool) -> GMNSpec | None:
    """Return the document that a conversation on the terminal ends with, or None where it is not to be written.

    Args:
        document: The document it begins with.
        refiner: Makes the changes.
        quiet: Whether the instructions are left out.
    """
    versions = [document]
    disliked: set[tuple[str, int]] = set()
    if not quiet:
        sys.stderr.write(WELCOME)
    while (said := _line("change> ")) is not None and said:
        if said.lower() == "quit":
            return None
        if said.lower() == "undo":
            _undo(versions)
            continue
        place = (said, len(versions))
        after = _tried(versions[-1], refiner, said, anew=place in disliked)
        if after is None or not Refiner.show(versions[-1], after):
            continue
        if _is_kept():
            versions.append(after)
        else:
            disliked.add(place)
    return versions[-1]


def _tried(document: GMNSpec, refiner: Refiner, feedback: str, *, anew: bool) -> GMNSpec | None:
    """Return the changed document, or None where the change failed, which is told and does not end anything."""
    try:
        return refiner.refined(document, feedback, anew=anew)
    except LLMError as error:
        sys.stderr.write(told_of(error, "gmn-llm refine"))
        return None


def _undo(versions: list[GMNSpec]) -> None:
    if len(versions) == 1:
        sys.stderr.write("there is nothing to take back\n")
        return
    after = versions.pop()
    Refiner.show(after, versions[-1].told())


def _is_kept() -> bool:
    said = _line("keep it? [Y/n] ")
    return said is None or said.lower() not in ("n", "no")


def _line(prompt: str) -> str | None:
    """Return a line that was typed, or None at the end of the input; standard output stays the document's."""
    sys.stderr.write(prompt)
    sys.stderr.flush()
    line = sys.stdin.buffer.readline().decode("utf-8", "replace")
    if not line:
        sys.stderr.write("\n")
        return None
    return line.strip()


def _coloured(line: str) -> str:
    plain = visible(line)
    colour = COLOURS.get(line[:1])
    if colour is None or not is_coloured(sys.stderr):
        return plain
    return typer.style(plain, fg=colour)
