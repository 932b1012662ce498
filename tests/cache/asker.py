"""A process that asks for documents: ``python -m tests.cache.asker STORE BASE_URL KEY PROMPTS TASKS``.

``STORE`` is a folder or the address of a Redis server, ``BASE_URL`` a server that speaks OpenAI's protocol. It says
``ready``, waits for a line, and then each of ``TASKS`` tasks asks for ``PROMPTS`` documents, one after the other and
all in the same order. It prints how many documents there were.
"""

from __future__ import annotations

import asyncio
import sys

from gmn_llm import create_llm_factory
from tests.cache.worker import say


async def main(store: str, base_url: str, key: str, prompts: int, tasks: int) -> None:
    """See the module."""
    place = {"redis_url": store} if store.startswith("redis://") else {"dir": store}
    config = {
        "provider": "openai",
        "openai": {"model": "gpt-4o", "base_url": base_url, "api_key": key},
        "cache": place,
    }
    async with create_llm_factory(config) as factory:
        await factory.generate([{"role": "user", "content": "warm up"}])  # LiteLLM takes seconds to load
        say("ready")
        sys.stdin.readline()

        async def ask() -> int:
            specs = [await factory.generate_gmn(f"prompt {number}", timeout=60) for number in range(prompts)]
            return sum(bool(spec.nodes) for spec in specs)

        say(str(sum(await asyncio.gather(*(ask() for _ in range(tasks))))))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:4], *map(int, sys.argv[4:])))
