"""Many prompts at once: a bounded number in flight, each result as it comes, and a file that can be taken up again.

The file holds JSON lines: ``{"prompt", "agent_type", "constraints", "document", "provenance"}``, or with ``error``, an
object of ``kind`` and ``message``, in place of the last two.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from gmn_llm.errors import InputError, LLMError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterable, Iterator
    from pathlib import Path

    from gmn_llm.gmn import GMNSpec

__all__ = ["Done", "Job", "Tally", "generated", "lines_of", "write_batch"]

AT_ONCE = 4
TIMEOUT = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One prompt to be made a document of; the fields are those of ``generate_gmn``."""

    prompt: str
    agent_type: str = "general"
    constraints: Mapping[str, object] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """What it is known again by."""
        return json.dumps([self.prompt, self.agent_type, dict(self.constraints)], sort_keys=True, default=repr)


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What came of a job: a document, or the error that it ended with.

    Attributes:
        place: The job's place among all, from 0.
        job: The job.
        spec: The document, or None.
        error: The error, or None.
        seconds: Wall time of the call.
    """

    place: int
    job: Job
    spec: GMNSpec | None = None
    error: LLMError | None = None
    seconds: float = 0.0

    @property
    def line(self) -> dict[str, object]:
        """The result as it stands in a file."""
        said: dict[str, object] = {
            "prompt": self.job.prompt,
            "agent_type": self.job.agent_type,
            "constraints": dict(self.job.constraints),
        }
        if self.spec is None:
            return said | {"error": {"kind": type(self.error).__name__, "message": str(self.error)}}
        provenance = self.spec.provenance
        told = None if provenance is None else provenance.model_dump(mode="json")
        return said | {"document": self.spec.document, "provenance": told}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How a batch went.

    Attributes:
        made: Documents made.
        failed: Jobs that ended with an error.
        skipped: Jobs of which the file had the document already.
    """

    made: int = 0
    failed: int = 0
    skipped: int = 0


class Maker(Protocol):
    """What makes documents: a provider, or a factory."""

    async def generate_gmn(
        self,
        prompt: str,
        *,
        agent_type: str = ...,
        constraints: Mapping[str, object] | None = ...,
        use_cache: bool = ...,
        timeout: float = ...,  # noqa: ASYNC109  # as ``Provider.generate_gmn`` has it
    ) -> GMNSpec:
        """Return a valid document for a description in words."""
        ...


async def generated(
    maker: Maker,
    jobs: Iterable[Job],
    *,
    concurrency: int = AT_ONCE,
    timeout: float = TIMEOUT,  # noqa: ASYNC109  # the deadline of each call
    use_cache: bool = True,
) -> AsyncGenerator[Done, None]:
    """Yield what comes of each job, as it comes; a job is taken from ``jobs`` when its turn has come.

    Leaving the loop early, or being cancelled, ends the calls in flight.

    Args:
        maker: A provider.
        jobs: The prompts, perhaps without an end.
        concurrency: How many are in flight at most.
        timeout: Seconds for each.
        use_cache: Whether the cache is read and written.

    Raises:
        InputError: ``concurrency`` is below 1.
    """
    if concurrency < 1:
        raise InputError(f"concurrency is {concurrency}", hint="a whole number from 1")
    results: asyncio.Queue[Done | None] = asyncio.Queue(concurrency)
    waiting = iter(enumerate(jobs))

    async def work() -> None:
        for place, job in waiting:
            begun = time.monotonic()
            spec, error = None, None
            try:
                spec = await maker.generate_gmn(
                    job.prompt,
                    agent_type=job.agent_type,
                    constraints=job.constraints,
                    use_cache=use_cache,
                    timeout=timeout,
                )
            except LLMError as failure:
                error = failure
            seconds = time.monotonic() - begun
            await results.put(Done(place=place, job=job, spec=spec, error=error, seconds=seconds))

    async def all_work() -> None:
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(concurrency):
                    group.create_task(work())
        finally:
            await results.put(None)

    working = asyncio.create_task(all_work())
    try:
        while (done := await results.get()) is not None:
            yield done
        await working
    finally:
        await _ended(working, results)


async def _ended(working: asyncio.Task[None], results: asyncio.Queue[Done | None]) -> None:
    """Wait for the end of what was cancelled; what it still has to say is not heard."""
    working.cancel()
    while not working.done():
        while not results.empty():
            results.get_nowait()
        await asyncio.wait([working], timeout=0.01)


async def write_batch(
    maker: Maker,
    jobs: Iterable[Job],
    file: Path,
    *,
    concurrency: int = AT_ONCE,
    timeout: float = TIMEOUT,  # noqa: ASYNC109  # the deadline of each call
    use_cache: bool = True,
    progress: Callable[[Done], object] | None = None,
) -> Tally:
    """Write what comes of each job to a file of JSON lines, each line as it comes.

    A file that is there is taken up again: jobs whose document it has are not asked again, those that failed are. What
    a run that was killed left of its last line is cut off.

    Args:
        maker: A provider.
        jobs: The prompts.
        file: The file.
        concurrency: How many are in flight at most.
        timeout: Seconds for each.
        use_cache: Whether the cache is read and written.
        progress: Called with each result after it was written.

    Raises:
        InputError: The file is no batch file, or ``concurrency`` is below 1.
        OSError: The file can't be read or written.
    """
    whole = _whole_lines(file)
    known = {_job(line).key for _, line in lines_of(file) if "document" in line} if whole else set()
    made = failed = skipped = 0

    def left() -> Iterator[Job]:
        nonlocal skipped
        for job in jobs:
            if job.key in known:
                skipped += 1
            else:
                yield job

    with file.open("r+b" if whole else "wb") as stream:
        stream.truncate(whole)
        stream.seek(whole)
        running = generated(maker, left(), concurrency=concurrency, timeout=timeout, use_cache=use_cache)
        async with aclosing(running) as results:
            async for done in results:
                stream.write(json.dumps(done.line, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
                stream.flush()
                made, failed = made + (done.spec is not None), failed + (done.spec is None)
                if progress is not None:
                    progress(done)
    return Tally(made=made, failed=failed, skipped=skipped)


def lines_of(file: Path) -> Iterator[tuple[int, Mapping[str, object]]]:
    """Yield number (from 1) and content of each line of a batch file, but for empty ones and a last one cut short.

    Raises:
        OSError: The file can't be read.
        InputError: A line is no JSON object.
    """
    with file.open("rb") as stream:
        for number, line in enumerate(stream, 1):
            if not line.strip() or not line.endswith(b"\n"):
                continue
            try:
                value = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise InputError(f"{file.name}: line {number} can't be read as JSON", hint=str(error)) from error
            if not isinstance(value, Mapping):
                raise InputError(f"{file.name}: line {number} is no JSON object")
            yield number, value


def _whole_lines(file: Path) -> int:
    """Return how many bytes of a file are whole lines; 0 where there is none."""
    if not file.exists():
        return 0
    size = 0
    with file.open("rb") as stream:
        for line in stream:
            size += len(line) if line.endswith(b"\n") else 0
    return size


def _job(line: Mapping[str, object]) -> Job:
    constraints = line.get("constraints")
    return Job(
        prompt=str(line.get("prompt")),
        agent_type=str(line.get("agent_type", "general")),
        constraints=constraints if isinstance(constraints, Mapping) else {},
    )
