"""What a document can be written as."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gmn_llm.gmn import GMNSpec

__all__ = ["Format", "rendered"]


class Format(StrEnum):
    """The notations and pictures that are text."""

    JSON = "json"
    TEXT = "text"
    EXPANDED = "expanded"
    MERMAID = "mermaid"


def rendered(spec: GMNSpec, wanted: Format) -> str:
    """Return ``spec`` as ``wanted``.

    Raises:
        GMNValidationError: Expanded is wanted and the document is not valid.
    """
    if wanted is Format.TEXT:
        return spec.to_text()
    if wanted is Format.EXPANDED:
        return spec.expand().to_json()
    return spec.to_mermaid() if wanted is Format.MERMAID else spec.to_json()
