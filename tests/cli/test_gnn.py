"""GNN files on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from gmn_llm import GMNSpec
from tests.cli.test_commands import SENTENCE, run
from tests.gmn.builders import example
from tests.gmn.gnn.files import LAMP, strictly_read
from tests.gmn.test_from_arrays import same


@pytest.fixture
def document(tmp_path: Path) -> Path:
    """The example of the notation, in a file."""
    file = tmp_path / "explorer.json"
    file.write_text(GMNSpec.parse(example()).to_json(), encoding="utf-8")
    return file


def test_generate_writes_gnn() -> None:
    """The file passes the strict checks and is the same agent."""
    done = run("generate", SENTENCE, "--format", "gnn", "--quiet")
    assert (done.returncode, done.stderr) == (0, "")
    assert strictly_read(done.stdout)
    assert GMNSpec.from_gnn(done.stdout).valid()


def test_there_and_back(document: Path, tmp_path: Path) -> None:
    """A document becomes a GNN file, and the file, known by its ending and headings, a document with the same arrays."""
    file = tmp_path / "explorer.md"
    there = run("convert", str(document), "--to", "gnn", "-o", str(file))
    assert (there.returncode, there.stdout) == (0, "")
    back = run("convert", str(file), "--to", "json")
    assert (back.returncode, back.stderr) == (0, "")
    same(GMNSpec.parse(example()).to_pymdp(), GMNSpec.parse(back.stdout).to_pymdp())


def test_what_is_lost_is_told(document: Path) -> None:
    """What GNN has no place for stands on standard error, unless ``--quiet`` was said; the text comes out all the same."""
    told = run("convert", str(document), "--to", "gnn")
    assert told.returncode == 0
    assert "GNN has no place" in told.stderr
    quiet = run("convert", str(document), "--to", "gnn", "--quiet")
    assert quiet.stderr == ""
    assert quiet.stdout == told.stdout


def test_standard_input_needs_to_be_told() -> None:
    """Without an ending nothing is guessed: ``--from gnn`` says what it is."""
    assert run("convert", "-", "--to", "json", stdin=LAMP).returncode == 1
    done = run("convert", "-", "--from", "gnn", "--to", "json", stdin=LAMP)
    assert done.returncode == 0, done.stderr
    assert GMNSpec.parse(done.stdout).name == "A lamp with two states"


def test_markdown_that_is_no_gnn_is_no_document(tmp_path: Path) -> None:
    """Other Markdown is read as a document of ours, and is none."""
    file = tmp_path / "notes.md"
    file.write_text("# Notes\n", encoding="utf-8")
    done = run("convert", str(file), "--to", "json")
    assert (done.returncode, done.stdout) == (1, "")
    assert "text-syntax" in done.stderr


def test_an_order_of_axes_is_decided(tmp_path: Path) -> None:
    """An ambiguous array is an error that says what to add, and with that it is read."""
    file = tmp_path / "lamp.md"
    file.write_text(LAMP.replace("( (1.0, 0.0), (0.25, 1.0) )", "( (0.5, 0.1), (0.5, 0.9) )")
                    .replace("( (0.0, 1.0), (0.75, 0.0) )", "( (0.4, 0.3), (0.6, 0.7) )"), encoding="utf-8")  # fmt: skip
    refused = run("convert", str(file), "--to", "json")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "--axes B=" in refused.stderr
    done = run("convert", str(file), "--to", "json", "--axes", "B=action-next-previous")
    assert done.returncode == 0, done.stderr
    assert "action-next-previous" in done.stderr


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--axes", "rows"], "no order of axes rows"),
        (["--axes", "B=rows"], "no order of axes rows"),
        (["--axes", "B=documented", "--axes", "documented"], "NAME=ORDER"),
        (["--from", "gmn", "--axes", "documented"], "GNN files alone"),
        (["--from", "xml"], "xml"),
    ],
)
def test_wrong_usage(tmp_path: Path, options: list[str], words: str) -> None:
    """An order or a source that there is none of leaves 2 and a message."""
    file = tmp_path / "lamp.md"
    file.write_text(LAMP, encoding="utf-8")
    done = run("convert", str(file), "--to", "json", *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
