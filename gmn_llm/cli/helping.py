"""Commands and their help: what a command does, and an example that can be copied."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Final, ParamSpec

import typer

from gmn_llm.cli.guard import guarded

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["EPILOG", "EXAMPLE", "add", "example_of", "group", "helped"]

P = ParamSpec("P")
EXAMPLE: Final = "Example: "
EPILOG: Final = "--config FILE, --quiet, --verbose and --version may stand before or after a command."
UNWRAPPED: Final = "\b"
"""By this line typer leaves a paragraph as it is: an example that is broken into lines can't be copied."""


def helped(text: str) -> str:
    """Return a docstring as a help text; its paragraph that begins with ``Example:`` is not broken into lines."""
    parts = inspect.cleandoc(text).split("\n\n")
    return "\n\n".join(f"{UNWRAPPED}\n{part}" if part.startswith(EXAMPLE) else part for part in parts)


def example_of(text: str) -> str:
    """Return the example of a help text, or nothing."""
    lines = (line for line in text.splitlines() if line.startswith(EXAMPLE))
    return next(lines, "").removeprefix(EXAMPLE)


def add(app: typer.Typer, name: str, command: Callable[P, int | None]) -> None:
    """Make ``command`` a command of ``app``; its docstring is its help."""
    app.command(name, help=helped(command.__doc__ or ""), epilog=EPILOG)(guarded(command))


def group(text: str) -> typer.Typer:
    """Return a command that has commands of its own.

    Args:
        text: Its help.
    """
    return typer.Typer(
        help=helped(text),
        epilog=EPILOG,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
