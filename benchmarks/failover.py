"""Milliseconds between a 500 at the first provider and the request to the second, as the server sees both.

``python -m benchmarks.failover`` asks ``CALLS`` times on each wire, one call after the other, and prints the median and
the worst. The server is the tests' own, in a process of its own; the figure has in it what it needs for its answer.
"""

from __future__ import annotations

import asyncio
import statistics
import warnings

from tests.wire.client import Fault, Step, WireServer

with warnings.catch_warnings():
    # LiteLLM's import warns of its dependencies' deprecations; nothing of ours is below.
    warnings.simplefilter("ignore")
    from tests.routing.conftest import WIRES, made, request, section

OTHER = {"openai": "anthropic", "anthropic": "ollama", "ollama": "openai"}
CALLS = 50


async def gaps(wire: WireServer, name: str) -> list[float]:
    """Return the milliseconds of each call; the first ones, in which LiteLLM loads its parts, are not among them."""
    other = OTHER[name]
    configuration = {
        "provider": name,
        name: section(wire, name),
        other: section(wire, other),
        "fallbacks": [other],
        "router_settings": {"disable_cooldowns": True},
    }
    wire.reset()
    wire.script([Step(fault=Fault.SERVER_ERROR, times=0)], deployment=name)
    gateway = made(configuration)
    for _ in range(2 + CALLS):
        response = await gateway.complete(request(timeout=60), group=name, fall_over=True)
        if response.provider != other:
            raise ValueError(f"{name} was to fail")
    await gateway.aclose()
    seen = wire.requests()
    return [(second.time - first.time) * 1000 for first, second in zip(seen[::2], seen[1::2], strict=True)][2:]


def main() -> None:
    """Measure and print."""
    with WireServer() as wire:
        for name in WIRES:
            found = asyncio.run(gaps(wire, name))
            figures = f"median {statistics.median(found):.1f} ms, worst {max(found):.1f} ms of {CALLS}"
            print(f"{name} -> {OTHER[name]}: {figures}")


if __name__ == "__main__":
    main()
