"""The store that a configuration asks for."""

from __future__ import annotations

from pathlib import Path

from gmn_llm.cache.disk import DiskStore
from gmn_llm.cache.folder import expanded
from gmn_llm.cache.redis_store import RedisStore
from gmn_llm.cache.store import NullStore, Store

__all__ = ["folder_of", "open_store"]


def folder_of(configured: str | None) -> Path:
    """Return the folder that a configuration names, or the one in the user's cache folder."""
    if configured is not None:
        return expanded(Path(configured))
    from platformdirs import user_cache_path

    return user_cache_path("gmn-llm", appauthor=False) / "prompts"


def open_store(*, folder: Path | None, size_limit: int, redis_url: str | None) -> Store:
    """Return the store at ``redis_url``, else the one in ``folder``, else one that holds nothing.

    Folder and server are first touched when the store is used. Trouble with them is logged once, as a warning
    of ``gmn_llm.cache``; the store works then as if it held nothing, and tries again some seconds later.

    Args:
        folder: A folder for the cache alone, which is made if it is not there.
        size_limit: Bytes in the folder above which the oldest entries go; a Redis server has its own limit.
        redis_url: Address of a Redis server.

    Raises:
        ImportError: ``redis_url`` is set and the extra is not installed.
        ConfigError: ``redis_url`` can't be read.
    """
    if redis_url is not None:
        return RedisStore(redis_url)
    if folder is not None:
        return DiskStore(folder, size_limit=size_limit)
    return NullStore()
