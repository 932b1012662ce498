"""Spans for those who trace, and nothing for those who do not."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.tracing_program import PROMPT
from tests.wire.client import Fault, Step, WireServer

ROOT = Path(__file__).parents[1]
KEY = "sk-" + "k" * 40
ANSWER = {"name": "light", "factors": [{"name": "rock", "size": 4, "prefer": [{"value": "nowhere", "strength": 1}]}]}
PART = {"factors": [{"name": "rock", "size": 4, "prefer": [{"value": "3", "strength": 1}]}]}


@pytest.fixture
def spans(wire: WireServer, tmp_path: Path) -> list[dict[str, Any]]:
    """The spans of the program: a repair, a hit, a plain answer, one in pieces and a failure."""
    wire.settings(keys={"openai": KEY})
    texts = ["light and rocks", "rocks and light"]
    wire.script([json.dumps(ANSWER), json.dumps(PART), *texts, Step(fault=Fault.SERVER_ERROR)])
    params = {"model": "openai/gpt-4o", "api_base": f"{wire.at('openai')}/v1", "api_key": KEY}
    configuration = {
        "provider": "writers",
        "model_list": [{"model_name": "writers", "litellm_params": params}],
        "router_settings": {"num_retries": 0},
        "cache": {"dir": str(tmp_path)},
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.tracing_program", json.dumps(configuration)],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout))


def test_each_step_and_each_attempt_has_a_span(spans: list[dict[str, Any]]) -> None:
    """Generation, cache, question, repair and attempts hang together; what failed says its class and no more."""
    tree = [(span["parent"], span["name"]) for span in spans]
    chat = "chat gpt-4o"
    assert tree == [
        ("gmn_llm.ask", chat), ("gmn_llm.cache", "gmn_llm.ask"),
        ("gmn_llm.repair", chat), ("gmn_llm.cache", "gmn_llm.repair"),
        ("gmn_llm.generate", "gmn_llm.cache"), (None, "gmn_llm.generate"),
        ("gmn_llm.generate", "gmn_llm.cache"), (None, "gmn_llm.generate"),
        ("gmn_llm.answer", chat), (None, "gmn_llm.answer"),
        ("gmn_llm.answer", chat), (None, "gmn_llm.answer"),
        ("gmn_llm.ask", chat), ("gmn_llm.cache", "gmn_llm.ask"),
        ("gmn_llm.generate", "gmn_llm.cache"), (None, "gmn_llm.generate"),
    ]  # fmt: skip
    hits = [span["attributes"].get("gmn_llm.cache.hit") for span in spans if span["name"] == "gmn_llm.cache"][:2]
    assert hits == [False, True]
    attempts = [span for span in spans if span["name"] == chat]
    assert [span["status"] for span in attempts] == ["UNSET", "UNSET", "UNSET", "UNSET", "ERROR"]
    assert attempts[-1]["attributes"]["error.type"] == "ProviderUnavailableError"
    assert attempts[-1]["attributes"]["http.response.status_code"] == 500
    assert attempts[0]["attributes"]["gen_ai.usage.output_tokens"] > 0
    assert not any(span["events"] for span in spans)


def test_an_attempt_s_attributes_are_those_of_the_conventions(spans: list[dict[str, Any]], wire: WireServer) -> None:
    """The provider has its own name, not its group's; server, model, tokens and why it stopped are there."""
    attempts = [span["attributes"] for span in spans if span["name"] == "chat gpt-4o"]
    seen = wire.requests(deployment="openai")
    for told, request in zip(attempts, seen, strict=True):
        assert told["gen_ai.operation.name"] == "chat"
        assert told["gen_ai.provider.name"] == "openai"
        assert told["gmn_llm.group"] == "writers"
        assert told["gen_ai.request.model"] == "gpt-4o"
        assert (told["server.address"], told["server.port"]) == ("127.0.0.1", wire.port)
        answered = request.fault is None
        assert told.get("gen_ai.response.model") == ("gpt-4o" if answered else None)
        assert told.get("gen_ai.response.finish_reasons") == (["stop"] if answered else None)
        assert told.get("gen_ai.usage.input_tokens") == (request.prompt_tokens if answered else None)
        assert told.get("gen_ai.usage.output_tokens") == (request.completion_tokens if answered else None)
        assert told.get("error.type") == (None if answered else "ProviderUnavailableError")


def test_no_span_holds_a_prompt_an_answer_or_a_key(spans: list[dict[str, Any]]) -> None:
    """Only names, numbers and classes are told."""
    told = json.dumps(spans)
    for secret in (KEY, PROMPT, "lighthouse", "nowhere", "light and rocks", "rocks and light"):
        assert secret not in told


def test_who_does_not_trace_pays_for_no_import() -> None:
    """The package does not load OpenTelemetry by itself."""
    code = "import sys, gmn_llm; gmn_llm.generate('a grid', config={'provider': 'mock'}, use_cache=False);"
    code += "sys.exit(any(name.startswith('opentelemetry') for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=60, check=False).returncode == 0
