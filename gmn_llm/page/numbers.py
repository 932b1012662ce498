"""The arrays of a document as heat maps, as many as a page can hold."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from gmn_llm.gmn.arrays import in_node_order
from gmn_llm.page.heat import HeatMap, Row, Sheet, drawn, heat_map, sheet_of
from gmn_llm.page.words import kind_of, labels, name_of, number, plural

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from gmn_llm.gmn.arrays import Arrays
    from gmn_llm.gmn.parts import Likelihood, Structure, Subject, Transition

__all__ = ["Group", "groups"]

MOST_CELLS = 24_000
MOST_IMAGES = 1_200_000
MOST_VALUES = 40
"""The longest vector that is written out in a row; of a longer one the largest values are listed."""
MOST_LISTED = 24
MOST_STEPS = 64
TITLES = {
    "A": "What is seen in each state",
    "B": "How states change",
    "C": "What the agent wants",
    "D": "Where it begins",
    "E": "Its habits",
}
ABOUTS = {
    "A": "Each column is a state, each row an outcome; a column sums to 1.",
    "B": "Each column is the state now, each row the next one; a column sums to 1.",
    "C": "Log-preferences in nats: above 0 is wanted, below 0 is avoided.",
    "D": "How likely each state is at the start.",
    "E": "How likely each policy is before the agent looks ahead.",
}


@dataclass(frozen=True, slots=True)
class Group:
    """All arrays of a letter.

    Attributes:
        letter: ``A`` to ``E``.
        title: What they are, in a few words.
        about: How they are read.
        maps: Their heat maps.
        left: How many there was no room for.
        neutral: The modalities without a preference.
    """

    letter: str
    title: str
    about: str
    maps: tuple[HeatMap, ...]
    left: int
    neutral: tuple[str, ...] = ()


def groups(full: Structure, numbers: Arrays) -> tuple[Group, ...]:
    """Return the heat maps of a completed structure by letter, with how many of each the page has no room for."""
    cells, weight = MOST_CELLS, MOST_IMAGES
    result: list[Group] = []
    for letter, makers in _makers(full, numbers):
        kept: list[HeatMap] = []
        for make in makers:
            made = make(cells) if cells > 0 and weight > 0 else None
            if made is not None and made.cells <= cells and made.weight <= weight:
                cells, weight = cells - made.cells, weight - made.weight
                kept.append(made)
        neutral = tuple(name_of(part.about) for part in _unsaid(full)) if letter == "C" else ()
        result.append(Group(letter, TITLES[letter], ABOUTS[letter], tuple(kept), len(makers) - len(kept), neutral))
    return tuple(result)


def _makers(full: Structure, numbers: Arrays) -> Iterator[tuple[str, Sequence[Callable[[int], HeatMap]]]]:
    """Yield for each letter what makes its heat maps, given how many cells there is room for."""
    likelihoods = zip(full.likelihoods.values(), numbers.A, strict=True)
    yield "A", [partial(_likelihood, part, array) for part, array in likelihoods]
    transitions = zip(full.transitions.values(), numbers.B, strict=True)
    yield "B", [partial(_transition, part, array) for part, array in transitions]
    preferences = zip(full.preferences.values(), numbers.C, strict=True)
    yield "C", [partial(_preference, part, array) for part, array in preferences if part.path]
    beliefs = zip(full.beliefs.values(), numbers.D, strict=True)
    yield "D", [partial(_belief, part, array) for part, array in beliefs]
    if numbers.E is not None:
        yield "E", [partial(_habits, full, numbers.E)]


def _unsaid(full: Structure) -> Iterator[Subject]:
    """Yield the preferences that the document has no node for: they are 0."""
    return (part for part in full.preferences.values() if not part.path)


def _frame(letter: str, part: Likelihood | Transition | Subject, *, about: str, array: NDArray[np.float64]) -> HeatMap:
    """Return the headings of a part's heat map; a part without a place in the document is a default."""
    return HeatMap(
        letter=letter,
        name=part.id if part.path else "",
        about=about,
        kind=kind_of(part.properties.get("matrix")),
        shape=" \u00d7 ".join(map(str, array.shape)),
        down="",
        across="",
        columns=(),
        sheets=(),
    )


