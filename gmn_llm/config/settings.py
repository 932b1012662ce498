"""The configuration as one frozen value, in both of its shapes: sections and LiteLLM's own ``model_list``."""

from __future__ import annotations

from collections.abc import Mapping  # pydantic reads it
from typing import Annotated, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, SecretStr, StrictBool

from gmn_llm.config.quantities import (  # pydantic reads them
    Amount,
    Bytes,
    Count,
    Factor,
    Integer,
    KeepAlive,
    Penalty,
    Positive,
    Price,
    Ratio,
    Seconds,
    Temperature,
    Whole,
)

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
Layers = Annotated[int, Field(ge=-1), Whole]
Tokens = Annotated[int, Field(ge=-2), Whole]


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
        "params", "vision",
    })  # fmt: skip

    model: str | None = Field(default=None, min_length=1, description="The provider's name of the model.")
    api_key: SecretStr | None = Field(
        default=None, min_length=1, description="A literal, or os.environ/NAME for the variable NAME."
    )
    base_url: str | None = Field(default=None, min_length=1, description="Address of the server.")
    temperature: Temperature | None = Field(default=None, description="Sampling temperature.")
    max_tokens: Positive | None = Field(default=None, description="The most tokens of one answer.")
    timeout: Seconds | None = Field(default=None, description="The most seconds one attempt here gets.")
    max_retries: Count | None = Field(default=None, description="Retries where no fallback is left.")
    rpm: Positive | None = Field(default=None, description="Requests a minute.")
    tpm: Positive | None = Field(default=None, description="Tokens a minute.")
    max_parallel_requests: Positive | None = Field(default=None, description="Requests at the same time.")
    context_window: Positive | None = Field(default=None, description="Tokens of prompt and answer the model can hold.")
    extra_headers: Mapping[str, SecretStr] = Field(
        default_factory=dict, description="Headers sent with each request; os.environ/NAME is read here too."
    )
    structured_output: StructuredOutput | None = Field(
        default=None, description="How the model can be held to a schema; found out where nothing is said."
    )
    vision: StrictBool | None = Field(
        default=None, description="Whether the model can look at pictures; found out where nothing is said."
    )
    top_p: Ratio | None = Field(default=None, description="Share of the probability that sampling is limited to.")
    seed: Integer | None = Field(default=None, description="Seed of the sampling, where the provider has one.")
    stop: str | tuple[str, ...] | None = Field(default=None, description="Text, or texts, at which the model stops.")
    params: Mapping[str, object] = Field(
        default_factory=dict,
        repr=False,
        description="Further parameters, passed on to the provider unchecked.",
    )


class OpenAISection(ProviderSection):
    """OpenAI, and every server that speaks its protocol (``base_url``)."""

    organization: str | None = Field(default=None, description="Organization the requests are billed to.")
    frequency_penalty: Penalty | None = Field(default=None, description="Against words used often.")
    presence_penalty: Penalty | None = Field(default=None, description="Against words used at all.")
    max_completion_tokens: Positive | None = Field(
        default=None, description="The most tokens of one answer, those of reasoning included."
    )
    logit_bias: Mapping[str, Factor] | None = Field(default=None, description="Token number to bias, -100 to 100.")
    parallel_tool_calls: StrictBool | None = Field(default=None, description="Whether tools may be called at once.")
    prompt_cache_key: str | None = Field(default=None, description="Groups requests for the provider's prompt cache.")
    reasoning_effort: str | None = Field(default=None, description="How long a reasoning model thinks, e.g. low.")
    safety_identifier: str | None = Field(default=None, description="A stable, anonymous name of the end user.")
    service_tier: str | None = Field(default=None, description="Service tier, e.g. flex.")
    store: StrictBool | None = Field(default=None, description="Whether the provider keeps the answer.")
    user: str | None = Field(default=None, description="Older name of safety_identifier.")
    verbosity: str | None = Field(default=None, description="How long answers are, e.g. low.")
    api_version: str | None = Field(default=None, description="Version of the interface, where the server wants one.")


class AnthropicSection(ProviderSection):
    """Anthropic's Messages API."""

    top_k: Positive | None = Field(default=None, description="Number of tokens that sampling is limited to.")
    thinking: Mapping[str, object] | None = Field(default=None, description="Extended thinking, as the API takes it.")
    reasoning_effort: str | None = Field(default=None, description="How long the model thinks, e.g. low.")
    service_tier: str | None = Field(default=None, description="Service tier, e.g. standard_only.")


class OllamaSection(ProviderSection):
    """An Ollama server; its options keep Ollama's own names."""

    num_ctx: Positive | None = Field(
        default=None, description="Context window; widened where prompt and answer need it."
    )
    num_gpu: Layers | None = Field(default=None, description="Layers on the GPU, -1 for all.")
    num_predict: Tokens | None = Field(default=None, description="The most tokens of one answer; -1 for no limit.")
    num_batch: Positive | None = Field(default=None, description="Tokens of the prompt read in one go.")
    num_thread: Positive | None = Field(default=None, description="Threads of the processor.")
    keep_alive: KeepAlive | None = Field(
        default=None, description="How long the model stays loaded: seconds, or 1h30m; -1 for ever."
    )
    main_gpu: Count | None = Field(default=None, description="The GPU that small tensors are kept on.")
    min_p: Ratio | None = Field(default=None, description="Least probability of a token, relative to the likeliest.")
    mirostat: Annotated[Literal[0, 1, 2], Whole] | None = Field(
        default=None, description="Mirostat sampling; 0 is off."
    )
    mirostat_eta: Factor | None = Field(default=None, description="How fast Mirostat reacts.")
    mirostat_tau: Factor | None = Field(default=None, description="The surprise Mirostat aims at.")
    presence_penalty: Factor | None = Field(default=None, description="Against words used at all.")
    frequency_penalty: Factor | None = Field(default=None, description="Against words used often.")
    repeat_last_n: Integer | None = Field(default=None, description="Tokens looked back at for repetitions.")
    repeat_penalty: Factor | None = Field(default=None, description="Against repetitions; 1 is none.")
    reasoning_effort: str | None = Field(default=None, description="How long a reasoning model thinks, e.g. low.")
    tfs_z: Factor | None = Field(default=None, description="Tail-free sampling; 1 is off.")
    top_k: Positive | None = Field(default=None, description="Number of tokens that sampling is limited to.")
    typical_p: Ratio | None = Field(default=None, description="Typical sampling; 1 is off.")


