"""A deployment that keeps failing is left alone for a while; counted at the server."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import pytest

from gmn_llm.errors import (
    AuthenticationError,
    ContentFilterError,
    LLMError,
    ProviderUnavailableError,
    RateLimitError,
)
from gmn_llm.messages import Attempt
from tests.routing.conftest import SCHEMA, WIRES, Build, request, section
from tests.routing.test_faults import KEYED, OTHER, WAYS, always, answer
from tests.wire.client import Fault, Step, WireServer, closed_port


@pytest.mark.parametrize("name", WIRES)
async def test_a_failing_deployment_is_skipped_until_the_cooldown_is_over(
    wire: WireServer, build: Build, name: str
) -> None:
    """After one allowed failure the second cools it down; when that is over it is asked again."""
    other = OTHER[name]
    wire.script([Step(fault=Fault.SERVER_ERROR, times=2)], deployment=name)
    gateway = build(
        {
            "provider": name,
            name: section(wire, name),
            other: section(wire, other),
            "fallbacks": [other],
            "router_settings": {"cooldown_time": 2},
        }
    )

    during = [await gateway.complete(request(), group=name, fall_over=True) for _ in range(5)]
    asked = len(wire.requests(deployment=name))
    await asyncio.sleep(2.2)
    after = await gateway.complete(request(), group=name, fall_over=True)

    assert {response.provider for response in during} == {other}
    assert asked == 2
    assert after.provider == name


@pytest.mark.parametrize("name", WIRES)
async def test_the_only_deployment_cools_down_like_any_other(wire: WireServer, build: Build, name: str) -> None:
    """Alone in its group and in the chain it is not asked either, until the cooldown is over."""
    wire.script([Step(fault=Fault.SERVER_ERROR, times=2)], deployment=name)
    gateway = build(
        {"provider": name, name: section(wire, name, max_retries=0), "router_settings": {"cooldown_time": 2}}
    )

    for _ in range(5):
        with pytest.raises(ProviderUnavailableError):
            await gateway.complete(request(), group=name, fall_over=True)
    asked = len(wire.requests())
    await asyncio.sleep(2.2)

    assert asked == 2
    assert (await gateway.complete(request(), group=name, fall_over=True)).content == wire.default_text


@pytest.mark.parametrize("way", WAYS)
async def test_a_dead_ollama_is_asked_once(wire: WireServer, build: Build, way: str) -> None:
    """A refused connection cools an Ollama deployment down like any other failure."""
    heard: list[Attempt] = []
    gateway = build(
        {
            "provider": "ollama",
            "ollama": {"base_url": f"http://127.0.0.1:{closed_port()}"},
            "openai": section(wire, "openai"),
            "fallbacks": ["openai"],
        },
        heard=heard,
    )

    for _ in range(4):
        _, response = await answer(gateway, request(), group="ollama", way=way)
        assert response.provider == "openai"

    assert sum(attempt.provider == "ollama" for attempt in heard) == 1


async def test_the_only_deployment_says_why_it_is_not_asked(wire: WireServer, build: Build) -> None:
    """While the only deployment cools down a call fails at once, and the message has the last failure."""
    wire.script([Step(fault=Fault.SERVER_ERROR, times=0)], deployment="openai")
    gateway = build({"provider": "openai", "openai": section(wire, "openai", max_retries=0)})
    for _ in range(2):
        with pytest.raises(ProviderUnavailableError):
            await gateway.complete(request(), group="openai", fall_over=True)
    asked = len(wire.requests())

    with pytest.raises(ProviderUnavailableError) as caught:
        await gateway.complete(request(), group="openai", fall_over=True)

    assert len(wire.requests()) == asked == 2
    assert caught.value.attempts == ()
    assert caught.value.retry_after is not None
    assert 0 < caught.value.retry_after <= 30
    assert "status 500" in str(caught.value)


async def test_retry_after_beyond_the_deadline_is_not_waited_for(wire: WireServer, build: Build) -> None:
    """A provider that asks for more patience than there is is left at once, and not asked before its time."""
    wire.script([Step(fault=Fault.RATE_LIMIT, retry_after=120, times=0)], deployment="openai")
    gateway = build({"provider": "openai", "openai": section(wire, "openai", max_retries=3)})

    for _ in range(2):
        with pytest.raises(RateLimitError) as caught:
            await gateway.complete(request(timeout=30), group="openai", fall_over=True)
        assert caught.value.retry_after is not None
        assert 60 < caught.value.retry_after <= 120

    assert len(wire.requests()) == 1


async def test_retry_after_is_waited_for_where_nothing_else_is_left(wire: WireServer, build: Build) -> None:
    """The last group is asked again after the time it named."""
    wire.script([Step(fault=Fault.RATE_LIMIT, retry_after=1), "again"], deployment="openai")
    gateway = build({"provider": "openai", "openai": section(wire, "openai", max_retries=2)})

    response = await gateway.complete(request(timeout=30), group="openai", fall_over=True)

    first, second = wire.requests()
    assert response.content == "again"
    assert second.time - first.time >= 1
    assert [attempt.error for attempt in response.attempts] == ["RateLimitError", None]


async def test_retries_happen_in_the_last_group_only(wire: WireServer, build: Build) -> None:
    """`max_retries` counts where no fallback is left, and a fallback is never delayed by it."""
    for name in ("openai", "anthropic"):
        wire.script([Step(fault=Fault.SERVER_ERROR, times=0)], deployment=name)
    gateway = build(
        {
            "provider": "openai",
            "openai": section(wire, "openai", max_retries=3),
            "anthropic": section(wire, "anthropic", max_retries=2),
            "fallbacks": ["anthropic"],
        }
    )

    with pytest.raises(LLMError) as caught:
        await gateway.complete(request(timeout=60), group="openai", fall_over=True)

    assert len(wire.requests(deployment="openai")) == 1
    assert len(wire.requests(deployment="anthropic")) == 3
    assert type(caught.value).__name__ == "AllProvidersFailedError"
    assert [attempt.provider for attempt in caught.value.attempts] == ["openai", *["anthropic"] * 3]


async def test_a_forced_group_retries_and_does_not_fall_over(wire: WireServer, build: Build) -> None:
    """Without `fall_over` the group's own retries are made and nobody else is asked."""
    wire.script([Step(fault=Fault.SERVER_ERROR), "then"], deployment="openai")
    gateway = build(
        {
            "provider": "openai",
            "openai": section(wire, "openai", max_retries=1),
            "anthropic": section(wire, "anthropic"),
            "fallbacks": ["anthropic"],
        }
    )

    response = await gateway.complete(request(timeout=30), group="openai", fall_over=False)

    assert response.content == "then"
    assert wire.requests(deployment="anthropic") == []


