"""How bytes leave the server: whole, in pieces, slowly, or broken off."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Mapping, Sequence

from aiohttp import web

from tests.wire.faults import Fault, Step

FOREVER = 3600.0
"""Seconds a hanging answer waits; the caller is gone long before."""

HTML = "<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body><h1>Please sign in</h1></body></html>\n"
BROKEN = frozenset({Fault.RESET, Fault.CUT, Fault.STALL})


async def send_whole(
    request: web.Request, *, body: bytes, step: Step, headers: Mapping[str, str]
) -> web.StreamResponse:
    """Sends a body of known length, with what the step does to it."""
    if step.fault is Fault.HTML:
        kept = {name: value for name, value in headers.items() if name.lower() != "content-type"}
        return web.Response(text=HTML, content_type="text/html", headers=kept)
    if step.fault is Fault.UNFINISHED:
        body = body[: _part(len(body), step)]
    if step.fault not in BROKEN | {Fault.DRIP}:
        return web.Response(body=body, headers=headers)
    response = web.StreamResponse(headers=headers)
    response.content_length = len(body)
    await response.prepare(request)
    if step.fault is Fault.DRIP:
        await _drip(response, body, step)
    else:
        await response.write(body[: _part(len(body), step)])
        await _break(request, step)
    return response


async def send_stream(
    request: web.Request, *, events: Sequence[bytes], error: bytes, step: Step, headers: Mapping[str, str]
) -> web.StreamResponse:
    """Sends events one by one, with what the step does to them."""
    if step.fault is Fault.HTML:
        return await send_whole(request, body=b"", step=step, headers=headers)
    response = web.StreamResponse(headers=headers)
    response.enable_chunked_encoding()
    await response.prepare(request)
    if step.fault is Fault.DRIP:
        await _drip(response, b"".join(events), step)
        return response
    partial = step.fault in BROKEN | {Fault.UNFINISHED, Fault.STREAM_ERROR}
    for event in events[: _part(len(events), step) if partial else None]:
        await response.write(event)
        if step.pace:
            await asyncio.sleep(step.pace)
    if step.fault is Fault.STREAM_ERROR:
        await response.write(error)
    await _break(request, step)
    return response


def _part(length: int, step: Step) -> int:
    return min(length, round(length * step.share))


async def _drip(response: web.StreamResponse, body: bytes, step: Step) -> None:
    for at in range(len(body)):
        await response.write(body[at : at + 1])
        await asyncio.sleep(step.pace or 0.1)


async def _break(request: web.Request, step: Step) -> None:
    transport = request.transport
    if step.fault is Fault.STALL:
        await asyncio.sleep(FOREVER)
    if transport is None or step.fault not in {Fault.RESET, Fault.CUT}:
        return
    if step.fault is Fault.RESET:
        # What has been sent would be lost with the connection if the other side had not read it yet.
        await asyncio.sleep(0.05)
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    else:
        transport.close()
