"""Asks a server of one wire that gives each odd answer in turn, and prints what a caller gets of it.

``python -m tests.faults.odd_run WIRE`` prints one JSON object a line: the row, and the endings with one provider and
with a fallback, each ``{"provider"}`` or ``{"error", "attempts": [[class, status, message], ...]}``. An exception that
is none of the package's ends the program.
"""

from __future__ import annotations

import asyncio
import json
import sys

from gmn_llm import LLMError, LLMProviderFactory, create_llm_factory
from tests.faults.odd_answers import ROWS, Odd
from tests.wire.client import Step, WireServer

OTHER = {"openai": "anthropic", "anthropic": "ollama", "ollama": "openai"}
MODELS = {"openai": "gpt-4o", "anthropic": "claude-haiku-4-5", "ollama": "llama3.2"}
TALK = [{"role": "user", "content": "Say something."}]


def section(wire: WireServer, name: str) -> dict[str, object]:
    """The section of a provider that is reached under its own name and is asked once a call."""
    keys = {"openai": wire.openai_key, "anthropic": wire.anthropic_key}
    address = wire.at(name) + ("/v1" if name == "openai" else "")
    key = {"api_key": keys[name]} if name in keys else {}
    return {"model": MODELS[name], "base_url": address, "max_retries": 0, **key}


async def ending(factory: LLMProviderFactory, row: Odd) -> dict[str, object]:
    """What a caller gets."""
    try:
        if not row.stream:
            response = await factory.generate(TALK, timeout=60)
            return {"provider": response.provider, "tokens": response.usage.total_tokens}
        last = [chunk async for chunk in factory.stream(TALK, timeout=60)][-1]
        return {"provider": last.provenance.provider if hasattr(last, "provenance") else "", "text": str(last)}
    except LLMError as error:
        told = [[each.error, each.status, each.message] for each in error.attempts]
        return {"error": type(error).__name__, "attempts": told}


async def main(wire: WireServer, name: str) -> None:
    """Goes through the rows of a wire."""
    other = OTHER[name]
    alone = {"provider": name, name: section(wire, name), "router_settings": {"disable_cooldowns": True}}
    chain = {**alone, other: section(wire, other), "fallbacks": [other]}
    async with create_llm_factory(alone) as single, create_llm_factory(chain) as two:
        for row in ROWS:
            if row.wire != name:
                continue
            wire.reset()
            wire.script([Step(body=row.body, times=0)], deployment=name)
            endings = [await ending(single, row), await ending(two, row)]
            asked = [seen.deployment for seen in wire.requests()]
            print(json.dumps([str(row), *endings, asked]), flush=True)  # noqa: T201  # how the test is told


if __name__ == "__main__":
    with WireServer() as server:
        asyncio.run(main(server, sys.argv[1]))
