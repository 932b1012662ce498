"""No key in any word that leaves the package, wherever a server has put it."""

from __future__ import annotations

import base64
import html
import json
import logging
import traceback
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from gmn_llm.config.forms import forms_of
from gmn_llm.config.masking import MASK, mask_text
from gmn_llm.errors import LLMError
from gmn_llm.messages import Attempt
from gmn_llm.routing.scrubbing import scrubbed
from tests.routing.conftest import WIRES, Build, request, section
from tests.routing.test_faults import answer
from tests.wire.client import Step, WireServer

KEY = 'sk-"wire"/+é\\0123456789'
"""With what JSON, Python, URLs and HTML each write otherwise."""
SENT = "sk-wire+/0123456789"
TOKEN = "tk.9876543210"
WAYS = ("complete", "stream")


def places() -> Iterator[tuple[str, Step]]:
    """Where a server can put it: names, and what it answers."""
    for told, text in (("plain", SENT), ("bearer", f"Bearer {SENT}"), ("token", TOKEN), ("repr", repr(SENT.encode()))):
        for status in (400, 401, 429, 500):
            error = {"type": "error", "error": {"type": "odd", "code": "x", "message": f"wrong key: {text}"}}
            yield f"{told}-{status}", Step(status=status, body=json.dumps(error), times=0)
    coded = {
        "base64": base64.b64encode(f"user:{TOKEN}".encode()).decode(),
        "base64-alone": base64.b64encode(SENT.encode()).decode(),
        "html": html.escape(SENT),
        "url": quote(SENT, safe=""),
    }
    for told, text in coded.items():
        yield told, Step(status=401, body=json.dumps({"error": {"message": text}}), times=0)
    page = f"<html><body>Bearer {SENT} {TOKEN}</body></html>"
    yield "page", Step(status=403, body=page, headers={"content-type": "text/html"}, times=0)
    yield "page-200", Step(body=page, headers={"content-type": "text/html"}, times=0)
    yield "text", Step(status=502, body=f"upstream said {SENT}", times=0)
    yield "header", Step(status=500, body="{}", headers={"x-echo": SENT, "www-authenticate": TOKEN}, times=0)
    yield "retry-after", Step(status=429, body="{}", headers={"retry-after": SENT}, times=0)
    moved = {"location": f"http://127.0.0.1:9/?key={quote(SENT, safe='')}&token={TOKEN}"}
    yield "redirect", Step(status=307, body=SENT, headers=moved, times=0)
    yield "code", Step(body=json.dumps({"error": {"code": SENT, "message": TOKEN}}), times=0)
    yield "field", Step(body=json.dumps({SENT: TOKEN, "choices": [{SENT: SENT}], "message": SENT}), times=0)
    yield "half", Step(body='{"a": "' + SENT, times=0)
    yield "event", Step(body="data: " + json.dumps({"error": {"message": SENT, "type": TOKEN}}) + "\n\n", times=0)
    claude = {"type": "error", "error": {"type": SENT, "message": TOKEN}}
    yield "claude-event", Step(body=f"event: error\ndata: {json.dumps(claude)}\n\n", times=0)


PLACES = dict(places())


def words_of(error: BaseException) -> Iterator[str]:
    """Everything an error says when it is printed, and everything that led to it."""
    yield from traceback.format_exception(error)
    seen: set[int] = set()
    left: list[BaseException | None] = [error]
    while left:
        current = left.pop()
        if current is None or id(current) in seen:
            continue
        seen.add(id(current))
        yield from (str(current), repr(current), repr(current.args), repr(getattr(current, "__notes__", "")))
        yield from (repr(value) for value in vars(current).values() if isinstance(value, str | bytes | list | dict))
        left += [current.__cause__, current.__context__]
    if isinstance(error, LLMError):
        yield error.hint
        yield repr(error.attempts)


def hidden(text: str, *secrets: str) -> bool:
    """Whether none of the secrets is in a text, in no form."""
    return not any(form in text for secret in secrets for form in forms_of(secret))


def configuration(wire: WireServer, name: str, **more: object) -> dict[str, object]:
    """A provider with a key, and headers with further ones."""
    basic = base64.b64encode(f"user:{TOKEN}".encode()).decode()
    headers = {"x-auth-extra": f"Bearer {TOKEN}", "cookie": TOKEN, "x-proxy-authorization": f"Basic {basic}"}
    return {"provider": name, name: section(wire, name, api_key=SENT, extra_headers=headers, max_retries=0, **more)}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", WIRES)
