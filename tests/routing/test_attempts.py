"""Each request that a server counts is told to the listeners once, with how it ended; counted at the server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing

import pytest

from gmn_llm.errors import ContextLengthError, LLMError, RateLimitError
from gmn_llm.messages import Outcome
from gmn_llm.routing import RouterGateway
from tests.routing.conftest import SCHEMA, WIRES, made, request, section
from tests.wire.client import Fault, Rule, Step, WireServer, closed_port

pytestmark = pytest.mark.usefixtures("warm")

REFUSED = {
    Fault.RATE_LIMIT: "RateLimitError",
    Fault.SERVER_ERROR: "ProviderUnavailableError",
    Fault.UNAVAILABLE: "ProviderUnavailableError",
    Fault.UNAUTHORIZED: "AuthenticationError",
    Fault.FORBIDDEN: "AuthenticationError",
    Fault.NO_MODEL: "ProviderUnavailableError",
    Fault.CONTEXT: "ContextLengthError",
}
"""What a server can answer, with our class for it; the status is the server's."""
BROKEN = {
    Fault.EMPTY: "ProviderUnavailableError",
    Fault.HTML: "ProviderUnavailableError",
    Fault.RESET: "ProviderUnavailableError",
    Fault.UNFINISHED: "ProviderUnavailableError",
    Fault.HANG: "ProviderTimeoutError",
    Fault.STALL: "ProviderTimeoutError",
}
"""Answers that come to nothing."""
Make = Callable[..., tuple[RouterGateway, list[Outcome]]]


@pytest.fixture
async def gateway() -> object:
    """Makes gateways, each with the list of what its listener was told; all are closed at the end."""
    opened: list[RouterGateway] = []

    def make(configuration: dict[str, object], **more: object) -> tuple[RouterGateway, list[Outcome]]:
        told: list[Outcome] = []
        opened.append(made(configuration, listeners=(told.append,), **more))
        return opened[-1], told

    yield make
    for each in opened:
        await each.aclose()


async def ask(gateway: RouterGateway, name: str, *, stream: bool, **more: object) -> str:
    """The answer's text, or the name of our error."""
    asked = request(**more)  # type: ignore[arg-type]  # passed on
    try:
        if not stream:
            return (await gateway.complete(asked, group=name, fall_over=True)).content
        texts: list[str] = []
        async with aclosing(gateway.stream(asked, group=name, fall_over=True)) as deltas:
            async for delta in deltas:
                texts = [] if delta.reset else [*texts, delta.text]
        return "".join(texts)
    except LLMError as error:
        return type(error).__name__


def endings(told: list[Outcome]) -> list[tuple[str, str | None]]:
    """Provider and error of what was told."""
    return [(each.attempt.provider, each.attempt.error) for each in told]


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("name", WIRES)
async def test_a_refusal_is_one_failure(wire: WireServer, gateway: Make, name: str, stream: bool) -> None:
    """Whatever a server refuses with is told once, under its class and with the status that was sent."""
    for fault, kind in REFUSED.items():
        wire.reset()
        wire.script([Step(fault=fault)], deployment=name)
        asked, told = gateway({"provider": name, name: section(wire, name, max_retries=0)})

        said = await ask(asked, name, stream=stream)

        assert said == kind
        assert [(each.attempt.error, each.attempt.status) for each in told] == [
            (kind, seen.status) for seen in wire.requests(deployment=name)
        ]


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("name", WIRES)
async def test_an_answer_that_comes_to_nothing_is_one_failure(
    wire: WireServer, gateway: Make, name: str, stream: bool
) -> None:
    """An answer that is empty, broken or never comes is told once, and so is the fallback's after it."""
    other = WIRES[WIRES.index(name) - 1]
    for fault, kind in BROKEN.items():
        wire.reset()
        wire.script([Step(fault=fault)], deployment=name)
        asked, told = gateway(
            {
                "provider": name,
                name: section(wire, name, timeout=0.5),
                other: section(wire, other),
                "fallbacks": [other],
            }
        )

        assert await ask(asked, name, stream=stream, timeout=20) == wire.default_text
        assert endings(told) == [(name, kind), (other, None)], fault
        assert len(wire.requests()) == 2


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
async def test_retries_are_attempts(wire: WireServer, gateway: Make, stream: bool) -> None:
    """Where nobody follows, each retry is told as the request it is."""
    wire.script([Step(fault=Fault.RATE_LIMIT, retry_after=0, times=2)], deployment="openai")
    asked, told = gateway({"provider": "openai", "openai": section(wire, "openai", max_retries=3)})

    assert await ask(asked, "openai", stream=stream, timeout=30) == wire.default_text

    assert [each.attempt.status for each in told] == [seen.status for seen in wire.requests()] == [429, 429, 200]


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("name", ["openai", "anthropic"])
async def test_asking_in_simpler_words_is_a_request_too(
    wire: WireServer, gateway: Make, name: str, stream: bool
) -> None:
    """The refusal of an output format is told, marked as asked again; the call's own attempts are those that stand."""
    wire.script([Step(fault=Fault.NO_JSON_SCHEMA)], deployment=name)
    asked, told = gateway({"provider": name, name: section(wire, name)})

    assert await ask(asked, name, stream=stream, schema=SCHEMA) == wire.default_text

    assert [seen.status for seen in wire.requests()] == [400, 200]
    assert [(each.attempt.error, each.attempt.status, each.retried_simpler) for each in told] == [
        ("InputError", 400, True),
        (None, 200, False),
    ]


