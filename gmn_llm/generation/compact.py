"""A document as a model is shown it when it is to be changed: without what it does not need to see, and the way back.

A patch leaves alone what it does not name, so that long arrays of a large document need not be shown. Where a model
answers with the whole document all the same, what stands for them is undone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Final

from gmn_llm.generation.abbreviated import abbreviated
from gmn_llm.gmn.difference import nodes_of

__all__ = ["HISTORY", "NOTES", "compact", "restored"]

Object = Mapping[str, object]
HISTORY: Final = ("history", "refinements")
"""Where a document's metadata has its refinements; the second where the first is taken by something else."""
NOTES: Final = ("unread", "assumptions", "constraint_won")
"""What the last writer of a document remarked on its own work, in the metadata."""
MOST: Final = 16_000
"""Characters up to which a document is shown as it is: about 5,000 tokens."""
LONG: Final = 100
"""Numbers up to which a list is always shown, and characters for metadata."""


def compact(document: Object) -> dict[str, object]:
    """Return ``document`` as it is shown: no remarks, no history, nothing empty; long arrays of a large one in words.

    Args:
        document: A document that meets the schema; it is not changed itself.
    """
    metadata = document.get("metadata")
    told = {key: value for key, value in document.items() if key not in ("nodes", "edges", "metadata")}
    told |= {key: [_bare(part) for part in _parts(document, key)] for key in ("nodes", "edges")}
    if isinstance(metadata, Mapping):
        kept = {key: value for key, value in metadata.items() if key not in (*NOTES, *HISTORY)}
        told |= {"metadata": kept} if kept and _size(kept) <= MOST // 4 else {}
    return told if _size(told) <= MOST else {**told, "nodes": [_short(part) for part in _parts(told, "nodes")]}


def restored(answer: Object, document: Object) -> Object:
    """Return an answer with what was shown in words as it is in ``document``; the answer itself where there is none.

    Args:
        answer: A whole document, as a model wrote it.
        document: The document as it was before it was shown.
    """
    known, nodes = nodes_of(document), answer.get("nodes")
    if not isinstance(nodes, list):
        return answer
    back = [_undone(node, known) for node in nodes]
    changed = any(new is not old for new, old in zip(back, nodes, strict=True))
    return {**answer, "nodes": back} if changed else answer


def _undone(node: object, known: Mapping[str, Object]) -> object:
    old = known.get(str(node.get("id"))) if isinstance(node, Mapping) else None
    if old is None or not isinstance(node, Mapping):
        return node
    now, was, shown = node.get("properties"), old.get("properties"), _short(old).get("properties")
    if not isinstance(now, Mapping) or not isinstance(was, Mapping) or not isinstance(shown, Mapping):
        return node
    back = {
        key: was[key] for key, value in now.items() if key in was and value == shown[key] and shown[key] is not was[key]
    }
    return {**node, "properties": {**now, **back}} if back else node


def _parts(document: Object, key: str) -> Iterator[Object]:
    parts = document.get(key)
    for part in parts if isinstance(parts, list) else ():
        if isinstance(part, Mapping):
            yield part


def _bare(part: Object) -> Object:
    """Return a node or edge without empty properties and metadata."""
    return {key: value for key, value in part.items() if value or key not in ("properties", "metadata")}


def _short(node: Object) -> Object:
    """Return a node with its long arrays told by their shape, and without long metadata."""
    properties = node.get("properties")
    told = {key: value for key, value in node.items() if key != "metadata" or _size(value) <= LONG}
    if not isinstance(properties, Mapping):
        return told
    return {**told, "properties": {key: abbreviated(value, most=LONG) for key, value in properties.items()}}


def _size(value: object) -> int:
    return len(json.dumps(value, ensure_ascii=False, default=str))
