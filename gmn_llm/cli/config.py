"""``gmn-llm config``: is the configuration right, and what does it come to."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from gmn_llm.cli.guard import guarded
from gmn_llm.cli.output import write
from gmn_llm.errors import AuthenticationError, ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gmn_llm.config import Chain
    from gmn_llm.config.load import Examined
    from gmn_llm.errors import LLMError

__all__ = ["Mistake", "Verdict", "app"]

Json = Annotated[bool, typer.Option("--json", help="Write JSON.")]
WRONG = 2
# A server with an address of its own, and these providers, may call their models as they like.
UNMAPPED = frozenset({"ollama_chat", "gmn_mock", "azure"})

app = typer.Typer(
    help="Whether the configuration is right (check), and what it comes to (show).",
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


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


def check(context: typer.Context, *, as_json: Json = False) -> int:
    """Tell every mistake in the configuration with file, line, key and the nearest right key; exit code 2.

    Where there is none: which file was taken, who would answer, and what there is to know, such as sections nobody
    asks or models that are retired. The last needs LiteLLM's model map, which takes seconds to load, and is looked at
    only where a model of OpenAI, Anthropic or a provider that is not built in is configured. No provider is asked for
    anything but whether an Ollama server is there.

    Example: gmn-llm config check --config gmn-llm.yaml
    """
    verdict = _verdict(context.obj.config)
    write(verdict.as_json() if as_json else str(verdict), None)
    return 0 if verdict.ok else WRONG


def show(context: typer.Context, *, as_json: Json = False) -> None:
    """Print the configuration as it takes effect, with where each value comes from and every key masked.

    Example: gmn-llm config show --json
    """
    from gmn_llm.cli.config_view import commented_yaml
    from gmn_llm.config import resolve_chain
    from gmn_llm.config.document import dotted
    from gmn_llm.config.effective import effective, origins
    from gmn_llm.config.load import examine, settings_of

    examined = examine(context.obj.config)
    chain = resolve_chain(settings_of(examined))
    value = effective(examined, chain)
    places = origins(examined, value)
    if as_json:
        told = {
            "source": examined.document.source,
            "settings": value,
            "origins": {dotted(path): words for path, words in places.items()},
            "chain": list(chain.names),
        }
        write(json.dumps(told, ensure_ascii=False, default=str), None)
        return
    asked = ", then ".join(f"{group.name} ({group.model})" for group in chain.groups)
    head = [f"# from {examined.document.source}", f"# asked: {asked}"]
    write("\n".join([*head, *commented_yaml(value, places)]), None)


def _verdict(config: Path | None) -> Verdict:
    from gmn_llm.config import resolve_chain
    from gmn_llm.config.document import dotted
    from gmn_llm.config.load import examine

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
    except (AuthenticationError, ConfigError) as error:
        return Verdict(source=document.source, mistakes=(_mistake(error),))
    asked = tuple((group.name, group.model) for group in chain.groups)
    return Verdict(source=document.source, warnings=warnings, asked=asked)


def _mistake(error: LLMError) -> Mistake:
    return Mistake(message=f"{error}; {error.hint}" if error.hint else str(error))


def _warnings(examined: Examined, chain: Chain) -> Iterator[str]:
    """Yield what is no mistake and may not be meant."""
    from gmn_llm.config import environment_of
    from gmn_llm.config.checks import unset_references
    from gmn_llm.config.names import PROVIDERS
    from gmn_llm.config.resolve import VARIABLE
    from gmn_llm.running import UNASKED

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
    from datetime import UTC, datetime

    from gmn_llm.config import spare_groups

    others = [group for group in spare_groups(examined.settings) if group.name not in chain.names]
    asked = [deployment for group in (*chain.groups, *others) for deployment in group.deployments]
    served = [d for d in asked if d.provider in ("openai", "anthropic") and d.params.get("api_base")]
    if all(d.provider in UNMAPPED or d in served for d in asked):
        return
    from gmn_llm.routing.known import is_known, refuse_unknown
    from gmn_llm.routing.models import doubts

    refuse_unknown(chain.groups)
    for group in others:
        if not is_known(group):
            yield f"{group.name} can't be asked: LiteLLM knows no provider for {group.deployments[0].model}"
    for deployment in asked:
        yield from doubts(deployment, today=datetime.now(UTC).date())


app.command("check")(guarded(check))
app.command("show")(guarded(show))
