"""``gmn-llm dataset export``: files of training pairs, whole or not at all."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gmn_llm.batch import Job, write_batch
from gmn_llm.factory import create_llm_factory
from gmn_llm.generation.draft import compiled
from gmn_llm.gmn import validate_gmn
from tests.wire.client import closed_port

PROGRAM = "import sys; sys.modules['litellm'] = None; from gmn_llm.cli.main import run; run()"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run ``gmn-llm`` in a process of its own, from which LiteLLM can't be imported."""
    command = [sys.executable, "-c", PROGRAM, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)


@pytest.fixture
def config(tmp_path: Path) -> str:
    """The name of a configuration with a cache of its own, which is not there yet."""
    file = tmp_path / "gmn-llm.json"
    file.write_text(json.dumps({"provider": "mock", "cache": {"dir": str(tmp_path / "kept")}}))
    return str(file)


def lines(file: Path) -> list[Any]:
    """Return what a file of JSON lines holds."""
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def test_the_cache_is_exported(config: str, tmp_path: Path) -> None:
    """What was generated is a conversation of three messages; what no draft can say is told on standard error."""
    for prompt in ("A 3x4 grid", "A 5x5 torus grid"):
        assert run("generate", prompt, "--config", config, "--agent-type", "explorer").returncode == 0
    file = tmp_path / "pairs.jsonl"
    done = run("dataset", "export", "--config", config, "-o", str(file))
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "gmn-llm: 1 pairs; left out: 1 more than a draft can say\n"
    (pair,) = lines(file)
    roles = [message["role"] for message in pair["messages"]]
    asked, answer = json.loads(pair["messages"][1]["content"]), json.loads(pair["messages"][2]["content"])
    assert roles == ["system", "user", "assistant"]
    assert (asked["task"], asked["agent_type"], asked["description"]) == ("generate", "explorer", "A 3x4 grid")
    assert validate_gmn(compiled(answer)).ok


async def test_files_of_a_batch_are_exported(tmp_path: Path) -> None:
    """``--from`` takes files, several of them, and what they have twice once."""
    files = [tmp_path / "one.jsonl", tmp_path / "two.jsonl"]
    async with create_llm_factory({"provider": "mock"}) as factory:
        for file, widths in zip(files, ((3, 4), (4, 5)), strict=True):
            given = [Job(prompt=f"a {width}x2 grid") for width in widths] + [Job(prompt=" ")]
            await write_batch(await factory.get_provider(), given, file, use_cache=False)
    sources = [word for file in files for word in ("--from", str(file))]
    done = run("dataset", "export", *sources, "--to", "sharegpt", "-o", str(tmp_path / "pairs.jsonl"))
    assert done.returncode == 0
    assert done.stderr == "gmn-llm: 3 pairs; left out: 2 ended with an error, 1 there twice\n"
    pairs = lines(tmp_path / "pairs.jsonl")
    assert {tuple(said["from"] for said in pair["conversations"]) for pair in pairs} == {("system", "human", "gpt")}


def test_synthetic_pairs_are_made_and_split(tmp_path: Path) -> None:
    """So many as asked, a part of them in a file beside; the same seed writes the same bytes."""
    file, beside = tmp_path / "pairs.jsonl", tmp_path / "pairs.validation.jsonl"
    done = run("dataset", "export", "--synthetic", "60", "--split", "0.25", "-o", str(file))
    assert (done.returncode, done.stdout) == (0, "")
    trained, validated = lines(file), lines(beside)
    assert len(trained) + len(validated) == 60
    assert 4 < len(validated) < 30
    assert done.stderr == f"gmn-llm: {len(trained)} pairs, and {len(validated)} for validation in {beside}\n"
    first = file.read_bytes(), beside.read_bytes()
    run("dataset", "export", "--synthetic", "60", "--split", "0.25", "-o", str(file), "--quiet")
    assert (file.read_bytes(), beside.read_bytes()) == first
    run("dataset", "export", "--synthetic", "60", "--split", "0.25", "--seed", "1", "-o", str(file))
    assert file.read_bytes() != first[0]


def test_more_synthetic_pairs_are_added_to_the_fewer(tmp_path: Path) -> None:
    """The first twenty of forty are the twenty, and each stays on its side of the split."""
    both = []
    for count in ("20", "40"):
        file = tmp_path / f"{count}.jsonl"
        assert run("dataset", "export", "--synthetic", count, "--split", "0.3", "-o", str(file)).returncode == 0
        both.append((file.read_bytes(), (tmp_path / f"{count}.validation.jsonl").read_bytes()))
    assert all(more.startswith(less) for less, more in zip(*both, strict=True))


def test_all_sources_go_together(config: str, tmp_path: Path) -> None:
    """The cache is named beside synthetic pairs where both are wanted."""
    assert run("generate", "A 3x4 grid", "--config", config).returncode == 0
    file = tmp_path / "pairs.jsonl"
    done = run("dataset", "export", "--config", config, "--from", "cache", "--synthetic", "5", "-o", str(file))
    assert done.returncode == 0
    assert len(lines(file)) == 6
    assert "A 3x4 grid" in lines(file)[0]["messages"][1]["content"]


def test_standard_output_gets_the_lines_alone() -> None:
    """``-o -`` prints the pairs; ``--quiet`` leaves standard error empty."""
    done = run("dataset", "export", "--synthetic", "3", "-o", "-", "--quiet")
    assert (done.returncode, done.stderr) == (0, "")
    assert len([json.loads(line) for line in done.stdout.splitlines()]) == 3


