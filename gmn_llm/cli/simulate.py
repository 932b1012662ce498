"""``gmn-llm simulate``: the agent of a document in the world that the document describes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from gmn_llm.cli.documents import valid_document
from gmn_llm.cli.generate import tell
from gmn_llm.cli.options import Json
from gmn_llm.cli.output import write
from gmn_llm.findings import quote

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gmn_llm.gmn.parts import Axis
    from gmn_llm.simulation import Simulation, Step, Summary

__all__ = ["command"]

HEAD = ("t", "state", "seen", "believed", "action", "efe")


def command(
    context: typer.Context,
    file: Annotated[str, typer.Argument(help="A document in any notation; - reads standard input.", metavar="FILE")],
    *,
    steps: Annotated[int, typer.Option(help="How many steps.", metavar="N")],
    seed: Annotated[int | None, typer.Option(help="The same seed gives the same run.", metavar="N")] = None,
    as_json: Json = False,
) -> None:
    """Run the agent of a document in the world it describes. Needs pymdp: pip install 'gmn-llm[pymdp]'.

    Example: gmn-llm simulate explorer.json --steps 10 --seed 1
    """
    from gmn_llm.simulation import simulate  # NumPy takes its time

    spec = valid_document(file, config=context.obj.config)
    tell(context, spec)
    run = simulate(spec, steps, seed=seed)
    text = json.dumps(run.as_dict(), ensure_ascii=False, allow_nan=False) if as_json else None
    write(text or _as_text(run, spec.structure.factors), None)


def _as_text(run: Simulation, factors: Sequence[Axis]) -> str:
    """Return a line for each step, in columns, and what they come to."""
    labels = {factor.id: factor.labels for factor in factors}
    rows = [HEAD, *(_row(step, labels) for step in run.steps)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([*lines, "", *_totals(run.summary), f"seed: {run.seed}"])


def _row(step: Step, labels: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    believed: list[str] = []
    for factor, belief in step.beliefs.items():
        likely = max(range(len(belief)), key=belief.__getitem__)
        name = labels[factor][likely] if labels[factor] else str(likely)
        believed.append(f"{factor}={_plain(name)} {belief[likely]:.2f}")
    pairs = (_pairs(step.state), _pairs(step.observations), ", ".join(believed), _pairs(step.action))
    return (str(step.t), *pairs, f"{step.efe:.2f}")


def _totals(summary: Summary) -> Iterator[str]:
    for action, counts in summary.actions.items():
        taken = ", ".join(f"{_plain(name)} {count}" for name, count in counts.items() if count)
        yield f"{action}: {taken}"
    for modality, count in summary.preferred.items():
        yield f"{modality}: liked best at {count} of {summary.steps} steps"
    yield f"log-preference: {summary.mean_preference:.3f} nats a step"
    yield f"expected free energy: {summary.mean_efe:.3f} nats a step"
    for factor, entropy in summary.entropy.items():
        yield f"{factor}: {entropy:.3f} nats uncertain at the end"


def _pairs(values: Mapping[str, str | int]) -> str:
    return ", ".join(f"{name}={_plain(str(value))}" for name, value in values.items()) or "-"


def _plain(label: str) -> str:
    """Return a label so that it stands on one line and tells a terminal nothing."""
    shown = quote(label)
    return shown if shown.isprintable() else ascii(shown)
