"""Through the cache: what is there is read back, what is not is made once for all that ask."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

from gmn_llm.errors import ProviderTimeoutError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from gmn_llm.cache import PromptCache

__all__ = ["recalled"]

T = TypeVar("T")
GRACE = 1.0
"""Seconds beyond its deadline that a call has to say why it failed."""


async def recalled(
    cache: PromptCache,
    key: str,
    make: Callable[[], Awaitable[T]],
    *,
    write: Callable[[T], str | None],
    read: Callable[[str], T | None],
    refresh: bool,
    timeout: float,  # noqa: ASYNC109  # the deadline of the whole call
) -> T:
    """Return what the cache has under ``key``, or make it.

    Args:
        cache: The cache.
        key: What it is kept under.
        make: Makes it; has the deadline inside.
        write: Returns the entry of what was made, or None where it is not to be kept.
        read: Returns what an entry holds, or None where it can't be used: then it is made anew.
        refresh: Whether it is made in any case.
        timeout: Seconds for the whole call.

    Raises:
        ProviderTimeoutError: Another caller was making it, and was not done in time.
        LLMError: Whatever ``make`` raises.
    """
    made: list[T] = []
    kept: list[T] = []

    async def make_text() -> str | None:
        made.append(await make())
        return write(made[0])

    def usable(text: str) -> bool:
        value = read(text)
        kept[:] = [] if value is None else [value]
        return value is not None

    if not refresh and (text := await cache.get(key)) is not None and usable(text):
        return kept[0]
    try:
        # Its own making has the deadline inside; the moment more is for what that has to say at its end.
        async with asyncio.timeout(timeout + GRACE):
            fetched = await cache.fetch(key, make_text, refresh=refresh, usable=usable, look=False)
    except TimeoutError as error:
        if made:  # it was only the cache that took so long
            return made[0]
        raise ProviderTimeoutError(
            f"no answer within {timeout:g} s, while another call was making the same one",
            hint="give it more time (timeout), or do without the cache",
        ) from error
    if made:
        return made[0]
    if not kept and fetched.text is not None:
        usable(fetched.text)  # from the caller this one waited for
    return kept[0] if kept else await make()