@pytest.mark.parametrize("name", WIRES)
async def test_tokens_and_first_text_are_told(wire: WireServer, gateway: Make, name: str) -> None:
    """Usage is the server's, whole or in pieces; only pieces have a time of the first text, before the end."""
    asked, told = gateway({"provider": name, name: section(wire, name)})

    await ask(asked, name, stream=False)
    await ask(asked, name, stream=True)

    whole, pieces = told
    assert whole.usage is not None
    assert whole.usage.total_tokens > 0
    assert pieces.usage == whole.usage
    assert whole.first_text is None
    assert pieces.first_text is not None
    assert 0 < pieces.first_text <= pieces.attempt.seconds


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("name", ["openai", "anthropic"])
async def test_headroom_is_what_the_server_says(wire: WireServer, gateway: Make, name: str, stream: bool) -> None:
    """What is left of the server's limit is told with answers and with refusals."""
    wire.rule(Rule(rpm=50))
    wire.script([Step(), Step(fault=Fault.SERVER_ERROR)], deployment=name)
    asked, told = gateway({"provider": name, name: section(wire, name, max_retries=0)})

    await ask(asked, name, stream=stream)
    await ask(asked, name, stream=stream)

    assert [(each.headroom["remaining_requests"], each.headroom["limit_requests"]) for each in told] == [
        (49, 50),
        (48, 50),
    ]
    assert all("reset_requests" in each.headroom for each in told)


async def test_a_cancelled_call_is_told_for_the_attempt_under_way(wire: WireServer, gateway: Make) -> None:
    """Cancelled in its fallback, a call has a failure at the first deployment and is cancelled at the second."""
    wire.script([Step(fault=Fault.SERVER_ERROR)], deployment="openai")
    wire.script([Step(fault=Fault.HANG)], deployment="anthropic")
    asked, told = gateway(
        {
            "provider": "openai",
            "openai": section(wire, "openai"),
            "anthropic": section(wire, "anthropic"),
            "fallbacks": ["anthropic"],
        }
    )
    task = asyncio.create_task(asked.complete(request(), group="openai", fall_over=True))
    while not wire.requests(deployment="anthropic"):  # noqa: ASYNC110 - the server is another process
        await asyncio.sleep(0.02)

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert endings(told) == [("openai", "ProviderUnavailableError"), ("anthropic", "Cancelled")]
    assert not any(each.rejected for each in told)


@pytest.mark.parametrize("name", WIRES)
async def test_a_stream_cancelled_before_its_first_text_is_told(wire: WireServer, gateway: Make, name: str) -> None:
    """A task that is cancelled while it waits for a stream's first piece is one cancelled attempt."""
    wire.script([Step(fault=Fault.HANG)], deployment=name)
    asked, told = gateway({"provider": name, name: section(wire, name)})
    task = asyncio.create_task(ask(asked, name, stream=True))
    while not wire.requests():  # noqa: ASYNC110 - the server is another process
        await asyncio.sleep(0.02)

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert endings(told) == [(name, "Cancelled")]


async def test_a_call_cancelled_before_it_was_sent_is_no_request(wire: WireServer, gateway: Make) -> None:
    """Where the server has seen nothing yet, nothing is told as a request."""
    asked, told = gateway({"provider": "openai", "openai": section(wire, "openai")})
    task = asyncio.create_task(asked.complete(request(), group="openai", fall_over=True))
    await asyncio.sleep(0)

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert wire.requests() == []
    assert [each for each in told if not each.rejected] == []


