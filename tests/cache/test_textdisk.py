"""Nothing but text is read from the folder: rows and files of any other kind are absent."""

from __future__ import annotations

import contextlib
import os
import pickle
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import diskcache
import pytest

from gmn_llm.cache import DiskStore
from gmn_llm.cache.textdisk import TextDisk

LONG = "x" * 300_000


class Bomb:
    """A value whose pickle makes a file when it is loaded."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return os.mkdir, (str(self.path),)


@pytest.fixture
def foreign(store: DiskStore, folder: Path) -> Iterator[diskcache.Cache]:
    """The plain diskcache on the folder of a store that holds one text."""
    store.set("ours", "{}", ttl=None)
    with diskcache.Cache(str(folder)) as cache:
        yield cache


def change(folder: Path, statement: str, *arguments: object) -> None:
    """Writes into the database behind everybody's back."""
    with closing(sqlite3.connect(folder / "cache.db", isolation_level=None)) as connection:
        connection.execute(statement, arguments)


@pytest.mark.parametrize(
    "value",
    [{"a": 1}, b"{}", b"{}" * 100_000, ["x" * 300_000], 1, 1.5, None],
    ids=lambda value: str(value)[:12],
)
def test_another_kind_of_value_is_absent(store: DiskStore, foreign: diskcache.Cache, value: object) -> None:
    """Pickles, bytes and numbers, short or in a file, are neither found nor listed nor counted."""
    foreign.set("theirs", value)
    assert store.get("theirs") is None
    assert store.get_now("theirs") is None
    assert dict(store.items()) == {"ours": "{}"}
    assert store.stats().entries == 1


@pytest.mark.parametrize("size", [1, 300_000])
def test_a_pickle_is_never_loaded(store: DiskStore, foreign: diskcache.Cache, tmp_path: Path, size: int) -> None:
    """Nothing a pickle would do is done: not as a value, not as a key."""
    bomb = Bomb(tmp_path / "exploded")
    foreign.set("theirs", [bomb, "x" * size])
    foreign.set((bomb, "x" * size), "{}")
    assert store.get("theirs") is None
    assert dict(store.items()) == {"ours": "{}"}
    store.delete("theirs")
    assert store.clear() == 2
    assert not bomb.path.exists()


@pytest.mark.parametrize("key", [b"theirs", 7, ("a", "b")])
def test_another_kind_of_key_is_absent(store: DiskStore, foreign: diskcache.Cache, key: object) -> None:
    """A text under a key that is no text is not listed."""
    foreign.set(key, "{}")
    assert dict(store.items()) == {"ours": "{}"}


def test_a_row_of_another_kind_is_replaced(store: DiskStore, foreign: diskcache.Cache) -> None:
    """A text can be stored where something else lay."""
    foreign.set("theirs", {"a": 1})
    store.set("theirs", "[]", ttl=None)
    assert store.get("theirs") == "[]"


def test_text_that_is_no_utf8_is_absent(store: DiskStore, folder: Path) -> None:
    """A row or a file whose bytes are no UTF-8 is neither found nor listed."""
    store.set("short", "{}", ttl=None)
    store.set("long", LONG, ttl=None)
    change(folder, "UPDATE Cache SET value = CAST(x'ff22' AS TEXT) WHERE key = 'short'")
    next(folder.glob("??/??/*.val")).write_bytes(b"\xff" * 10)
    assert (store.get("short"), store.get_now("short"), store.get("long")) == (None, None, None)
    assert list(store.items()) == []


def test_a_file_that_is_gone_is_absent(store: DiskStore, folder: Path) -> None:
    """A long text whose file was removed is neither found nor listed."""
    store.set("long", LONG, ttl=None)
    next(folder.glob("??/??/*.val")).unlink()
    assert store.get("long") is None
    assert list(store.items()) == []


def test_a_file_that_was_cut_short_is_absent(store: DiskStore, folder: Path) -> None:
    """A long text is whole or absent."""
    store.set("long", LONG, ttl=None)
    next(folder.glob("??/??/*.val")).write_text(LONG[:-1])
    assert store.get("long") is None
    assert list(store.items()) == []


@pytest.mark.parametrize("name", ["../outside.val", "/etc/hostname", "cache.db", "aa/bb/../../../outside.val"])
def test_a_name_that_leads_elsewhere_is_absent(store: DiskStore, folder: Path, name: str) -> None:
    """A row can make the store neither read nor remove a file that is not a value's."""
    outside = folder.parent / "outside.val"
    outside.write_text("{}")
    store.set("long", LONG, ttl=None)
    change(folder, "UPDATE Cache SET filename = ?, size = 2", name)
    assert store.get("long") is None
    assert list(store.items()) == []
    store.delete("long")
    assert outside.exists()
    assert (folder / "cache.db").exists()


