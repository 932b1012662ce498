"""Where a document comes from: frozen, without a key and without the prompt's text."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from gmn_llm.messages import Attempt, Usage

__all__ = ["Provenance"]


class Provenance(BaseModel):
    """Who wrote a document, and what it took.

    Attributes:
        provider: The provider or model group whose answer became the document.
        deployment: Its deployment's id.
        model: The provider's name of the model.
        cached: Whether the document came from the prompt cache; the other fields are then those of its first making.
        attempts: Every try at every request, in order, failed ones included.
        repairs: How often a model was asked to mend its own answer.
        usage: Tokens over all attempts.
        cost: US dollars over all attempts, or None where a model has no known price.
        latency: Seconds from the call to the document.
        templates: Name and version of the prompt templates, e.g. ``generate@1``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    provider: str
    deployment: str = ""
    model: str = ""
    cached: bool = False
    attempts: tuple[Attempt, ...] = ()
    repairs: int = 0
    usage: Usage = Field(default_factory=Usage)
    cost: float | None = 0.0
    latency: float = 0.0
    templates: tuple[str, ...] = ()
