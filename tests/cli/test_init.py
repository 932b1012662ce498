"""``gmn-llm init``: what it writes for what there is."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
import yaml

from gmn_llm.config import load_settings, resolve_chain
from gmn_llm.setup import Ollama, Surroundings, composed, looked
from gmn_llm.setup.surroundings import OTHERS, writer_of
from tests.cli.tools import lines_of_error, run
from tests.wire.client import WireServer, closed_port

NOBODY = {"OLLAMA_HOST": f"127.0.0.1:{closed_port()}"}
SECRET = "sk-very-secret-0123456789"


def test_where_nothing_is_found_the_mock_answers(tmp_path: Path) -> None:
    """The file names the mock, has comments for everybody else, and is right as it is."""
    done = run("init", cwd=tmp_path, **NOBODY)
    assert (done.returncode, done.stdout) == (0, "")
    text = (tmp_path / "gmn-llm.yaml").read_text(encoding="utf-8")
    assert yaml.safe_load(text) == {"provider": "mock"}
    for word in ("# openai:", "# anthropic:", "# ollama:", "# model_list:", "# cache:", "# gmn:"):
        assert word in text
    checked = run("config", "check", cwd=tmp_path, **NOBODY)
    assert (checked.returncode, checked.stderr) == (0, "")
    assert "warning" not in checked.stdout


def test_keys_are_written_by_their_names_alone(tmp_path: Path) -> None:
    """Each key that is set is in use by its variable's name; its value stands nowhere."""
    keys = {"OPENAI_API_KEY": SECRET, "ANTHROPIC_API_KEY": SECRET, "GEMINI_API_KEY": SECRET}
    done = run("init", cwd=tmp_path, **keys, **NOBODY)
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "gmn-llm.yaml").read_text(encoding="utf-8")
    assert SECRET not in text + done.stdout + done.stderr
    written = yaml.safe_load(text)
    assert (written["provider"], written["fallbacks"]) == ("openai", ["anthropic", "gemini"])
    assert written["openai"]["api_key"] == "os.environ/OPENAI_API_KEY"
    assert written["model_list"][0]["litellm_params"]["api_key"] == "os.environ/GEMINI_API_KEY"
    checked = run("config", "check", cwd=tmp_path, **keys, **NOBODY)
    assert (checked.returncode, checked.stderr) == (0, "")
    assert "warning" not in checked.stdout


def test_the_models_that_ollama_has_pulled_are_named(wire: WireServer, tmp_path: Path) -> None:
    """One that writes text is taken, also where the first one only makes vectors; the others are in a comment."""
    wire.settings(models={"ollama": ["all-minilm:latest", "qwen3:8b", "nomic-embed-text:latest", "zephyr:7b"]})
    done = run("init", cwd=tmp_path, OLLAMA_HOST=wire.at("ollama"))
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "gmn-llm.yaml").read_text(encoding="utf-8")
    assert yaml.safe_load(text) == {"provider": "ollama", "ollama": {"model": "qwen3:8b"}}
    assert "zephyr:7b" in text
    assert run("config", "check", cwd=tmp_path, OLLAMA_HOST=wire.at("ollama")).returncode == 0


def test_a_file_that_is_there_is_kept(tmp_path: Path) -> None:
    """Without --force the file stays as it was, and the exit code is 2; with it, it is written anew."""
    file = tmp_path / "gmn-llm.yaml"
    file.write_text("provider: ollama\n", encoding="utf-8")
    done = run("init", cwd=tmp_path, **NOBODY)
    assert (done.returncode, done.stdout) == (2, "")
    assert lines_of_error(done.stderr) == ["error:", "where:", "to do:"]
    assert "--force" in done.stderr
    assert file.read_text(encoding="utf-8") == "provider: ollama\n"
    assert run("init", "--force", cwd=tmp_path, **NOBODY).returncode == 0
    assert "provider: mock" in file.read_text(encoding="utf-8")
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["gmn-llm.yaml"]


def test_a_link_to_nowhere_counts_as_there(tmp_path: Path) -> None:
    """What a link names is not made without --force."""
    (tmp_path / "gmn-llm.yaml").symlink_to(tmp_path / "elsewhere.yaml")
    assert run("init", cwd=tmp_path, **NOBODY).returncode == 2
    assert not (tmp_path / "elsewhere.yaml").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["-o", "x.json"], ".yaml"), (["-o", "/"], "YAML"), (["-o", "/nowhere/x.yaml"], "/nowhere"), (["-o"], "-o")],
    ids=["json", "folder", "no such folder", "no value"],
)
def test_a_place_that_can_not_be_is_told(tmp_path: Path, arguments: list[str], said: str) -> None:
    """A configuration is YAML and has a folder: exit code 2, and nothing is written."""
    done = run("init", *arguments, cwd=tmp_path, **NOBODY)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert not [path for path in tmp_path.iterdir() if path.is_file()]


