"""Which parameters of a call go to the provider, and which are none of a call's business."""

from __future__ import annotations

import pytest

from gmn_llm.errors import InputError
from gmn_llm.routing.quiet import litellm
from gmn_llm.routing.reserved import CONTROL, INSTEAD, TOOLS, refuse_reserved
from tests.routing.conftest import Build, request, section
from tests.wire.client import WireServer

REACHING = (
    "api_base", "azure", "base_url", "cache", "callbacks", "client", "deployment_id", "drop_params", "extra_headers",
    "fallbacks", "guardrails", "headers", "litellm_metadata", "max_fallbacks", "metadata", "mock_response",
    "mock_testing_fallbacks", "model_info", "num_retries", "rpm", "specific_deployment", "ssl_verify", "tpm", "ttl",
    "_litellm_anything", "user_api_key_dict",
)  # fmt: skip
"""What would lead a call past the configuration, or LiteLLM astray."""
PROVIDERS = {
    "openai": ("frequency_penalty", "logit_bias", "prompt_cache_key", "seed", "service_tier", "top_logprobs", "user"),
    "anthropic": ("thinking", "top_k", "top_p"),
    "ollama": ("keep_alive", "min_p", "mirostat", "num_ctx", "num_predict", "repeat_penalty", "seed", "top_k"),
}
VALUES: dict[str, object] = {
    "frequency_penalty": 0.5, "keep_alive": "5m", "logit_bias": {"50256": -100}, "min_p": 0.1, "prompt_cache_key": "a", "service_tier": "auto",
    "thinking": {"type": "enabled", "budget_tokens": 1024}, "top_p": 0.5, "user": "someone",
}  # fmt: skip
OPENS = [pytest.param(name, param, id=f"{name}-{param}") for name, params in PROVIDERS.items() for param in params]


def found(value: object, name: str) -> bool:
    """Whether a field of this name is in a JSON value, at any depth."""
    if isinstance(value, dict):
        return name in value or any(found(part, name) for part in value.values())
    return isinstance(value, list) and any(found(part, name) for part in value)


@pytest.mark.parametrize("name", sorted({*litellm.types.utils.all_litellm_params, *REACHING, *INSTEAD}))
def test_what_litellm_takes_for_itself_is_refused(name: str) -> None:
    """Each name of LiteLLM's own list is refused before anybody is asked, and the hint says what to do."""
    with pytest.raises(InputError, match="can't be set as a model's parameter") as caught:
        refuse_reserved({name: "x"})

    assert name in str(caught.value)
    assert caught.value.hint or name.startswith(("litellm_", "mock_", "_", "user_api_key"))


@pytest.mark.parametrize("name", sorted({*litellm.constants.OPENAI_CHAT_COMPLETION_PARAMS} - CONTROL - TOOLS))
def test_a_parameter_of_a_chat_is_let_through(name: str) -> None:
    """What OpenAI's protocol has for the model is the caller's to say."""
    assert refuse_reserved({name: 1}) is None


def test_most_parameters_of_a_chat_are_no_controls() -> None:
    """The list of what is refused has not swallowed that of what a model takes."""
    chat = {*litellm.constants.OPENAI_CHAT_COMPLETION_PARAMS} - TOOLS

    assert {"seed", "stop", "top_p", "thinking", "reasoning_effort", "service_tier", "logit_bias"} <= chat - CONTROL
    assert len(chat - CONTROL) >= 20


@pytest.mark.parametrize(("name", "param"), OPENS)
async def test_a_provider_s_own_parameter_travels(wire: WireServer, build: Build, name: str, param: str) -> None:
    """What is the provider's arrives there, known to LiteLLM or not."""
    gateway = build({"provider": name, name: section(wire, name)})
    asked = request(params={param: VALUES.get(param, 2000)}, max_tokens=4000, timeout=30)

    await gateway.complete(asked, group=name, fall_over=True)

    (seen,) = wire.requests()
    assert found(seen.json, param)


async def test_fields_that_nobody_knows_go_into_the_extra_body(wire: WireServer, build: Build) -> None:
    """`extra_body` is merged into the body as it is."""
    gateway = build({"provider": "openai", "openai": section(wire, "openai")})

    await gateway.complete(request(params={"extra_body": {"metadata": {"a": "b"}}}), group="openai", fall_over=True)

    (seen,) = wire.requests()
    assert seen.json["metadata"] == {"a": "b"}


@pytest.mark.parametrize("name", ["messages", "model", "n", "response_format", "stream", "stream_options"])
def test_the_extra_body_replaces_nothing_of_ours(name: str) -> None:
    """Fields of the same name would take the place of the package's."""
    with pytest.raises(InputError, match=f"extra_body.{name} can't be set"):
        refuse_reserved({"extra_body": {name: "x"}})


@pytest.mark.parametrize("value", [object(), {1, 2}, float("nan"), b"x", {"a": object()}])
def test_what_is_no_json_is_no_parameter(value: object) -> None:
    """It can't be sent, and is no fault of a provider's."""
    with pytest.raises(InputError, match="top_k can't be sent"):
        refuse_reserved({"top_k": value})


def test_an_argument_that_is_misspelt_is_named() -> None:
    """Where a refused name is near one of the call's arguments, the message says which."""
    with pytest.raises(InputError, match="did you mean 'provider_type'"):
        refuse_reserved({"litellm_provider_type": "x"})
