"""A configuration tried out: what only LiteLLM's Router can tell of it, before anybody relies on it."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from gmn_llm.config import named_groups, spare_groups
from gmn_llm.routing.known import is_known, refuse_unknown
from gmn_llm.routing.router import build_router, discard

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gmn_llm.config import Settings

__all__ = ["try_out"]


def try_out(settings: Settings, *, environ: Mapping[str, str] | None = None) -> None:
    """Make a Router for every group that could be asked, and let go of it; nobody is called.

    Args:
        settings: The configuration.
        environ: The environment, ``os.environ`` unless given.

    Raises:
        ConfigError: The Router refuses something, or a group that is to answer has a model of which LiteLLM does not
            know whom to ask; the message names it.
    """
    groups = spare_groups(settings, environ=environ)
    named = named_groups(settings, environ=environ)
    refuse_unknown(group for group in groups if group.name in named)
    known = [group for group in groups if is_known(group)]
    chain = [group.name for group in known if group.name in named] or [group.name for group in known[:1]]
    if chain:
        mark = secrets.token_hex(4)
        discard(
            build_router(
                known,
                chain=chain,
                settings=settings,
                router_id=lambda deployment: f"{deployment.id}@{mark}",
                model_name=lambda deployment: deployment.model,
            )
        )
