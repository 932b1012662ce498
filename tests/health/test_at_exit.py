"""What a program has counted and not yet published when it ends without closing its factory."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading

from gmn_llm.health.totals import read
from tests.cache.conftest import RedisServer, redis_server
from tests.health.test_shared import config_of, entries
from tests.routing.conftest import section
from tests.wire.client import ROOT, WireServer

__all__ = ["redis_server"]  # a fixture, used by its name


def ended(config: dict[str, object], lines: str) -> subprocess.CompletedProcess[str]:
    """A process that calls as it is told and then comes to its end."""
    command = [sys.executable, "-m", "tests.health.publisher", json.dumps(config)]
    return subprocess.run(command, cwd=ROOT, input=lines, capture_output=True, text=True, timeout=120, check=False)


def test_a_program_that_ends_has_published_everything(wire: WireServer, redis_server: RedisServer) -> None:
    """Without ``aclose``, and sooner than the pace of publishing would have it, all calls are in the sum."""
    done = ended(config_of(wire, redis_server), "2\n1\n")

    assert done.returncode == 0, done.stderr
    opened, _ = entries(redis_server)
    (text,) = opened.values()
    sheet = read(text)
    assert sheet is not None
    assert {totals.counts["requests"] for totals in sheet.values()} == {3}
    assert len(wire.requests(deployment="openai")) == 3


def test_a_program_ends_though_its_redis_hangs(wire: WireServer) -> None:
    """A server that takes the connection and says nothing is given up; a line on the log is all there is of it."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        held: list[socket.socket] = []

        def take() -> None:
            while True:
                try:
                    held.append(silent.accept()[0])
                except OSError:
                    return

        thread = threading.Thread(target=take, daemon=True)
        thread.start()
        url = f"redis://127.0.0.1:{silent.getsockname()[1]}"
        openai = section(wire, "openai", max_retries=0)
        done = ended({"provider": "openai", "openai": openai, "cache": {"redis_url": url}}, "1\n")
        silent.shutdown(socket.SHUT_RDWR)
    thread.join()
    for connection in held:
        connection.close()

    assert done.returncode == 0
    assert done.stdout.splitlines() == ["ready", "done"]
    assert "Traceback" not in done.stderr
