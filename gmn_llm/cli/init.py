"""``gmn-llm init``: a configuration for what there is."""

from __future__ import annotations

import asyncio
import errno
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from gmn_llm.cli.output import STANDARD_OUTPUT, check_place, write
from gmn_llm.errors import InputError
from gmn_llm.findings import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gmn_llm.setup import Surroundings

__all__ = ["command"]

FILE: Final = Path("gmn-llm.yaml")
ENDINGS: Final = (".yaml", ".yml")


def command(
    context: typer.Context,
    *,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", help="File to write; - is standard output.  [default: gmn-llm.yaml]", metavar="FILE"
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
) -> None:
    """Write a configuration with comments for what is found.

    Looked for are keys in the environment, of which only the variables' names are written, and an Ollama server with
    the models that are pulled. Nobody else is asked for anything. Where nothing is found the mock answers, and comments
    say how to add others.

    Example: gmn-llm init
    """
    from gmn_llm.setup import composed, looked  # --help does without it

    file: Path = output or context.obj.config or FILE
    is_file = str(file) != STANDARD_OUTPUT
    if is_file and file.suffix.lower() not in ENDINGS:
        raise InputError(f"{file} is not named as YAML is", hint="name it .yaml, such as gmn-llm.yaml")
    check_place(file)
    if is_file and not force:
        _refuse_existing(file)
    found = asyncio.run(looked(file.resolve().parent if is_file else Path.cwd()))
    write(composed(found), file, replace=force)
    if is_file and not context.obj.quiet:
        sys.stderr.write("\n".join(visible(line) for line in _told(file, found)) + "\n")


def _refuse_existing(file: Path) -> None:
    if os.path.lexists(file):
        raise FileExistsError(errno.EEXIST, "the file is there already", str(file))


def _told(file: Path, found: Surroundings) -> Iterator[str]:
    """Yield what was written, and what to do next."""
    there = found.answering
    asked = ", then ".join(there) or "the mock, for nobody else was found"
    yield f"gmn-llm: {file} is written; asked: {asked}"
    for variable, fault in found.faults.items():
        yield f"gmn-llm: {variable} is left out: {fault}"
    elsewhere = os.environ.get("GMN_LLM_CONFIG")
    if elsewhere and Path(elsewhere).resolve() != file.resolve():
        yield f"gmn-llm: GMN_LLM_CONFIG names {elsewhere}, which goes before it"
    elif file.resolve() != FILE.resolve():
        yield f"gmn-llm: it is used where it is named: --config {file}, or GMN_LLM_CONFIG"
    yield "gmn-llm: next: gmn-llm doctor"
