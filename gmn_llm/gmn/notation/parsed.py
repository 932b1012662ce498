"""What reading a text gives: the document with its places, and the statements it is made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gmn_llm.findings import Finding

__all__ = ["EdgeStatement", "Field", "HeaderStatement", "NodeStatement", "Parsed", "Place", "Statement"]

Place: TypeAlias = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Parsed:
    """A text as a document.

    Attributes:
        document: The JSON graph; only of use where no finding is an error.
        positions: Line and column, from 1, of the values of the document, by JSON pointer: each node and edge
            (where its statement begins, or the field that says it), their ids, types and properties.
        findings: What is wrong with the text, and what was changed, in the order of the text.
    """

    document: dict[str, object]
    positions: Mapping[str, Place]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """``key: value``; a quoted key is taken by the letter and never as a word of the notation."""

    key: str
    quoted: bool
    value: object
    place: Place


@dataclass(frozen=True, slots=True)
class HeaderStatement:
    """What a text says of the document itself; ``name`` and ``description`` are None where not given."""

    name: str | None
    description: str | None
    fields: tuple[Field, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class NodeStatement:
    """A node with its fields, as written."""

    id: str
    type: str
    fields: tuple[Field, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class EdgeStatement:
    """An edge; ``fields`` is None where it has no braces."""

    source: str
    target: str
    type: str
    fields: tuple[Field, ...] | None
    place: Place


Statement: TypeAlias = HeaderStatement | NodeStatement | EdgeStatement
