"""Documents that a command is given: a file, or standard input for ``-``."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from gmn_llm.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gmn_llm.gmn import GMNSpec, Limits
    from gmn_llm.gmn.gnn import Axes

__all__ = ["STANDARD_INPUT", "Source", "axes_of", "content", "limits_of", "text", "valid_document"]

STANDARD_INPUT = "-"
GNN_ENDING = ".md"
DETECT = "detect"


class Source(StrEnum):
    """What a document is written in: a notation of GMN, or GNN's Markdown."""

    GMN = "gmn"
    GNN = "gnn"


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
    data = content(file)
    if source is Source.GNN or (source is None and _is_gnn(file, data)):
        return GMNSpec.from_gnn(data, axes=axes, limits=limits).valid()
    if axes != DETECT:
        raise InputError("--axes is about GNN files alone", hint="say that it is one: --from gnn")
    return GMNSpec.parse(data, filename=None if file == STANDARD_INPUT else file, limits=limits).valid()


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
