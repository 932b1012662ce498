"""Tables of names: defaults, environment variables, and the keys LiteLLM knows.

Taken from LiteLLM 1.106.2 (``Router.get_valid_args``, ``LiteLLM_Params``, ``OPENAI_CHAT_COMPLETION_PARAMS``,
the parameters its provider classes document); a test holds them against the LiteLLM that is installed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gmn_llm.config.quantities import KEEP_ALIVE

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "ADDRESS",
    "BASE_URL_VARIABLES",
    "DEFAULT_MODELS",
    "KEY_VARIABLES",
    "LIMITS",
    "LITELLM_PARAMS",
    "LITELLM_PARAM_SHAPES",
    "MODEL_INFO_SHAPES",
    "OLLAMA_URL",
    "POLICY_SHAPES",
    "PRE_CALL_CHECKS",
    "PRICE_PREFIXES",
    "PRICE_SHAPE",
    "PROVIDERS",
    "REDIS_ADDRESS",
    "ROUTER_SETTINGS",
    "ROUTER_SETTING_SHAPES",
    "STRATEGIES",
    "STRATEGY_ARGUMENTS",
    "is_litellm_param",
    "is_price",
]

PROVIDERS = ("openai", "anthropic", "ollama", "mock")
"""The providers with a section of their own, in the order of detection."""

DEFAULT_MODELS = {
    "openai": "gpt-4.1-mini",
    "anthropic": "claude-haiku-4-5",
    "ollama": "llama3.2",
    "mock": "designer",
}
KEY_VARIABLES = {"openai": "OPENAI_API_KEY", "anthropic": "ANTHROPIC_API_KEY"}
# The names LiteLLM and the vendors' own libraries read, in their order.
BASE_URL_VARIABLES = {
    "openai": ("OPENAI_BASE_URL", "OPENAI_API_BASE"),
    "anthropic": ("ANTHROPIC_API_BASE", "ANTHROPIC_BASE_URL"),
    "ollama": ("OLLAMA_API_BASE", "OLLAMA_HOST"),
}
OLLAMA_URL = "http://localhost:11434"

ROUTER_SETTINGS = frozenset(
    """
    alerting_config allowed_fails allowed_fails_policy assistants_config auto_router_capability_limit
    background_health_check_model_groups cache_kwargs cache_responses caching_groups client_ttl
    content_policy_fallbacks context_window_fallbacks cooldown_time debug_level default_fallbacks
    default_litellm_params default_max_parallel_requests default_priority deployment_affinity_ttl_seconds
    disable_cooldowns enable_health_check_routing enable_pre_call_checks enable_tag_filtering
    enable_weighted_failover fallback_access_check fallback_budget_check fallbacks guardrail_list
    health_check_ignore_transient_errors health_check_staleness_threshold ignore_invalid_deployments
    max_fallbacks model_group_affinity_config model_group_alias model_group_retry_policy num_retries
    optional_pre_call_checks plugins polling_interval provider_budget_config redis_db redis_host
    redis_password redis_port redis_url retry_after retry_policy router_general_settings routing_groups
    routing_strategy routing_strategy_args search_tools set_verbose stream_timeout tag_filtering_match_any
    tag_routing_prefix timeout
""".split()  # noqa: SIM905 - a table of names reads best as words
)
"""``Router``'s keyword arguments, without ``model_list``."""

