"""One opened disk store: diskcache for what changes it, a connection of its own for quick reads."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from contextlib import closing
from typing import TYPE_CHECKING

import diskcache
from diskcache.core import DEFAULT_SETTINGS, MODE_RAW, MODE_TEXT

from gmn_llm.cache.folder import DATABASE, sweep
from gmn_llm.cache.layout import DamagedError, check_settings, mend_counts
from gmn_llm.cache.layout import text_of as _text
from gmn_llm.cache.store import CacheStats, WouldBlockError
from gmn_llm.cache.textdisk import TextDisk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["DISTURBED", "Database", "is_damage", "is_locked"]

READ_WAIT = 0.002  # seconds a read on an event loop's thread may wait, for a lock of ours or of SQLite
OPEN_WAIT = 1.5  # seconds the first look waits for a database that somebody keeps locked
WRITE_WAIT = 1.9  # seconds a write waits for those of other processes
PAGE = 100  # rows that ``items`` has in memory at a time
# Values up to 128 KiB lie in the database, where SQLite reads them faster than the file system does
# (https://sqlite.org/intern-v-extern-blob.html) and a hit needs no second file.
FILE_FROM = 2**17

# ``typeof`` tells text from a blob: the connection itself returns bytes for both, for what is no UTF-8 must not raise.
LIVE = "raw = 1 AND typeof(key) = 'text' AND (expire_time IS NULL OR expire_time > ?)"
ONE = f"SELECT mode, typeof(value), value FROM Cache WHERE key = ? AND {LIVE}"  # noqa: S608 - constants
ONE_WITH_FILE = f"SELECT mode, typeof(value), value, filename, size FROM Cache WHERE key = ? AND {LIVE}"  # noqa: S608
MANY = (
    "SELECT rowid, key, mode, typeof(value), value, filename, size FROM Cache"  # noqa: S608 - constants
    f" WHERE rowid > ? AND {LIVE} ORDER BY rowid LIMIT {PAGE}"
)
COUNT = (
    f"SELECT COUNT(*) FROM Cache WHERE {LIVE}"  # noqa: S608 - constants
    f" AND (mode = {MODE_RAW} AND typeof(value) = 'text' OR mode = {MODE_TEXT})"
)

# Errors of Python that a damaged schema or setting comes to: names that are no UTF-8, rows that are not there,
# numbers that are none or too large. Keys and texts are of the right type by then.
DISTURBED = (DamagedError, ValueError, TypeError, OverflowError)
# The statements are constants, so a plain SQLITE_ERROR (no such table, no such column) is the schema's fault.
BROKEN = frozenset({
    sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CONSTRAINT,
    sqlite3.SQLITE_MISMATCH,
})  # fmt: skip


def is_damage(error: BaseException) -> bool:
    """Return whether ``error`` says that the database is broken, and not merely out of reach."""
    if isinstance(error, DISTURBED):
        return True
    # The low byte of an extended code is the plain one (https://sqlite.org/rescode.html).
    code = getattr(error, "sqlite_errorcode", None) or 0
    return code & 0xFF in BROKEN


def is_locked(error: BaseException) -> bool:
    """Return whether ``error`` says that another process keeps the database locked."""
    code = getattr(error, "sqlite_errorcode", None) or 0
    return isinstance(error, diskcache.Timeout) or code & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


class Database:
    """The database of a folder that ``prepare`` has made.

    diskcache opens a connection for each thread and can close that of the calling thread only, so what goes
    through it opens and closes one each time. Reads share one connection, which any thread may close.

    Raises:
        DamagedError: It holds settings that are not diskcache's; one of ``DISTURBED``, like all of damage that
            SQLite does not see.
        sqlite3.Error: It can't be opened, or is broken (see ``is_damage``).
        OSError: The folder can't be read.
    """

    def __init__(self, folder: Path, *, size_limit: int) -> None:
        self._lock = threading.Lock()
        self._file = folder / DATABASE
        self.folder = folder
        self.pid = os.getpid()
        self._inode = self._file.stat()
        # Patient while it is set up: another process may just be making the write-ahead log.
        self._reader = self._connect(wait=OPEN_WAIT)
        try:
            self._check_free()
            check_settings(self._reader)
            # Memory-mapped reads are off: a file that is cut short under them kills the process.
            self._cache = diskcache.Cache(
                str(folder),
                timeout=WRITE_WAIT,
                disk=TextDisk,
                **DEFAULT_SETTINGS | {"size_limit": size_limit, "sqlite_mmap_size": 0, "disk_min_file_size": FILE_FROM},
            )
            self._cache.close()
            # A first read joins the write-ahead log, which every writer would else remove as it leaves as the last.
            mend_counts(self._reader, size_limit=size_limit)
            self._reader.execute(f"PRAGMA busy_timeout = {int(READ_WAIT * 1000)}")
        except BaseException:
            self._reader.close()
            raise

    def get_now(self, key: str) -> str | None:
        """Return the text of ``key``, or None where there is none.

        Raises:
            WouldBlockError: It lies in a file, or the database is locked or in trouble.
        """
        if not self._lock.acquire(timeout=READ_WAIT):
            raise WouldBlockError
        try:
            row = self._reader.execute(ONE, (key, time.time())).fetchone()
        except (sqlite3.Error, *DISTURBED) as error:
            raise WouldBlockError from error
        finally:
            self._lock.release()
        if row is None:
            return None
        mode, kind, value = row
        if mode == MODE_TEXT:
            raise WouldBlockError
        return _text(value) if mode == MODE_RAW and kind == b"text" else None

    def get(self, key: str) -> str | None:
        """Return the text of ``key``, or None where there is none.

        Raises:
            sqlite3.Error: The database is broken, or locked for ``WRITE_WAIT`` seconds.
        """
        with closing(self._connect(wait=WRITE_WAIT)) as connection:
            row = connection.execute(ONE_WITH_FILE, (key, time.time())).fetchone()
        return None if row is None else self._read(*row)

    def set(self, key: str, text: str, *, ttl: float | None) -> None:
        """Store ``text``; see ``diskcache.Cache.set``.

        Raises:
            sqlite3.Error: The database is broken or can't be written.
            diskcache.Timeout: Others wrote for ``WRITE_WAIT`` seconds.
            OSError: The file of a long text can't be written.
        """
        with self._cache as cache:
            cache.set(key, text, expire=ttl)

    def delete(self, key: str) -> None:
        """Remove a row; raises as ``set`` does."""
        with self._cache as cache:
            cache.delete(key)

    def clear(self) -> int:
        """Remove all rows, and the files that no row knows; raises as ``set`` does."""
        with self._cache as cache:
            count = int(cache.clear())
        sweep(self.folder)
        # What was removed still stands in the write-ahead log, and in the database until the log is written back.
        with closing(self._connect(wait=WRITE_WAIT)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        return count

    def count(self, *, hits: int, misses: int) -> None:
        """Add to the counts that are kept with the rows; raises as ``set`` does."""
        with self._cache as cache, cache.transact():
            cache.reset("hits", cache.reset("hits") + hits)
            cache.reset("misses", cache.reset("misses") + misses)

    def stats(self) -> CacheStats:
        """Return counts and size; raises as ``set`` does."""
        with self._cache as cache:
            volume, hits, misses = int(cache.volume()), int(cache.reset("hits")), int(cache.reset("misses"))
        with closing(self._connect(wait=WRITE_WAIT)) as connection:
            (entries,) = connection.execute(COUNT, (time.time(),)).fetchone()
        return CacheStats(entries=entries, bytes=volume, hits=hits, misses=misses, location=str(self.folder))

    def items(self) -> Iterator[tuple[str, str]]:
        """Yield key and text of every row that is text and has not expired; raises as ``get`` does."""
        last = 0
        with closing(self._connect(wait=WRITE_WAIT)) as connection:
            while rows := connection.execute(MANY, (last, time.time())).fetchall():
                last = rows[-1][0]
                for _, key, *row in rows:
                    name, text = _text(key), self._read(*row)
                    if name is not None and text is not None:
                        yield name, text

    def is_current(self) -> bool:
        """Return whether the folder still has this database, and not another one or none."""
        try:
            return os.path.samestat(self._inode, self._file.stat())
        except OSError:
            return False

    def close(self) -> None:
        """Close the shared connection."""
        with self._lock:
            self._reader.close()

    def _read(self, mode: int, kind: bytes, value: bytes | None, filename: bytes | None, size: int) -> str | None:
        given = _text(value) if kind == b"text" else None
        try:
            text = str(self._cache.disk.fetch(mode, _text(filename), given, False))  # noqa: FBT003 - diskcache's own
        except OSError:
            return None
        # A row is whole or not there, which a file need not be.
        return text if mode == MODE_RAW or len(text.encode("utf-8")) == size else None

    def _connect(self, *, wait: float) -> sqlite3.Connection:
        connection = sqlite3.connect(self._file, timeout=wait, isolation_level=None, check_same_thread=False)
        connection.text_factory = bytes
        return connection

    def _check_free(self) -> None:
        # diskcache would wait a minute for a database that somebody keeps locked.
        with closing(self._connect(wait=OPEN_WAIT)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
