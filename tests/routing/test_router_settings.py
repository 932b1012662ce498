"""What a file says to LiteLLM's Router holds, as far as it delays no fallback; counted at the server."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Mapping

import pytest

from gmn_llm.config import load_settings, resolve_chain
from gmn_llm.errors import ConfigError, InputError, LLMError, ProviderUnavailableError
from gmn_llm.factory import create_llm_factory
from gmn_llm.routing import RouterGateway
from gmn_llm.routing.quiet import litellm
from tests.routing.conftest import Build, made, request, section
from tests.wire.client import Fault, Step, WireServer


def entry(wire: WireServer, name: str, *, info: Mapping[str, object] | None = None, **params: object) -> object:
    """A deployment of a model list that is reached under its own name."""
    reached = {"model": "openai/gpt-4o", "api_base": f"{wire.at(name)}/v1", "api_key": wire.openai_key}
    return {"model_name": name, "litellm_params": {**reached, **params}, "model_info": dict(info or {})}


POLICY = {"InternalServerErrorRetries": 0}


@pytest.mark.parametrize(
    ("router", "params", "asked"),
    [
        ({}, {}, 3),
        ({"num_retries": 1}, {}, 2),
        ({"num_retries": 0}, {}, 1),
        ({"retry_policy": POLICY}, {}, 1),
        ({"retry_policy": {"RateLimitErrorRetries": 0}}, {}, 3),
        ({"retry_policy": {"RateLimitErrorRetries": 0}, "num_retries": 1}, {}, 2),
        ({"retry_policy": {"InternalServerErrorRetries": 3}, "num_retries": 0}, {}, 4),
        ({"model_group_retry_policy": {"only": POLICY}}, {}, 1),
        ({"model_group_retry_policy": {"alias": POLICY}, "model_group_alias": {"alias": "only"}}, {}, 1),
        ({"model_group_retry_policy": {"only": {"InternalServerErrorRetries": 1}}, "retry_policy": POLICY}, {}, 2),
        ({"retry_policy": POLICY}, {"max_retries": 1}, 2),
        ({"num_retries": 3}, {"max_retries": 0}, 1),
        ({}, {"num_retries": 1}, 2),
        ({}, {"retry_policy": POLICY}, 1),
    ],
)
async def test_the_only_group_is_retried_as_the_file_says(
    wire: WireServer, build: Build, router: Mapping[str, object], params: Mapping[str, object], asked: int
) -> None:
    """Counts and policies hold, what is said of the group before what is said of all."""
    wire.script([Step(fault=Fault.SERVER_ERROR, times=0)], deployment="only")
    gateway = build(
        {
            "provider": "only",
            "model_list": [entry(wire, "only", **params)],
            "router_settings": {"retry_after": 0, **router},
        }
    )

    with pytest.raises(ProviderUnavailableError):
        await gateway.complete(request(timeout=60), group="only", fall_over=True)

    assert len(wire.requests()) == asked


@pytest.mark.parametrize("retries", [0, 2])
async def test_a_section_without_retries_is_asked_once(wire: WireServer, build: Build, retries: int) -> None:
    """`max_retries: 0` of the only section holds against whatever is said of all groups."""
    wire.script([Step(fault=Fault.SERVER_ERROR, times=0)], deployment="openai")
    settings = {"num_retries": retries, "retry_policy": {"InternalServerErrorRetries": retries}}
    gateway = build(
        {"provider": "openai", "openai": section(wire, "openai", max_retries=0), "router_settings": settings}
    )

    with pytest.raises(ProviderUnavailableError):
        await gateway.complete(request(timeout=60), group="openai", fall_over=True)

    assert len(wire.requests()) == 1


@pytest.mark.parametrize(
    ("router", "params"),
    [
        ({"num_retries": 2}, {}),
        ({"retry_policy": {"InternalServerErrorRetries": 2, "DefaultRetries": 2}}, {}),
        ({}, {"num_retries": 2}),
        ({}, {"max_retries": 2}),
        ({}, {"retry_policy": {"InternalServerErrorRetries": 2}}),
    ],
)
async def test_no_retry_comes_before_a_fallback(
    wire: WireServer, build: Build, router: Mapping[str, object], params: Mapping[str, object]
) -> None:
    """A group that has a fallback is asked once, however many retries the file speaks of."""
    wire.script([Step(fault=Fault.SERVER_ERROR, times=0)], deployment="first")
    gateway = build(
        {
            "provider": "first",
            "model_list": [entry(wire, "first", **params), entry(wire, "then")],
            "fallbacks": ["then"],
            "router_settings": dict(router),
        }
    )

    response = await gateway.complete(request(), group="first", fall_over=True)

    assert [attempt.provider for attempt in response.attempts] == ["first", "then"]
    assert len(wire.requests(deployment="first")) == 1


async def test_retries_of_all_are_those_of_the_last(wire: WireServer, build: Build) -> None:
    """`num_retries` beside fallbacks is how often the last of them is asked again."""
    for name in ("first", "then"):
        wire.script([Step(fault=Fault.SERVER_ERROR, times=0)], deployment=name)
    gateway = build(
        {
            "provider": "first",
            "model_list": [entry(wire, "first"), entry(wire, "then")],
            "router_settings": {"num_retries": 1, "fallbacks": [{"first": ["then"]}]},
        }
    )

    with pytest.raises(LLMError):
        await gateway.complete(request(timeout=60), group="first", fall_over=True)

    assert [len(wire.requests(deployment=name)) for name in ("first", "then")] == [1, 2]


@pytest.mark.parametrize(
    ("router", "info", "calls"),
    [
        ({"allowed_fails": 3}, {}, 4),
        ({"allowed_fails": 0}, {}, 1),
        ({"allowed_fails_policy": {"InternalServerErrorAllowedFails": 2}}, {}, 3),
        ({"allowed_fails": 3}, {"allowed_fails_policy": {"InternalServerErrorAllowedFails": 1}}, 2),
        ({}, {}, 2),
    ],
)
async def test_as_many_failures_are_allowed_as_the_file_says(
    wire: WireServer, build: Build, router: Mapping[str, object], info: Mapping[str, object], calls: int
) -> None:
    """The only deployment too is left alone after as many failures as the file allows, no earlier and no later."""
    wire.script([Step(fault=Fault.SERVER_ERROR, times=0)], deployment="only")
    gateway = build(
        {
            "provider": "only",
            "model_list": [entry(wire, "only", info=info)],
            "router_settings": {"num_retries": 0, **router},
        }
    )

    for _ in range(6):
        with pytest.raises(ProviderUnavailableError):
            await gateway.complete(request(), group="only", fall_over=True)

    assert len(wire.requests()) == calls


async def test_numbers_come_from_variables(wire: WireServer) -> None:
    """A number, or true and false, in a variable is one to the Router and to whoever counts here."""
    environ = {"MY_RETRIES": " 1\n", "MY_FAILS": "5", "MY_SWITCH": "True", "MY_RPM": "2"}
    router = {
        "num_retries": "os.environ/MY_RETRIES",
        "allowed_fails": "os.environ/MY_FAILS",
        "cooldown_time": "os.environ/MY_FAILS",
        "disable_cooldowns": "os.environ/MY_SWITCH",
    }
    wire.script([Step(fault=Fault.SERVER_ERROR, times=0)], deployment="only")
    models = [entry(wire, "only", rpm="os.environ/MY_RPM")]
    configuration = {"provider": "only", "model_list": models, "router_settings": router}
    settings = load_settings(configuration, environ=environ).with_variables(environ)
    gateway = RouterGateway(resolve_chain(settings), settings)

    with pytest.raises(ProviderUnavailableError):
        await gateway.complete(request(timeout=30), group="only", fall_over=True)
    assert len(wire.requests()) == 2
    with pytest.raises(LLMError, match="the limit of 2 requests a minute is reached"):
        await gateway.complete(request(timeout=5), group="only", fall_over=True)
    await gateway.aclose()


@pytest.mark.parametrize(
    ("router", "where"),
    [
        ({"background_health_check_model_groups": 3}, "router_settings.background_health_check_model_groups"),
        ({"num_retries": 1, "alerting_config": {"alerting_threshold": 3}}, "router_settings.alerting_config"),
        (
            {"provider_budget_config": {"openai": {"budget_limit": 1, "time_period": "soon"}}},
            "router_settings.provider_budget_config",
        ),
    ],
)
def test_what_the_router_refuses_is_named(wire: WireServer, router: Mapping[str, object], where: str) -> None:
    """A setting that only the Router itself can judge is a ConfigError with its name, and leaves nothing behind."""
    before = [list(litellm.callbacks), list(litellm.success_callback), list(litellm.failure_callback)]
    known = set(litellm.model_cost)

    with pytest.raises(ConfigError) as caught:
        made({"provider": "only", "model_list": [entry(wire, "only")], "router_settings": dict(router)})

    assert where in str(caught.value)
    assert [list(litellm.callbacks), list(litellm.success_callback), list(litellm.failure_callback)] == before
    assert set(litellm.model_cost) == known


def test_a_deployment_that_the_router_refuses_is_named(wire: WireServer) -> None:
    """So is a deployment, by its model and group; a key in it is not shown."""
    wrong = entry(wire, "wrong", tag_regex=["("], api_key="sk-not-to-be-shown")

    with pytest.raises(ConfigError) as caught:
        made({"provider": "only", "model_list": [entry(wire, "only"), wrong], "fallbacks": ["wrong"]})

    assert "the deployment openai/gpt-4o of wrong" in str(caught.value)
    assert "sk-not" not in str(caught.value)


async def test_a_spent_budget_leads_to_the_next_provider(wire: WireServer, build: Build) -> None:
    """A provider whose budget is spent is asked no more; the next one answers, and its own budget is another."""
    budgets = {
        "openai": {"budget_limit": 1e-12, "time_period": "1d"},
        "anthropic": {"max_budget": 9, "budget_duration": "1d"},
    }
    gateway = build(
        {
            "provider": "openai",
            "openai": section(wire, "openai"),
            "anthropic": section(wire, "anthropic"),
            "fallbacks": ["anthropic"],
            "router_settings": {"provider_budget_config": budgets},
        }
    )

    first = await gateway.complete(request(), group="openai", fall_over=True)
    later = [await _soon(gateway) for _ in range(4)]

    assert first.provider == "openai"
    assert later[-1].provider == "anthropic"
    assert len(wire.requests(deployment="openai")) < 4


async def _soon(gateway: object) -> object:
    await asyncio.sleep(0.1)  # LiteLLM reckons in the background
    return await gateway.complete(request(), group="openai", fall_over=True)  # type: ignore[attr-defined]  # a gateway


async def test_a_spent_budget_is_an_error_of_ours(wire: WireServer, build: Build) -> None:
    """Where nobody else is left, the call fails at once and says that the budget is spent."""
    budgets = {"openai": {"budget_limit": 1e-12, "time_period": "1d"}}
    gateway = build(
        {
            "provider": "openai",
            "openai": section(wire, "openai"),
            "router_settings": {"provider_budget_config": budgets},
        }
    )
    await gateway.complete(request(), group="openai", fall_over=True)
    await asyncio.sleep(0.3)
    asked = len(wire.requests())

    with pytest.raises(LLMError, match="budget") as caught:
        await gateway.complete(request(), group="openai", fall_over=True)

    assert not isinstance(caught.value, InputError)
    assert len(wire.requests()) == asked


async def test_a_budget_is_that_of_its_own_gateway(wire: WireServer, build: Build) -> None:
    """What one gateway has spent is nothing to another, nor are its budgets to one that has none."""
    configuration = {"provider": "openai", "openai": section(wire, "openai")}
    budgets = {"openai": {"budget_limit": 1e-12, "time_period": "1d"}}
    spent, other = (build({**configuration, "router_settings": {"provider_budget_config": budgets}}) for _ in range(2))
    free = build(configuration)
    await spent.complete(request(), group="openai", fall_over=True)
    await asyncio.sleep(0.3)

    for gateway in (other, free, free):
        assert (await gateway.complete(request(), group="openai", fall_over=True)).provider == "openai"
    await asyncio.sleep(0.3)
    with pytest.raises(LLMError, match="budget"):
        await other.complete(request(), group="openai", fall_over=True)


async def test_a_closed_gateway_with_budgets_leaves_no_thread(wire: WireServer) -> None:
    """The loop that keeps budgets together ends with its gateway."""
    before = threading.active_count()
    budgets = {"openai": {"budget_limit": 1, "time_period": "1d"}}
    gateway = made(
        {
            "provider": "openai",
            "openai": section(wire, "openai"),
            "router_settings": {"provider_budget_config": budgets, "routing_strategy": "latency-based-routing"},
        }
    )
    hooks = len(litellm.callbacks)

    await gateway.aclose()

    assert threading.active_count() <= before
    assert len(litellm.callbacks) < hooks


@pytest.mark.parametrize("strategy", ["least-busy", "latency-based-routing", "usage-based-routing-v2"])
async def test_a_strategy_keeps_its_own_book(wire: WireServer, build: Build, strategy: str) -> None:
    """A gateway's strategy sees the calls of that gateway alone, also where another has the same strategy."""
    pool = [
        {
            "model_name": "pool",
            "litellm_params": {"model": "openai/gpt-4o", "api_base": f"{wire.at(name)}/v1", "api_key": wire.openai_key},
        }
        for name in ("east", "west")
    ]
    configuration = {"provider": "pool", "model_list": pool, "router_settings": {"routing_strategy": strategy}}
    gateways = [build(configuration) for _ in range(2)]
    wire.script([Step(delay=0.3, times=0)], deployment="east")

    for gateway in gateways:
        for _ in range(4):
            await gateway.complete(request(), group="pool", fall_over=True)

    assert len(wire.requests()) == 8


