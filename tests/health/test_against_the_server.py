"""Every figure of the health view against what a server counted, after a run of everything that can happen."""

from __future__ import annotations

import asyncio
import threading
import warnings
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from gmn_llm import LLMError, LLMProviderFactory, create_llm_factory
from gmn_llm.routing.quiet import litellm
from tests.health.server_count import CLASSES, chats, counted, money, same_story
from tests.routing.conftest import WIRES, section, warm
from tests.wire.client import Fault, Step, WireServer

__all__ = ["warm"]

pytestmark = pytest.mark.usefixtures("warm")

REFUSALS = (
    Fault.RATE_LIMIT, Fault.SERVER_ERROR, Fault.UNAVAILABLE, Fault.UNAUTHORIZED, Fault.FORBIDDEN, Fault.NO_MODEL,
    Fault.CONTEXT, Fault.EMPTY,
)  # fmt: skip


def configuration(wire: WireServer, folder: Path, **more: object) -> dict[str, object]:
    """The three wires and the mock after them; many failures are allowed before LiteLLM leaves one alone."""
    return {
        "provider": "openai",
        **{name: section(wire, name, max_retries=0) for name in WIRES},
        "fallbacks": ["anthropic", "ollama", "mock"],
        "router_settings": {"allowed_fails": 1000, "cooldown_time": 60},
        "cache": {"dir": str(folder)},
        **more,
    }


async def asked(factory: LLMProviderFactory, words: str, **more: Any) -> str:
    """The answer, or the name of our error."""
    try:
        return (await factory.generate([{"role": "user", "content": words}], timeout=20, **more)).content
    except LLMError as error:
        return type(error).__name__


async def streamed(factory: LLMProviderFactory, words: str, **more: Any) -> list[str]:
    """The types of a stream's chunks."""
    async with aclosing(factory.stream([{"role": "user", "content": words}], timeout=20, **more)) as chunks:
        return [chunk.type async for chunk in chunks]


async def cancelled(factory: LLMProviderFactory, wire: WireServer, name: str) -> None:
    """Ask one provider, and give up when the server has the request."""
    before = len(chats(wire, name))
    wire.script([Step(fault=Fault.HANG)], deployment=name)
    task = asyncio.create_task(asked(factory, "to be cancelled", provider_type=name))
    while len(chats(wire, name)) == before:  # noqa: ASYNC110 - the server is another process
        await asyncio.sleep(0.02)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def abandoned(factory: LLMProviderFactory, wire: WireServer, name: str) -> None:
    """Read one piece of a slow stream, and leave."""
    wire.script([Step(pace=0.2)], deployment=name)
    async with aclosing(factory.stream([{"role": "user", "content": "to be left"}], provider_type=name)) as chunks:
        assert (await anext(chunks)).type == "delta"


async def all_that_one_can_do(factory: LLMProviderFactory, wire: WireServer, name: str) -> None:
    """Answers whole and in pieces, every refusal, a hit of the cache, a caller who gives up and one who leaves."""
    for _ in range(2):
        assert await asked(factory, "hello", provider_type=name) == wire.default_text
    assert (await streamed(factory, "hello", provider_type=name))[-1] == "done"
    for fault in REFUSALS:
        wire.script([Step(fault=fault)], deployment=name)
        assert await asked(factory, "hello", provider_type=name) == CLASSES[fault]
    for _ in range(3):
        assert await asked(factory, f"to be kept by {name}", provider_type=name, use_cache=True) == wire.default_text
    await cancelled(factory, wire, name)
    await abandoned(factory, wire, name)


async def what_the_chain_can_do(factory: LLMProviderFactory, wire: WireServer) -> None:
    """A fallback, documents, a repair, a schema that is refused, a stream that starts over, a cooldown, a rejection."""
    wire.script([Step(fault=Fault.SERVER_ERROR)], deployment="openai")
    assert await asked(factory, "falls over") == wire.default_text
    wire.script(["this is no document at all"], deployment="openai")
    assert str(await factory.generate_gmn("an agent in a grid", agent_type="explorer", timeout=30))
    for _ in range(2):
        assert str(await factory.generate_gmn("another agent in a grid", agent_type="explorer", timeout=30))
    wire.script([Step(fault=Fault.NO_JSON_SCHEMA)], deployment="anthropic")
    assert str(await factory.generate_gmn("a third agent", provider_type="anthropic", use_cache=False, timeout=30))
    wire.script([Step(fault=Fault.CUT)], deployment="openai")
    assert "reset" in await streamed(factory, "starts over")
    before = len(chats(wire, "openai"))
    assert await asked(factory, "while it cools down") == wire.default_text
    assert (await asked(factory, "nobody else", provider_type="openai")).endswith("Error")
    assert len(chats(wire, "openai")) == before


