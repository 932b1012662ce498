"""Options that several commands have, with what a shell proposes for them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["AgentType", "Constraints", "Json", "Output", "ProviderName", "agent_types", "constraint_names", "providers"]


def agent_types(incomplete: str) -> list[str]:
    """Return the agent types that begin as what was typed."""
    from gmn_llm.prompts import AGENT_TYPES  # only a shell that asks needs it

    return [name for name in AGENT_TYPES if name.startswith(incomplete)]


def constraint_names(incomplete: str) -> list[str]:
    """Return the constraints that begin as what was typed, each up to its value."""
    from gmn_llm.gmn.constraints import KNOWN  # only a shell that asks needs it

    return [f"{name}=" for name in KNOWN if name.startswith(incomplete)]


def providers(incomplete: str) -> list[str]:
    """Return the providers and model groups that begin as what was typed; the built-in ones if nothing can be read."""
    from gmn_llm.config import load_settings  # only a shell that asks needs it
    from gmn_llm.config.names import PROVIDERS
    from gmn_llm.errors import ConfigError

    try:
        names = [*PROVIDERS, *load_settings().group_names]
    except ConfigError:
        names = list(PROVIDERS)
    return [name for name in dict.fromkeys(names) if name.startswith(incomplete)]


AgentType = Annotated[
    str,
    typer.Option(
        "--agent-type",
        help="Kind of agent: general, explorer, trader, coordinator, analyst, creative, planner, guardian.",
        metavar="TYPE",
        autocompletion=agent_types,
    ),
]
Constraints = Annotated[
    list[str] | None,
    typer.Option(
        "--constraint",
        help="A demand on the document, e.g. max_states=10; may be repeated.",
        metavar="NAME=VALUE",
        autocompletion=constraint_names,
    ),
]
ProviderName = Annotated[
    str | None,
    typer.Option("--provider", help="Ask this provider alone.", metavar="NAME", autocompletion=providers),
]
Output = Annotated[
    Path | None,
    typer.Option("-o", "--output", help="File to write, whole or not at all; - is standard output.", metavar="FILE"),
]
Json = Annotated[bool, typer.Option("--json", help="Write JSON.")]
