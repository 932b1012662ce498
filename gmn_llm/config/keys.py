"""Keys as they can be sent: without what a file puts around them, and of characters that a header can carry."""

from __future__ import annotations

__all__ = ["key_fault"]


def key_fault(text: str) -> str | None:
    """Return in words why a key can't be sent, or None where it can; the key is never among the words.

    Blanks and line breaks around it are not minded, for a mounted secret often ends in one.
    """
    text = text.strip()
    if not text:
        return "the key is blank; put a key there, or take it out"
    if not text.isascii():
        return "the key has a character outside ASCII, which no header can carry; copy it anew from the provider"
    if not text.isprintable():
        return "the key has a line break or another control character within; copy it anew from the provider"
    return None
