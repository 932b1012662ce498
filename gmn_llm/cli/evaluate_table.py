"""A score for people: a table on a terminal, and fields between tabs elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gmn_llm.findings import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gmn_llm.evaluation import Case, Score
    from gmn_llm.evaluation.score import Share

__all__ = ["plain", "table"]

HEAD = ("kind", "valid", "expectations", "prompts", "share")


def table(score: Score) -> str:
    """Return the score with aligned columns, and what was missed below it."""
    rows = list(_rows(score))
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    lines = [_aligned(row, widths) for row in rows]
    rule = "-" * max(map(len, lines))
    facts = [f"{name}: {value}" for name, value in _facts(score)]
    missed = [line for case in score.cases if case.met < len(case.verdicts) for line in _missed(case)]
    return "\n".join([*lines[:1], rule, *lines[1:-1], rule, lines[-1], "", *facts, *(["", *missed] if missed else [])])


def plain(score: Score) -> str:
    """Return the score as lines of fields between tabs: ``score``, ``fact`` and ``missed`` lines."""
    lines = [("score", *row) for row in _rows(score)]
    lines += [("fact", name, value) for name, value in _facts(score)]
    lines += [
        ("missed", case.prompt.id, str(expectation), verdict.found)
        for case in score.cases
        for expectation, verdict in case.verdicts
        if not verdict.met
    ]
    return "\n".join("\t".join(visible(field) for field in line) for line in lines)


def _aligned(row: tuple[str, ...], widths: list[int]) -> str:
    first, *rest = (
        cell.ljust(width) if not place else cell.rjust(width)
        for place, (cell, width) in enumerate(zip(row, widths, strict=True))
    )
    return "  ".join([first, *rest])


def _rows(score: Score) -> Iterator[tuple[str, ...]]:
    yield HEAD
    for kind, shares in score.kinds.items():
        yield visible(kind), *_cells(shares)
    yield "all", *_cells((score.valid, score.expectations, score.prompts))


def _cells(shares: tuple[Share, Share, Share]) -> tuple[str, ...]:
    share = shares[1].share
    return *(f"{part.met}/{part.of}" for part in shares), "-" if share is None else f"{100 * share:.1f}%"


def _facts(score: Score) -> Iterator[tuple[str, str]]:
    yield "prompts", f"{score.suite.name} {score.suite.version}"
    yield "asked", f"{len(score.cases)} of {len(score.suite.prompts)}" + (" (interrupted)" if score.interrupted else "")
    yield "provider", f"{score.provider} ({score.model})" if score.model else score.provider
    for name, count in score.answered_by.items():
        yield "answered by", f"{name}: {count}"
    yield "repairs", str(score.repairs)
    usage = score.usage
    yield "tokens", f"{usage.prompt_tokens} read, {usage.completion_tokens} written"
    yield "cost", "unknown" if usage.cost is None else f"${usage.cost:.4f}"
    latency = score.latency
    if latency is not None:
        yield "seconds", ", ".join(f"{name} {value:g}" for name, value in latency.items())


def _missed(case: Case) -> Iterator[str]:
    yield f"{visible(case.prompt.id)}: {visible(case.prompt.prompt[:100])}"
    if case.error is not None:
        yield f"    {type(case.error).__name__}: {visible(str(case.error)[:200])}"
        return
    for expectation, verdict in case.verdicts:
        if not verdict.met:
            yield f"    expected {visible(str(expectation))}"
            yield f"    there is {visible(verdict.found)}"
