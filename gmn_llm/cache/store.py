"""What a store of cached texts is, and the one that holds nothing."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "CacheStats",
    "Complaints",
    "Lease",
    "NoLease",
    "NullStore",
    "Store",
    "WouldBlockError",
    "storable",
]

LOGGER = logging.getLogger("gmn_llm.cache")


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheStats:
    """The state of a store.

    Attributes:
        entries: Texts that a reader would find now.
        bytes: Room they take: on the disk for a folder, of the values alone for Redis.
        hits: Reads that found a text, by every process that shares the store.
        misses: Reads that found none.
        location: The folder, or the address without its password; empty where nothing is stored.
    """

    entries: int = 0
    bytes: int = 0
    hits: int = 0
    misses: int = 0
    location: str = ""


class WouldBlockError(Exception):
    """The text can't be had without waiting; ask again with ``get`` on a thread that may wait."""


class Lease(Protocol):
    """The right to make the text of one key, held by one caller among all that share the store."""

    def release(self) -> None:
        """Let the next one have it. Never waits; a second call does nothing."""
        ...


class Store(Protocol):
    """Texts by key, shared between threads and processes. Keys are what ``cache_key`` returns.

    No method raises for trouble with the disk or the network: it is logged once, and the store then works as
    if it held nothing. All but ``get_now`` may wait, and so do not belong on an event loop's thread.
    """

    @property
    def trouble(self) -> str | None:
        """What has kept the store from working, in words; None where nothing has."""
        ...

    def get(self, key: str, *, count: bool = True) -> str | None:
        """Return the text of ``key``, or None; ``count=False`` leaves hits and misses as they are."""
        ...

    def get_now(self, key: str) -> str | None:
        """Return what ``get`` would, at once.

        Raises:
            WouldBlockError: The answer can't be had without waiting.
        """
        ...

    def set(self, key: str, text: str, *, ttl: float | None) -> None:
        """Store ``text`` for ``ttl`` seconds, or without an end for None."""
        ...

    def delete(self, key: str) -> None:
        """Forget ``key``."""
        ...

    def clear(self) -> int:
        """Forget everything and return how many entries that were."""
        ...

    def stats(self) -> CacheStats:
        """Return counts and size."""
        ...

    def items(self) -> Iterator[tuple[str, str]]:
        """Yield key and text of every entry that ``get`` would find."""
        ...

    def acquire(self, key: str) -> Lease | None:
        """Return the right to make the text of ``key``, or None while another process holds it."""
        ...

    def close(self) -> None:
        """Let go of files and connections; later calls find nothing."""
        ...


class NoLease:
    """The right to make a text where nobody else could hold it."""

    def release(self) -> None:
        """Do nothing."""


class NullStore:
    """A store that holds nothing: every read is a miss.

    Args:
        location: Where something could be stored, if anywhere.
    """

    trouble: str | None = None

    def __init__(self, location: str = "") -> None:
        self._location = location

    def get(self, key: str, *, count: bool = True) -> str | None:  # noqa: ARG002 - the protocol's arguments
        """Return None."""
        return None

    def get_now(self, key: str) -> str | None:  # noqa: ARG002
        """Return None."""
        return None

    def set(self, key: str, text: str, *, ttl: float | None) -> None:
        """Forget the text at once."""

    def delete(self, key: str) -> None:
        """Do nothing."""

    def clear(self) -> int:
        """Return 0."""
        return 0

    def stats(self) -> CacheStats:
        """Return zeros."""
        return CacheStats(location=self._location)

    def items(self) -> Iterator[tuple[str, str]]:
        """Yield nothing."""
        return iter(())

    def acquire(self, key: str) -> Lease | None:  # noqa: ARG002
        """Grant the right to anybody."""
        return NoLease()

    def close(self) -> None:
        """Do nothing."""


class Complaints:
    """The log of one store's troubles: the first is told, and so is the first damage; what follows says no more."""

    def __init__(self, location: str) -> None:
        self._location = location
        self._told: dict[bool, str] = {}
        self._lock = threading.Lock()

    @property
    def trouble(self) -> str | None:
        """What went wrong first, or None; damage does not count, for the store went on anew."""
        return self._told.get(False)

    def tell(self, kind: str, trouble: object) -> None:
        """Warn that ``kind`` of work has failed because of ``trouble``, unless enough has been said before."""
        damage, said = kind == "damage", f"cache {self._location}: {kind}: {trouble}"
        with self._lock:
            if damage in self._told:
                return
            self._told[damage] = said
        LOGGER.warning("%s", said)


def storable(text: str) -> str:
    """Return JSON ``text`` in a form that UTF-8 can carry.

    A lone surrogate can only stand inside a JSON string, where its escape means the same.
    """
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
