"""Every example on the page that the package was asked from runs."""

from __future__ import annotations

import ast
import inspect
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import gmn_llm
from gmn_llm import GMNSpec, LLMResponse, ProviderType

if TYPE_CHECKING:
    from tests.wire.client import WireServer

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "tests/data/llm_module.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", PAGE, re.DOTALL)
PYTHON = [code for language, code in BLOCKS if language == "python"]
BASH = [code for language, code in BLOCKS if language == "bash"]


async def run_page(seen: dict[str, object]) -> None:
    """Run the page's Python from top to bottom in one namespace, as a reader would type it."""
    seen |= {
        "LLMProviderFactory": gmn_llm.LLMProviderFactory,
        "LLMError": gmn_llm.LLMError,
        "ProviderType": ProviderType,
    }
    seen["prompt"] = "Create an agent that explores a 4x4 grid world"
    for k, block in enumerate(PYTHON):
        code = compile(
            block.replace("from llm import", "from gmn_llm import"),
            f"block {k}",
            "exec",
            flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT,
        )
        if "gmn" in seen:
            seen.setdefault("current_gmn", seen["gmn"])
        result = eval(code, seen)  # noqa: S307  # the page's own code
        if inspect.isawaitable(result):
            await result


def reach(wire: WireServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Set keys and addresses of the loopback server, as the page's environment variables do."""
    monkeypatch.setenv("OPENAI_API_KEY", wire.openai_key)
    monkeypatch.setenv("OPENAI_BASE_URL", wire.openai_base)
    monkeypatch.setenv("ANTHROPIC_API_KEY", wire.anthropic_key)
    monkeypatch.setenv("ANTHROPIC_BASE_URL", wire.anthropic_base)


def test_the_page_has_its_examples() -> None:
    """The page is the one that was handed over: nine Python blocks and two for the shell."""
    assert (len(PYTHON), len(BASH)) == (9, 2)


async def test_the_page_runs_against_the_mock(wire: WireServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the mock named first, every Python block runs and gives documents and answers."""
    reach(wire, monkeypatch)
    monkeypatch.setenv("LLM_PROVIDER", "mock")
    seen: dict[str, object] = {}
    await run_page(seen)
    check(seen, provider="mock")
    await close(seen)


async def test_the_page_runs_against_real_wires(wire: WireServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """With keys and addresses of servers on the loopback, every Python block runs over HTTP."""
    reach(wire, monkeypatch)
    seen: dict[str, object] = {}
    await run_page(seen)
    check(seen, provider="openai")
    protocols = {request.protocol for request in wire.requests()}
    assert {"openai", "anthropic"} <= protocols
    await close(seen)


def check(seen: dict[str, object], *, provider: str) -> None:
    """What the blocks left behind is what the page promises."""
    document, refined, response = seen["gmn"], seen["refined_gmn"], seen["response"]
    assert isinstance(document, GMNSpec)
    assert isinstance(refined, GMNSpec)
    assert isinstance(response, LLMResponse)
    assert document.provenance is not None
    assert document.provenance.provider == provider
    assert seen["is_valid"] is True
    assert seen["errors"] == []
    assert refined.valid() is refined
    assert response.provider == "anthropic"
    health = seen["health"]
    assert isinstance(health, dict)
    assert health["providers"][provider]["success_rate"] == 100.0


async def close(seen: dict[str, object]) -> None:
    """Close the factory, which the page leaves open."""
    factory = seen["factory"]
    assert isinstance(factory, gmn_llm.LLMProviderFactory)
    await factory.aclose()


def test_the_environment_block_is_taken(wire: WireServer) -> None:
    """The variables that the page exports are those that the package reads."""
    script = f"{BASH[0]}\nexec {sys.executable} -c 'import asyncio, gmn_llm; print(asyncio.run(gmn_llm.create_llm_factory().get_provider()))'"
    run = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    assert run.stdout.strip().startswith("<Provider openai -> anthropic")


COMMANDS = [line for line in BASH[1].splitlines() if line.startswith("pytest")]


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "line",
    # The first one takes everything, the real model included.
    [pytest.param(line, marks=[] if "::" in line or "not slow" in line else pytest.mark.slow) for line in COMMANDS],
)
def test_the_pages_test_commands_run(line: str) -> None:
    """Each test command of the page runs and passes."""
    command = [sys.executable, "-m", *shlex.split(line), "-q"]
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert run.returncode == 0, run.stdout
    assert " passed" in run.stdout
