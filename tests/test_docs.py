"""README runs: its Python, its JSON, its YAML and its first command are what they say."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from gmn_llm import GMNSpec
from gmn_llm.config import load_settings

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README, re.DOTALL)
PYTHON = [code for language, code in BLOCKS if language == "python"]


def test_every_block_has_a_language_that_is_checked() -> None:
    """No block of README stands outside these tests."""
    assert {language for language, _ in BLOCKS} == {"bash", "json", "python", "yaml"}


@pytest.mark.timeout(300)
@pytest.mark.parametrize("code", PYTHON, ids=range(len(PYTHON)))
def test_the_python_of_readme_runs(code: str) -> None:
    """Each block runs in a process of its own, without a word on standard error but the mock's one line."""
    if "pymdp" in code:
        pytest.importorskip("pymdp", reason="needs the extra pymdp")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout
    for line, said in re.findall(r"^(print\(.*?\)) +# (False|missing-node.*?):? \.\.\.$", code, re.MULTILINE):
        assert said in done.stdout, line


def test_the_documents_of_readme_are_valid() -> None:
    """Each JSON block is a valid document without a warning."""
    for language, code in BLOCKS:
        if language == "json":
            assert GMNSpec.parse(code).findings() == ()


def test_the_configurations_of_readme_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each YAML block is a configuration that loads."""
    for language, code in BLOCKS:
        if language == "yaml":
            assert load_settings(yaml.safe_load(code), environ={}).provider == "openai"


@pytest.mark.parametrize("name", ["main job", "tests", "slow tests"])
def test_the_marked_commands_are_there(name: str) -> None:
    """The commands that the check before landing runs are one line each."""
    found = re.search(rf"<!-- run: {name} -->\n```bash\n(.*?)```", README, re.DOTALL)
    assert found is not None
    assert len(found[1].splitlines()) == 1
