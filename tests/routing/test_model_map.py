"""LiteLLM's map of models is one for the process: what a gateway says of a model is for itself."""

from __future__ import annotations

import asyncio
import copy

import pytest

from gmn_llm.config import Deployment, Group
from gmn_llm.errors import ContextLengthError
from gmn_llm.routing.models import price, prompt_window
from gmn_llm.routing.quiet import litellm
from gmn_llm.routing.windows import window_of
from tests.routing.conftest import Build, made, request
from tests.wire.client import WireServer

LONG = "word " * 2000


def entry(
    wire: WireServer, model: str, *, params: dict[str, object] | None = None, **info: object
) -> dict[str, object]:
    """The only deployment of a model list."""
    reached = {"api_base": f"{wire.at('only')}/v1", "api_key": wire.openai_key}
    return {
        "model_name": "only",
        "litellm_params": {"model": model, **reached, **(params or {})},
        "model_info": info,
    }


def only(wire: WireServer, model: str, **more: object) -> dict[str, object]:
    """A configuration of one deployment."""
    return {"provider": "only", "model_list": [entry(wire, model, **more)]}  # type: ignore[arg-type]  # passed on


def plain(model: str) -> Group:
    """A group of a model of which the configuration says nothing."""
    return Group(
        name="plain",
        provider="openai",
        model=model,
        deployments=(Deployment(id="plain", provider="openai", model=model),),
    )


@pytest.mark.parametrize("model", ["openai/gpt-4o", "openai/nobodys-own"])
async def test_each_gateway_has_the_windows_of_its_own_configuration(
    wire: WireServer, build: Build, model: str
) -> None:
    """One that says 500 tokens refuses a long prompt and one beside it sends it, whichever was opened first."""
    before = build(only(wire, model))
    small = build(only(wire, model, max_input_tokens=500))
    large = build(only(wire, model, max_input_tokens=90_000))
    after = build(only(wire, model))

    with pytest.raises(ContextLengthError):
        await small.complete(request(LONG), group="only", fall_over=True)
    assert wire.requests() == []
    for gateway in (before, large, after):
        assert (await gateway.complete(request(LONG), group="only", fall_over=True)).content == wire.default_text


def test_what_a_gateway_says_is_read_by_nobody_else(wire: WireServer) -> None:
    """Windows and prices that are read from the map by a model's name are LiteLLM's own, while a gateway is open too."""

    def read() -> list[object]:
        groups = [plain("openai/gpt-4o"), plain("openai/nobodys-own")]
        return [
            [(window_of(each), prompt_window(each.deployments[0]), price(each.deployments[0])) for each in groups],
            [litellm.get_model_info("openai/gpt-4o")[name] for name in ("max_input_tokens", "input_cost_per_token")],
        ]

    expected = read()
    prices = {"input_cost_per_token": 3.0, "output_cost_per_token": 5.0}
    gateways = [
        made(only(wire, model, max_input_tokens=77, max_tokens=78, supports_vision=True, **more))
        for model in ("openai/gpt-4o", "openai/nobodys-own")
        for more in (prices, {"params": prices})
    ]

    assert read() == expected
    for gateway in gateways:
        asyncio.run(gateway.aclose())
    assert read() == expected


@pytest.mark.parametrize("place", ["litellm_params", "model_info"])
@pytest.mark.parametrize("model", ["openai/gpt-4o", "openai/nobodys-own"])
async def test_prices_of_ones_own_are_reckoned_with(wire: WireServer, build: Build, place: str, model: str) -> None:
    """A price in the configuration is that of its deployment, and not of another with the same model."""
    prices = {"input_cost_per_token": 3.0, "output_cost_per_token": 5.0}
    given = {"params": prices} if place == "litellm_params" else prices
    priced, bare = build(only(wire, model, **given)), build(only(wire, model))

    usage = (await priced.complete(request(), group="only", fall_over=True)).usage
    other = (await bare.complete(request(), group="only", fall_over=True)).usage

    assert usage.cost == 3.0 * usage.prompt_tokens + 5.0 * usage.completion_tokens
    assert other.cost is None or other.cost < 1.0


@pytest.mark.parametrize(
    ("model", "prices", "expected"),
    [
        ("openai/nobodys-own", {"input_cost_per_token": 3.0, "output_cost_per_token": 5.0}, (3.0, 5.0)),
        ("openai/gpt-4o", {"input_cost_per_token": 3.0}, (3.0, 1e-05)),
    ],
)
async def test_prices_of_ones_own_hold_for_streams_too(
    wire: WireServer, build: Build, model: str, prices: dict[str, object], expected: tuple[float, float]
) -> None:
    """A stream costs what an answer in one piece does; a price that nobody says is the model's own."""
    gateway = build(only(wire, model, **prices))

    whole = (await gateway.complete(request(), group="only", fall_over=True)).usage
    deltas = [delta async for delta in gateway.stream(request(), group="only", fall_over=True)]

    assert deltas[-1].response is not None
    for usage in (whole, deltas[-1].response.usage):
        cost = expected[0] * usage.prompt_tokens + expected[1] * usage.completion_tokens
        assert usage.cost == pytest.approx(cost)


async def test_the_map_is_as_it_was_when_all_are_closed(wire: WireServer) -> None:
    """However many gateways are opened, used and closed, no entry is added, lost or changed."""
    before = copy.deepcopy(litellm.model_cost)

    for _ in range(3):
        gateways = [
            made(only(wire, model, max_input_tokens=90_000, params={"input_cost_per_token": 1.0}))
            for model in ("openai/gpt-4o", "openai/nobodys-own", "openai/GPT-4o-mini")
        ]
        for gateway in gateways:
            await gateway.complete(request(), group="only", fall_over=True)
            await gateway.aclose()

    assert litellm.model_cost == before


def test_what_the_program_itself_enters_stays(wire: WireServer) -> None:
    """A model that somebody registers while a gateway has it is still registered when the gateway is closed."""
    gateway = made(only(wire, "openai/somebodys-own", max_input_tokens=90_000))
    litellm.register_model({"openai/somebodys-own": {"max_input_tokens": 5, "litellm_provider": "openai"}})

    asyncio.run(gateway.aclose())

    assert litellm.get_model_info("openai/somebodys-own")["max_input_tokens"] == 5
    del litellm.model_cost["openai/somebodys-own"]


async def test_threads_that_open_gateways_leave_the_map_alone(wire: WireServer) -> None:
    """Gateways that are opened at the same moment do not take each other's entries for what was there before."""
    before = copy.deepcopy(litellm.model_cost)

    gateways = await asyncio.gather(
        *(asyncio.to_thread(made, only(wire, "openai/gpt-4o", max_input_tokens=100 + n)) for n in range(8))
    )
    seen = litellm.model_cost["gpt-4o"]["max_input_tokens"]
    for gateway in gateways:
        await gateway.aclose()

    assert seen == before["gpt-4o"]["max_input_tokens"]
    assert litellm.model_cost == before