LITELLM_PARAMS = frozenset(
    """
    adaptive_router_config adaptive_router_default_model allow_client_keepalive_override allowed_model_region
    allowed_openai_params anthropic_disable_workload_identity_federation anthropic_federation_rule_id
    anthropic_federation_workspace_id anthropic_identity_source anthropic_identity_token
    anthropic_identity_token_file anthropic_issuer_audience anthropic_issuer_signing_key_ref
    anthropic_issuer_subject anthropic_issuer_ttl_seconds anthropic_issuer_url anthropic_keycloak_auth_method
    anthropic_keycloak_client_id anthropic_keycloak_client_secret_ref anthropic_keycloak_scope
    anthropic_keycloak_token_url anthropic_organization_id anthropic_service_account_id api_base api_key
    api_version audio auto_router_config auto_router_config_path auto_router_default_model
    auto_router_embedding_model auto_router_max_input_chars auto_router_model_compression
    auto_router_routing_compression aws_access_key_id aws_batch_role_arn aws_bedrock_project_id
    aws_bedrock_runtime_endpoint aws_external_id aws_profile_name aws_region_name aws_role_name
    aws_secret_access_key aws_session_name aws_session_tags aws_session_token aws_sts_endpoint
    aws_web_identity_token azure_ad_token azure_ad_token_provider azure_password azure_scope azure_username
    base_model base_url bedrock_tags bos_token bucket_name budget_duration client_id client_secret
    complexity_router_config complexity_router_default_model configurable_clientside_auth_params cooldown_time
    custom_llm_provider custom_prompt_dict default_api_key_rpm_limit default_api_key_tpm_limit default_headers
    deployment_id drop_params enable_prompt_caching ensure_alternating_roles eos_token extra_body
    extra_headers extra_query final_prompt_value fireworks_forward_user_id format frequency_penalty
    function_call functions gcs_bucket_name gcs_path_service_account headers hf_model_name
    include_server_side_tool_invocations initial_prompt_value itpm keep_alive keepalive_seconds
    litellm_credential_name litellm_system_prompt litellm_trace_id logit_bias logprobs main_gpu max_budget
    max_completion_tokens max_file_size_mb max_output_tokens max_parallel_requests max_retries max_tokens
    merge_reasoning_content_in_choices metadata milvus_db_name milvus_partition_names milvus_text_field min_p
    mirostat mirostat_eta mirostat_tau mock_response mock_timeout modalities model model_info n num_batch
    num_ctx num_gpu num_gqa num_predict num_retries num_thread openai_identity_provider_id
    openai_identity_token_file openai_service_account_id order organization otpm output_vector_size
    parallel_tool_calls prediction presence_penalty project prompt_cache_key prompt_cache_retention
    provider_affinity_header quality_router_config quality_router_default_model reasoning_effort region_name
    regional_endpoint_uplift_multiplier regional_processing_uplift_multiplier_eu
    regional_processing_uplift_multiplier_us repeat_last_n repeat_penalty request_timeout response_format
    response_mime_type retry_policy roles rpm s3_access_key_id s3_bucket_name s3_bucket_owner
    s3_encryption_key_id s3_endpoint_url s3_output_bucket_name s3_region_name s3_secret_access_key
    safety_identifier safety_settings seed service_tier silent_model space_id ssl_verify stop stop_sequences
    store stream stream_chunk_size stream_options stream_timeout stream_timeout_by_service_tier
    supports_system_message system tag_regex tags temperature template tenant_id text_completion tfs_z think
    thinking tiered_pricing timeout timeout_by_service_tier tool_choice tools top_k top_logprobs top_p tpm
    turn_off_message_logging typical_p use_chat_completions_api use_in_pass_through use_litellm_proxy
    use_xai_oauth user valkey_embedding_field valkey_host valkey_password valkey_port valkey_ssl
    valkey_text_field vector_store_id verbosity vertex_ai_credentials vertex_ai_location vertex_ai_project
    vertex_credentials vertex_location vertex_project watsonx_region_name web_search_options weight
""".split()  # noqa: SIM905 - a table of names reads best as words
)
"""Keys of ``litellm_params``; what else a provider takes goes under ``extra_body``."""

PRICE_PREFIXES = (
    "annotation_cost_", "cache_creation_input_", "cache_read_input_", "citation_cost_", "cost_per_",
    "google_maps_grounding_cost_", "input_cost_", "ocr_cost_", "output_cost_", "search_context_cost_",
)  # fmt: skip

PRICE_SHAPE: Mapping[str, object] = {"type": "number", "minimum": 0, "examples": ["1.5e-06"]}
"""What a price takes; the few that are no number by themselves are mappings or lists."""
ANY_COUNT = {"type": "integer", "minimum": 0}
ABOVE_NOTHING = {"type": "number", "exclusiveMinimum": 0}
POSITIVE = {"type": "integer", "exclusiveMinimum": 0}
SWITCH = {"type": "boolean"}
NAME = {"type": "string", "minLength": 1}
# A scheme may be written in any case; whether host and port can be is found on loading.
ADDRESS = {"type": "string", "pattern": r"^(\s*[hH][tT][tT][pP][sS]?://|os\.environ/)."}
REDIS_ADDRESS = {"type": "string", "pattern": r"^(\s*([rR][eE][dD][iI][sS]{1,2}|[uU][nN][iI][xX])://|os\.environ/)."}

