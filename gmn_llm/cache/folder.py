"""The folder of a disk store: made private, guarded while it is set up, moved aside when it is damaged."""

from __future__ import annotations

import os
import re
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["DATABASE", "LOCKS", "ForeignFolderError", "aside", "expanded", "guarded", "move_aside", "prepare", "sweep"]

DATABASE = "cache.db"
LOCKS = "locks"
DATABASE_FILES = (DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm", f"{DATABASE}-journal")
OWN_NAMES = re.compile(r"cache\.db(-wal|-shm|-journal)?|locks|[0-9a-f]{2}|\.gitignore|\.DS_Store|\.nfs.*")
HEX_PAIR = re.compile(r"[0-9a-f]{2}")


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
    _check_own(folder)
    folder.chmod(0o700)
    for name in DATABASE_FILES:
        if (folder / name).exists():
            (folder / name).chmod(0o600)
    _create(folder / DATABASE, b"")
    _create(folder / ".gitignore", b"*\n")
    (folder / LOCKS).mkdir(mode=0o700, exist_ok=True)


def _check_own(folder: Path) -> None:
    for entry in folder.iterdir():
        if not OWN_NAMES.fullmatch(entry.name):
            raise ForeignFolderError(
                f"it holds {entry.name!r}, which is not the cache's; give the cache its own folder"
            )


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
    _check_own(folder)
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
        OSError: The folder can't be opened.
    """
    if sys.platform == "win32":
        folder.mkdir(parents=True, exist_ok=True)
        yield
    else:
        import fcntl

        while True:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(folder, os.O_RDONLY)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
                if _still_at(folder, descriptor):
                    yield
                    return
            finally:
                os.close(descriptor)


def _still_at(folder: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), folder.stat())
    except FileNotFoundError:
        return False