def test_what_can_not_be_used_is_left_out_with_its_reason(tmp_path: Path) -> None:
    """A key with a line break and an address without a port: neither is in use, and the file is right all the same."""
    broken = {"OPENAI_API_KEY": "sk-a\nb", "OLLAMA_HOST": "localhost:99999", "ANTHROPIC_API_KEY": ""}
    done = run("init", cwd=tmp_path, **broken)
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "gmn-llm.yaml").read_text(encoding="utf-8")
    assert yaml.safe_load(text) == {"provider": "mock"}
    assert "# OPENAI_API_KEY is set and was left out" in text
    assert "OLLAMA_HOST is left out" in done.stderr
    assert "sk-a" not in text + done.stderr


def test_what_goes_before_the_file_is_told(tmp_path: Path) -> None:
    """Where GMN_LLM_CONFIG names another file, or the file has another name, that is told."""
    other = tmp_path / "other.yaml"
    other.write_text("provider: mock\n", encoding="utf-8")
    assert "goes before" in run("init", cwd=tmp_path, GMN_LLM_CONFIG=str(other), **NOBODY).stderr
    assert "--config mine.yaml" in run("init", "-o", "mine.yaml", cwd=tmp_path, **NOBODY).stderr


FOUND = {
    "nothing": Surroundings(),
    "all": Surroundings(
        keys={"openai": "OPENAI_API_KEY", "anthropic": "ANTHROPIC_API_KEY", **{n: v for n, (v, _) in OTHERS.items()}},
        addresses={"openai": "OPENAI_BASE_URL"},
        ollama=Ollama(
            url="http://localhost:11434", models=("hf.co/a/b:Q4_K_M", 'odd": [name]\n# x', "nomic-embed-text")
        ),
        has_env_file=True,
    ),
    "a server of one's own": Surroundings(addresses={"openai": "OPENAI_API_BASE"}),
    "ollama without a model": Surroundings(ollama=Ollama(url="http://localhost:11434")),
    "ollama with vectors alone": Surroundings(ollama=Ollama(url="http://localhost:11434", models=("bge-m3:latest",))),
    "faults": Surroundings(faults={"OPENAI_API_KEY": "the key is blank\nprovider: openai"}),
    "named": Surroundings(keys={"openai": "OPENAI_API_KEY", "groq": "GROQ_API_KEY"}, named="groq"),
}


@pytest.mark.parametrize("found", FOUND.values(), ids=FOUND)
def test_whatever_is_found_the_file_is_right(found: Surroundings) -> None:
    """Every combination comes to a configuration that is right and asks exactly who was found, in that order."""
    environ = dict.fromkeys(found.keys.values(), "sk-none")
    environ |= dict.fromkeys(found.addresses.values(), "http://localhost:8000/v1")
    settings = load_settings(yaml.safe_load(composed(found)), environ=environ)
    chain = resolve_chain(settings, environ=environ, ollama_answers=lambda _: True)
    assert chain.names == (found.answering or ("mock",))
    assert not chain.notes


def test_the_providers_beside_the_sections_are_in_the_map() -> None:
    """Each model that a key alone is enough for is known to LiteLLM's map and not retired."""
    from gmn_llm.routing.models import known_models, retired_on

    for name, (_, model) in OTHERS.items():
        assert model.removeprefix(f"{name}/") in known_models(name), model
        assert retired_on(model) is None, model


def test_the_usual_model_is_taken_where_it_is_pulled() -> None:
    """Of several the built-in default is taken, whatever its tag; of none, none."""
    assert writer_of(["qwen3:8b", "llama3.2:1b"]) == "llama3.2:1b"
    assert writer_of([]) is None


def test_nobody_is_asked_but_ollama(tmp_path: Path, network_attempts: list[str]) -> None:
    """With a key for every provider the network is left alone, so that it works offline."""
    keys = {"OPENAI_API_KEY": "sk-x", "ANTHROPIC_API_KEY": "sk-y", **{v: "k" for v, _ in OTHERS.values()}}
    found = asyncio.run(looked(tmp_path, {**keys, **NOBODY}))
    assert set(found.keys) == {"openai", "anthropic", *OTHERS}
    assert network_attempts == []
