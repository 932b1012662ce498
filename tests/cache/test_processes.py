"""``PromptCache.fetch`` over several processes on one folder."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from gmn_llm.cache import DiskStore, Fetched, PromptCache
from tests.cache.processes import Worker, fetch_together


async def make() -> str:
    """Makes a text."""
    return "{}"


def test_three_processes_make_each_key_once(folder: Path, tmp_path: Path) -> None:
    """Processes that ask for the same keys at once make each of them once, and all have the right text."""
    right, made = fetch_together(folder, tmp_path / "log", processes=3, keys=5, tasks=4, seconds=0.3)
    assert sorted(made) == sorted(f"key-{number}" for number in range(5))
    assert right == 3 * 5 * 4


@pytest.mark.slow
def test_eight_processes_make_each_key_once(folder: Path, tmp_path: Path) -> None:
    """Eight processes with 25 tasks for each of 50 keys make 50 texts."""
    right, made = fetch_together(folder, tmp_path / "log", processes=8, keys=50, tasks=25, seconds=0.2)
    assert sorted(made) == sorted(f"key-{number}" for number in range(50))
    assert right == 8 * 50 * 25


async def test_a_killed_holder_is_replaced(store: DiskStore, folder: Path) -> None:
    """When the process that makes a text is killed, another one that waits makes it."""
    cache = PromptCache(store, ttl=None)
    with Worker("hang", folder, "key") as holder:
        assert await asyncio.to_thread(holder.hear) == "making"
        waiting = asyncio.create_task(cache.fetch("key", make))
        await asyncio.sleep(0.3)
        assert not waiting.done()
        holder.kill()
        async with asyncio.timeout(30):
            assert await waiting == Fetched("{}", hit=False, shared=False)


async def test_cancelling_a_wait_for_another_process_frees_the_key(store: DiskStore, folder: Path) -> None:
    """A caller that was cancelled while another process held the key leaves nothing locked."""
    cache = PromptCache(store, ttl=None)
    with Worker("hang", folder, "key") as holder:
        assert await asyncio.to_thread(holder.hear) == "making"
        for pause in (0.0, 0.001, 0.01, 0.1):
            waiting = asyncio.create_task(cache.fetch("key", make))
            await asyncio.sleep(pause)
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
        holder.kill()
    async with asyncio.timeout(30):
        assert (await cache.fetch("key", make)).text == "{}"
    assert list((folder / "locks").iterdir()) == []


async def test_a_text_made_by_another_process_is_a_hit(store: DiskStore, folder: Path, tmp_path: Path) -> None:
    """Who waited for another process reads its text from the store, and does not call make."""
    cache = PromptCache(store, ttl=None)
    with Worker("busy", folder, tmp_path / "log", "key-1", 0.5) as holder:
        assert await asyncio.to_thread(holder.hear) == "making"
        fetched = await cache.fetch("key-1", make)
    assert (fetched.hit, fetched.shared) == (True, True)
    assert fetched.text is not None
    assert "key-1" in fetched.text


def test_locks_of_the_dead_are_swept_up(store: DiskStore, folder: Path) -> None:
    """Lock files of killed processes go when the folder is next opened; that of a living one stays."""
    with Worker("hang", folder, "dead") as dead, Worker("hang", folder, "alive") as alive:
        assert (dead.hear(), alive.hear()) == ("making", "making")
        dead.kill()
        assert len(list((folder / "locks").iterdir())) == 2
        store.get("any")
        assert len(list((folder / "locks").iterdir())) == 1
        assert store.acquire("alive") is None
