"""Runs the commands without typer's own way of ending: errors in three lines, exit codes of ours."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import typer
from typer.main import get_command

from gmn_llm.cli.app import app
from gmn_llm.cli.guard import outcome
from gmn_llm.cli.helping import example_of
from gmn_llm.cli.trouble import WRONG, told

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["completed", "ran"]

USAGE_ERROR: type[Exception] = typer.BadParameter.__bases__[0]
"""What all wrong usage is; typer exports it under no name, and has moved it from click into a module of its own."""

PYDANTIC = "Value error, "
"""What pydantic puts before the words of a check, and typer passes on."""


def completed(program: str, variable: str) -> None:
    """Answer a shell that asks for completions, and end the process."""
    get_command(app).main(args=[], prog_name=program, complete_var=variable)


def ran(program: str, arguments: Sequence[str]) -> int:
    """Return the exit code of a run; what went wrong is told on standard error.

    Args:
        program: What it is called.
        arguments: What stands behind that.
    """

    def action() -> int:
        try:
            with get_command(app).make_context(program, list(arguments)) as context:
                context.command.invoke(context)
        except typer.Exit as done:
            return done.exit_code
        except USAGE_ERROR as error:
            sys.stderr.write(_misused(error, program))
            return WRONG
        return 0

    return outcome(action, program)


def _misused(error: Exception, program: str) -> str:
    """Return the lines of wrong usage; the error has the context of the command that was reached."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else program
    words = str(getattr(error, "format_message", error.__str__)()).strip().replace(PYDANTIC, "")
    example = "" if context is None else example_of(context.command.help or "")
    hint = f"{command} --help has what there is" + (f"; e.g. {example}" if example else "")
    return told(words[:1].lower() + words[1:].removesuffix("."), [command], hint)
