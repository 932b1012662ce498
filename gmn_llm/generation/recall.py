"""Through the cache: what is there is read back, what is not is made once for all that ask."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

from gmn_llm.errors import ProviderTimeoutError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Hashable

    from gmn_llm.cache import PromptCache

__all__ = ["recalled"]

T = TypeVar("T")
SHORTEST = 0.05
"""Seconds that whoever comes to make it at its very end still gets, to fail with an error of its own."""


async def recalled(
    cache: PromptCache,
    key: str,
    make: Callable[[float], Awaitable[T]],
    *,
    write: Callable[[T], str],
    keep: Callable[[T], bool],
    read: Callable[[str], T | None],
    refresh: bool,
    timeout: float,  # noqa: ASYNC109  # the deadline of the whole call
    among: Hashable = None,
) -> T:
    """Return what the cache has under ``key``, or make it.

    Args:
        cache: The cache.
        key: What it is kept under.
        make: Makes it within the seconds it is given, and says what went wrong.
        write: Returns the entry of what was made.
        keep: Whether the cache keeps it; those who wait for it now get it in any case.
        read: Returns what an entry holds, or None where it can't be used: then it is made anew.
        refresh: Whether it is made in any case.
        timeout: Seconds for the whole call.
        among: Only callers that say the same wait for each other.

    Raises:
        ProviderTimeoutError: Another caller was making it, and was not done in time.
        LLMError: Whatever ``make`` raises.
    """
    from gmn_llm.cache import Unkept, WaitedError  # loaded with the cache that was given

    until = time.monotonic() + timeout
    made: list[T] = []
    kept: list[T] = []
    refused: set[str] = set()

    async def make_text() -> str | Unkept:
        made.append(await make(max(until - time.monotonic(), SHORTEST)))
        text = write(made[0])
        return text if keep(made[0]) else Unkept(text)

    def usable(text: str) -> bool:
        value = None if text in refused else read(text)
        kept[:] = [] if value is None else [value]
        if value is None:  # looked at again later, it is not told of again
            refused.add(text)
        return value is not None

    if not refresh and (text := await cache.get(key, until=until)) is not None and usable(text):
        return kept[0]
    try:
        fetched = await cache.fetch(
            key, make_text, refresh=refresh, usable=usable, look=False, until=until, among=among
        )  # fmt: skip
    except WaitedError as error:
        raise ProviderTimeoutError(
            f"no answer within {timeout:g} s, while another call was making the same one",
            hint="give it more time (timeout), or do without the cache",
        ) from error
    if made:
        return made[0]
    if not kept and fetched.text is not None:
        usable(fetched.text)  # from the caller this one waited for
    return kept[0] if kept else await make(max(until - time.monotonic(), SHORTEST))
