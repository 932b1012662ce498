"""Exceptions from below without a key in them: they are kept as the cause of ours, and printed with it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, TypeVar

from gmn_llm.config.masking import all_forms, mask_forms, secrets_of
from gmn_llm.config.references import PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gmn_llm.config.settings import Settings

__all__ = ["known_secrets", "scrubbed"]

Error = TypeVar("Error", bound=BaseException)

DEEPEST = 8
"""Levels of a body that are looked through."""
ENDINGS = ("_API_KEY", "_TOKEN", "_SECRET", "_ACCESS_KEY", "_ACCESS_KEY_ID", "_PASSWORD")
"""How variables are called from which LiteLLM takes a key by itself, where the configuration has none."""


def known_secrets(settings: Settings, params: Iterable[Mapping[str, object]]) -> frozenset[str]:
    """Return what must not stand in any words: secrets of the configuration, of deployments, of the environment.

    Each comes in all its forms.
    """
    found = set(secrets_of(settings))
    for each in params:
        found.update(secrets_of(each))
    found.update(value for name, value in os.environ.items() if name.upper().endswith(ENDINGS))
    return all_forms(text for text in found if text.strip() and not text.startswith(PREFIX))


def scrubbed(error: Error, secrets: frozenset[str]) -> Error | None:
    """Return the exception with every form in ``secrets`` replaced in its words and in those of what led to it.

    It is changed in place. One whose words can't be changed is taken out of the chain, with what led to it; the
    outermost of that kind gives None.
    """
    if not _scrub(error, secrets):
        return None
    seen = {id(error)}
    left: list[BaseException] = [error]
    while left:
        current = left.pop()
        for name in ("__cause__", "__context__"):
            below = getattr(current, name)
            if below is None or id(below) in seen:
                continue
            if _scrub(below, secrets):
                seen.add(id(below))
                left.append(below)
            else:
                setattr(current, name, None)
    return error


def _scrub(error: BaseException, secrets: frozenset[str]) -> bool:
    """Replace the secrets in one exception's words; return whether none is left."""
    if not _tells(error, secrets):
        return True
    error.args = tuple(_masked(part, secrets) for part in error.args)
    kept = getattr(error, "__dict__", {})
    kept.update({name: _masked(value, secrets) for name, value in kept.items()})
    return not _tells(error, secrets)


def _tells(error: BaseException, secrets: frozenset[str]) -> bool:
    words = "\n".join((str(error), repr(error), *_texts(error.args), *_texts(getattr(error, "__dict__", {}))))
    return mask_forms(words, secrets) != words


def _texts(value: object, depth: int = DEEPEST) -> Iterator[str]:
    if isinstance(value, bytes):
        yield repr(value)
    elif isinstance(value, str):
        yield value
    elif depth and isinstance(value, Mapping):
        for name, part in value.items():
            yield str(name)
            yield from _texts(part, depth - 1)
    elif depth and isinstance(value, list | tuple | set | frozenset):
        for part in value:
            yield from _texts(part, depth - 1)


def _masked(value: object, secrets: frozenset[str], depth: int = DEEPEST) -> object:
    if isinstance(value, str):
        return mask_forms(value, secrets)
    if isinstance(value, bytes):
        return mask_forms(value.decode(errors="replace"), secrets).encode()
    if depth and type(value) is dict:
        return {mask_forms(str(name), secrets): _masked(part, secrets, depth - 1) for name, part in value.items()}
    if depth and isinstance(value, list | tuple) and type(value) in {list, tuple}:
        parts = [_masked(part, secrets, depth - 1) for part in value]
        return parts if isinstance(value, list) else tuple(parts)
    return value
