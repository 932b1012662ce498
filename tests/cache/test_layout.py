"""What a damaged schema, absurd settings, wide modes and other people's databases come to."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from gmn_llm.cache import DiskStore
from tests.cache.test_damage import TEXTS, fill, warnings, works


def execute(folder: Path, *statements: str) -> None:
    """Changes the database behind the store's back."""
    with closing(sqlite3.connect(folder / "cache.db", isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def one_byte(folder: Path) -> None:
    """Damages one byte in the SQL of the schema, so that SQLite's own message is no UTF-8."""
    path = folder / "cache.db"
    data = path.read_bytes()
    place = data.find(b"CREATE TABLE Cache")
    path.write_bytes(data[: place + 3] + b"\x92" + data[place + 4 :])


@pytest.mark.parametrize("is_open", [False, True])
@pytest.mark.parametrize(
    "statements",
    [
        (),
        ("DROP TABLE Cache",),
        ("ALTER TABLE Cache RENAME COLUMN mode TO moded",),
        ("UPDATE Settings SET value = 'abc' WHERE key = 'misses'",),
        ("UPDATE Settings SET value = NULL",),
    ],
)
def test_a_damaged_schema_is_moved_aside(
    folder: Path, caplog: pytest.LogCaptureFixture, statements: tuple[str, ...], is_open: bool
) -> None:
    """A byte of the schema, a table or column that is gone, a count that is none: one warning, and begun anew."""
    fill(folder)
    store = DiskStore(folder, size_limit=2**30, retry_after=0)
    if is_open:
        assert store.get("key1") == TEXTS["key1"]
    execute(folder, *statements)
    if not statements:
        one_byte(folder)
    for _ in range(3):
        store.get("key1")
        store.set("key2", "{}", ttl=None)
    assert works(store)
    assert store.stats().entries >= 1
    store.close()
    assert len(warnings(caplog)) <= 1
    assert len(list(folder.parent.glob("cache.damaged-*"))) == len(warnings(caplog))


def test_absurd_counts_are_counted_anew(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A size or a number of hits that can't be neither evicts what is there nor fails a call."""
    fill(folder)
    execute(folder, "UPDATE Settings SET value = 9223372036854775807 WHERE key IN ('size', 'count', 'hits', 'misses')")
    store = DiskStore(folder, size_limit=2**30)
    assert store.get("key1") == TEXTS["key1"]
    assert works(store)
    stats = store.stats()
    assert (stats.entries, stats.hits) == (len(TEXTS) + 1, 2)
    assert stats.bytes < 2**30
    store.close()
    assert warnings(caplog) == []


@pytest.mark.parametrize(
    "statement", ["CREATE TABLE people (name TEXT)", "CREATE TABLE Settings (name TEXT, worth TEXT)"]
)
def test_a_database_of_another_application_is_left_alone(
    folder: Path, caplog: pytest.LogCaptureFixture, statement: str
) -> None:
    """It is neither renamed nor narrowed nor written: one warning says to give the cache its own folder."""
    folder.mkdir(mode=0o755)
    execute(folder, statement)
    before = (folder / "cache.db").read_bytes()
    (folder / "cache.db").chmod(0o644)
    store = DiskStore(folder, size_limit=2**30, retry_after=0)
    for _ in range(2):
        store.set("key", "{}", ttl=None)
        assert store.get("key") is None
    store.close()
    assert ((folder / "cache.db").read_bytes(), (folder / "cache.db").stat().st_mode & 0o777) == (before, 0o644)
    assert list(folder.parent.iterdir()) == [folder]
    (warning,) = warnings(caplog)
    assert "another application" in warning


def test_a_link_in_place_of_the_database_is_refused(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    """What it points to keeps its mode and its bytes, and the folder its name."""
    folder.mkdir()
    target = folder.parent / "precious"
    target.write_bytes(b"mine")
    target.chmod(0o644)
    (folder / "cache.db").symlink_to(target)
    store = DiskStore(folder, size_limit=2**30, retry_after=0)
    assert not works(store)
    store.close()
    assert (target.read_bytes(), target.stat().st_mode & 0o777) == (b"mine", 0o644)
    assert (folder / "cache.db").is_symlink()
    assert len(warnings(caplog)) == 1


def test_a_wide_folder_is_narrowed_to_its_last_file(folder: Path) -> None:
    """Locks, folders of long texts and the texts themselves are taken from others when the store is opened."""
    store = DiskStore(folder, size_limit=2**30)
    store.set("long", "x" * 2**18, ttl=None)
    store.close()
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o777 if path.is_dir() else 0o666)
    store = DiskStore(folder, size_limit=2**30)
    assert store.get("long") == "x" * 2**18
    assert {path.stat().st_mode & 0o077 for path in [folder, *folder.rglob("*")]} == {0}
    assert any(path.suffix == ".val" for path in folder.rglob("*"))
    store.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks need POSIX")
def test_a_forked_child_neither_holds_nor_releases(folder: Path) -> None:
    """A lease is the parent's alone: the child's release changes nothing, and its life does not prolong it."""
    store = DiskStore(folder, size_limit=2**30)
    lease = store.acquire("key")
    assert lease is not None
    told, tell = os.pipe()
    child = os.fork()
    if child == 0:
        lease.release()
        os.read(told, 1)
        os._exit(0)
    other = DiskStore(folder, size_limit=2**30)
    assert other.acquire("key") is None
    lease.release()
    again = other.acquire("key")
    assert again is not None
    again.release()
    os.write(tell, b"x")
    assert os.waitpid(child, 0)[1] == 0
    os.close(told)
    os.close(tell)
    other.close()
    store.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks need POSIX")
def test_a_lease_ends_with_its_process_though_its_child_lives(folder: Path) -> None:
    """What a process held is free when it has died, whatever it had forked meanwhile."""
    told, tell = os.pipe()
    ready, say = os.pipe()
    parent = os.fork()
    if parent == 0:
        held = DiskStore(folder, size_limit=2**30).acquire("key")
        if os.fork() == 0:
            os.write(say, b"x")
            os.close(tell)
            os.read(told, 1)  # until the test is over
        os._exit(0 if held is not None else 1)
    os.read(ready, 1)
    assert os.waitpid(parent, 0)[1] == 0
    store = DiskStore(folder, size_limit=2**30)
    lease = store.acquire("key")
    assert lease is not None
    lease.release()
    store.close()
    for descriptor in (told, tell, ready, say):
        os.close(descriptor)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs POSIX locks")
def test_a_folder_that_stays_locked_costs_one_warning(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Who holds the folder's own lock for ever keeps nobody waiting for ever."""
    import fcntl

    folder.mkdir()
    descriptor = os.open(folder, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    store = DiskStore(folder, size_limit=2**30)
    assert store.get("key") is None
    assert store.get("key") is None
    assert len(warnings(caplog)) == 1
    os.close(descriptor)
    store.close()
