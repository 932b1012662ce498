"""What a training pair is, and where pairs come from: entries of the cache, lines of a batch."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gmn_llm.batch import lines_of

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["LeftOut", "Pair", "pairs_of_batch", "pairs_of_entries"]

GENERATED = "generate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A prompt and the document that somebody made of it; nothing of it is checked yet.

    Attributes:
        prompt: The words.
        agent_type: The kind of agent.
        constraints: What the document had to meet, besides.
        examples: Documents that went with the prompt.
        document: The document.
    """

    prompt: str
    agent_type: str = "general"
    constraints: Mapping[str, object] = field(default_factory=dict)
    examples: tuple[Mapping[str, object], ...] = ()
    document: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something that was found and is no pair.

    Attributes:
        why: The reason, in a few words; equal for equal reasons.
    """

    why: str


FOREIGN = LeftOut("not an entry of a document")


def pairs_of_entries(entries: Iterable[tuple[str, str]]) -> Iterator[Pair | LeftOut]:
    """Yield a pair for each entry of the cache that is a document made of words.

    Args:
        entries: Key and text, as a store's ``items`` yields them; anybody may have written them.
    """
    for _, text in entries:
        try:
            entry = json.loads(text)
        except (ValueError, RecursionError):
            yield FOREIGN
            continue
        yield _of_entry(entry)


def _of_entry(entry: object) -> Pair | LeftOut:
    arguments = entry.get("arguments") if isinstance(entry, Mapping) else None
    if not isinstance(entry, Mapping) or not isinstance(arguments, Mapping) or "document" not in entry:
        return LeftOut("a plain answer") if isinstance(entry, Mapping) and entry.get("kind") == "answer" else FOREIGN
    if entry.get("kind") != GENERATED:
        return LeftOut("a refinement")
    if "pictures" in arguments or "diagrams" in arguments:
        return LeftOut("made of a drawing")
    return _pair(entry, arguments)


def pairs_of_batch(file: Path) -> Iterator[Pair | LeftOut]:
    """Yield a pair for each line of a batch file (``gmn_llm.batch``) that has a document.

    Raises:
        OSError: The file can't be read.
        InputError: A line is no JSON object.
    """
    for _, line in lines_of(file):
        yield LeftOut("ended with an error") if "error" in line else _pair(line, line)


def _pair(whole: Mapping[str, object], arguments: Mapping[str, object]) -> Pair | LeftOut:
    prompt, document = whole.get("prompt"), whole.get("document")
    agent_type, constraints = arguments.get("agent_type", "general"), arguments.get("constraints") or {}
    examples = _objects(arguments.get("examples") or [])
    if not isinstance(prompt, str) or not prompt.strip() or not isinstance(document, Mapping):
        return FOREIGN
    if not isinstance(agent_type, str) or not isinstance(constraints, Mapping) or examples is None:
        return FOREIGN
    return Pair(
        prompt=prompt, agent_type=agent_type, constraints=constraints, examples=tuple(examples), document=document
    )


def _objects(value: object) -> list[Mapping[str, object]] | None:
    """Return a list of objects as it is, and None for anything else."""
    if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
        return None
    return value
