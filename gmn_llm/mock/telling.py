"""All that a sentence names value by value; it is read before all that knows things by their names."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from gmn_llm.mock import told_clauses, told_lists
from gmn_llm.mock.told import CHANGES, INSTRUMENTS, LEVELS, WHERES, Told

if TYPE_CHECKING:
    from gmn_llm.mock.tokens import Text
    from gmn_llm.mock.told import Named

__all__ = ["WORDS", "read_told"]

WORDS: Final = told_lists.WORDS | told_clauses.WORDS | INSTRUMENTS | LEVELS | WHERES | CHANGES


def read_told(text: Text) -> Told:
    """Return what the sentence names value by value, and claim it."""
    told = Told()
    for reader in (*told_lists.READERS, *told_clauses.READERS):
        reader(text, told)
    told.senses = _apart(told)
    return told


def _apart(told: Told) -> list[Named]:
    """Return the senses, each with a name that nothing else has."""
    taken = {part.name for part in told.parts}
    senses: list[Named] = []
    for sense in told.senses:
        name, count = sense.name, 2
        while name in taken:
            name, count = f"{sense.name}_{count}", count + 1
        taken.add(name)
        senses.append(replace(sense, name=name))
    return senses
