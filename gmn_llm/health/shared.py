"""The figures of all processes that share a Redis server, added up (extra ``redis``).

Each process writes its own sums under an id of its own, made by chance: only names of providers and deployments,
numbers and times. Nobody else writes there, so nothing is lost however many write at once. A process that closes adds
its sums to those of the day, in one step; one that ends without that writes them once more as it ends, and one that is
killed leaves its last ones where they are. Either stays in the sum for ``RETENTION`` after it was last written.
"""

from __future__ import annotations

import asyncio
import atexit
import logging
import os
import threading
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar
from weakref import ref

from gmn_llm.cache.redis_deadline import Deadline
from gmn_llm.cache.redis_store import masked_url
from gmn_llm.findings import quote
from gmn_llm.health.shelf import Gathered, connect, fold, gather, new_id, publish
from gmn_llm.health.totals import Sheet, added, differences

if TYPE_CHECKING:
    from collections.abc import Callable
    from weakref import ReferenceType

    from redis import Redis

__all__ = ["Shared"]

log = logging.getLogger("gmn_llm.health")

T = TypeVar("T")
PACE: Final = 3.0
"""Seconds between two publications while calls are made."""
IDLE: Final = 100
"""Rounds without anything new after which the thread ends; the next call begins another."""
WHOLE: Final = 1.5
"""Seconds for everything that is asked of the server at one time."""
LONGEST: Final = 2.0
"""Seconds after which nobody waits any more, whatever it is that hangs."""
HINT: Final = "check cache.redis_url, or the redis_ settings of router_settings, and that the server runs"


class Shared:
    """Publishes what a factory has counted, from a thread of its own, and adds up what all have.

    Trouble with the server is one warning on the log and never an exception.

    Args:
        url: The server, as redis-py reads it.
        own: Gives the sums of this process.
        pace: Seconds between two publications.
    """

    def __init__(self, url: str, own: Callable[[], Sheet], *, pace: float = PACE) -> None:
        self._url = url
        self._own = own
        self._pace = pace
        self._client: Redis | None = None
        self._deadline = Deadline()
        self._base: Sheet = {}
        self._sent: Sheet = {}
        self._warned = False
        self._begin()

    def _begin(self) -> None:
        self._pid = os.getpid()
        self._ends = False
        self._id = new_id()
        self._new = True
        self._thread: threading.Thread | None = None
        self._wake = threading.Event()
        self._touched = False
        self._state = threading.Lock()
        # Held while the server is asked, so that what is older is never written later.
        self._writing = threading.Lock()

    def touch(self) -> None:
        """Say that a call begins: what is counted is published within the pace, off the caller's thread."""
        self._mind_fork()
        self._touched = True
        if self._thread is None:
            with self._state:
                if self._thread is None:
                    leave = partial(_leave, ref(self))
                    atexit.register(leave)
                    arguments = (ref(self), self._wake, self._pace, leave)
                    self._thread = threading.Thread(target=_keep, args=arguments, name="gmn-llm-health", daemon=True)
                    self._thread.start()

    def leave(self) -> None:
        """Let the thread publish once more as the program ends, and wait for that, within bounds."""
        with self._state:
            thread = self._thread if self._pid == os.getpid() else None
            self._ends = True
            self._wake.set()
        if thread is not None:
            thread.join(LONGEST)

    @property
    def ends(self) -> bool:
        """Whether the program ends, so that what is new is to be published at once."""
        return self._ends

    async def gathered(self) -> Gathered:
        """Publish what this process has, and return what all have together."""
        self._mind_fork()
        try:
            return await _within(lambda: self._asked(self._publish_and_read))
        except _TroubleError as error:
            return Gathered(trouble=str(error), hint=error.hint)

    async def aclose(self) -> None:
        """Publish the last figures and add them to those of the day; later calls begin anew."""
        self._mind_fork()
        with self._state:
            self._wake.set()
            idle = self._thread is None and self._client is None
            self._thread, self._wake = None, threading.Event()
        if idle:
            return
        try:
            await _within(lambda: self._asked(self._publish_and_fold))
        except _TroubleError as error:
            self._warn(error)

    def publish(self) -> bool:
        """Write what is new, and return whether there was anything; trouble is a warning."""
        try:
            return self._asked(self._publish)
        except _TroubleError as error:
            self._warn(error)
            return False

    def rests(self) -> bool:
        """Return whether no call began since this was asked before; if so, the thread that asks is to end."""
        with self._state:
            touched, self._touched = self._touched, False
            if not touched and self._thread is threading.current_thread():
                self._thread = None
            return not touched

    def _mind_fork(self) -> None:
        """Begin anew in a forked child: what was counted before is the parent's to publish."""
        if self._pid != os.getpid():
            self._base, self._sent, self._client = self._own(), {}, None
            self._begin()

    def _asked(self, work: Callable[[], T]) -> T:
        """Return what ``work`` returns, one thread at a time and within the time there is.

        Raises:
            _TroubleError: The server can't be asked.
        """
        try:
            from redis.exceptions import RedisError  # the extra
        except ImportError as error:
            raise _TroubleError("the package redis is not installed", hint="pip install 'gmn-llm[redis]'") from error
        try:
            with self._writing, self._deadline.within(WHOLE):
                return work()
        except (RedisError, OSError, ValueError, TypeError, LookupError, AttributeError) as error:
            # The last ones are what redis-py makes of an answer that is none of Redis'.
            words = f"{_place(self._url)} can't be used: {quote(str(error)).rstrip('.')}"
            raise _TroubleError(words, hint=HINT) from error

    def _publish_and_read(self) -> Gathered:
        self._publish()
        return gather(self._connected())

    def _publish_and_fold(self) -> None:
        try:
            self._publish()
            if self._sent:
                name, sent = self._id, self._sent
                # Whatever comes of it, these figures are the server's now, and another id goes on after them.
                self._renew()
                fold(self._connected(), name, sent)
        finally:
            if self._client is not None:
                self._client.close()
                self._client = None

    def _publish(self) -> bool:
        mine = differences(self._own(), self._base)
        if not mine or mine == self._sent:
            return False
        if not self._written(mine):
            # The server has let go of what was there, for its age or by somebody's hand.
            self._renew()
            mine = differences(self._own(), self._base)
            if mine:
                self._written(mine)
        self._sent, self._new, self._warned = mine, not mine, False
        return True

    def _written(self, sheet: Sheet) -> bool:
        return publish(self._connected(), self._id, sheet, new=self._new)

    def _renew(self) -> None:
        """Go on under another id, after what was written under this one."""
        self._base = added(self._base, self._sent)
        self._sent, self._id, self._new = {}, new_id(), True

    def _connected(self) -> Redis:
        if self._client is None:
            self._client = connect(self._url, self._deadline)
        return self._client

    def _warn(self, error: _TroubleError) -> None:
        """Tell of trouble once, until something was written again."""
        if not self._warned:
            self._warned = True
            log.warning("the figures of this process are not shared: %s; %s", error, error.hint)


