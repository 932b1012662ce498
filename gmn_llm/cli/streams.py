"""The standard streams, so that a command can use them whatever it was started with."""

from __future__ import annotations

import io
import logging
import os
import sys
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from typing import Final

__all__ = ["StandardError", "is_coloured", "prepare"]

STREAMS: Final = (("stdin", os.O_WRONLY, "r"), ("stdout", os.O_RDONLY, "w"), ("stderr", os.O_WRONLY, "w"))
"""Their names in the order of their numbers, with how what replaces a closed one is opened: standard input and output
the wrong way round, so that who uses them is told."""


def prepare() -> None:
    """Give closed streams a stand-in, and let every sign be written, escaped where the encoding lacks it.

    A number that is left free would go to the next file that is opened, such as the cache's database, and what is
    meant for standard output would be written into that.
    """
    for number, (name, flags, mode) in enumerate(STREAMS):
        if getattr(sys, name) is None:
            handle = os.open(os.devnull, flags)
            if handle != number:
                os.dup2(handle, number)
                os.close(handle)
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115  # a number
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def is_coloured(stream: TextIO) -> bool:
    """Return whether colours may go to ``stream``: to a terminal that has some, unless NO_COLOR is set."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


class StandardError(logging.Handler):
    """Writes to standard error as it is now: while a spinner turns there, it is not the one of before."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record on a line."""
        sys.stderr.write(f"{self.format(record)}\n")
        sys.stderr.flush()
