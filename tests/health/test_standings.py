"""Who can be used, who can't and why: what the report says of credentials, chains and what was counted."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from gmn_llm import LLMError, create_llm_factory
from gmn_llm.errors import ConfigError, InputError, ProviderUnavailableError
from tests.routing.conftest import section
from tests.wire.client import Fault, Step, WireServer, closed_port

KEYS = {
    "available", "healthy", "requests", "success_rate", "average_latency", "consecutive_failures", "last_success",
    "last_failure", "deployments",
}  # fmt: skip


async def report_of(config: Mapping[str, object], **arguments: object) -> dict[str, Any]:
    """The report of a factory that made no call."""
    async with create_llm_factory(dict(config)) as factory:
        return await factory.health_check(**arguments)  # type: ignore[arg-type]  # passed on


async def test_the_report_has_what_callers_rely_on() -> None:
    """Each provider has the figures of the contract, and the chain stands beside them."""
    report = await report_of({"provider": "mock"})

    assert set(report["providers"]["mock"]) >= KEYS
    assert report["primary_provider"] == "mock"
    assert report["fallback_chain"] == []
    assert report["can_answer"] is True
    assert json.loads(json.dumps(report)) == report


async def test_a_first_provider_without_a_key_is_listed_with_its_variable() -> None:
    """Where the first has no key the report is there all the same, and says what is not set."""
    report = await report_of({"provider": "openai", "fallbacks": ["mock"]})

    told = report["providers"]["openai"]
    assert told["available"] is False
    assert "OPENAI_API_KEY is not set" in told["reason"]
    assert (report["primary_provider"], report["fallback_chain"]) == ("openai", ["mock"])
    assert report["can_answer"] is False
    assert report["providers"]["mock"]["available"] is True


async def test_a_fallback_without_a_key_is_listed_though_it_is_left_out() -> None:
    """A fallback that can't be used is in no chain, and a person sees why."""
    report = await report_of({"provider": "mock", "fallbacks": ["anthropic"]})

    assert report["fallback_chain"] == []
    assert report["providers"]["anthropic"]["available"] is False
    assert "ANTHROPIC_API_KEY" in report["providers"]["anthropic"]["reason"]
    assert report["can_answer"] is True


async def test_a_reference_to_a_variable_that_is_not_set_is_named() -> None:
    """A section that is configured by a variable that is not there says which one."""
    report = await report_of({"provider": "mock", "openai": {"api_key": "os.environ/NOBODY_SET_THIS"}})

    assert "NOBODY_SET_THIS" in report["providers"]["openai"]["reason"]


async def test_an_entry_of_a_model_list_without_a_key_says_which_variable() -> None:
    """LiteLLM takes the key from the environment; where it is not there either, the entry can't be used."""
    entry = {"model_name": "gmn", "litellm_params": {"model": "openai/gpt-4o"}}
    report = await report_of({"model_list": [entry]})

    assert report["providers"]["gmn"]["available"] is False
    assert "OPENAI_API_KEY" in report["providers"]["gmn"]["reason"]
    assert report["can_answer"] is False


async def test_an_entry_is_taken_with_the_key_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the variable set, the same entry can be used."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-0123456789")
    entry = {"model_name": "gmn", "litellm_params": {"model": "openai/gpt-4o"}}
    report = await report_of({"model_list": [entry]})

    assert report["providers"]["gmn"]["available"] is True
    assert list(report["providers"]["gmn"]["deployments"]) == ["gmn/openai/gpt-4o#1"]
    assert report["providers"]["gmn"]["deployments"]["gmn/openai/gpt-4o#1"]["model"] == "gpt-4o"


async def test_an_ollama_that_was_looked_for_in_vain_is_listed() -> None:
    """Where providers are found out, a configured Ollama that does not answer is told with how to start it."""
    report = await report_of({"ollama": {"base_url": f"http://127.0.0.1:{closed_port()}"}})

    assert report["primary_provider"] == "mock"
    assert report["providers"]["ollama"]["available"] is False
    assert "ollama serve" in report["providers"]["ollama"]["reason"]
    assert any("no language model is configured" in note for note in report["notes"])


async def test_a_provider_that_cools_down_is_not_available(wire: WireServer) -> None:
    """After failures a deployment is left alone, and the report says until when."""
    wire.script([Step(fault=Fault.SERVER_ERROR, times=0)], deployment="openai")
    config = {"provider": "openai", "openai": section(wire, "openai", max_retries=0)}
    async with create_llm_factory(config) as factory:
        for _ in range(2):
            with pytest.raises(ProviderUnavailableError):
                await factory.generate(messages=[{"role": "user", "content": "hello"}])
        report = await factory.health_check()

    told = report["providers"]["openai"]
    assert told["available"] is told["healthy"] is False
    assert told["cooling_until"] > told["last_failure"]
    assert "left alone until" in told["reason"]
    assert told["consecutive_failures"] == 2
    assert report["can_answer"] is False


