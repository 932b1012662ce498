"""What was said, and the keys, are in nothing that a program logs, traces or counts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.health.content_program import MARK, PROMPT
from tests.health.server_count import CLASSES
from tests.routing.conftest import WIRES, section
from tests.wire.client import ROOT, Fault, Step, WireServer

ANSWER = "the violet narwhal sings of tin"
KEY = "sk-" + "walrus0123456789" * 3
OTHERS = {"ollama": {Fault.QUOTA, Fault.CONTENT_POLICY, Fault.CONTENT_FILTER}}
SLOW = {Fault.STALL}


def steps_of(name: str) -> list[Step]:
    """An answer, a refusal that repeats the key, and each failure, twice: for a whole answer and for one in pieces."""
    faults = [fault for fault in CLASSES if fault not in OTHERS.get(name, set()) | SLOW]
    repeated = json.dumps({"error": {"message": f"Incorrect API key provided: {KEY} for {PROMPT}", "type": "x"}})
    each = [Step(text=ANSWER), Step(status=401, body=repeated), *(Step(fault=fault, text=ANSWER) for fault in faults)]
    return [step for step in each for _ in range(2)]


def told(wire: WireServer, folder: Path, **variables: str) -> dict[str, Any]:
    """Everything the program has heard."""
    wire.settings(keys={"openai": KEY, "anthropic": KEY})
    times = {}
    for name in WIRES:
        steps = steps_of(name)
        wire.script(steps, deployment=name)
        times[name] = len(steps)
    keys = {"openai": {"api_key": KEY}, "anthropic": {"api_key": KEY}, "ollama": {}}
    configuration = {
        "provider": "openai",
        **{name: section(wire, name, max_retries=0, **keys[name]) for name in WIRES},
        "fallbacks": ["anthropic", "ollama"],
        "router_settings": {"disable_cooldowns": True},
        "cache": {"dir": str(folder)},
    }
    clean = {name: value for name, value in os.environ.items() if name not in {"LITELLM_LOG", "OPENAI_LOG"}}
    done = subprocess.run(
        [sys.executable, "-m", "tests.health.content_program", json.dumps(configuration), json.dumps(times)],
        cwd=ROOT, capture_output=True, text=True, timeout=180, check=False, env={**clean, **variables},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    printed = done.stdout.splitlines()
    (last,) = (line for line in printed if line.startswith(MARK))
    said = "\n".join(line for line in printed if line != last)
    return {**json.loads(last.removeprefix(MARK)), "stderr": done.stderr + said}


def test_nothing_that_was_said_is_logged_traced_or_counted(wire: WireServer, tmp_path: Path) -> None:
    """With every logger of the process open down to debugging, neither prompt nor answer nor key is anywhere."""
    heard = told(wire, tmp_path)

    assert all(count >= 2 for count in heard["answered"][:3])
    assert len(heard["spans"]) > 90
    assert any(line.startswith("httpcore") for line in heard["lines"])
    for name in ("lines", "spans"):
        for text in heard[name]:
            assert not [secret for secret in (PROMPT, ANSWER, KEY, "walrus", "narwhal") if secret in text], text
    for name in ("stderr", "metrics", "report"):
        assert not [secret for secret in (PROMPT, ANSWER, KEY, "walrus", "narwhal") if secret in heard[name]], name


def test_litellm_s_own_switch_shows_what_is_sent(wire: WireServer, tmp_path: Path) -> None:
    """``LITELLM_LOG=DEBUG`` is asked for by its name, and then what is said is on the log, but no key."""
    heard = told(wire, tmp_path, LITELLM_LOG="DEBUG")

    logged = "\n".join((*heard["lines"], heard["stderr"]))
    assert PROMPT in logged
    assert ANSWER in logged
    assert KEY not in logged
