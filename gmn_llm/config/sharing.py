"""The Redis server that several machines share, whichever part of the configuration names it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from gmn_llm.config.environment import environment_of
from gmn_llm.config.references import resolved
from gmn_llm.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gmn_llm.config.settings import Settings

__all__ = ["shared_redis"]

PORT = 6379


def shared_redis(settings: Settings, *, environ: Mapping[str, str] | None = None) -> str | None:
    """Return the address of the shared server with its password, or None where no server is configured.

    ``cache.redis_url`` counts first, then ``router_settings.redis_url``, then ``redis_host`` with ``redis_port``,
    ``redis_password`` and ``redis_db`` there.

    Args:
        settings: The configuration.
        environ: The environment, ``os.environ`` unless given.

    Raises:
        ConfigError: The address stands in a variable that is not set.
    """
    seen = environment_of(settings, environ)
    router = {name: value for name, value in settings.router_settings.items() if name.startswith("redis_")}
    for where, value in (("cache.redis_url", settings.cache.redis_url), ("router_settings", router)):
        if not value:
            continue
        try:
            plain = resolved(value, seen)
        except KeyError as error:
            raise ConfigError(f"{where}: the variable {error.args[0]} is not set") from None
        address = _url(plain) if isinstance(plain, dict) else str(plain)
        if address is not None:
            return address
    return None


def _url(router: Mapping[str, object]) -> str | None:
    if router.get("redis_url"):
        return str(router["redis_url"])
    if not router.get("redis_host"):
        return None
    password = f":{quote(str(router['redis_password']), safe='')}@" if router.get("redis_password") else ""
    host = str(router["redis_host"])
    host = f"[{host}]" if ":" in host else host
    return f"redis://{password}{host}:{router.get('redis_port') or PORT}/{router.get('redis_db') or 0}"
