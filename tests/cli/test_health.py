"""``gmn-llm health``: who can answer, for people and for programs."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.cache.conftest import RedisServer, redis_server
from tests.routing.conftest import section
from tests.wire.client import WireServer, closed_port

__all__ = ["redis_server"]  # a fixture, used by its name


def command(config: Mapping[str, object], folder: Path, *arguments: str) -> list[str]:
    """The command line, with a configuration of its own."""
    file = folder / "health.json"
    file.write_text(json.dumps(config), encoding="utf-8")
    return [sys.executable, "-m", "gmn_llm", "health", "--config", str(file), *arguments]


def health(config: Mapping[str, object], folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command, run to its end."""
    return subprocess.run(
        command(config, folder, *arguments), capture_output=True, text=True, check=False, cwd=folder, timeout=60
    )


def rows(text: str) -> list[dict[str, str]]:
    """The lines of the plain form, each by the names in the first."""
    head, *lines = (line.split("\t") for line in text.splitlines())
    return [dict(zip(head, line, strict=True)) for line in lines]


def on_a_terminal(words: list[str], folder: Path, *, columns: int, **variables: str) -> str:
    """What the command writes to a terminal of so many columns."""
    mine, its = pty.openpty()
    env = {**os.environ, "COLUMNS": str(columns), "TERM": "xterm-256color", **variables}
    with subprocess.Popen(words, stdout=its, stderr=subprocess.DEVNULL, cwd=folder, env=env) as process:
        os.close(its)
        said = b""
        try:
            while part := os.read(mine, 4096):
                said += part
        except OSError:  # the end, as Linux tells it
            process.wait()
        finally:
            os.close(mine)
    return said.decode()


def test_json_is_what_health_check_returns(tmp_path: Path) -> None:
    """The report, as one object on one line."""
    run = health({"provider": "mock"}, tmp_path, "--json")

    told = json.loads(run.stdout)
    assert run.returncode == 0
    assert told["primary_provider"] == "mock"
    assert told["providers"]["mock"]["success_rate"] == 100.0
    assert run.stdout.count("\n") == 1


def test_elsewhere_than_on_a_terminal_there_are_fields(wire: WireServer, tmp_path: Path) -> None:
    """Each provider and each deployment has a line of fields, parted by tabs and named in the first line."""
    config = {"provider": "ollama", "ollama": section(wire, "ollama"), "fallbacks": ["openai"]}
    run = health(config, tmp_path, "--probe")

    told = rows(run.stdout)
    assert run.returncode == 0, run.stderr
    assert [(row["provider"], row["deployment"], row["state"]) for row in told] == [
        ("ollama", "", "ready"),
        ("ollama", "ollama/llama3.2#1", "ready"),
        ("openai", "", "unusable"),
    ]
    assert "OPENAI_API_KEY is not set" in told[2]["reason"]
    assert told[0]["probe"] == "it answers and has llama3.2"
    assert "\x1b" not in run.stdout


def test_where_nobody_can_answer_the_code_is_one(tmp_path: Path) -> None:
    """A provider that is not there is found out by the probe, and what to do is said."""
    config = {"provider": "ollama", "ollama": {"base_url": f"http://127.0.0.1:{closed_port()}"}}
    run = health(config, tmp_path, "--probe")

    assert run.returncode == 1
    assert "ollama serve" in run.stdout


def test_a_missing_key_is_told_without_a_probe(tmp_path: Path) -> None:
    """The report is there, and the code says that no call would be answered."""
    run = health({"provider": "anthropic"}, tmp_path, "--json")

    assert run.returncode == 1
    assert "ANTHROPIC_API_KEY" in json.loads(run.stdout)["providers"]["anthropic"]["reason"]


def test_prometheus_text_can_be_read(tmp_path: Path) -> None:
    """What is printed is Prometheus' own format."""
    run = health({"provider": "mock"}, tmp_path, "--prometheus")

    names = {family.name for family in text_string_to_metric_families(run.stdout)}
    assert run.returncode == 0
    assert {"gmn_llm_requests", "gmn_llm_available", "gmn_llm_latency_seconds"} <= names


@pytest.mark.parametrize("others", [["--json"], ["--watch"]])
def test_prometheus_stands_alone(tmp_path: Path, others: list[str]) -> None:
    """Together with another form it is wrong usage."""
    run = health({"provider": "mock"}, tmp_path, "--prometheus", *others)

    assert run.returncode == 2
    assert run.stdout == ""


def test_without_the_extra_the_hint_says_what_to_install(tmp_path: Path) -> None:
    """Where prometheus-client is missing there is a message and no traceback."""
    file = tmp_path / "health.json"
    file.write_text('{"provider": "mock"}', encoding="utf-8")
    script = (
        "import sys; sys.modules['prometheus_client'] = None\n"
        f"sys.argv = ['gmn-llm', 'health', '--prometheus', '--config', {str(file)!r}]\n"
        "from gmn_llm.cli.main import run; run()"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)

    assert run.returncode == 2
    assert "pip install 'gmn-llm[prometheus]'" in run.stderr
    assert "Traceback" not in run.stderr