async def test_each_figure_is_what_the_server_counted(wire: WireServer, tmp_path: Path) -> None:
    """After a run of everything, all figures, and what came last, are exactly the server's."""
    async with create_llm_factory(configuration(wire, tmp_path)) as factory:
        for name in WIRES:
            await all_that_one_can_do(factory, wire, name)
        await what_the_chain_can_do(factory, wire)
        health = await factory.health_check()

        for name, model in (("openai", "gpt-4o"), ("anthropic", "claude-haiku-4-5"), ("ollama", "")):
            told, seen = health["providers"][name], chats(wire, name)
            expected = counted(seen)
            same_story(told, seen)
            assert told["cost"] == pytest.approx(money(seen, litellm.model_cost.get(model, {})))
            assert {key: told[key] for key in expected} == expected, name
            assert {key: told["window"][key] for key in expected} == expected, name
            (deployment,) = told["deployments"].values()
            assert {key: deployment[key] for key in expected} == expected, name
            assert told["latency"]["first_text_p50"] <= told["latency"]["p95"]
        hits = {name: told["cached"] for name, told in health["providers"].items()}
        rejected = {name: told["rejected"] for name, told in health["providers"].items()}
        assert hits == {"openai": 3, "anthropic": 2, "ollama": 2, "mock": 0}
        assert rejected == {"openai": 1, "anthropic": 0, "ollama": 0, "mock": 0}
        used = {name: told["in_use"] for name, told in health["providers"].items()}
        assert used == {"openai": False, "anthropic": True, "ollama": False, "mock": False}
        assert health["providers"]["openai"]["available"] is False
        assert health["providers"]["openai"]["cooling_until"] is not None
        assert health["providers"]["anthropic"]["available"] is True
    wire.forgive()


async def test_two_factories_do_not_see_each_other(wire: WireServer, tmp_path: Path) -> None:
    """Each counts its own calls, successes and failures alike, while both are open."""
    one = create_llm_factory(configuration(wire, tmp_path / "one"))
    other = create_llm_factory(configuration(wire, tmp_path / "other"))
    async with one, other:
        wire.script([Step(), Step(fault=Fault.SERVER_ERROR)], deployment="openai")
        for _ in range(2):
            await asked(one, "hello", provider_type="openai")
        await asyncio.gather(*(asked(other, "hello", provider_type="openai") for _ in range(3)))

        first, second = await one.health_check(), await other.health_check()

    assert first["providers"]["openai"]["requests"] == 2
    assert first["providers"]["openai"]["failures"] == {"ProviderUnavailableError": 1}
    assert second["providers"]["openai"]["requests"] == second["providers"]["openai"]["successes"] == 3


def callback_lists() -> list[list[object]]:
    """All places where LiteLLM holds callbacks."""
    names = (
        "callbacks", "input_callback", "success_callback", "failure_callback", "service_callback",
        "_async_success_callback", "_async_failure_callback", "_async_input_callback",
    )  # fmt: skip
    return [list(getattr(litellm, name)) for name in names]


async def test_a_closed_factory_leaves_nothing_behind(wire: WireServer, tmp_path: Path) -> None:
    """After answers, failures, a stream and a cancelled call, closing leaves LiteLLM's lists as they were."""
    before = callback_lists()

    async with create_llm_factory(configuration(wire, tmp_path)) as factory:
        wire.script([Step(fault=Fault.SERVER_ERROR)], deployment="openai")
        await asked(factory, "hello")
        await streamed(factory, "hello")
        await cancelled(factory, wire, "ollama")
        assert callback_lists() != before

    assert callback_lists() == before


