"""``gmn-llm health``: who can answer, who can't and why, and how each has done."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gmn_llm.cli.output import write
from gmn_llm.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from gmn_llm.factory import LLMProviderFactory

__all__ = ["command"]

log = logging.getLogger("gmn_llm")
PACE = 2.0
"""Seconds between two looks with ``--watch``."""


def command(
    context: typer.Context,
    *,
    probe: Annotated[bool, typer.Option("--probe", help="Ask each provider whether it answers.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Look again every 2 seconds, until Ctrl-C.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
    prometheus: Annotated[bool, typer.Option("--prometheus", help="Print it as Prometheus metrics.")] = False,
) -> int:
    """Tell which providers can be used, why the others can't, and how each has done. Exit code 1 when none can answer.

    A process of its own has made no calls, so the figures are those of all processes that share a Redis, where one is
    configured; without one they are nought. --probe asks each provider, at most 5 seconds in all: for a list of
    models, or for one token where there is no list. With --watch and --json there is an object on each line.

    Example: gmn-llm health --probe
    """
    if prometheus and (as_json or watch):
        raise InputError("--prometheus prints one text; it does not go with --json or --watch")
    return asyncio.run(_run(context.obj.config, probe=probe, watch=watch, form=_form(as_json, prometheus)))


def _form(as_json: bool, prometheus: bool) -> str:  # noqa: FBT001  # two flags of the command line
    if as_json or prometheus:
        return "json" if as_json else "prometheus"
    return "table" if sys.stdout.isatty() else "plain"


async def _run(config: Path | None, *, probe: bool, watch: bool, form: str) -> int:
    from gmn_llm.config import shared_redis  # --help does without it
    from gmn_llm.factory import create_llm_factory

    async with create_llm_factory(config, watch=watch) as factory:
        scope = "shared" if shared_redis(factory.settings) else "own"
        if watch:
            await _watched(factory, probe=probe, scope=scope, form=form)
        report = await factory.health_check(probe=probe, scope=scope)
    _show(report, form)
    return 0 if report["can_answer"] else 1


async def _watched(factory: LLMProviderFactory, *, probe: bool, scope: str, form: str) -> None:
    """Show it again and again; Ctrl-C, or a reader that has gone, ends it."""
    if form == "table":
        from rich.live import Live

        from gmn_llm.cli.health_table import pictured, terminal

        console = terminal()
        with Live(console=console, auto_refresh=False, vertical_overflow="visible") as live:
            while True:
                report = await factory.health_check(probe=probe, scope=scope)
                live.update(pictured(report, width=console.width), refresh=True)
                await asyncio.sleep(PACE)
    remarked: frozenset[str] = frozenset()
    while True:
        remarked = _show(await factory.health_check(probe=probe, scope=scope), form, remarked)
        await asyncio.sleep(PACE)


def _show(report: dict[str, Any], form: str, remarked: frozenset[str] = frozenset()) -> frozenset[str]:
    """Print a report, and return what there was to remark; what was remarked before is not repeated."""
    now: list[str] = []
    if form == "json":
        write(json.dumps(report, ensure_ascii=False), None)
    elif form == "prometheus":
        from gmn_llm.health.prometheus import metrics_text

        try:
            text = metrics_text(report)
        except ImportError as error:
            raise InputError("--prometheus needs an extra", hint="pip install 'gmn-llm[prometheus]'") from error
        write(text, None)
    elif form == "table":
        from gmn_llm.cli.health_table import pictured, terminal

        console = terminal()
        console.print(pictured(report, width=console.width))
    else:
        from gmn_llm.cli.health_table import plain, remarks

        write(plain(report), None)
        now = list(remarks(report))
        for words in now:
            if words not in remarked:
                log.warning("%s", words)
    return frozenset(now)