async def test_two_gateways_share_no_cooldown(wire: WireServer, build: Build) -> None:
    """What fails in one gateway cools nothing down in another of the same configuration."""
    wire.script([Step(fault=Fault.SERVER_ERROR, times=2)], deployment="openai")
    configuration = {"provider": "openai", "openai": section(wire, "openai", max_retries=0)}
    first, second = build(configuration), build(configuration)
    for _ in range(2):
        with pytest.raises(ProviderUnavailableError):
            await first.complete(request(), group="openai", fall_over=True)

    assert (await second.complete(request(), group="openai", fall_over=True)).provider == "openai"


async def test_rpm_is_enforced_and_the_rest_overflows(wire: WireServer, build: Build) -> None:
    """A deployment with `rpm` gets no more than that, one after the other too; the fallback takes the rest."""
    gateway = build(
        {
            "provider": "openai",
            "openai": section(wire, "openai", rpm=2),
            "anthropic": section(wire, "anthropic"),
            "fallbacks": ["anthropic"],
        }
    )

    for _ in range(6):
        await gateway.complete(request(), group="openai", fall_over=True)

    assert wire.most_within(60, deployment="openai") <= 4  # two minutes of the clock may be touched
    assert wire.by_minute(deployment="openai").most_common(1)[0][1] <= 2
    assert len(wire.requests(deployment="anthropic")) >= 2


