"""Parameters of a call that are not a model's: they would reach past the configuration, or break the accounting.

What LiteLLM takes for itself is read from LiteLLM, so that a name it adds is refused as well; what is left is the
provider's business, known to LiteLLM or not.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.util import find_spec
from typing import Final

from gmn_llm.config.near import near
from gmn_llm.errors import InputError
from gmn_llm.findings import quote
from gmn_llm.routing.quiet import litellm

__all__ = ["CONTROL", "refuse_reserved"]

OURS: Final = frozenset({"model", "messages", "stream", "stream_options", "metadata", "response_format", "n"})
"""What the package says itself."""
TRANSPORT: Final = frozenset({
    "api_base", "api_key", "api_version", "base_url", "default_headers", "default_query", "deployment_id",
    "extra_headers", "headers", "http_client", "max_retries", "organization", "request_timeout", "timeout",
})  # fmt: skip
"""Where a request goes and how, which LiteLLM lists among the parameters of a chat."""
ROUTERS: Final = frozenset({
    "additional_drop_params", "allowed_fails", "allowed_fails_policy", "applied_guardrails", "azure_endpoint",
    "cache_responses", "call_type", "callbacks", "config", "content_policy_fallbacks", "context_window_fallbacks",
    "custom_llm_provider", "default_fallbacks", "default_litellm_params", "disable_cooldowns", "disable_fallbacks",
    "drop_params", "engine", "failure_callback", "fallback_model_group", "follow_redirects", "gigachat_access_token",
    "gigachat_auth_url", "include_fallback_errors", "initial_prompt_value", "input", "input_callback", "kwargs",
    "logging_obj", "model_group", "model_group_alias", "model_group_retry_policy", "model_id", "optional_params",
    "original_function", "passthrough_on_no_deployment", "priority", "prompt", "routing_groups",
    "routing_strategy_args", "service_callback", "session_id", "specific_deployment", "standard_logging_object",
    "success_callback", "user_config",
})  # fmt: skip
"""What the Router and the proxy take out of a call and LiteLLM lists nowhere."""
CONTROL: Final = frozenset(
    {*OURS, *TRANSPORT, *ROUTERS, *litellm.types.utils.all_litellm_params}
    | set(litellm.types.router.LiteLLM_Params.model_fields)
    | set(litellm.types.router.GenericLiteLLMParams.model_fields)
)
"""Every name that steers LiteLLM and never reaches a provider."""
STEERING: Final = ("mock_", "litellm_", "gmn_", "_", "user_api_key")
"""Beginnings of further such names."""
TOOLS: Final = frozenset({"tools", "tool_choice", "functions", "function_call"})
BODY: Final = "extra_body"
"""Where a provider's own fields stand that LiteLLM does not know; they replace those of the same name."""

SECTION: Final = "`{}` of the provider's section says it, in the configuration"
INSTEAD: Final[Mapping[str, str]] = {
    "timeout": "the call's `timeout=` says it",
    "request_timeout": "the call's `timeout=` says it",
    "force_timeout": "the call's `timeout=` says it",
    "stream": "`factory.stream(...)` streams",
    "messages": "they are the call's first argument",
    "model": "the configuration says which; `provider_type=` takes another of its providers",
    "custom_llm_provider": "the configuration says which; `provider_type=` takes another of its providers",
    "specific_deployment": "`provider_type=` takes one of the configuration's providers",
    "deployment_id": "`provider_type=` takes one of the configuration's providers",
    "fallbacks": "`fallbacks` of the configuration says it; `provider_type=` forces one provider",
    "disable_fallbacks": "`provider_type=` forces one provider",
    "cache": "`use_cache=` of `generate_gmn` says it, and `cache` of the configuration",
    "caching": "`use_cache=` of `generate_gmn` says it, and `cache` of the configuration",
    "ttl": "`cache.ttl` of the configuration says it",
    "response_format": "`generate_gmn` asks for a document; other shapes are a matter of the prompt",
    "metadata": "what is meant for the provider goes into `extra_body`",
    "tags": "what is meant for the provider goes into `extra_body`",
    "n": "one call has one answer; make several calls",
    "num_retries": SECTION.format("max_retries"),
    "retry_policy": SECTION.format("max_retries"),
    "api_base": SECTION.format("base_url"),
    "azure_endpoint": SECTION.format("base_url"),
    "headers": SECTION.format("extra_headers"),
    "default_headers": SECTION.format("extra_headers"),
    "drop_params": "what a model does not take is left out by itself",
    "mock_response": "the provider `mock` answers without a model",
    **{
        name: SECTION.format(name)
        for name in ("api_key", "base_url", "extra_headers", "max_retries", "organization", "rpm", "tpm")
    },
}
"""What to do, where something is to be done."""
ARGUMENTS: Final = ("temperature", "max_tokens", "stop_sequences", "provider_type", "timeout", "top_p", "seed", BODY)


def refuse_reserved(params: Mapping[str, object]) -> None:
    """Refuse a call's own parameters that no provider is meant to get, or that can't be sent to any.

    Raises:
        InputError: There is one; the message names it, and the hint says what to do instead.
    """
    for name in sorted(params):
        if name in CONTROL or name.startswith(STEERING):
            raise InputError(f"{name} can't be set as a model's parameter{_near(name)}", hint=_hint(name))
        if name in TOOLS and find_spec("mcp") is None:
            raise InputError(
                f"{name} needs the part of LiteLLM that is not installed here", hint="pip install 'litellm[proxy]'"
            )
        _refuse_unsendable(name, params[name])
    body = params.get(BODY)
    if body is None:
        return
    if not isinstance(body, Mapping):
        raise InputError(f"{BODY} is {quote(body)}", hint="an object of the provider's own fields")
    for name in sorted(OURS - {"metadata"} & set(map(str, body))):
        raise InputError(f"{BODY}.{name} can't be set as a model's parameter", hint=_hint(name))


def _refuse_unsendable(name: str, value: object) -> None:
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise InputError(f"{name} can't be sent: {quote(value)} is no JSON", hint="texts, numbers, lists") from error


def _hint(name: str) -> str:
    if name in INSTEAD:
        return INSTEAD[name]
    if name in OURS or name.startswith(STEERING):
        return ""
    return "it is LiteLLM's own; `litellm_params` of a `model_list` can say it, in the configuration"


def _near(name: str) -> str:
    return "" if name in INSTEAD else near(name, ARGUMENTS)
