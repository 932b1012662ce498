"""Where the figures of processes lie on a Redis server, and the steps by which they get there and are read.

``OPEN`` has the sums of each process under its id, ``SEEN`` when it last wrote them, by the server's clock, and
``CLOSED`` the sums of each day's processes that have ended.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from gmn_llm.health.totals import Sheet, added, read, written

if TYPE_CHECKING:
    from redis import Redis
    from redis.client import Pipeline

    from gmn_llm.cache.redis_deadline import Deadline

__all__ = ["CLOSED", "OPEN", "RETENTION", "SEEN", "Gathered", "connect", "fold", "gather", "new_id", "publish"]

WAIT: Final = 1.0
"""Seconds for a connection, and for each piece of an answer."""
DAY: Final = 86_400
RETENTION: Final = 7 * DAY
"""Seconds for which the figures of a process stay in the sum after it last wrote them; days, for closed ones."""
# In braces, so that a cluster keeps them on one node.
OPEN: Final = "{gmn_llm:health}:open"
SEEN: Final = "{gmn_llm:health}:seen"
CLOSED: Final = "{gmn_llm:health}:closed"
PUBLISH: Final = """
if ARGV[3] == '0' and redis.call('hexists', KEYS[1], ARGV[1]) == 0 then return 0 end
local now = tonumber(redis.call('time')[1])
redis.call('hset', KEYS[1], ARGV[1], ARGV[2])
redis.call('zadd', KEYS[2], now, ARGV[1])
for _, name in ipairs(redis.call('zrangebyscore', KEYS[2], '-inf', now - ARGV[4])) do
  redis.call('hdel', KEYS[1], name)
  redis.call('zrem', KEYS[2], name)
end
redis.call('expire', KEYS[1], ARGV[4])
redis.call('expire', KEYS[2], ARGV[4])
return 1
"""
"""Write what a process has counted; 0 where its earlier figures are gone, which must not come back with these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """What the server has.

    Attributes:
        sheet: All figures together; None where the server could not be asked.
        processes: How many processes are in the sum that are open, or ended without closing.
        unread: How many entries could not be read.
        trouble: Why there is no sheet, in words.
        hint: What to do about it.
    """

    sheet: Sheet | None = None
    processes: int = 0
    unread: int = 0
    trouble: str = ""
    hint: str = ""


def new_id() -> str:
    """Return an id for a process that says nothing of it."""
    return secrets.token_hex(8)


def publish(client: Redis, name: str, sheet: Sheet, *, new: bool) -> bool:
    """Write the sums of a process; False where its earlier ones are gone, which must not come back with these.

    Args:
        client: The connection.
        name: The process's id.
        sheet: All it has counted under this id.
        new: Whether it is the first time, so that nothing can be gone.
    """
    return bool(client.eval(PUBLISH, 2, OPEN, SEEN, name, written(sheet), int(new), RETENTION))


def gather(client: Redis) -> Gathered:
    """Return what all processes have counted together, as far as it is not too old."""
    pipe = client.pipeline(transaction=True)
    pipe.time()
    pipe.zrange(SEEN, 0, -1, withscores=True)
    pipe.hgetall(OPEN)
    pipe.hgetall(CLOSED)
    (now, _), seen, opened, closed = pipe.execute()
    oldest = _day(now - RETENTION)
    young = [opened[name] for name, wrote in seen if name in opened and wrote > now - RETENTION]
    texts = [*young, *(text for day, text in closed.items() if day >= oldest)]
    known = [sheet for text in texts if (sheet := read(text)) is not None]
    return Gathered(sheet=added(*known), processes=len(young), unread=len(texts) - len(known))


def fold(client: Redis, name: str, sheet: Sheet) -> None:
    """Move the sums of a process to those of the day; once more, after an answer that was lost, it does nothing."""
    client.transaction(lambda pipe: _fold(pipe, name, sheet), CLOSED)


def _fold(pipe: Pipeline, name: str, sheet: Sheet) -> None:
    """Move the figures of a process to those of the day; again, after an answer that was lost, it does nothing."""
    there = pipe.hexists(OPEN, name)
    days = cast("dict[str, str]", pipe.hgetall(CLOSED))
    today, oldest = _day(time.time()), _day(time.time() - RETENTION)
    before = read(days[today]) if today in days else {}
    # What another version has written there is left as it is.
    place = today if before is not None else f"{today} {name}"
    pipe.multi()
    if there:
        pipe.hset(CLOSED, place, written(added(before or {}, sheet)))
        pipe.expire(CLOSED, RETENTION + DAY)
        pipe.hdel(OPEN, name)
        pipe.zrem(SEEN, name)
    for day in days:
        if day < oldest:
            pipe.hdel(CLOSED, day)


def _day(seconds: float) -> str:
    return time.strftime("%Y-%m-%d", time.gmtime(seconds))


def connect(url: str, deadline: Deadline) -> Redis:
    """Return a connection that keeps to a deadline, made when it is first used.

    Raises:
        ImportError: The extra is not installed.
        ValueError: The address can't be read.
    """
    from redis import Redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    client: Redis = Redis.from_url(
        url,
        socket_connect_timeout=WAIT,
        socket_timeout=WAIT,
        retry=Retry(NoBackoff(), 1),  # a connection that died in the pool is made anew, once
        decode_responses=True,
        encoding_errors="replace",
    )
    pool = client.connection_pool
    pool.connection_class = deadline.kept_by(pool.connection_class)
    return client
