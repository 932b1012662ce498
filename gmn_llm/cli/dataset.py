"""``gmn-llm dataset``: prompts and documents as training pairs for a model of one's own."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from gmn_llm.cli.documents import limits_of
from gmn_llm.cli.helping import add, group
from gmn_llm.cli.output import STANDARD_OUTPUT, writing
from gmn_llm.dataset.forms import Form
from gmn_llm.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gmn_llm.dataset.exporting import Example, Exporter
    from gmn_llm.dataset.pairs import LeftOut, Pair

__all__ = ["app"]

CACHE = "cache"
TRIES = 20
"""Descriptions that are drawn at most for each synthetic pair that is wanted."""

app = group(
    "Prompts and documents as training pairs for a model of one's own (export).\n\n"
    "Example: gmn-llm dataset export --synthetic 100 -o pairs.jsonl"
)


@app.callback()
def _group() -> None:
    """Training pairs for a model of one's own."""


def export(
    context: typer.Context,
    *,
    output: Annotated[
        Path, typer.Option("-o", "--output", help="File to write, JSON lines; - is standard output.", metavar="FILE")
    ],
    source: Annotated[
        list[str] | None,
        typer.Option("--from", help="cache, or a file that a batch wrote; may be repeated.", metavar="cache|FILE"),
    ] = None,
    synthetic: Annotated[
        int, typer.Option(min=0, max=10_000, help="So many pairs of the built-in designer.", metavar="N")
    ] = 0,
    to: Annotated[Form, typer.Option(help="What a line looks like.")] = Form.OPENAI,
    split: Annotated[
        float, typer.Option(help="Share of the pairs for validation, in a file beside.", metavar="SHARE")
    ] = 0.0,
    seed: Annotated[int, typer.Option(help="Another one draws and splits otherwise.", metavar="N")] = 0,
) -> None:
    """Write pairs of prompt and document, each checked again, as conversations that a model can be trained with.

    They come from the prompt cache, or with --from from files that a batch wrote; with --synthetic the built-in
    designer makes them. The system's and the user's message are those that the package sends; the answer is the
    compact draft it asks for. A document that is not valid, that no draft can say, or that is there twice is left out,
    and how many that were is told. With --split 0.1 a tenth goes to NAME.validation.ENDING: which pairs is decided by
    their own prompts, so that further ones move none.

    Example: gmn-llm dataset export --synthetic 1000 --split 0.1 -o pairs.jsonl
    """
    from gmn_llm.dataset.exporting import Exporter  # --help does without it
    from gmn_llm.dataset.synthetic import synthetic as drawn
    from gmn_llm.prompts import AGENT_TYPES

    limits = limits_of(context.obj.config)
    exporter = Exporter(agent_types=AGENT_TYPES, split=split, seed=seed, limits=limits)
    sources = list(dict.fromkeys(source or ([] if synthetic else [CACHE])))
    asked = exporter.examples(_found(context, sources))
    made = exporter.examples(drawn(TRIES * synthetic, seed=seed))
    validation = _beside(output) if split else None
    with ExitStack() as files:
        streams = [files.enter_context(writing(file)) for file in (output, validation) if file is not None]
        _write(asked, streams, to)
        before, reasons = exporter.training + exporter.validation, _reasons(exporter)
        _write(islice(made, synthetic), streams, to)
        _refuse_too_few(exporter, before, synthetic, reasons)
    if not context.obj.quiet:
        sys.stderr.write(f"gmn-llm: {_told(exporter, validation)}{reasons}\n")


def _found(context: typer.Context, sources: Sequence[str]) -> Iterator[Pair | LeftOut]:
    from gmn_llm.dataset.pairs import pairs_of_batch

    for source in sources:
        if source == CACHE:
            yield from _cached(context)
        else:
            yield from pairs_of_batch(Path(source))


def _cached(context: typer.Context) -> Iterator[Pair | LeftOut]:
    from gmn_llm.cli.cache import configured, opened
    from gmn_llm.dataset.pairs import pairs_of_entries

    said, folder, url = configured(context.obj.config)
    with opened(said, folder, url, quiet=context.obj.quiet) as store:
        yield from pairs_of_entries(store.items())


def _write(examples: Iterator[Example], streams: Sequence[BinaryIO], form: Form) -> None:
    from gmn_llm.dataset.forms import line_of

    for example in examples:
        streams[-1 if example.validation else 0].write(line_of(example.messages, form))


def _beside(output: Path) -> Path:
    """Return where the pairs for validation go.

    Raises:
        InputError: There is no place beside the output.
    """
    if str(output) == STANDARD_OUTPUT or (output.exists() and not output.is_file()):
        raise InputError("--split writes two files, so the output has to be one", hint="-o pairs.jsonl")
    return output.with_name(f"{output.stem}.validation{output.suffix}")


def _refuse_too_few(exporter: Exporter, before: int, wanted: int, reasons: str) -> None:
    """Refuse to write a file with nothing in it, or with fewer pairs than were asked for."""
    written = exporter.training + exporter.validation
    if written - before < wanted:
        raise InputError(f"only {written - before} different pairs were drawn, not {wanted}", hint="ask for fewer")
    if not written:
        raise InputError(f"there is no pair to write{reasons}", hint="generate some first, or say --synthetic 100")


def _told(exporter: Exporter, validation: Path | None) -> str:
    written = f"{exporter.training} pairs"
    if validation is not None:
        written += f", and {exporter.validation} for validation in {validation}"
    return written


def _reasons(exporter: Exporter) -> str:
    reasons = ", ".join(f"{count} {why}" for why, count in sorted(exporter.left_out.items()))
    return f"; left out: {reasons}" if reasons else ""


add(app, "export", export)
