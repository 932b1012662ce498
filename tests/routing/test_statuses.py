"""What a status, and the code in a body, mean: on the wire, alone and with a fallback."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from gmn_llm.errors import (
    AllProvidersFailedError,
    AuthenticationError,
    ContextLengthError,
    InputError,
    LLMError,
    ProviderTimeoutError,
    ProviderUnavailableError,
    RateLimitError,
)
from tests.routing.conftest import SCHEMA, WIRES, Build, request, section
from tests.routing.test_faults import OTHER, WAYS, answer
from tests.wire.client import Step, WireServer, closed_port

pytestmark = pytest.mark.usefixtures("warm")

KINDS: dict[int, type[LLMError]] = {
    400: InputError, 401: AuthenticationError, 402: AuthenticationError, 403: AuthenticationError,
    404: ProviderUnavailableError, 405: ProviderUnavailableError, 408: ProviderTimeoutError,
    409: ProviderUnavailableError, 410: ProviderUnavailableError, 413: InputError, 415: ProviderUnavailableError,
    422: InputError, 425: ProviderUnavailableError, 429: RateLimitError, 451: ProviderUnavailableError,
    500: ProviderUnavailableError, 501: ProviderUnavailableError, 502: ProviderUnavailableError,
    503: ProviderUnavailableError, 504: ProviderTimeoutError, 507: ProviderUnavailableError,
    520: ProviderUnavailableError, 524: ProviderUnavailableError, 529: ProviderUnavailableError,
}  # fmt: skip
NGINX = "<html>\r\n<head><title>{0}</title></head>\r\n<body>\r\n<center><h1>{0}</h1></center>\r\n</body>\r\n</html>\r\n"
"""A proxy's page."""
BODIES = {
    "page": (NGINX, {"content-type": "text/html"}),
    "object": (json.dumps({"type": "error", "error": {"type": "odd", "message": "no"}}), {}),
    "text": ('{"error":"no"}', {}),
    "nothing": ("", {}),
}


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("status", KINDS)
@pytest.mark.parametrize("name", WIRES)
async def test_a_status_has_one_class_on_all_wires(
    wire: WireServer, build: Build, name: str, status: int, body: str
) -> None:
    """The class and the status are the server's, whatever LiteLLM makes of them, and whoever wrote the body."""
    text, headers = BODIES[body]
    wire.script([Step(status=status, body=text.replace("{0}", str(status)), headers=headers, times=0)], deployment=name)
    gateway = build({"provider": name, name: section(wire, name, max_retries=0)})

    with pytest.raises(LLMError) as caught:
        await gateway.complete(request(timeout=30), group=name, fall_over=True)

    assert type(caught.value) is KINDS[status]
    (attempt,) = caught.value.attempts
    assert attempt.status == status
    assert attempt.message
    assert "litellm" not in attempt.message.lower()


TOO_LARGE = {
    "nginx": (NGINX.replace("{0}", "413 Request Entity Too Large"), InputError),
    "anthropic": (
        json.dumps({"type": "error", "error": {"type": "request_too_large", "message": "Request exceeds the maximum"}}),
        InputError,
    ),
    "groq": (
        json.dumps({"error": {"message": "on tokens per minute", "type": "tokens", "code": "rate_limit_exceeded"}}),
        RateLimitError,
    ),
    "window": (json.dumps({"error": {"message": "too long", "code": "context_length_exceeded"}}), ContextLengthError),
}
"""What a 413 can mean: octets, tokens a minute, or a window."""


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("told", TOO_LARGE)
@pytest.mark.parametrize("name", WIRES)
async def test_a_request_that_is_too_large_is_no_prompt_that_is_too_long(
    wire: WireServer, build: Build, name: str, told: str, way: str
) -> None:
    """Only a code that says so means the window; else the next provider is asked, for it may take the octets."""
    body, kind = TOO_LARGE[told]
    wire.script([Step(status=413, body=body, times=0)], deployment=name)
    other = OTHER[name]
    chain = {"provider": name, name: section(wire, name, max_retries=0), other: section(wire, other)}
    gateway = build({**chain, "fallbacks": [other]})

    with pytest.raises(kind) as caught:
        await gateway.complete(request(timeout=30, schema=SCHEMA), group=name, fall_over=False)

    assert caught.value.attempts[0].status == 413
    assert len(wire.requests(deployment=name)) == 1
    if told in {"nginx", "anthropic"}:
        assert "pictures" in caught.value.hint
        _, response = await answer(gateway, request(timeout=30), group=name, way=way)
        assert response.provider == other


async def test_a_prompt_that_no_other_can_hold_says_so(wire: WireServer, build: Build) -> None:
    """Groups with no longer window are not asked, and the error names them."""
    wire.script([Step(status=400, body=TOO_LARGE["window"][0], times=0)], deployment="openai")
    sections = {
        "openai": section(wire, "openai", context_window=8000),
        "ollama": section(wire, "ollama", context_window=4000),
    }
    gateway = build({"provider": "openai", **sections, "fallbacks": ["ollama"]})

    with pytest.raises(ContextLengthError, match="none of ollama is known to hold more"):
        await gateway.complete(request(timeout=30), group="openai", fall_over=True)

    assert wire.requests(deployment="ollama") == []


