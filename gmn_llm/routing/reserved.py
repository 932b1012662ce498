"""Parameters of a call that are not a model's: they would reach past the configuration, or break the accounting."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from gmn_llm.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["refuse_reserved"]

OURS: Final = frozenset({
    "model", "messages", "stream", "stream_options", "metadata", "timeout", "stream_timeout", "response_format", "n",
})  # fmt: skip
"""What the package says itself."""
CONFIGURED: Final = frozenset({
    "api_key", "api_base", "base_url", "api_version", "organization", "custom_llm_provider", "specific_deployment",
    "model_list", "fallbacks", "context_window_fallbacks", "content_policy_fallbacks", "default_fallbacks",
    "disable_fallbacks", "num_retries", "max_retries", "retry_policy", "cooldown_time", "cache", "caching",
    "ttl", "shared_session", "aws_secret_access_key", "vertex_credentials", "azure_ad_token",
})  # fmt: skip
"""What the configuration says: who is asked, with which key, and how often."""
STEERING: Final = ("mock_", "litellm_", "gmn_")
"""Beginnings of what steers LiteLLM and is never sent."""
TOOLS: Final = frozenset({"tools", "tool_choice", "functions", "function_call"})


def refuse_reserved(params: Mapping[str, object]) -> None:
    """Refuse a call's own parameters that no provider is meant to get.

    Raises:
        InputError: There is one; the message names it.
    """
    for name in sorted(params):
        if name in CONFIGURED:
            raise InputError(f"{name} can't be set as a model's parameter", hint="say it in the configuration")
        if name in OURS or name.startswith(STEERING):
            raise InputError(f"{name} can't be set as a model's parameter")
        if name in TOOLS and find_spec("mcp") is None:
            raise InputError(
                f"{name} needs the part of LiteLLM that is not installed here", hint="pip install 'litellm[proxy]'"
            )
