"""A configuration that changes while the factory is at work."""

from __future__ import annotations

import asyncio
import json
import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import pytest

from gmn_llm import ConfigError, LLMMessage, LLMResponse, LLMRole
from gmn_llm.factory import LLMProviderFactory, create_llm_factory
from tests.routing.conftest import section
from tests.routing.test_lifecycle import hooks, open_gateways
from tests.wire.client import Seen, WireServer

HELLO = [LLMMessage(LLMRole.USER, "hello")]


def written(path: Path, configuration: Mapping[str, object] | str) -> Path:
    """The file with a configuration in it, later than it was before."""
    before = path.stat().st_mtime_ns if path.exists() else 0
    path.write_text(configuration if isinstance(configuration, str) else json.dumps(configuration), encoding="utf-8")
    os.utime(path, ns=(before + 2_000_000_000, before + 2_000_000_000))
    return path


def model(wire: WireServer, name: str) -> dict[str, object]:
    """A configuration that asks one model of OpenAI's wire."""
    return {"provider": "openai", "openai": section(wire, "openai", model=name)}


def content(seen: Seen) -> str:
    """What the first message of a request says."""
    messages = cast("list[dict[str, str]]", seen.json["messages"])
    return messages[0]["content"]


async def asked(factory: LLMProviderFactory) -> str:
    """The model that answers a call."""
    return (await factory.generate(HELLO)).model


async def test_reload_takes_up_the_file(wire: WireServer, tmp_path: Path) -> None:
    """An edit holds after `reload()`, which returns the new settings, and not before."""
    path = written(tmp_path / "c.json", model(wire, "gpt-4o"))
    async with create_llm_factory(path) as factory:
        first = await asked(factory)
        written(path, model(wire, "gpt-4.1"))
        between = await asked(factory)
        settings = factory.reload()
        after = await asked(factory)

    assert (first, between, after) == ("gpt-4o", "gpt-4o", "gpt-4.1")
    assert settings.openai is not None
    assert settings.openai.model == "gpt-4.1"


async def test_a_broken_file_leaves_the_running_configuration(wire: WireServer, tmp_path: Path) -> None:
    """`reload()` of a file that can't be used is a ConfigError with its line, and the old one goes on."""
    path = written(tmp_path / "c.yaml", "provider: mock\n")
    async with create_llm_factory(path) as factory:
        settings = factory.settings
        written(path, "provider: mock\nopenai: {temprature: 1}\n")
        with pytest.raises(ConfigError, match=r"c\.yaml, line 2: openai\.temprature"):
            factory.reload()

        assert factory.settings is settings
        assert await asked(factory) == "designer"


async def test_no_call_is_lost_while_the_configuration_changes(wire: WireServer, tmp_path: Path) -> None:
    """Of 200 calls in flight over ten reloads between two models each is answered, and asked once at the server."""
    path = written(tmp_path / "c.json", model(wire, "gpt-4o"))
    before = hooks()
    async with create_llm_factory(path) as factory:
        await asked(factory)
        calls: list[asyncio.Task[LLMResponse]] = []
        for number in range(10):
            calls += [
                asyncio.create_task(factory.generate([LLMMessage(LLMRole.USER, f"call {number}.{each}")]))
                for each in range(20)
            ]
            await asyncio.sleep(0.01)
            written(path, model(wire, "gpt-4.1" if number % 2 == 0 else "gpt-4o"))
            factory.reload()
        answers = await asyncio.gather(*calls)
        after = await asked(factory)

    said = [text for text in map(content, wire.requests()) if text.startswith("call ")]
    assert len(answers) == 200
    assert sorted(said) == sorted(f"call {number}.{each}" for number in range(10) for each in range(20))
    assert {answer.model for answer in answers} == {"gpt-4o", "gpt-4.1"}
    assert after == "gpt-4o"
    assert hooks() == before


