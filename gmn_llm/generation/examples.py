"""Which examples a model is shown: the few that have most to do with the description, within a budget of tokens."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["MOST_EXAMPLES", "chosen", "tokens_of"]

MOST_EXAMPLES: Final = 3
TOKEN: Final = re.compile(r"[A-Za-z]{1,6}|[0-9]{1,3}|[^\w\s]{1,2}|\S")
"""Finds 1.04 to 1.57 times the tokens of cl100k_base in the project's own documents, expanded arrays included."""
WORD: Final = re.compile(r"[^\W_]+")
ALIKE: Final = 4
"""Words count as one when they begin with the same letters, so that ``explore`` meets ``explorer``."""


def chosen(examples: Sequence[Mapping[str, object]], description: str, *, budget: int) -> list[Mapping[str, object]]:
    """Return at most three examples, in the order they were given, whose tokens together fit the budget.

    Those that share the most words with the description come first, weighted by how rare a word is among the examples;
    of two that share as much the shorter one. One that does not fit is passed over for the next.

    Args:
        examples: Documents.
        description: What is asked for.
        budget: Tokens for all of them, by ``tokens_of``.
    """
    sizes = [tokens_of(example) for example in examples]
    if len(examples) <= MOST_EXAMPLES and sum(sizes) <= budget:
        return list(examples)
    wanted = frozenset(_words(description))
    said = [frozenset(_words(" ".join(_texts(example)))) for example in examples]
    shared = [sum(1 / sum(word in other for other in said) for word in wanted & words) for words in said]
    taken: list[int] = []
    for k in sorted(range(len(examples)), key=lambda k: (-shared[k], sizes[k], k)):
        if len(taken) < MOST_EXAMPLES and sizes[k] <= budget:
            taken.append(k)
            budget -= sizes[k]
    return [examples[k] for k in sorted(taken)]


def tokens_of(document: Mapping[str, object]) -> int:
    """Return about how many tokens a model reads for a document as compact JSON; rather too many than too few."""
    return len(TOKEN.findall(json.dumps(document, ensure_ascii=False, separators=(",", ":"))))


def _words(text: str) -> Iterator[str]:
    for word in WORD.findall(text.casefold()):
        yield word if word.isdigit() else word[:ALIKE]


def _texts(value: object, depth: int = 0) -> Iterator[str]:
    """Yield names, descriptions and labels: every text in the document, numbers of rows and columns included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict) and depth < 8:
        for key, inner in value.items():
            if key in ("rows", "cols", "num_states", "num_actions"):
                yield str(inner)
            yield from _texts(inner, depth + 1)
    elif isinstance(value, list) and depth < 8 and not (value and isinstance(value[0], int | float | list)):
        for inner in value:
            yield from _texts(inner, depth + 1)
