"""Pictures at an address: fetched here, bounded in time, size and redirects."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from gmn_llm.errors import InputError
from gmn_llm.gmn.limits import DEFAULT_LIMITS, Limits
from gmn_llm.pictures import Seen, look
from tests.pictures.made import png


class Site(BaseHTTPRequestHandler):
    """Serves a picture, and what else an address may lead to."""

    def do_GET(self) -> None:
        """Answers by the path."""
        path = self.path.partition("?")[0]
        if path == "/moved":
            self._send(302, b"", location="/sketch.png")
        elif path == "/circle":
            self._send(302, b"", location="/circle")
        elif path == "/away":
            self._send(302, b"", location="file:///etc/hostname")
        elif path == "/slow":
            self.server.patience.wait(20)  # type: ignore[attr-defined]  # set where it is made
            self._send(200, png())
        elif path == "/endless":
            self.send_response(200)
            self.end_headers()
            for _ in range(10_000):
                self.wfile.write(bytes(1000))
        elif path == "/packed":
            self._send(200, png(), **{"content-encoding": "gzip"})
        elif path == "/page":
            self._send(200, b"<html></html>", **{"content-type": "text/html; charset=utf-8"})
        elif path == "/graph.dot":
            self._send(200, b"digraph { a -> b }", **{"content-type": "text/plain"})
        elif path == "/sketch.png":
            self._send(200, png(), **{"content-type": "image/png"})
        else:
            self._send(404, b"no")

    def _send(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing."""

    def handle(self) -> None:
        """Goes on where the reader hangs up."""
        with suppress(ConnectionError):
            super().handle()


@pytest.fixture
def site() -> Iterator[str]:
    """The address of a server of its own."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    server.patience = threading.Event()  # type: ignore[attr-defined]  # its own
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.patience.set()  # type: ignore[attr-defined]  # its own
    server.shutdown()
    server.server_close()
    thread.join()


async def seen(address: str, *, limits: Limits = DEFAULT_LIMITS, seconds: float = 10) -> Seen:
    """What is made of the picture at an address."""
    return await look([address], limits=limits, seconds=seconds)


async def test_what_lies_at_an_address_is_fetched(site: str) -> None:
    """Bytes come, past a redirect too, and a diagram is read as one."""
    assert (await seen(f"{site}/sketch.png")).pictures[0].data == png()
    assert (await seen(f"{site}/moved")).pictures[0].data == png()
    assert len((await seen(f"{site}/graph.dot")).diagrams) == 1


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/gone.png", "was answered with status 404"),
        ("/page", "is no picture but text/html"),
        ("/circle", "leads on more than 5 times"),
        ("/away", "no http or https address"),
        ("/packed", "came compressed"),
        ("/endless", "more than the 3932160 bytes"),
    ],
)
async def test_an_address_that_brings_no_picture_is_refused(site: str, path: str, words: str) -> None:
    """Each failure says what came of it, and a key in the address is not repeated."""
    with pytest.raises(InputError) as caught:
        await seen(f"{site}{path}?token=geheim")

    assert words in str(caught.value)
    assert "geheim" not in str(caught.value)


async def test_an_address_gets_no_longer_than_the_call_has(site: str) -> None:
    """A server that does not answer is an error by the deadline."""
    with pytest.raises(InputError, match=r"did not come within|took all of"):
        await seen(f"{site}/slow", seconds=0.2)


async def test_nobody_there_is_an_error() -> None:
    """A closed port is told with the address and without account and query."""
    with pytest.raises(InputError, match=r"http://127.0.0.1:1/a.png can't be reached"):
        await seen("http://me:geheim@127.0.0.1:1/a.png?key=geheim")