class _TroubleError(Exception):
    """The server can't be asked.

    Attributes:
        hint: What to do about it.
    """

    def __init__(self, message: str, *, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def _keep(shared: ReferenceType[Shared], wake: threading.Event, pace: float, leave: Callable[[], None]) -> None:
    """Publish again and again, until it is closed, or gone, or nothing was new for long; also as the program ends."""
    try:
        idle = 0
        while not wake.wait(pace):
            me = shared()
            if me is None:
                return
            idle = 0 if me.publish() else idle + 1
            if idle >= IDLE and me.rests():
                return
            del me
        me = shared()
        if me is not None and me.ends:
            me.publish()
    finally:
        atexit.unregister(leave)


def _leave(shared: ReferenceType[Shared]) -> None:
    me = shared()
    if me is not None:
        me.leave()


async def _within(work: Callable[[], T]) -> T:
    """Run ``work`` on a thread that nobody waits for longer than it may take; a name that is looked up may hang.

    Raises:
        _TroubleError: It took too long.
    """
    done: Future[T] = Future()

    def run() -> None:
        done.set_running_or_notify_cancel()  # so that nobody can take it away any more
        try:
            done.set_result(work())
        except _TroubleError as error:
            done.set_exception(error)

    threading.Thread(target=run, name="gmn-llm-health-once", daemon=True).start()
    try:
        return await asyncio.wait_for(asyncio.wrap_future(done), LONGEST)
    except TimeoutError as error:
        raise _TroubleError(f"the shared Redis took more than {LONGEST:g} s", hint=HINT) from error


def _place(url: str) -> str:
    """Return where the server is, without a password."""
    try:
        return f"the shared Redis at {masked_url(url)}"
    except ValueError:
        return "the shared Redis"
