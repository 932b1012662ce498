"""``gmn-llm convert``: a document in another notation, or as arrays."""

from __future__ import annotations

import io
import json
import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from gmn_llm.cli.documents import Source, axes_of, valid_document
from gmn_llm.cli.formats import Format, rendered
from gmn_llm.cli.generate import tell
from gmn_llm.cli.options import Output
from gmn_llm.cli.output import STANDARD_OUTPUT, check_place, write, write_bytes
from gmn_llm.errors import InputError

if TYPE_CHECKING:
    from gmn_llm.gmn import GMNSpec

__all__ = ["command"]

ARRAYS = ("A", "B", "C", "D")


class Target(StrEnum):
    """What a document can be converted to: the text formats, and arrays for pymdp."""

    JSON = "json"
    TEXT = "text"
    EXPANDED = "expanded"
    MERMAID = "mermaid"
    GNN = "gnn"
    HTML = "html"
    PYMDP = "pymdp"


def command(
    context: typer.Context,
    file: Annotated[str, typer.Argument(help="A document in any notation; - reads standard input.", metavar="FILE")],
    *,
    to: Annotated[Target, typer.Option(help="What to write; pymdp is an .npz file of arrays.")],
    source: Annotated[
        Source | None,
        typer.Option("--from", help="What FILE is; otherwise a .md file with GNN's headings is GNN, all else GMN."),
    ] = None,
    axes: Annotated[
        list[str] | None,
        typer.Option(
            help="Order of the axes in a GNN file: documented, or e.g. B=action-previous-next; may be repeated.",
            metavar="ORDER",
        ),
    ] = None,
    output: Output = None,
) -> None:
    """Write a document in another notation, or its arrays.

    Example: gmn-llm convert explorer.json --to pymdp -o explorer.npz
    """
    if to is Target.PYMDP and (output is None or str(output) == STANDARD_OUTPUT) and sys.stdout.isatty():
        raise InputError("arrays are no text for a terminal", hint="name a file: -o agent.npz")
    check_place(output)
    spec = valid_document(file, config=context.obj.config, source=source, axes=axes_of(axes or ()))
    tell(context, spec)
    if to is not Target.PYMDP:
        write(rendered(spec, Format(to.value)), output)
        return
    write_bytes(_npz(spec), output)


def _npz(spec: GMNSpec) -> bytes:
    """Return an .npz file with A_0, B_0, C_0, D_0, ..., E where there are habits, and ``meta`` (JSON text)."""
    import numpy as np

    arguments = spec.to_pymdp()
    arrays = {f"{name}_{k}": array for name in ARRAYS for k, array in enumerate(arguments[name])}
    if "E" in arguments:
        arrays["E"] = arguments["E"]
    meta = {key: value for key, value in arguments.items() if key not in (*ARRAYS, "E")}
    buffer = io.BytesIO()
    np.savez_compressed(buffer, meta=np.array(json.dumps({"name": spec.name, **meta})), **arrays)
    return buffer.getvalue()
