"""``DiskStore``: what is put in comes out again, for as long as it was asked to."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from gmn_llm.cache import CacheStats, DiskStore, NullStore, open_store
from gmn_llm.cache.store import WouldBlockError
from tests.cache.processes import Worker
from tests.cache.worker import opened, text_of

LONG = '{"long": "' + "x" * 300_000 + '"}'


def test_a_text_comes_back(store: DiskStore) -> None:
    """What is stored is found, by the quick read too, and a key that was never stored is not."""
    store.set("key", '{"a": "é\\u0000"}', ttl=None)
    assert store.get("key") == store.get_now("key") == '{"a": "é\\u0000"}'
    assert store.get("other") is None


def test_a_long_text_lies_in_a_file_and_comes_back(store: DiskStore, folder: Path) -> None:
    """A long text gets a file of its own, which only the read that may wait opens."""
    store.set("key", LONG, ttl=None)
    assert len(list(folder.glob("??/??/*.val"))) == 1
    assert store.get("key") == LONG
    with pytest.raises(WouldBlockError):
        store.get_now("key")


def test_a_lone_surrogate_is_stored_as_its_escape(store: DiskStore) -> None:
    """JSON text with half a surrogate pair comes back as JSON text that means the same."""
    store.set("key", '["\ud800"]', ttl=None)
    assert store.get("key") == '["\\ud800"]'


def test_a_text_replaces_the_one_before(store: DiskStore, folder: Path) -> None:
    """A second text of a key takes the place of the first, whose file goes."""
    store.set("key", LONG, ttl=None)
    store.set("key", "{}", ttl=None)
    assert store.get("key") == "{}"
    assert not list(folder.glob("??/??/*.val"))


def test_a_text_ends_with_its_time(store: DiskStore) -> None:
    """A text whose seconds are over is not found, counted or listed."""
    store.set("key", "{}", ttl=0)
    assert store.get("key") is None
    assert store.get_now("key") is None
    assert list(store.items()) == []
    assert store.stats().entries == 0


def test_a_text_lives_on_in_the_next_process(folder: Path) -> None:
    """What one store has written another one finds after the first was closed."""
    first, second = (DiskStore(folder, size_limit=2**30) for _ in range(2))
    first.set("key", "{}", ttl=600)
    first.close()
    assert second.get("key") == "{}"
    second.close()


def test_delete_forgets_one_and_clear_all(store: DiskStore, folder: Path) -> None:
    """``delete`` takes out one key, ``clear`` the rest with their files, and tells how many that were."""
    for key in ("a", "b", "c"):
        store.set(key, LONG, ttl=None)
    store.delete("a")
    store.delete("never there")
    assert store.get("a") is None
    assert store.clear() == 2
    assert list(store.items()) == []
    assert not list(folder.glob("??/??/*.val"))


def test_clear_removes_files_that_no_row_knows(store: DiskStore, folder: Path) -> None:
    """A value file that a killed process left behind goes with ``clear``."""
    store.set("key", LONG, ttl=None)
    (path,) = folder.glob("??/??/*.val")
    left = path.with_name("0" * 28 + ".val")
    left.write_text("{}")
    store.clear()
    assert not left.exists()


def test_items_lists_every_entry(store: DiskStore) -> None:
    """``items`` yields key and text of all entries, long ones too, over more than one page."""
    expected = {f"key{number}": f'{{"n": {number}}}' for number in range(250)} | {"long": LONG}
    for key, text in expected.items():
        store.set(key, text, ttl=None)
    assert dict(store.items()) == expected


def test_stats_count_reads_over_all_processes(store: DiskStore, folder: Path) -> None:
    """Hits and misses of a process that has ended are in the counts of the next one, uncounted reads are not."""
    store.set("key", "{}", ttl=None)
    store.get("key")
    store.get_now("key")
    store.get("other")
    store.get("other", count=False)
    store.close()
    later = DiskStore(folder, size_limit=2**30)
    stats = later.stats()
    later.close()
    assert (stats.entries, stats.hits, stats.misses, stats.location) == (1, 2, 1, str(folder))
    assert stats.bytes > 0


def test_the_oldest_go_when_there_is_no_room(folder: Path) -> None:
    """Above the size limit the entries that were stored first are evicted."""
    store = DiskStore(folder, size_limit=1_000_000)
    for number in range(100):
        store.set(f"key{number}", LONG[:30_000], ttl=None)
    keys = [key for key, _ in store.items()]
    assert store.stats().bytes < 1_100_000
    store.close()
    assert "key99" in keys
    assert "key0" not in keys


def test_a_closed_store_finds_nothing(store: DiskStore, folder: Path) -> None:
    """After ``close`` reads miss and writes are lost, and a second ``close`` does nothing."""
    store.set("key", "{}", ttl=None)
    store.close()
    store.set("other", "{}", ttl=None)
    store.close()
    assert store.get("key") is None
    later = DiskStore(folder, size_limit=2**30)
    assert dict(later.items()) == {"key": "{}"}
    later.close()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")
def test_only_the_owner_can_look(folder: Path) -> None:
    """The folder has mode 0700 and all files in it 0600, whatever the umask and the modes they had before."""
    folder.mkdir(mode=0o755)
    (folder / "cache.db").touch(mode=0o644)
    before = os.umask(0)
    try:
        store = DiskStore(folder, size_limit=2**30)
        store.set("short", "{}", ttl=None)
        store.set("long", LONG, ttl=None)
        lease = store.acquire("key")
    finally:
        os.umask(before)
    modes = {path.relative_to(folder): stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.rglob("*"))}
    names = {path.name for path in modes}
    assert lease is not None
    lease.release()
    store.close()
    assert {"cache.db", "cache.db-wal", "cache.db-shm"} < names
    assert len(list(folder.glob("??/??/*.val"))) == 1
    assert {str(path): oct(mode) for path, mode in modes.items()} == {
        str(path): oct(0o700 if (folder / path).is_dir() else 0o600) for path in modes
    }


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_has_connections_of_its_own(store: DiskStore, folder: Path) -> None:
    """A child reads and writes the store its parent had opened, and makes what the parent is making; both go on."""
    with Worker("fork", folder) as parent:
        assert parent.hear() == "0"
        assert parent.wait() == 0
    assert dict(store.items()) == {"key-1": text_of("key-1"), "child": "[]", "parent": "{}"}


def test_a_store_nobody_uses_touches_nothing(folder: Path) -> None:
    """To make a store neither makes its folder nor loads diskcache; the first use does."""
    script = (
        "import sys; from tests.cache.worker import opened; s = opened(sys.argv[1]); s.close();"
        "assert not {'diskcache', 'redis'} & set(sys.modules), 'loaded'"
    )
    subprocess.run([sys.executable, "-c", script, str(folder)], check=True, cwd=Path(__file__).parents[2])
    assert not folder.exists()
    opened(str(folder)).close()
    assert not folder.exists()


def test_without_a_place_nothing_is_stored() -> None:
    """With neither folder nor server the store takes everything and holds nothing."""
    store = open_store(folder=None, size_limit=1, redis_url=None)
    assert isinstance(store, NullStore)
    store.set("key", "{}", ttl=None)
    store.delete("key")
    assert (store.get("key"), store.get_now("key"), list(store.items()), store.clear()) == (None, None, [], 0)
    assert store.stats() == CacheStats()
    assert store.acquire("key") is not None
    store.close()
