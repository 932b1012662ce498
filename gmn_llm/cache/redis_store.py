"""Texts on a Redis server, shared by several machines (extra ``redis``)."""

from __future__ import annotations

import threading
import time
from functools import partial
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit

from gmn_llm.cache.redis_deadline import Deadline
from gmn_llm.cache.redis_lease import RedisLeases
from gmn_llm.cache.store import CacheStats, Complaints, Lease, NoLease, WouldBlockError, storable
from gmn_llm.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from redis import Redis

__all__ = ["RedisStore", "masked_url"]

T = TypeVar("T")
U = TypeVar("U")
TEXTS = "gmn_llm:text:"
LEASES = "gmn_llm:lease:"
COUNTS = "gmn_llm:counts"
WAIT = 1.0  # seconds for a connection, and for each piece of an answer
WHOLE = 1.5  # seconds for a whole answer, a connection before it included
PAGE = 200  # keys the server is asked for at a time


class RedisStore:
    """A ``Store`` on a Redis server, which sees to its own size (``maxmemory``) and to the end of each entry.

    While the server can't be reached nothing is found, and it is left alone for ``retry_after`` seconds.

    Args:
        url: ``redis://``, ``rediss://`` or ``unix://``, as redis-py reads it.
        retry_after: Seconds.

    Raises:
        ImportError: The extra is not installed.
        ConfigError: The URL can't be read.
    """

    def __init__(self, url: str, *, retry_after: float = 5.0) -> None:
        self._deadline = Deadline()
        self._client = _connect(url, self._deadline)
        self._retry_after = retry_after
        self._location = masked_url(url)
        self._complaints = Complaints(self._location)
        self._leases = RedisLeases(self._client, lambda work: self._try("lease", work, None))
        self._wait_until = 0.0
        self._closed = False
        self._counting = threading.Lock()
        self._hits = 0
        self._misses = 0

    @property
    def trouble(self) -> str | None:
        """What has kept the server from being used, in words; None where nothing has."""
        return self._complaints.trouble

    def get(self, key: str, *, count: bool = True) -> str | None:
        """Return the text of ``key``, or None; ``count=False`` leaves hits and misses as they are."""
        text = _text(self._try("read", lambda: self._client.get(TEXTS + key), None))
        if count:
            with self._counting:
                self._hits += text is not None
                self._misses += text is None
        return text

    def get_now(self, key: str) -> str | None:  # noqa: ARG002 - the protocol's arguments
        """Refuse: the network may take its time.

        Raises:
            WouldBlockError: Always.
        """
        raise WouldBlockError

    def set(self, key: str, text: str, *, ttl: float | None) -> None:
        """Store ``text`` for ``ttl`` seconds (one thousandth at least), or for as long as the server likes."""
        name, whole = TEXTS + key, storable(text)
        end = None if ttl is None else max(1, round(ttl * 1000))
        self._try("write", lambda: self._client.set(name, whole, px=end), None)
        self._save_counts()

    def delete(self, key: str) -> None:
        """Forget ``key``."""
        self._try("write", lambda: self._client.unlink(TEXTS + key), None)

    def clear(self) -> int:
        """Forget every text, but not what others keep on the server, and return how many that were."""
        count = 0
        for names in self._pages():
            count += self._try("write", partial(self._forgotten, names), 0)
        return count

    def stats(self) -> CacheStats:
        """Return counts, and the bytes of the texts alone."""
        self._save_counts()
        lengths = [length for names in self._pages() for length in self._lengths(names)]
        hits, misses = self._try("read", self._counts, (0, 0))
        return CacheStats(
            entries=len(lengths),
            bytes=sum(lengths),
            hits=hits,
            misses=misses,
            location=self._location,
        )

    def items(self) -> Iterator[tuple[str, str]]:
        """Yield key and text of every entry that ``get`` would find."""
        seen: set[str] = set()  # a scan may come by the same key twice
        for names in self._pages():
            for name, value in self._try("read", partial(self._named, names), []):
                key, text = _text(name), _text(value)
                if key is not None and text is not None and key not in seen:
                    seen.add(key)
                    yield key.removeprefix(TEXTS), text

    def acquire(self, key: str) -> Lease | None:
        """Return the right to make the text of ``key``, or None while another client of the server holds it."""
        return self._try("lease", lambda: self._leases.acquire(LEASES + key), NoLease())

    def close(self) -> None:
        """Drop leases and connections; later calls find nothing."""
        self._save_counts()
        self._leases.close()
        self._closed = True
        self._client.close()

    def _pages(self) -> Iterator[list[bytes | str]]:
        cursor = 0
        while page := self._try("read", partial(self._page, cursor), None):
            cursor, names = page
            if names:
                yield names
            if cursor == 0:  # the server's word for the last page
                return

    def _page(self, cursor: int) -> tuple[int, list[bytes | str]]:
        following, names = self._client.scan(cursor, f"{TEXTS}*", PAGE)
        return int(following), list(names)

    def _named(self, names: list[bytes | str]) -> list[tuple[bytes | str, object]]:
        return list(zip(names, self._client.mget(names), strict=True))

    def _forgotten(self, names: list[bytes | str]) -> int:
        return int(self._client.unlink(*names))

    def _counts(self) -> tuple[int, int]:
        hits, misses = self._client.hmget(COUNTS, ["hits", "misses"])
        return int(hits or 0), int(misses or 0)

    def _lengths(self, names: list[bytes | str]) -> list[int]:
        pipeline = self._client.pipeline(transaction=False)
        for name in names:
            pipeline.strlen(name)
        lengths = self._try("read", partial(pipeline.execute, raise_on_error=False), [])
        return [length for length in lengths if isinstance(length, int)]  # the rest are errors: keys of another type

    def _save_counts(self) -> None:
        with self._counting:
            hits, misses, self._hits, self._misses = self._hits, self._misses, 0, 0
        if hits:
            self._try("write", lambda: self._client.hincrby(COUNTS, "hits", hits), None)
        if misses:
            self._try("write", lambda: self._client.hincrby(COUNTS, "misses", misses), None)

    def _try(self, kind: str, work: Callable[[], T], absent: U) -> T | U:
        from redis.exceptions import InvalidResponse, RedisError, ResponseError  # the extra

        if self._closed or time.monotonic() < self._wait_until:
            return absent
        try:
            with self._deadline.within(WHOLE):
                return work()
        except ResponseError as error:
            self._complaints.tell(kind, f"failed, and the call went on without: {error}")
        except (
            InvalidResponse,
            ValueError,
            TypeError,
            LookupError,
            AttributeError,
            OverflowError,
            RecursionError,
        ) as error:
            # What redis-py makes of an answer of another form, for it does not look at answers before it takes them
            # apart. The rest of this one must not be read as the next.
            self._wait_until = time.monotonic() + self._retry_after
            self._client.connection_pool.disconnect()
            self._complaints.tell("open", f"does not answer as Redis does, so nothing is cached: {error}")
        except RedisError as error:
            self._wait_until = time.monotonic() + self._retry_after
            self._complaints.tell("open", f"can't be reached, so nothing is cached: {error}")
        return absent


