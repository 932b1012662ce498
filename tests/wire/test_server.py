"""The server's own behaviour: process, scripts, rules, records and what breaks on the way."""

from __future__ import annotations

import asyncio
import json
import os
import time

import aiohttp
import httpx
import pytest

from gmn_llm import validate_gmn
from tests.wire.client import Fault, Program, Rule, Step, WireServer, closed_port
from tests.wire.conftest import Ask
from tests.wire.faults import Enforcer, Match

TALK = [{"role": "user", "content": "A grid, please."}]


def _body(**more: object) -> dict[str, object]:
    return {"model": "gpt-4o", "messages": TALK, **more}


def _send(ask: Ask, wire: WireServer, base: str | None = None, **more: object) -> int:
    url = f"{base or wire.url}/v1/chat/completions"
    return ask(url, _body(**more), {"authorization": f"Bearer {wire.openai_key}"}).status


@pytest.fixture
def http(wire: WireServer) -> httpx.Client:
    """An HTTP client that heeds no proxy."""
    headers = {"authorization": f"Bearer {wire.openai_key}"}
    return httpx.Client(base_url=wire.url, headers=headers, timeout=10, trust_env=False)


def test_stops_on_sigterm() -> None:
    """SIGTERM ends the process with exit code 0."""
    program = Program("tests.wire.server")
    assert program.told["host"] == "127.0.0.1"
    assert program.terminate() == 0


def test_stops_when_its_parent_goes() -> None:
    """The end of standard input, which is what a parent that dies leaves, ends the process."""
    program = Program("tests.wire.server")
    assert program.running
    assert program.stop() == 0


def test_process_of_its_own(wire_process: WireServer) -> None:
    """The server runs in another process than the tests."""
    program = Program("tests.wire.server")
    assert program.pid != os.getpid()
    program.stop()


def test_default_answer_is_valid() -> None:
    """What the server says by default is a valid document without a warning."""
    assert validate_gmn(json.loads(WireServer.default_text)).findings == ()


def test_steps_come_in_order(ask: Ask, wire: WireServer) -> None:
    """Scripted replies are answered in order, then good answers again."""
    wire.script([Step(fault=Fault.SERVER_ERROR, times=2), Step(status=418), "last"])
    assert [_send(ask, wire) for _ in range(5)] == [500, 500, 418, 200, 200]


def test_steps_for_one_model_or_deployment(ask: Ask, wire: WireServer) -> None:
    """A script for a model or a deployment goes before one for all, and leaves others alone."""
    wire.script([Step(fault=Fault.UNAVAILABLE, times=0)], model="bad")
    wire.script([Step(fault=Fault.RATE_LIMIT, times=0)], deployment="east")
    assert _send(ask, wire) == 200
    assert _send(ask, wire, model="bad") == 503
    assert _send(ask, wire, wire.at("east")) == 429
    assert _send(ask, wire, wire.at("west")) == 200
    assert [seen.deployment for seen in wire.requests()] == ["", "", "east", "west"]
    assert [seen.number for seen in wire.requests(model="bad")] == [wire.requests()[1].number]


def test_listings_keep_out_of_scripts(ask: Ask, wire: WireServer) -> None:
    """A script without a path is for chats; one with a path reaches a listing."""
    wire.script([Step(fault=Fault.SERVER_ERROR)])
    wire.script([Step(fault=Fault.UNAVAILABLE)], path="/api/tags")
    assert ask(f"{wire.url}/api/version").status == 200
    assert ask(f"{wire.url}/api/tags").status == 503
    assert _send(ask, wire) == 500


def test_unknown_fields_are_refused(wire: WireServer, ask: Ask) -> None:
    """A script with a field or a fault that does not exist is an error at once."""
    assert ask(f"{wire.url}/_control/script", {"steps": [{"fualt": "html"}], "match": {}}).status == 400
    assert ask(f"{wire.url}/_control/script", {"steps": [{"fault": "fire"}], "match": {}}).status == 400


def test_unknown_endpoint_is_a_violation(ask: Ask, wire: WireServer) -> None:
    """A path that is not served, as ``/api/generate``, which this package never uses, is a breach."""
    assert ask(f"{wire.url}/api/generate", {"model": "llama3.2"}).status == 404
    assert [each["path"] for each in wire.violations()] == ["/api/generate"]
    wire.forgive()


def test_fault_without_meaning_is_a_violation(ask: Ask, wire: WireServer) -> None:
    """A protocol that has no such error does not make one up."""
    wire.script([Step(fault=Fault.CONTENT_POLICY)])
    assert ask(f"{wire.url}/api/chat", {"model": "llama3.2", "messages": TALK}).status == 501
    wire.forgive()


def test_reset_forgets(ask: Ask, wire: WireServer) -> None:
    """A reset takes back scripts, rules, settings and records."""
    wire.script([Step(fault=Fault.SERVER_ERROR, times=0)])
    wire.settings(keys={"openai": "another"})
    wire.reset()
    assert _send(ask, wire) == 200
    assert len(wire.requests()) == 1


def test_requests_are_kept_as_they_travelled(wire: WireServer) -> None:
    """Headers keep their order and capitals, the body its JSON, and the reply names the request's number."""
    headers = {"Authorization": f"Bearer {wire.openai_key}", "X-Zeta": "1", "X-Alpha": "2"}
    with httpx.Client(trust_env=False) as client:
        reply = client.post(f"{wire.openai_base}/chat/completions?a=b", json=_body(), headers=headers)
    seen = wire.requests()[0]
    names = [name for name, _ in seen.headers]
    assert names.index("X-Zeta") < names.index("X-Alpha")
    assert (seen.query, seen.json, seen.status, seen.finished) == ("a=b", _body(), 200, True)
    assert reply.headers["x-wire-request"] == str(seen.number)
    assert abs(seen.time - time.time()) < 60


