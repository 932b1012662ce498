"""``RedisStore`` against a real server: shared texts, leases between machines, and life without the server."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from gmn_llm.cache import Fetched, PromptCache, RedisStore
from gmn_llm.cache.redis_store import masked_url
from gmn_llm.cache.store import WouldBlockError
from gmn_llm.errors import ConfigError
from tests.cache.conftest import RedisServer
from tests.cache.processes import Worker, fetch_together
from tests.cache.test_damage import warnings


@pytest.fixture
def remote(redis_server: RedisServer) -> Iterator[RedisStore]:
    """A store on the server."""
    store = RedisStore(redis_server.url, retry_after=0)
    yield store
    store.close()


@pytest.fixture
def client(redis_server: RedisServer) -> Iterator[Redis]:
    """Another program that uses the same server."""
    with Redis.from_url(redis_server.url) as opened:
        yield opened


async def make() -> str:
    """Makes a text."""
    return "{}"


def test_a_text_comes_back(remote: RedisStore) -> None:
    """What is stored is found, and a key that was never stored or was deleted is not."""
    remote.set("key", '{"a": "é\\u0000"}', ttl=600)
    remote.set("gone", '["\ud800"]', ttl=None)
    assert remote.get("gone") == '["\\ud800"]'
    remote.delete("gone")
    assert remote.get("key") == '{"a": "é\\u0000"}'
    assert (remote.get("gone"), remote.get("other")) == (None, None)


def test_a_quick_read_is_refused(remote: RedisStore) -> None:
    """A read over the network may wait, so none is made on an event loop's thread."""
    with pytest.raises(WouldBlockError):
        remote.get_now("key")


def test_a_text_ends_with_its_time(remote: RedisStore, client: Redis) -> None:
    """The server itself removes a text when its seconds are over, and keeps one without an end."""
    remote.set("key", "{}", ttl=600)
    remote.set("always", "{}", ttl=None)
    assert 590_000 < int(client.pttl("gmn_llm:text:key")) <= 600_000
    assert client.pttl("gmn_llm:text:always") == -1


def test_items_stats_and_clear_see_our_texts_alone(remote: RedisStore, client: Redis) -> None:
    """Over several pages, and whatever else is on the server, which stays."""
    expected = {f"key{number}": f'{{"n": "é{number}"}}' for number in range(500)}
    for key, text in expected.items():
        remote.set(key, text, ttl=None)
    client.set("theirs", "1")
    client.lpush("gmn_llm:text:list", "no text")
    client.set("gmn_llm:text:bytes", b"\xff")
    assert dict(remote.items()) == expected
    assert (remote.get("list"), remote.get("bytes"), remote.get("key1")) == (None, None, expected["key1"])
    stats = remote.stats()
    assert stats.entries == 501  # the server tells a string's length, not whether it is UTF-8
    assert stats.bytes == sum(len(text.encode()) for text in expected.values()) + 1
    assert (stats.hits, stats.misses) == (1, 2)
    assert remote.clear() == 502
    assert dict(remote.items()) == {}
    assert client.get("theirs") == b"1"


def test_three_processes_make_each_key_once(redis_server: RedisServer, tmp_path: Path) -> None:
    """Clients of one server that ask for the same keys at once make each of them once."""
    right, made = fetch_together(redis_server.url, tmp_path / "log", processes=3, keys=5, tasks=4, seconds=0.3)
    assert sorted(made) == sorted(f"key-{number}" for number in range(5))
    assert right == 3 * 5 * 4


async def test_a_killed_holder_is_replaced(remote: RedisStore, redis_server: RedisServer) -> None:
    """When the process that makes a text is killed its lease runs out, and another one makes it."""
    with Worker("hang", redis_server.url, "key") as holder:
        assert await asyncio.to_thread(holder.hear) == "making"
        waiting = asyncio.create_task(PromptCache(remote, ttl=None).fetch("key", make))
        await asyncio.sleep(0.3)
        assert not waiting.done()
        holder.kill()
        async with asyncio.timeout(30):
            assert await waiting == Fetched("{}", hit=False, shared=False)


