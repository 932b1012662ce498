"""Several deployments of one group: one that fails is followed by the others of its group, within one deadline."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from gmn_llm.errors import AllProvidersFailedError, AuthenticationError, ProviderUnavailableError
from tests.routing.conftest import Build, request, section
from tests.routing.test_faults import WAYS, answer
from tests.wire.client import Fault, Step, WireServer

pytestmark = pytest.mark.usefixtures("warm")

NAMES = ("x", "y", "z")
ORDERS: dict[str, tuple[int | None, ...]] = {"ordered": (1, 2, 2), "equal": (None, None, None)}


def deployment(wire: WireServer, name: str, order: int | None = None, **more: object) -> dict[str, object]:
    """A deployment of the group ``p`` that is reached under its own name."""
    params = {"model": "openai/own", "api_base": f"{wire.at(name)}/v1", "api_key": wire.openai_key, **more}
    if order is not None:
        params["order"] = order
    return {"model_name": "p", "litellm_params": params}


def pool(wire: WireServer, orders: tuple[int | None, ...], **more: object) -> dict[str, object]:
    """The configuration of a group of three and nobody else."""
    entries = [deployment(wire, name, order) for name, order in zip(NAMES, orders, strict=True)]
    return {"provider": "p", "model_list": entries, **more}


def asked(wire: WireServer) -> list[str]:
    """The deployments that were asked, in order."""
    return [seen.deployment for seen in wire.requests()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One way in which one of the three fails.

    Attributes:
        fault: What its server does with each request.
        error: What the attempt is called.
        ways: Whether it happens to whole answers, to streams, or to both.
        share: The part of the body that is delivered first.
    """

    fault: Fault
    error: str = "ProviderUnavailableError"
    ways: tuple[str, ...] = WAYS
    share: float = 0.5


ROWS = (
    Row(fault=Fault.HANG, error="ProviderTimeoutError"),
    Row(fault=Fault.STALL, error="ProviderTimeoutError"),
    Row(fault=Fault.EMPTY),
    Row(fault=Fault.CONTENT_FILTER, error="ContentFilterError"),
    Row(fault=Fault.CONTENT_POLICY, error="ContentFilterError"),
    Row(fault=Fault.CONTEXT, error="ContextLengthError"),
    Row(fault=Fault.UNAUTHORIZED, error="AuthenticationError"),
    Row(fault=Fault.FORBIDDEN, error="AuthenticationError"),
    Row(fault=Fault.NO_MODEL),
    Row(fault=Fault.SERVER_ERROR),
    Row(fault=Fault.RATE_LIMIT, error="RateLimitError"),
    Row(fault=Fault.RESET),
    Row(fault=Fault.RESET, share=0.0, ways=("stream",)),
    Row(fault=Fault.CUT, ways=("stream",)),
    Row(fault=Fault.CUT, share=0.0, ways=("stream",)),
    Row(fault=Fault.HTML),
)
CASES = [
    pytest.param(row, orders, way, followed, id=f"{row.fault}-{row.share}-{name}-{way}-{followed}")
    for row in ROWS
    for name, orders in ORDERS.items()
    for way in row.ways
    for followed in (False, True)
]


@pytest.mark.parametrize(("row", "orders", "way", "followed"), CASES)
async def test_another_of_the_group_answers(  # noqa: PLR0917 - a row of the table
    wire: WireServer, build: Build, row: Row, orders: tuple[int | None, ...], way: str, followed: bool
) -> None:
    """Whatever one deployment does, another of its group answers in time, and no group after it is asked."""
    wire.script([Step(fault=row.fault, share=row.share, times=0)], deployment="x")
    rest = {"anthropic": section(wire, "anthropic"), "fallbacks": ["anthropic"]} if followed else {}
    gateway = build(pool(wire, orders, router_settings={"disable_cooldowns": True}, **rest))
    seconds = 4.0 if row.error == "ProviderTimeoutError" else 10.0

    for _ in range(1 if orders[0] else 4):
        before = len(asked(wire))
        text, response = await answer(gateway, request(timeout=seconds), group="p", way=way)

        now = asked(wire)[before:]
        assert text == response.content == wire.default_text
        assert response.latency <= seconds
        assert [attempt.error for attempt in response.attempts] == [row.error, None][-len(now) :]
        assert {attempt.provider for attempt in response.attempts} == {"p"}
        assert len({attempt.deployment for attempt in response.attempts}) == len(response.attempts)
        assert now.count("x") <= 1
        assert now[-1] in ("y", "z")
        assert orders[0] is None or len(now) == 2


