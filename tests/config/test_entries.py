"""Mistakes in the entries of a model list, and in what stands in variables, are told on loading."""

from __future__ import annotations

import pytest

from gmn_llm.config import load_settings, resolve_chain
from gmn_llm.config.litellm_names import LITELLM_PROVIDERS, MODEL_INFO
from gmn_llm.config.names import is_price
from gmn_llm.errors import ConfigError
from tests.config.test_messages import told


def entry(info: object = None, **params: object) -> dict[str, object]:
    """A model list of one entry."""
    given = {"model": "openai/x", "api_key": "k", **params}
    return {"model_list": [{"model_name": "a", "litellm_params": given, "model_info": info or {}}]}


PARAM, INFO = "model_list[0].litellm_params", "model_list[0].model_info"


@pytest.mark.parametrize(
    ("configuration", "words"),
    [
        (
            entry(input_cost_per_token="abc"),
            f"{PARAM}.input_cost_per_token: expected a number from 0 such as 1.5e-06, found a text",
        ),
        (
            entry({"output_cost_per_token": -1}),
            f"{INFO}.output_cost_per_token: expected a number from 0 such as 1.5e-06, found the number -1",
        ),
        (
            entry({"max_imput_tokens": 3}),
            f"{INFO}.max_imput_tokens is not read by LiteLLM; did you mean 'max_input_tokens'?",
        ),
        (
            entry({"suports_vision": True}),
            f"{INFO}.suports_vision is not read by LiteLLM; did you mean 'supports_vision'?",
        ),
        (
            entry({"max_input_tokens": "abc"}),
            f"{INFO}.max_input_tokens: expected a whole number from 1, found the text 'abc'",
        ),
        (
            entry(model="openia/gpt-4o"),
            f"{PARAM}.model: LiteLLM knows no provider 'openia'; did you mean 'openai'?",
        ),
        (
            entry(api_key="${OPENAI_API_KEY}"),
            f"{PARAM}.api_key: a variable is named as in a shell, and not looked up; write os.environ/OPENAI_API_KEY",
        ),
        (
            {"openai": {"base_url": "$MY_ADDRESS", "api_key": "k"}},
            "openai.base_url: a variable is named as in a shell, and not looked up; write os.environ/MY_ADDRESS",
        ),
        (
            {"router_settings": {"redis_host": "h", "redis_port": "abc"}},
            "router_settings.redis_port: expected a whole number from 1 to 65535 or a text, found the text 'abc'",
        ),
        (
            {"router_settings": {"num_retries": "os.environ/WORD"}},
            "router_settings.num_retries: the environment variable WORD: expected a whole number from 0, "
            "found the text 'abc'",
        ),
        (
            entry(rpm="os.environ/WORD"),
            f"{PARAM}.rpm: the environment variable WORD: expected a whole number from 1, found the text 'abc'",
        ),
        (
            {"provider": "auto", "openai": {"api_key": "k", "organization": "os.environ/MINE"}},
            "openai.organization refers to the environment variable MINE, which is not set",
        ),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_key(configuration: dict[str, object], words: str) -> None:
    """Each is one problem, with its key and how to mend it."""
    assert told(configuration, WORD="abc") == [words]


def test_two_deployments_of_one_id() -> None:
    """An id that two entries have is told with both places: LiteLLM would keep one of them."""
    one = {"litellm_params": {"model": "openai/x", "api_key": "k"}, "model_info": {"id": "same"}}

    assert told({"model_list": [{"model_name": "a", **one}, {"model_name": "b", **one}]}) == [
        "model_list[1].model_info.id: 'same' is the id of model_list[0].model_info.id already; choose another"
    ]


@pytest.mark.parametrize(
    "configuration",
    [
        entry({"owner": "us", "note": 3, "team": "a"}),
        entry(model="mine/gpt-4o"),
        entry(model="openia/gpt-4o", custom_llm_provider="openai"),
        entry(input_cost_per_token="1e-6", search_context_cost_per_query={"low": 1}),
        entry(api_key="$ecret"),
        {"router_settings": {"redis_host": "h", "redis_port": "6379"}},
        {"router_settings": {"num_retries": "os.environ/THREE", "disable_cooldowns": "os.environ/YES"}},
        {"provider": "auto", "openai": {"api_key": "os.environ/NOT_SET", "organization": "os.environ/NOT_SET_EITHER"}},
    ],
)
def test_what_is_right_is_taken(configuration: dict[str, object]) -> None:
    """Notes of one's own, providers that a program registers, and numbers written as texts are no mistakes."""
    assert told(configuration, THREE="3", YES="true") == []


def test_numbers_from_variables_are_numbers() -> None:
    """What a deployment gets is of the type that LiteLLM expects."""
    environ = {"RPM": "60\n", "PRICE": "1e-6", "SWITCH": "False"}
    params = {"rpm": "os.environ/RPM", "input_cost_per_token": "os.environ/PRICE", "drop_params": "os.environ/SWITCH"}
    settings = load_settings(entry({"output_cost_per_token": "2e-6"}, **params), environ=environ)

    deployment = resolve_chain(settings, environ=environ).groups[0].deployments[0]

    assert {name: deployment.params[name] for name in params} == {
        "rpm": 60,
        "input_cost_per_token": 1e-6,
        "drop_params": False,
    }
    assert deployment.info["output_cost_per_token"] == 2e-6


def test_a_section_whose_key_is_not_set_is_left_out_with_a_note() -> None:
    """`auto` goes on without it, and says why where the variable is one's own."""
    settings = load_settings({"provider": "auto", "openai": {"api_key": "os.environ/MY_KEY"}}, environ={})
    usual = load_settings({"provider": "auto", "openai": {"api_key": "os.environ/OPENAI_API_KEY"}}, environ={})

    chains = [resolve_chain(each, environ={}, ollama_answers=lambda _: False) for each in (settings, usual)]

    assert [chain.unasked_mock for chain in chains] == [True, True]
    assert chains[0].notes == (
        "openai is left out: openai.api_key refers to the environment variable MY_KEY, which is not set",
    )
    assert chains[1].notes == ()


def test_the_tables_are_litellms() -> None:
    """No provider of the installed LiteLLM, and nothing its `model_info` has, is missing here."""
    from gmn_llm.routing.quiet import litellm

    known = {str(getattr(name, "value", name)) for name in litellm.provider_list}
    types = litellm.types
    info = set(types.utils.ModelInfoBase.__annotations__) | set(types.router.ModelInfo.model_fields)

    assert known <= LITELLM_PROVIDERS | {"gmn_mock", "custom"}
    assert {name for name in info if not is_price(name)} - MODEL_INFO == {"search_context_cost_per_query"}


def test_an_unusable_number_is_no_error_of_pydantics() -> None:
    """A price that is none is refused by us, on loading."""
    with pytest.raises(ConfigError, match="input_cost_per_token"):
        load_settings(entry(input_cost_per_token="abc"), environ={})
