"""``gmn-llm generate``: the main job."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gmn_llm.cli.documents import STANDARD_INPUT, text
from gmn_llm.cli.formats import Format, rendered
from gmn_llm.cli.output import write
from gmn_llm.errors import InputError

if TYPE_CHECKING:
    from gmn_llm.gmn import GMNSpec

__all__ = ["command"]

LISTS = ("actions", "require")
HELP = """Write a model of an agent for a description in words.

Example: gmn-llm generate "Create an agent that explores a 5x5 grid world" --agent-type explorer -o explorer.json"""


def command(
    context: typer.Context,
    prompt: Annotated[
        str, typer.Argument(help="What the agent is, in words; - reads standard input.", metavar="PROMPT")
    ],
    *,
    agent_type: Annotated[
        str, typer.Option(help="Kind of agent: general, explorer, trader, coordinator, ...")
    ] = "general",
    constraint: Annotated[list[str] | None, typer.Option(help="A demand, e.g. max_states=10; may be repeated.")] = None,
    example: Annotated[
        list[Path] | None, typer.Option(help="A document that shows what is wanted; may be repeated.")
    ] = None,
    image: Annotated[
        list[str] | None,
        typer.Option(
            help="A picture or diagram of the agent: a file (PNG, JPEG, WebP, GIF, SVG, Mermaid, Graphviz) or an "
            "address; may be repeated."
        ),
    ] = None,
    provider: Annotated[str | None, typer.Option(help="Ask this provider alone.")] = None,
    timeout: Annotated[float, typer.Option(help="Seconds for everything.")] = 60.0,
    format: Annotated[Format, typer.Option(help="What to write.")] = Format.JSON,  # noqa: A002  # the option's name
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="File to write; standard output otherwise.")
    ] = None,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Neither read nor write the cache.")] = False,
    refresh: Annotated[bool, typer.Option("--refresh", help="Make it anew even if it is in the cache.")] = False,
) -> None:
    """Write a model of an agent for a description in words."""
    import asyncio

    spec = asyncio.run(
        _made(
            context.obj.config,
            text(prompt) if prompt == STANDARD_INPUT else prompt,
            provider=provider,
            agent_type=agent_type,
            constraints=constraints(constraint or ()),
            examples=[text(str(file)) for file in example or ()],
            images=image or (),
            timeout=timeout,
            use_cache=not no_cache,
            refresh=refresh,
        )
    )
    tell(context, spec)
    write(rendered(spec, format), output)


command.__doc__ = HELP


async def _made(config: Path | None, prompt: str, *, provider: str | None, **more: Any) -> GMNSpec:
    from gmn_llm.factory import create_llm_factory

    async with create_llm_factory(config) as factory:
        return await factory.generate_gmn(prompt, provider_type=provider, **more)


def tell(context: typer.Context, spec: GMNSpec) -> None:
    """Write what was assumed, changed or left unread to standard error, unless ``--quiet`` was said."""
    if not context.obj.quiet:
        for warning in spec.warnings:
            sys.stderr.write(f"gmn-llm: {warning}\n")


def constraints(given: list[str] | tuple[str, ...]) -> dict[str, object]:
    """Return ``k=v`` words as constraints; v is JSON where it can be read as JSON, else a word.

    Raises:
        InputError: One of them has no ``=`` or no name, or a name stands twice.
    """
    result: dict[str, object] = {}
    for word in given:
        name, equals, value = word.partition("=")
        if not equals or not name.strip():
            raise InputError(
                f"--constraint {word!r} is not of the form name=value", hint="e.g. --constraint max_states=10"
            )
        if name in result:
            raise InputError(f"--constraint {name} is given twice")
        result[name.strip()] = _value(name.strip(), value.strip())
    return result


def _value(name: str, value: str) -> object:
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return [part.strip() for part in value.split(",")] if name in LISTS else value
