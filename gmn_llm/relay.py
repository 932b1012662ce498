"""What one task makes and another reads, piece by piece.

asyncio ends its tasks before it closes the generators that are left, and closes those all at once, in no order. So
whatever a stream opens lives in a task of its own, which closes it again in the order it was opened, and the only
generator that a reader can leave behind is the one below, which holds nothing.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Generic, Self, TypeVar

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

__all__ = ["Relay", "Stream"]

T = TypeVar("T")


class Relay(Generic[T]):
    """Where the task that makes pieces puts them down."""

    def __init__(self) -> None:
        self._pieces: asyncio.Queue[T | None] = asyncio.Queue()
        self._wanted = asyncio.Event()

    def tell(self, piece: T) -> None:
        """Put a piece down, and go on at once."""
        self._pieces.put_nowait(piece)

    async def hand(self, piece: T) -> None:
        """Put a piece down, and go on when the reader has had it and asks for the next."""
        self._wanted.clear()
        self._pieces.put_nowait(piece)
        await self._wanted.wait()

    def end(self, making: asyncio.Task[None]) -> None:
        """Let the reader know that no more pieces come; called as the task ``making`` is over."""
        del making
        self._pieces.put_nowait(None)

    async def next(self) -> T | None:
        """Return the next piece, or None after the last."""
        if self._pieces.empty():
            self._wanted.set()
        return await self._pieces.get()


class Stream(Generic[T]):
    """Pieces to be read with ``async for``, once; they begin to be made when the first is asked for.

    A reader that leaves, or is cancelled, ends the making. Who leaves early and wants to wait until all is closed
    calls ``aclose``, or uses ``contextlib.aclosing``.

    Args:
        make: Puts the pieces down at the relay that it is given, in a task of its own; what it raises the reader gets
            after the last piece.
    """

    def __init__(self, make: Callable[[Relay[T]], Awaitable[None]]) -> None:
        self._make = make
        self._reading = _read(make)

    def __aiter__(self) -> Self:
        """Return itself."""
        return self

    async def __anext__(self) -> T:
        """Return the next piece."""
        return await anext(self._reading)

    async def aclose(self) -> None:
        """End the making, and wait until all that it had opened is closed; a second call does nothing."""
        await self._reading.aclose()

    async def into(self, relay: Relay[T]) -> None:
        """Make the pieces in the running task and put them down at another's relay, in place of reading them here."""
        await self._make(relay)


async def _read(make: Callable[[Relay[T]], Awaitable[None]]) -> AsyncGenerator[T, None]:
    relay: Relay[T] = Relay()

    async def run() -> None:
        await make(relay)

    making = asyncio.create_task(run())
    making.add_done_callback(relay.end)
    try:
        while (piece := await relay.next()) is not None:
            yield piece
        await making
    finally:
        # What goes wrong while nobody reads any more is nobody's.
        making.cancel()
        await asyncio.gather(making, return_exceptions=True)
