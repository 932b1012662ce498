"""A store on a new folder, and a Redis server of one's own."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gmn_llm.cache import DiskStore


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a store may be made; it is not there yet."""
    return tmp_path / "cache"


@pytest.fixture
def store(folder: Path) -> Iterator[DiskStore]:
    """A disk store in ``folder``."""
    opened = DiskStore(folder, size_limit=2**30, retry_after=0)
    yield opened
    opened.close()


class RedisServer:
    """A ``redis-server`` on a free port of the loopback, which keeps nothing on the disk."""

    def __init__(self, program: str, folder: Path, *options: str) -> None:
        self._program = program
        self._folder = folder
        self._options = options
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.start()

    def start(self) -> None:
        """Starts it, and waits until it answers."""
        self._process = subprocess.Popen(
            [
                self._program, "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir",
                str(self._folder), *self._options,
            ],
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
        for _ in range(500):
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
            except ConnectionRefusedError:
                time.sleep(0.02)
            else:
                return
        raise RuntimeError("redis-server does not answer")

    def stop(self) -> None:
        """Ends it; a second call does nothing."""
        self._process.terminate()
        self._process.wait()


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[RedisServer]:
    """A running server without data."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("redis-server is not installed (Debian and Ubuntu: apt-get install redis-server)")
    server = RedisServer(program, tmp_path)
    yield server
    server.stop()