async def test_a_retry_goes_to_another_deployment(wire: WireServer, build: Build) -> None:
    """Within a group a request that failed is never sent to the same deployment while another is there."""
    names = ("east", "west", "north")
    for name in names:
        wire.script([Step(fault=Fault.SERVER_ERROR, times=0)], deployment=name)
    entries = [
        {
            "model_name": "pool",
            "litellm_params": {"model": "openai/gpt-4o", "api_base": f"{wire.at(name)}/v1", "api_key": wire.openai_key},
        }
        for name in names
    ]
    gateway = build({"provider": "pool", "model_list": entries, "router_settings": {"disable_cooldowns": True}})

    for _ in range(6):
        before = len(wire.requests())
        with pytest.raises(ProviderUnavailableError):
            await gateway.complete(request(timeout=60), group="pool", fall_over=True)
        assert sorted(seen.deployment for seen in wire.requests()[before:]) == sorted(names)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failing:
    """A way in which a provider keeps failing, and how often it is asked before it is left alone.

    Attributes:
        step: What the server does each time; None where nobody listens.
        asked: Requests before the cooldown.
        wires: Where it happens.
        timeout: Seconds of a call.
    """

    name: str
    step: Step | None
    asked: int = 2
    wires: tuple[str, ...] = WIRES
    timeout: float = 10.0


FAILING = (
    Failing(name="500", step=always(Fault.SERVER_ERROR)),
    Failing(name="403", step=always(Fault.FORBIDDEN)),
    Failing(name="401", step=always(Fault.UNAUTHORIZED)),
    Failing(name="429", step=always(Fault.RATE_LIMIT)),
    Failing(name="empty", step=always(Fault.EMPTY)),
    Failing(name="html", step=always(Fault.HTML)),
    Failing(name="credit", step=always(Fault.QUOTA), wires=KEYED),
    # Whoever says nothing for a whole allowance has no second chance.
    Failing(name="hang", step=always(Fault.HANG), asked=1, timeout=2.0),
    Failing(name="refused", step=None, asked=1, wires=("ollama",)),
    Failing(name="refused", step=None, wires=KEYED),  # which LiteLLM takes for a server's 500
)
FAILING_CASES = [
    pytest.param(row, wire, way, id=f"{row.name}-{wire}-{way}") for row in FAILING for wire in row.wires for way in WAYS
]


def broken(wire: WireServer, row: Failing, name: str, **router: object) -> dict[str, object]:
    """A configuration whose first provider fails in the row's way, and whose second answers."""
    first = section(wire, name)
    if row.step is None:
        first = section(wire, name, base_url=f"http://127.0.0.1:{closed_port()}")
    else:
        wire.script([row.step], deployment=name)
    other = OTHER[name]
    return {
        "provider": name,
        name: first,
        other: section(wire, other),
        "fallbacks": [other],
        "router_settings": router,
    }


@pytest.mark.usefixtures("warm")
@pytest.mark.parametrize(("row", "name", "way"), FAILING_CASES)
async def test_whatever_keeps_failing_is_left_alone_for_half_a_minute(
    wire: WireServer, build: Build, row: Failing, name: str, way: str
) -> None:
    """Eight calls ask it no oftener than it is allowed to fail, and then it is left alone for 30 s."""
    heard: list[Attempt] = []
    gateway = build(broken(wire, row, name), heard=heard)

    for _ in range(8):
        _, response = await answer(gateway, request(timeout=row.timeout), group=name, way=way)
        assert response.provider == OTHER[name]
    cooling = await gateway.cooling()

    assert sum(attempt.provider == name for attempt in heard) == row.asked
    if row.step is not None:
        assert len(wire.requests(deployment=name)) == row.asked
    (until,) = cooling.values()
    assert 10 < until - time.time() <= 30.5


