"""What commands read and write: files, folders, pipes and disks that are not as they should be."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from gmn_llm import GMNSpec
from gmn_llm.mock import design
from tests.cli.tools import AS_OTHERS, PROGRAM, lines_of_error, run

THREE = ["error:", "where:", "to do:"]
WRITERS = {
    "generate": 'generate "a 3x3 grid" --quiet --no-cache -o',
    "refine": 'refine agent.json --feedback "it slips 20% of the time" --quiet --no-cache -o',
    "convert": "convert agent.json --to text -o",
    "convert to arrays": "convert agent.json --to pymdp -o",
    "init": "init --force -o",
    "dataset export": "dataset export --synthetic 2 -o",
    "dry run": 'generate "a 3x3 grid" --quiet --dry-run -o',
}
READERS = {
    "validate": "validate {}",
    "refine": "refine {} --feedback x",
    "convert": "convert {} --to text",
    "simulate": "simulate {} --steps 1",
    "evaluate": "evaluate --prompts {}",
    "generate with an example": 'generate "a 3x3 grid" --example {}',
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a document and a configuration of the mock alone."""
    place = tmp_path / "here"
    place.mkdir()
    (place / "agent.json").write_text(GMNSpec.parse(design("A 3x3 grid; reach the corner")).to_json(), encoding="utf-8")
    (place / "gmn-llm.yaml").write_text(f"provider: mock\ncache: {{dir: {tmp_path / 'cache'}}}\n", encoding="utf-8")
    return place


def target(command: str) -> str:
    """A name that the command takes for what it writes."""
    return "out.yaml" if command.startswith("init") else "out.json"


@pytest.mark.parametrize("command", WRITERS.values(), ids=WRITERS)
def test_a_file_is_replaced_whole(command: str, folder: Path) -> None:
    """What was there is replaced, keeps its mode, and nothing is left beside it."""
    file = folder / target(command)
    file.write_text("old", encoding="utf-8")
    file.chmod(0o640)
    before = {path.name for path in folder.iterdir()}
    done = run(*shlex.split(command), file.name, cwd=folder)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert file.read_bytes() != b"old"
    assert file.stat().st_mode & 0o777 == 0o640
    assert {path.name for path in folder.iterdir()} == before


