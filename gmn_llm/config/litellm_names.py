"""Two more tables of LiteLLM's names: the providers it knows, and what a ``model_info`` may say.

Taken from LiteLLM 1.106.2 (``provider_list``, ``ModelInfo``); a test holds them against the LiteLLM that is installed.
"""

from __future__ import annotations

__all__ = ["LITELLM_PROVIDERS", "MODEL_INFO"]

LITELLM_PROVIDERS = frozenset(
    """
    a2a a2a_agent ai21 ai21_chat aiml aiohttp_openai amazon_nova anthropic anthropic_text apertis assemblyai
    auto_router aws_polly aws_textract azure azure_ai azure_speech azure_text baseten bedrock bedrock_mantle
    black_forest_labs bytez cerebras charity_engine chatgpt chutes clarifai cloudflare codestral cognition cohere
    cohere_chat cometapi compactifai cortecs cursor custom custom_openai darkbloom dashscope databricks datarobot
    deepgram deepinfra deepseek docker_model_runner dotprompt edenai elevenlabs empower fal_ai featherless_ai
    fireworks_ai friendliai galadriel gdc gemini gigachat github github_copilot gradient_ai groq helicone heroku
    hosted_vllm huggingface humanloop hyperbolic inception infinity jina_ai lambda_ai langflow langfuse langgraph
    lemonade libertai litellm_agent litellm_proxy llamafile lm_studio manus maritalk meta meta_llama milvus minimax
    mistral modelscope mongodb moonshot morph nadir nano-gpt nebius neosantara nlp_cloud novita nscale nvidia_nim
    nvidia_riva oci ollama ollama_chat oobabooga openai openai_like openrouter ovhcloud parasail perplexity petals
    pg_vector pinstripes poe predibase prism publicai qwen_ai_platform qwencloud ragflow recraft reducto reka
    replicate runwayml s3_vectors sagemaker sagemaker_chat sagemaker_nova sail sambanova sap scaleway scx-ai
    snowflake soniox stability strands_decider synthetic tencent tensormesh text-completion-codestral
    text-completion-inception text-completion-openai together_ai topaz transcribe triton typesafe v0 valkey
    vercel_ai_gateway vertex_ai vertex_ai_beta vllm volcengine voyage wandb watsonx watsonx_text xai xiaomi_mimo
    xinference zai
""".split()  # noqa: SIM905 - a table of names reads best as words
)
"""What a model's name may begin with; a program may register more."""

MODEL_INFO = frozenset(
    """
    access_groups access_windows allow_fail_open allowed_fails allowed_fails_policy base_model
    bedrock_converse_supports_strict_tools bedrock_output_config_effort_ceiling blocked cooldown_time created_at
    created_by db_model default_reasoning_effort description disable_background_health_check discoverable
    display_name enable_tag_filtering health_check_model health_check_timeout id internal_router_model key
    litellm_provider max_input_tokens max_output_tokens max_tokens member_auto_router mode off_peak_pricing
    output_vector_size prompt_cache_min_tokens provider_specific_entry ptu_count ptu_effective_from ptu_effective_to
    reasoning_effort_levels regional_endpoint_uplift_multiplier regional_processing_uplift_multiplier_eu
    regional_processing_uplift_multiplier_us rpm search_free_requests supported_audio_formats supported_endpoints
    supported_environments supported_openai_params supports_adaptive_thinking supports_anthropic_compaction
    supports_anthropic_thinking_payload supports_assistant_prefill supports_audio_input supports_audio_output
    supports_box_questions supports_computer_use supports_embedding_image_input supports_function_calling
    supports_image_size supports_legacy_thinking supports_low_reasoning_effort supports_max_reasoning_effort
    supports_mid_conversation_system supports_minimal_reasoning_effort supports_native_streaming
    supports_native_structured_output supports_none_reasoning_effort supports_output_config
    supports_parallel_function_calling supports_pdf_input supports_prompt_cache_breakpoint supports_prompt_caching
    supports_reasoning supports_regex_lookaround supports_response_schema supports_system_messages
    supports_thinking_cache_preservation supports_tool_choice supports_tool_search supports_url_context
    supports_video_input supports_vision supports_web_search supports_xhigh_reasoning_effort team_id
    team_public_model_name thinking_always_on tier tiered_pricing token_count_framing token_count_model
    token_count_tokenizer tpm updated_at updated_by use_openai_responses_path uses_embed_content vertex_ai_audio_api
    web_search_billing_unit
""".split()  # noqa: SIM905 - a table of names reads best as words
)
"""What LiteLLM reads of ``model_info``, prices aside; what else stands there is the reader's own."""
