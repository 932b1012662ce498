"""Two factories, a program's own callbacks and its own Router at the same time: each minds its own calls."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from gmn_llm import LLMError, LLMProviderFactory, create_llm_factory
from gmn_llm.routing.loops import unhook
from gmn_llm.routing.quiet import litellm
from tests.health.server_count import chats, counted
from tests.health.test_against_the_server import callback_lists
from tests.routing.conftest import warm
from tests.wire.client import Fault, Step, WireServer

__all__ = ["warm"]

pytestmark = pytest.mark.usefixtures("warm")


class Mine(litellm.integrations.custom_logger.CustomLogger):  # type: ignore[misc]  # untyped
    """A program's own logger: counts answers and failures by the group they are of."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: Counter[tuple[str, str]] = Counter()

    async def async_log_success_event(self, kwargs: Mapping[str, Any], **_: object) -> None:
        """An answer."""
        self.heard[_group(kwargs), "success"] += 1

    async def async_log_failure_event(self, kwargs: Mapping[str, Any], **_: object) -> None:
        """A failure."""
        self.heard[_group(kwargs), "failure"] += 1


def _group(kwargs: Mapping[str, Any]) -> str:
    return str(kwargs["litellm_params"]["metadata"]["model_group"])


@pytest.fixture
def mine() -> Iterator[Mine]:
    """The logger, in LiteLLM's list."""
    logger = Mine()
    litellm.callbacks.append(logger)
    yield logger
    unhook(logger)


def entry(wire: WireServer, name: str) -> dict[str, object]:
    """A deployment of its own at the server, called by its name."""
    params = {"model": "openai/gpt-4o", "api_base": f"{wire.at(name)}/v1", "api_key": wire.openai_key}
    return {"model_name": name, "litellm_params": params, "model_info": {"id": f"id-of-{name}"}}


def factory(wire: WireServer, name: str, folder: Path) -> LLMProviderFactory:
    """A factory with one deployment."""
    return create_llm_factory({
        "model_list": [entry(wire, name)],
        "router_settings": {"num_retries": 0, "allowed_fails": 1000},
        "cache": {"dir": str(folder / name)},
    })  # fmt: skip


async def ask(asked: LLMProviderFactory, times: int) -> None:
    """So many calls at once, in one piece and in pieces."""

    async def one(number: int) -> None:
        messages = [{"role": "user", "content": f"hello {number}"}]
        try:
            if number % 2:
                await asked.generate(messages, timeout=30)
            else:
                async for _ in asked.stream(messages, timeout=30):
                    pass
        except LLMError:
            return

    await asyncio.gather(*map(one, range(times)))


async def route(router: Any, times: int) -> int:
    """So many calls of the program's own; how many were answered."""

    async def one() -> bool:
        try:
            await router.acompletion(model="own", messages=[{"role": "user", "content": "hello"}])
        except litellm.InternalServerError:
            return False
        return True

    return sum(await asyncio.gather(*(one() for _ in range(times))))


async def put_away() -> None:
    """Close what a program's own Router has opened in this loop."""
    suffix = f"-{id(asyncio.get_running_loop())}"
    cache = litellm.in_memory_llm_clients_cache.cache_dict
    for key in [key for key in cache if str(key).endswith(suffix)]:
        await cache.pop(key).close()
    await asyncio.sleep(0.01)  # a transport is gone only after the loop has come round to it


async def test_a_call_of_the_program_s_own_outlives_a_factory(wire: WireServer, tmp_path: Path) -> None:
    """A factory that is closed meanwhile closes its own connections, not the one that the program waits at."""
    router = litellm.Router(model_list=[entry(wire, "own")], num_retries=0)
    wire.script([Step(delay=1.0)], deployment="own")
    async with factory(wire, "one", tmp_path) as one:
        await ask(one, 2)
        waiting = asyncio.create_task(route(router, 1))
        while not chats(wire, "own"):  # noqa: ASYNC110 - the server is another process
            await asyncio.sleep(0.02)

    assert await waiting == 1
    assert await route(router, 1) == 1
    router.discard()
    await put_away()


async def test_each_minds_its_own_calls(wire: WireServer, tmp_path: Path, mine: Mine) -> None:
    """Figures are each factory's own, the program hears of its calls, and what it hung into LiteLLM stays as it was."""
    router = litellm.Router(model_list=[entry(wire, "own")], num_retries=0)
    assert await route(router, 1) == 1  # LiteLLM copies callbacks about with the first call
    await put_away()
    before = callback_lists()
    for name, failures in (("one", 2), ("other", 1), ("own", 3)):
        wire.script([Step(fault=Fault.SERVER_ERROR, times=failures)], deployment=name)
    one, other = factory(wire, "one", tmp_path), factory(wire, "other", tmp_path)
    async with one:
        async with other:
            await asyncio.gather(ask(one, 1), ask(other, 1))
            *_, answered = await asyncio.gather(ask(one, 5), ask(other, 3), route(router, 5))
            first, second = await one.health_check(), await other.health_check()
        await ask(one, 3)
        answered += await route(router, 2)
        last = await one.health_check()
    kept = await other.health_check()
    answered += await route(router, 1)
    await litellm.litellm_core_utils.logging_worker.GLOBAL_LOGGING_WORKER.flush()

    for report, name, times in ((first, "one", 6), (second, "other", 4), (kept, "other", 4), (last, "one", 9)):
        assert list(report["providers"]) == [name]
        seen = chats(wire, name)[:times]
        expected = counted(seen)
        assert {key: report["providers"][name][key] for key in expected} == expected
    assert (len(chats(wire, "one")), len(chats(wire, "other")), len(chats(wire, "own"))) == (9, 4, 9)
    assert answered == 5
    assert (mine.heard["own", "success"], mine.heard["own", "failure"]) == (6, 3)
    assert callback_lists() == before
    router.discard()
    await put_away()
