"""The commands of ``gmn-llm`` and its global options."""

from __future__ import annotations

import logging
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from gmn_llm._version import __version__
from gmn_llm.cli import (
    cache,
    config,
    convert,
    dataset,
    doctor,
    evaluate,
    generate,
    health,
    init,
    models,
    refine,
    simulate,
    validate,
)
from gmn_llm.cli.helping import EPILOG, add, helped
from gmn_llm.cli.streams import StandardError

__all__ = ["Globals", "app"]


@dataclass(frozen=True, slots=True)
class Globals:
    """The options that hold for every command."""

    config: Path | None = None
    quiet: bool = False


app = typer.Typer(
    name="gmn-llm",
    help=helped("""From a sentence to a valid, running active-inference agent model (GMN).

    Example: gmn-llm generate "Create an agent that explores a 5x5 grid world"
    """),
    epilog=EPILOG,
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
    config: Annotated[
        Path | None, typer.Option(help="Configuration file (YAML, JSON or TOML).", metavar="FILE")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Results and errors only.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", help="Say what is done, on standard error.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    del version
    if quiet and verbose:
        raise typer.BadParameter("--quiet and --verbose contradict each other", context)
    level = logging.ERROR if quiet else logging.INFO if verbose else logging.WARNING
    handler = StandardError()
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
    ("init", init.command),
    ("doctor", doctor.command),
):
    add(app, _name, _command)
for _name, _group in (("cache", cache.app), ("config", config.app), ("dataset", dataset.app)):
    app.add_typer(_group, name=_name)
