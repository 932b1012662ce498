"""Pairs of the built-in designer: prompts of a seeded generator, and the documents it makes of them."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from gmn_llm.dataset.drafting import draft_of
from gmn_llm.dataset.pairs import Pair
from gmn_llm.dataset.phrasing import described
from gmn_llm.generation.draft import compiled
from gmn_llm.gmn import GMNSpec
from gmn_llm.mock import design

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["synthetic"]


def synthetic(tries: int, *, seed: int = 0) -> Iterator[Pair]:
    """Yield a pair for each of ``tries`` descriptions that the designer understood to the last word.

    The documents are those of the designer's drafts, in which a goal is told by the places wanted most and least; the
    same seed gives the same pairs.

    Args:
        tries: How many descriptions are drawn.
        seed: Another one draws others.
    """
    rng = Random(seed)  # noqa: S311  # nothing here is a secret
    for _ in range(tries):
        prompt, agent_type = described(rng)
        spec = GMNSpec.parse(design(prompt, agent_type=agent_type))
        if spec.metadata:
            continue  # something was left unread, or had to be assumed: no example to learn from
        draft = draft_of(spec, exact=False)
        if draft is not None:
            yield Pair(prompt=prompt, agent_type=agent_type, document=compiled(draft))
