"""A server that speaks the wire protocols of OpenAI, Anthropic and Ollama, for tests.

``python -m tests.wire.server [--port N]`` prints one line, ``{"host": "127.0.0.1", "port": N}``, and serves
until SIGTERM, or until standard input closes where ``--until-stdin-closes`` is given: so it never outlives
who started it.

Each request is checked against its protocol. A wrong one is answered as the real service answers it and kept
as a violation. Any path may begin with ``/@name``: the name of a deployment, by which tests tell several
apart. Every reply carries the request's number in ``x-wire-request``.

What is not there: models that think. It answers a given text, whatever was asked; tokens are counted as four
characters each; ``max_tokens`` (``num_predict``) and stop sequences do end the text.

Control, JSON in and out: ``POST /_control/script|rule|settings|reset|forgive``, ``GET
/_control/requests|violations``.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import signal
import sys
import threading
import time
from dataclasses import asdict, replace

from aiohttp import web

from tests.wire.anthropic_wire import ANTHROPIC
from tests.wire.delivery import FOREVER, send_stream, send_whole
from tests.wire.faults import Fault, Step
from tests.wire.ollama_wire import OLLAMA, is_served
from tests.wire.openai_wire import OPENAI
from tests.wire.parts import CHARACTERS_PER_TOKEN, Answer, Ask, Problem, Refusal, Wire, tokens
from tests.wire.stage import Record, Stage, applies

WIRES = (OPENAI, ANTHROPIC, OLLAMA)
NOT_JSON = {
    "openai": "We could not parse the JSON body of your request. (HINT: This likely means you aren't using "
    "your HTTP library correctly. The OpenAI API expects a JSON payload, but what was sent was not valid "
    "JSON.)",
    "anthropic": "The request body is not valid JSON: expected value: line 1 column 1 (char 0)",
    "ollama": "invalid character 'h' looking for beginning of value",
}
MEGABYTES = 1024 * 1024


class WireApp:
    """Takes requests, lets their protocol judge and answer them, and remembers both."""

    def __init__(self) -> None:
        self.stage = Stage()

    def application(self) -> web.Application:
        """The aiohttp application."""
        app = web.Application(client_max_size=256 * MEGABYTES)
        app.router.add_route("*", "/_control/{verb}", self._control)
        app.router.add_route("*", "/{tail:.*}", self._serve)
        return app

    async def _control(self, request: web.Request) -> web.Response:
        verb = (request.method, request.match_info["verb"])
        given = await request.json() if request.can_read_body else {}
        try:
            match verb:
                case ("POST", "script"):
                    self.stage.script(**given)
                case ("POST", "rule"):
                    self.stage.rule(given)
                case ("POST", "settings"):
                    self.stage.settings(**given)
                case ("POST", "reset"):
                    self.stage.reset()
                case ("POST", "forgive"):
                    self.stage.violations.clear()
                case ("GET", "requests"):
                    return web.json_response([asdict(record) for record in self.stage.records])
                case ("GET", "violations"):
                    return web.json_response(self.stage.violations)
                case _:
                    return web.Response(status=404, text=f"no control {verb}")
        except (TypeError, ValueError) as error:
            return web.Response(status=400, text=str(error))
        return web.json_response({})

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        deployment, path = _split(request.path)
        wire = _wire_of(request, path)
        body = _json(raw)
        ask = Ask(
            number=self.stage.next_number(),
            path=path,
            deployment=deployment,
            headers={name.lower(): value for name, value in request.headers.items()},
            body=body if isinstance(body, dict) else {},
        )
        record = _record(request, ask, wire, body, raw)
        self.stage.note(record)
        if wire is None:
            self.stage.complain(record, Problem(message=f"no endpoint {request.method} {path}", refused=True))
            return _reply(record, 404, b"404 page not found", {"content-type": "text/plain"})
        response = await self._answer(request, wire, ask, record, bad_json=bool(raw) and not isinstance(body, dict))
        record.finished = True
        return response

    async def _answer(
        self, request: web.Request, wire: Wire, ask: Ask, record: Record, *, bad_json: bool
    ) -> web.StreamResponse:
        refusal = self._judge(wire, ask, record, bad_json=bad_json)
        if refusal is not None:
            return _refused(wire, ask, record, refusal, Step())
        listing = wire.listings.get((request.method, ask.path))
        if listing is not None:
            step = self.stage.step_for(ask, prompt_tokens=0)
            return await self._perform(request, wire, ask, record, step)
        read = tokens(wire.prompt(ask))
        step = self.stage.step_for(ask, prompt_tokens=read)
        if not applies(step, wire.constrained(ask)):
            step = Step(text=step.text, delay=step.delay)
        return await self._perform(request, wire, ask, record, step)

    def _judge(self, wire: Wire, ask: Ask, record: Record, *, bad_json: bool) -> Refusal | None:
        refusal = wire.authorise(ask, self.stage.keys.get(wire.name))
        if refusal is not None:
            return refusal
        if bad_json:
            problems = [Problem(message=NOT_JSON[wire.name])]
        else:
            problems = wire.check(ask) if ask.path == wire.chat else []
        for problem in problems:
            self.stage.complain(record, problem)
        refused = [problem for problem in problems if problem.refused]
        if refused:
            return wire.bad_request(refused[0])
        served = self.stage.served(wire.name)
        if ask.path == wire.chat and served is not None and not is_served(ask.model, served):
            return wire.refuse(Fault.NO_MODEL, ask)
        return None

    async def _perform(
        self, request: web.Request, wire: Wire, ask: Ask, record: Record, step: Step
    ) -> web.StreamResponse:
        record.fault = step.fault
        await asyncio.sleep(step.delay)
        if step.fault is Fault.HANG:
            await asyncio.sleep(FOREVER)
        whole = ask.path != wire.chat or not wire.streams(ask)
        if step.body is not None:
            kind = "application/json" if whole else wire.stream_type
            return _reply(record, step.status or 200, step.body.encode(), {"content-type": kind, **step.headers})
        if step.refuses() or (whole and step.fault is Fault.STREAM_ERROR):
            return self._refuse(wire, ask, record, step)
        record.status = 200
        headers = {**self._headers(wire, ask), **step.headers}
        if ask.path != wire.chat:
            body, kind = self._listing(request.method, wire, ask)
            if isinstance(body, Refusal):
                return _refused(wire, ask, record, body, step)
            return await send_whole(request, body=body, step=step, headers={"content-type": kind, **headers})
        answer = self._words(wire, ask, step)
        record.prompt_tokens, record.completion_tokens = answer.prompt_tokens, answer.completion_tokens
        if whole:
            body = _dump(wire.whole(ask, answer))
            headers = {"content-type": "application/json", **headers}
            return await send_whole(request, body=body, step=step, headers=headers)
        headers = {"content-type": wire.stream_type, "cache-control": "no-cache", **headers}
        events = wire.events(ask, answer)
        return await send_stream(request, events=events, error=wire.stream_error(), step=step, headers=headers)

    def _listing(self, method: str, wire: Wire, ask: Ask) -> tuple[bytes | Refusal, str]:
        result = wire.listings[method, ask.path](ask, self.stage.served(wire.name))
        if isinstance(result, Refusal):
            return result, ""
        if isinstance(result.body, str):
            return result.body.encode(), "text/plain; charset=utf-8"
        return _dump(result.body), "application/json"

    def _refuse(self, wire: Wire, ask: Ask, record: Record, step: Step) -> web.Response:
        fault = step.fault if step.refuses() and step.fault is not None else Fault.SERVER_ERROR
        refusal = wire.refuse(fault, ask)
        if refusal is None:
            self.stage.complain(record, Problem(message=f"{wire.name} has no answer that means {fault}"))
            return _reply(record, 501, b"", {})
        headers = {**self._headers(wire, ask), **refusal.headers, **step.headers}
        if step.retry_after is not None:
            headers["retry-after"] = str(step.retry_after)
        refusal = replace(refusal, status=step.status or refusal.status)
        return _refused(wire, ask, record, replace(refusal, headers=headers), step)

    def _headers(self, wire: Wire, ask: Ask) -> dict[str, str]:
        headers = {"x-wire-request": str(ask.number), **wire.reply_headers(ask)}
        for enforcer in self.stage.rules_for(ask):
            most, left = enforcer.rule.rpm, enforcer.remaining()
            if most is not None and left is not None:
                headers.update(wire.limit_headers(most, max(0, left)))
        return headers

    def _words(self, wire: Wire, ask: Ask, step: Step) -> Answer:
        """The text of a step, ended by the first stop sequence in it and by the limit of tokens."""
        text = self.stage.text if step.text is None else step.text
        finish, stop = "stop", None
        if step.fault is Fault.EMPTY:
            text = ""
        if step.fault is Fault.CONTENT_FILTER:
            text, finish = "", "content_filter"
        if step.fault is Fault.LENGTH:
            text, finish = text[: round(len(text) * step.share)], "length"
        found = [(text.index(each), each) for each in wire.stops(ask) if each and each in text]
        if found:
            at, stop = min(found)
            text, finish = text[:at], "stop_sequence"
        most = wire.limit(ask)
        if most is not None and tokens(text) > most:
            text, finish, stop = text[: most * CHARACTERS_PER_TOKEN], "length", None
        return Answer(text=text, finish=finish, stop=stop, prompt_tokens=tokens(wire.prompt(ask)), chunk=step.chunk)


def _split(path: str) -> tuple[str, str]:
    """The deployment named in a path, and the path without it."""
    if not path.startswith("/@"):
        return "", path
    name, _, rest = path[2:].partition("/")
    return name, f"/{rest}"


def _wire_of(request: web.Request, path: str) -> Wire | None:
    """The protocol of a request; OpenAI's and Anthropic's list of models share a path but no headers."""
    fitting = [
        wire
        for wire in WIRES
        if (path == wire.chat and request.method == "POST") or (request.method, path) in wire.listings
    ]
    if len(fitting) > 1:
        anthropic = "x-api-key" in request.headers or "anthropic-version" in request.headers
        return ANTHROPIC if anthropic else OPENAI
    return fitting[0] if fitting else None


def _json(raw: bytes) -> object:
    try:
        return json.loads(raw) if raw else None
    except ValueError:
        return None


def _dump(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _record(request: web.Request, ask: Ask, wire: Wire | None, body: object, raw: bytes) -> Record:
    return Record(
        number=ask.number,
        protocol="" if wire is None else wire.name,
        deployment=ask.deployment,
        method=request.method,
        path=ask.path,
        query=request.query_string,
        time=time.time(),
        headers=[(name.decode("latin-1"), value.decode("latin-1")) for name, value in request.raw_headers],
        body=body,
        raw=raw.decode("utf-8", "replace") if body is None else "",
    )


def _reply(record: Record, status: int, body: bytes, headers: dict[str, str]) -> web.Response:
    record.status = status
    return web.Response(status=status, body=body, headers={"x-wire-request": str(record.number), **headers})


def _refused(wire: Wire, ask: Ask, record: Record, refusal: Refusal, step: Step) -> web.Response:
    headers = {
        "content-type": "application/json",
        **wire.reply_headers(ask),
        **refusal.headers,
        **step.headers,
    }
    return _reply(record, refusal.status, _dump(refusal.body), headers)


async def serve(*, port: int, until_stdin_closes: bool) -> None:
    """Serves on the loopback until it is told to stop."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):  # Windows has no handlers of signals in a loop
            loop.add_signal_handler(name, stop.set)
    if until_stdin_closes:
        threading.Thread(target=_wait_for_stdin, args=(loop, stop), daemon=True).start()
    # A handler that hangs ends with its connection, so a caller that gave up leaves nothing behind.
    runner = web.AppRunner(WireApp().application(), access_log=None, handler_cancellation=True, shutdown_timeout=0.5)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port, backlog=4096)
    await site.start()
    bound = runner.addresses[0][1]
    print(json.dumps({"host": "127.0.0.1", "port": bound}), flush=True)  # noqa: T201  # how the port is told
    await stop.wait()
    await runner.cleanup()


def _wait_for_stdin(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    # Not through sys.stdin: its lock, held by this thread, would abort the interpreter at its end.
    while os.read(sys.stdin.fileno(), 4096):
        pass
    with contextlib.suppress(RuntimeError):  # the loop may have ended first
        loop.call_soon_threadsafe(stop.set)


def main() -> None:
    """Reads the arguments and serves."""
    parser = argparse.ArgumentParser(description="Speaks OpenAI's, Anthropic's and Ollama's wire protocols for tests.")
    parser.add_argument("--port", type=int, default=0, help="the port on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--until-stdin-closes", action="store_true", help="stop when standard input closes")
    given = parser.parse_args()
    asyncio.run(serve(port=given.port, until_stdin_closes=given.until_stdin_closes))


if __name__ == "__main__":
    main()
