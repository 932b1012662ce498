"""Thousands of calls at once."""

from __future__ import annotations

import asyncio
import time
from collections import Counter

import pytest

from tests.routing.conftest import Build, request, section
from tests.wire.client import Rule, WireServer
from tests.wire.faults import Match

CALLS = 2000
RPM = 60
SLOW = 0.5
SAMPLE = 200
ATTEMPTS = 2
"""Most calls need one attempt, none of them more than three."""
BUSY = 2
"""How much slower the machine may become while the calls run."""


def model_list(wire: WireServer, *, groups: bool) -> list[dict[str, object]]:
    """Three deployments, of one group or each a group of its own."""
    limits: dict[str, dict[str, object]] = {"flaky": {}, "limited": {"rpm": RPM}, "slow": {}}
    return [
        {
            "model_name": name if groups else "pool",
            "litellm_params": {
                "model": "openai/gpt-4o",
                "api_base": f"{wire.at(name)}/v1",
                "api_key": wire.openai_key,
                **limit,
            },
        }
        for name, limit in limits.items()
    ]


async def seconds_for_all(wire: WireServer, build: Build) -> float:
    """The time that so many calls need on this machine as it is now, from that of a few at once that nothing befalls.

    A call's deadline is made of this: all are begun at once, so the last one is answered when all the work is done.
    """
    gateway = build({"provider": "openai", "openai": section(wire, "openai")})
    await gateway.complete(request(timeout=60), group="openai", fall_over=True)
    begun = time.monotonic()
    await asyncio.gather(
        *(gateway.complete(request(timeout=60), group="openai", fall_over=True) for _ in range(SAMPLE))
    )
    taken = time.monotonic() - begun
    await gateway.aclose()
    wire.reset()
    return taken / SAMPLE * CALLS * ATTEMPTS * BUSY + SLOW


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("groups", [False, True], ids=["one-group", "chain"])
async def test_no_call_is_lost(wire: WireServer, build: Build, *, groups: bool) -> None:
    """Of 2,000 calls at once each gets its one answer in time, and the limited deployment no more than its rpm."""
    seconds = await seconds_for_all(wire, build)
    wire.rule(Rule(match=Match(deployment="flaky"), failure_rate=0.3, seed=1))
    wire.rule(Rule(match=Match(deployment="slow"), delay=SLOW))
    gateway = build(
        {
            "provider": "flaky" if groups else "pool",
            "model_list": model_list(wire, groups=groups),
            "fallbacks": ["limited", "slow"] if groups else [],
        }
    )
    first = "flaky" if groups else "pool"

    asked = (
        gateway.complete(request(f"call {number}", timeout=seconds), group=first, fall_over=True)
        for number in range(CALLS)
    )
    responses = await asyncio.gather(*asked)

    seen = wire.requests()
    answered = Counter(str(one.json["messages"]) for one in seen if one.status == 200)
    assert len(responses) == CALLS
    assert {response.content for response in responses} == {wire.default_text}
    assert len(answered) == CALLS
    assert set(answered.values()) == {1}
    assert max(response.latency for response in responses) <= seconds
    assert any(one.status == 500 for one in seen)
    assert 0 < wire.most_within(60, deployment="limited", answered=False) <= RPM
