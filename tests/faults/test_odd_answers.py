"""Good statuses with bodies that are not the protocol's: never an exception from below, never a word on the terminal."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass

import pytest

from tests.faults.odd_answers import ROWS, WIRES, Odd
from tests.faults.odd_run import OTHER
from tests.wire.client import ROOT

BROKEN = "ProviderUnavailableError"
PARAMS = [pytest.param(row, id=str(row)) for row in ROWS]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What a program printed that met all rows of a wire: endings alone and with a fallback, and who was asked."""

    endings: dict[str, tuple[dict[str, object], dict[str, object], list[str]]]
    stderr: str
    code: int


@pytest.fixture(scope="module")
def runs() -> dict[str, Run]:
    """One program for each wire, all warnings shown."""
    played: dict[str, Run] = {}
    for name in WIRES:
        command = [sys.executable, "-W", "always", "-m", "tests.faults.odd_run", name]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, timeout=600)
        rows = (json.loads(line) for line in done.stdout.splitlines())
        endings = {row: (one, two, asked) for row, one, two, asked in rows}
        played[name] = Run(endings=endings, stderr=done.stderr, code=done.returncode)
    return played


@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", WIRES)
def test_the_program_ends_well_and_says_nothing(runs: dict[str, Run], name: str) -> None:
    """No exception but the package's own comes out of any row, and nothing at all is printed beside the results."""
    assert runs[name].stderr == ""
    assert runs[name].code == 0
    assert len(runs[name].endings) == sum(row.wire == name for row in ROWS)


@pytest.mark.parametrize("row", PARAMS)
def test_alone_it_is_a_broken_provider(runs: dict[str, Run], row: Odd) -> None:
    """With one provider the error says that the answer could not be read; a text beside which odd things stand may do."""
    alone = runs[row.wire].endings[str(row)][0]

    if row.harmless and "error" not in alone:
        assert alone["provider"] == row.wire
        assert int(str(alone["tokens"])) >= 0
        return
    assert alone["error"] == BROKEN
    ((kind, status, message),) = alone["attempts"]  # type: ignore[misc]  # JSON
    assert kind == BROKEN
    assert status in ({None, 200} if row.stream else {200})  # a stream that ends early broke, whatever its status
    assert message
    assert "litellm" not in message.lower()


@pytest.mark.parametrize("row", PARAMS)
def test_a_fallback_answers_in_its_place(runs: dict[str, Run], row: Odd) -> None:
    """With a fallback the caller gets an answer; who failed has been asked once for each call."""
    _, ending, asked = runs[row.wire].endings[str(row)]

    assert "error" not in ending, ending
    if not row.harmless:
        assert asked == [row.wire, row.wire, OTHER[row.wire]]