def _likelihood(part: Likelihood, array: NDArray[np.float64], room: int) -> HeatMap:
    parents = in_node_order(part.parents)
    about = f"{name_of(part.modality)} given {_and(name_of(axis) for axis in parents)}"
    frame = replace(
        _frame("A", part, about=about, array=array), down=name_of(part.modality), across=name_of(parents[0])
    )
    return heat_map(frame, array, axes=(part.modality, *parents), column=1, room=room)


def _transition(part: Transition, array: NDArray[np.float64], room: int) -> HeatMap:
    parents, controls = in_node_order(part.parents), in_node_order(part.controls)
    others = [name_of(axis) for axis in (*parents, *controls) if axis is not part.factor]
    about = f"{name_of(part.factor)} next, given {_and([name_of(part.factor), *others])} now"
    down, across = f"{name_of(part.factor)} next", f"{name_of(part.factor)} now"
    frame = replace(_frame("B", part, about=about, array=array), down=down, across=across)
    axes = (part.factor, *parents, *controls)
    return heat_map(frame, array, axes=axes, column=1 + parents.index(part.factor), room=room)


def _and(names: Iterable[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def _preference(part: Subject, array: NDArray[np.float64], room: int) -> HeatMap:
    frame = replace(_frame("C", part, about=name_of(part.about), array=array), across=name_of(part.about), signed=True)
    table = np.atleast_2d(array)
    headers = ["preference"] if array.ndim == 1 else [f"step {k + 1}" for k in range(len(table))]
    return _vector(frame, table, headers=headers, columns=labels(part.about), room=room)


def _belief(part: Subject, array: NDArray[np.float64], room: int) -> HeatMap:
    frame = replace(_frame("D", part, about=name_of(part.about), array=array), across=name_of(part.about))
    return _vector(frame, array[None, :], headers=["probability"], columns=labels(part.about), room=room)


def _habits(full: Structure, array: NDArray[np.float64], room: int) -> HeatMap:
    choices = [labels(axis) for axis in full.used_controls]
    joint = [" ".join(choice) for choice in product(*choices)]
    policies = (", ".join(policy) for policy in product(joint, repeat=full.policy.policy_len))
    frame = HeatMap("E", "habits", "the policies", "", str(array.size), "", "policy", (), ())
    return _vector(frame, array[None, :], headers=["probability"], columns=tuple(policies), room=room)


def _vector(
    frame: HeatMap, table: NDArray[np.float64], *, headers: Sequence[str], columns: tuple[str, ...], room: int
) -> HeatMap:
    """Fill ``frame`` with ``table`` of shape (steps, values): as rows, or of many values the largest as a list."""
    notes = [] if len(table) <= MOST_STEPS else [f"The first {MOST_STEPS} of {len(table)} steps are shown."]
    table, headers = table[:MOST_STEPS], headers[:MOST_STEPS]
    scale = float(np.abs(table).max()) if frame.signed else 1.0
    if len(columns) <= MOST_VALUES and table.size <= room:
        return replace(frame, columns=columns, sheets=(sheet_of("", headers, table, scale=scale),), notes=tuple(notes))
    size = np.abs(table).max(axis=0)
    largest = [int(k) for k in np.argsort(-size, kind="stable")[:MOST_LISTED] if size[k] > 0]
    shown = sorted(largest) or [0]
    rest = np.delete(table, shown, axis=1)
    if rest.size:
        low, high = number(float(rest.min())), number(float(rest.max()))
        span = low if low == high else f"from {low} to {high}"
        are = "is" if len(columns) - len(shown) == 1 else "are"
        notes.append(f"The other {plural(len(columns) - len(shown), 'value')} {are} {span}.")
    rows = tuple(Row(columns[k], drawn(table[:, k].tolist(), scale=scale)) for k in shown)
    sheet = Sheet("", rows)
    return replace(frame, down=frame.across, across="", columns=tuple(headers), sheets=(sheet,), notes=tuple(notes))
