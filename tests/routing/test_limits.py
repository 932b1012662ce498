"""Limits a minute, counted at the server."""

from __future__ import annotations

import asyncio
import threading

import pytest

from gmn_llm.errors import RateLimitError
from gmn_llm.routing.limits import MINUTE, Limits, Rate
from tests.routing.conftest import WIRES, Build, request, section
from tests.wire.client import Fault, Step, WireServer


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


def test_a_place_is_free_a_minute_after_its_answer() -> None:
    """Of two places that were taken at once the one answered first is free first, and not before its minute."""
    clock = Clock()
    limits = Limits({"a": Rate(2)}, clock=clock)
    assert [limits.take("a") for _ in range(3)] == [0.0, 0.0, MINUTE]

    clock.now += 50
    limits.give_back("a")
    clock.now += 30
    limits.give_back("a")

    assert limits.take("a") == 30.0
    clock.now += 30
    assert limits.take("a") == 0.0
    assert limits.take("a") == 30.0


def test_a_minute_that_begins_brings_no_new_places() -> None:
    """Requests late in one minute of the clock count in the next, for a server's window slides."""
    clock = Clock()
    clock.now = 59.0
    limits = Limits({"a": Rate(1)}, clock=clock)
    limits.take("a")
    limits.give_back("a")

    clock.now = 61.0

    assert limits.wait("a") == pytest.approx(58.0)
    assert limits.wait("without a limit") == 0.0


def test_tokens_of_the_last_minute_count() -> None:
    """A deployment that has used its tokens is left alone until enough of them are a minute old."""
    clock = Clock()
    limits = Limits({"a": Rate(None, 100)}, clock=clock)
    limits.spend("a", 60)
    clock.now += 10
    assert limits.wait("a") == 0.0
    limits.spend("a", 60)

    assert limits.wait("a") == 50.0
    clock.now += 50
    assert limits.wait("a") == 0.0


def test_threads_never_take_one_place_twice() -> None:
    """Eight threads that want fifty places of thirty get thirty."""
    limits = Limits({"a": Rate(30)})
    taken: list[float] = []
    threads = [
        threading.Thread(target=lambda: taken.extend(limits.take("a") for _ in range(50 // 8 + 1))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert taken.count(0.0) == 30


@pytest.mark.parametrize("name", WIRES)
async def test_a_burst_does_not_run_over_the_limit(wire: WireServer, build: Build, name: str) -> None:
    """Of sixty calls at once a deployment with an rpm of five gets five; its fallback answers the others."""
    other = {"openai": "anthropic", "anthropic": "ollama", "ollama": "openai"}[name]
    gateway = build(
        {"provider": name, name: section(wire, name, rpm=5), other: section(wire, other), "fallbacks": [other]}
    )

    asked = (gateway.complete(request(timeout=60), group=name, fall_over=True) for _ in range(60))
    responses = await asyncio.gather(*asked)

    assert wire.most_within(60, deployment=name, answered=False) == 5
    assert [response.provider for response in responses].count(other) == 55


async def test_a_full_deployment_leaves_its_share_to_the_others_of_its_group(wire: WireServer, build: Build) -> None:
    """Within a group a deployment at its limit is not chosen, so nothing fails and nothing is tried twice."""
    entries = [
        {
            "model_name": "pool",
            "litellm_params": {
                "model": "openai/gpt-4o",
                "api_base": f"{wire.at(name)}/v1",
                "api_key": wire.openai_key,
                **limit,
            },
        }
        for name, limit in (("narrow", {"rpm": 3}), ("wide", {}))
    ]
    gateway = build({"provider": "pool", "model_list": entries, "router_settings": {"num_retries": 0}})

    for _ in range(20):
        response = await gateway.complete(request(timeout=30), group="pool", fall_over=True)
        assert len(response.attempts) == 1

    assert len(wire.requests(deployment="narrow")) == 3
    assert len(wire.requests(deployment="wide")) == 17


async def test_a_full_limit_is_told_at_once(wire: WireServer, build: Build) -> None:
    """With nobody else to ask, and less time than the limit needs, the call fails at once and says when to come."""
    gateway = build({"provider": "openai", "openai": section(wire, "openai", rpm=1)})
    await gateway.complete(request(), group="openai", fall_over=True)

    with pytest.raises(RateLimitError) as caught:
        await gateway.complete(request(timeout=20), group="openai", fall_over=True)

    assert caught.value.retry_after == pytest.approx(60, abs=5)
    assert "the limit of 1 requests a minute is reached" in str(caught.value)
    assert [attempt.status for attempt in caught.value.attempts] == [None]
    assert len(wire.requests()) == 1


async def test_a_failed_request_counts_too(wire: WireServer, build: Build) -> None:
    """A request the server refused has reached it, so it takes a place; a cancelled one gives its place back."""
    wire.script([Step(fault=Fault.SERVER_ERROR), Step(fault=Fault.HANG)], deployment="openai")
    gateway = build(
        {
            "provider": "openai",
            "openai": section(wire, "openai", rpm=2, max_retries=0),
            "anthropic": section(wire, "anthropic"),
            "fallbacks": ["anthropic"],
        }
    )
    await gateway.complete(request(), group="openai", fall_over=True)
    task = asyncio.create_task(gateway.complete(request(), group="openai", fall_over=True))
    while len(wire.requests(deployment="openai")) < 2:  # noqa: ASYNC110 - the server is another process
        await asyncio.sleep(0.02)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    await gateway.complete(request(), group="openai", fall_over=True)

    assert len(wire.requests(deployment="openai")) == 2
    assert wire.requests()[-1].deployment == "anthropic"


@pytest.mark.parametrize("way", ["complete", "stream"])
async def test_tokens_are_counted_for_each_gateway(wire: WireServer, build: Build, way: str) -> None:
    """`tpm` holds in each of two gateways of a process, by what each has used itself."""
    wire.settings(text="word " * 400)
    configuration = {
        "provider": "openai",
        "openai": section(wire, "openai", tpm=450),
        "anthropic": section(wire, "anthropic"),
        "fallbacks": ["anthropic"],
    }
    gateways = [build(configuration), build(configuration)]

    answered: list[list[str]] = [[], []]
    for _ in range(3):
        for said, gateway in zip(answered, gateways, strict=True):
            if way == "complete":
                said.append((await gateway.complete(request(), group="openai", fall_over=True)).provider)
            else:
                deltas = [delta async for delta in gateway.stream(request(), group="openai", fall_over=True)]
                assert deltas[-1].response is not None
                said.append(deltas[-1].response.provider)
            await asyncio.sleep(0.1)  # tokens are counted after the answer

    assert answered == [["openai", "anthropic", "anthropic"]] * 2