@pytest.mark.parametrize("name", WIRES)
async def test_a_stream_whose_reader_leaves_is_abandoned(wire: WireServer, gateway: Make, name: str) -> None:
    """A reader that goes after the first piece ends the attempt as abandoned, once, whoever closes the stream."""
    wire.script([Step(pace=0.02), Step(pace=0.02)], deployment=name)
    asked, told = gateway({"provider": name, name: section(wire, name)})

    async with aclosing(asked.stream(request(), group=name, fall_over=True)) as deltas:
        assert (await anext(deltas)).text
    left = asked.stream(request(), group=name, fall_over=True)
    assert (await anext(left)).text
    del left, deltas
    for _ in range(20):  # the loop closes what nobody holds any more
        await asyncio.sleep(0.01)

    assert endings(told) == [(name, "Abandoned")] * 2
    assert all(each.first_text is not None for each in told)
    assert len(wire.requests()) == 2


async def test_a_stream_that_starts_over_is_told_twice(wire: WireServer, gateway: Make) -> None:
    """A stream that breaks after its first text is a failure at one deployment and an answer at the next."""
    wire.script([Step(fault=Fault.CUT)], deployment="openai")
    asked, told = gateway(
        {
            "provider": "openai",
            "openai": section(wire, "openai"),
            "anthropic": section(wire, "anthropic"),
            "fallbacks": ["anthropic"],
        }
    )

    assert await ask(asked, "openai", stream=True) == wire.default_text

    assert endings(told) == [("openai", "ProviderUnavailableError"), ("anthropic", None)]
    assert len(wire.requests()) == 2


async def test_a_full_limit_is_a_rejection_and_no_request(wire: WireServer, gateway: Make) -> None:
    """A call that our own limit turns away is told as rejected; the server has seen the one before it."""
    asked, told = gateway({"provider": "openai", "openai": section(wire, "openai", rpm=1)})
    await asked.complete(request(), group="openai", fall_over=True)

    with pytest.raises(RateLimitError):
        await asked.complete(request(timeout=5), group="openai", fall_over=True)

    assert [(each.attempt.error, each.rejected) for each in told] == [(None, False), ("RateLimitError", True)]
    assert len(wire.requests()) == 1


async def test_a_call_while_all_cool_down_is_one_rejection(wire: WireServer, gateway: Make) -> None:
    """A call for which nobody can be asked is told once, as rejected, with the deployment that is left alone."""
    wire.script([Step(fault=Fault.UNAUTHORIZED, times=0)])
    asked, told = gateway(
        {
            "provider": "openai",
            "openai": section(wire, "openai"),
            "anthropic": section(wire, "anthropic", max_retries=0),
            "fallbacks": ["anthropic"],
        }
    )
    for _ in range(4):
        assert (await ask(asked, "openai", stream=False)).endswith("Error")

    requests = [each for each in told if not each.rejected]
    turned_away = [each for each in told if each.rejected]

    assert len(requests) == len(wire.requests())
    assert turned_away
    assert len(turned_away) == 4 - len(wire.requests(deployment="openai"))
    assert {each.attempt.deployment for each in turned_away} == {requests[0].attempt.deployment}


async def test_a_prompt_too_long_for_everybody_is_no_request(wire: WireServer, gateway: Make) -> None:
    """What is known not to fit before anybody is asked is told as rejected."""
    asked, told = gateway(
        {"provider": "openai", "openai": section(wire, "openai", model="of-a-tiny-window", context_window=10)}
    )

    with pytest.raises(ContextLengthError):
        await asked.complete(request("a long prompt " * 200), group="openai", fall_over=True)

    assert wire.requests() == []
    assert [each.rejected for each in told] == [True]


async def test_nobody_at_the_address_is_a_failure(gateway: Make) -> None:
    """A connection that is refused is a request that failed, though no server is there to count it."""
    dead = {"model": "llama3.2", "base_url": f"http://127.0.0.1:{closed_port()}"}
    asked, told = gateway({"provider": "ollama", "ollama": dead | {"max_retries": 0}})

    await ask(asked, "ollama", stream=False)

    assert [(each.attempt.error, each.attempt.status, each.rejected) for each in told] == [
        ("ProviderUnavailableError", None, False)
    ]


async def test_a_listener_that_raises_is_named_once(wire: WireServer, caplog: pytest.LogCaptureFixture) -> None:
    """Calls go on, the next listener is told, and the log has one line without what was said."""
    told: list[Outcome] = []

    def broken(outcome: Outcome) -> None:
        raise RuntimeError(f"{outcome.attempt.model} is not to be told")

    gateway = made({"provider": "openai", "openai": section(wire, "openai")}, listeners=(broken, told.append))
    for _ in range(3):
        await gateway.complete(request(), group="openai", fall_over=True)
    await gateway.aclose()

    assert len(told) == 3
    lines = [record.getMessage() for record in caplog.records if record.name.startswith("gmn_llm")]
    assert len([line for line in lines if "broken" in line and "RuntimeError" in line]) == 1
    assert not any("not to be told" in line for line in lines)
