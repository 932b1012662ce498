"""The one-liner: what it keeps between calls, and what it leaves behind."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

import gmn_llm
from gmn_llm.blocking import KeptFactories
from gmn_llm.config import load_settings
from gmn_llm.errors import LLMError, RateLimitError
from tests.programs import played
from tests.routing.conftest import section
from tests.wire.client import Fault, Step, WireServer

PROMPT = "Create an agent that explores a 2x2 grid"


def outcome(config: object, **more: object) -> str:
    """What a call comes to: ``GMNSpec``, or the error's name."""
    try:
        return type(gmn_llm.generate(PROMPT, config=config, use_cache=False, timeout=60, **more)).__name__  # type: ignore[arg-type]  # passed on
    except LLMError as error:
        return type(error).__name__


def test_a_rate_limit_holds_over_calls(wire: WireServer) -> None:
    """Of three calls with an rpm of two, the server sees two."""
    config = {"provider": "openai", "openai": section(wire, "openai", rpm=2, max_retries=0)}

    said = [outcome(dict(config)) for _ in range(3)]

    assert said == ["GMNSpec", "GMNSpec", "RateLimitError"]
    assert len(wire.requests()) == 2


def test_a_cooldown_holds_over_calls(wire: WireServer) -> None:
    """A provider that has failed twice is not asked a third time."""
    wire.script([Step(fault=Fault.SERVER_ERROR, times=0)], deployment="openai")
    config = {
        "provider": "openai",
        "openai": section(wire, "openai"),
        "anthropic": section(wire, "anthropic"),
        "fallbacks": ["anthropic"],
    }

    said = [outcome(dict(config)) for _ in range(4)]

    assert said == ["GMNSpec"] * 4
    assert len(wire.requests(deployment="openai")) == 2


def test_threads_share_a_rate_limit(wire: WireServer) -> None:
    """Of 50 threads at once five are answered where the limit is five, and each has its outcome."""
    config = {"provider": "openai", "openai": section(wire, "openai", rpm=5, max_retries=0)}
    said: list[str] = []
    threads = [threading.Thread(target=lambda: said.append(outcome(dict(config)))) for _ in range(50)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(said) == ["GMNSpec"] * 5 + ["RateLimitError"] * 45
    assert len(wire.requests()) == 5


def test_an_edited_file_is_another_configuration(wire: WireServer, tmp_path: Path) -> None:
    """What a file says counts and not its name, so the first call after an edit follows it."""
    file = tmp_path / "gmn-llm.json"
    for name, expected in (("openai", 1), ("anthropic", 1), ("openai", 2)):
        file.write_text(json.dumps({"provider": name, name: section(wire, name)}), "utf-8")
        assert outcome(file) == "GMNSpec"
        assert len(wire.requests(deployment=name)) == expected


def test_another_environment_is_another_configuration(wire: WireServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that comes from the environment is looked up with each call."""
    config = {
        "provider": "openai",
        "openai": section(wire, "openai", api_key="os.environ/SOME_KEY", rpm=1, max_retries=0),
    }
    monkeypatch.setenv("SOME_KEY", wire.openai_key)
    assert [outcome(config), outcome(config)] == ["GMNSpec", "RateLimitError"]

    monkeypatch.setenv("SOME_KEY", "another")

    assert outcome(config) == "AuthenticationError"


def test_a_script_of_replies_begins_anew() -> None:
    """The mock's replies are each call's own, not the rest of what a call before has left."""
    replies = ["not a document", "neither", "nor this"]
    config = {"provider": "mock", "mock": {"replies": replies}, "gmn": {"max_repairs": 0}}

    assert [outcome(config), outcome(config)] == ["GMNValidationError"] * 2


async def test_no_more_than_so_many_are_kept() -> None:
    """Beyond its room the factory that was not used for the longest time makes way, and begins anew when it is used."""
    kept = KeptFactories(room=2)
    settings = [load_settings({"provider": "mock", "gmn": {"max_tokens": 1000 + n}}, environ={}) for n in range(3)]

    for each in (*settings, settings[2]):
        await kept.call(each, PROMPT, use_cache=False)

    assert [one.settings for one in kept._kept] == settings[1:]


NOTEBOOK = """
async def main():
    for _ in range(2):
        print(type(gmn_llm.generate("a 2x2 grid", config=configuration)).__name__)

asyncio.run(main())
threads = [
    threading.Thread(target=lambda k=k: print(type(gmn_llm.generate(f"a 2x{k} grid", config=configuration)).__name__))
    for k in range(2, 6)
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
try:
    gmn_llm.generate("a 3x3 grid", config={**configuration, "anthropic": {**configuration["anthropic"], "api_key": "no"}})
except LLMError as error:
    print(type(error).__name__)
"""


def test_nothing_is_left_open(wire: WireServer) -> None:
    """In a notebook, on threads, after a failure: no connection, cache or task is open when the program ends."""
    done = played(NOTEBOOK, {"provider": "anthropic", "anthropic": section(wire, "anthropic")})

    assert done.stderr == ""
    assert done.stdout.split() == ["GMNSpec"] * 6 + ["AuthenticationError"]


def test_the_wait_is_told(wire: WireServer) -> None:
    """Who is turned away by a limit that an earlier call has filled is told when to come back."""
    config = {"provider": "openai", "openai": section(wire, "openai", rpm=1, max_retries=0)}
    assert outcome(config) == "GMNSpec"

    with pytest.raises(RateLimitError) as caught:
        gmn_llm.generate(PROMPT, config=config, use_cache=False)

    assert caught.value.retry_after is not None
    assert 0 < caught.value.retry_after <= 60
