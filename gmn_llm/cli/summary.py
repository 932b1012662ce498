"""A document at a glance: what there is, how it hangs together, what was assumed, who made it and for how much."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TextIO

from gmn_llm.findings import quote, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from rich.text import Text

    from gmn_llm.gmn import GMNSpec
    from gmn_llm.gmn.parts import Axis, Likelihood, Structure, Subject, Transition
    from gmn_llm.provenance import Provenance

__all__ = ["rows", "show"]

LABELS: Final = 6
"""As many labels of an axis are shown; of the rest the last one."""
PARTS: Final = 8
"""As many lines a row has; a person who wants all reads the document."""
STYLES: Final = {"assumed": "yellow"}


def show(spec: GMNSpec, *, stream: TextIO, place: str) -> None:
    """Write a summary of a document to a terminal, as wide as that is.

    Args:
        spec: The document.
        stream: The terminal.
        place: Where the document was written, in words.
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(file=stream, highlight=False, markup=False, emoji=False)
    console.print(Text(visible(spec.name), style="bold"))
    if spec.description:
        console.print(Text(visible(spec.description)))
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for head, lines in rows(spec, place):
        table.add_row(Text(head, style="bold"), _lines(lines, STYLES.get(head, "")))
    console.print()
    console.print(table)


def _lines(lines: Sequence[str], style: str) -> Text:
    from rich.text import Text

    shown = [*lines[:PARTS], *([f"and {len(lines) - PARTS} more"] if len(lines) > PARTS else [])]
    return Text("\n".join(map(visible, shown)), style=style)


def rows(spec: GMNSpec, place: str) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield the heads of the summary, each with its lines."""
    from gmn_llm.gmn.completion import completed  # NumPy takes its time

    structure = completed(spec.valid().structure)
    yield "states", [_axis(axis) for axis in structure.factors]
    yield "observations", [_axis(axis) for axis in structure.modalities]
    yield "actions", [_axis(axis) for axis in structure.controls]
    yield "senses", [_sense(part) for part in structure.likelihoods.values()]
    yield "changes", [_change(part) for part in structure.transitions.values()]
    yield "wants", [*_wanted(structure.preferences.values())] or ["nothing in particular"]
    yield "begins", [*_begun(structure.beliefs.values())]
    yield "plans", [_plan(structure)]
    if spec.warnings:
        yield "assumed", list(spec.warnings)
    if spec.provenance is not None:
        yield from _made(spec.provenance)
    yield "document", [place]


def _axis(axis: Axis) -> str:
    if not axis.labels:
        return f"{axis.id}: {axis.size}"
    labels = [quote(label) for label in axis.labels]
    shown = labels if len(labels) <= LABELS + 1 else [*labels[:LABELS], "...", labels[-1]]
    return f"{axis.id}: {axis.size} ({', '.join(shown)})"


def _sense(part: Likelihood) -> str:
    return f"{_names(part.parents)} -> {part.modality.id}{_kind(part.properties)}"


def _change(part: Transition) -> str:
    return f"{_names((*part.parents, *part.controls))} -> {part.factor.id}{_kind(part.properties)}"


def _names(axes: Iterable[Axis]) -> str:
    return ", ".join(axis.id for axis in axes)


def _kind(properties: Mapping[str, object]) -> str:
    """Return the name of a named matrix, with its plain parameters; nothing for one that is written out."""
    matrix = properties.get("matrix")
    if not isinstance(matrix, dict) or "kind" not in matrix:
        return ""
    plain = (
        f"{name} {quote(value)}"
        for name, value in matrix.items()
        if name != "kind" and isinstance(value, int | float | str)
    )
    return f" ({', '.join([quote(matrix['kind']), *plain])})"


def _wanted(preferences: Iterable[Subject]) -> Iterator[str]:
    from gmn_llm.gmn.numbers import subject_vector

    for part in preferences:
        given = subject_vector(part, "preferred_observation")
        if given is None:
            continue
        vector = given.reshape(-1, given.shape[-1])[-1]
        best, worst = float(vector.max()), float(vector.min())
        if best > worst:
            liked = [_label(part.about, k) for k in (vector == best).nonzero()[0][: LABELS + 1].tolist()]
            few = liked if len(liked) <= LABELS else [*liked[:LABELS], "..."]
            yield f"{part.about.id}: {', '.join(few)} ({best:+.3g}; worst {worst:+.3g} nats)"


def _begun(beliefs: Iterable[Subject]) -> Iterator[str]:
    from gmn_llm.gmn.numbers import subject_vector

    for part in beliefs:
        vector = subject_vector(part, "state")
        if vector is None or vector.max() == vector.min():
            yield f"{part.about.id}: anywhere"
        else:
            likely = int(vector.argmax())
            yield f"{part.about.id}: {_label(part.about, likely)} ({vector[likely] / vector.sum():.0%})"


def _label(axis: Axis, index: int) -> str:
    return quote(axis.labels[index]) if axis.labels else str(index)


def _plan(structure: Structure) -> str:
    steps = structure.policy.policy_len
    policies = structure.num_choices**steps
    return f"{steps} step{'s' * (steps != 1)} ahead, {policies} polic{'y' if policies == 1 else 'ies'}"


def _made(provenance: Provenance) -> Iterator[tuple[str, Sequence[str]]]:
    who = f"{provenance.provider} ({provenance.model})" if provenance.model else provenance.provider
    yield "made by", [f"{who}, {'from the cache' if provenance.cached else 'not cached'}"]
    if provenance.repairs:
        yield "repaired", [f"{provenance.repairs} time{'s' * (provenance.repairs != 1)} by the model"]
    failed = [f"{each.provider} ({each.model}): {each.error}" for each in provenance.attempts if each.error]
    if failed:
        yield "failed", failed
    then = " when it was made" if provenance.cached else ""
    yield (
        "cost",
        [f"{_price(provenance.cost)}, {provenance.usage.total_tokens} tokens, {provenance.latency:.1f} s{then}"],
    )


def _price(cost: float | None) -> str:
    if cost is None:
        return "price not known"
    return f"${cost:.4f}" if cost else "free"
