"""Checked documents as JSON text, above the model router: looked up by key, made once however many ask."""

from __future__ import annotations

from gmn_llm.cache.disk import DiskStore
from gmn_llm.cache.keys import cache_key
from gmn_llm.cache.opening import folder_of, open_store
from gmn_llm.cache.prompt_cache import Fetched, PromptCache, Unkept, WaitedError
from gmn_llm.cache.recent import Recent
from gmn_llm.cache.redis_store import RedisStore
from gmn_llm.cache.store import CacheStats, NullStore, Store

__all__ = [
    "CacheStats",
    "DiskStore",
    "Fetched",
    "NullStore",
    "PromptCache",
    "Recent",
    "RedisStore",
    "Store",
    "Unkept",
    "WaitedError",
    "cache_key",
    "folder_of",
    "open_store",
]
