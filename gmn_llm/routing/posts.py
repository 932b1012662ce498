"""What really goes out: each request is noted where its head leaves the machine, in the HTTP client itself.

LiteLLM says when it hands a request over to HTTP, which is before there is a connection: a caller may give up in
between, and then no server has seen it. And where a connection breaks, its client for some protocols sends the request
once more and keeps that to itself. The HTTP client's own trace tells both: httpx' event hooks
(https://www.python-httpx.org/advanced/event-hooks/) and the ``trace`` extension of its transport
(https://www.encode.io/httpcore/extensions/#trace).
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx

    from gmn_llm.routing.exchange import Exchange, Try
    from gmn_llm.routing.ledger import Ledger

__all__ = ["HOOKS", "follow", "is_ours", "post_of"]

REFUSED: Final = 400
"""The first status that is a refusal; what is below and is followed by another request is a redirection."""
PORTS: Final = {"http": 80, "https": 443}
CONNECTED: Final = "connect_tcp.complete"
HEAD_GOES_OUT: Final = "send_request_headers.started"
HEAD_IS_OUT: Final = "send_request_headers.complete"
HEAD_IS_BACK: Final = "receive_response_headers.complete"
NO_HEAD: Final = "receive_response_headers.failed"
BODY_BROKE: Final = "receive_response_body.failed"
"""Steps of the transport, without the protocol (``http11.``) before them."""

_POST: ContextVar[tuple[Exchange, Ledger] | None] = ContextVar("gmn_llm_post", default=None)


def post_of(exchange: Exchange | None, ledger: Ledger) -> None:
    """Take what this task sends from now on, and the tasks it begins, for the exchange's, or for nobody's."""
    _POST.set((exchange, ledger) if exchange is not None else None)


def is_ours() -> bool:
    """Return whether what this task sends is ours."""
    return _POST.get() is not None


async def follow(request: httpx.Request) -> None:
    """Follow a request of ours that is about to be sent; a hook of httpx."""
    post = _POST.get()
    if post is not None and post[0].current is not None:
        request.extensions["trace"] = _Trace(post[0], post[0].current, post[1])
        post[0].current.address = (request.url.host, request.url.port or PORTS.get(request.url.scheme, 0))


HOOKS: Final = {"request": [follow]}
"""The event hooks of a client whose requests are followed."""


class _Trace:
    """Notes in an attempt what becomes of one request of it.

    Args:
        exchange: The request of the caller.
        attempt: The attempt.
        ledger: Where a request that is lost and sent again is entered.
    """

    __slots__ = ("_attempt", "_exchange", "_fresh", "_ledger", "_tunnels")

    def __init__(self, exchange: Exchange, attempt: Try, ledger: Ledger) -> None:
        self._exchange = exchange
        self._attempt = attempt
        self._ledger = ledger
        self._fresh = False
        self._tunnels = False

    async def __call__(self, name: str, info: Mapping[str, Any]) -> None:
        """Take note of one step of the transport; ``info`` is what httpcore tells of it."""
        step = name.partition(".")[2]
        attempt = self._attempt
        if step == HEAD_GOES_OUT:
            # A proxy is asked for a tunnel first, with the same trace.
            self._tunnels = info["request"].method == b"CONNECT"
        elif step == CONNECTED:
            self._fresh = True
        elif self._tunnels:
            return
        elif step == HEAD_IS_OUT:
            if attempt.lost:
                attempt.lost = False
                self._ledger.sent_again(self._exchange, attempt)
            attempt.sent, attempt.status = True, None
        elif step == HEAD_IS_BACK:
            # Version, status, reason and headers; with HTTP/2 status and headers.
            attempt.status = next(part for part in info["return_value"] if isinstance(part, int))
            attempt.lost = attempt.status >= REFUSED
        elif step == BODY_BROKE or (step == NO_HEAD and self._fresh):
            # A connection that was idle may have been closed for that, before the server had the request.
            attempt.lost = True