async def test_a_callback_of_the_user_s_own_goes_on(wire: WireServer, tmp_path: Path) -> None:
    """A CustomLogger in ``litellm.callbacks`` hears of answers and failures, and stays after the factory is closed."""

    class Mine(litellm.integrations.custom_logger.CustomLogger):  # type: ignore[misc]  # untyped
        """Counts what it hears."""

        heard: list[str] = []  # noqa: RUF012  # one instance

        async def async_log_success_event(self, **_: object) -> None:
            """An answer."""
            self.heard.append("success")

        async def async_log_failure_event(self, **_: object) -> None:
            """A failure."""
            self.heard.append("failure")

    mine = Mine()
    litellm.callbacks.append(mine)
    try:
        async with create_llm_factory(configuration(wire, tmp_path)) as factory:
            wire.script([Step(fault=Fault.SERVER_ERROR)], deployment="openai")
            await asked(factory, "hello")
            health = await factory.health_check()
        assert mine in litellm.callbacks
    finally:
        from gmn_llm.routing.loops import unhook

        unhook(mine)

    assert sorted(mine.heard) == ["failure", "success"]
    assert health["providers"]["openai"]["requests"] == health["providers"]["anthropic"]["requests"] == 1


def test_counts_are_right_as_soon_as_the_loop_has_ended(wire: WireServer, tmp_path: Path) -> None:
    """What was answered within ``asyncio.run`` is counted after it, a stream that was left included."""
    factory = create_llm_factory(configuration(wire, tmp_path))

    async def calls() -> None:
        await asyncio.gather(*(asked(factory, "hello", provider_type="openai") for _ in range(3)))
        await abandoned(factory, wire, "openai")

    asyncio.run(calls())
    health = asyncio.run(factory.health_check())
    asyncio.run(factory.aclose())

    told = health["providers"]["openai"]
    assert (told["requests"], told["successes"], told["cancelled"]) == (4, 3, 1)
    assert len(chats(wire, "openai")) == 4


def test_calls_on_many_threads_are_all_counted(wire: WireServer, tmp_path: Path) -> None:
    """Threads that each run a loop of their own share one view, which has as many requests as the server."""
    factory = create_llm_factory(configuration(wire, tmp_path))
    wire.script([Step(fault=Fault.SERVER_ERROR, times=4)], deployment="anthropic")

    async def calls() -> None:
        for name in WIRES:
            await asyncio.gather(*(asked(factory, "hello", provider_type=name) for _ in range(5)))

    threads = [threading.Thread(target=lambda: asyncio.run(calls())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    health = asyncio.run(factory.health_check())
    asyncio.run(factory.aclose())

    for name in WIRES:
        told = health["providers"][name]
        assert told["requests"] == len(chats(wire, name)) == 20
        assert told["successes"] == (16 if name == "anthropic" else 20)


async def test_the_mock_alone_is_counted_too() -> None:
    """Without LiteLLM: answers, failures, a stream that is left and a cancelled call have the same figures."""
    async with create_llm_factory({"provider": "mock", "mock": {"delay": 0.01}, "cache": {"dir": None}}) as factory:
        for _ in range(3):
            await asked(factory, "hello")
        await streamed(factory, "hello")
        async with aclosing(factory.stream([{"role": "user", "content": "hello there"}])) as chunks:
            assert (await anext(chunks)).type == "delta"
        task = asyncio.create_task(asked(factory, "hello"))
        await asyncio.sleep(0.005)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        health = await factory.health_check()

    told = health["providers"]["mock"]
    assert (told["requests"], told["successes"], told["cancelled"], told["failures"]) == (6, 4, 2, {})
    assert told["latency"]["first_text_p50"] is not None
    assert told["in_use"] is True


def test_nothing_of_what_was_said_is_kept(wire: WireServer, tmp_path: Path) -> None:
    """Neither prompt, answer nor key is in the report, whatever came of the calls."""
    factory = create_llm_factory(configuration(wire, tmp_path))

    async def calls() -> str:
        async with factory:
            wire.script([Step(text="the secret answer"), Step(fault=Fault.CONTEXT)], deployment="openai")
            for _ in range(2):
                await asked(factory, "the secret prompt", provider_type="openai")
            return repr(await factory.health_check())

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        told = asyncio.run(calls())

    assert "secret" not in told
    assert wire.openai_key not in told
    assert "ContextLengthError" in told
