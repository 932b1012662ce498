"""What the caller's constraints changed of what was asked for, told by code: a model mostly keeps it to itself.

Two things show it: sizes that the words name and the constraints do not allow, and a draft that broke a constraint
and had to be mended.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from gmn_llm.findings import Finding
from gmn_llm.gmn.list_form import COUNTS

if TYPE_CHECKING:
    from gmn_llm.generation.task import Task

__all__ = ["overruled"]

Object = Mapping[str, object]
PARTS: Final[Mapping[str, str]] = {
    "max_states": "state", "num_states": "state", "min_states": "state", "max_states_per_factor": "state",
    "max_actions": "action", "num_actions": "action", "min_actions": "action",
    "max_observations": "observation", "num_observations": "observation",
}  # fmt: skip
"""What the constraints on sizes count."""
BOARD: Final = re.compile(r"\b(\d{1,4})\s*(?:x|\xd7|\*|by)\s*(\d{1,4})\b")
WORDS: Final = """
two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen
twenty
"""
NUMBERS: Final = {word: number for number, word in enumerate(WORDS.split(), start=2)}
NOUNS: Final[Mapping[str, str]] = {
    "state": "states? cells? rooms? positions? locations? places? squares? tiles? levels? sites? floors? regimes?",
    "action": "actions? moves? choices options",
    "observation": "observations? outcomes?",
}
NUMBER: Final = rf"(\d{{1,5}}|{'|'.join(NUMBERS)})[ -](?:(?:hidden|possible|different|discrete) )?"
COUNTED: Final = {part: re.compile(rf"\b{NUMBER}(?:{'|'.join(nouns.split())})\b") for part, nouns in NOUNS.items()}
HINT: Final = "loosen the constraint where the description is meant as it says"


def overruled(task: Task, document: Object, *, before: Object | None = None) -> Iterator[Finding]:
    """Yield what a document has otherwise than asked for, because a constraint does not allow it.

    Args:
        task: What was asked for.
        document: What came of it; where its writer told in its metadata what a constraint won, that is enough.
        before: The first draft that broke a constraint, where one did.
    """
    metadata = document.get("metadata")
    if isinstance(metadata, Mapping) and metadata.get("constraint_won"):
        return
    for name, part in PARTS.items():
        limit = task.constraints.get(name)
        if not isinstance(limit, int):
            continue
        has, had = _total(document, part), _total(before, part) if before is not None else 0
        demand = f"({name} = {limit})"
        said, size = _said(task.description, part)
        if name.startswith(("max", "num")) and size > limit:
            yield Finding(
                "constraint-won", "", f"constraint won: {has} {part}s where the words say {said} {demand}", HINT
            )
        elif before is not None and had != has and not _allows(name, limit, had):
            yield Finding("constraint-won", "", f"constraint won: {has} {part}s instead of {had} {demand}", HINT)


def _allows(name: str, limit: int, size: int) -> bool:
    return size <= limit if name.startswith("max") else size >= limit if name.startswith("min") else size == limit


def _total(document: Object | None, part: str) -> int:
    """Return the sum of the sizes of all nodes of a type."""
    nodes = document.get("nodes") if document is not None else None
    total = 0
    for node in nodes if isinstance(nodes, list) else ():
        properties = node.get("properties") if isinstance(node, Mapping) and node.get("type") == part else None
        size = properties.get(COUNTS[part]) if isinstance(properties, Mapping) else None
        total += int(size) if isinstance(size, int | float) else 0
    return total


def _said(text: str, part: str) -> tuple[str, int]:
    """Return the largest size that words name for a part, as they name it, and as a number; 0 where they name none."""
    small = text.casefold()
    found = [(each[0], _number(each[1])) for each in COUNTED[part].finditer(small)]
    if part == "state":
        found += [(each[0], int(each[1]) * int(each[2])) for each in BOARD.finditer(small)]
    return max(found, key=lambda each: each[1], default=("", 0))


def _number(word: str) -> int:
    return NUMBERS[word] if word in NUMBERS else int(word)
