"""Which deployments are left alone, and until when, as the gateways of a factory know it."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import pytest

from gmn_llm.config import load_settings
from gmn_llm.gateways import Gateways
from gmn_llm.mock import MockService
from gmn_llm.running import Running, Told
from tests.routing.conftest import Build, request, section
from tests.routing.test_redis import PATIENT, redis_url
from tests.wire.client import ROOT, Fault, Step, WireServer, closed_port

__all__ = ["redis_url"]


def running(configuration: dict[str, object]) -> Running:
    """A configuration in use."""
    return Running(load_settings(configuration, environ={}), told=Told())


def chained(wire: WireServer, **router: object) -> dict[str, object]:
    """OpenAI, and Anthropic after it."""
    return {
        "provider": "openai",
        "openai": section(wire, "openai"),
        "anthropic": section(wire, "anthropic"),
        "fallbacks": ["anthropic"],
        "router_settings": {"cooldown_time": 20, **router},
    }


async def test_nothing_cools_where_nothing_is_open(wire: WireServer) -> None:
    """Before the first call nobody is left alone, and nothing is opened to find out."""
    gateways = Gateways(mock=MockService(), listeners=())

    assert await gateways.cooling(running(chained(wire))) == {}
    assert wire.requests() == []


async def test_a_cooldown_of_litellm_s_is_seen(wire: WireServer) -> None:
    """What LiteLLM leaves alone after failures is told by our id, with its end; the other deployment is not there."""
    wire.script([Step(fault=Fault.UNAUTHORIZED, times=2)], deployment="openai")
    gateways, used = Gateways(mock=MockService(), listeners=()), running(chained(wire))
    lent = gateways.lent(used, await used.chain())
    for _ in range(2):
        await lent.complete(request(timeout=60), group="openai", fall_over=True)

    cooling = await gateways.cooling(used)

    (only,) = (await used.chain()).groups[0].deployments
    assert list(cooling) == [only.id]
    assert cooling[only.id] == pytest.approx(time.time() + 20, abs=5)
    assert await gateways.cooling(running(chained(wire))) == {}
    await gateways.aclose()
    assert await gateways.cooling(used) == {}


async def test_a_cooldown_of_ours_is_seen(wire: WireServer, build: Build) -> None:
    """Nobody at an address of Ollama's is left alone by us, as LiteLLM never does; it is told like any other."""
    gateway = build(
        {
            "provider": "ollama",
            "ollama": {"model": "llama3.2", "base_url": f"http://127.0.0.1:{closed_port()}"},
            "openai": section(wire, "openai"),
            "fallbacks": ["openai"],
        }
    )
    before = await gateway.cooling()
    await gateway.complete(request(timeout=60), group="ollama", fall_over=True)

    cooling = await gateway.cooling()

    assert before == {}
    assert len(cooling) == 1
    assert next(iter(cooling)).startswith("ollama")


SEER = """
import asyncio, json, sys, warnings
warnings.simplefilter("ignore")
from tests.routing.conftest import made, request

async def main():
    asked = json.loads(sys.argv[1])
    gateway = made(asked["configuration"])
    for group in asked["groups"]:
        await gateway.complete(request(timeout=60), group=group, fall_over=True)
    print(json.dumps(await gateway.cooling()), flush=True)
    await gateway.aclose()

asyncio.run(main())
"""


def seen(configuration: dict[str, object], *groups: str) -> dict[str, float]:
    """What a process of its own sees cooling after it has asked these groups; LiteLLM never closes its Redis."""
    asked = json.dumps({"configuration": configuration, "groups": groups})
    command = [sys.executable, "-c", SEER, asked]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=120)
    return dict(json.loads(done.stdout))


def test_a_cooldown_shared_through_redis_is_seen(wire: WireServer, redis_url: str) -> None:
    """What another process's Router leaves alone is told here too, though nothing failed here."""
    configuration = chained(wire, redis_url=redis_url, cache_kwargs=PATIENT, cooldown_time=60)
    wire.script([Step(fault=Fault.UNAUTHORIZED, times=2)], deployment="openai")

    known = seen(configuration, "openai", "openai")
    told = seen(configuration, "anthropic")

    assert len(known) == 1
    assert told == known
    assert len(wire.requests(deployment="openai")) == 2


def test_without_its_redis_a_process_says_what_it_saw_itself(wire: WireServer) -> None:
    """A Redis that is not there takes nothing from what this process knows of its own failures."""
    wire.script([Step(fault=Fault.UNAUTHORIZED, times=2)], deployment="openai")

    known = seen(chained(wire, redis_url=f"redis://127.0.0.1:{closed_port()}"), "openai", "openai")

    assert len(known) == 1