@pytest.mark.skipif(sys.platform == "win32", reason="limits are POSIX")
@pytest.mark.parametrize("command", WRITERS.values(), ids=WRITERS)
def test_a_disk_without_room_leaves_what_was_there(command: str, folder: Path) -> None:
    """A file that can't be written to its end: three lines, exit code 2, the old one as it was, nothing beside it."""
    file = folder / target(command)
    file.write_text("old", encoding="utf-8")
    before = {path.name for path in folder.iterdir()}
    line = f"ulimit -f 0; exec {shlex.join([*PROGRAM, *shlex.split(command), file.name])}"
    done = subprocess.run(
        ["bash", "-c", line], cwd=folder, capture_output=True, text=True, check=False, timeout=100,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    assert done.returncode == 2, done.stderr
    assert lines_of_error(done.stderr) == THREE
    assert f"where: {file.name}\n" in done.stderr
    assert file.read_text(encoding="utf-8") == "old"
    assert {path.name for path in folder.iterdir()} == before


@pytest.mark.parametrize("command", WRITERS.values(), ids=WRITERS)
@pytest.mark.parametrize("place", ["nowhere/{}", "agent.json/{}", "/dev/full", "folder.yaml"])
def test_a_place_that_can_not_be_written_is_told(command: str, place: str, folder: Path) -> None:
    """No such folder, a file for a folder, a full device, a folder: three lines with the place, exit code 2."""
    (folder / "folder.yaml").mkdir()
    where = place.format(target(command))
    done = run(*shlex.split(command), where, cwd=folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert lines_of_error(done.stderr) == THREE
    assert where in done.stderr


@pytest.mark.parametrize("command", WRITERS.values(), ids=WRITERS)
def test_a_folder_of_others_is_told(command: str, folder: Path) -> None:
    """A folder that may only be read: exit code 2."""
    (folder / "locked").mkdir(mode=0o500)
    done = run(*shlex.split(command), f"locked/{target(command)}", cwd=folder, prefix=AS_OTHERS)
    assert done.returncode == 2
    assert lines_of_error(done.stderr) == THREE


def source(kind: str, folder: Path) -> str:
    """The name of something that is no document."""
    if kind == "a folder":
        return "."
    file = folder / "odd.json"
    content = {"bytes": bytes(range(256)), "nothing": b"", "prose": b"I would rather not.", "noughts": b"\0" * 999}
    if kind in content:
        file.write_bytes(content[kind])
    return file.name


@pytest.mark.parametrize("command", READERS.values(), ids=READERS)
@pytest.mark.parametrize("kind", ["a folder", "nobody", "bytes", "nothing", "prose", "noughts"])
def test_what_is_no_document_is_told(command: str, kind: str, folder: Path) -> None:
    """A folder, no file, bytes, an empty file, prose: exit code 1 or 2, its name in the words, and no traceback."""
    name = source(kind, folder)
    done = run(*shlex.split(command.format(name)), cwd=folder)
    assert done.returncode in (1, 2)
    assert "Traceback" not in done.stderr
    assert "nodes" not in done.stdout or command.startswith("validate")
    if kind in ("a folder", "nobody"):
        assert done.returncode == 2
        assert name in done.stderr
    if not command.startswith("validate") or done.returncode == 2:
        assert lines_of_error(done.stderr) == THREE


@pytest.mark.parametrize("command", ["validate -", "convert - --to text", "refine - --feedback x", "generate -"])
def test_standard_input_that_is_empty_closed_or_endless(command: str, folder: Path) -> None:
    """Nothing to read, no standard input at all, and one without an end: told, and none takes the machine with it."""
    assert run(*shlex.split(command), cwd=folder).returncode in (1, 2)
    line = shlex.join([*PROGRAM, *shlex.split(command)])
    for redirected in ("<&-", "</dev/zero"):
        shell = ["bash", "-c", f"{line} {redirected}"]
        done = subprocess.run(shell, cwd=folder, capture_output=True, text=True, check=False, timeout=100)
        assert done.returncode in (1, 2)
        assert "Traceback" not in done.stderr
        assert done.stderr or "size-limit" in done.stdout


def test_a_name_that_is_no_text(folder: Path) -> None:
    """A file whose name is bytes that are no UTF-8 is read, and its name is escaped in the result."""
    name = os.fsdecode(b"\xff.json")
    (folder / name).write_bytes((folder / "agent.json").read_bytes())
    done = run("validate", name, "--json", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert r"\udcff.json" in done.stdout


def test_a_name_with_signs_that_steer_a_terminal(folder: Path) -> None:
    """They are escaped where the name is told."""
    done = run("convert", "a\x1b[31mb\nc.json", "--to", "text", cwd=folder)
    assert done.returncode == 2
    assert "\x1b" not in done.stderr


def test_the_place_in_a_file_is_told(folder: Path) -> None:
    """A document that is not valid: the file with line and column, as editors take it."""
    (folder / "bad.json").write_text('{"name": "x",\n "nodes": [}', encoding="utf-8")
    done = run("convert", "bad.json", "--to", "text", cwd=folder)
    assert (done.returncode, done.stdout) == (1, "")
    assert "where: bad.json:2:" in done.stderr


def test_a_global_option_without_its_value(folder: Path) -> None:
    """``--config`` at the end is told to lack its value, wherever it stands."""
    for arguments in (["--config"], ["cache", "stats", "--config"]):
        done = run(*arguments, cwd=folder)
        assert done.returncode == 2
        assert "--config" in done.stderr
        assert lines_of_error(done.stderr) == THREE


def test_nothing_at_all_is_help(folder: Path) -> None:
    """Without a command there is the help; a group without one is told which there are."""
    done = run(cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Commands:" in done.stdout
    assert run("cache", cwd=folder).returncode == 2
