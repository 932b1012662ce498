"""A model's opinion of a document: what it means, which no check can tell."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gmn_llm.errors import GMNValidationError
from gmn_llm.findings import quote, visible
from gmn_llm.messages import CompletionRequest, LLMMessage, LLMRole
from gmn_llm.prompts import load

if TYPE_CHECKING:
    from gmn_llm.messages import LLMResponse

__all__ = ["Remark", "ask_for_review", "remarks_of"]

MOST_REMARKS: Final = 20
LONGEST: Final = 500
ROOM: Final = 2000
SCHEMA: Final[Mapping[str, object]] = {
    "type": "object",
    "properties": {
        "remarks": {
            "description": "What the document says that it should not; empty where nothing is.",
            "type": "array",
            "maxItems": MOST_REMARKS,
            "items": {
                "type": "object",
                "properties": {
                    "severity": {"description": "How much it matters.", "type": "string", "enum": ["error", "warning"]},
                    "path": {"description": "JSON pointer into the document.", "type": "string", "maxLength": 100},
                    "message": {"description": "One sentence.", "type": "string", "maxLength": LONGEST},
                },
                "required": ["severity", "path", "message"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["remarks"],
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True)
class Remark:
    """What a model has to say of a document; an opinion, and no finding.

    Attributes:
        serious: Whether it says that the agent would act against its description.
        path: JSON pointer to the place, as the model gave it.
        message: A sentence.
    """

    serious: bool
    path: str
    message: str

    def __str__(self) -> str:
        """Return it on one line."""
        place = f" at {visible(self.path)}" if self.path else ""
        return f"review{'' if self.serious else ' (doubt)'}{place}: {visible(self.message)}"


def ask_for_review(document: Mapping[str, object], *, timeout: float) -> CompletionRequest:
    """Return the question for a review of a valid document."""
    said = {"task": "review", "description": document.get("description", ""), "document": document}
    return CompletionRequest(
        messages=(
            LLMMessage(LLMRole.SYSTEM, load("review").render()),
            LLMMessage(LLMRole.USER, json.dumps(said, ensure_ascii=False, default=str)),
        ),
        temperature=0.0,
        max_tokens=ROOM,
        schema=SCHEMA,
        timeout=timeout,
    )


def remarks_of(response: LLMResponse) -> tuple[Remark, ...]:
    """Return what the model remarked, what is serious first.

    Raises:
        GMNValidationError: The answer is no review; it is the error's ``draft``.
    """
    value = _object_in(response.content)
    remarks = value.get("remarks") if value is not None else None
    if not isinstance(remarks, list):
        raise GMNValidationError(
            f"{response.provider} wrote no review: {quote(response.content)}",
            draft=response.content,
            hint="ask again, or use a stronger model",
        )
    read = [remark for each in remarks[:MOST_REMARKS] if (remark := _remark(each)) is not None]
    return tuple(sorted(read, key=lambda remark: not remark.serious))


def _object_in(text: str) -> Mapping[str, object] | None:
    start = text.find("{")
    if start < 0:
        return None
    from json_repair import repair_json

    value = repair_json(text[start:], return_objects=True)
    if isinstance(value, list) and value:
        value = value[0]
    return value if isinstance(value, Mapping) else None


def _remark(said: object) -> Remark | None:
    if not isinstance(said, Mapping):
        return None
    message, path = said.get("message"), said.get("path")
    if not isinstance(message, str) or not message.strip():
        return None
    line = " ".join(message[:LONGEST].split())
    return Remark(said.get("severity") == "error", path[:100] if isinstance(path, str) else "", line)
