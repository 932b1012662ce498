"""The rules of a draft: from lists of pairs to the notation's own form, and what is left where names mean nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from gmn_llm.generation.draft_numbers import number
from gmn_llm.generation.pieces import squashed

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Rule", "index_or_label", "looked_at", "meaningful", "objects", "place_of", "words", "written"]

Rule = dict[str, Mapping[str, object]]


def objects(value: object) -> list[Mapping[str, object]]:
    """Return the objects in a list, or nothing where there is no list."""
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def words(value: object) -> list[str]:
    """Return the words and whole numbers in a list as words, blanks left out."""
    given = value if isinstance(value, list) else []
    return [str(item) for item in given if isinstance(item, str | int) and str(item).strip()]


def index_or_label(text: str) -> int | str:
    """Return digits as the index they stand for, anything else as the label it is."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else text


def place_of(text: str, labels: Sequence[str]) -> int | str:
    """Return the index of a value, by its label, by a label in other letters, or by digits; else the text itself."""
    if text in labels:
        return labels.index(text)
    alike = [k for k, label in enumerate(labels) if squashed(label) == squashed(text)] if squashed(text) else []
    return alike[0] if len(alike) == 1 else index_or_label(text)


def written(rules: object, names: Mapping[str, str]) -> list[Rule]:
    """Return rules in the notation's form: free keys in place of lists of pairs.

    Args:
        rules: A draft's rules.
        names: What the draft calls factors and actions -> the ids of their nodes.
    """
    return [
        {
            "when": {
                _id(part.get("name"), names): [index_or_label(value) for value in words(part.get("values"))]
                for part in objects(rule.get("when"))
                if words(part.get("values"))
            },
            "then": {
                str(part.get("value")): number(part.get("probability"), 0.0) for part in objects(rule.get("then"))
            },
        }
        for rule in objects(rules)
    ]


def _id(name: object, names: Mapping[str, str]) -> str:
    plain = re.sub(r"[^A-Za-z0-9_]+", "_", str(name)).strip("_")
    return names.get(str(name), plain or "unknown")


def looked_at(rules: Iterable[Rule]) -> list[str]:
    """Return the ids that the rules look at, in order, each once."""
    return list(dict.fromkeys(name for rule in rules for name in rule["when"]))


def meaningful(
    rules: Sequence[Rule], *, parts: Mapping[str, tuple[int, Sequence[str]]], target: tuple[int, Sequence[str]]
) -> tuple[list[Rule], int]:
    """Return the rules that name only what is there, rescaled to 1 at most, and how many had to be changed.

    Args:
        rules: Rules in the notation's form.
        parts: Id of a factor or action -> its size and its labels.
        target: The size and the labels of what a rule leads to.
    """
    kept: list[Rule] = []
    changed = 0
    for rule in rules:
        there = {label: max(number(share, 0.0), 0.0) for label, share in rule["then"].items() if _leads(label, target)}
        if not there or not all(_has(parts.get(part), values) for part, values in rule["when"].items()):
            changed += 1
            continue
        total = max(1.0, sum(there.values()))
        then = {label: share / total for label, share in there.items()}
        changed += then != rule["then"]
        kept.append({"when": rule["when"], "then": then})
    return kept, changed


def _leads(label: str, target: tuple[int, Sequence[str]]) -> bool:
    size, labels = target
    index = index_or_label(label)
    return label in labels or (isinstance(index, int) and index < size and str(index) == label)


def _has(part: tuple[int, Sequence[str]] | None, values: object) -> bool:
    if part is None or not isinstance(values, list):
        return False
    size, labels = part
    return all(value in labels or (isinstance(value, int) and value < size) for value in values)