RETRIED = """
    AuthenticationError BadRequestError ContentPolicyViolationError InternalServerError NotFoundError RateLimitError
    ServiceUnavailableError TimeoutError
""".split()  # noqa: SIM905 - a table of names reads best as words
POLICY_SHAPES: Mapping[str, Mapping[str, object]] = {
    "retry_policy": {
        "type": "object",
        "properties": {**{f"{name}Retries": ANY_COUNT for name in RETRIED}, "DefaultRetries": ANY_COUNT},
        "additionalProperties": False,
    },
    "allowed_fails_policy": {
        "type": "object",
        "properties": {f"{name}AllowedFails": ANY_COUNT for name in (*RETRIED, "BadGatewayError")},
        "additionalProperties": False,
    },
}
"""LiteLLM's ``RetryPolicy`` and ``AllowedFailsPolicy``, which take any name without a word."""

PRE_CALL_CHECKS = (
    "deployment_affinity", "encrypted_content_affinity", "enforce_model_rate_limits",
    "forward_client_headers_by_model_group", "prompt_caching", "responses_api_deployment_check",
    "router_budget_limiting", "session_affinity",
)  # fmt: skip
STRATEGIES = (
    "simple-shuffle", "least-busy", "usage-based-routing", "usage-based-routing-v2", "latency-based-routing",
    "cost-based-routing",
)  # fmt: skip
BUDGET = {"type": "object", "additionalProperties": False, "properties": {
    "budget_limit": {"type": "number", "minimum": 0}, "max_budget": {"type": "number", "minimum": 0},
    "time_period": NAME, "budget_duration": NAME, "tpm_limit": ANY_COUNT, "rpm_limit": ANY_COUNT,
}}  # fmt: skip
STRATEGY_ARGUMENTS: Mapping[str, Mapping[str, Mapping[str, object]]] = {
    "latency-based-routing": {
        "lowest_latency_buffer": {"type": "number", "minimum": 0},
        "max_latency_list_size": POSITIVE,
        "ttft_percentile": {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
        "ttl": ABOVE_NOTHING,
    },
    "usage-based-routing": {"ttl": POSITIVE},
    "usage-based-routing-v2": {"ttl": POSITIVE},
}
"""What ``routing_strategy_args`` may hold for a strategy that reads some; the others read none."""

ROUTER_SETTING_SHAPES: Mapping[str, Mapping[str, object]] = {
    "allowed_fails": ANY_COUNT,
    "cooldown_time": {"type": "number", "minimum": 0},
    "allowed_fails_policy": POLICY_SHAPES["allowed_fails_policy"],
    "default_fallbacks": {"type": "array", "items": {"type": "string"}},
    "default_max_parallel_requests": {"type": "integer", "exclusiveMinimum": 0},
    "disable_cooldowns": SWITCH,
    "enable_pre_call_checks": SWITCH,
    "enable_weighted_failover": SWITCH,
    "max_fallbacks": ANY_COUNT,
    "model_group_alias": {"type": "object", "additionalProperties": {"anyOf": [
        NAME,
        {"type": "object", "properties": {"model": NAME, "hidden": SWITCH}, "required": ["model"],
         "additionalProperties": False},
    ]}},
    "model_group_retry_policy": {"type": "object", "additionalProperties": POLICY_SHAPES["retry_policy"]},
    "num_retries": ANY_COUNT,
    "plugins": {"type": "array"},
    "provider_budget_config": {"type": "object", "additionalProperties": BUDGET},
    "optional_pre_call_checks": {"type": "array", "items": {"enum": list(PRE_CALL_CHECKS)}},
    "default_litellm_params": {"type": "object"},
    "router_general_settings": {"type": "object"},
    "routing_groups": {"type": "array", "items": {
        "type": "object",
        "properties": {
            "group_name": NAME,
            "models": {"type": "array", "items": NAME},
            "routing_strategy": {"enum": [*STRATEGIES, "priority"]},
            "routing_strategy_args": {
                "type": "object", "properties": STRATEGY_ARGUMENTS["latency-based-routing"],
                "additionalProperties": False,
            },
            "model_priorities": {"type": "object", "additionalProperties": POSITIVE},
        },
        "required": ["group_name", "models", "routing_strategy"],
        "additionalProperties": False,
    }},
    "redis_host": {"type": "string"},
    "redis_port": {"anyOf": [
        {"type": "integer", "minimum": 1, "maximum": 65535},
        {"type": "string", "pattern": r"^([0-9]{1,5}$|os\.environ/.)"},
    ]},
    "redis_url": REDIS_ADDRESS,
    "retry_after": ANY_COUNT,
    "retry_policy": POLICY_SHAPES["retry_policy"],
    "routing_strategy": {"enum": list(STRATEGIES)},
    "routing_strategy_args": {
        "type": "object", "properties": STRATEGY_ARGUMENTS["latency-based-routing"], "additionalProperties": False,
    },
    "stream_timeout": ABOVE_NOTHING,
    "timeout": ABOVE_NOTHING,
}  # fmt: skip
"""What plain Router settings take; the Router itself takes any value and fails, or not, much later."""

LITELLM_PARAM_SHAPES: Mapping[str, Mapping[str, object]] = {
    "api_base": ADDRESS,
    "api_key": {"type": "string", "minLength": 1},
    "api_version": {"type": "string"},
    "base_url": ADDRESS,
    "custom_llm_provider": {"type": "string"},
    "drop_params": SWITCH,
    "extra_body": {"type": "object"},
    "extra_headers": {"type": "object"},
    "keep_alive": KEEP_ALIVE,
    "max_parallel_requests": POSITIVE,
    "max_retries": ANY_COUNT,
    "max_tokens": POSITIVE,
    "model": {"type": "string", "minLength": 1, "examples": ["openai/gpt-4o"]},
    "num_ctx": POSITIVE,
    "num_gpu": {"type": "integer"},
    "num_predict": {"type": "integer"},
    "num_retries": ANY_COUNT,
    "order": {"type": "integer"},
    "organization": {"type": "string"},
    "retry_policy": POLICY_SHAPES["retry_policy"],
    "rpm": POSITIVE,
    "seed": {"type": "integer"},
    "stop": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]},
    "stream_timeout": ABOVE_NOTHING,
    "temperature": {"type": "number", "minimum": 0},
    "timeout": ABOVE_NOTHING,
    "top_p": {"type": "number", "minimum": 0},
    "tpm": POSITIVE,
    "weight": {"type": "number", "minimum": 0},
}
"""What plain parameters of a deployment take."""