def test_a_terminal_has_a_table(tmp_path: Path) -> None:
    """On a terminal there are colours, and below the table what can't be used and why."""
    config = {"provider": "mock", "fallbacks": ["openai"]}
    said = on_a_terminal(command(config, tmp_path), tmp_path, columns=140)

    assert "\x1b[" in said
    assert "provider" in said
    assert "OPENAI_API_KEY is not set" in said


def test_no_color_is_minded(tmp_path: Path) -> None:
    """With NO_COLOR there is the table, without a colour."""
    said = on_a_terminal(command({"provider": "mock"}, tmp_path), tmp_path, columns=140, NO_COLOR="1")

    assert "mock" in said
    assert "\x1b[3" not in said


def test_a_narrow_terminal_has_what_matters(tmp_path: Path) -> None:
    """In forty columns no line is longer, and provider and state are whole."""
    said = on_a_terminal(command({"provider": "mock"}, tmp_path), tmp_path, columns=40, NO_COLOR="1")
    shown = re.sub(r"\x1b\[[0-9;]*m", "", said)

    assert "mock" in said
    assert "ready" in said
    assert max(len(line) for line in shown.splitlines()) <= 40


def test_a_reader_that_goes_away_ends_it(tmp_path: Path) -> None:
    """A closed pipe ends even a watch, without a word."""
    words = command({"provider": "mock"}, tmp_path, "--watch", "--json")
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        first = json.loads(process.stdout.readline())
        process.stdout.close()
        code = process.wait(timeout=60)
        errors = process.stderr.read()

    assert first["can_answer"] is True
    assert code == 0
    assert "Traceback" not in errors


@pytest.mark.parametrize("form", [["--json"], []])
def test_a_watch_ends_with_the_interrupt(tmp_path: Path, form: list[str]) -> None:
    """Ctrl-C ends it with the code of an interrupted command."""
    words = command({"provider": "mock"}, tmp_path, "--watch", *form)
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        code = process.wait(timeout=60)
        assert process.stderr is not None
        errors = process.stderr.read()

    assert code == 130
    assert "Traceback" not in errors


def test_a_watch_on_a_pipe_remarks_once(tmp_path: Path) -> None:
    """What there is to say of the whole report is said with the first look, and again only when it has changed."""
    words = command({"provider": "mock"}, tmp_path, "--watch")
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        looks = [process.stdout.readline().partition("\t")[0] for _ in range(8)]
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 130
        errors = process.stderr.read()

    assert looks.count("provider") >= 2
    assert errors.count("this process made no calls") == 1


def test_a_watch_on_a_terminal_redraws_the_table(tmp_path: Path) -> None:
    """The table is drawn in the same place until it is interrupted."""
    mine, its = pty.openpty()
    words = command({"provider": "mock"}, tmp_path, "--watch")
    env = {**os.environ, "COLUMNS": "120", "TERM": "xterm-256color"}
    with subprocess.Popen(words, stdout=its, stderr=subprocess.DEVNULL, cwd=tmp_path, env=env) as process:
        os.close(its)
        said = b""
        while said.count(b"mock") < 2:
            said += os.read(mine, 4096)
        process.send_signal(signal.SIGINT)
        try:
            while os.read(mine, 4096):
                continue
        except OSError:  # the end, as Linux tells it
            code = process.wait(timeout=60)
        os.close(mine)

    assert code == 130
    assert b"\x1b[1A" in said or b"\x1b[2K" in said


def test_what_others_counted_is_told_where_a_redis_is_shared(redis_server: RedisServer, tmp_path: Path) -> None:
    """A fresh process has no figures of its own; with a Redis those of the others are shown, and that is said."""
    config: dict[str, object] = {"provider": "mock", "cache": {"redis_url": redis_server.url}}
    made = subprocess.run(
        [*command(config, tmp_path)[:3], "generate", "a 3x3 grid", "--no-cache", "--config", str(tmp_path / "health.json")],
        capture_output=True, text=True, check=True, cwd=tmp_path,
    )  # fmt: skip
    plain, as_json = health(config, tmp_path), health(config, tmp_path, "--json")

    assert made.stdout.startswith("{")
    assert rows(plain.stdout)[0]["requests"] == "1"
    assert "share the Redis" in plain.stderr
    assert json.loads(as_json.stdout)["scope"] == "shared"


def test_a_redis_that_is_away_is_told(tmp_path: Path) -> None:
    """The figures are the process's own, which is said, and the providers can still be used."""
    config = {"provider": "mock", "cache": {"redis_url": f"redis://127.0.0.1:{closed_port()}"}}
    run = health(config, tmp_path)

    assert run.returncode == 0
    assert "this process's own" in run.stderr


def test_a_broken_configuration_is_wrong_usage(tmp_path: Path) -> None:
    """A mistake in the file is told as everywhere else."""
    run = health({"provider": "opnai"}, tmp_path)

    assert run.returncode == 2
    assert "opnai" in run.stderr
