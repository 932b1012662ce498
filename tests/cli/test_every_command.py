"""What holds for every command; none can be forgotten, for they are collected from the program itself."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from gmn_llm import GMNSpec
from gmn_llm.mock import design
from tests.cli.tools import PROGRAM, commands, hanging, interrupted, lines_of_error, run, terminal

HEAVY = {"litellm", "pymdp", "jax", "numpy", "openai", "httpx", "aiohttp", "rich", "jsonschema", "yaml", "sqlite3"}
PROMPTS = {
    "name": "two", "version": 1, "prompts": [
        {"id": "a", "kind": "sizes", "prompt": "a 3x3 grid", "expect": [{"check": "states", "size": 9}]},
        {"id": "b", "kind": "sizes", "prompt": "a 4x4 grid", "expect": [{"check": "states", "size": 16}]},
    ],
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Way:
    """How a command is run so that it works.

    Attributes:
        arguments: What stands behind it.
        wait: What it can be made to wait for: a provider, Ollama or its input; empty where there is nothing.
        waiting: What stands behind it then.
    """

    arguments: str = ""
    wait: str = ""
    waiting: str = ""


WAYS = {
    "generate": Way('"a 3x3 grid"', wait="server", waiting='"a 3x3 grid" -o made.json'),
    "validate": Way("agent.json", wait="input", waiting="-"),
    "refine": Way('agent.json --feedback "it slips 20% of the time"', wait="server",
                  waiting='agent.json --feedback "it slips" -o made.json'),
    "convert": Way("agent.json --to text", wait="input", waiting="- --to text -o made.txt"),
    "simulate": Way("agent.json --steps 2 --seed 1", wait="input", waiting="- --steps 2"),
    "models": Way(wait="server"),
    "evaluate": Way("--prompts prompts.json", wait="server", waiting="--prompts prompts.json --timeout 50"),
    "health": Way("--json", wait="server", waiting="--probe"),
    "init": Way("-o -", wait="ollama", waiting="-o made.yaml"),
    "doctor": Way(wait="server"),
    "cache stats": Way(),
    "cache clear": Way(),
    "config check": Way(),
    "config show": Way(),
    "dataset export": Way("--synthetic 3 -o -"),
}  # fmt: skip
NAMES = sorted(WAYS)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a document, prompts and a configuration of the mock alone."""
    place = tmp_path / "here"
    place.mkdir()
    (place / "agent.json").write_text(GMNSpec.parse(design("A 3x3 grid; reach the corner")).to_json(), encoding="utf-8")
    (place / "prompts.json").write_text(json.dumps(PROMPTS), encoding="utf-8")
    (place / "gmn-llm.yaml").write_text(f"provider: mock\ncache: {{dir: {tmp_path / 'cache'}}}\n", encoding="utf-8")
    return place


def words(name: str, arguments: str | None = None) -> list[str]:
    """A command with what stands behind it."""
    return [*name.split(), *shlex.split(WAYS[name].arguments if arguments is None else arguments)]


def test_every_command_has_its_line_in_the_table() -> None:
    """A command that is added to the program has to be added to the table, or this fails."""
    assert set(commands()) == set(WAYS)


@pytest.mark.parametrize("name", NAMES)
def test_help_has_an_example_that_names_the_command(name: str) -> None:
    """The help of each command ends with an example on one line, which can be copied."""
    examples = [line for line in commands()[name].splitlines() if line.startswith("Example: ")]
    assert len(examples) == 1
    assert examples[0].startswith(f"Example: gmn-llm {name}")


