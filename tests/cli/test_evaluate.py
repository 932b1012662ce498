"""``gmn-llm evaluate``: the score of a model, as people and as programs read it."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.wire.client import Fault, Step, WireServer, closed_port

PROGRAM = "import sys; sys.modules['litellm'] = None; from gmn_llm.cli.main import run; run()"
GRID = {"check": "grid", "rows": 3, "cols": 3}


def run(*arguments: str, litellm: bool = False) -> subprocess.CompletedProcess[str]:
    """Run ``gmn-llm`` in a process of its own; LiteLLM can be imported only where that is said."""
    how = ["-m", "gmn_llm"] if litellm else ["-c", PROGRAM]
    command = [sys.executable, *how, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)


@pytest.fixture
def prompts(tmp_path: Path) -> str:
    """The name of a file of three prompts, of which the designer meets two."""
    file = tmp_path / "mine.json"
    asked = [
        {"id": "board", "kind": "grids", "prompt": "a 3x3 grid", "expect": [GRID]},
        {"id": "goal", "kind": "goals", "prompt": "a 3x3 grid, goal in the centre",
         "expect": [GRID, {"check": "prefers", "cell": [1, 1], "rows": 3, "cols": 3}]},
        {"id": "other", "kind": "goals", "prompt": "a 2x2 grid", "expect": [GRID, {"check": "plans", "steps": 2}]},
    ]  # fmt: skip
    file.write_text(json.dumps({"name": "mine", "version": 3, "prompts": asked}))
    return str(file)


def test_the_score_of_the_designer_is_told_offline() -> None:
    """Without a network, without LiteLLM: a line for each kind, all valid, nothing on standard error."""
    done = run("evaluate", "--provider", "mock")
    assert (done.returncode, done.stderr) == (0, "")
    lines = [line.split("\t") for line in done.stdout.splitlines()]
    assert lines[0] == ["score", "kind", "valid", "expectations", "prompts", "share"]
    kinds = {line[1]: line for line in lines if line[0] == "score"}
    assert {"grids", "goals", "senses", "all"} <= set(kinds)
    asked = kinds["all"][2].partition("/")[2]
    assert kinds["all"][2] == f"{asked}/{asked}"
    facts = {line[1]: line[2] for line in lines if line[0] == "fact"}
    assert facts["provider"] == "mock (designer)"
    assert facts["cost"] == "$0.0000"
    assert {line[0] for line in lines} <= {"score", "fact", "missed"}


def test_json_has_the_promised_shape(prompts: str) -> None:
    """Shares by kind, what it took, and for each prompt that was missed what was expected and what is there."""
    done = run("evaluate", "--prompts", prompts, "--provider", "mock", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    told: Any = json.loads(done.stdout)
    assert told["suite"] == {"name": "mine", "version": 3, "prompts": 3}
    assert (told["provider"], told["model"], told["answered_by"]) == ("mock", "designer", {"mock (designer)": 3})
    assert told["valid"] == {"met": 3, "of": 3, "share": 1.0}
    assert told["expectations"] == {"met": 4, "of": 5, "share": 0.8}
    assert told["prompts"] == {"met": 2, "of": 3, "share": 0.6667}
    assert told["kinds"]["goals"]["expectations"] == {"met": 3, "of": 4, "share": 0.75}
    assert (told["asked"], told["interrupted"], told["repairs"], told["cost"]) == (3, False, 0, 0.0)
    assert told["tokens"]["prompt"] > 0
    (failure,) = told["failures"]
    assert (failure["id"], failure["kind"], failure["prompt"], failure["error"]) == (
        "other",
        "goals",
        "a 2x2 grid",
        None,
    )
    assert failure["missed"] == [{"expected": "grid(rows=3, cols=3)", "found": "position: 4"}]


def test_a_terminal_gets_a_table_and_what_was_missed(prompts: str) -> None:
    """Columns under one another, then the facts, then each prompt that was missed with both sides."""
    leader, follower = pty.openpty()
    subprocess.run(
        [sys.executable, "-m", "gmn_llm", "evaluate", "--prompts", prompts, "--provider", "mock"],
        stdout=follower, check=True, timeout=100,
    )  # fmt: skip
    os.close(follower)
    shown = os.read(leader, 65536).decode().replace("\r\n", "\n")
    os.close(leader)
    lines = shown.splitlines()
    assert lines[0].split() == ["kind", "valid", "expectations", "prompts", "share"]
    assert next(line for line in lines if line.startswith("all")).split() == ["all", "3/3", "4/5", "2/3", "80.0%"]
    assert "other: a 2x2 grid\n    expected grid(rows=3, cols=3)\n    there is position: 4" in shown


def test_kinds_can_be_chosen(prompts: str) -> None:
    """``--kind`` asks a part of the prompts; one that there is not is an error that lists those there are."""
    done = run("evaluate", "--prompts", prompts, "--provider", "mock", "--kind", "grids", "--json")
    assert json.loads(done.stdout)["asked"] == 1
    wrong = run("evaluate", "--prompts", prompts, "--kind", "gird")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "there are goals, grids" in wrong.stderr


def test_a_low_score_is_a_score(tmp_path: Path, prompts: str) -> None:
    """A model that writes nothing valid is scored, with exit code 0: the run was done."""
    config = tmp_path / "c.json"
    config.write_text(json.dumps({"provider": "mock", "gmn": {"max_repairs": 0}, "mock": {"replies": ["no"] * 50}}))
    done = run("evaluate", "--prompts", prompts, "--config", str(config), "--json")
    told = json.loads(done.stdout)
    assert done.returncode == 0
    assert told["valid"] == {"met": 0, "of": 3, "share": 0.0}
    assert told["expectations"]["met"] == 0
    assert {failure["error"]["kind"] for failure in told["failures"]} == {"GMNValidationError"}
    assert told["tokens"]["completion"] > 0


def test_a_provider_that_is_away_leaves_1(tmp_path: Path, prompts: str) -> None:
    """Nobody answered: the score of nothing is printed all the same, and why stands on standard error."""
    config = tmp_path / "c.json"
    ollama = {"model": "m", "base_url": f"http://127.0.0.1:{closed_port()}", "max_retries": 0}
    config.write_text(json.dumps({"provider": "ollama", "ollama": ollama}))
    done = run("evaluate", "--prompts", prompts, "--config", str(config), "--json", litellm=True)
    assert done.returncode == 1
    assert json.loads(done.stdout)["valid"]["met"] == 0
    assert done.stderr.startswith("error: ")
    assert "Traceback" not in done.stderr


def test_the_cache_is_left_alone(tmp_path: Path, prompts: str) -> None:
    """A score is the model's own: nothing is read from the cache or kept in it, unless ``--use-cache`` is said."""
    folder, config = tmp_path / "kept", tmp_path / "c.json"
    config.write_text(json.dumps({"provider": "mock", "cache": {"dir": str(folder)}}))
    assert run("evaluate", "--prompts", prompts, "--config", str(config)).returncode == 0
    assert not folder.exists()
    assert run("evaluate", "--prompts", prompts, "--config", str(config), "--use-cache").returncode == 0
    assert folder.exists()


