"""The examples run as a reader would run them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from gmn_llm import GMNSpec
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


def test_many_prompts_become_many_documents(tmp_path: Path) -> None:
    """Each line of the file becomes a document; a second run finds them all there."""
    agents = tmp_path / "agents.jsonl"
    played = run("many_prompts.py", "prompts.txt", str(agents))
    assert played.returncode == 0, played.stderr
    prompts = (EXAMPLES / "prompts.txt").read_text(encoding="utf-8").splitlines()
    made = [json.loads(line) for line in agents.read_text(encoding="utf-8").splitlines()]
    assert sorted(each["prompt"] for each in made) == sorted(prompts)
    assert all(GMNSpec.parse(each["document"]).findings() == () for each in made)

    again = run("many_prompts.py", "prompts.txt", str(agents))

    assert f"0 made, 0 failed, {len(prompts)} there already" in again.stdout


def test_one_bad_prompt_of_many_is_told(tmp_path: Path) -> None:
    """What can't be made is a line on standard error and an exit code 1; the others are made."""
    prompts = tmp_path / "prompts.txt"
    prompts.write_text("a 3x3 grid\n" + "x" * 200_000 + "\n", encoding="utf-8")
    played = run("many_prompts.py", str(prompts), str(tmp_path / "agents.jsonl"))
    assert played.returncode == 1
    assert "1 made, 1 failed" in played.stdout
    assert "InputError" in played.stderr


def test_the_offline_example_writes_and_runs_an_agent(wire: WireServer) -> None:
    """Over Ollama's wire: the model is looked for, it writes a draft, and its agent acts ten times."""
    wire.settings(models={"ollama": ["llama3.2:latest"]})
    played = run("offline_ollama.py", environ={"OLLAMA_HOST": wire.at("ollama")})
    assert played.returncode == 0, played.stderr
    assert len([line for line in played.stdout.splitlines() if ": saw {" in line]) == 10
    asked = [seen for seen in wire.requests() if seen.path == "/api/chat"]
    assert [seen.json["options"]["num_ctx"] for seen in asked] == [8192]


def test_the_offline_example_says_what_to_do(wire: WireServer) -> None:
    """Without a server the command that starts one is named, without the model the one that gets it."""
    away = run("offline_ollama.py", environ={"OLLAMA_HOST": "127.0.0.1:9"})
    assert away.returncode == 1
    assert "ollama serve" in away.stderr

    wire.settings(models={"ollama": ["llama3.2:latest"]})
    missing = run("offline_ollama.py", "mistral-nemo", environ={"OLLAMA_HOST": wire.at("ollama")})

    assert missing.returncode == 1
    assert "ollama pull mistral-nemo" in missing.stderr
    assert not [seen for seen in wire.requests() if seen.path == "/api/chat"]


def test_freeagentics_takes_the_package_in_place_of_its_own() -> None:
    """Called as FreeAgentics calls its provider, with its messages; its parser reads the text that comes back."""
    code = """
import asyncio, enum, json
from dataclasses import dataclass
from freeagentics_provider import GMNProvider
from tests.gmn.freeagentics import parse

class LLMRole(enum.Enum):
    USER = "user"

@dataclass
class LLMMessage:
    role: LLMRole
    content: str

async def main():
    provider = GMNProvider({"provider": "mock"})
    text = await provider.generate_gmn(prompt="a 3x3 grid", agent_type="general", constraints={"max_states": 20})
    refined = await provider.refine_gmn(text, "it slips 20% of the time")
    print(await provider.validate_gmn(text), await provider.validate_gmn("node state s1 {"))
    print([b.shape for b in parse(json.loads(refined))["B"]])
    answer = await provider.generate(messages=[LLMMessage(LLMRole.USER, "hello")], temperature=0.7)
    print(type(answer.content).__name__, await provider.validate_model("no-such-model"))
    await provider.close()

asyncio.run(main())
"""
    played = run("-c", code, environ={"PYTHONPATH": os.pathsep.join([str(EXAMPLES), str(EXAMPLES.parent)])})
    assert played.returncode == 0, played.stderr
    verdicts, shapes, answer = played.stdout.splitlines()
    assert verdicts.startswith("(True, []) (False, [")
    assert shapes == "[(9, 9, 5)]"
    assert answer == "str False"


def test_the_freeagentics_example_runs() -> None:
    """The program itself plays without a key."""
    played = run("freeagentics_provider.py")
    assert played.returncode == 0, played.stderr
    assert "(True, [])" in played.stdout
    assert "[(25, 25)]" in played.stdout


@pytest.mark.timeout(300)
def test_the_notebook_runs_from_top_to_bottom() -> None:
    """Each cell runs in a kernel, and the first shows the document as a picture."""
    code = """
import json, nbformat
from nbclient import NotebookClient

notebook = NotebookClient(nbformat.read("agents.ipynb", 4), timeout=300, kernel_name="python3").execute()
print(json.dumps([cell.get("outputs", []) for cell in notebook.cells if cell.cell_type == "code"]))
"""
    played = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        cwd=EXAMPLES,
        stdin=subprocess.DEVNULL,
    )
    assert played.returncode == 0, played.stderr
    cells = json.loads(played.stdout)
    shown = next(output for output in cells[0] if output["output_type"] == "execute_result")
    assert "<svg" in "".join(shown["data"]["text/html"])
    assert "'move':" in "".join(cells[-1][-1]["text"])


def test_the_notebook_is_kept_without_outputs() -> None:
    """What it shows is made anew by whoever runs it."""
    notebook = json.loads((EXAMPLES / "agents.ipynb").read_text(encoding="utf-8"))
    assert all(not cell.get("outputs") and cell.get("execution_count") is None for cell in notebook["cells"])
