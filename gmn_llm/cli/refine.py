"""``gmn-llm refine``: one change in words, or on a terminal a conversation of several."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gmn_llm.cli.documents import STANDARD_INPUT, valid_document
from gmn_llm.cli.formats import Format, rendered
from gmn_llm.cli.generate import constraints
from gmn_llm.cli.output import write
from gmn_llm.errors import InputError

if TYPE_CHECKING:
    from gmn_llm.gmn import GMNSpec

__all__ = ["command"]


def command(
    context: typer.Context,
    file: Annotated[str, typer.Argument(help="A valid document; - reads standard input.", metavar="FILE")],
    *,
    feedback: Annotated[
        str | None, typer.Option(help="What is to change, in words; without it, on a terminal, a conversation.")
    ] = None,
    constraint: Annotated[
        list[str] | None, typer.Option(help="A demand on the result, e.g. max_states=10; may be repeated.")
    ] = None,
    provider: Annotated[str | None, typer.Option(help="Ask this provider alone.")] = None,
    timeout: Annotated[float, typer.Option(help="Seconds for each change.")] = 60.0,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="File to write; standard output otherwise.")
    ] = None,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Neither read nor write the cache.")] = False,
) -> None:
    """Change a document as words ask; nodes they do not speak of stay as they are.

    What is different is told on standard error. Example: gmn-llm refine explorer.json --feedback "it starts in the
    bottom-left corner"
    """
    if feedback is None and (file == STANDARD_INPUT or not (sys.stdin.isatty() and sys.stderr.isatty())):
        raise InputError(
            "what is to change? --feedback says it", hint="without it there is a conversation, which takes a terminal"
        )
    from gmn_llm.cli.conversation import Refiner, converse  # --help does without what they need

    config, quiet = context.obj.config, context.obj.quiet
    document = valid_document(file, config=config)
    demanded = constraints(constraint or ())
    with Refiner(config, provider, timeout=timeout, constraints=demanded, use_cache=not no_cache) as refiner:
        refined: GMNSpec | None
        if feedback is None:
            _check_place(output)
            refined = converse(document, refiner, quiet=quiet)
        else:
            refined = refiner.refined(document, feedback)
            if not quiet:
                refiner.show(document, refined)
    if refined is not None:
        write(rendered(refined, Format.JSON), output)


def _check_place(output: Path | None) -> None:
    """Refuse a place that can't be written to before the work of a conversation is lost on it."""
    if output is not None and str(output) != "-":
        if output.is_dir():
            raise IsADirectoryError(None, "is a folder", str(output))
        if not output.resolve().parent.is_dir():
            raise FileNotFoundError(None, "there is no such folder", str(output))
