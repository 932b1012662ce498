"""``PromptCache.fetch`` within one process: however many ask for a key at once, one makes its text."""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from gmn_llm.cache import DiskStore, Fetched, NullStore, PromptCache, Unkept, WaitedError
from gmn_llm.cache.store import WouldBlockError

MANY = 25


class RefusedError(Exception):
    """What a make fails with."""


@dataclass
class Maker:
    """A make that counts, and can be told to wait, to fail or to return nothing.

    Attributes:
        fails: How many calls fail, from the first.
        text: What the others return.
        gate: Each call waits until this is set.
    """

    fails: int = 0
    text: str | None = "{}"
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    calls: int = 0
    at_once: int = 0
    most_at_once: int = 0

    async def __call__(self) -> str | None:
        self.calls += 1
        number = self.calls
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await self.gate.wait()
            await asyncio.sleep(0)
        finally:
            self.at_once -= 1
        if number <= self.fails:
            raise RefusedError
        return self.text


@pytest.fixture
def cache(store: DiskStore) -> PromptCache:
    """The cache on a disk store."""
    return PromptCache(store, ttl=600)


async def until(maker: Maker, calls: int) -> None:
    """Waits until ``maker`` was called so often."""
    while maker.calls < calls:  # noqa: ASYNC110 - a maker may be called on several loops
        await asyncio.sleep(0.01)


async def test_one_makes_and_all_have_it(cache: PromptCache) -> None:
    """Of many tasks that ask at once, one calls its make and the others share the text."""
    maker = Maker()
    tasks = [asyncio.create_task(cache.fetch("key", maker)) for _ in range(MANY)]
    await until(maker, 1)
    maker.gate.set()
    fetched = await asyncio.gather(*tasks)
    assert maker.calls == 1
    assert sorted(fetched, key=lambda each: each.shared) == [
        Fetched("{}", hit=False, shared=False),
        *[Fetched("{}", hit=False, shared=True)] * (MANY - 1),
    ]
    assert await cache.fetch("key", maker) == Fetched("{}", hit=True, shared=False)
    assert await cache.get("key") == "{}"


async def test_keys_do_not_wait_for_each_other(cache: PromptCache) -> None:
    """Makes of different keys run beside each other, and one may fetch another key."""
    makers = [Maker() for _ in range(MANY)]
    tasks = [asyncio.create_task(cache.fetch(str(number), maker)) for number, maker in enumerate(makers)]
    for maker in makers:
        await until(maker, 1)

    async def nested() -> str | None:
        return (await cache.fetch("inner", Maker(text="[]", gate=makers[0].gate))).text

    for maker in makers:
        maker.gate.set()
    await asyncio.gather(*tasks)
    assert (await cache.fetch("outer", nested)).text == "[]"


async def test_without_a_store_callers_still_share(tmp_path: Path) -> None:
    """One make serves all that wait for it even where nothing can be stored."""
    cache = PromptCache(NullStore(), ttl=None)
    maker = Maker()
    tasks = [asyncio.create_task(cache.fetch("key", maker)) for _ in range(MANY)]
    await until(maker, 1)
    maker.gate.set()
    assert {(await task).text for task in tasks} == {"{}"}
    assert maker.calls == 1


async def test_each_failure_is_its_callers_own(cache: PromptCache) -> None:
    """When a make fails its caller has the error, and all that waited try at once, none after another."""
    maker = Maker(fails=3)
    tasks = [asyncio.create_task(cache.fetch("key", maker)) for _ in range(MANY)]
    await until(maker, 1)
    assert maker.most_at_once == 1
    await asyncio.sleep(0.2)  # until all have joined
    maker.gate.set()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert sum(isinstance(each, RefusedError) for each in results) == 3
    assert sum(isinstance(each, Fetched) and each.text == "{}" for each in results) == MANY - 3
    assert (maker.calls, maker.most_at_once) == (MANY, MANY - 1)


async def test_what_is_not_kept_is_still_handed_on(cache: PromptCache) -> None:
    """A text that is not to be stored is one make for all that wait, and the next caller makes its own."""
    calls = []

    async def make() -> Unkept:
        calls.append(1)
        await asyncio.sleep(0.1)
        return Unkept("{}")

    fetched = await asyncio.gather(*(cache.fetch("key", make) for _ in range(MANY)))
    assert {each.text for each in fetched} == {"{}"}
    assert len(calls) == 1
    assert await cache.get("key") is None
    assert not (await cache.fetch("key", make)).shared
    assert len(calls) == 2


