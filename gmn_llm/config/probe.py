"""Is an Ollama server there? Asked once, with nothing but a socket, and answered within half a second."""

from __future__ import annotations

import socket
import time
from urllib.parse import urlsplit

__all__ = ["PATIENCE", "ollama_answers"]

PATIENCE = 0.5
"""Seconds within which an Ollama server has to answer to count as there."""


def ollama_answers(base_url: str) -> bool:
    """Return whether ``GET /api/version`` at ``base_url`` is answered with 200 within ``PATIENCE`` seconds.

    Blocks for that long at most, name lookup aside. A refused, filtered or foreign address is False.
    """
    try:
        address = urlsplit(base_url)
        port = address.port or (443 if address.scheme == "https" else 80)
    except ValueError:
        return False
    if not address.hostname:
        return False
    end = time.monotonic() + PATIENCE
    try:
        with socket.create_connection((address.hostname, port), timeout=PATIENCE) as connection:
            return (
                _status(connection, address.hostname, address.path, secure=address.scheme == "https", end=end) == b"200"
            )
    except OSError:
        return False


def _status(connection: socket.socket, host: str, path: str, *, secure: bool, end: float) -> bytes:
    if secure:
        import ssl  # loading it costs more than the whole probe, and few need it

        connection = ssl.create_default_context().wrap_socket(connection, server_hostname=host)
    request = f"GET {path.rstrip('/')}/api/version HTTP/1.0\r\nHost: {host}\r\nAccept: application/json\r\n\r\n"
    connection.settimeout(max(end - time.monotonic(), 0.001))
    connection.sendall(request.encode("ascii", "replace"))
    answer = b""
    while len(answer) < len(b"HTTP/1.1 200"):
        remaining = end - time.monotonic()
        if remaining <= 0:
            raise TimeoutError
        connection.settimeout(remaining)
        part = connection.recv(64)
        if not part:
            break
        answer += part
    return answer[9:12] if answer.startswith(b"HTTP/1.") else b""
