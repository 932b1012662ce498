"""One deadline for the whole call, and what of it an attempt gets."""

from __future__ import annotations

import pytest

from gmn_llm.errors import AllProvidersFailedError, ProviderTimeoutError
from tests.routing.conftest import WIRES, Build, request, section
from tests.routing.test_faults import OTHER, WAYS, answer
from tests.wire.client import Fault, Step, WireServer

pytestmark = pytest.mark.usefixtures("warm")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("fault", [Fault.HANG, Fault.DRIP, Fault.STALL])
@pytest.mark.parametrize("name", WIRES)
async def test_a_provider_that_takes_its_time_leaves_time_for_the_next(
    wire: WireServer, build: Build, name: str, fault: Fault, way: str
) -> None:
    """Of two groups the first gets half of the deadline at most, whatever its own timeout and however it is slow."""
    other = OTHER[name]
    wire.script([Step(fault=fault, times=0)], deployment=name)
    gateway = build(
        {"provider": name, name: section(wire, name, timeout=30), other: section(wire, other), "fallbacks": [other]}
    )

    text, response = await answer(gateway, request(timeout=3), group=name, way=way)

    assert text == wire.default_text
    said = [(attempt.provider, attempt.error) for attempt in response.attempts]
    assert said == [(name, "ProviderTimeoutError"), (other, None)]


@pytest.mark.parametrize("name", WIRES)
async def test_a_stream_that_goes_on_and_on_gets_its_share(wire: WireServer, build: Build, name: str) -> None:
    """Pieces that keep coming do not prolong an attempt beyond what it gets."""
    other = OTHER[name]
    wire.script([Step(pace=0.1, times=0)], deployment=name)
    gateway = build({"provider": name, name: section(wire, name), other: section(wire, other), "fallbacks": [other]})

    text, response = await answer(gateway, request(timeout=3), group=name, way="stream")

    assert text == wire.default_text
    assert [attempt.error for attempt in response.attempts] == ["ProviderTimeoutError", None]


@pytest.mark.parametrize("way", WAYS)
async def test_each_of_three_gets_its_share_of_what_remains(wire: WireServer, build: Build, way: str) -> None:
    """Three groups that all hang are all asked within one deadline, each for a third of it."""
    for name in WIRES:
        wire.script([Step(fault=Fault.HANG, times=0)], deployment=name)
    sections = {name: section(wire, name, max_retries=0) for name in WIRES}
    gateway = build({"provider": WIRES[0], **sections, "fallbacks": list(WIRES[1:])})

    with pytest.raises(AllProvidersFailedError) as caught:
        await answer(gateway, request(timeout=4.5), group=WIRES[0], way=way)

    assert [attempt.provider for attempt in caught.value.attempts] == list(WIRES)
    assert {attempt.error for attempt in caught.value.attempts} == {"ProviderTimeoutError"}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", WIRES)
async def test_a_sections_timeout_ends_an_attempt(wire: WireServer, build: Build, name: str, way: str) -> None:
    """An attempt gets no more than its section's `timeout`, though the deadline is far."""
    wire.script([Step(fault=Fault.DRIP, times=0)], deployment=name)
    gateway = build({"provider": name, name: section(wire, name, timeout=0.5, max_retries=0)})

    with pytest.raises(ProviderTimeoutError) as caught:
        await answer(gateway, request(timeout=60), group=name, way=way)

    assert [attempt.provider for attempt in caught.value.attempts] == [name]


@pytest.mark.parametrize("name", WIRES)
@pytest.mark.parametrize("status", [500, 503, 429, 401])
async def test_a_fallback_is_never_delayed(wire: WireServer, build: Build, name: str, status: int) -> None:
    """Whatever `max_retries` says, a group with another after it is asked once and nothing is waited for."""
    other = OTHER[name]
    faults = {500: Fault.SERVER_ERROR, 503: Fault.UNAVAILABLE, 429: Fault.RATE_LIMIT, 401: Fault.UNAUTHORIZED}
    wire.script([Step(fault=faults[status], retry_after=30, times=0)], deployment=name)
    gateway = build(
        {
            "provider": name,
            name: section(wire, name, max_retries=5),
            other: section(wire, other),
            "fallbacks": [other],
        }
    )

    response = await gateway.complete(request(timeout=10), group=name, fall_over=True)

    assert response.provider == other
    assert [seen.deployment for seen in wire.requests()] == [name, other]


@pytest.mark.parametrize("name", WIRES)
async def test_a_long_retry_after_moves_on_and_is_kept_to(wire: WireServer, build: Build, name: str) -> None:
    """A provider that asks for two minutes is left for that long; the next answers meanwhile."""
    other = OTHER[name]
    wire.script([Step(fault=Fault.RATE_LIMIT, retry_after=120), "no more"], deployment=name)
    gateway = build({"provider": name, name: section(wire, name), other: section(wire, other), "fallbacks": [other]})

    providers = [(await gateway.complete(request(), group=name, fall_over=True)).provider for _ in range(3)]

    assert providers == [other] * 3
    assert len(wire.requests(deployment=name)) == 1