async def test_who_waits_too_long_is_told_so_and_harms_nobody(cache: PromptCache) -> None:
    """A waiter gives up at its own time, with an error that says what it waited for; the make goes on."""
    maker = Maker()
    leader = asyncio.create_task(cache.fetch("key", maker))
    await until(maker, 1)
    with pytest.raises(WaitedError):
        await cache.fetch("key", maker, until=time.monotonic() + 0.1)
    maker.gate.set()
    assert (await leader).text == "{}"
    assert maker.calls == 1


async def test_who_waits_for_another_process_too_long_is_told_so(folder: Path) -> None:
    """So does a caller whose key somebody makes elsewhere."""
    here, there = (PromptCache(DiskStore(folder, size_limit=2**30), ttl=None) for _ in range(2))
    maker = Maker()
    leader = asyncio.create_task(there.fetch("key", maker))
    await until(maker, 1)
    with pytest.raises(WaitedError):
        await here.fetch("key", maker, until=time.monotonic() + 0.1)
    maker.gate.set()
    assert (await leader).text == "{}"
    for cache in (here, there):
        await cache.aclose()


class Hanging(NullStore):
    """A store each of whose answers comes only when it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.free = threading.Event()
        self.asked = 0

    def get_now(self, key: str) -> str | None:  # noqa: ARG002 - the protocol's arguments
        """Refuses."""
        raise WouldBlockError

    def get(self, key: str, *, count: bool = True) -> str | None:  # noqa: ARG002
        """Hangs."""
        self.asked += 1
        self.free.wait()
        return None


async def test_a_store_that_hangs_is_left_alone(caplog: pytest.LogCaptureFixture) -> None:
    """After a while the call goes on without it, later ones at once, and one warning says so."""
    store = Hanging()
    cache = PromptCache(store, ttl=None, patience=0.1)
    maker = Maker()
    maker.gate.set()
    fetched = [await cache.fetch(f"key{number}", maker) for number in range(3)]
    store.free.set()
    assert fetched == [Fetched("{}", hit=False, shared=False)] * 3
    assert store.asked == 1
    assert [record.name for record in caplog.records] == ["gmn_llm.cache"]


async def test_all_may_fail(cache: PromptCache) -> None:
    """When every make fails every caller has an error of its own, and the key is free afterwards."""
    maker = Maker(fails=MANY)
    maker.gate.set()
    results = await asyncio.gather(*(cache.fetch("key", maker) for _ in range(MANY)), return_exceptions=True)
    assert all(isinstance(each, RefusedError) for each in results)
    assert await cache.fetch("key", maker) == Fetched("{}", hit=False, shared=False)


async def test_nothing_made_is_nothing_stored(cache: PromptCache) -> None:
    """A make that returns None stores nothing, and each of those that waited calls its own, side by side."""
    maker = Maker(text=None)
    tasks = [asyncio.create_task(cache.fetch("key", maker)) for _ in range(MANY)]
    await until(maker, 1)
    maker.gate.set()
    assert await asyncio.gather(*tasks) == [Fetched(None, hit=False, shared=False)] * MANY
    assert maker.calls == MANY
    assert await cache.get("key") is None


async def test_a_cancelled_leader_is_replaced(cache: PromptCache) -> None:
    """When the caller that makes the text is cancelled, one of those that wait makes it."""
    maker = Maker()
    leader = asyncio.create_task(cache.fetch("key", maker))
    await until(maker, 1)
    waiting = [asyncio.create_task(cache.fetch("key", maker)) for _ in range(MANY)]
    await asyncio.sleep(0.05)
    leader.cancel()
    await until(maker, 2)
    maker.gate.set()
    assert {(await task).text for task in waiting} == {"{}"}
    assert leader.cancelled()
    assert maker.calls == 2


async def test_cancelling_one_that_waits_harms_nobody(cache: PromptCache) -> None:
    """The make goes on, and the others have its text."""
    maker = Maker()
    tasks = [asyncio.create_task(cache.fetch("key", maker))]
    await until(maker, 1)
    tasks += [asyncio.create_task(cache.fetch("key", maker)) for _ in range(MANY)]
    await asyncio.sleep(0.05)
    for task in tasks[1::2]:
        task.cancel()
    maker.gate.set()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [each.text for each in results if isinstance(each, Fetched)] == ["{}"] * len(tasks[::2])
    assert maker.calls == 1


async def test_cancelling_all_frees_the_key(cache: PromptCache) -> None:
    """After leader and waiters were cancelled together the next caller makes the text."""
    maker = Maker()
    tasks = [asyncio.create_task(cache.fetch("key", maker)) for _ in range(MANY)]
    await until(maker, 1)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    maker.gate.set()
    assert await cache.fetch("key", maker) == Fetched("{}", hit=False, shared=False)


@pytest.mark.parametrize("rounds", [40])
async def test_cancelling_at_any_moment_leaves_the_key_free(cache: PromptCache, rounds: int) -> None:
    """Wherever the leader is when it is cancelled, those that wait get the text."""
    for steps in range(rounds):
        key, maker = f"key{steps}", Maker()
        maker.gate.set()
        leader = asyncio.create_task(cache.fetch(key, maker))
        waiting = asyncio.create_task(cache.fetch(key, maker))
        for _ in range(steps):
            await asyncio.sleep(0)
        leader.cancel()
        async with asyncio.timeout(30):
            assert (await waiting).text == "{}"
        await asyncio.gather(leader, return_exceptions=True)


async def test_refresh_makes_anew_and_stores(cache: PromptCache) -> None:
    """A refresh does not read; those that refresh at once share one make, and later reads find its text."""
    await cache.set("key", '"old"')
    maker = Maker(text='"new"')
    tasks = [asyncio.create_task(cache.fetch("key", maker, refresh=True)) for _ in range(MANY)]
    await until(maker, 1)
    assert (await cache.fetch("key", maker)).text == '"old"'
    maker.gate.set()
    assert {(await task).text for task in tasks} == {'"new"'}
    assert maker.calls == 1
    assert await cache.get("key") == '"new"'


def test_threads_with_loops_of_their_own_share(cache: PromptCache) -> None:
    """Callers on several event loops in several threads have one make between them."""
    threads, made = 8, []
    start = threading.Barrier(threads)

    async def make() -> str:
        made.append(threading.get_ident())
        await asyncio.sleep(0.2)
        return "{}"

    async def ask() -> list[Fetched]:
        start.wait()
        return await asyncio.gather(*(cache.fetch("key", make) for _ in range(MANY)))

    with ThreadPoolExecutor(threads) as pool:
        results = [pool.submit(asyncio.run, ask()) for _ in range(threads)]
        assert {each.text for result in results for each in result.result()} == {"{}"}
    assert len(made) == 1


def test_a_loop_that_ends_is_replaced(cache: PromptCache) -> None:
    """A leader whose event loop was stopped and never resumed does not keep the others waiting."""
    stopped = asyncio.new_event_loop()
    begun = threading.Event()

    async def never() -> str:
        begun.set()
        stopped.stop()
        await asyncio.Event().wait()
        return "lost"

    task = stopped.create_task(cache.fetch("key", never))
    stopped.run_forever()
    assert begun.is_set()

    async def make() -> str:
        return "{}"

    async def ask() -> Fetched:
        async with asyncio.timeout(30):
            return await cache.fetch("key", make)

    assert asyncio.run(ask()) == Fetched("{}", hit=False, shared=False)
    task.cancel()
    stopped.run_until_complete(asyncio.gather(task, return_exceptions=True))
    stopped.run_until_complete(stopped.shutdown_default_executor())
    stopped.close()


async def test_two_caches_on_one_folder_share(folder: Path) -> None:
    """Two caches of one process that know nothing of each other have one make between them."""
    caches = [PromptCache(DiskStore(folder, size_limit=2**30), ttl=None) for _ in range(2)]
    maker = Maker()
    tasks = [asyncio.create_task(cache.fetch("key", maker)) for cache in caches for _ in range(5)]
    await until(maker, 1)
    maker.gate.set()
    assert {(await task).text for task in tasks} == {"{}"}
    assert maker.calls == 1
    for cache in caches:
        await cache.aclose()
    assert await caches[0].get("key") is None


async def test_a_shared_failure_is_one_make(folder: Path) -> None:
    """Where it is configured so, those that wait get the failure of the one that makes; it is not stored."""
    cache = PromptCache(DiskStore(folder, size_limit=2**30), ttl=None, share_failures=True)
    maker = Maker(fails=1)
    tasks = [asyncio.create_task(cache.fetch("key", maker)) for _ in range(MANY)]
    await until(maker, 1)
    await asyncio.sleep(0.2)  # until all have joined
    maker.gate.set()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(each, RefusedError) for each in results)
    assert maker.calls == 1
    assert await cache.fetch("key", maker) == Fetched("{}", hit=False, shared=False)
    await cache.aclose()


async def test_a_text_that_cannot_be_used_is_made_anew(cache: PromptCache) -> None:
    """A text that its reader refuses is as good as none: one make for all, and it is replaced."""
    await cache.set("key", '"old"')
    maker = Maker(text='"new"')
    asked = [asyncio.create_task(cache.fetch("key", maker, usable=lambda text: "old" not in text)) for _ in range(MANY)]
    await until(maker, 1)
    maker.gate.set()
    assert {(await task).text for task in asked} == {'"new"'}
    assert maker.calls == 1
    assert await cache.get("key") == '"new"'
