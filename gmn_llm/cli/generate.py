"""``gmn-llm generate``: the main job."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gmn_llm.cli.asking import How, Wish, made, rehearsal
from gmn_llm.cli.documents import STANDARD_INPUT, refuse_twice, text
from gmn_llm.cli.formats import Format, rendered
from gmn_llm.cli.options import AgentType, Constraints, Output, ProviderName
from gmn_llm.cli.output import check_place, write
from gmn_llm.cli.summary import show
from gmn_llm.errors import InputError

if TYPE_CHECKING:
    from gmn_llm.gmn import GMNSpec

__all__ = ["command", "constraints", "tell"]

LISTS = ("actions", "require")


def command(
    context: typer.Context,
    prompt: Annotated[
        str, typer.Argument(help="What the agent is, in words; - reads standard input.", metavar="PROMPT")
    ],
    *,
    agent_type: AgentType = "general",
    constraint: Constraints = None,
    example: Annotated[
        list[Path] | None,
        typer.Option(help="A document that shows what is wanted; may be repeated.", metavar="FILE"),
    ] = None,
    image: Annotated[
        list[str] | None,
        typer.Option(
            help="A picture or diagram of the agent: a file (PNG, JPEG, WebP, GIF, SVG, Mermaid, Graphviz) or an "
            "address; may be repeated.",
            metavar="FILE|ADDRESS",
        ),
    ] = None,
    provider: ProviderName = None,
    timeout: Annotated[float, typer.Option(help="Seconds for everything.", metavar="SECONDS")] = 60.0,
    format: Annotated[  # noqa: A002  # the option's name
        Format | None, typer.Option(help="What to write; json where nothing is said.")
    ] = None,
    output: Output = None,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Neither read nor write the cache.")] = False,
    refresh: Annotated[bool, typer.Option("--refresh", help="Make it anew even if it is in the cache.")] = False,
    stream: Annotated[
        bool, typer.Option("--stream", help="Tell what happens as it happens; in a pipe as lines of JSON.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be asked, and what it can cost; ask no one.")
    ] = False,
) -> None:
    """Write a model of an agent for a description in words.

    On a terminal there is a summary, and the document goes where -o says or --format prints it. In a pipe there is the
    document and nothing else.

    Example: gmn-llm generate "Create an agent that explores a 5x5 grid world" --agent-type explorer -o explorer.json
    """
    _check_options(format, output, no_cache=no_cache, refresh=refresh, stream=stream, dry_run=dry_run)
    check_place(output)
    refuse_twice([prompt, *map(str, example or ())])
    asked = Wish(
        prompt=text(prompt) if prompt == STANDARD_INPUT else prompt,
        provider=provider,
        agent_type=agent_type,
        constraints=constraints(constraint or ()),
        examples=tuple(text(str(file)) for file in example or ()),
        images=tuple(image or ()),
        timeout=timeout,
        use_cache=not no_cache,
        refresh=refresh,
    )
    if dry_run:
        write(rehearsal(context.obj.config, asked), output)
        return
    spec = made(context.obj.config, asked, _how(quiet=context.obj.quiet, stream=stream))
    _deliver(context, spec, format, output, is_told=stream)


def _deliver(
    context: typer.Context,
    spec: GMNSpec,
    format: Format | None,  # noqa: A002  # the option's name
    output: Path | None,
    *,
    is_told: bool,
) -> None:
    """Write the document where it was asked, and a summary where somebody looks.

    Args:
        context: Has the global options.
        spec: The document.
        format: What was asked for, or None.
        output: The file, or None.
        is_told: Whether the events have told it already, in a pipe the document too.
    """
    is_shown = sys.stdout.isatty() and not context.obj.quiet and str(output) != STANDARD_INPUT
    if not is_shown:
        tell(context, spec)
    if is_told and output is None and not sys.stdout.isatty():
        return  # the last line has it
    is_written = output is not None or format is not None or not is_shown
    if is_written:
        write(rendered(spec, format or Format.JSON), output)
    if is_shown:
        place = str(output or "above") if is_written else "not written: -o FILE writes it, --format json prints it"
        show(spec, stream=sys.stdout if output or not is_written else sys.stderr, place=place)


def _check_options(
    format: Format | None,  # noqa: A002  # the option's name
    output: Path | None,
    *,
    no_cache: bool,
    refresh: bool,
    stream: bool,
    dry_run: bool,
) -> None:
    """Refuse options that contradict each other.

    Raises:
        InputError: Two of them do.
    """
    if no_cache and refresh:
        raise InputError("--no-cache and --refresh contradict each other", hint="--refresh writes what it makes anew")
    if dry_run and stream:
        raise InputError("--dry-run asks no one, so --stream has nothing to tell", hint="leave one of them out")
    if dry_run and format is not None:
        raise InputError("--dry-run makes no document, so --format means nothing", hint="leave one of them out")
    if stream and format is not None and output is None and not sys.stdout.isatty():
        raise InputError(
            "--stream writes events where --format would write the document", hint="name a file for it: -o agent.json"
        )
    if stream and str(output) == STANDARD_INPUT:
        raise InputError("--stream writes events to standard output, as -o - the document", hint="name a file with -o")


def _how(*, quiet: bool, stream: bool) -> How:
    """Return how what happens is told."""
    if stream:
        return How.SHOWN if sys.stdout.isatty() else How.TOLD
    return How.SPUN if sys.stderr.isatty() and not quiet else How.SILENT


def tell(context: typer.Context, spec: GMNSpec) -> None:
    """Write what was assumed, changed or left unread to standard error, unless ``--quiet`` was said."""
    if not context.obj.quiet:
        for warning in spec.warnings:
            sys.stderr.write(f"gmn-llm: {warning}\n")


def constraints(given: list[str] | tuple[str, ...]) -> dict[str, object]:
    """Return ``k=v`` words as constraints; v is JSON where it can be read as JSON, else a word.

    Raises:
        InputError: One of them has no ``=`` or no name, or a name stands twice.
    """
    result: dict[str, object] = {}
    for word in given:
        name, equals, value = word.partition("=")
        if not equals or not name.strip():
            raise InputError(
                f"--constraint {word!r} is not of the form name=value", hint="e.g. --constraint max_states=10"
            )
        if name in result:
            raise InputError(f"--constraint {name} is given twice")
        result[name.strip()] = _value(name.strip(), value.strip())
    return result


def _value(name: str, value: str) -> object:
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return [part.strip() for part in value.split(",")] if name in LISTS else value