def test_without_a_cache_there_is_nothing_to_write(config: str, tmp_path: Path) -> None:
    """No cache, or an empty one: exit code 2, a hint, no file, and none is made of the cache."""
    file = tmp_path / "pairs.jsonl"
    for _ in range(2):
        done = run("dataset", "export", "--config", config, "-o", str(file))
        assert (done.returncode, done.stdout) == (2, "")
        assert "there is no pair to write" in done.stderr
        assert "--synthetic" in done.stderr
        assert not file.exists()
        if not (tmp_path / "kept").exists():
            assert "there is no cache in" in done.stderr
            run("generate", "a 3x3 grid", "--config", config)
            run("cache", "clear", "--config", config)


def test_a_file_that_was_there_is_replaced_or_stays(config: str, tmp_path: Path) -> None:
    """A run that comes to nothing leaves both files as they were, one that is done replaces them; nothing is left."""
    file, beside = tmp_path / "pairs.jsonl", tmp_path / "pairs.validation.jsonl"
    file.write_text("old")
    beside.write_text("old")
    file.chmod(0o640)
    assert run("dataset", "export", "--config", config, "--split", "0.5", "-o", str(file)).returncode == 2
    assert (file.read_text(), beside.read_text()) == ("old", "old")
    assert run("dataset", "export", "--synthetic", "9", "--split", "0.5", "-o", str(file)).returncode == 0
    assert len(lines(file)) + len(lines(beside)) == 9
    assert file.stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == [
        "gmn-llm.json", "pairs.jsonl", "pairs.validation.jsonl",
    ]  # fmt: skip


WRONG = [
    ([], "output"),
    (["-o", "f", "--to", "alpaca"], "alpaca"),
    (["-o", "f", "--synthetic", "10001"], "less than or equal to 10000"),
    (["-o", "f", "--synthetic", "-1"], "greater than or equal to 0"),
    (["-o", "f", "--synthetic", "3", "--split", "1"], "the split is 1.0"),
    (["-o", "-", "--synthetic", "3", "--split", "0.1"], "--split writes two files"),
    (["-o", "f", "--from", "/nowhere/b.jsonl"], "where: /nowhere/b.jsonl"),
    (["-o", "/nowhere/f", "--synthetic", "3"], "where: /nowhere/f"),
    (["-o", ".", "--synthetic", "3"], "is a folder"),
]


@pytest.mark.parametrize(("arguments", "said"), WRONG, ids=[said for _, said in WRONG])
def test_wrong_usage_leaves_2(tmp_path: Path, arguments: list[str], said: str) -> None:
    """What can't be used is told on standard error, and nothing is written."""
    command = [sys.executable, "-m", "gmn_llm", "dataset", "export", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=100, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == []


def test_a_batch_file_that_is_none_is_told_with_its_line(tmp_path: Path) -> None:
    """A line that is no JSON is an error, and not left out in silence."""
    file = tmp_path / "notes.txt"
    file.write_text("{}\nhello\n")
    done = run("dataset", "export", "--from", str(file), "-o", str(tmp_path / "pairs.jsonl"))
    assert (done.returncode, done.stdout) == (2, "")
    assert "notes.txt: line 2" in done.stderr
    assert not (tmp_path / "pairs.jsonl").exists()


def test_a_cache_that_cannot_be_used_leaves_2_and_no_file(tmp_path: Path) -> None:
    """A Redis that is away is told, and no file of the pairs that came before is written."""
    config, file = tmp_path / "c.json", tmp_path / "pairs.jsonl"
    config.write_text(json.dumps({"provider": "mock", "cache": {"redis_url": f"redis://127.0.0.1:{closed_port()}/0"}}))
    done = run("dataset", "export", "--config", str(config), "--from", "cache", "--synthetic", "2", "-o", str(file))
    assert (done.returncode, done.stdout) == (2, "")
    assert "the cache can't be used" in done.stderr
    assert not file.exists()


def test_a_reader_that_closes_the_pipe_ends_it_without_a_word() -> None:
    """``gmn-llm dataset export -o - | head -c 1`` says nothing on standard error."""
    command = (
        f'{sys.executable} -m gmn_llm dataset export --synthetic 60 --quiet -o - | head -c 1; echo "${{PIPESTATUS[0]}}"'
    )
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False, timeout=100)
    assert (done.stdout, done.stderr) == ("{0\n", "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_told() -> None:
    """A device that takes nothing is named; it stays a device."""
    done = run("dataset", "export", "--synthetic", "3", "-o", "/dev/full")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[-3:-1] == ["error: No space left on device", "where: /dev/full"]
    assert not os.path.isfile("/dev/full")  # noqa: PTH113


def test_help_loads_nothing_heavy() -> None:
    """``--help`` of both commands loads neither LiteLLM nor NumPy nor a validator."""
    code = "import sys\nfrom gmn_llm.cli.main import run\nsys.argv = ['gmn-llm', *{0!r}]\ntry:\n    run()\nexcept SystemExit as done:\n    print(done.code, sorted({{'litellm', 'numpy', 'jsonschema_rs'}} & set(sys.modules)))"
    for words in (["evaluate", "--help"], ["dataset", "export", "--help"]):
        done = subprocess.run([sys.executable, "-c", code.format(words)], capture_output=True, text=True, check=True)
        assert done.stdout.splitlines()[-1] == "0 []"
