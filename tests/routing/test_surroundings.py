"""What a program notices of LiteLLM and of connections: nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence

import pytest

from tests.routing.conftest import WIRES, section
from tests.wire.client import ROOT, Fault, Step, WireServer, closed_port

BEGIN = """
import asyncio, json, sys, threading
from gmn_llm import LLMError, create_llm_factory

configuration = json.loads(sys.argv[1])
talk = [{"role": "user", "content": "Say something."}]

def run(main):
    async def quietly():
        # Slow steps are told too, which says something of the machine only.
        asyncio.get_running_loop().slow_callback_duration = 600
        return await main
    return asyncio.run(quietly(), debug=True)
"""

FAILURES = """
async def main():
    async with create_llm_factory(configuration) as factory:
        for ask in (factory.generate, factory.stream, factory.generate_gmn):
            try:
                if ask == factory.stream:
                    async for chunk in ask(talk, timeout=20):
                        pass
                elif ask == factory.generate:
                    await ask(talk, timeout=20)
                else:
                    await ask("a 2x2 grid", timeout=20, use_cache=False)
                raise SystemExit("it answered")
            except LLMError as error:
                print(type(error).__name__)

run(main())
"""

LIFE = """
factory = create_llm_factory(configuration)

async def some():
    answers = await asyncio.gather(*(factory.generate(talk) for _ in range(5)))
    async for chunk in factory.stream(talk):
        break
    task = asyncio.create_task(factory.generate(talk))
    await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    async for chunk in factory.stream(talk):
        pass
    return len(answers)

async def all_and_close():
    count = await some()
    await factory.aclose()
    return count

print(run(some()), run(some()))
threads = [threading.Thread(target=lambda: print(run(some()))) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(run(all_and_close()), run(all_and_close()))
"""


def played(script: str, configuration: object, *options: str) -> subprocess.CompletedProcess[str]:
    """A program that ran to its end in a process of its own."""
    command: Sequence[str] = [sys.executable, *options, "-c", BEGIN + script, json.dumps(configuration)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, timeout=100)


@pytest.mark.parametrize(
    "fault", [Fault.SERVER_ERROR, Fault.UNAUTHORIZED, Fault.RATE_LIMIT, Fault.HTML, Fault.CUT, Fault.UNFINISHED, None]
)
@pytest.mark.parametrize("name", WIRES)
def test_a_failure_prints_nothing(wire: WireServer, name: str, fault: Fault | None) -> None:
    """What fails is an exception and no more: not a word of LiteLLM's on the terminal, in whatever way it failed."""
    options = {"base_url": f"http://127.0.0.1:{closed_port()}"} if fault is None else {}
    if fault is not None:
        wire.script([Step(fault=fault, times=0)], deployment=name)
    configuration = {"provider": name, name: section(wire, name, max_retries=0, **options)}

    done = played(FAILURES, configuration)

    assert done.stderr == ""
    assert len(done.stdout.split()) == 3
    assert done.returncode == 0


def test_failures_in_a_chain_print_nothing(wire: WireServer) -> None:
    """Nor when fallbacks fail, where LiteLLM logs errors by itself."""
    for name in WIRES:
        wire.script([Step(fault=Fault.SERVER_ERROR, times=0)], deployment=name)
    sections = {name: section(wire, name, max_retries=0) for name in WIRES}

    done = played(FAILURES, {"provider": WIRES[0], **sections, "fallbacks": list(WIRES[1:])})

    assert done.stderr == ""
    assert done.stdout.split()[0] == "AllProvidersFailedError"
    assert done.returncode == 0


@pytest.mark.parametrize("name", WIRES)
def test_nothing_is_leaked(wire: WireServer, name: str) -> None:
    """Two runs of one factory, threads, streams left early, cancelled calls and use after closing leave nothing open.

    Every warning is an error, asyncio is in its debug mode, and what is not closed is told by the interpreter.
    """
    done = played(LIFE, {"provider": name, name: section(wire, name)}, "-X", "dev", "-W", "error")

    assert done.stderr == ""
    assert done.stdout.split() == ["5"] * 7
    assert done.returncode == 0
