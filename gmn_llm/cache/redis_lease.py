"""One lease for each key on a Redis server: short, renewed while its holder lives, gone soon after it dies."""

from __future__ import annotations

import os
import secrets
import threading
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from redis import Redis

__all__ = ["RedisLease", "RedisLeases"]

LENGTH = 1500  # milliseconds a lease lives without being renewed
RENEWAL = LENGTH / 3000  # seconds between two renewals: two may get lost

# Only who holds the lease may touch it, for it may have run out and been taken by another.
RENEW = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('pexpire', KEYS[1], ARGV[2]) end return 0"
DROP = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"


class RedisLease:
    """A held lease; see ``gmn_llm.cache.store.Lease``."""

    def __init__(self, leases: RedisLeases, name: str) -> None:
        self._leases = leases
        self.name = name
        self.token = secrets.token_hex(16)

    def release(self) -> None:
        """Hand the lease to the thread that drops it."""
        self._leases.release(self)


class RedisLeases:
    """The leases that this process holds, with one thread that renews and drops them.

    A thread, because an event loop that is busy for two seconds (loading a library, say) must not lose a lease.

    Args:
        client: The connection.
        attempt: Runs a function and keeps its errors from getting out.
    """

    def __init__(self, client: Redis, attempt: Callable[[Callable[[], object]], object]) -> None:
        self._client = client
        self._attempt = attempt
        self._condition = threading.Condition()
        self._held: set[RedisLease] = set()
        self._done: list[RedisLease] = []
        self._thread: threading.Thread | None = None
        self._pid = os.getpid()
        self._closing = False

    def acquire(self, name: str) -> RedisLease | None:
        """Return the lease called ``name``, or None while another holds it.

        Raises:
            redis.RedisError: The server can't be asked.
        """
        lease = RedisLease(self, name)
        if not self._client.set(name, lease.token, nx=True, px=LENGTH):
            return None
        with self._condition:
            if self._pid != os.getpid():  # a fork: these are the parent's
                self._held, self._done, self._pid = set(), [], os.getpid()
            self._held.add(lease)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._keep, name="gmn-cache-leases", daemon=True)
                self._thread.start()
        return lease

    def release(self, lease: RedisLease) -> None:
        """Stop renewing ``lease`` and have it dropped; a second call, or one in a forked child, does nothing."""
        if self._pid != os.getpid():
            return
        with self._condition:
            if lease in self._held:
                self._held.remove(lease)
                self._done.append(lease)
                self._condition.notify()

    def close(self) -> None:
        """Drop every lease that is left, and wait until that is done."""
        if self._pid != os.getpid():  # a fork that holds none of its own
            return
        with self._condition:
            thread = self._thread
            self._done += self._held
            self._held.clear()
            self._closing = True
            self._condition.notify()
        if thread is not None:
            thread.join()

    def _keep(self) -> None:
        while True:
            with self._condition:
                if not self._done and not self._closing:
                    self._condition.wait(RENEWAL)
                done, self._done = self._done, []
                held = list(self._held)
                if not done and not held:
                    self._thread = None
                    return
            for lease in done:
                self._attempt(partial(self._client.eval, DROP, 1, lease.name, lease.token))
            for lease in held:
                self._attempt(partial(self._client.eval, RENEW, 1, lease.name, lease.token, LENGTH))
