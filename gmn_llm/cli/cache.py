"""``gmn-llm cache``: what the prompt cache holds, and how to be rid of it."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from gmn_llm.cli.helping import add, group
from gmn_llm.cli.options import Json
from gmn_llm.cli.output import write
from gmn_llm.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gmn_llm.cache import Store
    from gmn_llm.config.settings import CacheSettings

__all__ = ["app", "configured", "opened"]

UNITS = ("bytes", "KB", "MB", "GB", "TB")

app = group("What the prompt cache holds (stats), and how to empty it (clear).\n\nExample: gmn-llm cache stats")


def stats(context: typer.Context, *, as_json: Json = False) -> None:
    """Tell where the cache is, how many entries it holds, their size, and how often it was of use.

    Example: gmn-llm cache stats --json
    """
    said, folder, url = configured(context.obj.config)
    with opened(said, folder, url, quiet=context.obj.quiet) as store:
        now = store.stats()
    found: dict[str, object] = {
        "location": now.location,
        "entries": now.entries,
        "bytes": now.bytes,
        "size_limit": None if said.redis_url else said.size_limit,
        "ttl": said.ttl,
        "hits": now.hits,
        "misses": now.misses,
    }
    if as_json:
        write(json.dumps(found), None)
    else:
        write("\n".join(f"{name}: {_shown(name, value)}" for name, value in found.items()), None)


def clear(context: typer.Context, *, as_json: Json = False) -> None:
    """Remove every entry, at once, and tell how many there were.

    Example: gmn-llm cache clear
    """
    said, folder, url = configured(context.obj.config)
    with opened(said, folder, url, quiet=context.obj.quiet) as store:
        location = store.stats().location
        removed = store.clear()
    if as_json:
        write(json.dumps({"location": location, "removed": removed}), None)
    else:
        write(f"{removed} entr{'y' if removed == 1 else 'ies'} removed from {location}", None)


def configured(config: Path | None) -> tuple[CacheSettings, Path | None, str | None]:
    """Return what the configuration says of the cache, its folder where it lies on the disk, and else its address.

    Raises:
        ConfigError: The address stands in a variable that is not set.
    """
    from gmn_llm.cache import folder_of  # --help needs none of it
    from gmn_llm.config import load_settings
    from gmn_llm.running import Running, Told

    settings = load_settings(config)
    try:
        key = Running(settings, told=Told()).cache_key
    except KeyError as error:
        raise ConfigError(f"cache.redis_url: the variable {error.args[0]} is not set") from error
    return settings.cache, None if key.redis_url else folder_of(key.folder), key.redis_url


@contextmanager
def opened(said: CacheSettings, folder: Path | None, url: str | None, *, quiet: bool) -> Iterator[Store]:
    """Open the configured store, unless it is a folder that is not there: that is told, and none is made.

    Raises:
        ConfigError: The store can't be used.
    """
    from gmn_llm.cache import NullStore, open_store
    from gmn_llm.cache.folder import aside

    there = folder is None or folder.exists()
    if not there and not quiet:
        sys.stderr.write(f"gmn-llm: there is no cache in {folder} yet\n")
    if folder is not None and not quiet and (damaged := aside(folder)):
        sys.stderr.write(f"gmn-llm: damaged caches that were moved aside: {', '.join(map(str, damaged))}\n")
    store = (
        open_store(folder=folder, size_limit=said.size_limit, redis_url=url) if there else NullStore(str(folder or ""))
    )
    try:
        yield store
    finally:
        store.close()
    if store.trouble is not None:
        # The log has told why, unless it was to be quiet.
        raise ConfigError("the cache can't be used", hint=store.trouble if quiet else "")


def _shown(name: str, value: object) -> str:
    """Return a value for people where a terminal shows it, and plain otherwise."""
    if not sys.stdout.isatty() or not isinstance(value, int | float):
        return "" if value is None else str(value)
    if name in {"bytes", "size_limit"}:
        return _size(value)
    return f"{value / 86400:g} days" if name == "ttl" else str(value)


def _size(count: float) -> str:
    for unit in UNITS:
        if count < 1024 or unit == UNITS[-1]:
            return f"{count:.4g} {unit}"
        count /= 1024
    raise AssertionError("the last unit takes all")


add(app, "stats", stats)
add(app, "clear", clear)
