"""The configuration as one frozen value, in both of its shapes: sections and LiteLLM's own ``model_list``."""

from __future__ import annotations

from collections.abc import Mapping  # pydantic reads it
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from gmn_llm.config.quantities import Bytes, Seconds  # pydantic reads them

__all__ = [
    "AnthropicSection",
    "CacheSettings",
    "GMNSettings",
    "MockSection",
    "ModelEntry",
    "OllamaSection",
    "OpenAISection",
    "ProviderSection",
    "Section",
    "Settings",
    "StructuredOutput",
]

StructuredOutput = Literal["json_schema", "json_object", "prompt"]
Ratio = Annotated[float, Field(ge=0, le=1)]
Temperature = Annotated[float, Field(ge=0, le=2)]
Count = Annotated[int, Field(ge=0)]
Positive = Annotated[int, Field(gt=0)]


class Section(BaseModel):
    """Base of all parts: frozen, no unknown keys, and no value of the input in an error's text."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, allow_inf_nan=False, protected_namespaces=()
    )


class ProviderSection(Section):
    """What all sections of a real provider share.

    The fields named in ``ROUTER_FIELDS`` steer the routing; those in ``HANDLED_FIELDS`` are renamed on their
    way; all others go to the provider as they are.
    """

    ROUTER_FIELDS: ClassVar[frozenset[str]] = frozenset({"timeout", "rpm", "tpm", "max_parallel_requests"})
    HANDLED_FIELDS: ClassVar[frozenset[str]] = frozenset({
        "model", "api_key", "base_url", "max_retries", "extra_headers", "structured_output", "context_window",
        "params",
    })  # fmt: skip

    model: str | None = Field(default=None, min_length=1, description="The provider's name of the model.")
    api_key: SecretStr | None = Field(default=None, description="A literal, or os.environ/NAME.")
    base_url: str | None = Field(default=None, min_length=1, description="Address of the server.")
    temperature: Temperature | None = None
    max_tokens: Positive | None = Field(default=None, description="The most tokens of one answer.")
    timeout: Seconds | None = Field(default=None, description="The most seconds one attempt here gets.")
    max_retries: Count | None = Field(default=None, description="Retries where no fallback is left.")
    rpm: Positive | None = Field(default=None, description="Requests a minute.")
    tpm: Positive | None = Field(default=None, description="Tokens a minute.")
    max_parallel_requests: Positive | None = None
    context_window: Positive | None = Field(default=None, description="Tokens of prompt and answer the model can hold.")
    extra_headers: Mapping[str, SecretStr] = Field(default_factory=dict)
    structured_output: StructuredOutput | None = Field(
        default=None, description="How the model can be held to a schema; found out where nothing is said."
    )
    top_p: Ratio | None = None
    seed: int | None = None
    stop: str | tuple[str, ...] | None = None
    params: Mapping[str, object] = Field(
        default_factory=dict,
        repr=False,
        description="Further parameters, passed on to the provider unchecked.",
    )


class OpenAISection(ProviderSection):
    """OpenAI, and every server that speaks its protocol (``base_url``)."""

    organization: str | None = None
    frequency_penalty: Annotated[float, Field(ge=-2, le=2)] | None = None
    presence_penalty: Annotated[float, Field(ge=-2, le=2)] | None = None
    max_completion_tokens: Positive | None = None
    logit_bias: Mapping[str, float] | None = None
    parallel_tool_calls: bool | None = None
    prompt_cache_key: str | None = None
    reasoning_effort: str | None = None
    safety_identifier: str | None = None
    service_tier: str | None = None
    store: bool | None = None
    user: str | None = None
    verbosity: str | None = None
    api_version: str | None = None


class AnthropicSection(ProviderSection):
    """Anthropic's Messages API."""

    top_k: Positive | None = None
    thinking: Mapping[str, object] | None = None
    reasoning_effort: str | None = None
    service_tier: str | None = None


class OllamaSection(ProviderSection):
    """An Ollama server; its options keep Ollama's own names."""

    num_ctx: Positive | None = Field(
        default=None, description="Context window; widened where prompt and answer need it."
    )
    num_gpu: int | None = Field(default=None, ge=-1, description="Layers on the GPU, -1 for all.")
    num_predict: int | None = Field(default=None, ge=-2, description="The most tokens of one answer.")
    num_batch: Positive | None = None
    num_thread: Positive | None = None
    keep_alive: int | str | None = Field(default=None, description="How long the model stays loaded, e.g. 5m or -1.")
    main_gpu: Count | None = None
    min_p: Ratio | None = None
    mirostat: Literal[0, 1, 2] | None = None
    mirostat_eta: float | None = None
    mirostat_tau: float | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    repeat_last_n: int | None = None
    repeat_penalty: float | None = None
    reasoning_effort: str | None = None
    tfs_z: float | None = None
    top_k: Positive | None = None
    typical_p: Ratio | None = None


class MockSection(Section):
    """The deterministic stand-in."""

    delay: Annotated[float, Field(ge=0, description="Seconds before each answer.")] = 0.0
    error_rate: Annotated[float, Field(ge=0, le=1, description="Share of calls that fail.")] = 0.0
    replies: tuple[str | Mapping[str, object], ...] = Field(
        default=(), description="Answers, or errors, given first and in turn."
    )


class CacheSettings(Section):
    """Where answers are kept, for how long, and how many bytes of them."""

    dir: str | None = Field(default=None, min_length=1)
    ttl: Seconds = 30 * 86400.0
    size_limit: Bytes = 1024**3
    redis_url: SecretStr | None = None


class GMNSettings(Section):
    """Defaults of a generation."""

    temperature: Temperature = 0.3
    max_tokens: Positive = 4000
    max_repairs: Count = 2
    max_cost: Annotated[float, Field(gt=0, description="US dollars one generation may cost.")] | None = None


class ModelEntry(Section):
    """One deployment in LiteLLM's own format; the keys of ``litellm_params`` are checked on loading."""

    model_name: str = Field(min_length=1)
    litellm_params: Mapping[str, object] = Field(repr=False)
    model_info: Mapping[str, object] = Field(default_factory=dict)
    structured_output: StructuredOutput | None = None


class Settings(Section):
    """The whole configuration.

    Made by ``load_settings``, which adds the checks that need a table or the environment. ``provider`` is
    None where the configuration does not name one; ``LLM_PROVIDER`` and detection have their say later.
    """

    provider: str | None = Field(default=None, min_length=1, description="auto, a section, or a model_name.")
    openai: OpenAISection | None = None
    anthropic: AnthropicSection | None = None
    ollama: OllamaSection | None = None
    mock: MockSection = MockSection()
    fallbacks: tuple[str, ...] = ()
    model_list: tuple[ModelEntry, ...] = ()
    router_settings: Mapping[str, object] = Field(
        default_factory=dict, repr=False, description="Keyword arguments of LiteLLM's Router."
    )
    cache: CacheSettings = CacheSettings()
    gmn: GMNSettings = GMNSettings()
    limits: Mapping[str, Positive] = Field(default_factory=dict)

    @property
    def group_names(self) -> tuple[str, ...]:
        """The ``model_name``s of ``model_list``, each once, in order."""
        return tuple(dict.fromkeys(entry.model_name for entry in self.model_list))
