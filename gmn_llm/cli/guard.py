"""What a command leaves behind: an exit code and, where it failed, three lines on standard error."""

from __future__ import annotations

import functools
import os
import sys
from typing import TYPE_CHECKING, ParamSpec

import typer

from gmn_llm.cli.trouble import WRONG, exit_code, told_of, told_of_file
from gmn_llm.errors import LLMError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["INTERRUPTED", "guarded", "outcome"]

INTERRUPTED = 130

P = ParamSpec("P")


def guarded(command: Callable[P, int | None]) -> Callable[P, None]:
    """Return ``command`` so that it ends with an exit code and never with a traceback of ours."""

    @functools.wraps(command)
    def inner(*args: P.args, **kwargs: P.kwargs) -> None:
        name = str(getattr(kwargs.get("context"), "command_path", "gmn-llm"))
        raise typer.Exit(outcome(functools.partial(command, *args, **kwargs), name))

    return inner


def outcome(action: Callable[[], int | None], name: str) -> int:
    """Run ``action`` and return its exit code; what fails is told on standard error.

    Args:
        action: Returns an exit code, or None for 0.
        name: What is run, for the words, e.g. ``gmn-llm generate``.
    """
    try:
        code = action()
        sys.stdout.flush()
    except LLMError as error:
        sys.stderr.write(told_of(error, name))
        return exit_code(error)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        _mute()
        return 0
    except OSError as error:
        sys.stderr.write(told_of_file(error, name))
        _mute()
        return WRONG
    return code or 0


def _mute() -> None:
    """Let what standard output still holds go nowhere: the interpreter writes it out at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
