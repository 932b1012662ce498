"""From words to models of agents that run: GMN documents written by any language model, checked and repaired.

The names below are loaded when they are first used, so that ``import gmn_llm`` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from gmn_llm._version import __version__

if TYPE_CHECKING:
    from gmn_llm.blocking import generate
    from gmn_llm.config import Settings
    from gmn_llm.errors import (
        AllProvidersFailedError,
        AuthenticationError,
        ConfigError,
        ContentFilterError,
        ContextLengthError,
        GMNValidationError,
        InputError,
        LLMError,
        ProviderTimeoutError,
        ProviderUnavailableError,
        RateLimitError,
    )
    from gmn_llm.factory import LLMProviderFactory, create_llm_factory
    from gmn_llm.findings import Finding, Severity, Validation
    from gmn_llm.generation.events import GMNEvent
    from gmn_llm.gmn import GMNSpec, validate_gmn
    from gmn_llm.messages import Attempt, LLMMessage, LLMResponse, LLMRole, ProviderType, Usage
    from gmn_llm.provenance import Provenance
    from gmn_llm.provider import Provider

_HOMES = {
    "gmn_llm.blocking": ("generate",),
    "gmn_llm.config": ("Settings",),
    "gmn_llm.errors": (
        "AllProvidersFailedError", "AuthenticationError", "ConfigError", "ContentFilterError", "ContextLengthError",
        "GMNValidationError", "InputError", "LLMError", "ProviderTimeoutError", "ProviderUnavailableError",
        "RateLimitError",
    ),
    "gmn_llm.factory": ("LLMProviderFactory", "create_llm_factory"),
    "gmn_llm.findings": ("Finding", "Severity", "Validation"),
    "gmn_llm.generation.events": ("GMNEvent",),
    "gmn_llm.gmn": ("GMNSpec", "validate_gmn"),
    "gmn_llm.messages": ("Attempt", "LLMMessage", "LLMResponse", "LLMRole", "ProviderType", "Usage"),
    "gmn_llm.provenance": ("Provenance",),
    "gmn_llm.provider": ("Provider",),
}  # fmt: skip
_HOME = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "AllProvidersFailedError",
    "Attempt",
    "AuthenticationError",
    "ConfigError",
    "ContentFilterError",
    "ContextLengthError",
    "Finding",
    "GMNEvent",
    "GMNSpec",
    "GMNValidationError",
    "InputError",
    "LLMError",
    "LLMMessage",
    "LLMProviderFactory",
    "LLMResponse",
    "LLMRole",
    "Provenance",
    "Provider",
    "ProviderTimeoutError",
    "ProviderType",
    "ProviderUnavailableError",
    "RateLimitError",
    "Settings",
    "Severity",
    "Usage",
    "Validation",
    "__version__",
    "create_llm_factory",
    "generate",
    "validate_gmn",
]


def __getattr__(name: str) -> object:
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module 'gmn_llm' has no attribute {name!r}")
    value = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
