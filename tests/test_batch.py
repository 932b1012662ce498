"""Many prompts at once: bounded, in a file that can be taken up again."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from gmn_llm.batch import Job, generated, lines_of, write_batch
from gmn_llm.errors import InputError, ProviderUnavailableError
from gmn_llm.factory import create_llm_factory
from gmn_llm.gmn import GMNSpec, validate_gmn
from gmn_llm.mock import design


class Maker:
    """Makes documents, after a pause, and counts how many are in the making."""

    def __init__(self, *, failing: str = "") -> None:
        self.failing = failing
        self.now = 0
        self.most = 0
        self.asked: list[str] = []
        self.cancelled = 0

    async def generate_gmn(
        self,
        prompt: str,
        **more: Any,
    ) -> GMNSpec:
        """Return the document, or fail where the prompt is the one that fails."""
        self.asked.append(prompt)
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            await asyncio.sleep(0.002)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        finally:
            self.now -= 1
        if prompt == self.failing:
            raise ProviderUnavailableError("away")
        return GMNSpec.parse(design(prompt, agent_type=more["agent_type"]))


def jobs(count: int) -> Iterator[Job]:
    """Yield jobs for boards of different widths."""
    return (Job(prompt=f"a {k + 2}x2 grid") for k in range(count))


async def test_no_more_than_were_allowed_are_made_at_once() -> None:
    """Every job has its result, and at most ``concurrency`` were in the making at a time."""
    maker = Maker()
    done = [each async for each in generated(maker, jobs(20), concurrency=3)]
    assert sorted(each.place for each in done) == list(range(20))
    assert maker.most == 3
    assert all(each.spec is not None and each.job.prompt == f"a {each.place + 2}x2 grid" for each in done)


async def test_jobs_without_an_end_are_taken_as_they_are_needed() -> None:
    """Leaving the loop ends the calls in flight, and no further job is taken."""
    maker = Maker()
    endless = (Job(prompt=f"a {k + 2}x2 grid") for k in itertools.count())
    async with aclosing(generated(maker, endless, concurrency=3)) as results:
        async for _ in results:
            break
    assert maker.now == 0
    assert len(maker.asked) <= 8


async def test_a_failure_is_a_result_and_not_the_end() -> None:
    """The job that failed has its error, the others their documents."""
    done = [each async for each in generated(Maker(failing="a 3x2 grid"), jobs(4))]
    assert [type(each.error).__name__ for each in sorted(done, key=lambda each: each.place)] == [
        "NoneType", "ProviderUnavailableError", "NoneType", "NoneType",
    ]  # fmt: skip


async def test_a_fault_of_the_program_is_raised() -> None:
    """What is no error of the package is not taken for a result."""

    def broken() -> Iterator[Job]:
        yield Job(prompt="a 2x2 grid")
        raise ZeroDivisionError

    with pytest.raises(ExceptionGroup):
        async for _ in generated(Maker(), broken()):
            pass


async def test_nobody_at_once_is_refused() -> None:
    """``concurrency`` is at least 1."""
    with pytest.raises(InputError, match="concurrency is 0"):
        async for _ in generated(Maker(), jobs(1), concurrency=0):
            pass


async def test_a_batch_is_a_file_of_json_lines(tmp_path: Path) -> None:
    """Each line has prompt, agent type, constraints, and document with provenance, or error."""
    file = tmp_path / "batch.jsonl"
    async with create_llm_factory({"provider": "mock"}) as factory:
        given = [Job(prompt="a 3x3 grid", agent_type="explorer", constraints={"max_states": 9}), Job(prompt=" ")]
        tally = await write_batch(await factory.get_provider(), given, file, use_cache=False)
    assert (tally.made, tally.failed, tally.skipped) == (1, 1, 0)
    lines = {line["prompt"]: line for line in map(json.loads, file.read_text().splitlines())}
    made = lines["a 3x3 grid"]
    assert (made["agent_type"], made["constraints"]) == ("explorer", {"max_states": 9})
    assert validate_gmn(made["document"]).ok
    assert made["provenance"]["provider"] == "mock"
    assert lines[" "]["error"]["kind"] == "InputError"
    assert "document" not in lines[" "]


async def test_a_batch_is_taken_up_where_it_ended(tmp_path: Path) -> None:
    """What is there is not asked again, what failed is, and half a line of a run that was killed is cut off."""
    file = tmp_path / "batch.jsonl"
    first = await write_batch(Maker(failing="a 4x2 grid"), jobs(4), file)
    assert (first.made, first.failed) == (3, 1)
    whole = file.read_bytes()
    file.write_bytes(whole + b'{"prompt": "a 9x2 gr')
    maker, told = Maker(), []
    again = await write_batch(maker, jobs(6), file, progress=told.append)
    assert (again.made, again.failed, again.skipped) == (3, 0, 3)
    assert sorted(maker.asked) == ["a 4x2 grid", "a 6x2 grid", "a 7x2 grid"]
    assert len(told) == 3
    assert file.read_bytes().startswith(whole)
    assert [number for number, _ in lines_of(file)] == list(range(1, 8))


async def test_the_same_words_for_another_agent_are_another_job(tmp_path: Path) -> None:
    """A job is known again by all its arguments."""
    file, maker = tmp_path / "batch.jsonl", Maker()
    for agent_type in ("general", "explorer", "general"):
        await write_batch(maker, [Job(prompt="a 3x3 grid", agent_type=agent_type)], file)
    assert len(maker.asked) == 2


async def test_what_is_no_batch_is_left_as_it_is(tmp_path: Path) -> None:
    """A file of something else is an error with its line, and is not written to."""
    file = tmp_path / "notes.txt"
    for text, said in (("{}\nhello\n", "line 2 can't be read as JSON"), ("[]\n", "line 1 is no JSON object")):
        file.write_text(text)
        with pytest.raises(InputError, match=said):
            await write_batch(Maker(), jobs(1), file)
        assert file.read_text() == text
