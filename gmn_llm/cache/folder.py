"""The folder of a disk store: made private, guarded while it is set up, moved aside when it is damaged."""

from __future__ import annotations

import os
import re
import stat
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from gmn_llm.cache.locks import kept_from_children

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "DATABASE",
    "LOCKS",
    "ForeignFolderError",
    "aside",
    "check_own",
    "expanded",
    "guarded",
    "move_aside",
    "prepare",
    "sweep",
]

DATABASE = "cache.db"
LOCKS = "locks"
DATABASE_FILES = (DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm", f"{DATABASE}-journal")
OWN_NAMES = re.compile(r"cache\.db(-wal|-shm|-journal)?|locks|[0-9a-f]{2}|\.gitignore|\.DS_Store|\.nfs.*")
HEX_PAIR = re.compile(r"[0-9a-f]{2}")
GUARD_WAIT = 1.5  # seconds for another process that sets the folder up
GUARD_PAUSE = 0.01


class ForeignFolderError(OSError):
    """The folder holds files that are not the cache's, so it is left as it is."""


def expanded(folder: Path) -> Path:
    """Return ``folder`` with ``~`` and variables filled in, as diskcache does with the path it gets."""
    return Path(os.path.expandvars(folder.expanduser()))


def prepare(folder: Path) -> None:
    """Make ``folder`` with mode 0700 and an empty database with mode 0600, or set the modes of what is there.

    SQLite gives its side files the mode of the database.

    Raises:
        ForeignFolderError: Other things lie in it.
        OSError: It can't be made, or belongs to somebody else.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    check_own(folder)
    wide = folder.stat().st_mode & 0o077
    folder.chmod(0o700)
    if wide and sys.platform != "win32":
        _narrow(folder)
    _create(folder / DATABASE, b"")
    _create(folder / ".gitignore", b"*\n")
    (folder / LOCKS).mkdir(mode=0o700, exist_ok=True)


def check_own(folder: Path) -> None:
    """Refuse a folder that is somebody else's.

    Raises:
        ForeignFolderError: Other things lie in it, or its database is a link to another place.
        OSError: It can't be read.
    """
    for name in DATABASE_FILES:
        if (folder / name).is_symlink():
            raise ForeignFolderError(f"its {name} is a link to another place; give the cache its own folder")
    for entry in folder.iterdir():
        if not OWN_NAMES.fullmatch(entry.name):
            raise ForeignFolderError(
                f"it holds {entry.name!r}, which is not the cache's; give the cache its own folder"
            )


def _narrow(folder: Path) -> None:
    """Take what lies in a folder that others could look into away from them; links are left as they are."""
    for parent, _, files, descriptor in os.fwalk(folder):
        os.fchmod(descriptor, 0o700)
        for name in files:
            if stat.S_ISREG(os.stat(name, dir_fd=descriptor, follow_symlinks=False).st_mode):
                Path(parent, name).chmod(0o600)


def _create(path: Path, data: bytes) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor, opened with its mode
        file.write(data)


def move_aside(folder: Path) -> Path:
    """Rename ``folder`` to the first free ``<folder>.damaged-N`` and return that.

    Raises:
        ForeignFolderError: Other things lie in it.
        OSError: It can't be renamed.
    """
    check_own(folder)
    number = 1
    while os.path.lexists(target := folder.with_name(f"{folder.name}.damaged-{number}")):
        number += 1
    return folder.rename(target)


def aside(folder: Path) -> list[Path]:
    """Return the folders that ``move_aside`` has made of ``folder``."""
    name = re.compile(re.escape(folder.name) + r"\.damaged-[0-9]+")
    return sorted(path for path in folder.parent.glob("*") if name.fullmatch(path.name))


def sweep(folder: Path) -> None:
    """Remove value files that no row knows, left by processes that were killed as they wrote.

    Only for a folder whose rows are all gone.
    """
    for path in folder.glob("??/??/*.val"):
        if HEX_PAIR.fullmatch(path.parent.parent.name):
            path.unlink(missing_ok=True)


@contextmanager
def guarded(folder: Path) -> Iterator[None]:
    """Keep other processes from setting up or moving aside ``folder`` (on Windows: nothing is kept from anything).

    The lock is on the folder itself, so it needs no file beside it and ends with the process.

    Raises:
        OSError: The folder can't be opened, or another process keeps it locked.
    """
    if sys.platform == "win32":
        folder.mkdir(parents=True, exist_ok=True)
        yield
    else:
        until = time.monotonic() + GUARD_WAIT
        while True:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(folder, os.O_RDONLY)
            with kept_from_children(descriptor):
                _lock(descriptor, until)
                if _still_at(folder, descriptor):
                    yield
                    return


def _lock(descriptor: int, until: float) -> None:
    import fcntl  # not on Windows

    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                raise
        time.sleep(GUARD_PAUSE)


def _still_at(folder: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), folder.stat())
    except FileNotFoundError:
        return False
