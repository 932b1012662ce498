"""What a command leaves behind when it fails: an exit code, and up to three lines on standard error."""

from __future__ import annotations

import functools
import os
import sys
from typing import TYPE_CHECKING, ParamSpec

import typer

from gmn_llm.errors import AuthenticationError, ConfigError, InputError, LLMError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["INTERRUPTED", "guarded"]

FAILED, WRONG, INTERRUPTED = 1, 2, 130

P = ParamSpec("P")


def guarded(command: Callable[P, int | None]) -> Callable[P, None]:
    """Return ``command`` so that it ends with an exit code and never with a traceback of ours."""

    @functools.wraps(command)
    def inner(*args: P.args, **kwargs: P.kwargs) -> None:
        raise typer.Exit(_code(functools.partial(command, *args, **kwargs)))

    return inner


def _code(action: Callable[[], int | None]) -> int:
    try:
        code = action()
        sys.stdout.flush()
    except LLMError as error:
        _say(error)
        return _exit_code(error)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Nobody reads on: let the interpreter's own flush at exit go nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        sys.stderr.write(f"error: {error.strerror or error}: {error.filename or 'standard output'}\n")
        return WRONG
    return code or 0


def _exit_code(error: LLMError) -> int:
    """A key that is not there is a matter of configuration; one that is refused is the provider's answer."""
    unasked = isinstance(error, AuthenticationError) and not error.attempts
    return WRONG if isinstance(error, ConfigError | InputError) or unasked else FAILED


def _say(error: LLMError) -> None:
    lines = [f"error: {error}"]
    lines += [
        f"  tried {a.provider} ({a.model}): {a.error}{f', status {a.status}' if a.status else ''}"
        for a in error.attempts
        if a.error
    ]
    if error.hint:
        lines.append(f"  {error.hint}")
    sys.stderr.write("\n".join(lines) + "\n")
