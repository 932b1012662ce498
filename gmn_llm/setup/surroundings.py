"""What there is to ask on this machine: keys in the environment, addresses, and an Ollama server with its models."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from gmn_llm.config import Deployment, environment_of, load_settings, ollama_answers
from gmn_llm.config.addresses import address_fault
from gmn_llm.config.keys import key_fault
from gmn_llm.config.names import BASE_URL_VARIABLES, DEFAULT_MODELS, KEY_VARIABLES
from gmn_llm.config.resolve import VARIABLE
from gmn_llm.config.sections import ollama_url
from gmn_llm.errors import ConfigError, LLMError
from gmn_llm.listing import served_models

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

__all__ = ["OTHERS", "Ollama", "Surroundings", "looked", "writer_of"]

SECONDS: Final = 1.0
"""The most that Ollama's list of models may take."""
OTHERS: Final[Mapping[str, tuple[str, str]]] = {
    "gemini": ("GEMINI_API_KEY", "gemini/gemini-flash-latest"),
    "mistral": ("MISTRAL_API_KEY", "mistral/mistral-small-latest"),
    "groq": ("GROQ_API_KEY", "groq/openai/gpt-oss-120b"),
    "deepseek": ("DEEPSEEK_API_KEY", "deepseek/deepseek-v4-flash"),
    "xai": ("XAI_API_KEY", "xai/grok-4.3"),
    "cerebras": ("CEREBRAS_API_KEY", "cerebras/gpt-oss-120b"),
}
"""Providers without a section of their own that a key alone is enough for: the variable that LiteLLM reads, and a model
of its map; a test holds them against the LiteLLM that is installed."""
NO_WRITERS: Final = ("embed", "minilm", "bge-", "rerank")
"""Parts of the names of models in Ollama's library that make vectors and no text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ollama:
    """A server that answers.

    Attributes:
        url: Its address.
        models: What is pulled.
    """

    url: str
    models: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What was found; variables by their names, never with their values.

    Attributes:
        keys: A provider, or one of ``OTHERS``, to the variable with its key.
        addresses: A provider to the variable with its address.
        faults: A variable that is set and can't be used to the reason, in words.
        ollama: The server, or None where none answers.
        named: What ``LLM_PROVIDER`` names; empty where it is not set.
        has_env_file: Whether there is a file ``.env`` that no configuration has asked for.
    """

    keys: Mapping[str, str] = field(default_factory=dict)
    addresses: Mapping[str, str] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)
    ollama: Ollama | None = None
    named: str = ""
    has_env_file: bool = False

    @property
    def answering(self) -> tuple[str, ...]:
        """Who can be asked, first the one that ``LLM_PROVIDER`` names, then in the order of detection."""
        there = [name for name in KEY_VARIABLES if name in self.keys]
        if "openai" not in there and "openai" in self.addresses:
            there.insert(0, "openai")  # a server of one's own needs no key
        if self.ollama is not None and writer_of(self.ollama.models) is not None:
            there.append("ollama")
        there += [name for name in OTHERS if name in self.keys]
        return tuple(sorted(there, key=lambda name: name != self.named))


async def looked(folder: Path, environ: Mapping[str, str] | None = None) -> Surroundings:
    """Return what there is, within a second and a half; no provider but an Ollama server is asked for anything.

    Args:
        folder: Where the configuration is to be.
        environ: The environment, ``os.environ`` unless given.

    Raises:
        ConfigError: ``GMN_LLM_ENV_FILE`` names a file that can't be read.
    """
    settings = load_settings({}, environ=environ)
    seen = environment_of(settings, environ)
    faults: dict[str, str] = {}
    keys = {name: variable for name, variable in _variables().items() if _is_sound(seen, variable, faults, key=True)}
    addresses = {
        name: variable
        for name in ("openai", "anthropic")
        for variable in reversed(BASE_URL_VARIABLES[name])
        if _is_sound(seen, variable, faults, key=False)
    }
    ollama = None
    try:
        ollama = await _ollama(ollama_url(settings, seen))
    except ConfigError as error:
        faults[next(name for name in BASE_URL_VARIABLES["ollama"] if seen.get(name, "").strip())] = str(error)
    return Surroundings(
        keys=keys,
        addresses=addresses,
        faults=faults,
        ollama=ollama,
        named=seen.get(VARIABLE, ""),
        has_env_file=not settings.added_variables and (folder / ".env").is_file(),
    )


def writer_of(models: Sequence[str]) -> str | None:
    """Return the model to take of those that are pulled: the usual one, else the first that writes text."""
    writers = [name for name in models if not any(part in name.lower() for part in NO_WRITERS)]
    usual = DEFAULT_MODELS["ollama"]
    return next((name for name in writers if name.partition(":")[0] == usual), next(iter(writers), None))


def _variables() -> Mapping[str, str]:
    return {**KEY_VARIABLES, **{name: variable for name, (variable, _) in OTHERS.items()}}


def _is_sound(seen: Mapping[str, str], variable: str, faults: dict[str, str], *, key: bool) -> bool:
    """Return whether a variable is set to something that can be used; what can't be is noted with its reason."""
    value = seen.get(variable)
    if not value:
        return False
    fault = key_fault(value) if key else address_fault(value)
    if fault is not None:
        faults[variable] = fault
    return fault is None


async def _ollama(url: str) -> Ollama | None:
    if not await asyncio.to_thread(ollama_answers, url):
        return None
    server = Deployment(id="ollama", provider="ollama_chat", model="ollama_chat/any", params={"api_base": url})
    try:
        models = await served_models(server, seconds=SECONDS)
    except LLMError:
        # It is there, which is what counts; its section then says how to pull a model.
        models = None
    return Ollama(url=url, models=tuple(models or ()))
