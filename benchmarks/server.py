"""A fast server on the loopback that speaks OpenAI's protocol and answers with documents it was given.

``python -m benchmarks.server ANSWERS.json`` reads an object of names and texts, prints its port and serves until its
standard input closes. The path says what is answered and when: ``/50/n10/v1/chat/completions`` is the text ``n10``
after 50 ms, as a whole or, where the question says ``"stream": true``, in pieces. ``GET /asked`` is how many questions
there were, the seconds of the processor they took, and the last one's body.

Answers are bytes made beforehand and a connection is one ``asyncio.Protocol``, so that a question costs a few
hundredths of a millisecond, far less than it costs whoever asks.
"""

from __future__ import annotations

import asyncio
import gc
import json
import resource
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PIECES = 40
CREATED = 1_700_000_000
MODEL = "gpt-4o"
USAGE = {"prompt_tokens": 1500, "completion_tokens": 800, "total_tokens": 2300}


def whole(text: str) -> bytes:
    """Return the octets of an answer in one piece."""
    body = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": CREATED,
        "model": MODEL,
        "choices": [
            {
                "index": 0,
                "finish_reason": "stop",
                "logprobs": None,
                "message": {"role": "assistant", "content": text, "refusal": None},
            }
        ],
        "usage": USAGE,
    }
    return _response(json.dumps(body).encode(), "application/json")


def streamed(text: str) -> bytes:
    """Return the octets of an answer in pieces."""
    step = max(1, -(-len(text) // PIECES))
    pieces = [text[at : at + step] for at in range(0, len(text), step)]
    deltas: list[dict[str, object]] = [{"role": "assistant", "content": ""}, *({"content": piece} for piece in pieces)]
    events = "".join(f"data: {event}\n\n" for event in _events(deltas))
    return _response(events.encode(), "text/event-stream")


def _events(deltas: list[dict[str, object]]) -> Iterator[str]:
    frame = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": CREATED, "model": MODEL}
    for delta in deltas:
        yield json.dumps({**frame, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]})
    yield json.dumps({**frame, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    yield json.dumps({**frame, "choices": [], "usage": USAGE})
    yield "[DONE]"


def _response(body: bytes, kind: str) -> bytes:
    head = f"HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body


class Answers:
    """What is answered, made beforehand, and what was asked."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._whole = {name.encode(): whole(text) for name, text in texts.items()}
        self._streamed = {name.encode(): streamed(text) for name, text in texts.items()}
        self._count = 0
        self._last = b"null"

    def to(self, path: bytes, body: bytes) -> tuple[float, bytes]:
        """Return after how many seconds what is answered."""
        if path == b"/asked":
            used = resource.getrusage(resource.RUSAGE_SELF)
            told = b'{"count": %d, "cpu": %f, "last": %s}' % (self._count, used.ru_utime + used.ru_stime, self._last)
            return 0.0, _response(told, "application/json")
        self._count += 1
        self._last = body
        _, delay, name, _ = path.split(b"/", 3)
        pieces = b'"stream": true' in body or b'"stream":true' in body
        return int(delay) / 1000, (self._streamed if pieces else self._whole)[name]


class Connection(asyncio.Protocol):
    """One connection, kept open; its questions come one after the other."""

    def __init__(self, answers: Answers, loop: asyncio.AbstractEventLoop) -> None:
        self._answers = answers
        self._loop = loop
        self._got = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - a TCP server has no others
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer what has come in whole."""
        self._got += data
        while (end := self._got.find(b"\r\n\r\n")) >= 0:
            head = self._got[:end].lower()
            at = head.find(b"content-length:")
            length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            if len(self._got) < end + 4 + length:
                return
            path = self._got.split(b" ", 2)[1]
            body = self._got[end + 4 : end + 4 + length]
            self._got = self._got[end + 4 + length :]
            seconds, octets = self._answers.to(path, body)
            if seconds:
                self._loop.call_later(seconds, self._transport.write, octets)
            else:
                self._transport.write(octets)


async def serve(texts: Mapping[str, str]) -> None:
    """Print the port and serve until standard input closes."""
    loop = asyncio.get_running_loop()
    answers = Answers(texts)
    server = await loop.create_server(lambda: Connection(answers, loop), "127.0.0.1", 0, backlog=2048)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)
    server.close()


if __name__ == "__main__":
    gc.disable()
    asyncio.run(serve(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))))
