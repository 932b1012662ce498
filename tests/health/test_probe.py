"""A probe: every provider is asked for real, by the cheapest call that proves it, and what to do is said."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from gmn_llm import ConfigError, create_llm_factory
from tests.routing.conftest import WIRES, section
from tests.wire.client import Fault, Rule, Step, WireServer, closed_port
from tests.wire.faults import Match

LISTS = {"openai": "/v1/models", "anthropic": "/v1/models", "ollama": "/api/tags"}
GUARD = 20.0
"""Seconds after which a probe counts as hanging; it takes five at most by itself."""


async def probed(config: Mapping[str, object]) -> dict[str, Any]:
    """The providers of a report after a probe."""
    async with create_llm_factory(dict(config)) as factory:
        report = await asyncio.wait_for(factory.health_check(probe=True), GUARD)
        return dict(report["providers"])


def chat(wire: WireServer) -> list[str]:
    """The paths of all requests that ran a model."""
    return [seen.path for seen in wire.requests() if seen.method == "POST"]


@pytest.mark.parametrize("name", WIRES)
async def test_a_provider_that_has_the_model_is_there(wire: WireServer, name: str) -> None:
    """One GET for the list proves it: no model runs, and no request is counted."""
    told = (await probed({"provider": name, name: section(wire, name)}))[name]

    assert told["probe"]["ok"] is True
    assert told["available"] is True
    assert told["requests"] == 0
    assert [seen.path for seen in wire.requests()] == [LISTS[name]]


async def test_an_ollama_without_the_model_says_what_to_pull(wire: WireServer) -> None:
    """The hint is the very command, and what is pulled is named."""
    wire.settings(models={"ollama": ["llama3.1:8b", "qwen2.5:7b"]})
    told = (await probed({"provider": "ollama", "ollama": section(wire, "ollama", model="llama3.2")}))["ollama"]

    assert told["probe"]["ok"] is told["available"] is told["healthy"] is False
    assert told["probe"]["hint"] == "ollama pull llama3.2"
    assert "llama3.1:8b" in told["probe"]["message"]


async def test_an_ollama_that_is_not_there_says_how_it_is_started() -> None:
    """A refused connection leads to `ollama serve`."""
    address = f"http://127.0.0.1:{closed_port()}"
    told = (await probed({"provider": "ollama", "ollama": {"base_url": address}}))["ollama"]

    assert told["probe"]["ok"] is False
    assert "ollama serve" in told["probe"]["hint"]
    assert "ollama serve" in told["reason"]


@pytest.mark.parametrize(("name", "variable"), [("openai", "OPENAI_API_KEY"), ("anthropic", "ANTHROPIC_API_KEY")])
async def test_a_refused_key_names_the_variable_and_not_the_key(wire: WireServer, name: str, variable: str) -> None:
    """The hint says where the key comes from; the key is nowhere in the report."""
    told = (await probed({"provider": name, name: section(wire, name, api_key="sk-wrong-key-1234567890")}))[name]

    assert "key is refused (status 401)" in told["probe"]["message"]
    assert variable in told["probe"]["hint"]
    assert "sk-wrong" not in repr(told)
    assert chat(wire) == []


async def test_a_model_that_is_not_listed_is_told_with_the_nearest(wire: WireServer) -> None:
    """A slip in the model's name is met with the names it may be."""
    wire.settings(models={"anthropic": ["claude-haiku-4-5-20251001", "claude-opus-4-1"]})
    told = (await probed({"provider": "anthropic", "anthropic": section(wire, "anthropic", model="claude-haiku-45")}))[
        "anthropic"
    ]

    assert told["probe"]["ok"] is False
    assert "claude-haiku-45" in told["probe"]["message"]
    assert "claude-haiku-4-5-20251001" in told["probe"]["hint"]


async def test_an_alias_is_found_under_its_date(wire: WireServer) -> None:
    """Anthropic lists dated names only, and answers to the name without the date."""
    wire.settings(models={"anthropic": ["claude-haiku-4-5-20251001"]})
    told = (await probed({"provider": "anthropic", "anthropic": section(wire, "anthropic", model="claude-haiku-4-5")}))[
        "anthropic"
    ]

    assert told["probe"]["ok"] is True


async def test_without_a_list_one_token_is_asked_for(wire: WireServer) -> None:
    """A server that has no list of models is asked for one token, which is a request and counts as one."""
    wire.script([Step(status=404, times=0)], path="/v1/models")
    told = (await probed({"provider": "openai", "openai": section(wire, "openai")}))["openai"]

    asked = [seen for seen in wire.requests() if seen.method == "POST"]
    assert told["probe"]["ok"] is True
    assert told["requests"] == 1
    assert [seen.json["max_tokens"] for seen in asked] == [1]


async def test_an_empty_token_proves_it_too(wire: WireServer) -> None:
    """A model that thinks first has no text after one token; that it answered at all is enough."""
    wire.script([Step(status=404, times=0)], path="/v1/models")
    wire.script([Step(fault=Fault.EMPTY, times=0)])
    told = (await probed({"provider": "openai", "openai": section(wire, "openai")}))["openai"]

    assert told["probe"]["ok"] is True