async def test_the_programs_own_router_is_not_limited(wire: WireServer, build: Build) -> None:
    """A Router of the program around us may ask as often as it likes, whatever limits our deployments have."""
    build({"provider": "openai", "openai": section(wire, "openai", rpm=1)})
    params = {"model": "openai/gpt-4o", "api_base": f"{wire.at('theirs')}/v1", "api_key": wire.openai_key, "rpm": 1}
    theirs = litellm.Router(model_list=[{"model_name": "theirs", "litellm_params": params}], num_retries=0)

    for _ in range(3):
        await theirs.acompletion("theirs", [{"role": "user", "content": "hello"}])

    assert len(wire.requests(deployment="theirs")) == 3
    theirs.discard()


def test_a_limit_holds_for_threads_with_loops_of_their_own(wire: WireServer) -> None:
    """Blocking callers on several threads together stay within the rpm."""
    gateway = made({"provider": "openai", "openai": section(wire, "openai", rpm=3, max_retries=0)})
    answers: list[object] = []

    def ask() -> None:
        for _ in range(3):
            try:
                answers.append(asyncio.run(gateway.complete(request(timeout=5), group="openai", fall_over=True)))
            except LLMError as error:
                answers.append(type(error).__name__)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    begun = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    asyncio.run(gateway.aclose())

    assert time.monotonic() - begun < 60
    assert len(wire.requests()) == 3
    assert answers.count("RateLimitError") == 9


async def test_a_factory_keeps_budgets(wire: WireServer) -> None:
    """A factory opens its Router on a thread without a loop; budgets are kept all the same, over several loops too."""
    budgets = {"openai": {"budget_limit": 1e-12, "time_period": "1d"}}
    configuration = {
        "provider": "openai",
        "openai": section(wire, "openai"),
        "router_settings": {"provider_budget_config": budgets},
    }
    async with create_llm_factory(configuration) as factory:
        await factory.generate([{"role": "user", "content": "hello"}])
        await asyncio.sleep(0.3)
        with pytest.raises(LLMError, match="budget"):
            await factory.generate([{"role": "user", "content": "hello"}])

    assert len(wire.requests()) == 1