class MockSection(Section):
    """The deterministic stand-in."""

    delay: Amount = Field(default=0.0, description="Seconds before each answer.")
    error_rate: Ratio = Field(default=0.0, description="Share of calls that fail.")
    replies: tuple[str | Mapping[str, object], ...] = Field(
        default=(), description="Answers, or errors, given first and in turn."
    )


class CacheSettings(Section):
    """Where answers are kept, for how long, and how many bytes of them."""

    dir: str | None = Field(default=None, min_length=1, description="Folder; the user's cache folder otherwise.")
    ttl: Seconds = Field(default=30 * 86400.0, description="How long an answer is kept.")
    size_limit: Bytes = Field(default=1024**3, description="Bytes above which the oldest answers go.")
    redis_url: SecretStr | None = Field(
        default=None, min_length=1, description="Address of a Redis server to keep them in, or os.environ/NAME."
    )
    share_failures: bool = Field(
        default=False,
        strict=True,
        description="Whether callers that wait for another's answer get its failure; each tries itself otherwise.",
    )


class GMNSettings(Section):
    """Defaults of a generation."""

    temperature: Temperature = Field(default=0.3, description="Sampling temperature.")
    max_tokens: Positive = Field(default=4000, description="The most tokens of one answer.")
    max_repairs: Count = Field(default=2, description="How often a model is shown what is wrong with its draft.")
    max_cost: Price | None = Field(default=None, description="US dollars one generation may cost.")
    max_total_tokens: Positive | None = Field(
        default=None, description="Tokens, read and written, that one generation may take over all its answers."
    )
    max_example_tokens: Count = Field(
        default=3000, description="The most tokens that the examples of a generation take together."
    )


class ModelEntry(Section):
    """One deployment in LiteLLM's own format; the keys of ``litellm_params`` are checked on loading."""

    model_name: str = Field(min_length=1, description="The group it belongs to; its deployments share the load.")
    litellm_params: Mapping[str, object] = Field(repr=False, description="LiteLLM's parameters; model is needed.")
    model_info: Mapping[str, object] = Field(
        default_factory=dict, description="LiteLLM's model_info: id, max_input_tokens, ..."
    )
    structured_output: StructuredOutput | None = Field(
        default=None, description="How the model can be held to a schema; found out where nothing is said."
    )


class Settings(Section):
    """The whole configuration.

    Made by ``load_settings``, which adds the checks that need a table or the environment. ``provider`` is
    None where the configuration does not name one; ``LLM_PROVIDER`` and detection have their say later.
    """

    provider: str | None = Field(default=None, min_length=1, description="auto, a section, or a model_name.")
    openai: OpenAISection | None = Field(default=None, description="OpenAI, or a server that speaks its protocol.")
    anthropic: AnthropicSection | None = Field(default=None, description="Anthropic.")
    ollama: OllamaSection | None = Field(default=None, description="Ollama.")
    mock: MockSection = Field(default=MockSection(), description="The offline designer.")
    fallbacks: tuple[str, ...] = Field(default=(), description="Who is asked when the first fails, in order.")
    model_list: tuple[ModelEntry, ...] = Field(default=(), description="Deployments in LiteLLM's own format.")
    router_settings: Mapping[str, object] = Field(
        default_factory=dict, repr=False, description="Keyword arguments of LiteLLM's Router."
    )
    cache: CacheSettings = Field(default=CacheSettings(), description="Where answers are kept.")
    gmn: GMNSettings = Field(default=GMNSettings(), description="Defaults of a generation.")
    limits: Mapping[str, Positive] = Field(default_factory=dict, description="What is too large.")
    env_file: str | None = Field(
        default=None, min_length=1, description="File of NAME=value lines, read beside the environment; from here."
    )

    _added: Mapping[str, str] = PrivateAttr(default_factory=dict)

    @property
    def group_names(self) -> tuple[str, ...]:
        """The ``model_name``s of ``model_list``, each once, in order."""
        return tuple(dict.fromkeys(entry.model_name for entry in self.model_list))

    @property
    def aliases(self) -> Mapping[str, str]:
        """The further names that ``router_settings.model_group_alias`` gives, each with the group it stands for."""
        given = self.router_settings.get("model_group_alias")
        pairs = given.items() if isinstance(given, Mapping) else ()
        named = {alias: part.get("model") if isinstance(part, Mapping) else part for alias, part in pairs}
        return {alias: target for alias, target in named.items() if isinstance(target, str)}

    def group_of(self, name: str) -> str:
        """Return the group that a name stands for: itself, unless it is an alias."""
        return self.aliases.get(name, name)

    @property
    def added_variables(self) -> Mapping[str, str]:
        """The variables of the env file that was asked for; none of them is shown by ``repr``."""
        return self._added

    def with_variables(self, added: Mapping[str, str]) -> Self:
        """Return the same settings that see further variables beside the environment."""
        changed = self.model_copy()
        changed._added = dict(added)  # noqa: SLF001 - its own class
        return changed
