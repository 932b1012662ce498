"""What lies at an address: fetched here, bounded, so that every provider gets bytes and none fetches for us."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from gmn_llm._version import __version__
from gmn_llm.errors import InputError
from gmn_llm.findings import quote

if TYPE_CHECKING:
    import httpx

__all__ = ["fetched", "shown"]

MOST_REDIRECTS: Final = 5
SECONDS: Final = 20.0
"""The most one address may take, whatever the call's deadline."""
HEADERS: Final = {
    # Compressed, a few bytes could come to any number of them before they can be counted.
    "Accept-Encoding": "identity",
    "Accept": "image/png, image/jpeg, image/webp, image/gif, image/svg+xml, text/plain;q=0.5",
    "User-Agent": f"gmn-llm/{__version__}",
}
ADVICE: Final = "save the picture and hand over the file"


def shown(url: str) -> str:
    """Return an address as messages show it: without account, query and fragment, which may hold a key."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return quote(url.partition("?")[0].rpartition("@")[2])
    return quote(f"{parts.scheme}://{parts.hostname or ''}{port}{parts.path}")


async def fetched(url: str, *, most: int, seconds: float) -> bytes:
    """Return what a GET of ``url`` brings.

    Proxies and certificates are those of the usual variables (``HTTPS_PROXY``, ``SSL_CERT_FILE``). The address is asked
    from this machine: a service that passes on addresses of strangers has to say itself which of them it trusts.

    Args:
        url: An http or https address; at most five redirects are followed, to the same two kinds only.
        most: Bytes that may come; reading stops behind them.
        seconds: The most it may take; never more than 20.

    Raises:
        InputError: It can't be had, whatever the reason; the message says which, without account and query.
    """
    import httpx  # a tenth of a second that only this needs

    name, patience = shown(url), min(SECONDS, seconds)
    try:
        async with (
            asyncio.timeout(patience),
            httpx.AsyncClient(
                headers=HEADERS, follow_redirects=True, max_redirects=MOST_REDIRECTS, timeout=patience
            ) as client,
            client.stream("GET", url) as answer,
        ):
            return await _read(answer, name, most)
    except (TimeoutError, httpx.TimeoutException) as error:
        raise InputError(f"{name} did not come within {patience:.3g} s", hint=ADVICE) from error
    except httpx.TooManyRedirects as error:
        raise InputError(f"{name} leads on more than {MOST_REDIRECTS} times", hint=ADVICE) from error
    except httpx.UnsupportedProtocol as error:
        raise InputError(f"{name} is, or leads to, no http or https address", hint=ADVICE) from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise InputError(
            f"{name} can't be reached: {type(error).__name__}", hint="check the address, or hand over a file"
        ) from error


async def _read(answer: httpx.Response, name: str, most: int) -> bytes:
    if answer.status_code != 200:
        raise InputError(f"{name} was answered with status {answer.status_code}", hint=ADVICE)
    if answer.headers.get("content-encoding", "identity") != "identity":
        raise InputError(f"{name} came compressed though that was not asked for", hint=ADVICE)
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in ("text/html", "application/xhtml+xml", "application/pdf", "application/json"):
        raise InputError(f"{name} is no picture but {kind}", hint="use the address of the picture itself")
    data = bytearray()
    async for piece in answer.aiter_raw():
        data += piece
        if len(data) > most:
            raise InputError(
                f"{name} has more than the {most} bytes that a picture may have",
                hint="make the picture smaller, or raise limits.picture_bytes",
            )
    return bytes(data)
