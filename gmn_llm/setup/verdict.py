"""Whether a configuration is right, who is asked by it, and what there is to know of it."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from gmn_llm.config import environment_of, resolve_chain, spare_groups
from gmn_llm.config.checks import unset_references
from gmn_llm.config.document import dotted
from gmn_llm.config.load import examine
from gmn_llm.config.names import PROVIDERS
from gmn_llm.config.refusal import RefusedError, worth_trying
from gmn_llm.config.resolve import VARIABLE
from gmn_llm.errors import AuthenticationError, ConfigError
from gmn_llm.running import UNASKED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gmn_llm.config import Chain
    from gmn_llm.config.load import Examined
    from gmn_llm.errors import LLMError

__all__ = ["Mistake", "Verdict", "verdict"]

# A server with an address of its own, and these providers, may call their models as they like.
UNMAPPED = frozenset({"ollama_chat", "gmn_mock", "azure"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """One mistake, as ``config check --json`` prints it."""

    message: str
    file: str | None = None
    line: int | None = None
    key: str = ""

    def __str__(self) -> str:
        """Return ``FILE:LINE: error: what is wrong``."""
        line = "" if self.line is None else f":{self.line}"
        return f"{self.file}{line}: error: {self.message}" if self.file else f"error: {self.message}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What ``config check`` has found; the configuration is right when there is no mistake."""

    source: str | None = None
    mistakes: tuple[Mistake, ...] = ()
    warnings: tuple[str, ...] = ()
    asked: tuple[tuple[str, str], ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the configuration can be used."""
        return not self.mistakes

    def as_json(self) -> str:
        """Return all of it as JSON."""
        told = {
            "ok": self.ok,
            "source": self.source,
            "problems": [asdict(mistake) for mistake in self.mistakes],
            "warnings": list(self.warnings),
            "chain": [{"name": name, "model": model} for name, model in self.asked],
        }
        return json.dumps(told, ensure_ascii=False)

    def __str__(self) -> str:
        """Return a line for each mistake and warning, and one or two for the whole."""
        lines = [*map(str, self.mistakes), *(f"warning: {words}" for words in self.warnings)]
        if self.ok:
            asked = ", then ".join(f"{name} ({model})" for name, model in self.asked)
            return "\n".join([*lines, f"OK: {self.source}", f"asked: {asked}"])
        count = len(self.mistakes)
        return "\n".join([*lines, f"not usable, {count} mistake{'s' * (count != 1)}"])


def verdict(config: Path | None) -> Verdict:
    """Return what is to be said of a configuration.

    Where a model of OpenAI, Anthropic or a provider that is not built in is configured, LiteLLM's model map is loaded,
    which takes seconds. No provider is asked for anything but whether an Ollama server is there.

    Args:
        config: The file that was named; None for the one that is found.
    """
    try:
        examined = examine(config)
    except ConfigError as error:
        return Verdict(mistakes=(_mistake(error),))
    document = examined.document
    if examined.problems:
        file = None if examined.file is None else str(examined.file)
        mistakes = (
            Mistake(message=problem.message, file=file, line=document.line(problem), key=dotted(problem.path))
            for problem in examined.problems
        )
        return Verdict(source=document.source, mistakes=tuple(mistakes))
    try:
        chain = resolve_chain(examined.settings)
        warnings = (*_warnings(examined, chain), *_models(examined, chain))
        if worth_trying(examined.settings):
            from gmn_llm.routing.trial import try_out  # LiteLLM takes its time

            try_out(examined.settings)
    except RefusedError as error:
        file = None if examined.file is None else str(examined.file)
        problem = error.problem
        where = dotted(problem.path) if problem.path else ""
        mistake = Mistake(message=problem.message, file=file, line=document.line(problem), key=where)
        return Verdict(source=document.source, mistakes=(mistake,))
    except (AuthenticationError, ConfigError) as error:
        return Verdict(source=document.source, mistakes=(_mistake(error),))
    asked = tuple((group.name, group.model) for group in chain.groups)
    return Verdict(source=document.source, warnings=warnings, asked=asked)


def _mistake(error: LLMError) -> Mistake:
    return Mistake(message=f"{error}; {error.hint}" if error.hint else str(error))


def _warnings(examined: Examined, chain: Chain) -> Iterator[str]:
    """Yield what is no mistake and may not be meant."""
    settings, seen = examined.settings, environment_of(examined.settings)
    yield from chain.notes
    for problem in unset_references(settings, seen, named=False):
        yield examined.document.told(problem)
    configured = [name for name in PROVIDERS if name in settings.model_fields_set]
    for name in (*configured, *settings.group_names):
        if name not in chain.names:
            yield f"{name} is configured and nobody asks it, unless by name: it is neither provider nor fallback"
    named = os.environ.get(VARIABLE)
    if named and settings.provider not in (None, "auto", named):
        yield f"{VARIABLE} names {named}, but the configuration's provider {settings.provider} goes before it"
    if chain.unasked_mock:
        yield UNASKED


def _models(examined: Examined, chain: Chain) -> Iterator[str]:
    """Yield what LiteLLM's model map says against the models of all groups.

    Raises:
        ConfigError: A group of the chain has a model of no provider that LiteLLM knows.
    """
    others = [group for group in spare_groups(examined.settings) if group.name not in chain.names]
    asked = [deployment for group in (*chain.groups, *others) for deployment in group.deployments]
    served = [d for d in asked if d.provider in ("openai", "anthropic") and d.params.get("api_base")]
    if all(d.provider in UNMAPPED or d in served for d in asked):
        return
    from gmn_llm.routing.known import is_known, refuse_unknown  # LiteLLM takes its time
    from gmn_llm.routing.models import doubts

    refuse_unknown(chain.groups)
    for other in others:
        if not is_known(other):
            yield f"{other.name} can't be asked: LiteLLM knows no provider for {other.deployments[0].model}"
    for deployment in asked:
        yield from doubts(deployment, today=datetime.now(UTC).date())