async def test_a_server_of_ones_own_may_have_what_it_does_not_list(wire: WireServer) -> None:
    """A server that speaks OpenAI's protocol and answers to any name is not called wrong for its list."""
    wire.script([Step(text="ready", times=0)])
    other = section(wire, "openai", model="served-under-another-name")
    told = (await probed({"provider": "openai", "openai": other}))["openai"]

    assert told["probe"]["ok"] is True


@pytest.mark.parametrize("pace", [0.0, 0.4])
async def test_a_provider_that_lists_nothing_is_told_so(wire: WireServer, pace: float) -> None:
    """There are no nearest names then; what was asked for besides is told, and the time is that of both questions."""
    wire.script([Step(body='{"object": "list", "data": []}', times=0)], path="/v1/models")
    wire.rule(Rule(match=Match(path="/v1/chat/completions"), failure_rate=1.0, fault=Fault.UNAVAILABLE, delay=pace))
    told = (await probed({"provider": "openai", "openai": section(wire, "openai", max_retries=0)}))["openai"]
    verdict = told["probe"]

    assert verdict["ok"] is False
    assert "lists no models" in verdict["message"]
    assert "asked for one token all the same" in verdict["message"]
    assert verdict["hint"] == "load the model at the server, or check what this key may use"
    assert verdict["seconds"] >= pace


async def test_the_mock_answers_for_itself() -> None:
    """The offline designer is there without being asked."""
    told = (await probed({"provider": "mock"}))["mock"]

    assert told["probe"]["ok"] is True
    assert told["requests"] == 0


async def test_each_of_four_has_its_own_verdict(wire: WireServer) -> None:
    """Of four one hangs, one refuses and one is not there: each is told by itself, and the probe ends."""
    wire.script([Step(fault=Fault.HANG, times=0)], path="/v1/models", deployment="hanging")
    entries = [
        {
            "model_name": name,
            "litellm_params": {"model": "openai/gpt-4o", "api_base": f"{base}/v1", "api_key": key},
        }
        for name, base, key in (
            ("good", wire.at("good"), wire.openai_key),
            ("hanging", wire.at("hanging"), wire.openai_key),
            ("refusing", wire.at("refusing"), "sk-wrong-key-1234567890"),
            ("absent", f"http://127.0.0.1:{closed_port()}", wire.openai_key),
        )
    ]
    told = await probed({"provider": "good", "model_list": entries, "fallbacks": ["hanging", "refusing", "absent"]})

    assert {name: each["probe"]["ok"] for name, each in told.items()} == {
        "good": True,
        "hanging": False,
        "refusing": False,
        "absent": False,
    }
    assert "no answer within" in told["hanging"]["probe"]["message"]
    assert "key is refused" in told["refusing"]["probe"]["message"]
    assert "can't be reached" in told["absent"]["probe"]["message"]
    assert told["hanging"]["probe"]["seconds"] > told["good"]["probe"]["seconds"]


async def test_a_group_answers_while_one_deployment_does(wire: WireServer) -> None:
    """The deployments are asked by themselves, and one that answers is enough for the group."""
    bases = (f"{wire.at('east')}/v1", f"http://127.0.0.1:{closed_port()}/v1")
    entries = [
        {"model_name": "pool", "litellm_params": {"model": "openai/gpt-4o", "api_base": base, "api_key": "sk-x"}}
        for base in bases
    ]
    wire.settings(keys={"openai": None})
    told = (await probed({"model_list": entries}))["pool"]

    assert told["available"] is True
    assert [each["probe"]["ok"] for each in told["deployments"].values()] == [True, False]


async def test_a_provider_without_its_key_is_not_asked(wire: WireServer) -> None:
    """Its verdict names the variable that is not set, and the others are asked all the same."""
    config = {"provider": "openai", "ollama": section(wire, "ollama"), "fallbacks": ["ollama"]}
    told = await probed(config)

    assert told["openai"]["probe"]["ok"] is False
    assert "OPENAI_API_KEY is not set" in told["openai"]["probe"]["message"]
    assert told["ollama"]["probe"]["ok"] is True


async def test_a_provider_gives_its_verdicts_too(wire: WireServer) -> None:
    """``Provider.probe`` has the verdict of each group of its chain."""
    async with create_llm_factory({"provider": "ollama", "ollama": section(wire, "ollama")}) as factory:
        verdicts = await (await factory.get_provider()).probe()

    assert list(verdicts) == ["ollama"]
    assert verdicts["ollama"].ok is True


@pytest.mark.parametrize("key", ["sk-secret-part\nof-it", "sk-secret-p\xe4rt-of-it"])
def test_a_key_that_no_header_can_hold_is_refused_and_not_shown(wire: WireServer, key: str) -> None:
    """A key with a line's end or a letter beyond ASCII in it is a mistake of the configuration, told without a quote."""
    with pytest.raises(ConfigError, match="api_key") as caught:
        create_llm_factory({"provider": "openai", "openai": section(wire, "openai", api_key=key)})
    assert "secret" not in f"{caught.value!r} {caught.value}"


async def test_certificates_that_are_not_there_are_a_verdict(wire: WireServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable that leads to no file is told with the provider, and the report is there."""
    monkeypatch.setenv("SSL_CERT_FILE", "/no/such/certificates.pem")
    told = (await probed({"provider": "openai", "openai": section(wire, "openai")}))["openai"]

    assert told["probe"]["message"]
    assert told["available"] is told["probe"]["ok"]