WRONG = [
    (["--provider", "nobody"], "nobody"),
    (["--prompts", "/nowhere/prompts.json"], "No such file"),
    (["--concurrency", "0"], "concurrency"),
    (["--timeout", "-1", "--provider", "mock"], "timeout"),
    (["surplus"], "surplus"),
]


@pytest.mark.parametrize(("arguments", "said"), WRONG, ids=[said for _, said in WRONG])
def test_wrong_usage_leaves_2(arguments: list[str], said: str) -> None:
    """What can't be used is told on standard error."""
    done = run("evaluate", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_that_is_not_right_is_told_with_its_place(tmp_path: Path) -> None:
    """The message names the prompt and the key; an agent type nobody knows is told before anybody is asked."""
    file = tmp_path / "mine.json"
    for more, said in (
        ({"expect": [{"check": "gird"}]}, "mine.json, prompts[0].expect[0] (one): Input tag 'gird'"),
        ({"agent_type": "juggler"}, "prompt one: there is no agent type 'juggler'"),
    ):
        one = {"id": "one", "kind": "k", "prompt": "a 3x3 grid", "expect": [GRID]} | more
        file.write_text(json.dumps({"name": "mine", "version": 1, "prompts": [one]}))
        done = run("evaluate", "--prompts", str(file), "--provider", "mock")
        assert (done.returncode, done.stdout) == (2, "")
        assert said in done.stderr


def test_a_reader_that_closes_the_pipe_ends_it_without_a_word() -> None:
    """``gmn-llm evaluate | head -c 1`` says nothing on standard error."""
    command = f'{sys.executable} -m gmn_llm evaluate --provider mock | head -c 1; echo "${{PIPESTATUS[0]}}"'
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False, timeout=100)
    assert (done.stdout, done.stderr) == ("s0\n", "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_told() -> None:
    """Standard output that takes nothing is an error in words."""
    with Path("/dev/full").open("wb") as full:
        command = [sys.executable, "-m", "gmn_llm", "evaluate", "--provider", "mock"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=100)
    assert done.returncode == 2
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_interrupt_prints_the_score_so_far(wire: WireServer, tmp_path: Path, prompts: str) -> None:
    """Ctrl-C ends with 130, and what was asked until then is printed."""
    wire.script([Step(fault=Fault.HANG, times=0)])
    config = tmp_path / "c.json"
    openai = {"model": "gpt-4o", "base_url": wire.openai_base, "api_key": wire.openai_key}
    config.write_text(json.dumps({"provider": "openai", "openai": openai}))
    command = [sys.executable, "-m", "gmn_llm", "evaluate", "--prompts", prompts, "--config", str(config), "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        until = time.monotonic() + 60
        while not wire.requests() and time.monotonic() < until:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    told = json.loads(out)
    assert (told["interrupted"], told["asked"]) == (True, 0)
    assert "Traceback" not in err
