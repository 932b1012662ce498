"""The key of an entry: a digest of everything the answer depends on."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["cache_key"]


def cache_key(parts: Mapping[str, object], *, default: Callable[[object], object] | None = None) -> str:
    """Return the SHA-256 of ``parts`` as 64 hexadecimal digits.

    The digest is taken over canonical JSON: keys sorted, no spaces, ASCII only. So the order in which a
    dictionary was filled does not matter, and a lone surrogate is written as its escape.

    Args:
        parts: JSON values by name; lists and dictionaries may be nested.
        default: Returns what stands for a value that is no JSON, or raises ``TypeError``.

    Raises:
        ValueError: A number is not finite, or a container holds itself.
        TypeError: A value is not JSON.
    """
    try:
        text = _written(parts, default)
    except TypeError:
        # Names of one dictionary may be of several types; once they are written they are all text.
        text = _written(json.loads(json.dumps(dict(parts), default=default, allow_nan=False)), default)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _written(parts: Mapping[str, object], default: Callable[[object], object] | None) -> str:
    return _writer(default).encode(parts)


@lru_cache(maxsize=8)
def _writer(default: Callable[[object], object] | None) -> json.JSONEncoder:
    return json.JSONEncoder(
        sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False, default=default
    )  # fmt: skip
