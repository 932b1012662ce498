"""What LiteLLM takes without a word and fails of much later is told on loading, with its key and what is right."""

from __future__ import annotations

import typing
from collections.abc import Mapping
from pathlib import Path

import pytest

from gmn_llm.config import Chain, load_settings, named_groups, resolve_chain
from gmn_llm.config.load import examine
from gmn_llm.config.names import POLICY_SHAPES, PRE_CALL_CHECKS, STRATEGIES, STRATEGY_ARGUMENTS
from gmn_llm.errors import ConfigError, InputError
from gmn_llm.factory import create_llm_factory
from gmn_llm.messages import LLMMessage, LLMRole
from tests.config.test_messages import told
from tests.wire.client import WireServer

A = {"model_name": "a", "litellm_params": {"model": "openai/x", "api_key": "k"}}
B = {"model_name": "b", "litellm_params": {"model": "openai/y", "api_key": "k"}}


def router(**settings: object) -> dict[str, object]:
    """A configuration of two groups with the Router's settings."""
    return {"model_list": [A, B], "router_settings": settings}


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (
            {"retry_policy": {"TimeoutErrorRetries": "x"}},
            "retry_policy.TimeoutErrorRetries: expected a whole number from 0, found the text 'x'",
        ),
        (
            {"retry_policy": {"TimeoutErrorRetries": None}},
            "retry_policy.TimeoutErrorRetries: expected a whole number from 0, found nothing",
        ),
        (
            {"retry_policy": {"TimeoutErorRetries": 3}},
            "retry_policy.TimeoutErorRetries is not known to LiteLLM; did you mean 'TimeoutErrorRetries'?",
        ),
        ({"retry_policy": 3}, "retry_policy: expected a mapping, found the number 3"),
        (
            {"allowed_fails_policy": {"TimeoutErorAllowedFails": 3}},
            "allowed_fails_policy.TimeoutErorAllowedFails is not known to LiteLLM; "
            "did you mean 'TimeoutErrorAllowedFails'?",
        ),
        (
            {"allowed_fails_policy": {"TimeoutErrorAllowedFails": 1.5}},
            "allowed_fails_policy.TimeoutErrorAllowedFails: expected a whole number from 0, found the number 1.5",
        ),
        (
            {"model_group_retry_policy": {"a": {"RateLimitErrorRetris": 1}}},
            "model_group_retry_policy.a.RateLimitErrorRetris is not known to LiteLLM; "
            "did you mean 'RateLimitErrorRetries'?",
        ),
        (
            {"model_group_retry_policy": {"olama": {}}},
            "model_group_retry_policy.olama names olama, which is not configured; did you mean 'ollama'?",
        ),
        (
            {"optional_pre_call_checks": ["prompt_cachin"]},
            f"optional_pre_call_checks[0]: expected one of {', '.join(PRE_CALL_CHECKS)}, found the text "
            "'prompt_cachin'; did you mean 'prompt_caching'?",
        ),
        (
            {"routing_strategy": "least-buzy"},
            f"routing_strategy: expected one of {', '.join(STRATEGIES)}, found the text 'least-buzy'; "
            "did you mean 'least-busy'?",
        ),
        (
            {"routing_strategy": "latency-based-routing", "routing_strategy_args": {"ttll": 1}},
            "routing_strategy_args.ttll is not known to LiteLLM; did you mean 'ttl'?",
        ),
        (
            {"routing_strategy": "latency-based-routing", "routing_strategy_args": {"ttft_percentile": 3}},
            "routing_strategy_args.ttft_percentile: expected a number above 0 to 1, found the number 3",
        ),
        (
            {"routing_strategy": "usage-based-routing", "routing_strategy_args": {"ttl": 1.5}},
            "routing_strategy_args.ttl: expected a whole number from 1, found the number 1.5",
        ),
        (
            {"routing_strategy": "usage-based-routing", "routing_strategy_args": {"lowest_latency_buffer": 1}},
            "routing_strategy_args.lowest_latency_buffer: the routing_strategy usage-based-routing does not read it; "
            "latency-based-routing does",
        ),
        (
            {"model_group_alias": {"q": "olama"}},
            "model_group_alias.q names olama, which is not configured; did you mean 'ollama'?",
        ),
        (
            {"model_group_alias": {"q": {"model": "a", "hiden": True}}},
            "model_group_alias.q.hiden is not known to LiteLLM; did you mean 'hidden'?",
        ),
        ({"model_group_alias": {"q": {}}}, "model_group_alias.q.model is missing: a text is expected"),
        (
            {"model_group_alias": {"a": "b"}},
            "model_group_alias.a: 'a' is the name of a group or a provider already; choose another",
        ),
        (
            {"provider_budget_config": {"openai": {"budget_limt": 1}}},
            "provider_budget_config.openai.budget_limt is not known to LiteLLM; did you mean 'budget_limit'?",
        ),
        (
            {"routing_groups": [{"models": ["a"], "routing_strategy": "least-busy"}]},
            "routing_groups[0].group_name is missing: a text is expected",
        ),
        ({"redis_url": "h:6379"}, "redis_url: the address does not begin with redis:// or rediss:// or unix://; "
         "write redis://h:6379"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_routers_settings(settings: Mapping[str, object], words: str) -> None:
    """Each typo, wrong type and unknown group inside a setting of the Router is told with its key."""
    assert told(router(**settings)) == [f"router_settings.{words}"]


@pytest.mark.parametrize(
    ("info", "words"),
    [
        (
            {"allowed_fails_policy": {"TimeoutErorAllowedFails": 1}},
            "allowed_fails_policy.TimeoutErorAllowedFails is not known to LiteLLM; "
            "did you mean 'TimeoutErrorAllowedFails'?",
        ),
        (
            {"allowed_fails_policy": {"TimeoutErrorAllowedFails": "1"}},
            "allowed_fails_policy.TimeoutErrorAllowedFails: expected a whole number from 0, found the text '1'; "
            "leave out the quotation marks",
        ),
        ({"allowed_fails": -1}, "allowed_fails: expected a whole number from 0, found the number -1"),
    ],
)
def test_a_mistake_in_a_deployments_policy(info: Mapping[str, object], words: str) -> None:
    """What LiteLLM reads of `model_info` to cool a deployment down is checked as the Router's own policy is."""
    assert told({"model_list": [{**A, "model_info": info}]}) == [f"model_list[0].model_info.{words}"]


def test_a_mistake_inside_a_setting_has_its_line(tmp_path: Path) -> None:
    """The line is that of the wrong name, not that of the setting around it."""
    path = tmp_path / "c.yaml"
    path.write_text(
        "router_settings:\n  retry_policy:\n    TimeoutErrorRetries: 1\n    TimeoutErorRetries: 3\n", "utf-8"
    )

    with pytest.raises(ConfigError, match=r"c\.yaml, line 4: router_settings\.retry_policy\.TimeoutErorRetries"):
        load_settings(path, environ={})


def test_right_settings_are_taken() -> None:
    """Policies, checks, a strategy with its arguments, aliases and budgets as LiteLLM documents them are no mistake."""
    configuration = router(
        retry_policy={"TimeoutErrorRetries": 0, "DefaultRetries": 2},
        allowed_fails_policy={"BadGatewayErrorAllowedFails": 3},
        model_group_retry_policy={"a": {"RateLimitErrorRetries": 1}, "openai": {}},
        optional_pre_call_checks=["prompt_caching", "enforce_model_rate_limits"],
        routing_strategy="latency-based-routing",
        routing_strategy_args={"ttl": 60, "lowest_latency_buffer": 0.5},
        model_group_alias={"q": "a", "r": {"model": "openai", "hidden": True}},
        provider_budget_config={"openai": {"budget_limit": 1.5, "time_period": "1d"}},
        redis_url="redis://:secret@localhost:6379/0",
    )

    assert told(configuration) == []


def test_a_mapping_does_not_come_from_a_variable() -> None:
    """A variable holds a text, so a setting that is a mapping refuses one."""
    assert told(router(retry_policy="os.environ/X"), X="{}") == [
        "router_settings.retry_policy: expected a mapping, which a variable can't hold; write it into the configuration"
    ]


def test_a_strategy_from_a_variable_is_checked() -> None:
    """A typo in a variable is told with the variable's name."""
    assert told(router(routing_strategy="os.environ/X"), X="least-busy\n") == []
    [message] = told(router(routing_strategy="os.environ/X"), X="least-buzy")

    assert "the environment variable X names no strategy" in message
    assert message.endswith("did you mean 'least-busy'?")


ALIASES = router(model_group_alias={"q": "a", "r": {"model": "b", "hidden": True}})


def chain(configuration: Mapping[str, object], *, provider_type: str | None = None, **environ: str) -> Chain:
    """The chain of a configuration, without an Ollama server."""
    settings = load_settings(configuration, environ=environ)
    return resolve_chain(settings, provider_type=provider_type, environ=environ, ollama_answers=lambda _: False)


@pytest.mark.parametrize(
    ("more", "environ", "forced", "names"),
    [
        ({}, {}, "q", ("a",)),
        ({}, {}, "r", ("b",)),
        ({"provider": "r"}, {}, None, ("b",)),
        ({"provider": "q", "fallbacks": ["r", "b", "q"]}, {}, None, ("a", "b")),
        ({}, {"LLM_PROVIDER": "r"}, None, ("b",)),
    ],
)
def test_a_group_is_asked_by_its_alias(
    more: Mapping[str, object], environ: Mapping[str, str], forced: str | None, names: tuple[str, ...]
) -> None:
    """Wherever a group can be named its alias can: it is the group itself, so that it is asked once."""
    assert chain({**ALIASES, **more}, provider_type=forced, **environ).names == names


def test_the_routers_fallbacks_hold_for_both_names() -> None:
    """Fallbacks written down for an alias are those of its group, and the other way round."""
    aliases = {"q": "a", "r": "b"}
    for steps in ([{"q": ["r"]}], [{"a": ["r"]}], [{"q": ["b"]}]):
        configuration = {**router(model_group_alias=aliases, fallbacks=steps), "provider": "a"}
        assert chain(configuration).names == ("a", "b")
        assert named_groups(load_settings(configuration, environ={}), environ={}) == ("a", "b")


def test_a_name_of_nobody_is_no_alias() -> None:
    """Whoever asks for a name that is neither group nor alias is told the names, the aliases among them."""
    with pytest.raises(InputError, match=r"no provider z; configured are: auto, .*, a, b, q, r"):
        chain(ALIASES, provider_type="z")


async def test_an_alias_and_policies_at_work(wire: WireServer) -> None:
    """A server is asked through an alias, with a key from a file's last line and policies that the Router takes."""
    params = {"model": "openai/gpt-4o", "api_base": f"{wire.at('openai')}/v1", "api_key": f"{wire.openai_key}\n"}
    configuration = {
        "model_list": [
            {"model_name": "other", "litellm_params": params},
            {"model_name": "a", "litellm_params": params},
        ],
        "router_settings": {
            "model_group_alias": {"q": "a"},
            "retry_policy": {"TimeoutErrorRetries": 1},
            "allowed_fails_policy": {"TimeoutErrorAllowedFails": 2},
            "model_group_retry_policy": {"a": {"RateLimitErrorRetries": 1}},
        },
    }
    async with create_llm_factory(configuration) as factory:
        response = await factory.generate([LLMMessage(LLMRole.USER, "hello")], provider_type="q")

    assert (response.provider, response.model) == ("a", "gpt-4o")


def test_the_tables_are_litellms() -> None:
    """The names of policies, checks, strategies and their arguments are those of the LiteLLM that is installed."""
    from tests.routing.conftest import RouterGateway  # imports LiteLLM without its warnings

    assert RouterGateway is not None
    from litellm.router_strategy import lowest_latency, lowest_tpm_rpm, lowest_tpm_rpm_v2
    from litellm.router_utils.routing_groups import VALID_ROUTING_STRATEGIES
    from litellm.types import router as types

    def names(shape: Mapping[str, object]) -> set[str]:
        return set(typing.cast("Mapping[str, object]", shape["properties"]))

    assert names(POLICY_SHAPES["retry_policy"]) == set(types.RetryPolicy.model_fields)
    assert names(POLICY_SHAPES["allowed_fails_policy"]) == set(types.AllowedFailsPolicy.model_fields)
    [checks] = typing.get_args(types.OptionalPreCallChecks)
    assert set(PRE_CALL_CHECKS) == set(typing.get_args(checks))
    assert set(STRATEGIES) <= set(VALID_ROUTING_STRATEGIES)
    assert {name: set(read) for name, read in STRATEGY_ARGUMENTS.items()} == {
        "latency-based-routing": set(lowest_latency.RoutingArgs.model_fields),
        "usage-based-routing": set(lowest_tpm_rpm.RoutingArgs.model_fields),
        "usage-based-routing-v2": set(lowest_tpm_rpm_v2.RoutingArgs.model_fields),
    }


def test_what_an_x_key_holds_is_not_read(tmp_path: Path) -> None:
    """Anchors under a key that begins with `x-` are brought in elsewhere, and the key itself is no setting."""
    path = tmp_path / "c.yaml"
    path.write_text(
        "x-common: &common\n  timeout: 9\n  temperature: 0.5\nopenai: {<<: *common, model: gpt-4o}\n"
        "ollama:\n  <<: *common\n",
        "utf-8",
    )

    examined = examine(path, environ={})

    assert examined.problems == ()
    assert examined.settings.openai is not None
    assert examined.settings.ollama is not None
    assert (examined.settings.openai.timeout, examined.settings.ollama.temperature) == (9.0, 0.5)
    assert told({"openai": {"x-common": 1}}) != []
