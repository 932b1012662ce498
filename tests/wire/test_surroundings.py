"""The closed network and the clean environment that every test has."""

from __future__ import annotations

import asyncio
import os
import socket
from pathlib import Path

import pytest

from tests.conftest import NetworkClosedError


def test_connections_beyond_the_loopback_are_refused(network_attempts: list[str]) -> None:
    """A connection to another machine raises before a packet leaves, and is remembered."""
    with socket.socket() as outside, pytest.raises(NetworkClosedError):
        outside.connect(("192.0.2.1", 80))
    assert network_attempts == ["192.0.2.1"]
    network_attempts.clear()


async def test_look_ups_beyond_the_loopback_are_refused(network_attempts: list[str]) -> None:
    """A name of another machine is not even looked up."""
    with pytest.raises(NetworkClosedError):
        await asyncio.get_running_loop().getaddrinfo("api.openai.com", 443)
    assert network_attempts == ["api.openai.com"]
    network_attempts.clear()


def test_loopback_is_open() -> None:
    """A server on this machine can be reached."""
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as connection,
    ):
        assert connection.getpeername() == server.getsockname()


def test_environment_has_no_keys(tmp_path: Path) -> None:
    """The environment has no key and no setting of this package; the user's folders are the test's."""
    assert not [name for name in os.environ if name.endswith("_API_KEY") or name.startswith("GMN_LLM_")]
    assert os.environ["XDG_CONFIG_HOME"].startswith(str(tmp_path))
    assert os.environ["XDG_CACHE_HOME"].startswith(str(tmp_path))
