"""The rules of a draft, from those of a document or, where these say too little, from its array."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import TYPE_CHECKING, Final, TypeAlias, cast

import numpy as np

from gmn_llm.gmn.parts import Axis, Likelihood, Transition

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["Rules", "labelled", "rules_of"]

Rules: TypeAlias = dict[str, str]
"""Ids of factors and actions -> what a draft calls them."""
Rule: TypeAlias = dict[str, object]
MOST: Final = 12
TINY: Final = 1e-12


def labelled(axis: Axis) -> tuple[str, ...]:
    """Return the labels of an axis, or its indices in digits where it has none."""
    return axis.labels or tuple(map(str, range(axis.size)))


def rules_of(part: Transition | Likelihood, array: NDArray[np.float64], names: Rules) -> list[Rule] | None:
    """Return rules that say what a part's array does, or None where there are too many for a draft.

    Args:
        part: A transition or likelihood.
        array: Its array, parents and then actions in node order.
        names: What the draft calls the axes.
    """
    matrix = part.properties.get("matrix")
    if isinstance(matrix, Mapping) and matrix.get("kind") == "rules":
        told = _retold(part, matrix, names)
        if told is not None:
            return told
    return _spelled_out(part, array, names)


def _retold(part: Transition | Likelihood, matrix: Mapping[str, object], names: Rules) -> list[Rule] | None:
    """Return a document's own rules in the draft's form; what is left over goes to the draft's default."""
    usual = "stay" if isinstance(part, Transition) else "uniform"
    otherwise = matrix.get("otherwise", usual)
    rest = None if otherwise == usual else str(otherwise)
    given = cast("list[Mapping[str, Mapping[str, object]]]", matrix.get("rules") or [])
    rules = [_rule(rule, names, rest) for rule in given]
    if rest is not None:
        rules.append({"when": [], "then": [{"value": rest, "probability": 1.0}]})
    return rules if len(rules) <= MOST else None


def _rule(rule: Mapping[str, Mapping[str, object]], names: Rules, rest: str | None) -> Rule:
    when = [
        {"name": names.get(name, name), "values": [str(value) for value in _listed(wanted)]}
        for name, wanted in rule.get("when", {}).items()
    ]
    then = {str(label): float(cast("float", chance)) for label, chance in rule["then"].items()}
    left = 1.0 - sum(then.values())
    if rest is not None and left > TINY:
        then[rest] = round(then.get(rest, 0.0) + left, 10)
    return {"when": when, "then": [{"value": label, "probability": chance} for label, chance in then.items()]}


def _listed(wanted: object) -> Sequence[object]:
    return wanted if isinstance(wanted, list | tuple) else [wanted]


def _spelled_out(part: Transition | Likelihood, array: NDArray[np.float64], names: Rules) -> list[Rule] | None:
    """Return a rule for each column of a small array that is not as the draft's default has it."""
    controls = part.controls if isinstance(part, Transition) else ()
    axes = [*sorted(part.parents, key=lambda axis: axis.index), *sorted(controls, key=lambda axis: axis.index)]
    if array.size > 10_000:
        return None
    columns = np.moveaxis(array.reshape(array.shape[0], *(axis.size for axis in axes)), 0, -1)
    target = labelled(part.factor if isinstance(part, Transition) else part.modality)
    own = axes.index(part.factor) if isinstance(part, Transition) else -1
    rules: list[Rule] = []
    for places in product(*(range(axis.size) for axis in axes)):
        column = columns[places]
        if _is_default(column, places[own] if own >= 0 else None):
            continue
        when = [
            {"name": names.get(axis.id, axis.id), "values": [labelled(axis)[place]]}
            for axis, place in zip(axes, places, strict=True)
        ]
        then = [{"value": target[k], "probability": round(float(column[k]), 10)} for k in np.flatnonzero(column > TINY)]
        rules.append({"when": when, "then": then})
        if len(rules) > MOST:
            return None
    return rules


def _is_default(column: NDArray[np.float64], own: int | None) -> bool:
    return bool(np.ptp(column) < TINY) if own is None else bool(column[own] > 1 - TINY)