@pytest.mark.usefixtures("warm")
@pytest.mark.parametrize("row", [row for row in FAILING if row.name in {"403", "empty"}], ids=lambda row: row.name)
async def test_what_only_we_count_is_asked_again_after_the_cooldown(
    wire: WireServer, build: Build, row: Failing
) -> None:
    """A failure that LiteLLM passes over cools for the configured time, and no longer."""
    gateway = build(broken(wire, row, "anthropic", cooldown_time=2))
    for _ in range(4):
        await gateway.complete(request(), group="anthropic", fall_over=True)
    during = len(wire.requests(deployment="anthropic"))
    await asyncio.sleep(2.2)

    await gateway.complete(request(), group="anthropic", fall_over=True)

    assert (during, len(wire.requests(deployment="anthropic"))) == (2, 3)


async def test_a_filtered_answer_cools_nothing(wire: WireServer, build: Build) -> None:
    """What the filter says depends on the prompt, so the next prompt goes to the same deployment."""
    wire.script([Step(fault=Fault.CONTENT_FILTER, times=0)], deployment="openai")
    gateway = build({"provider": "openai", "openai": section(wire, "openai", max_retries=0)})

    for _ in range(4):
        with pytest.raises(ContentFilterError):
            await gateway.complete(request(), group="openai", fall_over=True)

    assert len(wire.requests()) == 4
    assert await gateway.cooling() == {}


async def test_used_up_credit_is_not_taken_for_a_refused_format(wire: WireServer, build: Build) -> None:
    """Anthropic refuses with the status of a faulty request; with a schema it is asked once, and the words are its."""
    wire.script([Step(fault=Fault.QUOTA, times=0)], deployment="anthropic")
    gateway = build({"provider": "anthropic", "anthropic": section(wire, "anthropic", max_retries=0)})

    with pytest.raises(AuthenticationError, match="Your credit balance is too low"):
        await gateway.complete(request(schema=SCHEMA), group="anthropic", fall_over=True)

    assert len(wire.requests()) == 1


@pytest.mark.parametrize("name", WIRES)
async def test_a_retry_after_in_another_century_is_an_hour(wire: WireServer, build: Build, name: str) -> None:
    """A date that is far away cools for an hour at most, also where several calls meet it at once."""
    wire.script([Step(fault=Fault.RATE_LIMIT, retry_after="Wed, 21 Oct 2099 07:28:00 GMT", times=0)], deployment=name)
    other = OTHER[name]
    gateway = build({"provider": name, name: section(wire, name), other: section(wire, other), "fallbacks": [other]})

    await asyncio.gather(*(gateway.complete(request(), group=name, fall_over=True) for _ in range(4)))

    (until,) = (await gateway.cooling()).values()
    assert 3000 < until - time.time() <= 3601


async def test_a_burst_at_a_dead_ollama_asks_it_twice_at_most(wire: WireServer, build: Build) -> None:
    """Of thirty calls at once one finds out for all; with those that follow it is asked at most twice in 30 s."""
    heard: list[Attempt] = []
    gateway = build(
        {
            "provider": "ollama",
            "ollama": {"base_url": f"http://127.0.0.1:{closed_port()}"},
            "openai": section(wire, "openai"),
            "fallbacks": ["openai"],
        },
        heard=heard,
    )

    ask = partial(gateway.complete, request(timeout=60), group="ollama", fall_over=True)
    burst = await asyncio.gather(*(ask() for _ in range(30)))
    later = [await ask() for _ in range(5)]

    assert {response.provider for response in (*burst, *later)} == {"openai"}
    assert 1 <= sum(attempt.provider == "ollama" for attempt in heard) <= 2
    (until,) = (await gateway.cooling()).values()
    assert 10 < until - time.time() <= 30.5


