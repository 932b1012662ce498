"""Which values are secrets, and how a configuration is shown without them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import urlsplit

from pydantic import BaseModel, SecretStr

from gmn_llm.config.forms import forms_of, without

__all__ = ["MASK", "all_forms", "is_secret", "mask_forms", "mask_text", "masked", "secrets_of"]

MASK = "**********"
SECRET_WORDS = ("key", "token", "secret", "password", "passphrase", "credential", "authorization", "cookie")
HEADERS = ("headers", "extra_headers", "default_headers")
HARMLESS = frozenset({
    "max_tokens", "max_completion_tokens", "max_input_tokens", "max_output_tokens", "prompt_cache_key",
    "service_tier",
})  # fmt: skip


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
            # A header of any name with "auth" in it; elsewhere that may be an author.
            hidden = name in HEADERS and "auth" in str(key).lower()
            yield from secrets_of(part, "authorization" if hidden else str(key))
    elif isinstance(value, list | tuple):
        for part in value:
            yield from secrets_of(part, name)
    elif isinstance(value, str):
        if is_secret(name):
            yield value
            yield from secrets_of(_object(value))
        if _has_password(value):
            yield urlsplit(value).password or ""


def mask_text(text: str, secrets: frozenset[str]) -> str:
    """Return ``text`` with every one of ``secrets`` replaced, in each of its forms, longest first."""
    return mask_forms(text, all_forms(secrets))


def all_forms(secrets: Iterable[str]) -> frozenset[str]:
    """Return what is to be looked for, for those who mask much: every form of every secret."""
    return frozenset(form for secret in secrets for form in forms_of(secret))


def mask_forms(text: str, forms: frozenset[str]) -> str:
    """Return ``text`` with every one of ``forms`` replaced, longest first."""
    for form in sorted((form for form in forms if form in text), key=len, reverse=True):
        text = without(text, form, MASK)
    return text


def _reference_or_mask(text: str) -> str:
    return text if text.startswith("os.environ/") else MASK


def _object(text: str) -> object:
    """Return the JSON object that a secret is, as a service account's is, or None."""
    if not text.lstrip().startswith("{"):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _has_password(text: str) -> bool:
    if "://" not in text or "@" not in text:
        return False
    try:
        return urlsplit(text).password is not None
    except ValueError:
        return False
