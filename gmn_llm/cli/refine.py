"""``gmn-llm refine``: one change in words, or on a terminal a conversation of several."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from gmn_llm.cli.documents import STANDARD_INPUT, valid_document
from gmn_llm.cli.formats import Format, rendered
from gmn_llm.cli.generate import constraints
from gmn_llm.cli.options import Constraints, Output, ProviderName
from gmn_llm.cli.output import check_place, write
from gmn_llm.errors import InputError

if TYPE_CHECKING:
    from gmn_llm.gmn import GMNSpec

__all__ = ["command"]


def command(
    context: typer.Context,
    file: Annotated[str, typer.Argument(help="A valid document; - reads standard input.", metavar="FILE")],
    *,
    feedback: Annotated[
        str | None,
        typer.Option(help="What is to change, in words; without it, on a terminal, a conversation.", metavar="TEXT"),
    ] = None,
    constraint: Constraints = None,
    provider: ProviderName = None,
    timeout: Annotated[float, typer.Option(help="Seconds for each change.", metavar="SECONDS")] = 60.0,
    output: Output = None,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Neither read nor write the cache.")] = False,
) -> None:
    """Change a document as words ask; nodes they do not speak of stay as they are.

    What is different is told on standard error.

    Example: gmn-llm refine explorer.json --feedback "it starts in the bottom-left corner"
    """
    if feedback is None and (file == STANDARD_INPUT or not (sys.stdin.isatty() and sys.stderr.isatty())):
        raise InputError(
            "what is to change? --feedback says it", hint="without it there is a conversation, which takes a terminal"
        )
    from gmn_llm.cli.conversation import Refiner, converse  # --help does without what they need

    config, quiet = context.obj.config, context.obj.quiet
    check_place(output)
    document = valid_document(file, config=config)
    demanded = constraints(constraint or ())
    with Refiner(config, provider, timeout=timeout, constraints=demanded, use_cache=not no_cache) as refiner:
        refined: GMNSpec | None
        if feedback is None:
            refined = converse(document, refiner, quiet=quiet)
        else:
            refined = refiner.refined(document, feedback)
            if not quiet:
                refiner.show(document, refined)
    if refined is not None:
        write(rendered(refined, Format.JSON), output)