async def test_a_server_that_repeats_the_key_does_not_get_it_into_our_words(  # noqa: PLR0917 - pytest's own order
    wire: WireServer, build: Build, caplog: pytest.LogCaptureFixture, name: str, place: str, way: str
) -> None:
    """Neither message, representation, traceback, causes, attempts, what listeners hear, nor the log has it.

    LiteLLM's own log is open to nobody but pytest.
    """
    wire.settings(keys={"openai": None, "anthropic": None})
    wire.script([PLACES[place]], deployment=name)
    heard: list[Attempt] = []
    gateway = build(configuration(wire, name), heard=heard)

    with caplog.at_level(logging.INFO), pytest.raises(LLMError) as caught:
        await answer(gateway, request(timeout=30), group=name, way=way)

    assert caught.value.attempts
    logged = [each.getMessage() for each in caplog.records if not each.name.startswith("LiteLLM")]
    for text in (*words_of(caught.value), repr(heard), *logged):
        assert hidden(text, SENT, TOKEN), text
    assert isinstance(caught.value.__cause__, BaseException)


async def test_a_header_that_can_t_be_sent_is_not_told(
    wire: WireServer, build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The HTTP library prints such a value as octets; they are masked too."""
    monkeypatch.setenv("GROQ_API_KEY", f"{SENT}\n{TOKEN}")
    gateway = build({"model_list": [groq(wire)]})

    with pytest.raises(LLMError) as caught:
        await gateway.complete(request(timeout=30), group="g", fall_over=True)

    assert all(hidden(text, f"{SENT}\n{TOKEN}", SENT) for text in words_of(caught.value))


def groq(wire: WireServer) -> dict[str, object]:
    """An entry of a model list whose key LiteLLM looks for in the environment."""
    return {"model_name": "g", "litellm_params": {"model": "groq/gpt-4o", "api_base": f"{wire.at('openai')}/v1"}}


async def test_a_key_that_litellm_takes_from_the_environment_is_masked(
    wire: WireServer, build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stands nowhere in the configuration, and comes back all the same."""
    monkeypatch.setenv("GROQ_API_KEY", SENT)
    wire.settings(keys={"openai": None})
    wire.script([PLACES["plain-401"]], deployment="openai")
    gateway = build({"model_list": [groq(wire)]})

    with pytest.raises(LLMError) as caught:
        await gateway.complete(request(timeout=30), group="g", fall_over=True)

    assert all(hidden(text, SENT) for text in words_of(caught.value))
    assert wire.requests()[0].header("authorization") == f"Bearer {SENT}"


ENCODED = {
    "json": json.dumps(KEY),
    "json-twice": json.dumps(json.dumps(KEY)),
    "json-as-it-is": json.dumps(KEY, ensure_ascii=False),
    "repr": repr(KEY),
    "octets": repr(KEY.encode()),
    "octets-in-json": json.dumps(repr(KEY.encode())),
    "url": quote(KEY, safe=""),
    "url-lower": quote(KEY, safe="").lower(),
    "html": html.escape(KEY),
    "base64": base64.b64encode(KEY.encode()).decode(),
    "basic": base64.b64encode(f":{KEY}".encode()).decode(),
    "within": f"x{KEY}y",
}


@pytest.mark.parametrize("form", ENCODED)
def test_a_secret_is_found_in_each_of_its_forms(form: str) -> None:
    """Whatever has been made of it on the way, it is masked."""
    masked = mask_text(f"the key {ENCODED[form]} is wrong", frozenset({KEY}))

    assert MASK in masked
    assert "0123456789" not in masked
    assert ENCODED[form].strip('"') not in masked


@pytest.mark.parametrize(
    ("secret", "text", "expected"),
    [
        ("ab1", "the key ab1 is wrong", f"the key {MASK} is wrong"),
        ("ab1", "a tab1e, ab12 and _ab1", "a tab1e, ab12 and _ab1"),
        ("ab1", "ab1ab1 ab1", f"ab1ab1 {MASK}"),
        ("ab1", "(ab1)=ab1", f"({MASK})={MASK}"),
        ("x", "x is the key", "x is the key"),
        ("test", "a test of it", "a test of it"),
        ("ollama", "ollama, llama3.2: not found", "ollama, llama3.2: not found"),
        ("Bearer abcdefgh", "got abcdefgh", f"got {MASK}"),
        ("Basic dXNlcjpoaWRkZW4=", "user:hidden, hidden", f"{MASK}, {MASK}"),
    ],
)
def test_short_keys_and_stand_ins_leave_ordinary_words_alone(secret: str, text: str, expected: str) -> None:
    """A short one is masked where it stands by itself; one that guards nothing is not."""
    assert mask_text(text, frozenset({secret})) == expected


def test_an_exception_that_can_t_be_changed_is_taken_out_of_the_chain() -> None:
    """Its words are its own; what stood above it stays."""

    class Stubborn(Exception):  # noqa: N818 - no error of anybody's
        def __str__(self) -> str:
            return f"I say {SENT}"

    above = ValueError(f"above {SENT}")
    above.__cause__ = Stubborn()
    above.add_note(f"note {SENT}")

    found = scrubbed(above, frozenset({SENT}))

    assert found is above
    assert above.__cause__ is None
    assert all(hidden(text, SENT) for text in words_of(above))
    assert scrubbed(Stubborn(), frozenset({SENT})) is None
