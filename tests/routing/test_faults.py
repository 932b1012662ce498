"""Each way a provider can fail, on each wire: the right class alone, and success with a fallback."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from gmn_llm.errors import (
    AuthenticationError,
    ContentFilterError,
    ContextLengthError,
    LLMError,
    ProviderTimeoutError,
    ProviderUnavailableError,
    RateLimitError,
)
from tests.routing.conftest import WIRES, Build, request, section
from tests.wire.client import Fault, Step, WireServer, closed_port


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One way to fail."""

    name: str
    error: type[LLMError]
    step: Step | None
    wires: tuple[str, ...] = WIRES
    timeout: float = 10.0


ROWS = (
    Row(name="429", error=RateLimitError, step=Step(fault=Fault.RATE_LIMIT, times=0)),
    Row(name="429-wait", error=RateLimitError, step=Step(fault=Fault.RATE_LIMIT, retry_after=120, times=0)),
    Row(name="500", error=ProviderUnavailableError, step=Step(fault=Fault.SERVER_ERROR, times=0)),
    Row(name="503", error=ProviderUnavailableError, step=Step(fault=Fault.UNAVAILABLE, times=0)),
    Row(
        name="529",
        error=ProviderUnavailableError,
        step=Step(fault=Fault.OVERLOADED, times=0),
        wires=("anthropic",),
    ),
    Row(name="401", error=AuthenticationError, step=Step(fault=Fault.UNAUTHORIZED, times=0)),
    Row(
        name="403",
        error=AuthenticationError,
        step=Step(fault=Fault.FORBIDDEN, times=0),
        wires=("openai", "anthropic"),
    ),
    Row(name="404", error=ProviderUnavailableError, step=Step(fault=Fault.NO_MODEL, times=0)),
    Row(name="refused", error=ProviderUnavailableError, step=None),
    Row(name="reset", error=ProviderUnavailableError, step=Step(fault=Fault.RESET, times=0)),
    Row(name="cut", error=ProviderUnavailableError, step=Step(fault=Fault.CUT, times=0)),
    Row(name="hang", error=ProviderTimeoutError, step=Step(fault=Fault.HANG, times=0), timeout=1.2),
    Row(name="drip", error=ProviderTimeoutError, step=Step(fault=Fault.DRIP, times=0), timeout=1.2),
    Row(name="html", error=ProviderUnavailableError, step=Step(fault=Fault.HTML, times=0)),
    Row(name="empty", error=ProviderUnavailableError, step=Step(fault=Fault.EMPTY, times=0)),
    Row(
        name="filter",
        error=ContentFilterError,
        step=Step(fault=Fault.CONTENT_FILTER, times=0),
        wires=("openai", "anthropic"),
    ),
    Row(
        name="policy",
        error=ContentFilterError,
        step=Step(fault=Fault.CONTENT_POLICY, times=0),
        wires=("openai", "anthropic"),
    ),
    Row(
        name="context",
        error=ContextLengthError,
        step=Step(fault=Fault.CONTEXT, times=0),
        wires=("openai", "anthropic"),
    ),
)
CASES = [pytest.param(row, wire, id=f"{row.name}-{wire}") for row in ROWS for wire in row.wires]
OTHER = {"openai": "anthropic", "anthropic": "ollama", "ollama": "openai"}


def failing(wire: WireServer, row: Row, name: str, **more: object) -> dict[str, object]:
    """The section of the provider that fails."""
    if row.step is None:
        return section(wire, name, base_url=f"http://127.0.0.1:{closed_port()}", **more)
    wire.script([row.step], deployment=name)
    return section(wire, name, **more)


@pytest.mark.parametrize(("row", "name"), CASES)
async def test_a_single_provider_raises_the_precise_class(wire: WireServer, build: Build, row: Row, name: str) -> None:
    """With one provider a failure is raised as its own class, with the attempts and the cause."""
    gateway = build({"provider": name, name: failing(wire, row, name, max_retries=0)})

    with pytest.raises(LLMError) as caught:
        await gateway.complete(request(timeout=row.timeout), group=name, fall_over=True)

    assert type(caught.value) is row.error, caught.value
    assert [attempt.provider for attempt in caught.value.attempts] == [name]
    assert caught.value.attempts[-1].error == row.error.__name__
    assert caught.value.hint


@pytest.mark.parametrize(("row", "name"), CASES)
async def test_a_fallback_answers(wire: WireServer, build: Build, row: Row, name: str) -> None:
    """With a fallback the same failure never reaches the caller."""
    other = OTHER[name]
    gateway = build(
        {
            "provider": name,
            name: failing(wire, row, name),
            other: section(wire, other),
            "fallbacks": [other],
        }
    )

    response = await gateway.complete(request(timeout=row.timeout * 2), group=name, fall_over=True)

    assert response.provider == other
    assert response.content == wire.default_text
    assert [attempt.error for attempt in response.attempts] == [row.error.__name__, None]