CODES: dict[str, tuple[object, type[LLMError]]] = {
    "none": ({"message": "no"}, ProviderUnavailableError),
    "unknown": ({"code": "x", "message": "no"}, ProviderUnavailableError),
    "rate": ({"code": "rate_limit_exceeded", "message": "no"}, RateLimitError),
    "key": ({"code": "invalid_api_key", "type": "invalid_request_error", "message": "no"}, AuthenticationError),
    "window": ({"code": "context_length_exceeded", "message": "no"}, ContextLengthError),
    "number": ({"code": 429, "message": "no"}, RateLimitError),
    "number-in-words": ({"code": "503", "message": "no"}, ProviderUnavailableError),
    "number-of-a-key": ({"code": 401, "message": "no"}, AuthenticationError),
    "good": ({"code": 200, "message": "no"}, ProviderUnavailableError),
    "far": ({"code": 99999, "message": "no"}, ProviderUnavailableError),
    "words-alone": ({"message": "Rate limit reached for this context window; wrong api key"}, ProviderUnavailableError),
}
"""Error objects in the place of an answer, under a good status."""


def within() -> Iterator[object]:
    """Each object on each wire that keeps it, whole and in a stream."""
    for told in CODES:
        for name in ("openai", "anthropic"):
            yield pytest.param(name, "complete", told, id=f"{name}-complete-{told}")
        yield pytest.param("openai", "stream", told, id=f"openai-stream-{told}")


@pytest.mark.parametrize(("name", "way", "told"), list(within()))
async def test_an_error_in_a_good_answer_goes_by_its_code(
    wire: WireServer, build: Build, name: str, way: str, told: str
) -> None:
    """The code or type decides, never the words; the status is the one that was sent."""
    found, kind = CODES[told]
    body = json.dumps({"type": "error", "error": found})
    sent = f"data: {body}\n\n" if way == "stream" else body
    wire.script([Step(body=sent, times=0)], deployment=name)
    gateway = build({"provider": name, name: section(wire, name, max_retries=0)})

    with pytest.raises(LLMError) as caught:
        await answer(gateway, request(timeout=30), group=name, way=way)

    assert type(caught.value) is kind
    (attempt,) = caught.value.attempts
    assert attempt.status == 200
    assert attempt.message == str(found["message"])  # type: ignore[index]  # JSON


@pytest.mark.parametrize("told", ["unknown", "none", "far", "good"])
async def test_a_provider_of_such_answers_is_left_alone(wire: WireServer, build: Build, told: str) -> None:
    """It counts as a failure: asked twice, then not any more, while the fallback answers each time."""
    wire.script([Step(body=json.dumps({"error": CODES[told][0]}), times=0)], deployment="openai")
    sections = {"openai": section(wire, "openai"), "ollama": section(wire, "ollama")}
    gateway = build({"provider": "openai", **sections, "fallbacks": ["ollama"]})

    providers = [(await gateway.complete(request(), group="openai", fall_over=True)).provider for _ in range(5)]

    assert providers == ["ollama"] * 5
    assert len(wire.requests(deployment="openai")) == 2
    assert len(await gateway.cooling()) == 1


@pytest.mark.parametrize("name", WIRES)
async def test_no_status_is_made_up_where_nobody_answered(wire: WireServer, build: Build, name: str) -> None:
    """LiteLLM calls a refused connection a 500; the server said nothing."""
    wire.settings()
    gone = section(wire, name, base_url=f"http://127.0.0.1:{closed_port()}", max_retries=0)
    gateway = build({"provider": name, name: gone})

    with pytest.raises(ProviderUnavailableError) as caught:
        await gateway.complete(request(timeout=30), group=name, fall_over=True)

    assert [attempt.status for attempt in caught.value.attempts] == [None]


async def test_several_that_failed_each_keep_their_class_and_status(wire: WireServer, build: Build) -> None:
    """The error of a whole chain has an attempt for each, as the server meant it."""
    wire.script([Step(status=504, body=NGINX, times=0)], deployment="openai")
    wire.script([Step(status=413, body=NGINX, times=0)], deployment="anthropic")
    wire.script([Step(status=529, body="", times=0)], deployment="ollama")
    sections = {name: section(wire, name, max_retries=0) for name in WIRES}
    gateway = build({"provider": "openai", **sections, "fallbacks": ["anthropic", "ollama"]})

    with pytest.raises(AllProvidersFailedError) as caught:
        await gateway.complete(request(timeout=30), group="openai", fall_over=True)

    assert [(each.error, each.status) for each in caught.value.attempts] == [
        ("ProviderTimeoutError", 504),
        ("InputError", 413),
        ("ProviderUnavailableError", 529),
    ]
