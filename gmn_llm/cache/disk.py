"""Texts in a folder, shared by all processes of a machine."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import threading
import time
from typing import TYPE_CHECKING, TypeVar

from gmn_llm.cache import folder as folders
from gmn_llm.cache import locks
from gmn_llm.cache.store import CacheStats, Complaints, Lease, NoLease, WouldBlockError, storable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from gmn_llm.cache.database import Database

__all__ = ["DiskStore"]

T = TypeVar("T")
U = TypeVar("U")


class DiskStore:
    """A ``Store`` on diskcache, in a folder of mode 0700 that it makes when it is first used.

    A damaged folder is renamed to ``<folder>.damaged-N`` and made anew. Where the folder can't be used, or somebody
    keeps it locked, it is tried again after ``retry_after`` seconds, and until then nothing is found or stored.

    Args:
        folder: The folder; it holds nothing else.
        size_limit: Bytes above which a write evicts the entries that were stored first (diskcache's default policy).
        retry_after: Seconds.
    """

    def __init__(self, folder: Path, *, size_limit: int, retry_after: float = 5.0) -> None:
        self._folder = folders.expanded(folder)
        self._size_limit = size_limit
        self._retry_after = retry_after
        self._complaints = Complaints(str(self._folder))
        self._lock = threading.RLock()
        self._database: Database | None = None
        self._inherited: list[Database] = []
        self._wait_until = 0.0
        self._locked_until: dict[str, float] = {}
        self._closed = False
        self._counting = threading.Lock()
        self._hits = 0
        self._misses = 0

    @property
    def trouble(self) -> str | None:
        """What has kept the folder from being used, in words; None where nothing has."""
        return self._complaints.trouble

    def get(self, key: str, *, count: bool = True) -> str | None:
        """Return the text of ``key``, or None; ``count=False`` leaves hits and misses as they are."""
        text = self._try("read", lambda database: database.get(key), None)
        if count:
            self._count(hit=text is not None)
        return text

    def get_now(self, key: str) -> str | None:
        """Return what ``get`` would, within a few milliseconds.

        Raises:
            WouldBlockError: The folder is not open yet, the database is locked, or the text lies in a file.
        """
        database = self._database
        if database is None or database.pid != os.getpid():
            raise WouldBlockError
        text = database.get_now(key)
        self._count(hit=text is not None)
        return text

    def set(self, key: str, text: str, *, ttl: float | None) -> None:
        """Store ``text`` for ``ttl`` seconds, or until it is evicted for None."""
        whole = storable(text)
        self._try("write", lambda database: database.set(key, whole, ttl=ttl), None)
        self._save_counts()

    def delete(self, key: str) -> None:
        """Forget ``key``."""
        self._try("write", lambda database: database.delete(key), None)

    def clear(self) -> int:
        """Forget everything and return how many rows that were."""
        return self._try("write", lambda database: database.clear(), 0)

    def stats(self) -> CacheStats:
        """Return counts and size."""
        self._save_counts()
        return self._try("read", lambda database: database.stats(), CacheStats(location=str(self._folder)))

    def items(self) -> Iterator[tuple[str, str]]:
        """Yield key and text of every entry that ``get`` would find."""
        entries = self._try("read", lambda database: database.items(), iter(()))
        while (entry := self._try("read", lambda _: next(entries, None), None)) is not None:
            yield entry

    def acquire(self, key: str) -> Lease | None:
        """Return the right to make the text of ``key``, or None while another process of the machine holds it."""
        self._follow()
        name = hashlib.sha256(key.encode()).hexdigest()
        return self._try("lock", lambda database: locks.acquire(database.folder / folders.LOCKS / name), NoLease())

    def close(self) -> None:
        """Let go of the folder; later calls find nothing."""
        self._save_counts()
        with self._lock:
            self._closed = True
            self._disown()
            self._drop()

    def _try(self, kind: str, work: Callable[[Database], T], absent: U) -> T | U:
        """Return what ``work`` makes of the open database, or ``absent`` where that fails."""
        database = self._open()
        if database is None or time.monotonic() < self._locked_until.get(kind, 0.0):
            return absent
        from diskcache import Timeout  # heavy, but the database has loaded it already

        from gmn_llm.cache.database import DISTURBED

        try:
            return work(database)
        except (sqlite3.Error, OSError, Timeout, *DISTURBED) as error:
            self._handle(kind, error, database)
        return absent

    def _open(self) -> Database | None:
        database = self._database
        if database is not None and database.pid == os.getpid():
            return database
        with self._lock:
            self._disown()
            if self._database is None and not self._closed and time.monotonic() >= self._wait_until:
                self._set_up()
            return self._database

    def _disown(self) -> None:
        """Let go of a connection that a fork brought along; closed here it would take the parent's locks with it."""
        if self._database is not None and self._database.pid != os.getpid():
            self._inherited.append(self._database)
            self._database = None

    def _set_up(self) -> None:
        try:
            self._database = self._open_folder() or self._open_folder()
        except (sqlite3.Error, OSError) as error:
            self._complaints.tell("open", f"can't be used, so nothing is cached: {error}")
        if self._database is None:
            self._wait_until = time.monotonic() + self._retry_after

    def _open_folder(self) -> Database | None:
        """Return the folder's database, or None after it was found damaged and moved aside."""
        from gmn_llm.cache.database import DISTURBED, Database, is_damage  # loads diskcache
        from gmn_llm.cache.layout import check_owner

        with folders.guarded(self._folder):
            folders.check_own(self._folder)
            check_owner(self._folder / folders.DATABASE)
            folders.prepare(self._folder)
            try:
                database = Database(self._folder, size_limit=self._size_limit)
            except (sqlite3.Error, *DISTURBED) as error:
                if not is_damage(error):
                    raise
                self._move_aside(error)
                return None
            locks.sweep_locks(self._folder / folders.LOCKS)
            return database

    def _handle(self, kind: str, error: Exception, database: Database) -> None:
        from gmn_llm.cache.database import is_damage, is_locked

        if not is_damage(error):
            if is_locked(error):  # who waited once in vain does not wait again at once
                # What can't be read can't be written either; the other way round it can.
                for name in {kind, "write"}:
                    self._locked_until[name] = time.monotonic() + self._retry_after
            self._complaints.tell(kind, f"failed, and the call went on without: {error}")
            return
        with self._lock:
            if self._database is not database:
                return  # another thread has seen to it
            self._drop()
            try:
                with folders.guarded(self._folder):
                    if database.is_current():
                        self._move_aside(error)
            except OSError as trouble:
                self._complaints.tell("open", f"is damaged and can't be moved aside: {trouble}")

    def _move_aside(self, error: Exception) -> None:
        target = folders.move_aside(self._folder)
        self._complaints.tell("damage", f"was damaged ({error}); moved to {target} and begun anew")

    def _follow(self) -> None:
        """Let go of a folder that was removed, or moved aside by another process."""
        with self._lock:
            self._disown()
            if self._database is not None and not self._database.is_current():
                self._drop()

    def _drop(self) -> None:
        if self._database is not None:
            self._database.close()
        self._database = None

    def _count(self, *, hit: bool) -> None:
        with self._counting:
            self._hits += hit
            self._misses += not hit

    def _save_counts(self) -> None:
        if self._database is None:
            return
        with self._counting:
            hits, misses, self._hits, self._misses = self._hits, self._misses, 0, 0
        if hits or misses:
            self._try("write", lambda database: database.count(hits=hits, misses=misses), None)
