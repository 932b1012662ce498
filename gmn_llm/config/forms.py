"""The forms in which a secret comes back in somebody's words, and how it is taken out of them.

A server, a proxy or a library that repeats a key may have quoted, escaped or encoded it; a header's value comes back
without its scheme.

A short secret is masked only where it stands by itself: ``ab1`` within ``tab1e`` stays. One of fewer than three
characters, and what people put where a server asks for no key (``none``, ``test``, ``ollama``), guards nothing and
would be gone from every sentence: it is left.
"""

from __future__ import annotations

import base64
import binascii
import html
import json
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["LONG", "forms_of", "is_placeholder", "without"]

LONG: Final = 6
"""Characters from which a secret is masked wherever it stands, within a longer word too."""
SHORTEST: Final = 3
LINE: Final = 16
"""Characters from which a line of a key of many lines is a secret of its own."""
SCHEMES: Final = frozenset({"bearer", "basic", "token", "apikey", "api-key", "key"})
PLACEHOLDERS: Final = frozenset({
    "any", "anything", "api-key", "api_key", "apikey", "dummy", "empty", "fake", "key", "local", "localhost", "no-key",
    "nokey", "none", "not-needed", "null", "ollama", "openai", "anthropic", "placeholder", "secret", "test", "token",
    "unused", "xxx",
})  # fmt: skip


def is_placeholder(secret: str) -> bool:
    """Return whether a text stands where a key is to be and guards nothing."""
    return len(secret) < SHORTEST or secret.lower() in PLACEHOLDERS


def forms_of(secret: str) -> frozenset[str]:
    """Return every form of a secret that is looked for; none for a placeholder.

    They are: as it is, without blanks around it, a header's value without its scheme, the parts of a ``Basic`` one,
    the long lines of a key of many lines; and of each of these what JSON, Python (texts and octets), URLs, HTML and
    base64 (alone, and as the user or the password of ``Basic``) make of it.
    """
    parts = {part for part in _parts(secret) if not is_placeholder(part)}
    found = set(parts)
    for part in parts:
        if len(part) >= LONG:
            found.update(form for form in _encoded(part) if len(form) >= LONG)
    return frozenset(found)


def without(text: str, secret: str, mask: str) -> str:
    """Return ``text`` with each place of one form of a secret replaced."""
    if len(secret) >= LONG:
        return text.replace(secret, mask)
    found: list[str] = []
    after = text
    while True:
        before, hit, rest = after.partition(secret)
        if not hit:
            return "".join(found) + after
        alone = not (_joins(before[-1:]) or _joins(rest[:1]) or (not before and found and _joins(found[-1][-1:])))
        found += [before, mask if alone else hit]
        after = rest


def _joins(character: str) -> bool:
    return character.isalnum() or character == "_"


def _parts(secret: str) -> Iterator[str]:
    bare = secret.strip()
    yield secret
    yield bare
    scheme, blank, rest = bare.partition(" ")
    if blank and scheme.lower() in SCHEMES:
        yield rest.strip()
        yield from _basic(rest.strip()) if scheme.lower() == "basic" else ()
    lines = bare.splitlines()
    if len(lines) > 1:
        yield from (line.strip() for line in lines if len(line) >= LINE and not line.startswith("-----"))


def _basic(encoded: str) -> Iterator[str]:
    """Yield user and password of RFC 7617 together, and the password alone."""
    try:
        pair = base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return
    yield pair
    yield pair.partition(":")[2]


def _encoded(part: str) -> Iterator[str]:
    raw = part.encode(errors="surrogatepass")
    printed = repr(raw)[2:-1]
    for plain in (part, printed):
        escaped = json.dumps(plain)[1:-1]
        yield from (escaped, json.dumps(escaped)[1:-1], json.dumps(plain, ensure_ascii=False)[1:-1])
        yield from (repr(plain)[1:-1], html.escape(plain), html.escape(plain, quote=False))
    yield printed
    for addressed in (quote(raw, safe=""), quote(raw), quote_plus(raw)):
        yield from (addressed, addressed.lower())
    for pair in (raw, b":" + raw, raw + b":"):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            yield encode(pair).decode().rstrip("=")
