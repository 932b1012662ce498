"""From what a caller hands in to a task: every argument checked, and nothing of it changed in silence."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, TypedDict

from gmn_llm.arguments import count_of, temperature_of
from gmn_llm.errors import GMNValidationError, InputError
from gmn_llm.findings import Severity, quote
from gmn_llm.generation.examples import chosen
from gmn_llm.generation.room import room_for
from gmn_llm.generation.task import Task
from gmn_llm.gmn import GMNSpec, Limits
from gmn_llm.gmn.constraints import checked_constraints, refuse_contradictions

if TYPE_CHECKING:
    from gmn_llm.config import Settings
    from gmn_llm.pictures import Image

__all__ = ["Document", "Intake"]

log = logging.getLogger("gmn_llm")

Document = GMNSpec | str | Mapping[str, object]
"""A document as callers have it: an object, a text in any notation, or plain dictionaries."""


class Asked(TypedDict, total=False):
    """What can be said of a generation besides its words; ``Provider.generate_gmn`` says what each means."""

    agent_type: str
    constraints: Mapping[str, object] | None
    examples: Sequence[Document]
    images: Sequence[Image]
    timeout: float
    temperature: float | None
    max_tokens: int | None
    model_params: Mapping[str, object] | None


class Sampling(TypedDict):
    """The fields of a task that say how a model is sampled and checked."""

    temperature: float | None
    max_tokens: int | None
    max_repairs: int
    limits: Limits


@dataclass(frozen=True, kw_only=True)
class Intake:
    """Makes tasks of a caller's arguments.

    Attributes:
        settings: The configuration.
        provider: The group that is asked first; its section may have sampling parameters of its own.
        agent_types: Name to what a model is told about that kind of agent.
        limits: What is too large.
    """

    settings: Settings
    provider: str
    agent_types: Mapping[str, str]
    limits: Limits = field(default_factory=Limits)

    def generation(
        self,
        prompt: object,
        *,
        agent_type: str,
        constraints: Mapping[str, object] | None,
        examples: Sequence[Document],
        temperature: float | None,
        max_tokens: int | None,
        model_params: Mapping[str, object] | None,
    ) -> Task:
        """Return the task of writing a document for ``prompt``.

        Raises:
            InputError: The prompt is empty or too long, the agent type unknown, or another argument invalid.
        """
        known, description, demanded = (
            self._agent_type(agent_type),
            self._words("prompt", prompt),
            _demanded(constraints),
        )
        sampling = self._sampling(temperature, max_tokens)
        if max_tokens is None:
            sampling["max_tokens"] = room_for(demanded, sampling["max_tokens"])
        return Task(
            description=description,
            agent_type=known,
            guidance=self.agent_types[known],
            constraints=demanded,
            examples=self._examples(examples, description),
            params=dict(model_params or {}),
            **sampling,
        )

    def refinement(
        self,
        document: Document,
        feedback: object,
        *,
        agent_type: str,
        constraints: Mapping[str, object] | None,
        model_params: Mapping[str, object] | None,
    ) -> Task:
        """Return the task of changing ``document`` as ``feedback`` says.

        Raises:
            InputError: The feedback is empty or too long, the agent type unknown, or a constraint invalid.
            GMNValidationError: The document is not valid.
        """
        spec = document if isinstance(document, GMNSpec) else GMNSpec.parse(document, limits=self.limits)
        return Task(
            description=self._words("feedback", feedback),
            agent_type=self._agent_type(agent_type),
            constraints=_demanded(constraints),
            document=spec.valid().document,
            params=dict(model_params or {}),
            **self._sampling(None, None),
        )

    def _sampling(self, temperature: float | None, max_tokens: int | None) -> Sampling:
        """Return sampling parameters: the call's, else those of the configuration."""
        said = self.settings.gmn
        usual_temperature, usual_tokens = self._usual
        return {
            "temperature": usual_temperature if temperature is None else temperature_of(temperature),
            "max_tokens": count_of("max_tokens", max_tokens) or usual_tokens,
            "max_repairs": said.max_repairs,
            "limits": self.limits,
        }

    @cached_property
    def _usual(self) -> tuple[float | None, int | None]:
        """Temperature and tokens of ``gmn:``; None where that is silent and the provider's section has its own."""
        said = self.settings.gmn
        section = getattr(self.settings, self.provider, None)

        def left_to_section(name: str) -> bool:
            return getattr(section, name, None) is not None and name not in said.model_fields_set

        return (
            None if left_to_section("temperature") else said.temperature,
            None if left_to_section("max_tokens") else said.max_tokens,
        )

    def _agent_type(self, name: str) -> str:
        if not isinstance(name, str) or name not in self.agent_types:
            raise InputError(
                f"there is no agent type {quote(name)}",
                hint="known are " + ", ".join(self.agent_types),
            )
        return name

    def _words(self, what: str, text: object) -> str:
        if not isinstance(text, str):
            raise InputError(f"the {what} is a text, not {type(text).__name__}")
        if not text.strip():
            raise InputError(f"the {what} is empty", hint="say in a sentence what is wanted")
        size = len(text.encode("utf-8", "surrogatepass"))
        if size > self.limits.string_bytes:
            raise InputError(
                f"the {what} has {size} bytes where {self.limits.string_bytes} are the most",
                hint="say it shorter, or raise limits.string_bytes",
            )
        return text

    def _examples(self, examples: Sequence[Document], description: str) -> list[Mapping[str, object]]:
        """Return those of the examples that are shown, all of them checked."""
        if not isinstance(examples, Sequence) or isinstance(examples, str | bytes):
            raise InputError("examples is a list of documents", hint="[document]")
        read: list[dict[str, object]] = []
        for k, example in enumerate(examples):
            try:
                spec = example if isinstance(example, GMNSpec) else GMNSpec.parse(example, limits=self.limits)
                read.append(spec.valid().document)
            except GMNValidationError as error:
                said = [f for f in error.findings if f.severity is Severity.ERROR][:1]
                raise InputError(f"example {k} is not valid: {said[0] if said else error}") from error
        budget = self.settings.gmn.max_example_tokens
        shown = chosen(read, description, budget=budget)
        if len(shown) < len(read):
            log.info("%d of %d examples are shown, within %d tokens", len(shown), len(read), budget)
        return shown


def _demanded(constraints: Mapping[str, object] | None) -> dict[str, object]:
    checked = checked_constraints(constraints)
    refuse_contradictions(checked)
    return checked