async def test_a_burst_at_a_slow_ollama_is_answered_by_it(wire: WireServer, build: Build) -> None:
    """Calls wait for the first one's connection only: while it is being answered, the others are asked too."""
    wire.script([Step(delay=2.0, times=0)], deployment="ollama")
    gateway = build({"provider": "ollama", "ollama": section(wire, "ollama")})

    await asyncio.gather(*(gateway.complete(request(timeout=60), group="ollama", fall_over=True) for _ in range(4)))

    times = [seen.time for seen in wire.requests()]
    assert len(times) == 4
    assert max(times) - min(times) < 2.0


async def test_bursts_at_a_hanging_ollama_do_not_hang_again_and_again(wire: WireServer, build: Build) -> None:
    """Once calls have hung, one goes first when the cooldown is over, and the others are answered elsewhere at once."""
    gateway = build(
        {
            "provider": "ollama",
            "ollama": section(wire, "ollama", timeout=1.5),
            "openai": section(wire, "openai"),
            "fallbacks": ["openai"],
            "router_settings": {"cooldown_time": 1},
        }
    )
    wire.script([Step(fault=Fault.HANG, times=0)], deployment="ollama")
    ask = partial(gateway.complete, request(timeout=60), group="ollama", fall_over=True)
    first = await asyncio.gather(*(ask() for _ in range(10)))
    asked = [len(wire.requests(deployment="ollama"))]
    for _ in range(2):
        await asyncio.sleep(1.2)
        first += await asyncio.gather(*(ask() for _ in range(10)))
        asked.append(len(wire.requests(deployment="ollama")))

    assert {response.provider for response in first} == {"openai"}
    assert asked[0] <= 10
    assert [later - before for before, later in pairwise(asked)] == [1, 1]


async def test_a_server_that_hung_is_itself_again(wire: WireServer, build: Build) -> None:
    """When the one that goes first is answered, the others go there as before, at once."""
    gateway = build(
        {
            "provider": "ollama",
            "ollama": section(wire, "ollama", timeout=1.5),
            "openai": section(wire, "openai"),
            "fallbacks": ["openai"],
            "router_settings": {"cooldown_time": 1},
        }
    )
    wire.script([Step(fault=Fault.HANG)], deployment="ollama")
    ask = partial(gateway.complete, request(timeout=60), group="ollama", fall_over=True)
    hung = await ask()
    await asyncio.sleep(1.2)
    await asyncio.gather(*(ask() for _ in range(5)))
    after = await asyncio.gather(*(ask() for _ in range(5)))

    assert hung.provider == "openai"
    assert {response.provider for response in after} == {"ollama"}


async def test_the_wait_for_one_that_was_passed_over_is_told(wire: WireServer, build: Build) -> None:
    """Where the first fails and the second is left alone, the error says when the second can be asked again."""
    gateway = build(
        {
            "provider": "openai",
            "openai": section(wire, "openai", max_retries=0),
            "anthropic": section(wire, "anthropic", max_retries=0),
            "fallbacks": ["anthropic"],
            "router_settings": {"allowed_fails": 0},
        }
    )
    wire.script([Step(fault=Fault.SERVER_ERROR, times=0)], deployment="anthropic")
    with pytest.raises(ProviderUnavailableError):
        await gateway.complete(request(), group="anthropic", fall_over=False)
    wire.script([Step(fault=Fault.SERVER_ERROR, times=0)], deployment="openai")

    with pytest.raises(ProviderUnavailableError) as caught:
        await gateway.complete(request(), group="openai", fall_over=True)

    assert [attempt.provider for attempt in caught.value.attempts] == ["openai"]
    assert caught.value.retry_after is not None
    assert 10 < caught.value.retry_after <= 30
