"""What the database of a store looks like: whose it is, and whether its settings and counts can be right."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from diskcache.core import DEFAULT_SETTINGS, METADATA

from gmn_llm.cache.folder import ForeignFolderError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["DamagedError", "check_owner", "check_settings", "mend_counts", "text_of"]

WAIT = 1.0  # seconds for a database that somebody writes
COLUMNS = frozenset({
    b"rowid", b"key", b"raw", b"store_time", b"expire_time", b"access_time", b"access_count", b"tag", b"size",
    b"mode", b"filename", b"value",
})  # fmt: skip
KNOWN = DEFAULT_SETTINGS | METADATA
MOST = 2**53  # beyond it no count has ever come, and sums are no longer exact in every reader
COUNTED = {
    "count": "SELECT COUNT(*) FROM Cache",
    "size": "SELECT COALESCE(SUM(size), 0) FROM Cache",
    "hits": "SELECT 0",
    "misses": "SELECT 0",
}


class DamagedError(Exception):
    """The database is not one that diskcache writes."""


def check_owner(file: Path) -> None:
    """Refuse a database that another application made; one that can't be read is nobody's.

    One that has either of diskcache's two tables, in diskcache's form, is ours, and damaged where the rest is not.

    Raises:
        ForeignFolderError: It has tables, and none of them is diskcache's.
        sqlite3.OperationalError: It is locked.
    """
    if not file.is_file() or not file.stat().st_size:
        return
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", timeout=WAIT, uri=True)) as connection:
            connection.text_factory = bytes
            foreign = _is_foreign(connection)
    except UnicodeDecodeError:  # an error whose message quotes damaged text
        return
    except sqlite3.Error as error:
        if (error.sqlite_errorcode or 0) & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            raise
        return
    if foreign:
        raise ForeignFolderError(f"its {file.name} belongs to another application; give the cache its own folder")


def _is_foreign(connection: sqlite3.Connection) -> bool:
    (tables,) = connection.execute("SELECT COUNT(*) FROM sqlite_master WHERE type = 'table'").fetchone()
    if not tables or len(_columns(connection, "Cache") & COLUMNS) > len(COLUMNS) / 2:
        return False
    if _columns(connection, "Settings") != {b"key", b"value"}:
        return True
    names = {text_of(name) for (name,) in connection.execute("SELECT key FROM Settings LIMIT 100")}
    return bool(names) and len(names & KNOWN.keys()) < len(names) / 2


def _columns(connection: sqlite3.Connection, table: str) -> set[bytes]:
    return {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}


def check_settings(connection: sqlite3.Connection) -> None:
    """Refuse settings that diskcache does not write: it sets each as an attribute of itself, or as a pragma.

    Args:
        connection: A connection that returns texts as bytes.

    Raises:
        DamagedError: There is such a one.
        sqlite3.Error: They can't be read.
    """
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'Settings'").fetchone() is None:
        return
    for name, value in connection.execute("SELECT key, value FROM Settings"):
        key = text_of(name)
        default = KNOWN.get(key)
        if default is None or isinstance(value, int) != isinstance(default, int):
            raise DamagedError(f"it holds the setting {key!r}, which is none of diskcache's")


def mend_counts(connection: sqlite3.Connection, *, size_limit: int) -> None:
    """Count anew what diskcache keeps count of, where it says what can't be.

    Every write would evict entries for a size that nothing has.

    Args:
        connection: A connection that may write.
        size_limit: Bytes that the files of long texts may have.

    Raises:
        sqlite3.Error: The database is broken, or locked.
    """
    most = {"count": MOST, "size": max(2 * size_limit, 2**20), "hits": MOST, "misses": MOST}
    for name, limit in most.items():
        row = connection.execute("SELECT value FROM Settings WHERE key = ?", (name,)).fetchone()
        if row is None or not 0 <= row[0] <= limit:
            ((anew,),) = connection.execute(COUNTED[name]).fetchall()
            connection.execute("INSERT OR REPLACE INTO Settings VALUES (?, ?)", (name, anew))


def text_of(value: bytes | None) -> str | None:
    """Return a text of the database, or None for what is no UTF-8."""
    try:
        return None if value is None else value.decode("utf-8")
    except UnicodeDecodeError:
        return None