def masked_url(url: str) -> str:
    """Return ``url`` as it may stand in a message: without its password."""
    parts = urlsplit(url)
    if "@" in parts.path or "@" in parts.fragment:  # a password with a bare / or # in it
        return f"{parts.scheme}://***"
    account, at, host = parts.netloc.rpartition("@")
    user, colon, _ = account.partition(":")
    query = [(name, "***" if "password" in name else value) for name, value in parse_qsl(parts.query)]
    secret = "***" if colon else ""
    options = f"?{urlencode(query, safe='*/')}" if query else ""
    return f"{parts.scheme}://{user}{colon}{secret}{at}{host}{parts.path}{options}"


def _connect(url: str, deadline: Deadline) -> Redis:
    try:
        from redis import Redis  # the extra
        from redis.backoff import NoBackoff
        from redis.retry import Retry
    except ImportError as error:
        raise ImportError("a cache on Redis needs the extra: pip install 'gmn-llm[redis]'") from error
    try:
        client = Redis.from_url(
            url,
            socket_connect_timeout=WAIT,
            socket_timeout=WAIT,
            retry=Retry(NoBackoff(), 1),  # a connection that died in the pool is made anew, once
        )
        pool = client.connection_pool
        pool.connection_class = deadline.kept_by(pool.connection_class)
        # Made and thrown away: only this finds out about options that no connection takes.
        pool.connection_class(**pool.connection_kwargs)
    except (ValueError, TypeError):
        # Without the cause, whose message may quote a password that was taken for a port.
        raise ConfigError(
            "cache.redis_url can't be read",
            hint="redis://[user:password@]host:port/number; write / # ? @ in a password as %2F %23 %3F %40",
        ) from None
    return client


def _text(value: object) -> str | None:
    try:
        if isinstance(value, bytes):
            return value.decode("utf-8")
        return value if isinstance(value, str) else None
    except UnicodeDecodeError:
        return None