def test_failure_rate_is_the_same_each_time(ask: Ask, wire: WireServer) -> None:
    """A rate of failures is drawn from a seed: the same sequence after each reset."""
    runs = []
    for _ in range(2):
        wire.reset()
        wire.rule(Rule(failure_rate=0.3, seed=7, fault=Fault.UNAVAILABLE))
        runs.append([_send(ask, wire) for _ in range(40)])
    assert runs[0] == runs[1]
    assert 4 <= runs[0].count(503) <= 20


def test_rpm_is_enforced(ask: Ask, wire: WireServer) -> None:
    """Requests beyond a rule's rpm get 429 with ``Retry-After`` and the limit's headers; others go on."""
    wire.rule(Rule(match=Match(deployment="slow"), rpm=2))
    assert [_send(ask, wire, wire.at("slow")) for _ in range(4)] == [200, 200, 429, 429]
    assert _send(ask, wire) == 200
    assert wire.most_within(60, deployment="slow") == 2
    assert wire.most_within(60, deployment="slow", answered=False) == 4
    assert sum(wire.by_minute(deployment="slow").values()) == 2
    url = f"{wire.at('slow')}/v1/chat/completions"
    reply = ask(url, _body(), {"authorization": f"Bearer {wire.openai_key}"})
    assert 0 < int(reply.headers["retry-after"]) <= 61
    assert reply.headers["x-ratelimit-remaining-requests"] == "0"


@pytest.mark.parametrize(("calendar", "wait"), [(False, 60), (True, 20)])
def test_rpm_window_ends(*, calendar: bool, wait: int) -> None:
    """A window slides, or ends with the minute of the clock, and then requests are let through again."""
    now = [1000.0]
    enforcer = Enforcer(Rule(rpm=1, calendar=calendar), clock=lambda: now[0])
    assert enforcer.step(prompt_tokens=1) is None
    refused = enforcer.step(prompt_tokens=1)
    assert refused is not None
    assert refused.retry_after == pytest.approx(wait, abs=1)
    now[0] += wait
    assert enforcer.step(prompt_tokens=1) is None


def test_context_rule(ask: Ask, wire: WireServer) -> None:
    """A prompt longer than a rule's window gets the protocol's context error, a shorter one an answer."""
    wire.rule(Rule(match=Match(model="small"), context=50))
    long = [{"role": "user", "content": "word " * 100}]
    assert _send(ask, wire, model="small") == 200
    assert _send(ask, wire, model="small", messages=long) == 400
    assert _send(ask, wire, messages=long) == 200


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.RESET, httpx.ReadError),
        (Fault.CUT, httpx.RemoteProtocolError),
        (Fault.STALL, httpx.ReadTimeout),
        (Fault.HANG, httpx.ReadTimeout),
    ],
)
def test_broken_bodies(
    http: httpx.Client, wire: WireServer, fault: Fault, error: type[Exception], *, stream: bool
) -> None:
    """A reset, a cut, a stall and a hang are each what an HTTP client calls by that name."""
    wire.script([Step(fault=fault)])
    if error is httpx.ReadTimeout:
        http.timeout = httpx.Timeout(0.5)
    with http, pytest.raises(error):
        http.post("/v1/chat/completions", json=_body(stream=stream))


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/api/chat"])
def test_unfinished_body(http: httpx.Client, wire: WireServer, path: str) -> None:
    """An unfinished answer ends well for HTTP and in the middle for the protocol."""
    wire.script([Step(fault=Fault.UNFINISHED, times=0)])
    with http:
        whole = http.post(path, json=_body(stream=False))
        stream = http.post(path, json=_body(stream=True))
    assert (whole.status_code, stream.status_code) == (200, 200)
    with pytest.raises(ValueError, match="Unterminated string"):
        whole.json()
    assert "[DONE]" not in stream.text
    assert '"done":true' not in stream.text


@pytest.mark.parametrize("stream", [False, True])
def test_html_page(http: httpx.Client, wire: WireServer, *, stream: bool) -> None:
    """An HTML page comes with 200 and its own content type, as from a portal that wants a login."""
    wire.script([Step(fault=Fault.HTML)])
    with http:
        reply = http.post("/v1/chat/completions", json=_body(stream=stream))
    assert reply.status_code == 200
    assert reply.headers["content-type"].startswith("text/html")


def test_drip_beats_a_read_timeout(http: httpx.Client, wire: WireServer) -> None:
    """A dripping body arrives byte by byte, so that a timeout for each read never comes."""
    wire.script([Step(text="x", fault=Fault.DRIP, pace=0.001)])
    pieces = []
    with http, http.stream("POST", "/v1/chat/completions", json=_body()) as reply:
        pieces = list(reply.iter_raw())
    assert len(pieces) > 20


def test_refused_connection(http: httpx.Client) -> None:
    """Nobody listens at a closed port."""
    with http, pytest.raises(httpx.ConnectError):
        http.get(f"http://127.0.0.1:{closed_port()}/")


async def test_many_at_once(wire: WireServer) -> None:
    """Five hundred requests at once are all answered, each with its own number."""
    wire.rule(Rule(delay=0.05))
    headers = {"authorization": f"Bearer {wire.openai_key}"}
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, headers=headers) as session:

        async def one() -> str:
            async with session.post(f"{wire.openai_base}/chat/completions", json=_body()) as reply:
                assert reply.status == 200
                await reply.read()
                return reply.headers["x-wire-request"]

        numbers = await asyncio.gather(*(one() for _ in range(500)))
    assert len(set(numbers)) == 500
    assert len(wire.requests()) == 500
