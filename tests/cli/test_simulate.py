"""``gmn-llm simulate``: what it prints, where, and the exit code it leaves."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.simulation.models import maze, walk

WITHOUT_PYMDP = "import sys; sys.modules['pymdp'] = None; from gmn_llm.cli.main import run; run()"


def run(*arguments: str, stdin: str = "", code: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run ``gmn-llm simulate`` in a process of its own."""
    start = ["-m", "gmn_llm"] if code is None else ["-c", code]
    return subprocess.run(
        [sys.executable, *start, "simulate", *arguments],
        input=stdin, capture_output=True, text=True, check=False, env=os.environ, timeout=100,
    )  # fmt: skip


def test_json_has_the_promised_shape(tmp_path: Path) -> None:
    """``--json`` is seed, steps with their keys, and summary, on standard output alone; labels stand for indices."""
    pytest.importorskip("pymdp")
    file = tmp_path / "maze.json"
    file.write_text(maze().to_json())
    done = run(str(file), "--steps", "3", "--seed", "7", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    assert list(told) == ["seed", "steps", "summary"]
    assert told["seed"] == 7
    assert [step["t"] for step in told["steps"]] == [0, 1, 2]
    assert {"t", "observations", "beliefs", "action", "efe"} <= set(told["steps"][0])
    assert told["steps"][0]["observations"] == {"where": "centre", "told": "nothing", "got": "nothing"}
    assert told["steps"][0]["action"] == {"go": "cue"}
    assert len(told["steps"][0]["beliefs"]["reward"]) == 2
    assert isinstance(told["steps"][0]["efe"], float)
    assert told["summary"]["actions"]["go"]["cue"] == 1


def test_a_table_has_a_line_for_each_step() -> None:
    """Without ``--json`` there is a head, a line a step and a summary with the seed; ``-`` is standard input."""
    pytest.importorskip("pymdp")
    done = run("-", "--steps", "5", stdin=walk().to_text())
    assert (done.returncode, done.stderr) == (0, "")
    head, *steps = done.stdout.split("\n\n")[0].splitlines()
    assert head.split() == ["t", "state", "seen", "believed", "action", "efe"]
    assert [line.split()[:3] for line in steps] == [[str(t), f"cell={t}", f"seen={t}"] for t in range(5)]
    assert "go: right" in done.stdout
    assert "seed: " in done.stdout


WRONG = {
    "no steps": (["-", "--steps", "0"], "steps is 0"),
    "fewer than none": (["-", "--steps", "-1"], "steps is -1"),
    "too many": (["-", "--steps", "10001"], "10000"),
    "not a number": (["-", "--steps", "ten"], "--steps"),
    "nothing said": (["-"], "--steps"),
    "seed": (["-", "--steps", "1", "--seed", "-4"], "seed is -4"),
    "file": (["/nowhere.json", "--steps", "1"], "/nowhere.json"),
}


@pytest.mark.parametrize(("arguments", "said"), WRONG.values(), ids=WRONG)
def test_wrong_usage_is_told_and_leaves_2(arguments: list[str], said: str) -> None:
    """Steps and seeds out of range, and files that are not there: exit code 2 and nothing on standard output."""
    done = run(*arguments, stdin=walk().to_json())
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_document_that_is_not_valid_leaves_1() -> None:
    """A document with errors is not run: exit code 1, what is wrong on standard error."""
    done = run("-", "--steps", "3", stdin='{"name": "lamp", "nodes": []}')
    assert (done.returncode, done.stdout) == (1, "")
    assert "missing-node" in done.stderr


def test_without_pymdp_the_extra_is_named() -> None:
    """Where pymdp is not installed: exit code 2, and what to install, without a traceback."""
    done = run("-", "--steps", "3", stdin=walk().to_json(), code=WITHOUT_PYMDP)
    assert (done.returncode, done.stdout) == (2, "")
    assert "pip install 'gmn-llm[pymdp]'" in done.stderr
    assert "Traceback" not in done.stderr
