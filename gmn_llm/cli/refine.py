"""``gmn-llm refine``: one change in words."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gmn_llm.cli.documents import valid_document
from gmn_llm.cli.formats import Format, rendered
from gmn_llm.cli.generate import tell
from gmn_llm.cli.output import write

if TYPE_CHECKING:
    from gmn_llm.gmn import GMNSpec

__all__ = ["command"]


def command(
    context: typer.Context,
    file: Annotated[str, typer.Argument(help="A valid document; - reads standard input.", metavar="FILE")],
    *,
    feedback: Annotated[str, typer.Option(help="What is to change, in words.")],
    provider: Annotated[str | None, typer.Option(help="Ask this provider alone.")] = None,
    timeout: Annotated[float, typer.Option(help="Seconds for everything.")] = 60.0,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="File to write; standard output otherwise.")
    ] = None,
) -> None:
    """Change a document as words ask; nodes they do not speak of stay as they are.

    Example: gmn-llm refine explorer.json --feedback "it starts in the bottom-left corner"
    """
    config = context.obj.config
    document = valid_document(file, config=config)
    spec = asyncio.run(_refined(config, document, feedback, provider=provider, timeout=timeout))
    tell(context, spec)
    write(rendered(spec, Format.JSON), output)


async def _refined(
    config: Path | None,
    spec: GMNSpec,
    feedback: str,
    *,
    provider: str | None,
    timeout: float,  # noqa: ASYNC109  # the deadline of the whole call
) -> GMNSpec:
    from gmn_llm.factory import create_llm_factory

    async with create_llm_factory(config) as factory:
        return await (await factory.get_provider(provider)).refine_gmn(spec, feedback, timeout=timeout)
