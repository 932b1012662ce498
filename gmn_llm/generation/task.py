"""What is to be made: one task, and the questions it puts to a model.

The user's message is always one JSON object. Text that comes from outside stands in its strings and can't get out
of them, whatever it holds.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from gmn_llm.gmn.limits import DEFAULT_LIMITS, Limits
from gmn_llm.gmn.schema import load as load_schema
from gmn_llm.messages import CompletionRequest, LLMMessage, LLMRole
from gmn_llm.prompts import load

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gmn_llm.findings import Finding

__all__ = ["Task"]

DRAFT_SCHEMA = "draft"


@dataclass(frozen=True, kw_only=True)
class Task:
    """One document to make or to change.

    Attributes:
        description: The user's words: what the agent is, or the feedback on ``document``.
        agent_type: The kind of agent.
        guidance: What a model is told about that kind.
        constraints: As ``checked_constraints`` returns them.
        examples: Documents that show what is wanted, as the model is to see them.
        document: The document to change, or None where one is to be made.
        temperature: Sampling temperature, or None for the deployment's own.
        max_tokens: The most tokens of one answer.
        max_repairs: How often a model may mend its own answer.
        limits: What is too large.
        params: Further parameters for the provider.
    """

    description: str
    agent_type: str = "general"
    guidance: str = ""
    constraints: Mapping[str, object] = field(default_factory=dict)
    examples: Sequence[Mapping[str, object]] = ()
    document: Mapping[str, object] | None = None
    temperature: float | None = None
    max_tokens: int | None = None
    max_repairs: int = 2
    limits: Limits = DEFAULT_LIMITS
    params: Mapping[str, object] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """``generate`` or ``refine``."""
        return "generate" if self.document is None else "refine"

    @property
    def templates(self) -> tuple[str, ...]:
        """Names and versions of the templates, for provenance and cache keys."""
        return (load(self.kind).tag, load("repair").tag)

    @cached_property
    def name(self) -> str:
        """Stands in for the name of a document that has none."""
        given = self.document.get("name") if self.document else None
        return str(given) if given else f"{self.agent_type}_agent"

    def ask(self) -> CompletionRequest:
        """Return the first question."""
        if self.document is None:
            system = load("generate").render(agent_type=self.agent_type, guidance=self.guidance)
            said: dict[str, object] = {
                "task": "generate",
                "agent_type": self.agent_type,
                "constraints": dict(self.constraints),
            }
            if self.examples:
                said["examples"] = list(self.examples)
            return self._request(system, said | {"description": self.description}, schema=load_schema(DRAFT_SCHEMA))
        said = {"task": "refine", "agent_type": self.agent_type, "constraints": dict(self.constraints)}
        return self._request(load("refine").render(), said | {"document": self.document, "feedback": self.description})

    def ask_to_repair(self, written: object, findings: Sequence[Finding]) -> CompletionRequest:
        """Return the question that hands an answer back with what is wrong with it."""
        said: dict[str, object] = {
            "task": "repair",
            "agent_type": self.agent_type,
            "constraints": dict(self.constraints),
            "description": self.description,
            "findings": [{"code": f.code, "path": f.path, "message": f.message, "hint": f.hint} for f in findings],
            "document": written,
        }
        # A draft is mended as a draft: held to its schema, the answer can't be of another form.
        drafted = isinstance(written, Mapping) and "factors" in written
        return self._request(load("repair").render(), said, schema=load_schema(DRAFT_SCHEMA) if drafted else None)

    def _request(
        self, system: str, said: Mapping[str, object], *, schema: Mapping[str, object] | None = None
    ) -> CompletionRequest:
        return CompletionRequest(
            messages=(
                LLMMessage(LLMRole.SYSTEM, system),
                LLMMessage(LLMRole.USER, json.dumps(said, ensure_ascii=False, default=str)),
            ),
            temperature=self.temperature,
            max_tokens=self.max_tokens,
            schema=schema,
            params=self.params,
        )
