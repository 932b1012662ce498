"""What the configuration says is too large holds for every command that reads a document."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "models" / "t_maze.json"


def run(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """The command line in a folder of its own."""
    command = [sys.executable, "-m", "gmn_llm", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)


@pytest.mark.parametrize(
    "command",
    [("validate",), ("convert", "--to", "text"), ("simulate", "--steps", "1"), ("refine", "--feedback", "more")],
    ids=lambda command: command[0],
)
def test_a_limit_of_the_configuration_holds(command: tuple[str, ...], tmp_path: Path) -> None:
    """A document past a limit of the configuration file leaves 1 and is told as too large."""
    config = tmp_path / "small.yaml"
    config.write_text("provider: mock\nlimits: {nodes: 3}\n", encoding="utf-8")

    done = run("--config", str(config), *command, str(EXAMPLE), folder=tmp_path)

    assert done.returncode == 1
    assert "size-limit" in done.stdout + done.stderr


@pytest.mark.parametrize("command", [("validate",), ("convert", "--to", "text")], ids=lambda command: command[0])
def test_a_configuration_that_is_not_there_is_told(command: tuple[str, ...], tmp_path: Path) -> None:
    """A configuration file that was named and is not there leaves 2, whatever the document."""
    done = run("--config", "nowhere.yaml", *command, str(EXAMPLE), folder=tmp_path)

    assert done.returncode == 2
    assert "nowhere.yaml" in done.stderr
