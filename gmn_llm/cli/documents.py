"""Documents that a command is given: a file, or standard input for ``-``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from gmn_llm.errors import InputError

if TYPE_CHECKING:
    from gmn_llm.gmn import GMNSpec

__all__ = ["STANDARD_INPUT", "content", "text", "valid_document"]

STANDARD_INPUT = "-"


def content(file: str) -> bytes:
    """Return what ``file`` holds.

    Raises:
        OSError: It can't be read.
    """
    return sys.stdin.buffer.read() if file == STANDARD_INPUT else Path(file).read_bytes()


def text(file: str) -> str:
    """Return what ``file`` holds as text.

    Raises:
        OSError: It can't be read.
        InputError: It is not UTF-8.
    """
    try:
        return content(file).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        name = "standard input" if file == STANDARD_INPUT else file
        raise InputError(f"{name} is not UTF-8 text", hint="save it as UTF-8") from error


def valid_document(file: str) -> GMNSpec:
    """Return the document in ``file``.

    Raises:
        OSError: It can't be read.
        GMNValidationError: It is not a valid document.
    """
    from gmn_llm.gmn import GMNSpec

    return GMNSpec.parse(content(file), filename=None if file == STANDARD_INPUT else file).valid()