async def test_a_provider_asked_by_name_is_listed_beside_the_chain(wire: WireServer) -> None:
    """Whoever was asked has figures, though no chain has it."""
    config = {"provider": "mock", "openai": section(wire, "openai")}
    async with create_llm_factory(config) as factory:
        await factory.generate(messages=[{"role": "user", "content": "hello"}], provider_type="openai")
        report = await factory.health_check()

    assert report["providers"]["openai"]["requests"] == 1
    assert list(report["providers"]) == ["mock", "openai"]


async def test_an_unknown_scope_is_refused() -> None:
    """A scope that there is not is told with those there are."""
    with pytest.raises(InputError, match="no scope"):
        await report_of({"provider": "mock"}, scope="everything")


async def test_sharing_without_a_redis_names_the_setting() -> None:
    """Without a Redis nothing is shared, and the error names what to set."""
    with pytest.raises(ConfigError) as caught:
        await report_of({"provider": "mock"}, scope="shared")

    assert "cache.redis_url" in caught.value.hint


async def test_a_wrong_variable_is_a_configuration_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where LLM_PROVIDER names nothing there is no chain to report on."""
    monkeypatch.setenv("LLM_PROVIDER", "opnai")
    with pytest.raises(ConfigError, match="LLM_PROVIDER"):
        await report_of({})


async def test_no_key_and_no_prompt_is_in_a_report(wire: WireServer) -> None:
    """What was asked, what was answered and the key stand nowhere in it, not after failures either."""
    wire.script(["the secret answer", Step(fault=Fault.SERVER_ERROR, times=0)])
    config = {"provider": "openai", "openai": section(wire, "openai", max_retries=0)}
    async with create_llm_factory(config) as factory:
        for _ in range(2):
            try:
                await factory.generate(messages=[{"role": "user", "content": "the secret question"}])
            except LLMError:
                continue
        text = json.dumps(await factory.health_check(probe=True))

    assert "secret" not in text
    assert wire.openai_key not in text


def test_a_check_loads_no_litellm(tmp_path: Path) -> None:
    """Neither the report nor a probe by lists needs LiteLLM."""
    script = (
        "import asyncio, sys\n"
        "from gmn_llm import create_llm_factory\n"
        "async def main():\n"
        "    config = {'provider': 'openai', 'openai': {'base_url': sys.argv[1]}}\n"
        "    async with create_llm_factory(config) as factory:\n"
        "        await factory.health_check()\n"
        "        await factory.health_check(probe=True)\n"
        "asyncio.run(main())\n"
        "print('litellm' in sys.modules)"
    )
    address = f"http://127.0.0.1:{closed_port()}/v1"
    run = subprocess.run(
        [sys.executable, "-c", script, address], capture_output=True, text=True, check=True, cwd=tmp_path
    )

    assert run.stdout.strip() == "False"


def test_the_package_logs_without_handlers_of_its_own() -> None:
    """What the package tells goes to the logger ``gmn_llm``; who listens, and where to, is the program's affair."""
    script = (
        "import logging, gmn_llm, asyncio\n"
        "async def main():\n"
        "    async with gmn_llm.create_llm_factory({}) as factory:\n"
        "        await factory.generate_gmn('a 3x3 grid', use_cache=False)\n"
        "        await factory.health_check()\n"
        "heard = []\n"
        "class Listener(logging.Handler):\n"
        "    def emit(self, record): heard.append(record.name)\n"
        "logging.getLogger().addHandler(Listener())\n"
        "asyncio.run(main())\n"
        "ours = [name for name in logging.root.manager.loggerDict if name.split('.')[0] == 'gmn_llm']\n"
        "print([name for name in ours if logging.getLogger(name).handlers], heard)"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert run.stdout.strip() == "[] ['gmn_llm']"
    assert logging.getLogger("gmn_llm").name == "gmn_llm"


async def test_who_is_not_configured_any_more_can_not_be_used(wire: WireServer) -> None:
    """After a reload without it a provider keeps its figures, and is said to be gone."""
    before = {"provider": "openai", "openai": section(wire, "openai")}
    after = {"provider": "anthropic", "anthropic": section(wire, "anthropic")}
    async with create_llm_factory(before) as factory:
        await factory.generate([{"role": "user", "content": "hello"}])
        factory.reload(after)
        openai = (await factory.health_check())["providers"]["openai"]
    assert openai["requests"] == 1
    assert not openai["available"]
    assert openai["reason"] == "it is not configured any more"


async def test_who_cools_down_outside_the_chain_can_not_be_used(wire: WireServer) -> None:
    """One that was asked by name and broke is told to be left alone, as the next call to it finds."""
    configuration = {"provider": "ollama", **{name: section(wire, name) for name in ("ollama", "openai")}}
    wire.script([Step(fault=Fault.STALL)], deployment="openai")
    async with create_llm_factory(configuration) as factory:
        with pytest.raises(LLMError):
            await factory.generate([{"role": "user", "content": "hello"}], provider_type="openai", timeout=1)
        openai = (await factory.health_check())["providers"]["openai"]
    assert not openai["available"]
    assert openai["cooling_until"] is not None
    assert openai["deployments"]["openai/gpt-4o#1"]["model"] == "gpt-4o"
