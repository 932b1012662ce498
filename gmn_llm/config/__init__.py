"""What is configured: one typed value, from a file or the environment, and the chain that follows from it.

Nothing here imports LiteLLM or opens a file that was not named or found at its known place.
"""

from __future__ import annotations

from gmn_llm.config.chain import Chain, Deployment, Group
from gmn_llm.config.environment import environment_of
from gmn_llm.config.load import find_source, load_settings
from gmn_llm.config.resolve import lacking, named_groups, ollama_answers, resolve_chain, spare_groups
from gmn_llm.config.settings import Settings
from gmn_llm.config.sharing import shared_redis
from gmn_llm.config.source import ConfigSource, Given

__all__ = [
    "Chain",
    "ConfigSource",
    "Deployment",
    "Given",
    "Group",
    "Settings",
    "environment_of",
    "find_source",
    "lacking",
    "load_settings",
    "named_groups",
    "ollama_answers",
    "resolve_chain",
    "shared_redis",
    "spare_groups",
]
