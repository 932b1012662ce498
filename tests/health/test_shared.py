"""What factories that share a Redis have counted together; a real server and processes of their own."""

from __future__ import annotations

import asyncio
import json
import logging
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import redis

from gmn_llm import create_llm_factory
from gmn_llm.health import HealthView
from gmn_llm.health.shared import Shared
from gmn_llm.health.shelf import CLOSED, OPEN, RETENTION, SEEN
from gmn_llm.health.totals import Totals, added, differences, read, sheet_of, written
from tests.cache.conftest import RedisServer, redis_server
from tests.health.test_view import outcome
from tests.routing.conftest import section
from tests.wire.client import ROOT, Fault, Rule, WireServer

__all__ = ["redis_server"]  # a fixture, used by its name


class Publisher:
    """A process that calls, closes or is killed; see ``tests.health.publisher``."""

    def __init__(self, config: dict[str, object]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.health.publisher", json.dumps(config)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._read() == "ready"

    def say(self, word: str) -> str:
        """Gives it a line, and waits for its answer."""
        self.begin(word)
        return self.end()

    def begin(self, word: str) -> None:
        """Gives it a line."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{word}\n")
        self._process.stdin.flush()

    def end(self) -> str:
        """Waits for its answer."""
        return self._read()

    def kill(self) -> None:
        """Ends it without a word."""
        self._process.kill()
        self._close()

    def stop(self) -> None:
        """Ends it, unless it has ended."""
        if self._process.poll() is None:
            self._process.kill()
        self._close()

    def _close(self) -> None:
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None and not pipe.closed:
                pipe.close()

    def _read(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


@pytest.fixture
def begin() -> Iterator[Callable[[dict[str, object]], Publisher]]:
    """Begins processes; all are ended."""
    begun: list[Publisher] = []

    def make(config: dict[str, object]) -> Publisher:
        begun.append(Publisher(config))
        return begun[-1]

    yield make
    for publisher in begun:
        publisher.stop()


def config_of(wire: WireServer, server: RedisServer) -> dict[str, object]:
    """One provider at the test server, shared by the Redis."""
    openai = section(wire, "openai", max_retries=0)
    return {
        "provider": "openai",
        "openai": openai,
        "cache": {"redis_url": server.url},
        "router_settings": {"disable_cooldowns": True},
    }


def entries(server: RedisServer) -> tuple[dict[str, str], dict[str, str]]:
    """What is at the server of open processes and of closed ones."""
    with redis.Redis.from_url(server.url, decode_responses=True) as client:
        return dict(client.hgetall(OPEN)), dict(client.hgetall(CLOSED))  # type: ignore[arg-type]  # the client is not asynchronous


def counted(view: HealthView) -> Callable[[], Any]:
    """What a factory gives its sharing: the sums of its view."""
    return lambda: sheet_of(view.report(("",), {}))


def test_the_sum_of_processes_is_what_the_server_counted(
    wire: WireServer, redis_server: RedisServer, begin: Callable[[dict[str, object]], Publisher]
) -> None:
    """Processes that call at once, close, or are killed after they published: nothing is lost and nothing doubled."""
    wire.rule(Rule(fault=Fault.SERVER_ERROR, failure_rate=0.25))
    config = config_of(wire, redis_server)
    publishers = [begin(config) for _ in range(4)]
    for publisher in publishers:
        publisher.begin("12")
    assert [publisher.end() for publisher in publishers] == ["done"] * 4
    for publisher in publishers:
        publisher.begin("check")
    for publisher in publishers:
        publisher.end()
    publishers[0].say("close")
    publishers[1].kill()
    publishers[2].say("3")

    report = json.loads(publishers[3].say("check"))
    for publisher in publishers[2:]:
        publisher.say("close")
    after = json.loads(begin(config).say("check"))

    served = wire.requests()
    good = sum(seen.status == 200 for seen in served)
    told = after["providers"]["openai"]
    assert report["scope"] == after["scope"] == "shared"
    assert told["requests"] == len(served) == 51
    assert told["successes"] == good
    assert sum(told["failures"].values()) == len(served) - good
    assert told["deployments"]["openai/gpt-4o#1"]["requests"] == len(served)
    assert after["shared"]["processes"] == 1  # the one that was killed


def test_a_fork_counts_its_own_calls_only(
    wire: WireServer, redis_server: RedisServer, begin: Callable[[dict[str, object]], Publisher]
) -> None:
    """What a child inherited is its parent's to publish."""
    config = {"provider": "mock", "cache": {"redis_url": redis_server.url}}
    publisher = begin(config)
    publisher.say("3")
    publisher.say("fork")
    publisher.say("1")
    report = json.loads(publisher.say("check"))

    assert report["providers"]["mock"]["requests"] == 6


def test_nothing_but_names_and_numbers_is_published(
    wire: WireServer, redis_server: RedisServer, begin: Callable[[dict[str, object]], Publisher]
) -> None:
    """No prompt, no answer, no key, no address and no name of a host gets to the server."""
    import socket

    publisher = begin(config_of(wire, redis_server))
    publisher.say("2")
    publisher.say("check")
    opened, _ = entries(redis_server)
    text = "".join((*opened, *opened.values()))

    assert len(opened) == 1
    assert "openai/gpt-4o#1" in text
    for hidden in ("nobody is to see", wire.default_text[:30], wire.openai_key, "127.0.0.1", socket.gethostname()):
        assert hidden not in text


async def test_a_factory_closes_and_goes_on(redis_server: RedisServer) -> None:
    """What was counted before ``aclose`` is in the sum once, and what comes after it is added."""
    config = {"provider": "mock", "cache": {"redis_url": redis_server.url}}
    factory = create_llm_factory(config)
    for _ in range(2):
        await factory.generate_gmn("a 3x3 grid", use_cache=False)
        await factory.aclose()
    report = await factory.health_check(scope="shared")
    await factory.aclose()

    assert report["providers"]["mock"]["requests"] == 2
    assert entries(redis_server)[0] == {}


async def test_it_is_published_while_calls_go_on(redis_server: RedisServer) -> None:
    """Without a check and without closing, what was counted gets to the server within the pace."""
    view = HealthView()
    shared = Shared(redis_server.url, counted(view), pace=0.05)
    shared.touch()
    view.record(outcome())
    while not entries(redis_server)[0]:  # noqa: ASYNC110  # what is waited for is at the server
        await asyncio.sleep(0.02)
    (text,) = entries(redis_server)[0].values()
    sheet = read(text)
    await shared.aclose()

    assert sheet is not None
    assert sheet["a", ""].counts["requests"] == 1


async def test_a_hundred_processes_that_close_leave_one_entry(redis_server: RedisServer) -> None:
    """What is kept does not grow with the processes there were."""
    view = HealthView()
    view.record(outcome())
    many = [Shared(redis_server.url, counted(view)) for _ in range(100)]
    gathered = [await shared.gathered() for shared in many]
    await asyncio.gather(*(shared.aclose() for shared in many))
    opened, closed = entries(redis_server)
    sheet = read(*closed.values())

    assert gathered[-1].processes == 100
    assert opened == {}
    assert len(closed) == 1
    assert sheet is not None
    assert sheet["a", "a#1"].counts["requests"] == 100


async def test_what_is_old_leaves_the_sum(redis_server: RedisServer) -> None:
    """A process that was last heard of longer ago than the retention is not counted, nor is a day before it."""
    view = HealthView()
    view.record(outcome())
    shared = Shared(redis_server.url, counted(view))
    before = await shared.gathered()
    with redis.Redis.from_url(redis_server.url, decode_responses=True) as client:
        long_ago = time.time() - RETENTION - 5
        client.hset(OPEN, "dead", written(counted(view)()))
        client.zadd(SEEN, {"dead": long_ago})
        client.hset(CLOSED, "2020-01-01", written(counted(view)()))
        after = await shared.gathered()
        ended = client.ttl(OPEN)
        view.record(outcome())
        await shared.gathered()
        left = client.hgetall(OPEN)
        await shared.aclose()
        days = client.hgetall(CLOSED)

    assert before.sheet == after.sheet
    assert (before.processes, after.processes) == (1, 1)
    assert 0 < ended <= RETENTION  # type: ignore[operator]  # the client is not asynchronous
    assert "dead" not in left  # type: ignore[operator]  # the client is not asynchronous
    assert "2020-01-01" not in days  # type: ignore[operator]  # the client is not asynchronous


async def test_what_the_server_has_lost_does_not_come_back(redis_server: RedisServer) -> None:
    """After the server was emptied only what is new is counted."""
    view = HealthView()
    view.record(outcome())
    shared = Shared(redis_server.url, counted(view))
    await shared.gathered()
    with redis.Redis.from_url(redis_server.url) as client:
        client.flushall()
    view.record(outcome())
    gathered = await shared.gathered()
    await shared.aclose()

    assert gathered.sheet is not None
    assert gathered.sheet["a", ""].counts["requests"] == 1


async def test_what_another_version_wrote_is_left_as_it_is(redis_server: RedisServer) -> None:
    """Entries that can't be read are counted as such, and neither added up nor written over."""
    view = HealthView()
    view.record(outcome())
    today = time.strftime("%Y-%m-%d", time.gmtime())
    with redis.Redis.from_url(redis_server.url, decode_responses=True) as client:
        client.hset(CLOSED, today, '{"version": 99}')
        shared = Shared(redis_server.url, counted(view))
        gathered = await shared.gathered()
        await shared.aclose()
        closed = client.hgetall(CLOSED)

    assert gathered.unread == 1
    assert closed[today] == '{"version": 99}'  # type: ignore[index]  # the client is not asynchronous
    assert len(closed) == 2  # type: ignore[arg-type]  # the client is not asynchronous


async def test_a_redis_that_is_away_is_a_word_in_the_report(
    redis_server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    """Calls go on, the figures are this process's own, and the report and one warning say why."""
    redis_server.stop()
    config = {"provider": "mock", "cache": {"redis_url": redis_server.url}}
    with caplog.at_level(logging.WARNING, "gmn_llm"):
        async with create_llm_factory(config) as factory:
            for _ in range(2):
                await factory.generate_gmn("a 3x3 grid", use_cache=False)
            report = await factory.health_check(scope="shared")

    assert report["scope"] == "own"
    assert report["shared"]["ok"] is False
    assert "can't be used" in report["shared"]["message"]
    assert "cache.redis_url" in report["shared"]["hint"]
    assert report["providers"]["mock"]["requests"] == 2
    assert [record.name for record in caplog.records] == ["gmn_llm.health"]


async def test_a_redis_that_hangs_is_not_waited_for() -> None:
    """A server that takes connections and says nothing is given up after its time."""
    taken: list[asyncio.StreamWriter] = []
    server = await asyncio.start_server(lambda _reader, writer: taken.append(writer), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    config = {"provider": "mock", "cache": {"redis_url": f"redis://127.0.0.1:{port}"}}
    async with server, create_llm_factory(config) as factory:
        report = await asyncio.wait_for(factory.health_check(scope="shared"), 30)
        for writer in taken:
            writer.close()

    assert report["shared"]["ok"] is False


async def test_no_redis_is_no_redis() -> None:
    """What answers but is no Redis, and an address that can't be read, are told without a password."""
    password = "hunter2-hunter2"

    async def talk(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n" * 20)
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        for url in (f"redis://:{password}@127.0.0.1:{port}", f"redis://:{password}@127.0.0.1:no/port"):
            shared = Shared(url, counted(HealthView()))
            gathered = await shared.gathered()
            await shared.aclose()

            assert gathered.sheet is None
            assert gathered.trouble
            assert password not in gathered.trouble


async def test_the_routers_redis_serves_too(redis_server: RedisServer) -> None:
    """Where the cache is on the disk, the Redis of the router's settings is the one that is shared."""
    settings = {"redis_host": "127.0.0.1", "redis_port": redis_server.port}
    async with create_llm_factory({"provider": "mock", "router_settings": settings}) as factory:
        await factory.generate_gmn("a 3x3 grid", use_cache=False)
        report = await factory.health_check(scope="shared")

    assert report["shared"]["ok"] is True
    assert report["providers"]["mock"]["requests"] == 1


def test_without_sharing_nothing_is_sent(wire: WireServer, redis_server: RedisServer) -> None:
    """A factory that was never asked and never called has no word with the server."""

    async def idle() -> None:
        async with create_llm_factory({"provider": "mock", "cache": {"redis_url": redis_server.url}}) as factory:
            await factory.health_check()

    asyncio.run(idle())
    with redis.Redis.from_url(redis_server.url) as client:
        received = client.info("stats")["total_connections_received"]  # type: ignore[index]  # the client is not asynchronous

    assert received <= 2  # the fixture's own look, and this one


def sums(*outcomes: tuple[str | None, float]) -> Totals:
    """What a view makes of outcomes, each an error (or None) and the second it came at."""
    from datetime import UTC, datetime

    moment = [0.0]
    view = HealthView(now=lambda: datetime.fromtimestamp(moment[0], UTC))
    for error, second in outcomes:
        moment[0] = second
        view.record(outcome(error))
    return sheet_of(view.report(("",), {}))["a", ""]


def test_failures_in_a_row_end_with_a_success_anywhere() -> None:
    """Those that came after the last success of all are added up, others are not in a row any more."""
    failing = sums(("RateLimitError", 10.0), ("RateLimitError", 20.0))

    assert failing.plus(sums((None, 5.0))).consecutive_failures == 2
    assert failing.plus(sums((None, 30.0))).consecutive_failures == 0
    assert failing.plus(sums((None, 5.0), ("ProviderTimeoutError", 40.0))).consecutive_failures == 3
    assert failing.plus(sums(("ProviderTimeoutError", 40.0))).last_error == "ProviderTimeoutError"


def test_adding_and_taking_away_are_each_others_inverse() -> None:
    """What came after an earlier state, added to that state, is the later one."""
    earlier = {("a", ""): sums((None, 1.0), ("RateLimitError", 2.0))}
    later = {("a", ""): sums((None, 1.0), ("RateLimitError", 2.0), ("RateLimitError", 3.0))}

    assert added(earlier, differences(later, earlier)) == later
    assert differences(later, later) == {}


def test_a_text_that_is_none_of_ours_is_not_read() -> None:
    """Whatever else stands at the server is no sheet, and no exception either."""
    good = written({("a", ""): sums((None, 1.0))})
    broken = (
        "", "[]", "null", "{}", '{"version": 1}', '{"version": 1, "rows": [[1]]}', good.replace("0.0", "NaN"),
        good.replace('"failures": {}', '"failures": []'), "[" * 100_000,
    )  # fmt: skip

    assert read(good) is not None
    assert [read(text) for text in broken] == [None] * len(broken)