def test_help_loads_nothing_heavy_and_wraps_no_example() -> None:
    """The help of every command is there without what the command itself will need."""
    program = (
        "import contextlib, io, sys\n"
        "from gmn_llm.cli.running import ran\n"
        f"for words in {[name.split() for name in NAMES]!r}:\n"
        "    text = io.StringIO()\n"
        "    with contextlib.redirect_stdout(text):\n"
        "        assert ran('gmn-llm', [*words, '--help']) == 0\n"
        "    assert f'  Example: gmn-llm {\" \".join(words)}' in text.getvalue(), words\n"
        f"print(sorted({HEAVY!r} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=100)
    assert (done.stdout, done.stderr) == ("[]\n", "")


@pytest.mark.parametrize("name", NAMES)
def test_it_works_without_a_terminal(name: str, folder: Path) -> None:
    """Exit code 0, the result on standard output without a colour, and no traceback."""
    done = run(*words(name), cwd=folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
    assert "\x1b" not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", NAMES)
def test_an_unknown_option_is_told_in_three_lines(name: str, folder: Path) -> None:
    """What went wrong, where, and what to do; exit code 2, and standard output stays empty."""
    done = run(*words(name), "--frobnicate", cwd=folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert lines_of_error(done.stderr) == ["error:", "where:", "to do:"]
    assert "--frobnicate" in done.stderr
    assert f"where: gmn-llm {name}\n" in done.stderr


@pytest.mark.parametrize("name", NAMES)
def test_a_configuration_that_is_not_there_is_told(name: str, folder: Path) -> None:
    """A configuration that is named and can't be read is no reason for a traceback in any command."""
    done = run(*words(name), "--config", "nowhere/gmn.yaml", cwd=folder)
    assert done.returncode == (0 if name == "init" else 1 if name == "doctor" else 2)
    if name != "init":  # which writes one, here to standard output
        assert "nowhere/gmn.yaml" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", NAMES)
def test_a_disk_that_is_full_is_told(name: str, folder: Path) -> None:
    """Standard output that can't be written: three lines and exit code 2, whoever writes."""
    full = os.open("/dev/full", os.O_WRONLY)
    try:
        done = run(*words(name), cwd=folder, stdout=full)
    finally:
        os.close(full)
    assert done.returncode == 2, done.stderr
    assert lines_of_error(done.stderr) == ["error:", "where:", "to do:"]
    assert "where: standard output\n" in done.stderr


@pytest.mark.parametrize("name", NAMES)
def test_a_reader_that_leaves_ends_it_without_a_word(name: str, folder: Path) -> None:
    """A pipe whose reader is gone before the first byte: exit code 0, and nothing on standard error."""
    read, write = os.pipe()
    os.close(read)
    try:
        done = run(*words(name), "--quiet", cwd=folder, stdout=write)
    finally:
        os.close(write)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", NAMES)
def test_a_narrow_terminal_without_colours(name: str, folder: Path) -> None:
    """On 40 columns with NO_COLOR it works, and nothing is coloured."""
    shown = terminal(*words(name), columns=40, cwd=folder, NO_COLOR="1")
    assert shown.code == 0, shown.text
    assert "Traceback" not in shown.text
    assert not shown.is_coloured


@pytest.mark.parametrize("name", NAMES)
def test_an_encoding_that_lacks_signs_does_no_harm(name: str, folder: Path) -> None:
    """With ASCII for the streams, and no UTF-8 in the locale, signs are escaped and nothing crashes."""
    ascii_only = {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "LC_ALL": "C"}
    name_of_it = "ä€\N{GRINNING FACE}.json"
    done = run(*words(name), cwd=folder, **ascii_only)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    wrong = run(*name.split(), f"--{name_of_it}", cwd=folder, **ascii_only)
    assert wrong.returncode == 2
    assert lines_of_error(wrong.stderr) == ["error:", "where:", "to do:"]


@pytest.mark.parametrize("name", NAMES)
def test_streams_that_are_closed_are_told(name: str, folder: Path) -> None:
    """With all three standard streams closed it ends with exit code 2, and writes into no file that it opened."""
    line = shlex.join([*PROGRAM, *words(name)])
    done = subprocess.run(
        ["sh", "-c", f"{line} <&- >&- 2>&-"], cwd=folder, capture_output=True, check=False, timeout=100
    )
    assert (done.returncode, done.stdout, done.stderr) == (2, b"", b"")


@pytest.mark.parametrize("name", [name for name in NAMES if WAYS[name].wait])
def test_an_interrupt_leaves_130_and_nothing_half_written(name: str, folder: Path) -> None:
    """Ctrl-C while it waits, for a provider or for its input: exit code 130, no traceback, and no file is left."""
    way = WAYS[name]
    before = sorted(path.name for path in folder.iterdir())
    with hanging() as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}"
        section = f"openai: {{model: gpt-4o, base_url: {address}/v1, api_key: sk-none, timeout: 60}}"
        (folder / "gmn-llm.yaml").write_text(f"provider: openai\n{section}\n", encoding="utf-8")
        waits_for = None if way.wait == "input" else server
        added = {"OLLAMA_HOST": address} if way.wait == "ollama" else {}
        shown = interrupted(*words(name, way.waiting), server=waits_for, cwd=folder, **added)
    assert shown.code == 130, shown.text
    assert "Traceback" not in shown.text
    assert sorted(path.name for path in folder.iterdir()) == before
