"""The examples run as a reader would run them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run an example in a process of its own, without a terminal."""
    command = [sys.executable, "-W", "error", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=EXAMPLES, stdin=subprocess.DEVNULL)


def test_the_integration_example_plays_all_its_scenes() -> None:
    """Without a key each scene plays: the mock designs, the providers that are not there say why."""
    played = run("llm_integration_example.py")
    assert played.returncode == 0, played.stderr
    assert [line for line in played.stdout.splitlines() if line.startswith("==")] == [
        "== basic", "== types", "== compare", "== errors", "== refine",
    ]  # fmt: skip
    assert "[(25, 25)] [(25, 25, 5)]" in played.stdout
    assert "openai: AuthenticationError" in played.stdout
    assert "Add memory capabilities -> " in played.stdout


def test_an_unknown_scene_is_told() -> None:
    """A scene that is not there is an exit code 2 and a list of those that are."""
    played = run("llm_integration_example.py", "opera")
    assert played.returncode == 2
    assert "basic, types, compare, errors, refine" in played.stderr
