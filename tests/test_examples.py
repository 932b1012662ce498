"""The examples run as a reader would run them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.wire.client import WireServer

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"


def run(*arguments: str, environ: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run an example in a process of its own, without a terminal."""
    command = [sys.executable, "-W", "error", *arguments]
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        cwd=EXAMPLES,
        stdin=subprocess.DEVNULL,
        env={**os.environ, **(environ or {})},
    )


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


def addresses(wire: WireServer) -> dict[str, str]:
    """The environment in which the swap's files reach the test server."""
    return {
        "SWAP_OPENAI_URL": f"{wire.at('openai')}/v1",
        "OPENAI_API_KEY": wire.openai_key,
        "SWAP_ANTHROPIC_URL": wire.at("anthropic"),
        "ANTHROPIC_API_KEY": wire.anthropic_key,
        "SWAP_OLLAMA_URL": wire.at("ollama"),
    }


def test_a_provider_is_swapped_by_its_file_alone(wire: WireServer) -> None:
    """The same program gets the same type of result from the mock and over three protocols."""
    played = run("config_swap.py", environ=addresses(wire))

    assert played.returncode == 0, played.stderr
    assert played.stderr == ""
    lines = dict(line.split(": ", 1) for line in played.stdout.splitlines())
    assert sorted(lines) == ["anthropic", "mock", "ollama", "openai"]
    assert all(line.startswith("GMNSpec ") and line.endswith(f", by {name}") for name, line in lines.items())
    asked = {seen.deployment: seen.path for seen in wire.requests() if seen.method == "POST"}
    assert asked == {"openai": "/v1/chat/completions", "anthropic": "/v1/messages", "ollama": "/api/chat"}


def test_a_provider_that_is_not_there_is_told(wire: WireServer) -> None:
    """A configuration whose key is not set is one line on standard error, and the others answer all the same."""
    environ = addresses(wire)
    del environ["OPENAI_API_KEY"]

    played = run("config_swap.py", "config_swap/openai.yaml", "config_swap/mock.yaml", environ=environ)

    assert played.returncode == 1
    assert played.stdout.startswith("mock: GMNSpec ")
    assert "OPENAI_API_KEY" in played.stderr
