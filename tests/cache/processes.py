"""``Worker``: one process of ``tests.cache.worker``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

__all__ = ["Worker", "fetch_together"]

ROOT = Path(__file__).resolve().parents[2]


class Worker:
    """A worker; at the end of the ``with`` block it is killed if it still runs."""

    def __init__(self, *arguments: object, module: str = "tests.cache.worker") -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *map(str, arguments)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    def hear(self) -> str:
        """The next line it says."""
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def go(self) -> None:
        """Sends the line it waits for."""
        assert self._process.stdin is not None
        self._process.stdin.write("go\n")
        self._process.stdin.flush()

    def kill(self) -> None:
        """Ends it as a power cut would, and waits until it is gone."""
        self._process.kill()
        self._process.wait()

    def wait(self) -> int:
        """Its exit code, once it has ended."""
        return self._process.wait(timeout=60)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()


def fetch_together(
    store: object, log: Path, *, processes: int, keys: int, tasks: int, seconds: float
) -> tuple[int, list[str]]:
    """Lets ``processes`` workers fetch the same keys at once.

    Returns:
        How many tasks got the right text, and the keys that were made, one entry for each make.
    """
    workers = [Worker("fetch", store, log, keys, tasks, seconds) for _ in range(processes)]
    try:
        assert [worker.hear() for worker in workers] == ["ready"] * processes
        for worker in workers:
            worker.go()
        right = sum(int(worker.hear()) for worker in workers)
        assert [worker.wait() for worker in workers] == [0] * processes
    finally:
        for worker in workers:
            worker.__exit__(None, None, None)
    return right, log.read_text().split()
