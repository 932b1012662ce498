"""Trouble with the folder costs the cached texts, never the call."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from gmn_llm.cache import DiskStore, PromptCache, open_store
from tests.cache.kill_storm import storm
from tests.cache.processes import Worker

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


@pytest.mark.timeout(600)
@pytest.mark.parametrize("kills", [5, pytest.param(50, marks=pytest.mark.slow)])
def test_a_process_killed_as_it_writes_leaves_whole_entries(
    folder: Path, caplog: pytest.LogCaptureFixture, kills: int
) -> None:
    """However often writers are killed, the store opens without a word each time, and each text is whole."""
    found = storm(folder, kills)
    assert found.entries > 0
    assert (found.opened, found.broken, found.aside, found.troubles) == (kills, 0, 0, 0)
    assert warnings(caplog) == []


def mounted(folder: Path, *options: str) -> None:
    """Mounts a small disk in memory, or skips the test."""
    folder.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", *options, "tmpfs", str(folder)], capture_output=True, check=False)
    if done.returncode:
        pytest.skip("mounting a file system is not permitted here")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 512 KiB."""
    if shutil.which("mount") is None or sys.platform != "linux":
        pytest.skip("needs Linux's mount")
    disk = tmp_path / "disk"
    mounted(disk, "-o", "size=512k")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


async def fetched(store: DiskStore) -> list[str | None]:
    """What three fetches of as many keys come back with."""
    cache = PromptCache(store, ttl=None)

    async def make() -> str:
        return TEXTS["key1"] * 20

    found = [(await cache.fetch(f"key{number}", make)).text for number in range(3)]
    await cache.aclose()
    return found


def test_a_full_disk_costs_one_warning(small_disk: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Where there is no room for the texts, every call goes on, and that is told once."""
    store = DiskStore(small_disk / "cache", size_limit=2**30, retry_after=0)
    store.set("first", "{}", ttl=None)
    (small_disk / "filling").write_bytes(b"x" * (512 * 1024 - used(small_disk) - 8192))
    assert asyncio.run(fetched(store)) == [TEXTS["key1"] * 20] * 3
    (warning,) = warnings(caplog)
    assert "full" in warning or "No space" in warning
    assert not list(small_disk.glob("cache.damaged-*"))


def used(disk: Path) -> int:
    """Bytes that are taken on a disk."""
    return shutil.disk_usage(disk).used


def test_a_folder_that_is_read_only_costs_one_warning(small_disk: Path, caplog: pytest.LogCaptureFixture) -> None:
    """On a disk that can't be written calls go on without a cache, and that is told once."""
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    store = DiskStore(small_disk / "cache", size_limit=2**30, retry_after=0)
    assert asyncio.run(fetched(store)) == [TEXTS["key1"] * 20] * 3
    (warning,) = warnings(caplog)
    assert "Read-only" in warning


def test_a_file_that_may_not_grow_costs_one_warning(folder: Path) -> None:
    """Where the system refuses to let the database grow, the texts are lost and nothing else is."""
    with Worker("cramped", folder) as worker:
        assert worker.hear() == "made 3, warned 1"
        assert worker.wait() == 0


@pytest.mark.parametrize(("is_open", "texts"), [(False, [TEXTS["key1"] * 20] * 3), (True, list(TEXTS.values())[:3])])
def test_a_locked_database_costs_one_warning_and_a_few_seconds(
    folder: Path, caplog: pytest.LogCaptureFixture, is_open: bool, texts: list[str]
) -> None:
    """While another program keeps the database to itself calls go on, and do not wait for it one after the other."""
    fill(folder)
    store = DiskStore(folder, size_limit=2**30, retry_after=600)
    if is_open:
        assert store.get("key1") == TEXTS["key1"]
    with closing(sqlite3.connect(folder / "cache.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        for number in range(50):
            store.set(f"more{number}", "{}", ttl=None)
        assert asyncio.run(fetched(store)) == texts
    assert len(warnings(caplog)) == 1
    assert not list(folder.parent.glob("cache.damaged-*"))


def test_a_value_file_that_is_gone_or_foreign_is_made_anew(store: DiskStore, folder: Path) -> None:
    """A long text whose file was taken away is a miss, and can be stored again."""
    store.set("long", "x" * 300_000, ttl=None)
    shutil.rmtree(next(folder.glob("??/??")))
    assert store.get("long") is None
    store.set("long", "y" * 300_000, ttl=None)
    assert store.get("long") == "y" * 300_000
