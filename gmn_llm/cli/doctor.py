"""``gmn-llm doctor``: does this installation work, and what is to be done where it does not."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING, Final

import typer

from gmn_llm.cli.options import Json
from gmn_llm.cli.output import write
from gmn_llm.cli.streams import is_coloured
from gmn_llm.cli.trouble import FAILED
from gmn_llm.findings import visible

if TYPE_CHECKING:
    from pathlib import Path

    from gmn_llm.setup.report import Check

__all__ = ["command"]

COLOURS: Final = {"ok": "green", "warn": "yellow", "fail": "red"}


def command(context: typer.Context, *, as_json: Json = False) -> int:
    """Check an installation from Python to a round trip, and say what to do.

    Looked at are Python, the packages and extras, LiteLLM's version, the configuration, keys, the cache, each provider
    (which is asked whether it answers, at most 5 seconds in all), the way from a sentence to a running agent, and the
    terminal. Exit code 1 when something does not work; warnings leave 0.

    Example: gmn-llm doctor
    """
    checks = asyncio.run(_checked(context.obj.config, is_told=not as_json))
    good = all(check.status != "fail" for check in checks)
    if as_json:
        write(json.dumps({"ok": good, "checks": [check.as_dict() for check in checks]}, ensure_ascii=False), None)
    else:
        bad = sum(check.status == "fail" for check in checks)
        doubtful = sum(check.status == "warn" for check in checks)
        said = "all works" if good else f"{bad} thing{'s' * (bad != 1)} to mend"
        write(said + (f", {doubtful} to look at" if doubtful else ""), None)
    return 0 if good else FAILED


async def _checked(config: Path | None, *, is_told: bool) -> list[Check]:
    from gmn_llm.setup.doctor import examined  # --help does without it

    checks: list[Check] = []
    async for check in examined(config):
        checks.append(check)
        if is_told:
            _tell(check)
    return checks


def _tell(check: Check) -> None:
    """Write a line, and a second one with what to do; at once, for some checks take their time."""
    status = f"{check.status.value:<4}"
    if is_coloured(sys.stdout):
        status = typer.style(status, fg=COLOURS[check.status.value])
    lines = [f"{status}  {check.name}: {visible(check.message)}"]
    lines += [f"      to do: {visible(check.hint)}"] if check.hint else []
    write("\n".join(lines), None)
