"""The command ``gmn-llm``: its commands and its global options."""

from __future__ import annotations

import logging
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gmn_llm._version import __version__
from gmn_llm.cli import cache, config, convert, dataset, evaluate, generate, health, models, refine, simulate, validate
from gmn_llm.cli.guard import INTERRUPTED, guarded

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Globals", "app", "run"]

GLOBAL_FLAGS = frozenset({"--quiet", "--verbose", "--version"})
GLOBAL_VALUES = frozenset({"--config"})


@dataclass(frozen=True, slots=True)
class Globals:
    """The options that hold for every command."""

    config: Path | None = None
    quiet: bool = False


app = typer.Typer(
    name="gmn-llm",
    help="From a sentence to a valid, running active-inference agent model (GMN).",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:  # noqa: FBT001  # the shape typer asks of a callback
    if wanted:
        sys.stdout.write(f"gmn-llm {__version__}\n")
        raise typer.Exit


@app.callback()
def _globals(
    context: typer.Context,
    *,
    config: Annotated[Path | None, typer.Option(help="Configuration file (YAML, JSON or TOML).")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Results and errors only.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", help="Say what is done, on standard error.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    del version
    level = logging.ERROR if quiet else logging.INFO if verbose else logging.WARNING
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("gmn-llm: %(message)s"))
    logger = logging.getLogger("gmn_llm")
    logger.handlers[:] = [handler]
    logger.setLevel(level)
    logger.propagate = False
    context.obj = Globals(config, quiet)


for _name, _command in (
    ("generate", generate.command),
    ("validate", validate.command),
    ("refine", refine.command),
    ("convert", convert.command),
    ("simulate", simulate.command),
    ("models", models.command),
    ("evaluate", evaluate.command),
    ("health", health.command),
):
    app.command(_name)(guarded(_command))
app.add_typer(cache.app, name="cache")
app.add_typer(config.app, name="config")
app.add_typer(dataset.app, name="dataset")


def hoisted(arguments: Sequence[str]) -> list[str]:
    """Return the arguments with the global options first, so that they may stand after the command too."""
    first: list[str] = []
    rest: list[str] = []
    given = iter(arguments)
    for argument in given:
        if argument == "--":
            rest += [argument, *given]
        elif argument in GLOBAL_FLAGS or (argument.partition("=")[0] in GLOBAL_VALUES and "=" in argument):
            first.append(argument)
        elif argument in GLOBAL_VALUES:
            first += [argument, *([value] if (value := next(given, None)) is not None else [])]
        else:
            rest.append(argument)
    return [*first, *rest]


def run() -> None:
    """Run the command line and leave the process with its exit code."""
    try:
        app(args=hoisted(sys.argv[1:]), prog_name="gmn-llm")
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
