"""One lock for each key, held by one process of a machine and let go by the kernel when that one dies."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["FileLease", "acquire", "kept_from_children", "sweep_locks"]


class _Held:
    """The descriptors of this process that hold locks.

    A child that is forked has a copy of each, which would keep the lock when the parent has died.
    """

    def __init__(self) -> None:
        self._descriptors: set[int] = set()
        if hasattr(os, "register_at_fork"):  # not on Windows, where nothing forks
            os.register_at_fork(after_in_child=self._close_all)

    def add(self, descriptor: int) -> None:
        self._descriptors.add(descriptor)

    def close(self, descriptor: int) -> None:
        self._descriptors.discard(descriptor)
        os.close(descriptor)

    def _close_all(self) -> None:
        descriptors, self._descriptors = self._descriptors, set()
        for descriptor in descriptors:
            with contextlib.suppress(OSError):  # another thread of the parent was just closing it
                os.close(descriptor)


_HELD = _Held()  # of the process, as its descriptors are


@contextmanager
def kept_from_children(descriptor: int) -> Iterator[None]:
    """Close ``descriptor`` at the end, and at once in every child that is forked meanwhile."""
    pid = os.getpid()
    _HELD.add(descriptor)
    try:
        yield
    finally:
        if pid == os.getpid():
            _HELD.close(descriptor)


class FileLease:
    """A locked file; another descriptor of it, in this process or another, can't be locked meanwhile.

    It is the process's that took it: a forked child neither holds it nor can let go of it.
    """

    def __init__(self, path: Path, descriptor: int) -> None:
        self._path = path
        self._descriptor: int | None = descriptor
        self._lock = threading.Lock()
        self._pid = os.getpid()

    def release(self) -> None:
        """Remove the file and let go of it; a second call does nothing."""
        if self._pid != os.getpid():
            return
        with self._lock:
            descriptor, self._descriptor = self._descriptor, None
        if descriptor is None:
            return
        # Removed while it is still locked: who waits for it finds another file, or none, under its name.
        with contextlib.suppress(OSError):
            self._path.unlink()
        _unlock(descriptor)
        _HELD.close(descriptor)


def acquire(path: Path) -> FileLease | None:
    """Lock the file at ``path``, which is made with mode 0600, or return None while another holds it.

    Raises:
        OSError: The file can't be made, or the file system knows no locks.
    """
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
        _HELD.add(descriptor)
        try:
            locked = _try_lock(descriptor)
            current = locked and _is_at(path, descriptor)
        except OSError:
            _HELD.close(descriptor)
            raise
        if current:
            return FileLease(path, descriptor)
        _HELD.close(descriptor)
        if not locked:
            return None


def sweep_locks(folder: Path) -> None:
    """Remove the lock files in ``folder`` whose holders are dead."""
    for path in folder.iterdir():
        lease = acquire(path)
        if lease is not None:
            lease.release()


def _is_at(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


if sys.platform == "win32":
    import msvcrt

    def _try_lock(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        return True

    def _unlock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _try_lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _unlock(descriptor: int) -> None:
        # Said aloud, for a child that was forked meanwhile holds the same lock through its copy of the descriptor.
        fcntl.flock(descriptor, fcntl.LOCK_UN)
