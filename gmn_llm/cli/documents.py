"""Documents that a command is given: a file, or standard input for ``-``."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from gmn_llm.cli.trouble import place_of
from gmn_llm.errors import GMNValidationError, InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gmn_llm.gmn import GMNSpec, Limits
    from gmn_llm.gmn.gnn import Axes

__all__ = ["STANDARD_INPUT", "Source", "axes_of", "content", "limits_of", "refuse_twice", "text", "valid_document"]

STANDARD_INPUT = "-"
GNN_ENDING = ".md"
DETECT = "detect"
LARGEST = 64 * 1024**2
"""Bytes of a text that are read: as many as a document has at most, unless the configuration says otherwise."""


class Source(StrEnum):
    """What a document is written in: a notation of GMN, or GNN's Markdown."""

    GMN = "gmn"
    GNN = "gnn"


def content(file: str, *, most: int) -> bytes:
    """Return what ``file`` holds, or its beginning where that is more than ``most`` bytes: ``most`` and one.

    Raises:
        OSError: It can't be read.
    """
    if file != STANDARD_INPUT:
        with Path(file).open("rb") as stream:
            return stream.read(most + 1)
    try:
        return sys.stdin.buffer.read(most + 1)
    except OSError as error:
        raise OSError(error.errno, error.strerror, "standard input") from error


def refuse_twice(files: Sequence[str]) -> None:
    """Refuse to read standard input for more than one thing.

    Raises:
        InputError: ``-`` stands in ``files`` more than once.
    """
    if list(files).count(STANDARD_INPUT) > 1:
        raise InputError("standard input can be read only once", hint="name a file in place of the second -")


def text(file: str) -> str:
    """Return what ``file`` holds as text.

    Raises:
        OSError: It can't be read.
        InputError: It is not UTF-8, or longer than any document.
    """
    name = "standard input" if file == STANDARD_INPUT else file
    data = content(file, most=LARGEST)
    if len(data) > LARGEST:
        raise InputError(f"{name} is longer than {LARGEST} bytes", hint="name a shorter one")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{name} is not UTF-8 text", hint="save it as UTF-8") from error


def limits_of(config: Path | None) -> Limits:
    """Return what is too large, as the configuration has it.

    Raises:
        ConfigError: Something is wrong with the configuration.
    """
    from gmn_llm.config import load_settings  # --help does without it
    from gmn_llm.gmn.limits import Limits

    return Limits.of(dict(load_settings(config).limits))


def valid_document(file: str, *, config: Path | None, source: Source | None = None, axes: Axes = DETECT) -> GMNSpec:
    """Return the document in ``file``.

    Args:
        file: Its name, or ``-``.
        config: The configuration file that was named; it says what is too large.
        source: What it is written in. Where nothing is said, a file named ``.md`` with GNN's headings is GNN.
        axes: The order of the axes in a GNN file, as ``GMNSpec.from_gnn`` takes it.

    Raises:
        OSError: It can't be read.
        ConfigError: Something is wrong with the configuration.
        InputError: An order of axes is unknown, or given for a document that is no GNN.
        GMNValidationError: It is not a valid document.
    """
    from gmn_llm.gmn import GMNSpec

    limits = limits_of(config)
    data = content(file, most=limits.document_bytes)
    is_gnn = source is Source.GNN or (source is None and _is_gnn(file, data))
    if axes != DETECT and not is_gnn:
        raise InputError("--axes is about GNN files alone", hint="say that it is one: --from gnn")
    try:
        if is_gnn:
            return GMNSpec.from_gnn(data, axes=axes, limits=limits).valid()
        return GMNSpec.parse(data, filename=None if file == STANDARD_INPUT else file, limits=limits).valid()
    except GMNValidationError as error:
        error.add_note(place_of("standard input" if file == STANDARD_INPUT else file, error.findings))
        raise


def _is_gnn(file: str, data: bytes) -> bool:
    if not file.lower().endswith(GNN_ENDING):
        return False
    from gmn_llm.gmn.gnn import looks_like_gnn  # the language takes its time, and --help does not need it

    return looks_like_gnn(data.decode("utf-8", "replace"))


def axes_of(words: Sequence[str]) -> Axes:
    """Return what ``--axes`` says: one word, or an order for each variable.

    Raises:
        InputError: A word is neither alone nor of the form ``NAME=ORDER``, or a name stands twice.
    """
    if not words:
        return DETECT
    if len(words) == 1 and "=" not in words[0]:
        return words[0]
    orders: dict[str, str] = {}
    for word in words:
        name, equals, order = word.partition("=")
        if not equals or not name or name in orders:
            raise InputError(
                f"--axes {word!r} is not of the form NAME=ORDER", hint="e.g. --axes B=action-previous-next"
            )
        orders[name] = order
    return orders
