"""Reader and validator on what nobody would write, drawn by hypothesis: hundreds of examples each time, 10,000 on demand."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from tests.fuzz import drawn, examples

ROOT = Path(__file__).resolve().parents[2]
MANY = settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
# Enough for an hour of a slow machine.
LONG = 3600


@given(drawn.any_text)
@MANY
def test_any_text_is_read(text: str) -> None:
    """A text gets a verdict with words, hints and places; what is read can be written in all notations and read again."""
    examples.text_is_read(text)


@given(drawn.any_json_text)
@settings(MANY, max_examples=150)
def test_any_json_is_read(text: str) -> None:
    """So does the JSON text of a document that is nearly right, and one that is broken."""
    examples.text_is_read(text)


@given(drawn.any_text)
@MANY
def test_octets_are_read_as_their_text(text: str) -> None:
    """Octets have the findings of the text they are."""
    examples.octets_are_read(text)


@given(drawn.any_document)
@settings(MANY, max_examples=150)
def test_any_document_is_judged(document: Any) -> None:
    """A value has the findings of its JSON text; a valid one can be expanded, run, drawn and written."""
    examples.document_is_judged(document)


@given(drawn.any_text)
@MANY
def test_either_reader_takes_any_text(text: str) -> None:
    """A text in one notation does not hurt the reader of the other."""
    examples.text_is_taken_by_either_reader(text)


@pytest.mark.slow
@pytest.mark.timeout(LONG)
@pytest.mark.skipif(sys.platform != "linux", reason="memory is measured and limited as Linux does it")
def test_ten_thousand_examples() -> None:
    """None of 10,000 examples breaks a property, takes a second, or 500 MB beyond what the process began with."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.examples", "10000"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr[-4000:]