@pytest.mark.parametrize("orders", ORDERS.values(), ids=ORDERS)
@pytest.mark.parametrize(
    "fault", [Fault.HANG, Fault.SERVER_ERROR, Fault.UNAUTHORIZED, Fault.EMPTY, Fault.CONTENT_FILTER]
)
@pytest.mark.parametrize("way", WAYS)
async def test_the_next_group_follows_the_last_of_a_group(
    wire: WireServer, build: Build, fault: Fault, orders: tuple[int | None, ...], way: str
) -> None:
    """Where all of a group fail, each is asked once and then the next group, within one deadline."""
    for name in NAMES:
        wire.script([Step(fault=fault, times=0)], deployment=name)
    gateway = build(pool(wire, orders, anthropic=section(wire, "anthropic"), fallbacks=["anthropic"]))

    text, response = await answer(gateway, request(timeout=6), group="p", way=way)

    assert text == wire.default_text
    assert [attempt.provider for attempt in response.attempts] == ["p", "p", "p", "anthropic"]
    assert sorted(asked(wire)[:3]) == list(NAMES)
    assert asked(wire)[3:] == ["anthropic"]
    assert response.latency <= 6


@pytest.mark.parametrize("orders", ORDERS.values(), ids=ORDERS)
@pytest.mark.parametrize("way", WAYS)
async def test_a_group_without_anybody_left_fails(
    wire: WireServer, build: Build, orders: tuple[int | None, ...], way: str
) -> None:
    """With nothing after it, a group of which every deployment refuses the key has asked each of them once."""
    for name in NAMES:
        wire.script([Step(fault=Fault.UNAUTHORIZED, times=0)], deployment=name)
    gateway = build(pool(wire, orders))

    with pytest.raises((AuthenticationError, AllProvidersFailedError)) as caught:
        await answer(gateway, request(), group="p", way=way)

    assert sorted(asked(wire)) == list(NAMES)
    assert [attempt.error for attempt in caught.value.attempts] == ["AuthenticationError"] * 3


@pytest.mark.parametrize("way", WAYS)
async def test_the_last_one_is_retried_where_that_is_configured(wire: WireServer, build: Build, way: str) -> None:
    """Two that fail are asked once each before either is asked again, and no more often than retries are left."""
    for name in NAMES[:2]:
        wire.script([Step(fault=Fault.SERVER_ERROR, times=0)], deployment=name)
    entries = [deployment(wire, name, order) for name, order in zip(NAMES[:2], (1, 2), strict=True)]
    gateway = build({"provider": "p", "model_list": entries, "router_settings": {"disable_cooldowns": True}})

    with pytest.raises(ProviderUnavailableError) as caught:
        await answer(gateway, request(timeout=30), group="p", way=way)

    assert asked(wire)[:2] == ["x", "y"]
    assert len(asked(wire)) == len(caught.value.attempts) == 3


@pytest.mark.parametrize("orders", ORDERS.values(), ids=ORDERS)
async def test_a_member_that_keeps_failing_is_left_alone(
    wire: WireServer, build: Build, orders: tuple[int | None, ...]
) -> None:
    """The others of its group answer, and after the failures it is allowed it is not asked any more."""
    wire.script([Step(fault=Fault.SERVER_ERROR, times=0)], deployment="x")
    gateway = build(pool(wire, orders))

    for _ in range(30):
        assert (await gateway.complete(request(), group="p", fall_over=True)).content == wire.default_text

    assert 1 <= len(wire.requests(deployment="x")) <= 3


