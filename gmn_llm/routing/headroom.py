"""What a provider says is left of its rate limits, read from the headers of its replies.

OpenAI's are ``x-ratelimit-*``, with times to wait such as ``6m0s``
(https://platform.openai.com/docs/guides/rate-limits#rate-limits-in-headers); Anthropic's are
``anthropic-ratelimit-*``, with times in RFC 3339 (https://docs.anthropic.com/en/api/rate-limits#response-headers).
Others that send any send OpenAI's. Ollama sends none.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Final

__all__ = ["headers_of", "headroom_of"]

KINDS: Final = ("requests", "tokens", "input-tokens", "output-tokens")
PREFIX: Final = "llm_provider-"
"""What LiteLLM puts before the name of a header that it passes on."""


def _named(openai: str, anthropic: str) -> tuple[str, ...]:
    return tuple(f"{before}{name}" for name in (openai, anthropic) for before in ("", PREFIX))


NUMBERS: Final = {
    f"{what}_{kind.replace('-', '_')}": _named(f"x-ratelimit-{what}-{kind}", f"anthropic-ratelimit-{kind}-{what}")
    for what in ("remaining", "limit")
    for kind in KINDS
}
RESETS: Final = {
    f"reset_{kind.replace('-', '_')}": _named(f"x-ratelimit-reset-{kind}", f"anthropic-ratelimit-{kind}-reset")
    for kind in KINDS
}
SECONDS: Final = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001, "us": 0.000_001, "µs": 0.000_001, "ns": 1e-9}
SPAN: Final = re.compile(r"(\d+(?:\.\d+)?)(ms|us|µs|ns|h|m|s)")


def headroom_of(source: object) -> dict[str, float]:
    """Return what is left: ``remaining_*`` and ``limit_*`` of ``requests`` and ``tokens``, and ``reset_*``.

    Args:
        source: A reply, a stream or an exception of LiteLLM's.

    Returns:
        Counts, and for ``reset_*`` the time in seconds since the epoch at which all is there again. What the provider
        does not say, or not in a form known here, is left out.
    """
    headers = headers_of(source)
    if not headers:
        return {}
    found: dict[str, float] = {}
    for key, names in NUMBERS.items():
        number = _number(_value(headers, names))
        if number is not None:
            found[key] = number
    if found:
        for key, names in RESETS.items():
            moment = _moment(_value(headers, names))
            if moment is not None:
                found[key] = moment
    return found


def headers_of(source: object) -> Mapping[str, str]:
    """Return the headers that came with a reply, a stream or an exception; nothing where there were none."""
    hidden = getattr(source, "_hidden_params", None)
    response = getattr(source, "response", None)
    for found in (
        hidden.get("additional_headers") if isinstance(hidden, Mapping) else None,
        getattr(source, "litellm_response_headers", None),
        getattr(response, "headers", None),
    ):
        if isinstance(found, Mapping) and found:
            return found
    return {}


def _value(headers: Mapping[str, str], names: tuple[str, ...]) -> str | None:
    for name in names:
        value = headers.get(name)
        if value is not None:
            return str(value)
    return None


def _number(text: str | None) -> float | None:
    try:
        number = float(text) if text is not None else math.nan
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _moment(text: str | None) -> float | None:
    """Return a time in seconds since the epoch, from one in RFC 3339 or from a span from now on."""
    if text is None:
        return None
    seconds = _number(text)
    parts = SPAN.findall(text)
    if seconds is None and parts and "".join(count + unit for count, unit in parts) == text:
        seconds = sum(float(count) * SECONDS[unit] for count, unit in parts)
    if seconds is not None:
        return time.time() + seconds
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        return None