async def test_the_gateway_before_is_closed_after_its_calls(wire: WireServer, tmp_path: Path) -> None:
    """After a reload and the end of the calls under way one gateway is open, not two."""
    path = written(tmp_path / "c.json", model(wire, "gpt-4o"))
    before = open_gateways()
    async with create_llm_factory(path) as factory:
        await asked(factory)
        for name in ("gpt-4.1", "gpt-4o", "gpt-4.1"):
            written(path, model(wire, name))
            factory.reload()
            await asked(factory)
        await asked(factory)

        assert open_gateways() == before + 1


async def test_a_provider_keeps_the_configuration_it_was_made_from(wire: WireServer, tmp_path: Path) -> None:
    """One that was handed out before a reload asks the old model, one handed out after it the new."""
    path = written(tmp_path / "c.json", model(wire, "gpt-4o"))
    async with create_llm_factory(path) as factory:
        old = await factory.get_provider()
        written(path, model(wire, "gpt-4.1"))
        factory.reload()
        new = await factory.get_provider()

        said = [(await provider.generate(HELLO)).model for provider in (old, new, old, new)]

    assert said == ["gpt-4o", "gpt-4.1", "gpt-4o", "gpt-4.1"]


async def test_what_the_caller_registered_and_what_was_counted_stay(tmp_path: Path) -> None:
    """Agent types, the health view and the rest of a script that did not change outlive a reload."""
    path = written(tmp_path / "c.json", {"provider": "mock", "mock": {"replies": ["one", "two"]}})
    async with create_llm_factory(path) as factory:
        factory.register_agent_type("miner", "digs")
        first = await factory.generate(HELLO)
        written(path, {"provider": "mock", "mock": {"replies": ["one", "two"], "delay": 0.001}})
        factory.reload()
        second = await factory.generate(HELLO)

        assert (first.content, second.content) == ("one", "two")
        assert factory.agent_types["miner"] == "digs"
        assert (await factory.health_check())["providers"]["mock"]["requests"] == 2


async def test_the_environment_alone_is_read_again(monkeypatch: pytest.MonkeyPatch, wire: WireServer) -> None:
    """Without a file `reload()` takes up what the environment names now."""
    monkeypatch.setenv("LLM_PROVIDER", "mock")
    async with create_llm_factory() as factory:
        first = await asked(factory)
        monkeypatch.setenv("LLM_PROVIDER", "openai")
        monkeypatch.setenv("OPENAI_API_KEY", wire.openai_key)
        monkeypatch.setenv("OPENAI_BASE_URL", f"{wire.at('openai')}/v1")
        factory.reload()

        assert (first, (await factory.generate(HELLO)).provider) == ("designer", "openai")


async def test_another_configuration_may_be_given() -> None:
    """`reload(config)` takes another source, and reads that one again from then on."""
    configuration = {"provider": "mock", "gmn": {"max_repairs": 1}}
    async with create_llm_factory({"provider": "mock"}) as factory:
        factory.reload(configuration)
        assert factory.settings.gmn.max_repairs == 1
        configuration["gmn"] = {"max_repairs": 7}
        assert factory.reload().gmn.max_repairs == 7


async def test_a_watched_file_is_taken_up_with_the_next_call(wire: WireServer, tmp_path: Path) -> None:
    """With `watch=True` an edit holds from the next call on; without it does not."""
    path = written(tmp_path / "c.json", model(wire, "gpt-4o"))
    async with create_llm_factory(path, watch=True) as watching, create_llm_factory(path) as other:
        first = [await asked(watching), await asked(other)]
        written(path, model(wire, "gpt-4.1"))
        second = [await asked(watching), await asked(other)]

    assert first == ["gpt-4o", "gpt-4o"]
    assert second == ["gpt-4.1", "gpt-4o"]


