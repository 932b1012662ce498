"""README runs: its Python, its JSON, its YAML and its first command are what they say."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from gmn_llm import GMNSpec
from gmn_llm.config import load_settings
from tests.wire.client import WireServer

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


PAGE = (ROOT / "docs" / "offline.md").read_text(encoding="utf-8")


def test_the_configuration_of_the_offline_page_is_taken() -> None:
    """Its YAML loads, and names Ollama alone."""
    found = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert [load_settings(yaml.safe_load(code), environ={}).provider for code in found] == ["ollama"]


def test_the_commands_of_the_offline_page_work(wire: WireServer, tmp_path: Path) -> None:
    """What the page says to type after the installation works, at a server that speaks Ollama's wire."""
    wire.settings(models={"ollama": ["llama3.2:latest"]})
    typed = re.findall(r"^ *\.venv/bin/gmn-llm (.*)$", PAGE, re.MULTILINE)
    assert [line.split()[0] for line in typed] == ["health", "generate", "simulate"]
    for line in typed:
        done = subprocess.run(
            [sys.executable, "-m", "gmn_llm", *shlex.split(line)],
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
            env={**os.environ, "OLLAMA_HOST": wire.at("ollama")},
        )
        assert done.returncode == 0, done.stderr
    assert GMNSpec.parse((tmp_path / "vacuum.json").read_text(encoding="utf-8")).findings() == ()
    assert {seen.path for seen in wire.requests()} >= {"/api/tags", "/api/chat"}
