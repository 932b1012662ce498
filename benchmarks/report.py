"""``RESULTS.md``: what was measured, where, when, with what, and what a person has written about it."""

from __future__ import annotations

import os
import platform
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import goals, tables

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.tables import Table

__all__ = ["Surroundings", "machine", "written"]

KEPT = "## What holds it back"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a run was made with.

    Attributes:
        command: The command.
        versions: The versions of each environment.
        tree: The folder of the package.
        notes: What else there is to say, a sentence each.
    """

    command: str
    versions: Mapping[str, Mapping[str, str]]
    tree: Path
    notes: Sequence[str] = ()


def machine() -> str:
    """Return processor, cores, memory, system and Python in words."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.is_file() else []
    model = next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine()
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    system = f"{platform.system()} {platform.release().partition('-')[0]}"
    return f"{model}, {os.cpu_count()} cores, {memory:.0f} GB, {system}, Python {platform.python_version()}"


def written(file: Path, measured: Mapping[str, Table], around: Surroundings) -> None:
    """Write the results; the section on what holds the package back is a person's and stays as it is."""
    before = file.read_text(encoding="utf-8") if file.is_file() else ""
    kept = before[before.index(KEPT) :] if KEPT in before else f"{KEPT}\n"
    rows = [row for table in measured.values() for row in tables.rows(table)]
    facts = [
        f"- machine: {machine()}",
        f"- date: {datetime.now(tz=UTC):%Y-%m-%d %H:%M} UTC; load before: {os.getloadavg()[0]:.1f}",
        f"- command: `{around.command}`",
        f"- the package: {_state(around.tree)}",
        *(f"- environment {name}: {_in_words(told)}" for name, told in around.versions.items()),
        *(f"- {note}" for note in around.notes),
    ]
    parts = [
        "# Results",
        "Written by `python -m benchmarks`, but for the last section. Numbers of other machines can't be compared\n"
        "with these; ratios can, and on a busy machine those below 30 % are noise. A ratio is taken within one repeat.",
        "\n".join(facts),
        "## Goals",
        tables.as_markdown(goals.HEADINGS, goals.verdicts(measured)),
        "## Figures",
        tables.as_markdown(tables.HEADINGS, rows),
        kept.rstrip(),
    ]
    file.write_text("\n\n".join(parts) + "\n", encoding="utf-8")


def _in_words(versions: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in versions.items())


def _state(tree: Path) -> str:
    run = subprocess.run(  # noqa: S603 - git, with a folder
        ["git", "-C", str(tree), "describe", "--always", "--dirty"],  # noqa: S607 - whichever git there is
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return run.stdout.strip() or "a folder without history"
