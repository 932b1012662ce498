"""Which values are secrets, and how a configuration is shown without them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from pydantic import BaseModel, SecretStr

__all__ = ["MASK", "mask_text", "masked", "secrets_of"]

MASK = "**********"
SECRET_WORDS = ("key", "token", "secret", "password", "credential", "authorization", "cookie")
HARMLESS = frozenset({
    "max_tokens", "max_completion_tokens", "max_input_tokens", "max_output_tokens", "prompt_cache_key",
    "service_tier",
})  # fmt: skip
# Shorter texts than this would mask ordinary words all over a message.
SHORTEST = 6


def is_secret(name: str) -> bool:
    """Return whether a setting of this name holds something that must not be shown."""
    lowered = name.lower()
    return lowered not in HARMLESS and any(word in lowered for word in SECRET_WORDS)


def masked(value: object, name: str = "") -> object:
    """Return ``value`` as JSON-able data with every secret replaced; ``os.environ/NAME`` stays readable."""
    if isinstance(value, BaseModel):
        return {key: masked(part, key) for key, part in value if part is not None}
    if isinstance(value, SecretStr):
        return _reference_or_mask(value.get_secret_value())
    if isinstance(value, Mapping):
        return {str(key): masked(part, str(key)) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [masked(part, name) for part in value]
    if isinstance(value, str) and (is_secret(name) or _has_password(value)):
        return _reference_or_mask(value)
    return value


def secrets_of(value: object, name: str = "") -> Iterator[str]:
    """Yield every secret text in ``value``: what must never stand in a message."""
    if isinstance(value, SecretStr):
        yield value.get_secret_value().strip()
    elif isinstance(value, BaseModel):
        for key, part in value:
            yield from secrets_of(part, key)
    elif isinstance(value, Mapping):
        for key, part in value.items():
            yield from secrets_of(part, str(key))
    elif isinstance(value, list | tuple):
        for part in value:
            yield from secrets_of(part, name)
    elif isinstance(value, str):
        if is_secret(name):
            yield value
        if _has_password(value):
            yield urlsplit(value).password or ""


def mask_text(text: str, secrets: frozenset[str]) -> str:
    """Return ``text`` with every one of ``secrets`` replaced, longest first."""
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= SHORTEST:
            text = text.replace(secret, MASK)
    return text


def _reference_or_mask(text: str) -> str:
    return text if text.startswith("os.environ/") else MASK


def _has_password(text: str) -> bool:
    if "://" not in text or "@" not in text:
        return False
    try:
        return urlsplit(text).password is not None
    except ValueError:
        return False
