"""``gmn-llm evaluate``: how well a model writes documents, by the package's prompts or one's own."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gmn_llm.cli.guard import INTERRUPTED
from gmn_llm.cli.options import Json, ProviderName
from gmn_llm.cli.output import write
from gmn_llm.errors import InputError

if TYPE_CHECKING:
    from gmn_llm.evaluation import Case, Suite
    from gmn_llm.provider import Provider

__all__ = ["command"]


def command(
    context: typer.Context,
    *,
    prompts: Annotated[
        Path | None,
        typer.Option(help="A file of prompts with what is expected; the package's own otherwise.", metavar="FILE"),
    ] = None,
    provider: ProviderName = None,
    kind: Annotated[
        list[str] | None, typer.Option(help="Prompts of this kind only; may be repeated.", metavar="KIND")
    ] = None,
    concurrency: Annotated[int, typer.Option(min=1, help="How many prompts are asked at once.", metavar="N")] = 4,
    timeout: Annotated[float, typer.Option(help="Seconds for each prompt.", metavar="SECONDS")] = 60.0,
    use_cache: Annotated[bool, typer.Option("--use-cache", help="Take documents from the cache.")] = False,
    as_json: Json = False,
) -> int:
    """Score a model: documents it makes of prompts whose sizes, names, goals and chances can be checked.

    Prints how many documents are valid, how many expectations they meet by kind, repairs, tokens, cost and time, and
    what was missed. Exit code 0 when the prompts were asked, however low the score; 1 when nobody answered. Ctrl-C
    prints the score of what was asked so far.

    Example: gmn-llm evaluate --provider ollama --json
    """
    from gmn_llm.evaluation import Score, load_suite

    suite = load_suite(prompts).only(kind or ())
    cases: list[Case] = []
    who = ["", ""]
    interrupted = False
    run = _Run(context.obj.config, suite, cases, who, quiet=context.obj.quiet)
    try:
        asyncio.run(run.asked(provider, concurrency=concurrency, timeout=timeout, use_cache=use_cache))
    except KeyboardInterrupt:
        interrupted = True
    score = Score(suite=suite, provider=who[0], model=who[1], cases=cases, interrupted=interrupted)
    if as_json:
        write(json.dumps(score.as_dict(), ensure_ascii=False), None)
    else:
        from gmn_llm.cli.evaluate_table import plain, table

        write(table(score) if sys.stdout.isatty() else plain(score), None)
    if score.failed and not interrupted:
        raise next(case.error for case in cases if case.error is not None)
    return INTERRUPTED if interrupted else 0


class _Run:
    """One run, whose cases are there even when it is interrupted."""

    def __init__(self, config: Path | None, suite: Suite, cases: list[Case], who: list[str], *, quiet: bool) -> None:
        self._config = config
        self._suite = suite
        self._cases = cases
        self._who = who
        self._shown = sys.stderr.isatty() and not quiet

    async def asked(self, name: str | None, *, concurrency: int, timeout: float, use_cache: bool) -> None:  # noqa: ASYNC109
        from gmn_llm.factory import create_llm_factory  # --help does without it

        async with create_llm_factory(self._config) as factory:
            provider = await factory.get_provider(name)
            for prompt in self._suite.prompts:
                if prompt.agent_type not in factory.agent_types:
                    raise InputError(
                        f"prompt {prompt.id}: there is no agent type {prompt.agent_type!r}",
                        hint=f"there are {', '.join(factory.agent_types)}",
                    )
            self._who[:] = [provider.name, provider.model]
            await self._each(provider, concurrency=concurrency, timeout=timeout, use_cache=use_cache)

    async def _each(self, provider: Provider, *, concurrency: int, timeout: float, use_cache: bool) -> None:  # noqa: ASYNC109
        from contextlib import aclosing

        from gmn_llm.evaluation import evaluated

        running = evaluated(provider, self._suite, concurrency=concurrency, timeout=timeout, use_cache=use_cache)
        async with aclosing(running) as results:
            async for case in results:
                self._cases.append(case)
                self._tell()
        if self._shown:
            sys.stderr.write("\r\x1b[K")

    def _tell(self) -> None:
        """Say on a terminal how far it is."""
        if self._shown:
            sys.stderr.write(f"\r{len(self._cases)}/{len(self._suite.prompts)}")
            sys.stderr.flush()
