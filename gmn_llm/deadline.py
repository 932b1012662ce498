"""When a call is to be over, counted from its entry."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from gmn_llm.errors import ProviderTimeoutError

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from gmn_llm.messages import CompletionRequest

__all__ = ["Deadline"]

T = TypeVar("T")
MOMENT = 0.001
"""Seconds that are not worth another request."""


class Deadline:
    """The end of a call, and what is left until then.

    Args:
        seconds: What the call has, from now on.
    """

    __slots__ = ("_end", "_loop", "_seconds")

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._loop = asyncio.get_running_loop()
        self._end = self._loop.time() + seconds

    @property
    def left(self) -> float:
        """Seconds until the end, 0 after it; all of them where next to nothing has passed."""
        left = self._end - self._loop.time()
        return self._seconds if self._seconds - left < MOMENT else max(left, 0.0)

    def of(self, request: CompletionRequest) -> CompletionRequest:
        """Return the request with what is left for it."""
        left = self.left
        return request if left == request.timeout else replace(request, timeout=left)

    async def bound(self, work: Awaitable[T], *, doing: str) -> T:
        """Return what ``work`` comes to, before the end.

        Args:
            work: What is done before a provider can be asked.
            doing: What it is, in words that go on after ``was still``.

        Raises:
            ProviderTimeoutError: The end came first.
        """
        scope = asyncio.timeout_at(self._end)
        try:
            async with scope:
                return await work
        except TimeoutError as error:
            if not scope.expired():
                raise
            raise ProviderTimeoutError(
                f"{round(self._seconds, 2):g} s were over before a provider could be asked: {doing}",
                hint="give it more time (timeout); it goes on, so a later call has it done",
            ) from error
