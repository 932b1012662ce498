"""Addresses of servers: what can be seen to be wrong with one before anybody is asked."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

__all__ = ["REDIS", "WEB", "address_fault"]

WEB = ("http", "https")
REDIS = ("redis", "rediss", "unix")
LONGEST = 60
"""As long an address is shown again, mended."""
LONGEST_LABEL, LONGEST_HOST = 63, 253
"""Characters of a part of a host's name and of the whole, by RFC 1035, section 2.3.4."""
NO_HOST = frozenset("<>\"{}|\\^`#?%!$&'()*+,;=")


def address_fault(text: str, *, schemes: tuple[str, ...] = WEB) -> str | None:
    """Return in words why nobody can be reached at an address, or None where nothing is seen to be wrong.

    Blanks and line breaks around it are not minded. The words never have a user's name or password in them.

    Args:
        text: The address.
        schemes: What may stand before ``://``; the first is the one to propose.
    """
    text = text.strip()
    if not text:
        return f"the address is blank; write one such as {schemes[0]}://localhost"
    if any(char.isspace() or not char.isprintable() for char in text):
        return "the address has a blank or a character that can't be seen within; take it out"
    scheme, separator, rest = text.partition("://")
    choice = " or ".join(f"{each}://" for each in schemes)
    if not separator:
        # What has a scheme that is only misspelt would not be mended by another before it.
        plain = len(text) <= LONGEST and not any(mark in text for mark in ("@", "//", ":/"))
        shown = f"; write {schemes[0]}://{text}" if plain else ""
        return f"the address does not begin with {choice}{shown}"
    if scheme.lower() not in schemes:
        return f"the address begins with {scheme[:LONGEST]}://, expected {choice}"
    if scheme.lower() == "unix":
        return None if rest.strip("/") else "the address has no path of a socket after unix://"
    return _place_fault(text, rest)


def _place_fault(text: str, rest: str) -> str | None:
    try:
        parts = urlsplit(text)
    except ValueError:
        return "the host is no IPv6 address in brackets; write it as [::1]"
    if not parts.hostname:
        return f"the address has no host after {parts.scheme}://; write one such as {parts.scheme}://localhost"
    return _port_fault(parts) or _host_fault(parts.hostname, bracketed="[" in rest.partition("/")[0])


def _port_fault(parts: SplitResult) -> str | None:
    try:
        port = parts.port
    except ValueError:
        port = 0
    return "the port is not a whole number from 1 to 65535" if port == 0 else None


def _host_fault(host: str, *, bracketed: bool) -> str | None:
    if bracketed:
        return None
    labels = host.removesuffix(".").split(".")
    if len(host) > LONGEST_HOST or any(not label or len(label) > LONGEST_LABEL for label in labels):
        return "the host is no name: a part between two dots is empty or longer than 63 characters"
    wrong = sorted(NO_HOST & set(host))
    return f"the host has a character that no name has: {wrong[0]}" if wrong else None
