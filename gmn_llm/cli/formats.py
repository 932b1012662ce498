"""What a document can be written as."""

from __future__ import annotations

import logging
import math
from enum import StrEnum
from typing import TYPE_CHECKING

from gmn_llm.errors import GMNValidationError
from gmn_llm.findings import Finding

if TYPE_CHECKING:
    from gmn_llm.gmn import GMNSpec

__all__ = ["Format", "rendered"]

LOG = logging.getLogger(__name__)
BYTES_PER_NUMBER = 5
"""The shortest a number gets in a list: ``0.0, ``."""


class Format(StrEnum):
    """The notations and pictures that are text."""

    JSON = "json"
    TEXT = "text"
    EXPANDED = "expanded"
    MERMAID = "mermaid"
    GNN = "gnn"
    HTML = "html"


def rendered(spec: GMNSpec, wanted: Format) -> str:
    """Return ``spec`` as ``wanted``; what GNN has no place for is told by the log, and in the text's footer.

    Raises:
        GMNValidationError: Expanded or GNN is wanted, and the document is not valid or too large to be read again.
    """
    if wanted is Format.GNN:
        return _gnn(spec)
    if wanted is Format.TEXT:
        return spec.to_text()
    if wanted is Format.HTML:
        return spec.to_html()
    if wanted is Format.EXPANDED:
        _check_room(spec)
        return spec.expand().to_json()
    return spec.to_mermaid() if wanted is Format.MERMAID else spec.to_json()


def _gnn(spec: GMNSpec) -> str:
    from gmn_llm.gmn.gnn import write  # the language takes its time, and --help does not need it

    _check_room(spec)
    exported = write(spec)
    for lost in exported.findings:
        LOG.warning("GNN has no place for this: %s", lost.message)
    return exported.text


def _check_room(spec: GMNSpec) -> None:
    """Refuse to write out more than a document may be, before the time is spent on it."""
    structure, limit = spec.structure, spec.limits.document_bytes
    shapes = [part.shape for part in structure.likelihoods.values()]
    shapes += [part.shape for part in structure.transitions.values()]
    size = BYTES_PER_NUMBER * sum(math.prod(shape) for shape in shapes)
    if size > limit:
        said = f"written out, its arrays take {size} bytes at least, where a document has {limit} at most"
        raise GMNValidationError(
            said, findings=[Finding("size-limit", "", said)], hint="gmn-llm convert --to pymdp writes them as arrays"
        )
