"""``gmn-llm config check`` and ``config show``."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.cli.test_commands import run

GOOD = "provider: mock\nollama: {num_ctx: 4096}\ngmn:\n  max_repairs: 4\n"


def written(tmp_path: Path, text: str) -> str:
    """The name of a file with a configuration."""
    path = tmp_path / "c.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_right_configuration_is_ok(tmp_path: Path) -> None:
    """Exit code 0, the file that was taken and who is asked; a section nobody asks is a warning."""
    file = written(tmp_path, GOOD)
    done = run("config", "check", "--config", file)

    assert (done.returncode, done.stderr) == (0, "")
    assert f"OK: {file}\nasked: mock (designer)" in done.stdout
    assert "warning: ollama is configured and nobody asks it" in done.stdout


def test_every_mistake_is_told(tmp_path: Path) -> None:
    """Exit code 2, and each mistake with file, line, key and the nearest right key."""
    file = written(tmp_path, "provider: mock\nopenai:\n  temprature: 1\n  rpm: many\nfallbacks: [olama]\n")
    done = run("config", "check", "--config", file)

    assert done.returncode == 2
    assert done.stdout.splitlines() == [
        f"{file}:3: error: openai.temprature is not a setting; did you mean 'temperature'?",
        f"{file}:4: error: openai.rpm: expected a whole number from 1, found the text 'many'",
        f"{file}:5: error: fallbacks[0] names olama, which is not configured; did you mean 'ollama'?",
        "not usable, 3 mistakes",
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("provider: openai\n", "OPENAI_API_KEY is not set"),
        ("provider: g\nmodel_list: [{model_name: g, litellm_params: {model: nobody/x}}]\n", "knows no provider"),
        ("provider: [\n", "line 2"),
        ("router_settings:\n  retry_policy: {TimeoutErorRetries: 3}\n", "did you mean 'TimeoutErrorRetries'?"),
        ("provider: openai\nopenai: {base_url: 'localhost:80'}\n", "write http://localhost:80"),
        ("openai: {api_key: ' '}\n", "openai.api_key: the key is blank"),
        ("ollama: {keep_alive: 5 lightyears}\n", "such as 5m, 1h30m"),
    ],
)
def test_what_can_not_be_used_is_a_mistake(tmp_path: Path, text: str, words: str) -> None:
    """A first provider without a key, a model of nobody and a syntax error leave exit code 2 and their words."""
    done = run("config", "check", "--json", "--config", written(tmp_path, text))
    report = json.loads(done.stdout)

    assert (done.returncode, report["ok"]) == (2, False)
    assert words in report["problems"][0]["message"]


def test_warnings_leave_zero(tmp_path: Path) -> None:
    """A retired model, a fallback without a key, an unset variable nobody needs and `ollama/` are warnings."""
    text = (
        "provider: openai\nfallbacks: [anthropic]\nopenai: {model: gpt-3.5-turbo-0301, api_key: k}\n"
        "ollama: {base_url: os.environ/NOT_THERE}\n"
        "model_list: [{model_name: g, litellm_params: {model: ollama/llama3.2}}]\n"
    )
    done = run("config", "check", "--json", "--config", written(tmp_path, text))
    report = json.loads(done.stdout)

    assert (done.returncode, report["ok"]) == (0, True)
    assert [entry["name"] for entry in report["chain"]] == ["openai"]
    for words in ("gpt-3.5-turbo-0301", "ANTHROPIC_API_KEY", "NOT_THERE", "g is configured and nobody asks it"):
        assert any(words in warning for warning in report["warnings"]), words


def test_litellm_is_loaded_only_for_its_map(tmp_path: Path) -> None:
    """A configuration of the mock and Ollama is checked without LiteLLM."""
    program = (
        "import sys; sys.argv[1:] = ['config', 'check', '--config', sys.argv[1]]\n"
        "from gmn_llm.cli.main import run\n"
        "try:\n    run()\nfinally:\n    print('litellm' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, written(tmp_path, GOOD)], capture_output=True, text=True, check=True
    )

    assert done.stdout.splitlines()[-1] == "False"


def test_show_is_yaml_that_says_where_each_value_comes_from(tmp_path: Path) -> None:
    """The output can be read as a configuration; values have their line, their variable or `default` beside them."""
    text = "provider: openai\nopenai: {model: gpt-4o}\nfallbacks: [g]\n"
    text += "model_list: [{model_name: g, litellm_params: {model: azure/x, api_key: az-secret, rpm: 5}}]\n"
    done = run("config", "show", "--config", written(tmp_path, text), OPENAI_API_KEY="sk-secret")
    shown = yaml.safe_load(done.stdout)

    assert (done.returncode, done.stderr) == (0, "")
    assert "secret" not in done.stdout
    assert shown["openai"] == {"model": "gpt-4o", "api_key": "os.environ/OPENAI_API_KEY"}
    assert shown["model_list"][0]["litellm_params"]["rpm"] == 5
    assert shown["gmn"]["max_repairs"] == 2
    lines = {line.split(":")[0].strip(): line for line in done.stdout.splitlines() if "#" in line}
    assert lines["provider"].endswith("# line 1")
    assert lines["max_repairs"].endswith("# default")
    assert "# OPENAI_API_KEY in the environment" in done.stdout
    assert "# asked: openai (gpt-4o), then g (x)" in done.stdout


def test_show_names_the_env_file(tmp_path: Path) -> None:
    """A key that comes from an env file is shown as a reference, with the file."""
    (tmp_path / "keys").write_text("OPENAI_API_KEY=sk-secret\n", encoding="utf-8")
    file = written(tmp_path, "provider: openai\nenv_file: keys\n")
    report = json.loads(run("config", "show", "--json", "--config", file).stdout)

    assert report["settings"]["openai"]["api_key"] == "os.environ/OPENAI_API_KEY"
    assert report["origins"]["openai.api_key"] == f"OPENAI_API_KEY in {tmp_path / 'keys'}"
    assert report["chain"] == ["openai"]
    assert "secret" not in json.dumps(report)


def test_show_of_a_broken_file_is_an_error(tmp_path: Path) -> None:
    """Nothing is shown; standard error has the mistake and the exit code is 2."""
    done = run("config", "show", "--config", written(tmp_path, "opnai: {}\n"))

    assert (done.returncode, done.stdout) == (2, "")
    assert "did you mean 'openai'?" in done.stderr


def test_without_a_file_the_environment_is_checked() -> None:
    """Where there is no file the report says so, and that the mock would answer unasked."""
    report = json.loads(run("config", "check", "--json").stdout)

    assert (report["ok"], report["source"]) == (True, "the environment")
    assert any("offline designer" in warning for warning in report["warnings"])
