"""Trouble with the folder costs the cached texts, never the call."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from gmn_llm.cache import DiskStore, PromptCache, open_store
from tests.cache.processes import Worker
from tests.cache.worker import text_of

TEXTS = {f"key{number}": '{"filling": "' + "x" * 5000 + '"}' for number in range(50)}


def fill(folder: Path) -> None:
    """Makes a store with 50 texts, and closes it."""
    store = DiskStore(folder, size_limit=2**30)
    for key, text in TEXTS.items():
        store.set(key, text, ttl=None)
    store.close()


def works(store: DiskStore) -> bool:
    """Whether a text that is put in comes out again."""
    store.set("new", "[]", ttl=None)
    return store.get("new") == "[]"


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What the cache has warned of."""
    return [record.message for record in caplog.records if record.name == "gmn_llm.cache"]


def cut(path: Path) -> None:
    """Halves a file."""
    os.truncate(path, path.stat().st_size // 2)


def overwrite(path: Path) -> None:
    """Replaces all of a file."""
    path.write_bytes(os.urandom(path.stat().st_size))


def overwrite_middle(path: Path) -> None:
    """Replaces all but the first page of a file."""
    data = path.read_bytes()
    path.write_bytes(data[:4096] + os.urandom(len(data) - 4096))


def plant_setting(path: Path) -> None:
    """Adds a setting that would replace a method of diskcache."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("INSERT INTO Settings VALUES ('get', 'x')")


def plant_type(path: Path) -> None:
    """Gives a setting a value of another type."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("UPDATE Settings SET value = 'much' WHERE key = 'size'")


@pytest.mark.parametrize("harm", [cut, overwrite, overwrite_middle, plant_setting, plant_type])
def test_a_damaged_database_is_moved_aside(
    folder: Path, caplog: pytest.LogCaptureFixture, harm: Callable[[Path], None]
) -> None:
    """A cut, overwritten or foreign database is renamed with its folder, once, and a new one works."""
    fill(folder)
    harm(folder / "cache.db")
    store = DiskStore(folder, size_limit=2**30, retry_after=0)
    found = {key: text for key in TEXTS if (text := store.get(key)) is not None}
    for _ in range(3):
        store.set("more", "{}", ttl=None)
    assert works(store)
    assert found.items() <= TEXTS.items()
    assert dict(store.items())["new"] == "[]"
    store.close()
    assert (folder.parent / "cache.damaged-1" / "cache.db").exists()
    assert not (folder.parent / "cache.damaged-2").exists()
    (warning,) = warnings(caplog)
    assert "cache.damaged-1" in warning


def test_a_database_damaged_while_it_is_open_is_moved_aside(
    store: DiskStore, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """What befalls an open store it gets over in the same way, at the next read or write."""
    for key, text in TEXTS.items():
        store.set(key, text, ttl=None)
    for name in ("cache.db", "cache.db-wal"):
        overwrite(folder / name)
    for key, text in TEXTS.items():
        assert store.get(key) in {None, text}
    store.set("once", "{}", ttl=None)
    assert works(store)
    assert len(list(folder.parent.glob("cache.damaged-*"))) == 1
    assert len(warnings(caplog)) == 1


def test_each_damage_gets_a_name_of_its_own(folder: Path) -> None:
    """A folder that was moved aside before is left where it is."""
    for _ in range(2):
        fill(folder)
        overwrite(folder / "cache.db")
    store = DiskStore(folder, size_limit=2**30)
    assert works(store)
    store.close()
    assert {path.name for path in folder.parent.glob("cache*")} == {
        "cache",
        "cache.damaged-1",
        "cache.damaged-2",
    }


def test_an_empty_database_is_begun_anew(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A file of no bytes is no damage: there is nothing to keep."""
    fill(folder)
    os.truncate(folder / "cache.db", 0)
    store = DiskStore(folder, size_limit=2**30)
    assert works(store)
    store.close()
    assert warnings(caplog) == []


def test_a_folder_that_cannot_be_made_is_a_miss(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    """With a file in its place there is one warning, and every call goes on without a cache."""
    folder.write_text("not a folder")
    store = open_store(folder=folder, size_limit=2**30, redis_url=None)
    cache = PromptCache(store, ttl=None)

    async def make() -> str:
        return "{}"

    async def use() -> None:
        for _ in range(3):
            assert (await cache.fetch("key", make)).text == "{}"
            assert await cache.get("key") is None

    asyncio.run(use())
    store.delete("key")
    assert (store.clear(), list(store.items()), store.stats().entries) == (0, [], 0)
    asyncio.run(cache.aclose())
    assert len(warnings(caplog)) == 1
    assert folder.read_text() == "not a folder"


def test_a_folder_of_others_is_left_alone(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A folder with other files in it is not used, not renamed and keeps its mode."""
    folder.mkdir(mode=0o755)
    (folder / "thesis.txt").write_text("years of work")
    (folder / "cache.db").write_text("another program's")
    store = DiskStore(folder, size_limit=2**30, retry_after=0)
    assert not works(store)
    assert not works(store)
    store.close()
    (warning,) = warnings(caplog)
    assert "thesis.txt" in warning
    assert folder.stat().st_mode & 0o777 == 0o755
    assert (folder / "cache.db").read_text() == "another program's"


def test_a_folder_that_comes_free_is_used(folder: Path) -> None:
    """What kept the folder from being made is looked at again."""
    folder.write_text("not a folder")
    store = DiskStore(folder, size_limit=2**30, retry_after=0)
    assert not works(store)
    folder.unlink()
    assert works(store)
    store.close()


def test_a_removed_folder_is_made_again(store: DiskStore, folder: Path) -> None:
    """When the folder is removed under an open store, the next make brings it back."""
    assert works(store)
    shutil.rmtree(folder)
    lease = store.acquire("key")
    assert lease is not None
    lease.release()
    assert works(store)
    assert (folder / "cache.db").exists()


def test_another_process_follows_to_the_new_folder(folder: Path) -> None:
    """A store whose folder was moved aside by another one goes on in the new folder."""
    first = DiskStore(folder, size_limit=2**30)
    assert works(first)
    folder.rename(folder.with_name("cache.damaged-1"))
    second = DiskStore(folder, size_limit=2**30)
    second.set("key", "{}", ttl=None)
    lease = first.acquire("other")
    assert lease is not None
    lease.release()
    assert first.get("key") == "{}"
    first.close()
    second.close()


@pytest.mark.parametrize("kills", [5, pytest.param(50, marks=pytest.mark.slow)])
def test_a_process_killed_as_it_writes_leaves_whole_entries(
    folder: Path, caplog: pytest.LogCaptureFixture, kills: int
) -> None:
    """However often writers are killed, the store opens without a word and each text is whole."""
    for number in range(kills):
        with Worker("write", folder) as writer:
            assert writer.hear() == "ready"
            store = DiskStore(folder, size_limit=2**30)
            while len(list(store.items())) < 1 + number % 7:  # killed at another place each time
                pass
            store.close()
            writer.kill()
    store = DiskStore(folder, size_limit=2**30)
    entries = dict(store.items())
    assert works(store)
    store.close()
    assert entries
    assert all(text == text_of(key) for key, text in entries.items())
    assert not list(folder.parent.glob("cache.damaged-*"))
    assert warnings(caplog) == []
