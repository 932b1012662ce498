"""How much a model group can hold, and which groups can hold more: where a prompt goes that was too long."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gmn_llm.routing.quiet import litellm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gmn_llm.config.chain import Deployment, Group

__all__ = ["longer", "may_hold_more", "window_of"]


def window_of(group: Group) -> int | None:
    """Return the tokens of prompt that the roomiest deployment of ``group`` takes, or None where nobody said."""
    known = [size for size in map(_size, group.deployments) if size is not None]
    return max(known) if len(known) == len(group.deployments) else None


def longer(group: Group, others: Sequence[Group]) -> list[str]:
    """Return the names of those of ``others`` that may hold what ``group`` could not, the next longer first.

    A group of the same size or less is left out. One whose size nobody knows stands at the end; where the size of
    ``group`` itself is not known, all stay in their order.
    """
    own = window_of(group)
    if own is None:
        return [other.name for other in others]
    sized = [(window_of(other), other.name) for other in others]
    fitting = sorted((size, place, name) for place, (size, name) in enumerate(sized) if size is not None and size > own)
    return [*(name for _, _, name in fitting), *(name for size, name in sized if size is None)]


def may_hold_more(deployment: Deployment, *, than: Deployment) -> bool:
    """Return whether ``deployment`` may take a prompt that was too long for another; where nobody said, it may."""
    size, full = _size(deployment), _size(than)
    return size is None or full is None or size > full


def _size(deployment: Deployment) -> int | None:
    mapped = litellm.model_cost.get(deployment.model) or litellm.model_cost.get(deployment.model.split("/", 1)[-1])
    said = (deployment.context_window, deployment.info.get("max_input_tokens"), (mapped or {}).get("max_input_tokens"))
    return next((size for size in said if isinstance(size, int)), None)
