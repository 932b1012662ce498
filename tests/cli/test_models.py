"""``gmn-llm models``: what each configured provider has, without a model being asked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.wire.client import WireServer, closed_port


def models(*arguments: str, folder: Path, config: dict[str, object]) -> subprocess.CompletedProcess[str]:
    """The command with a configuration of its own."""
    file = folder / "models.json"
    file.write_text(json.dumps(config), encoding="utf-8")
    command = [sys.executable, "-m", "gmn_llm", "models", "--config", str(file), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder, env=os.environ.copy())


def test_the_mock_is_listed_with_its_designer(tmp_path: Path) -> None:
    """The mock has one model, which is free."""
    run = models("--json", folder=tmp_path, config={"provider": "mock"})

    told = json.loads(run.stdout)["providers"]["mock"]
    assert run.returncode == 0
    assert told["models"] == ["designer"]
    assert told["price"] == {"prompt": 0.0, "completion": 0.0}


def test_a_chain_is_listed_even_where_one_is_away(wire: WireServer, tmp_path: Path) -> None:
    """What one provider has is told though another can't be reached, and that one's line says what to do."""
    wire.settings(models={"openai": ["gpt-4o", "other"]})
    openai = {"model": "gpt-4o", "base_url": f"{wire.at('openai')}/v1", "api_key": wire.openai_key}
    ollama = {"base_url": f"http://127.0.0.1:{closed_port()}"}
    config: dict[str, object] = {"provider": "openai", "openai": openai, "ollama": ollama, "fallbacks": ["ollama"]}

    run = models(folder=tmp_path, config=config)

    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines()[0].startswith("openai: gpt-4o (128000 tokens of prompt, $2.5 read")
    assert "  other" in run.stdout.splitlines()
    assert "ollama serve" in run.stdout
    assert wire.openai_key not in run.stdout + run.stderr


def test_nobody_there_is_a_failure(tmp_path: Path) -> None:
    """Where no provider can say what it has, the command fails."""
    address = f"http://127.0.0.1:{closed_port()}"
    run = models(folder=tmp_path, config={"provider": "ollama", "ollama": {"base_url": address}})

    assert run.returncode == 1
    assert "not listed" in run.stdout


def test_an_unknown_provider_is_wrong_usage(tmp_path: Path) -> None:
    """A provider that is not configured is told, with those that are."""
    run = models("--provider", "nobody", folder=tmp_path, config={"provider": "mock"})

    assert run.returncode == 2
    assert "mock" in run.stderr