async def test_a_broken_edit_of_a_watched_file_is_one_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The old configuration goes on, one warning names the line, and a mended file is taken up."""
    path = written(tmp_path / "c.yaml", "provider: mock\n")
    logging.getLogger("gmn_llm").propagate = True
    async with create_llm_factory(path, watch=True) as factory:
        written(path, "provider: mock\nopnai: {}\n")
        with caplog.at_level(logging.WARNING, logger="gmn_llm"):
            said = [await asked(factory) for _ in range(3)]
        told = [record.getMessage() for record in caplog.records if "line 2" in record.getMessage()]
        written(path, "provider: mock\ngmn: {max_repairs: 5}\n")
        await asked(factory)

        assert said == ["designer"] * 3
        assert len(told) == 1
        assert factory.settings.gmn.max_repairs == 5


async def test_a_file_that_is_being_written_is_not_taken_for_an_empty_one(tmp_path: Path) -> None:
    """A file that was emptied this moment counts when it has a text again."""
    path = written(tmp_path / "c.yaml", "provider: mock\ngmn: {max_repairs: 5}\n")
    async with create_llm_factory(path, watch=True) as factory:
        path.write_text("", encoding="utf-8")
        await asked(factory)
        during = factory.settings.gmn.max_repairs
        written(path, "provider: mock\ngmn: {max_repairs: 6}\n")
        await asked(factory)

        assert (during, factory.settings.gmn.max_repairs) == (5, 6)


async def test_a_replaced_file_is_seen(tmp_path: Path) -> None:
    """A file moved into the place of the old one, as editors write, counts as a change."""
    path = written(tmp_path / "c.yaml", "provider: mock\n")
    async with create_llm_factory(path, watch=True) as factory:
        beside = tmp_path / "new.yaml"
        beside.write_text("provider: mock\ngmn: {max_repairs: 3}\n", encoding="utf-8")
        beside.replace(path)
        await asked(factory)

        assert factory.settings.gmn.max_repairs == 3


async def test_the_cache_is_the_same_unless_its_settings_change(tmp_path: Path) -> None:
    """A document made before a reload is found after it; another folder is another cache."""
    path = tmp_path / "c.json"
    written(path, {"provider": "mock", "cache": {"dir": str(tmp_path / "one")}})
    async with create_llm_factory(path) as factory:
        made = await factory.generate_gmn("a 3x3 grid")
        written(path, {"provider": "mock", "cache": {"dir": str(tmp_path / "one")}, "gmn": {"max_repairs": 1}})
        factory.reload()
        kept = await factory.generate_gmn("a 3x3 grid")
        written(path, {"provider": "mock", "cache": {"dir": str(tmp_path / "two")}})
        factory.reload()
        anew = await factory.generate_gmn("a 3x3 grid")

    cached = [spec.provenance is not None and spec.provenance.cached for spec in (made, kept, anew)]
    assert cached == [False, True, False]


REFUSED = {"background_health_check_model_groups": 3}


async def test_a_file_that_the_router_refuses_leaves_the_running_configuration(
    wire: WireServer, tmp_path: Path
) -> None:
    """What only LiteLLM's Router can tell is a ConfigError with its line too, and the old configuration goes on."""
    path = written(tmp_path / "c.json", model(wire, "gpt-4o"))
    before = hooks()
    async with create_llm_factory(path) as factory:
        settings = factory.settings
        written(path, json.dumps({**model(wire, "gpt-4.1"), "router_settings": REFUSED}, indent=1))
        with pytest.raises(ConfigError, match=r"c\.json, line \d+: router_settings\.background_health"):
            factory.reload()

        assert factory.settings is settings
        assert await asked(factory) == "gpt-4o"
    assert hooks() == before


async def test_a_watched_file_that_the_router_refuses_is_told_once(
    wire: WireServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Calls go on under the configuration before, with one warning until the file is mended."""
    path = written(tmp_path / "c.json", model(wire, "gpt-4o"))
    async with create_llm_factory(path, watch=True) as factory:
        first = await asked(factory)
        written(path, {**model(wire, "gpt-4.1"), "router_settings": REFUSED})
        with caplog.at_level(logging.WARNING, "gmn_llm"):
            refused = [await asked(factory) for _ in range(3)]
        written(path, model(wire, "gpt-4.1"))
        mended = await asked(factory)

    assert [first, *refused, mended] == ["gpt-4o"] * 4 + ["gpt-4.1"]
    assert [record.message for record in caplog.records if "can't be used" in record.message] != []
    assert sum("can't be used" in record.message for record in caplog.records) == 1
