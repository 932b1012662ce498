"""Completion of commands, options and their values in the shell."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.tools import PROGRAM, commands, run

BASH = {"_GMN_LLM_COMPLETE": "complete_bash"}


def completed(line: str, cwd: Path) -> list[str]:
    """What bash proposes for the last word of a line."""
    count = len(line.split(" ")) - 1
    return run(cwd=cwd, COMP_WORDS=line, COMP_CWORD=str(count), **BASH).stdout.split()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_each_shell(shell: str, tmp_path: Path) -> None:
    """Each shell gets a script that asks by the program's own variable; bash can read it, and so can the others."""
    done = run(cwd=tmp_path, _GMN_LLM_COMPLETE=f"source_{shell}")
    assert done.returncode == 0, done.stderr
    assert "_GMN_LLM_COMPLETE" in done.stdout
    program = shutil.which(shell)
    if program is not None:
        assert subprocess.run([program, "-n", "-c", done.stdout], check=False, capture_output=True).returncode == 0


@pytest.mark.parametrize(
    ("shell", "environment"),
    [
        ("bash", {"COMP_WORDS": "gmn-llm gen", "COMP_CWORD": "1"}),
        ("zsh", {"_TYPER_COMPLETE_ARGS": "gmn-llm gen"}),
        ("fish", {"_TYPER_COMPLETE_ARGS": "gmn-llm gen", "_TYPER_COMPLETE_FISH_ACTION": "get-args"}),
    ],
)
def test_each_shell_gets_the_commands(shell: str, environment: dict[str, str], tmp_path: Path) -> None:
    """What begins as a command is completed, in the form the shell reads."""
    done = run(cwd=tmp_path, _GMN_LLM_COMPLETE=f"complete_{shell}", **environment)
    assert done.returncode == 0, done.stderr
    assert "generate" in done.stdout


def test_show_completion_finds_the_shell(tmp_path: Path) -> None:
    """``--show-completion`` prints the script of the shell it is run from."""
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("there is no bash")
    line = f"{' '.join(PROGRAM)} --show-completion; true"
    done = subprocess.run([bash, "-c", line], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert "complete -o default -F" in done.stdout, done.stderr


def test_commands_options_and_values(tmp_path: Path) -> None:
    """Commands, those below a group, options, formats, agent types, constraints and providers are proposed."""
    (tmp_path / "gmn-llm.yaml").write_text(
        "provider: mine\nmodel_list: [{model_name: mine, litellm_params: {model: ollama_chat/x}}]\n", encoding="utf-8"
    )
    assert set(completed("gmn-llm ", tmp_path)) == {name.split()[0] for name in commands()}
    assert completed("gmn-llm cache c", tmp_path) == ["clear"]
    assert completed("gmn-llm generate x --dry", tmp_path) == ["--dry-run"]
    assert completed("gmn-llm generate x --format m", tmp_path) == ["mermaid"]
    assert completed("gmn-llm generate x --agent-type ex", tmp_path) == ["explorer"]
    assert "max_states=" in completed("gmn-llm generate x --constraint max_s", tmp_path)
    assert completed("gmn-llm generate x --provider m", tmp_path) == ["mock", "mine"]


def test_a_broken_configuration_does_no_harm(tmp_path: Path) -> None:
    """Where the configuration can't be read, the built-in providers are proposed, and nothing is said."""
    (tmp_path / "gmn-llm.yaml").write_text("provider: [\n", encoding="utf-8")
    assert completed("gmn-llm models --provider o", tmp_path) == ["openai", "ollama"]


def test_completing_loads_no_language_model_library() -> None:
    """A shell that waits for proposals does not wait for LiteLLM or NumPy."""
    program = (
        "import atexit, os, sys\n"
        "os.environ.update(_GMN_LLM_COMPLETE='complete_bash', COMP_WORDS='gmn-llm generate x --provider m', COMP_CWORD='4')\n"
        "atexit.register(lambda: print(sorted({'litellm', 'numpy', 'httpx'} & set(sys.modules))))\n"
        "from gmn_llm.cli.main import run\n"
        "run()\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=100)
    assert done.stdout.split() == ["mock", "[]"]
