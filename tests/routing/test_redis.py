"""Gateways in several processes that share a Redis; a real one, on a free port."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis

from tests.routing.conftest import section
from tests.wire.client import ROOT, Fault, Step, WireServer, closed_port

PATIENT = {"socket_timeout": 10.0}
"""LiteLLM gives a Redis a tenth of a second and then goes on without it; a busy machine needs more."""

ASKER = """
import asyncio, json, sys, warnings
warnings.simplefilter("ignore")
from tests.routing.conftest import made, request

async def main():
    asked = json.loads(sys.argv[1])
    neighbour, gateway = made(asked["configuration"]), made(asked["configuration"])
    await neighbour.aclose()
    print("ready", flush=True)
    for line in sys.stdin:
        said = []
        for _ in range(int(line)):
            response = await gateway.complete(request(), group=asked["group"], fall_over=True)
            said.append(response.provider)
        await asyncio.sleep(0.2)
        print(json.dumps(said), flush=True)
    await gateway.aclose()

asyncio.run(main())
"""


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    """A Redis that keeps nothing, as long as the test runs."""
    if shutil.which("redis-server") is None:
        pytest.skip("redis-server is not installed")
    port = closed_port()
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    client = redis.Redis(port=port, socket_connect_timeout=1)
    try:
        for _ in range(100):
            try:
                client.ping()
                break
            except redis.ConnectionError:
                time.sleep(0.05)
        yield f"redis://127.0.0.1:{port}"
    finally:
        client.close()
        process.terminate()
        process.wait(timeout=10)


@pytest.fixture
def begin() -> Iterator[Callable[[dict[str, object]], Asker]]:
    """Begins processes that ask the group ``openai``; all are ended."""
    begun: list[Asker] = []

    def make(configuration: dict[str, object]) -> Asker:
        begun.append(Asker(configuration, "openai"))
        return begun[-1]

    yield make
    for asker in begun:
        asker.stop()


class Asker:
    """A process of its own with one gateway, that asks as often as it is told to."""

    def __init__(self, configuration: dict[str, object], group: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", ASKER, json.dumps({"configuration": configuration, "group": group})],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n"

    def ask(self, count: int) -> list[str]:
        """Who answered each of so many calls, one after the other."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{count}\n")
        self._process.stdin.flush()
        said: list[str] = json.loads(self._process.stdout.readline())
        return said

    def stop(self) -> None:
        """Ends it; it must end well."""
        try:
            self._process.communicate(timeout=30)
        finally:
            self._process.kill()
            self._process.wait()
        assert self._process.returncode == 0


Begin = Callable[[dict[str, object]], Asker]


def test_a_cooldown_is_shared(wire: WireServer, redis_url: str, begin: Begin) -> None:
    """What cools down in one process is left alone by the other, which never saw it fail."""
    wire.script([Step(fault=Fault.SERVER_ERROR, times=0)], deployment="openai")
    configuration: dict[str, object] = {
        "provider": "openai",
        "openai": section(wire, "openai"),
        "anthropic": section(wire, "anthropic"),
        "fallbacks": ["anthropic"],
        "router_settings": {"redis_url": redis_url, "cache_kwargs": PATIENT},
    }
    first, second = begin(configuration), begin(configuration)

    assert first.ask(3) == ["anthropic"] * 3
    before = len(wire.requests(deployment="openai"))
    assert second.ask(3) == ["anthropic"] * 3

    assert before == 2
    assert len(wire.requests(deployment="openai")) == before


def test_a_limit_is_shared(wire: WireServer, redis_url: str, begin: Begin) -> None:
    """Two processes together stay within a deployment's rpm, though each had a second gateway that is closed."""
    configuration: dict[str, object] = {
        "provider": "openai",
        "openai": section(wire, "openai", rpm=6),
        "anthropic": section(wire, "anthropic"),
        "fallbacks": ["anthropic"],
        "router_settings": {"redis_url": redis_url, "cache_kwargs": PATIENT},
    }
    askers = begin(configuration), begin(configuration)

    for _ in range(5):
        for asker in askers:
            asker.ask(1)

    assert wire.by_minute(deployment="openai", answered=False).most_common(1)[0][1] <= 6
    assert len(wire.requests(deployment="anthropic")) > 0 or len(wire.by_minute(deployment="openai")) > 1
