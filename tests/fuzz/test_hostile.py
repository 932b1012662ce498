"""Documents made to hurt: each is told what fits, whichever way it comes in."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from gmn_llm import GMNSpec, GMNValidationError, validate_gmn
from gmn_llm.findings import ERROR_CODES, QUOTED, Finding
from tests.fuzz.hostile import DOCUMENTS, Hostile, implied

# These take seconds, in proportion to their size.
LARGEST = {"a million labels in braces"}
MOST = 1_200
NAMES = [name for name in DOCUMENTS if name not in LARGEST]
PIPED = {
    "1 MiB of [", "1 MiB of [ in braces", "10^9 states", "6000 edges", "NaN", "1e400", "100,000 digits", "UTF-16", "nothing",
    "a lone surrogate, as octets", "octets that are no UTF-8", "a byte-order mark", "CRLF in braces", "tabs", "a NUL",
}  # fmt: skip
EACH = [pytest.param(name, marks=[pytest.mark.slow] * (name in LARGEST)) for name in DOCUMENTS]
EACH_PIPED = [pytest.param(name, marks=[pytest.mark.slow] * (name not in PIPED)) for name in DOCUMENTS]


def fits(hostile: Hostile, found: list[dict[str, object]]) -> None:
    """What was found is what the document has to be told, in words that fit on a screen, and not without end."""
    assert len(found) <= MOST
    assert {finding["code"] for finding in found} == hostile.codes
    assert hostile.path is None or hostile.path in {finding["path"] for finding in found}
    assert not hostile.said or any(hostile.said in str(finding["message"]) for finding in found)
    for finding in found:
        assert finding["message"]
        assert finding["hint"]
        assert len(str(finding["message"])) < 6 * QUOTED
        assert len(str(finding["hint"])) < 10 * QUOTED


def parsed(source: str | bytes) -> tuple[Finding, ...]:
    """What ``GMNSpec.parse`` raises with, or what the document it returns has to tell."""
    try:
        return GMNSpec.parse(source).findings()
    except GMNValidationError as error:
        return error.findings


def as_dicts(findings: tuple[Finding, ...]) -> list[dict[str, object]]:
    """Findings in the shape of the command line."""
    return [finding.as_dict() for finding in findings]


@pytest.mark.parametrize("name", EACH)
def test_it_is_told_what_fits(name: str) -> None:
    """``validate_gmn`` and ``GMNSpec.parse`` tell the same, for the octets and for the text."""
    hostile, made = DOCUMENTS[name], DOCUMENTS[name].made()
    verdict = validate_gmn(made)
    fits(hostile, as_dicts(verdict.findings))
    assert verdict.ok == hostile.codes.isdisjoint(ERROR_CODES)
    if not isinstance(made, bytes) and len(made) < 2**18:
        assert validate_gmn(hostile.octets()).findings == verdict.findings
    assert sorted(map(str, parsed(made))) == sorted(map(str, verdict.findings))


def test_files_are_told_what_fits(tmp_path: Path) -> None:
    """``gmn-llm validate`` tells every one of them as a file, in one call."""
    files = [tmp_path / f"{k}.gmn" for k, _ in enumerate(NAMES)]
    for file, name in zip(files, NAMES, strict=True):
        file.write_bytes(DOCUMENTS[name].octets())
    done = subprocess.run(
        [sys.executable, "-m", "gmn_llm", "validate", "--json", *map(str, files)], capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (1, b"")
    told = json.loads(done.stdout)
    assert [entry["file"] for entry in told["files"]] == [str(file) for file in files]
    for name, entry in zip(NAMES, told["files"], strict=True):
        fits(DOCUMENTS[name], entry["findings"])
        assert entry["ok"] == DOCUMENTS[name].codes.isdisjoint(ERROR_CODES)


@pytest.mark.parametrize("name", EACH_PIPED)
def test_standard_input_is_told_what_fits(name: str) -> None:
    """``gmn-llm validate -`` tells it through a pipe, and leaves 1 where the document is not valid."""
    hostile = DOCUMENTS[name]
    done = subprocess.run(
        [sys.executable, "-m", "gmn_llm", "validate", "--json", "-"],
        input=hostile.octets(), capture_output=True, check=False,
    )  # fmt: skip
    assert done.stderr == b""
    told = json.loads(done.stdout)
    fits(hostile, told["files"][0]["findings"])
    assert done.returncode == (0 if told["ok"] else 1)
    assert told["ok"] == hostile.codes.isdisjoint(ERROR_CODES)


def test_what_is_just_within_the_limits_is_made() -> None:
    """Ten thousand outcomes of a state of one are within the limits, and are made into arrays."""
    small = json.loads(implied(40_000_000))
    for node in small["nodes"]:
        if node["type"] == "state":
            node["properties"]["num_states"] = 1
    assert [len(array) for array in GMNSpec.parse(small).to_pymdp()["A"]] == [7615]
