"""Connections to Redis that end with a deadline: redis-py has a time for each piece of an answer, not for the whole."""

from __future__ import annotations

import math
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator

__all__ = ["Deadline"]

T = TypeVar("T")


class Deadline(threading.local):
    """When what this thread asks the server must have been answered: never, but for ``within``."""

    at = math.inf

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Give the block so many seconds."""
        self.at = time.monotonic() + seconds
        try:
            yield
        finally:
            self.at = math.inf

    def kept_by(self, connection_class: type) -> type:
        """Return a class of connections that keep to it."""
        deadline = self

        def connect(connection: object) -> _Socket:
            return _Socket(connection_class._connect(connection), deadline)  # type: ignore[attr-defined]  # noqa: SLF001 - where redis-py makes its sockets

        return type(connection_class.__name__, (connection_class,), {"_connect": connect})


class _Socket:
    """A socket that waits until the deadline at the longest."""

    def __init__(self, plain: socket.socket, deadline: Deadline) -> None:
        self._plain = plain
        self._deadline = deadline

    def recv(self, size: int, flags: int = 0) -> bytes:
        # A socket under TLS takes no flags, not even none.
        return self._hurried(lambda: self._plain.recv(size, flags) if flags else self._plain.recv(size))

    def recv_into(self, buffer: bytearray) -> int:
        return self._hurried(lambda: self._plain.recv_into(buffer))

    def sendall(self, data: bytes) -> None:
        self._hurried(lambda: self._plain.sendall(data))

    def _hurried(self, work: Callable[[], T]) -> T:
        left = self._deadline.at - time.monotonic()
        own = self._plain.gettimeout()
        if own == 0.0 or left == math.inf:
            return work()
        if left <= 0:
            raise TimeoutError("the whole answer took too long")
        self._plain.settimeout(left if own is None else min(own, left))
        try:
            return work()
        finally:
            self._plain.settimeout(own)

    def __getattr__(self, name: str) -> object:
        return getattr(self._plain, name)
