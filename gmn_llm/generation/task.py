"""What is to be made: one task, and the questions it puts to a model.

The user's message is always one JSON object. Text that comes from outside stands in its strings and can't get out
of them, whatever it holds.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from gmn_llm.generation.compact import compact
from gmn_llm.gmn.limits import DEFAULT_LIMITS, Limits
from gmn_llm.gmn.schema import load as load_schema
from gmn_llm.messages import CompletionRequest, LLMMessage, LLMRole, Picture
from gmn_llm.prompts import load

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gmn_llm.findings import Finding

__all__ = ["Task"]

DRAFT_SCHEMA = "draft"
PATCH_SCHEMA = "patch"
REPAIRS = ("repair", "repair_graph", "rewrite")
"""The templates of what a model is told when it is to mend its answer."""
WHOLE = frozenset({"rewrite"})
"""Those of them after which the model writes everything anew, and so has to see everything."""
SHOWN = "shown"
"""The template of what a model is told of drawings."""


@dataclass(frozen=True, kw_only=True)
class Task:
    """One document to make or to change.

    Attributes:
        description: The user's words: what the agent is, or the feedback on ``document``.
        agent_type: The kind of agent.
        guidance: What a model is told about that kind.
        constraints: As ``checked_constraints`` returns them.
        examples: Documents that show what is wanted, as the model is to see them.
        pictures: What the agent looks like drawn; only models with vision are asked then.
        diagrams: Drawings that were text, as the model is to see them.
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
    pictures: tuple[Picture, ...] = ()
    diagrams: Sequence[Mapping[str, object]] = ()
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
        return tuple(load(name).tag for name in (self.kind, *REPAIRS, *([SHOWN] if self.is_shown else [])))

    @property
    def is_shown(self) -> bool:
        """Whether there is a drawing of the agent."""
        return bool(self.pictures or self.diagrams)

    @cached_property
    def name(self) -> str:
        """Stands in for the name of a document that has none."""
        given = self.document.get("name") if self.document else None
        return str(given) if given else f"{self.agent_type}_agent"

    def ask(self, findings: Sequence[Finding] = ()) -> CompletionRequest:
        """Return the first question; of a refinement also with what was wrong with an answer to it before."""
        if self.document is None:
            system = load("generate").render(agent_type=self.agent_type, guidance=self.guidance)
            said: dict[str, object] = {
                "task": "generate",
                "agent_type": self.agent_type,
                "constraints": dict(self.constraints),
            }
            if self.examples:
                said["examples"] = list(self.examples)
            return self._request(
                system, said | {"description": self.description}, schema=load_schema(DRAFT_SCHEMA), shown=True
            )
        said = {"task": "refine", "agent_type": self.agent_type, "constraints": dict(self.constraints)}
        said |= {"document": compact(self.document), "feedback": self.description}
        said |= {"findings": _told(findings)} if findings else {}
        return self._request(load("refine").render(), said, schema=load_schema(PATCH_SCHEMA), shown=True)

    def ask_to_repair(
        self,
        written: Mapping[str, object],
        findings: Sequence[Finding],
        *,
        template: str = "repair",
        schema: Mapping[str, object] | None = None,
    ) -> CompletionRequest:
        """Return the question that hands back what is wrong with an answer.

        Args:
            written: What goes with the findings: the ``part`` at fault and an ``outline`` of the rest.
            findings: What is wrong.
            template: Which rules the model gets: ``repair``, ``repair_graph`` or ``rewrite``.
            schema: What its answer is held to, or None.
        """
        said: dict[str, object] = {
            "task": "repair",
            "agent_type": self.agent_type,
            "constraints": dict(self.constraints),
            "description": self.description,
            "findings": _told(findings),
        }
        # A part is mended by its findings, so it does without the drawings: a picture costs a thousand tokens and more.
        return self._request(load(template).render(), said | dict(written), schema=schema, shown=template in WHOLE)

    def _request(
        self,
        system: str,
        said: Mapping[str, object],
        *,
        schema: Mapping[str, object] | None = None,
        shown: bool = False,
    ) -> CompletionRequest:
        if shown and self.is_shown:
            system = f"{system}\n\n{load(SHOWN).render()}"
            said = {**said, "diagrams": list(self.diagrams)} if self.diagrams else said
        return CompletionRequest(
            messages=(
                LLMMessage(LLMRole.SYSTEM, system),
                LLMMessage(LLMRole.USER, _json(said)),
            ),
            pictures=self.pictures if shown else (),
            temperature=self.temperature,
            max_tokens=self.max_tokens,
            schema=schema,
            params=self.params,
        )


def _json(said: Mapping[str, object]) -> str:
    """Return JSON that every wire takes: a lone surrogate, which is no sign of UTF-8, stays an escape."""
    return json.dumps(said, ensure_ascii=False, default=str).encode("utf-8", "backslashreplace").decode("utf-8")


def _told(findings: Sequence[Finding]) -> list[dict[str, str]]:
    return [{"code": f.code, "path": f.path, "message": f.message, "hint": f.hint} for f in findings]