async def test_a_busy_holder_keeps_its_lease(remote: RedisStore, redis_server: RedisServer, tmp_path: Path) -> None:
    """A make that blocks its event loop for longer than a lease lives is not made a second time."""
    with Worker("busy", redis_server.url, tmp_path / "log", "key-1", 4) as holder:
        assert await asyncio.to_thread(holder.hear) == "making"
        fetched = await PromptCache(remote, ttl=None).fetch("key-1", make)
        assert holder.wait() == 0
    assert (fetched.hit, fetched.shared) == (True, True)


def test_a_released_lease_is_free(remote: RedisStore, redis_server: RedisServer, client: Redis) -> None:
    """A lease is held against other clients until it is released; a second release does nothing."""
    other = RedisStore(redis_server.url)
    lease = remote.acquire("key")
    assert lease is not None
    assert other.acquire("key") is None
    assert 0 < int(client.pttl("gmn_llm:lease:key")) <= 1500
    lease.release()
    while (second := other.acquire("key")) is None:
        pass
    lease.release()
    assert remote.acquire("key") is None
    other.close()
    assert client.exists("gmn_llm:lease:key") == 0
    second.release()


async def test_a_server_that_stops_is_a_miss(
    remote: RedisStore, redis_server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    """When the server stops in the middle there is one warning, calls go on, and it is used again later."""
    cache = PromptCache(remote, ttl=None)
    await cache.set("key", "[]")
    redis_server.stop()
    for _ in range(3):
        assert await cache.fetch("key", make) == Fetched("{}", hit=False, shared=False)
    remote.delete("key")
    assert (remote.clear(), list(remote.items()), remote.stats().entries) == (0, [], 0)
    (warning,) = warnings(caplog)
    assert f"127.0.0.1:{redis_server.port}" in warning
    redis_server.start()
    await cache.set("key", "[1]")
    assert await cache.get("key") == "[1]"
    assert len(warnings(caplog)) == 1


async def test_a_server_that_stops_during_a_make_costs_nothing(
    remote: RedisStore, redis_server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    """A text whose lease and place went away with the server is still returned."""

    async def stop() -> str:
        redis_server.stop()
        await asyncio.sleep(1)
        return "{}"

    assert (await PromptCache(remote, ttl=None).fetch("key", stop)).text == "{}"
    assert len(warnings(caplog)) == 1


def test_a_server_out_of_memory_is_told_once(
    redis_server: RedisServer, remote: RedisStore, client: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    """A write the server refuses is lost with a warning, and reads go on."""
    remote.set("key", "{}", ttl=None)
    client.config_set("maxmemory", "1")
    for _ in range(3):
        remote.set("more", "{}", ttl=None)
    assert remote.get("key") == "{}"
    assert len(warnings(caplog)) == 1


def test_a_password_is_never_told(redis_server: RedisServer, caplog: pytest.LogCaptureFixture) -> None:
    """A wrong password is one warning that does not quote it, and a miss."""
    store = RedisStore(f"redis://me:hush-hush@127.0.0.1:{redis_server.port}/0")
    assert store.get("key") is None
    assert store.stats().location == f"redis://me:***@127.0.0.1:{redis_server.port}/0"
    store.close()
    (warning,) = warnings(caplog)
    assert "hush" not in warning


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://localhost:6379/0", "redis://localhost:6379/0"),
        ("rediss://:secret@host:1/2", "rediss://:***@host:1/2"),
        ("redis://user@host/0", "redis://user@host/0"),
        ("redis://u:se%2Fcret@host", "redis://u:***@host"),
        ("unix://u:secret@/run/redis.sock?db=1", "unix://u:***@/run/redis.sock?db=1"),
        ("unix:///run/redis.sock?password=secret&db=1", "unix:///run/redis.sock?password=***&db=1"),
        ("redis://:12/secret@host", "redis://***"),
    ],
)
def test_an_address_is_shown_without_its_password(url: str, shown: str) -> None:
    """Wherever in the address the password stands."""
    assert masked_url(url) == shown


@pytest.mark.parametrize(
    "url",
    [
        "localhost:6379",
        "http://localhost",
        "redis://:se/cret@host",
        "redis://host?db=x",
        "redis://host?dbb=1",
    ],
)
def test_an_address_that_cannot_be_read_is_an_error(url: str) -> None:
    """A slip in the address is a ``ConfigError`` that quotes none of it."""
    with pytest.raises(ConfigError, match="redis_url") as caught:
        RedisStore(url)
    assert "cret" not in f"{caught.value} {caught.value.hint} {caught.value.__cause__}"


def test_without_the_extra_the_error_names_it() -> None:
    """Where redis-py is missing the ``ImportError`` says what to install."""
    script = (
        "import sys; sys.modules['redis'] = None\n"
        "from gmn_llm.cache import RedisStore\n"
        "try: RedisStore('redis://localhost')\n"
        "except ImportError as error: assert 'gmn-llm[redis]' in str(error), error\n"
        "else: raise AssertionError('no error')"
    )
    subprocess.run([sys.executable, "-c", script], check=True, cwd=Path(__file__).parents[2])


class Rubbish:
    """A server on the loopback that answers whatever it is asked with the same bytes."""

    def __init__(self, answer: bytes) -> None:
        self._answer = answer
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"redis://127.0.0.1:{self._listener.getsockname()[1]}/0"
        self._threads = [threading.Thread(target=self._serve, daemon=True)]
        self._threads[0].start()

    def stop(self) -> None:
        """Takes no further connection."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(timeout=10)

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self._threads.append(threading.Thread(target=self._answer_all, args=(connection,), daemon=True))
                self._threads[-1].start()

    def _answer_all(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            while connection.recv(65536):
                connection.sendall(self._answer)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x00\xff\xfe\r\n", b"$x\r\n", b"$9\r\nshort\r\nlong", b":7\r\n", b"+OK\r\n",
        b"*2\r\n:1\r\n:2\r\n", b"*-1\r\n", b"$-1\r\n", b"$2\r\n\xff\xff\r\n", b"-ERR no\r\n", b"-NOAUTH who?\r\n",
        b"-LOADING not yet\r\n", b"-MOVED 1 10.0.0.1:1\r\n", b"*1\r\n", b"\r\n", b"*1\r\n" * 100_000,
    ],
    ids=lambda answer: repr(answer[:40]),
)  # fmt: skip
async def test_a_server_that_answers_rubbish_is_a_miss(answer: bytes, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever it says, one warning at most is told, nothing is found, and calls go on."""
    server = Rubbish(answer)
    store = RedisStore(server.url, retry_after=600)
    cache = PromptCache(store, ttl=600)
    for number in range(3):
        fetched = await cache.fetch(f"key{number}", make, usable=lambda text: text == "{}")
        assert fetched == Fetched("{}", hit=False, shared=False)
    await asyncio.to_thread(all_of, store)
    await cache.aclose()
    server.stop()
    assert len(warnings(caplog)) <= 1


class Dripping(Rubbish):
    """A server whose answers never end: a byte now and then."""

    def _answer_all(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.recv(65536)
            connection.sendall(self._answer)
            while True:
                connection.sendall(b"x")
                time.sleep(0.1)


async def test_a_server_that_drips_is_left_alone(caplog: pytest.LogCaptureFixture) -> None:
    """An answer that goes on and on is given up as a whole, with one warning, and the call goes on."""
    server = Dripping(b"$1000000\r\n")
    store = RedisStore(server.url, retry_after=600)
    cache = PromptCache(store, ttl=600)
    async with asyncio.timeout(20):  # the million of bytes would take a day
        for number in range(3):
            assert await cache.fetch(f"key{number}", make) == Fetched("{}", hit=False, shared=False)
        await cache.aclose()
    await asyncio.to_thread(server.stop)
    assert len(warnings(caplog)) == 1


def all_of(store: RedisStore) -> None:
    """Calls everything else a store has."""
    store.delete("key")
    assert isinstance(store.clear(), int)
    assert all(isinstance(text, str) for pair in itertools.islice(store.items(), 5) for text in pair)
    stats = store.stats()
    assert all(isinstance(count, int) for count in (stats.entries, stats.bytes, stats.hits, stats.misses))