def test_a_link_or_pipe_in_place_of_a_file_is_absent(store: DiskStore, folder: Path) -> None:
    """A value's file is a regular one: links are not followed, pipes are not waited for."""
    outside = folder.parent / "outside.val"
    outside.write_text(LONG)
    store.set("long", LONG, ttl=None)
    (path,) = folder.glob("??/??/*.val")
    path.unlink()
    path.symlink_to(outside)
    assert store.get("long") is None
    path.unlink()
    os.mkfifo(path)
    assert store.get("long") is None


@pytest.mark.parametrize("value", [b"{}", 1, {"a": 1}, None])
def test_only_text_can_be_written(tmp_path: Path, value: object) -> None:
    """The serialisation refuses keys and values that are no text."""
    disk = TextDisk(str(tmp_path), min_file_size=10)
    with pytest.raises(TypeError, match="text"):
        disk.put(value)
    with pytest.raises(TypeError, match="text"):
        disk.store(value, False)
    with pytest.raises(LookupError, match="text"):
        disk.get(value, True)


OPERATIONS: dict[str, Callable[[diskcache.Cache, str], object]] = {
    "get": lambda cache, key: cache.get(key, default="absent"),
    "read": lambda cache, key: cache.read(key),
    "contains": lambda cache, key: key in cache,
    "iterate": lambda cache, _: list(cache),
    "iterate backwards": lambda cache, _: list(reversed(cache)),
    "iterate keys": lambda cache, _: list(cache.iterkeys()),
    "expire": lambda cache, _: cache.expire(now=1e12),
    "cull": lambda cache, _: cache.cull(),
    "evict": lambda cache, _: cache.evict(None),
    "pop": lambda cache, key: cache.pop(key, default="absent"),
    "peek": lambda cache, _: cache.peek(default="absent"),
    "peek at the last item": lambda cache, _: cache.peekitem(),
    "pull": lambda cache, _: cache.pull(default="absent"),
    "check": lambda cache, _: cache.check(),
    "check and mend": lambda cache, _: cache.check(fix=True),
    "touch": lambda cache, key: cache.touch(key, expire=5),
    "increment": lambda cache, key: cache.incr(key),
    "add": lambda cache, key: cache.add(key, "{}"),
    "set": lambda cache, key: cache.set(key, "{}"),
    "delete": lambda cache, key: cache.delete(key),
    "clear": lambda cache, _: cache.clear(),
}
REFUSALS = (LookupError, TypeError, OSError)
COPY = (
    "INSERT INTO Cache (key, raw, store_time, access_time, mode, size, filename, value)"
    " SELECT ?, ?, store_time, access_time, mode, size, filename, value FROM Cache WHERE key = ?"
)


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.filterwarnings("ignore::diskcache.UnknownFileWarning", "ignore::diskcache.EmptyDirWarning")
def test_nothing_that_diskcache_can_do_loads_a_pickle(
    store: DiskStore, folder: Path, tmp_path: Path, operation: str
) -> None:
    """In every mode, in row and file, as value and as key: a planted pickle is refused or a miss, and does not run."""
    bomb = Bomb(tmp_path / "exploded")
    payload = pickle.dumps(bomb)
    keys = [f"{place}{mode}" for place in ("row", "file") for mode in range(5)]
    for key in keys:
        store.set(key, LONG if key.startswith("file") else "{}", ttl=None)
    store.close()
    for path in folder.glob("??/??/*.val"):
        path.write_bytes(payload)
    for key in keys:
        change(folder, "UPDATE Cache SET mode = ?, size = ? WHERE key = ?", int(key[-1]), len(payload), key)
        for raw in (0, 1):
            change(folder, COPY, payload + key.encode() + bytes([raw]), raw, key)
    change(folder, "UPDATE Cache SET value = ? WHERE filename IS NULL AND typeof(key) = 'text'", payload)
    with diskcache.Cache(str(folder), disk=TextDisk) as cache:
        for key in keys:
            with contextlib.suppress(*REFUSALS):
                OPERATIONS[operation](cache, key)
    later = DiskStore(folder, size_limit=2**30)
    assert {key: later.get(key) for key in keys if later.get(key) not in {"{}", None}} == {}
    assert {text for _, text in later.items()} <= {"{}"}
    later.clear()
    later.close()
    assert not bomb.path.exists()


def test_the_payload_of_these_tests_would_run(tmp_path: Path) -> None:
    """The plain diskcache does load it: what is refused above is the real thing."""
    bomb = Bomb(tmp_path / "exploded")
    with diskcache.Cache(str(tmp_path / "plain")) as cache:
        cache.set("theirs", [bomb])
        cache.get("theirs")
    assert bomb.path.exists()