@pytest.mark.parametrize("fault", [Fault.CUT, Fault.RESET, Fault.STALL])
async def test_a_broken_stream_starts_over_in_its_group(wire: WireServer, build: Build, fault: Fault) -> None:
    """Text that was delivered is taken back once, and the next of the group says it from the beginning."""
    wire.script([Step(fault=fault, times=0)], deployment="x")
    gateway = build(pool(wire, ORDERS["ordered"]))

    deltas = [delta async for delta in gateway.stream(request(timeout=4), group="p", fall_over=True)]

    assert [delta.reset for delta in deltas].count(True) == 1
    assert asked(wire)[0] == "x"
    assert len(asked(wire)) == 2


async def test_a_broken_stream_ends_where_starting_over_is_forbidden(wire: WireServer, build: Build) -> None:
    """The error has what was delivered, and nobody else is asked."""
    wire.script([Step(fault=Fault.CUT, times=0)], deployment="x")
    gateway = build(pool(wire, ORDERS["ordered"]))

    with pytest.raises(ProviderUnavailableError) as caught:
        await answer(gateway, request(restart=False), group="p", way="stream")

    assert caught.value.delivered
    assert wire.default_text.startswith(caught.value.delivered)
    assert asked(wire) == ["x"]


def sized(wire: WireServer, sizes: dict[str, int]) -> list[dict[str, object]]:
    """Deployments of the group with these windows, asked in this order."""
    entries = [deployment(wire, name, order) for order, name in enumerate(sizes, start=1)]
    return [
        {**entry, "model_info": {"max_input_tokens": size}} for entry, size in zip(entries, sizes.values(), strict=True)
    ]


@pytest.mark.parametrize("way", WAYS)
async def test_a_prompt_too_long_goes_to_a_longer_window_of_the_group(wire: WireServer, build: Build, way: str) -> None:
    """Those of the group that hold no more are passed over."""
    wire.script([Step(fault=Fault.CONTEXT, times=0)], deployment="x")
    gateway = build({"provider": "p", "model_list": sized(wire, {"x": 50_000, "y": 50_000, "z": 60_000})})

    _, response = await answer(gateway, request(), group="p", way=way)

    assert response.content == wire.default_text
    assert asked(wire) == ["x", "z"]


@pytest.mark.parametrize("way", WAYS)
async def test_a_group_that_holds_no_more_is_followed_by_one_that_does(
    wire: WireServer, build: Build, way: str
) -> None:
    """With no longer window in its own group the prompt goes to the next group that has one."""
    wire.script([Step(fault=Fault.CONTEXT, times=0)], deployment="x")
    model_list = sized(wire, {"x": 50_000, "y": 40_000})
    for name, size in (("same", 50_000), ("large", 60_000)):
        model_list.append({**deployment(wire, name), "model_name": name, "model_info": {"max_input_tokens": size}})
    gateway = build({"provider": "p", "model_list": model_list, "fallbacks": ["same", "large"]})

    _, response = await answer(gateway, request(), group="p", way=way)

    assert response.provider == "large"
    assert asked(wire) == ["x", "large"]


@pytest.mark.parametrize("way", WAYS)
async def test_a_small_member_does_not_stand_in_the_way(wire: WireServer, build: Build, way: str) -> None:
    """Where only those are left that can't hold the prompt, the next group answers, though it holds no more."""
    wire.script([Step(fault=Fault.SERVER_ERROR, times=0)], deployment="x")
    model_list = sized(wire, {"x": 50_000, "y": 500})
    model_list.append({**deployment(wire, "same"), "model_name": "same", "model_info": {"max_input_tokens": 50_000}})
    gateway = build({"provider": "p", "model_list": model_list, "fallbacks": ["same"]})

    _, response = await answer(gateway, request("word " * 2000), group="p", way=way)

    assert response.provider == "same"
    assert asked(wire) == ["x", "same"]
