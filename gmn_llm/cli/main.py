"""The command ``gmn-llm``: from its arguments to its exit code."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn

__all__ = ["hoisted", "run"]

PROGRAM = "gmn-llm"
COMPLETION = "_GMN_LLM_COMPLETE"
"""The variable by which a shell asks for completions."""
GLOBAL_FLAGS = frozenset({"--quiet", "--verbose", "--version"})
GLOBAL_VALUES = frozenset({"--config"})
INTERRUPTED = 130


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
            value = next(given, None)
            if value is None:
                return [*first, argument]  # which is told to lack its value
            first += [argument, value]
        else:
            rest.append(argument)
    return [*first, *rest]


def run() -> None:
    """Run the command line and leave the process with its exit code."""
    try:
        # Ctrl-C may come while all of this is still being loaded.
        from gmn_llm.cli.running import completed, ran
        from gmn_llm.cli.streams import prepare

        prepare()
        if os.environ.get(COMPLETION):
            completed(PROGRAM, COMPLETION)
        code = ran(PROGRAM, hoisted(sys.argv[1:]) or ["--help"])
    except KeyboardInterrupt:
        code = INTERRUPTED
    if code == INTERRUPTED:
        _leave(code)
    sys.exit(code)


def _leave(code: int) -> NoReturn:
    """Leave at once: a thread that loads LiteLLM, for which nobody waits any more, takes seconds to its end."""
    for stream in (sys.stdout, sys.stderr):
        # Whoever interrupts has often closed what reads this as well.
        with contextlib.suppress(OSError):
            if stream is not None:
                stream.flush()
    os._exit(code)
