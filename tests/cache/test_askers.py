"""Processes that ask one counting server for the same documents, with one store between them."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

import pytest

from tests.cache.conftest import RedisServer
from tests.cache.processes import Worker
from tests.wire.client import Step, WireServer

CHAT = "/v1/chat/completions"


class Askers:
    """Some askers that are ready, and the requests that came for their prompts."""

    def __init__(self, wire: WireServer, store: object, *, processes: int, prompts: int, tasks: int) -> None:
        self._wire = wire
        self.workers = [
            Worker(store, wire.openai_base, wire.openai_key, prompts, tasks, module="tests.cache.asker")
            for _ in range(processes)
        ]
        assert [worker.hear() for worker in self.workers] == ["ready"] * processes
        self._before = self.calls(0)

    def calls(self, before: int | None = None) -> int:
        """How many model calls there were since all were ready."""
        return len(self._wire.requests(path=CHAT)) - (self._before if before is None else before)

    def go(self) -> None:
        """Lets all ask at once."""
        for worker in self.workers:
            worker.go()

    def kill(self, worker: Worker) -> None:
        """Kills one."""
        worker.__exit__(None, None, None)
        self.workers.remove(worker)

    def heard(self) -> list[int]:
        """How many documents each that still lives has got, once all have ended well."""
        counts = [int(worker.hear()) for worker in self.workers]
        assert [worker.wait() for worker in self.workers] == [0] * len(self.workers)
        return counts

    def stop(self) -> None:
        """Ends whatever runs."""
        for worker in self.workers:
            worker.__exit__(None, None, None)


def _numbers(locks: Path) -> set[str]:
    """The numbers of the lock files there are: the folder may not be there yet, and a file comes and goes."""
    found: set[str] = set()
    for path in locks.iterdir() if locks.exists() else ():
        with contextlib.suppress(FileNotFoundError):
            found.add(str(path.stat().st_ino))
    return found


def asking(workers: list[Worker], folder: Path) -> Worker | None:
    """The worker that holds a key's lock now, by the kernel's own list."""
    files = _numbers(folder / "locks")
    for line in Path("/proc/locks").read_text().splitlines():
        words = line.split()  # 1: FLOCK ADVISORY WRITE pid major:minor:inode start end
        if words[1] == "FLOCK" and words[5].split(":")[2] in files:
            holder = next((worker for worker in workers if str(worker.pid) == words[4]), None)
            if holder is not None:
                return holder
    return None


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_each_prompt_is_one_call(wire: WireServer, folder: Path) -> None:
    """Eight processes with 25 tasks that ask for 50 documents make 50 calls, and all have every document."""
    askers = Askers(wire, folder, processes=8, prompts=50, tasks=25)
    try:
        wire.script([Step(delay=0.2, times=0)])
        askers.go()
        assert askers.heard() == [25 * 50] * 8
        assert askers.calls() == 50
    finally:
        askers.stop()


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.skipif(not Path("/proc/locks").exists(), reason="needs Linux's list of locks")
def test_a_killed_asker_costs_one_call(wire: WireServer, folder: Path) -> None:
    """When the process that asks is killed in the middle, five times, nobody hangs and at most 5 calls more are made."""
    askers = Askers(wire, folder, processes=8, prompts=50, tasks=25)
    try:
        wire.script([Step(delay=0.3, times=0)])
        askers.go()
        killed = 0
        while killed < 5:
            time.sleep(0.4)
            while (holder := asking(askers.workers, folder)) is None:
                time.sleep(0.01)
            askers.kill(holder)
            killed += 1
        assert askers.heard() == [25 * 50] * 3
        assert 50 <= askers.calls() <= 55
    finally:
        askers.stop()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_each_prompt_is_one_call_across_machines(wire: WireServer, redis_server: RedisServer) -> None:
    """Over Redis, processes that share no folder make one call for each prompt, and one more for each that is killed."""
    askers = Askers(wire, redis_server.url, processes=4, prompts=12, tasks=10)
    try:
        wire.script([Step(delay=0.3, times=0)])
        askers.go()
        time.sleep(0.5)
        askers.kill(askers.workers[0])
        assert askers.heard() == [10 * 12] * 3
        assert 12 <= askers.calls() <= 13
    finally:
        askers.stop()


def test_the_list_of_locks_is_read_right(folder: Path) -> None:
    """A process that holds a key's lock is found, one that holds none is not."""
    if not Path("/proc/locks").exists():
        pytest.skip("needs Linux's list of locks")
    with Worker("hang", folder, "key") as holder, Worker("write", folder.with_name("other")) as other:
        assert holder.hear() == "making"
        assert asking([other, holder], folder) is holder
        assert asking([other], folder) is None
