"""A process that uses a store, for the tests that need several: ``python -m tests.cache.worker JOB STORE ...``.

``STORE`` is a folder or the address of a Redis server. The jobs:

``fetch STORE LOG KEYS TASKS SECONDS``  says ``ready``, waits for a line, then fetches each of ``KEYS`` keys with
    ``TASKS`` tasks at once; each make takes ``SECONDS`` and adds a line to the file ``LOG``. Prints how many tasks
    got the text that belongs to their key.
``hang STORE KEY``  says ``making`` from inside a make that never ends.
``busy STORE LOG KEY SECONDS``  the same, but the make blocks its event loop for ``SECONDS`` and then returns.
``fork STORE``  forks inside a make; the child reads, writes and fetches the same key; prints its exit code.
``cramped STORE``  fetches three long texts while no file may grow beyond 64 KiB; says how many it got and how often
    the cache warned.
``write STORE``  says ``ready`` and writes entries, short and long, until it is killed.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import os
import signal
import sys
import time
from pathlib import Path

from gmn_llm.cache import PromptCache, Store, open_store

SIZE_LIMIT = 2**30


def text_of(key: str) -> str:
    """The one text that belongs to ``key``; long for every third key."""
    number = int(key.rpartition("-")[2])
    return f'{{"key": "{key}", "filling": "{key * (20_000 if number % 3 == 0 else 20)}"}}'


def note(log: str, line: str) -> None:
    """Adds a line to a file that several processes write."""
    descriptor = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(descriptor, f"{line}\n".encode())
    os.close(descriptor)


def opened(store: str) -> Store:
    """The store that an argument names."""
    if store.startswith("redis://"):
        return open_store(folder=None, size_limit=SIZE_LIMIT, redis_url=store)
    return open_store(folder=Path(store), size_limit=SIZE_LIMIT, redis_url=None)


def say(word: str) -> None:
    """Tells the test where this process is."""
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


async def fetch(store: str, log: str, keys: int, tasks: int, seconds: float) -> None:
    """See the module."""
    cache = PromptCache(opened(store), ttl=600)

    async def one(key: str) -> bool:
        async def make() -> str:
            note(log, key)
            await asyncio.sleep(seconds)
            return text_of(key)

        return (await cache.fetch(key, make)).text == text_of(key)

    say("ready")
    sys.stdin.readline()
    names = [f"key-{number}" for number in range(keys)]
    right = await asyncio.gather(*(one(name) for name in names for _ in range(tasks)))
    say(str(sum(right)))
    await cache.aclose()


async def hang(store: str, key: str) -> None:
    """See the module."""

    async def make() -> str:
        say("making")
        await asyncio.Event().wait()
        return ""

    await PromptCache(opened(store), ttl=600).fetch(key, make)


async def busy(store: str, log: str, key: str, seconds: float) -> None:
    """See the module."""
    cache = PromptCache(opened(store), ttl=600)

    async def make() -> str:
        say("making")
        note(log, key)
        time.sleep(seconds)  # noqa: ASYNC251 - the point of it
        return text_of(key)

    await cache.fetch(key, make)
    await cache.aclose()


async def fork(store: str) -> None:
    """See the module."""
    target = opened(store)
    cache = PromptCache(target, ttl=600)
    await cache.set("parent", "{}")

    children = []

    async def never() -> str:
        return "made twice"

    async def make() -> str:
        child = os.fork()
        if child == 0:
            target.set("child", "[]", ttl=None)
            whole = target.get_now("parent") == target.get("parent") == "{}"
            text = asyncio.run(cache.fetch("key-1", never)).text  # waits for the parent
            os._exit(0 if whole and text == text_of("key-1") else 1)
        children.append(child)
        return text_of("key-1")

    await cache.fetch("key-1", make)
    _, status = await asyncio.to_thread(os.waitpid, children[0], 0)
    say(str(os.waitstatus_to_exitcode(status)))
    await cache.aclose()


def write(store: str) -> None:
    """See the module."""
    target = opened(store)
    say("ready")
    for number in itertools.count():
        key = f"{os.getpid()}-{number % 30}"
        target.set(key, text_of(key), ttl=None)


async def cramped(store: str) -> None:
    """See the module."""
    import resource

    heard: list[logging.LogRecord] = []
    listener = logging.Handler()
    listener.emit = heard.append  # type: ignore[method-assign]  # the shortest listener there is
    logging.getLogger("gmn_llm.cache").addHandler(listener)
    target = opened(store)
    target.set("first", "{}", ttl=None)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 * 1024, 64 * 1024))
    cache = PromptCache(target, ttl=600)

    async def make() -> str:
        return "x" * 300_000

    texts = [(await cache.fetch(f"key-{number}", make)).text for number in range(3)]
    await cache.aclose()
    say(f"made {sum(text == 'x' * 300_000 for text in texts)}, warned {len(heard)}")


def main(job: str, store: str, *rest: str) -> None:
    """Does the job."""
    if job == "write":
        write(store)
    elif job == "fork":
        asyncio.run(fork(store))
    elif job == "cramped":
        asyncio.run(cramped(store))
    elif job == "hang":
        asyncio.run(hang(store, rest[0]))
    elif job == "busy":
        asyncio.run(busy(store, rest[0], rest[1], float(rest[2])))
    else:
        asyncio.run(fetch(store, rest[0], int(rest[1]), int(rest[2]), float(rest[3])))


if __name__ == "__main__":
    main(*sys.argv[1:])
