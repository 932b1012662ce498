"""A process with a factory of its own, for tests of what several add up to.

``python -m tests.health.publisher CONFIG`` reads lines from standard input and answers each with one: a number makes
so many calls, ``check`` gives the shared report, ``fork`` calls once in a forked child too, ``close`` closes the factory
and ends. A process that is killed closes nothing.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys

from gmn_llm import create_llm_factory
from gmn_llm.factory import LLMProviderFactory


async def call(factory: LLMProviderFactory, times: int) -> None:
    """Makes plain calls, all at once."""
    question = [{"role": "user", "content": "what nobody is to see"}]
    await asyncio.gather(*(factory.generate(question) for _ in range(times)), return_exceptions=True)


def forked(factory: LLMProviderFactory) -> None:
    """Calls twice in a child, which closes its own copy of the factory."""
    child = os.fork()
    if child == 0:

        async def alone() -> None:
            await call(factory, 2)
            await factory.aclose()

        asyncio.run(alone())
        os._exit(0)
    os.waitpid(child, 0)


def say(line: str) -> None:
    """Writes a line."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    """Answers lines until it is to close; each has an event loop of its own, for a fork must not find one running."""
    factory = create_llm_factory(json.loads(sys.argv[1]))
    say("ready")
    for line in sys.stdin:
        word = line.strip()
        if word == "check":
            say(json.dumps(asyncio.run(factory.health_check(scope="shared"))))
            continue
        if word == "close":
            asyncio.run(factory.aclose())
        elif word == "fork":
            forked(factory)
        else:
            asyncio.run(call(factory, int(word)))
        say("done")


if __name__ == "__main__":
    main()