MODEL_INFO_SHAPES: Mapping[str, Mapping[str, object]] = {
    "allowed_fails": ANY_COUNT,
    "allowed_fails_policy": POLICY_SHAPES["allowed_fails_policy"],
    "cooldown_time": {"type": "number", "minimum": 0},
    "max_input_tokens": POSITIVE,
    "max_output_tokens": POSITIVE,
    "max_tokens": POSITIVE,
    "rpm": POSITIVE,
    "supports_vision": SWITCH,
    "tpm": POSITIVE,
}
"""What LiteLLM, or this package, reads of ``model_info``; what else is there is free."""

LIMITS = {
    "answer_bytes": "A model's answer, in bytes.",
    "document_bytes": "A document handed in, in bytes.",
    "string_bytes": "One string, in bytes.",
    "nesting": "Levels of lists and objects.",
    "nodes": "Nodes of a document.",
    "edges": "Edges of a document.",
    "states": "States of one factor, outcomes of one modality, choices of one action.",
    "numbers": "Numbers of all arrays together once expanded.",
    "policies": "Policies: the product of the controls' sizes to the power of policy_len.",
    "pictures": "Pictures and diagrams of one call.",
    "picture_bytes": "One picture, in bytes.",
    "picture_side": "A picture's longer side, in pixels.",
}
"""The limits of the notation, which ``limits:`` may change."""


def is_price(name: str) -> bool:
    """Return whether ``name`` is a price that is one number, among the parameters of a deployment or in its info."""
    return name.startswith(PRICE_PREFIXES) and not name.startswith("search_context_cost_")


def is_litellm_param(name: str) -> bool:
    """Return whether LiteLLM knows ``name`` as a key of ``litellm_params``."""
    return name in LITELLM_PARAMS or name.startswith(PRICE_PREFIXES)
