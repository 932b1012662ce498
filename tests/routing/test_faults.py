"""Each way a provider can fail, on each wire: the right class alone, and success with a fallback."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from gmn_llm.errors import (
    AuthenticationError,
    ContentFilterError,
    ContextLengthError,
    InputError,
    LLMError,
    ProviderTimeoutError,
    ProviderUnavailableError,
    RateLimitError,
)
from gmn_llm.messages import CompletionRequest, LLMResponse
from gmn_llm.routing import RouterGateway
from tests.routing.conftest import WIRES, Build, request, section
from tests.wire.client import Fault, Step, WireServer, closed_port

KEYED = ("openai", "anthropic")
WAYS = ("complete", "stream")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One way to fail, what it is called, and where it can happen.

    Attributes:
        step: What the server does; None where nobody listens.
        wires: The protocols that know it.
        ways: Whether it happens to whole answers, to streams, or to both.
        timeout: Seconds for a call at the single provider; with a fallback it gets twice as many.
        resent: LiteLLM's HTTP client may send the request a second time, at once: it takes a connection that was
            dropped for one that had been idle too long.
    """

    name: str
    error: type[LLMError]
    step: Step | None
    wires: tuple[str, ...] = WIRES
    ways: tuple[str, ...] = WAYS
    timeout: float = 10.0
    resent: bool = False


def always(fault: Fault, **more: object) -> Step:
    """A fault that every request meets."""
    return Step(fault=fault, times=0, **more)  # type: ignore[arg-type]  # the rows name its fields


BROKEN = ProviderUnavailableError
ROWS = (
    Row(name="429", error=RateLimitError, step=always(Fault.RATE_LIMIT)),
    Row(name="429-wait", error=RateLimitError, step=always(Fault.RATE_LIMIT, retry_after=2)),
    Row(name="429-long-wait", error=RateLimitError, step=always(Fault.RATE_LIMIT, retry_after=120)),
    Row(name="500", error=BROKEN, step=always(Fault.SERVER_ERROR)),
    Row(name="502", error=BROKEN, step=Step(status=502, times=0)),
    Row(name="503", error=BROKEN, step=always(Fault.UNAVAILABLE)),
    Row(name="413", error=InputError, step=Step(status=413, times=0)),
    Row(name="504", error=ProviderTimeoutError, step=Step(status=504, times=0)),
    Row(name="529", error=BROKEN, step=always(Fault.OVERLOADED), wires=("anthropic",)),
    Row(name="401", error=AuthenticationError, step=always(Fault.UNAUTHORIZED)),
    Row(name="403", error=AuthenticationError, step=always(Fault.FORBIDDEN), wires=KEYED),
    Row(name="404", error=BROKEN, step=always(Fault.NO_MODEL)),
    Row(name="refused", error=BROKEN, step=None),
    Row(name="reset", error=BROKEN, step=always(Fault.RESET)),
    Row(name="cut", error=BROKEN, step=always(Fault.CUT), resent=True),
    Row(name="cut-at-once", error=BROKEN, step=always(Fault.CUT, share=0.0), resent=True),
    Row(name="unfinished", error=BROKEN, step=always(Fault.UNFINISHED)),
    # All of the text and nothing after it: only the missing end tells.
    Row(name="endless", error=BROKEN, step=always(Fault.UNFINISHED, share=0.97), ways=("stream",)),
    Row(name="error-within", error=BROKEN, step=always(Fault.STREAM_ERROR), ways=("stream",)),
    Row(name="error-first", error=BROKEN, step=always(Fault.STREAM_ERROR, share=0.0), ways=("stream",)),
    Row(name="hang", error=ProviderTimeoutError, step=always(Fault.HANG), timeout=1.5),
    Row(name="stall", error=ProviderTimeoutError, step=always(Fault.STALL), timeout=1.5),
    Row(name="drip", error=ProviderTimeoutError, step=always(Fault.DRIP), timeout=1.5),
    Row(name="html", error=BROKEN, step=always(Fault.HTML)),
    Row(name="error-object", error=BROKEN, step=Step(body='{"error": {"code": "x"}}', times=0), ways=("complete",)),
    Row(name="null", error=BROKEN, step=Step(body="null", times=0)),
    Row(name="empty", error=BROKEN, step=always(Fault.EMPTY)),
    Row(name="filter", error=ContentFilterError, step=always(Fault.CONTENT_FILTER), wires=KEYED),
    Row(name="policy", error=ContentFilterError, step=always(Fault.CONTENT_POLICY), wires=KEYED),
    Row(name="context", error=ContextLengthError, step=always(Fault.CONTEXT)),
)
CASES = [
    pytest.param(row, wire, way, id=f"{row.name}-{wire}-{way}")
    for row in ROWS
    for wire in row.wires
    for way in row.ways
]
OTHER = {"openai": "anthropic", "anthropic": "ollama", "ollama": "openai"}


def failing(wire: WireServer, row: Row, name: str, **more: object) -> dict[str, object]:
    """The section of the provider that fails."""
    if row.step is None:
        return section(wire, name, base_url=f"http://127.0.0.1:{closed_port()}", **more)
    wire.script([row.step], deployment=name)
    return section(wire, name, **more)


async def answer(gateway: RouterGateway, asked: CompletionRequest, *, group: str, way: str) -> tuple[str, LLMResponse]:
    """The text a caller is left with, whole or as pieces after the last reset, and the response."""
    if way == "complete":
        response = await gateway.complete(asked, group=group, fall_over=True)
        return response.content, response
    texts: list[str] = []
    async for delta in gateway.stream(asked, group=group, fall_over=True):
        texts = [] if delta.reset else [*texts, delta.text]
        if delta.response is not None:
            return "".join(texts), delta.response
    raise AssertionError("a stream ends in its response")


pytestmark = pytest.mark.usefixtures("warm")


@pytest.mark.parametrize(("row", "name", "way"), CASES)
async def test_a_single_provider_raises_the_precise_class(
    wire: WireServer, build: Build, row: Row, name: str, way: str
) -> None:
    """With one provider a failure is raised as its own class, with the attempts and the cause."""
    gateway = build({"provider": name, name: failing(wire, row, name, max_retries=0)})

    with pytest.raises(LLMError) as caught:
        await answer(gateway, request(timeout=row.timeout), group=name, way=way)

    assert type(caught.value) is row.error, caught.value
    assert [attempt.provider for attempt in caught.value.attempts] == [name]
    assert caught.value.attempts[-1].error == row.error.__name__
    assert caught.value.attempts[-1].message
    assert caught.value.hint


@pytest.mark.parametrize(("row", "name", "way"), CASES)
async def test_a_fallback_answers(wire: WireServer, build: Build, row: Row, name: str, way: str) -> None:
    """With a fallback the same failure never reaches the caller: asked once, then the next, and in time."""
    other = OTHER[name]
    gateway = build(
        {
            "provider": name,
            name: failing(wire, row, name),
            other: section(wire, other),
            "fallbacks": [other],
        }
    )
    seconds = row.timeout * 2

    text, response = await answer(gateway, request(timeout=seconds), group=name, way=way)

    assert response.provider == other
    assert text == response.content == wire.default_text
    assert [attempt.error for attempt in response.attempts] == [row.error.__name__, None]
    assert response.latency <= seconds
    asked = [seen.deployment for seen in wire.requests()]
    assert (list(dict.fromkeys(asked)) if row.resent else asked) == ([other] if row.step is None else [name, other])
